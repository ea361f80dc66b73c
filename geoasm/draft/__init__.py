"""A country's profile drafted from its files: columns, systems and codes proposed, no law guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geoasm.codes import Role
from geoasm.draft.sources import Drawn, read_sources
from geoasm.draft.systems import find_systems
from geoasm.draft.words import Catalogue, read_catalogue
from geoasm.draft.writing import write_profile
from geoasm.errors import OptionError
from geoasm.io.profiles import list_profiles, load_profile, read_template, save_profile

_CODE = re.compile("[a-z]{2}")
_TOLD = (Role.CONCESSIONS, Role.REGISTRATIONS)


@dataclass(frozen=True)
class Draft:
    """The files of a drafted profile, and what a person should know of it."""

    code: str
    texts: Mapping[str, str]
    notes: tuple[str, ...]
    files: Mapping[Role, str]  # as they were named, by what they are to a run

    def save(self, folder: Path) -> Path:
        """
        Write the profile into a folder, which must not be there.

        Raises
        ------
        OutputExists, OutputError
            The folder exists, or the disk refuses.
        """
        return save_profile(self.texts, folder)


def check_code(code: str) -> None:
    """
    Make sure that a country's code is one.

    Raises
    ------
    OptionError
        It is not two small letters.
    """
    if not _CODE.fullmatch(code):
        raise OptionError(
            f"CODE {code!r} is no country's: give its two letters of ISO 3166 in lower case, as in bo"
        )


def draft_profile(
    code: str,
    files: Sequence[tuple[Role | None, str]],
    *,
    on: date | None = None,
    crs: Mapping[Role, str] | None = None,
    encoding: Mapping[Role, str] | None = None,
) -> Draft:
    """
    Draft a country's profile from its files.

    Parameters
    ----------
    code
        Two small letters.
    files
        What each is to a run, where that is known, and the file.
    on
        Day as of which dates are read; today where not given.
    crs, encoding
        Of files by role, against what they say of themselves.

    Raises
    ------
    GeoasmError
        The code is none, a file cannot be read or has no place, or two look alike.
    """
    check_code(code)
    template, data = read_template()
    catalogue = read_catalogue(data)
    profiles = [load_profile(name) for name in list_profiles()]
    sources = read_sources(
        files, catalogue, profiles, on=on or date.today(), crs=crs or {}, encoding=encoding or {}
    )
    systems = find_systems(sources)
    texts = write_profile(code, sources, systems, catalogue, template)
    # Names of columns may have line breaks; a note is a line.
    notes = tuple(" ".join(note.split()) for note in _notes(sources, catalogue))
    named = zip(sources, files, strict=True)
    return Draft(code, texts, notes, {s.role: text for s, (_, text) in named if s.role})


def _notes(sources: Sequence[Drawn], catalogue: Catalogue) -> Iterator[str]:
    for drawn in sources:
        if drawn.role is None:
            yield f"{drawn.name}: fits no role; say which with --from ROLE=FILE"
            continue
        found = ", ".join(f"{n} {'/'.join(p.columns)}" for n, p in drawn.proposals.items())
        role = drawn.role if drawn.is_stated else f"taken for {drawn.role}"
        yield f"{drawn.name}: {role}; {found or 'no column is known'}"
        needed = [f.name for f in catalogue.fields[drawn.role] if f.required]
        missing = [name for name in needed if name not in drawn.proposals]
        if drawn.role is Role.REGISTRATIONS and "registrant_name" not in drawn.proposals:
            yield (
                f"{drawn.name}: no column of names is known, so the draft is of places, and nobody is on a "
                'title of their own; where people are registered, say registrants = "persons" in '
                "profile.toml and name the column"
            )
        if missing:
            yield f"{drawn.name}: no column for {', '.join(missing)}; name it in profile.toml"
    for role in _TOLD:
        if not any(drawn.role is role for drawn in sources):
            yield f"no file of {role}: its columns go by geoasm's own names"
    yield (
        "no legal form of a firm is known yet: every holder counts as a person and is not named until "
        "[parties] of profile.toml lists the country's forms"
    )
