"""What a draft looks for in the columns of a file: fields, words of several languages, spellings of profiles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geoasm.codes import FieldKind, Role
from geoasm.parsing.text import fold

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DBF_NAME_LENGTH = 10
_SHORTEST_CUT, _SHORTEST_HEAD = 5, 4  # letters that may stand for a word


@dataclass(frozen=True)
class Wanted:
    """A field that a role may have, and how its column is known."""

    name: str
    kind: FieldKind
    values: str  # what the column must look like; see `looks.Look.fits`
    words: tuple[str, ...]  # folded, the surest first
    of: str | None = None  # read from the columns of this other field
    required: bool = False
    unit: str = ""
    meanings: tuple[str, ...] = ()  # of an open vocabulary


@dataclass(frozen=True)
class Catalogue:
    """All that is looked for."""

    fields: Mapping[Role, tuple[Wanted, ...]]
    geometry: Mapping[Role, str]
    position: Mapping[str, tuple[str, ...]]
    identity: tuple[str, ...]  # of columns with identity numbers
    names: tuple[str, ...]  # of columns that name persons or firms
    bare: tuple[str, ...]  # whole names of columns that may name a person, or anything
    states: frozenset[str]  # words of which statuses are made


def read_catalogue(data: Mapping[str, Any]) -> Catalogue:
    """Read the catalogue of the profile template."""
    roles = {Role(name): table for name, table in data.items() if name in set(Role)}
    private = data["private"]
    return Catalogue(
        fields={role: tuple(map(_wanted, table["field"])) for role, table in roles.items()},
        geometry={role: str(table["geometry"]) for role, table in roles.items()},
        position={name: _folded(words) for name, words in data["position"].items()},
        identity=_folded(private["identity"]),
        names=_folded(private["names"]),
        bare=_folded(private["bare"]),
        states=frozenset(_folded(data["states"]["words"])),
    )


def _wanted(table: Mapping[str, Any]) -> Wanted:
    by_language = [_folded(words) for words in table.get("words", {}).values()]
    # The surest words of every language come before the second of any.
    longest = max(map(len, by_language), default=0)
    words = (each[n] for n in range(longest) for each in by_language if n < len(each))
    return Wanted(
        name=table["name"],
        kind=FieldKind(table["kind"]),
        values=table.get("values", "text"),
        words=tuple(dict.fromkeys(words)),
        of=table.get("of"),
        required=table.get("required", False),
        unit=table.get("unit", ""),
        meanings=tuple(table.get("meanings", ())),
    )


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(fold, words))


def parts_of(name: str) -> tuple[str, ...]:
    """Give the words in the name of a column: `TIT_CONCES` has two, `licenceNo` as well."""
    letters = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return tuple(part.upper() for part in _PART.findall(plain))


def first_word(name: str, words: Sequence[str], *, whole: bool = False) -> str | None:
    """Give the first of some words that a column's name has, cut as in a DBF too unless `whole`."""
    parts = parts_of(name)
    joined = f" {' '.join(parts)} "
    cut = None if whole else _cut_part(name, parts)
    for word in words:
        if f" {word} " in joined or (cut and " " not in word and word.startswith(cut)):
            return word
    return None


def _cut_part(name: str, parts: Sequence[str]) -> str | None:
    """Give the part of a name that may be the head of a word: the end of one cut as in a DBF, or all."""
    if len(parts) == 1 and len(parts[0]) >= _SHORTEST_HEAD:
        return parts[0]
    is_full = len(name) == _DBF_NAME_LENGTH and bool(parts) and len(parts[-1]) >= _SHORTEST_CUT
    return parts[-1] if is_full else None
