"""Vocabularies of a draft: every value that was found, each waiting for a person to say what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from geoasm.codes import FieldKind, Role
from geoasm.draft.proposals import Columns
from geoasm.draft.sources import Drawn
from geoasm.draft.words import Catalogue, Wanted
from geoasm.io import examples
from geoasm.io.study_text import toml_value
from geoasm.normalize.vocabularies import UNKNOWN
from geoasm.parsing.codes import read_text
from geoasm.parsing.text import fold, unscramble_series
from geoasm.profile import CLOSED_FIELDS


@dataclass(frozen=True)
class Values:
    """Distinct values of a column, the most frequent first, and how many are kept back."""

    counts: tuple[tuple[str, int], ...]
    kept_back: int


def vocabulary_name(role: Role, field: Wanted) -> str:
    """Name the vocabulary of a field."""
    return f"registration_{field.name}" if role is Role.REGISTRATIONS else field.name


def values_of(columns: Columns, names: Sequence[str]) -> Values:
    """
    List the values of columns that may be shown.

    A value that stands in a private column of the file too, or that has several words and few rows, may
    tell a person: it is only counted.
    """
    numbers = examples.numbers_of(columns.frame, columns.telling)
    told = {fold(t) for c in columns.telling for t in read_text(columns.frame[c]).dropna().unique()}
    text = pd.concat([unscramble_series(read_text(columns.frame[c]).dropna()) for c in names])
    shown: dict[str, int] = {}
    kept_back = 0
    for value, rows in text.str.split().str.join(" ").value_counts().items():
        code = str(value)
        few = pd.Series([code] * int(rows))
        if fold(code) in told or examples.choose(few, numbers, is_code=False) is None:
            kept_back += 1
        else:
            shown[code] = int(rows)
    ordered = sorted(shown.items(), key=lambda item: (-item[1], item[0]))
    return Values(tuple(ordered), kept_back)


def write_vocabularies(sources: Sequence[Drawn], catalogue: Catalogue) -> str:
    """Write the vocabularies of concessions and registrations as TOML."""
    parts = []
    for role, fields in catalogue.fields.items():
        drawn = next((s for s in sources if s.role is role), None)
        for field in fields:
            if field.kind is FieldKind.VOCABULARY:
                parts.append("\n".join(_vocabulary(role, field, drawn)))
    return "\n\n".join(parts) + "\n"


def _vocabulary(role: Role, field: Wanted, drawn: Drawn | None) -> Iterator[str]:
    name = vocabulary_name(role, field)
    meanings = [str(m) for m in CLOSED_FIELDS.get((role, field.name), field.meanings)]
    proposal = drawn.proposals.get(field.name) if drawn else None
    yield f"# {role}, {field.name}. What a value can mean: {', '.join(meanings)}."
    if proposal is None or drawn is None:
        yield "# No column of the files has it: the codes of the schema, for a column that may come."
        values = Values((), 0)
    else:
        found = ", ".join(map(toml_value, proposal.columns))
        values = values_of(drawn.columns, proposal.columns)
        yield f"# Values of column {found} of {toml_value(drawn.name)}."
    if values.kept_back:
        yield (
            f"# Not shown, as they might name persons: {values.kept_back} of its values; a run lists them "
            "in private/issues.parquet."
        )
    yield f"[vocabulary.{name}]"
    yield 'reference = ""'
    yield "verified = false"
    yield f"[vocabulary.{name}.values]"
    if not values.counts:
        yield from (f"{m} = {toml_value(m)}" for m in meanings if m != UNKNOWN)
    for value, rows in values.counts:
        yield f'{toml_value(value)} = "{UNKNOWN}" # {rows:,}'


def write_area_types(drawn: Drawn | None) -> str:
    """Write the types of closed ground that were found, for a lawyer to give each a level."""
    lines = ["# Write a table for each type, and its level as the law has it:", "#"]
    proposal = drawn.proposals.get("area_type") if drawn else None
    if drawn is not None and proposal is not None:
        lines[1:1] = [
            f"#   {toml_value(value)} # {rows:,}"
            for value, rows in values_of(drawn.columns, proposal.columns).counts
        ]
    example = (
        "[[area_level]]",
        'role = "protected_areas"',
        'types = ["National Park"] # as the layer writes them',
        'code = "national_park"',
        'level = "hard"',
        'reference = ""',
        "verified = false",
    )
    return "\n".join([*lines, *(f"# {line}" for line in example)]) + "\n"
