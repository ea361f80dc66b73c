"""Dossiers of companies from finished runs: what notebooks and `geoasm screen` call."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from geoasm.codes import PartyKind
from geoasm.dossier import (
    Dossier,
    Subject,
    find_group,
    find_holder,
    gather,
    is_weighed,
    list_companies,
)
from geoasm.dossier.layers import map_layers
from geoasm.errors import OptionError, ProfileError
from geoasm.io import writers
from geoasm.io.dossiers import DOSSIER, DossierFiles, save_dossier, save_dossiers
from geoasm.io.geopackage import Layer
from geoasm.io.results import load_result
from geoasm.io.run_profile import profile_of
from geoasm.model import CandidateRules, PartyRules, Result
from geoasm.render.coexistence import put_into_words
from geoasm.render.dossier import dossier_html
from geoasm.render.dossier_book import sheets
from geoasm.render.dossier_index import Entry, index_html
from geoasm.render.dossier_parts import Shown, make_ready
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from geoasm.render.qml import dossier_style_rows

_LONGEST_SLUG = 60
# Names that Windows keeps for itself.
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))})  # fmt: skip


@dataclass(frozen=True)
class Screening:
    """A dossier that can be saved as a folder; `dossier` holds its frames."""

    dossier: Dossier
    shown: Shown
    files: DossierFiles

    @property
    def title(self) -> str:
        """Name of whom it is about, as the audience may read it."""
        return self.shown.title

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """
        Write dossier.html, dossier.xlsx and dossier.gpkg into a folder, whole or not at all.

        Raises
        ------
        OutputExists
            The folder exists and `overwrite` is not set.
        """
        return save_dossier(self.files, Path(folder), overwrite=overwrite)


def screen(
    run: str | Path | Result,
    *,
    holder: str | int | None = None,
    group: str | None = None,
    audience: str = "public",
    language: str | None = None,
) -> Screening:
    """
    Make the dossier of one holder or group.

    Parameters
    ----------
    run
        Folder of a run, or a result.
    holder
        Name, number in the run, or RUC. Joint holders of whom it is a member count, too.
    group
        Name of a group of holders.
    audience
        `public`, in which no natural person is named; or `internal`.
    language
        That of the run where not given.

    Returns
    -------
    screening
        The dossier's frames and files; `save(folder)`.

    Raises
    ------
    UnknownHolder
        The run has no such holder or group; the text lists the nearest.
    OptionError
        Not one of `holder` and `group` is given, or the run has no private part where one is needed.
    """
    if (holder is None) == (group is None):
        raise OptionError("name whom the dossier is about: --holder NAME-OR-RUC, or --group NAME")
    desk = _Desk(run, audience, language)
    if group is not None:
        return desk.screen(find_group(desk.result, group))
    internal = audience == "internal"
    return desk.screen(find_holder(desk.result, str(holder), desk.rules, with_private=internal))


def screen_all(
    run: str | Path | Result,
    folder: str | Path,
    *,
    fewest: int,
    audience: str = "public",
    language: str | None = None,
    overwrite: bool = False,
) -> list[str]:
    """
    Write a dossier for every company whose titles in force host many registrations, with an index.

    Companies are the groups, and the legal entities that belong to none.

    Parameters
    ----------
    fewest
        Registrations of others that are hosted at least.

    Returns
    -------
    names
        Folders of the dossiers inside `folder`, those that host most first.

    Raises
    ------
    OptionError
        No company hosts so many.
    OutputExists
        The folder exists and `overwrite` is not set.
    """
    target = Path(folder)
    DOSSIER.check(target, overwrite=overwrite)
    desk = _Desk(run, audience, language)
    subjects = list_companies(desk.result, fewest)
    if not subjects:
        raise OptionError(
            f"--min-registrations {fewest}: the titles of no company host so many; give a lower number"
        )
    entries: list[Entry] = []

    def made() -> Iterator[tuple[str, DossierFiles]]:
        for subject in subjects:
            screening = desk.screen(subject)
            entries.append(desk.entry(screening, {entry.folder for entry in entries}))
            yield entries[-1].folder, screening.files

    save_dossiers(
        made(),
        lambda: index_html(
            entries,
            desk.result.summary,
            desk.labels,
            fewest=fewest,
            weighed=is_weighed(desk.result.summary),
            internal=desk.names.internal,
        ),
        desk.origin,
        target,
        overwrite=overwrite,
    )
    return [entry.folder for entry in entries]


def _result(run: str | Path | Result) -> Result:
    return run if isinstance(run, Result) else load_result(Path(run))


class _Desk:
    """One run, one language, one audience: what every dossier of them shares."""

    def __init__(self, run: str | Path | Result, audience: str, language: str | None) -> None:
        self.result = result = _result(run)
        self.labels = Labels(language or str(result.summary["language"]))
        self.names = Names(result, self.labels, audience)
        self.rules, self.weights = _country(run, result)
        self.styles = dossier_style_rows(self.labels)

    @cached_property
    def told(self) -> Result:
        """The result with the reasons of its candidates in the language of the dossier."""
        return _told(self.result, self.weights, self.labels)

    @cached_property
    def readable(self) -> pd.Series:
        """Names that the audience may read, by party number."""
        holders = self.result.holders.set_index("holder_id")["name"]
        if not self.names.internal:
            return holders.dropna()
        parties = self.result.parties.set_index("party_id")["name"]
        return parties.combine_first(holders).dropna()

    @property
    def origin(self) -> dict[str, object]:
        """What a manifest says of where a dossier came from."""
        summary, manifest = self.result.summary, self.result.manifest
        return {
            "run": {key: summary.get(key) for key in ("title", "profile", "on", "sources")},
            "versions": manifest.get("versions", {}),
            "audience": "internal" if self.names.internal else "public",
            "language": self.labels.language,
        }

    def screen(self, subject: Subject) -> Screening:
        dossier = gather(self.told, subject)
        summary = self.result.summary
        shown = make_ready(dossier, summary, self.weights, self.labels, self.names)
        layers = [
            Layer(writers.arrange(frame, table), table, kind, told)
            for frame, table, kind, told in map_layers(
                dossier, self.readable, with_registrants=self.names.internal
            )
        ]
        files = DossierFiles(
            page=dossier_html(shown),
            sheets=sheets(shown),
            layers=layers,
            styles=[
                row for row in self.styles if row["f_table_name"] in {x.table.name for x in layers}
            ],
            title=self.labels.text("dossier.title", name=shown.title),
            changed_on=str(summary["on"]),
            manifest={
                **self.origin,
                "subject": {"title": shown.title, "holders": subject.holder_ids},
            },
        )
        return Screening(dossier, shown, files)

    def entry(self, screening: Screening, taken: set[str]) -> Entry:
        dossier = screening.dossier
        subject = dossier.subject
        kind = (
            self.labels.text("dossier_column.group")
            if subject.group is not None
            else self.labels.code("party_kind", PartyKind.LEGAL)
        )
        return Entry(
            folder=_slug(screening.title, subject, taken),
            name=screening.title,
            kind=kind,
            n_in_force=int(dossier.holders["n_in_force"].sum()),
            n_hosted=dossier.n_hosted,
            n_near=int(dossier.registrations["near_id"].notna().sum()),
            n_candidates=len(dossier.candidates),
            n_verify=len(dossier.verify_first),
        )


def told_in(result: Result, labels: Labels, run: str | Path | Result) -> Result:
    """Give the result of a run with its candidates' reasons in a language, where the profile is at hand."""
    _, weights = _country(run, result)
    return _told(result, weights, labels)


def _told(result: Result, weights: CandidateRules | None, labels: Labels) -> Result:
    return replace(result, candidates=put_into_words(result.candidates, weights, labels))


def _country(run: str | Path | Result, result: Result) -> tuple[PartyRules, CandidateRules | None]:
    """Give a profile's rules for names and candidates; a profile of the user's may not be at hand."""
    try:
        profile = profile_of(run, result)
    except ProfileError:
        return PartyRules(), None
    return profile.parties, profile.candidates


def _slug(title: str, subject: Subject, taken: set[str]) -> str:
    """Turn a name into one that every file system and reader knows, unlike those taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    slug = "-".join(words)[:_LONGEST_SLUG].strip("-")
    if not slug or slug in _RESERVED:
        slug = f"{'group' if subject.group is not None else 'holder'}-{slug}".strip("-")
    chosen, number = slug, 1
    while chosen in taken:
        number += 1
        chosen = f"{slug}-{number}"
    return chosen
