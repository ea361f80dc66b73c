"""Which column of a file supplies which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from geoasm.codes import Action, FieldKind, Problem, Role
from geoasm.errors import MissingColumn, OptionError
from geoasm.model import FieldSource, FieldSpec, RawLayer, RoleSpec
from geoasm.normalize.findings import Findings
from geoasm.parsing.text import fold, unscramble

ID_FIELD: Mapping[Role, str] = {
    Role.CONCESSIONS: "concession_id",
    Role.REGISTRATIONS: "registration_id",
}
_DBF_NAME_LENGTH = 10  # a shapefile cuts column names to ten characters


def id_field(spec: RoleSpec) -> str | None:
    """Name the field that tells records of a role apart, or at least says what they speak of."""
    codes = (n for n, f in spec.fields.items() if f.kind is FieldKind.CODE)
    return ID_FIELD.get(spec.role) or next(codes, None)


@dataclass(frozen=True)
class Supply:
    """Columns of one file that supply one source of a field, in order of preference."""

    source: FieldSource
    columns: tuple[str, ...]


class ColumnNames:
    """A file's column names, found by any of their known spellings."""

    def __init__(self, frame: pd.DataFrame) -> None:
        geometry = getattr(frame, "_geometry_column_name", None)
        self.names = [c for c in frame.columns if c not in ("source_row", geometry)]
        self._by_fold: dict[str, str] = {}
        for name in self.names:
            self._by_fold.setdefault(_key(name), name)

    def find(self, spellings: Iterable[str]) -> tuple[str, ...]:
        """Give the columns that go by these spellings, whole or cut as in a DBF, in their order."""
        found: dict[str, None] = {}
        for spelling in map(fold, spellings):
            for key in (spelling, spelling[:_DBF_NAME_LENGTH]):
                if key in self._by_fold:
                    found[self._by_fold[key]] = None
                    break
        return tuple(found)


def _key(name: object) -> str:
    text = str(name)
    return fold(unscramble(text) or text)


def supplies(names: ColumnNames, field: FieldSpec) -> list[Supply]:
    """Find the columns that supply a field."""
    found = ((source, names.find(source.columns)) for source in field.sources)
    return [Supply(source, columns) for source, columns in found if columns]


def check(raw: RawLayer, spec: RoleSpec, assumptions: Mapping[str, str]) -> None:
    """
    Make sure that every needed field has a column or an assumption.

    Raises
    ------
    MissingColumn
        Fields have neither; the text names all of them.
    OptionError
        An assumption names no field of the role, or one that the file itself supplies.
    """
    names = ColumnNames(raw.frame)
    found = {n for n, f in spec.fields.items() if supplies(names, f)}
    for name in assumptions:
        if name == ID_FIELD.get(spec.role):
            raise OptionError(
                f"--assume {spec.role}.{name}: every record needs an id of its own; "
                "rename the column that has it"
            )
        if name not in spec.fields:
            known = ", ".join(spec.fields)
            raise OptionError(
                f"--assume {spec.role}.{name}: no such field; {spec.role} has {known}"
            )
        if name in found:
            column = supplies(names, spec.fields[name])[0].columns[0]
            raise OptionError(
                f"--assume {spec.role}.{name}: {raw.source.name} has it in column {column}; "
                "an assumption supplies only what a file lacks"
            )
    have = found | set(assumptions)
    missing: list[tuple[str, ...]] = [
        (n,) for n, f in spec.fields.items() if f.required and n not in have
    ]
    missing += [group for group in spec.need_one_of if not have.intersection(group)]
    if missing:
        raise MissingColumn(_missing_text(raw, spec, missing))


def _missing_text(raw: RawLayer, spec: RoleSpec, missing: Sequence[tuple[str, ...]]) -> str:
    parts = []
    for group in missing:
        spellings = [c for n in group for s in spec.fields[n].sources for c in s.columns]
        parts.append(f"{' or '.join(group)} (columns {', '.join(dict.fromkeys(spellings))})")
    assumable = [g[0] for g in missing if g[0] != ID_FIELD.get(spec.role)]
    hint = "rename the column"
    if assumable:
        hint += ", or supply one value for all rows: " + " ".join(
            f"--assume {spec.role}.{name}=VALUE" for name in assumable
        )
    return f"{raw.source.name}: {spec.role} need {'; '.join(parts)}; {hint}"


def note_unused(raw: RawLayer, spec: RoleSpec, findings: Findings) -> None:
    """Report the columns that no field, no position and no list of known columns speaks of."""
    names = ColumnNames(raw.frame)
    used = {c for f in spec.fields.values() for s in supplies(names, f) for c in s.columns}
    for position in spec.positions:
        for spellings in (position.x_columns, position.y_columns, position.zone_columns):
            used.update(names.find(spellings))
    used.update(names.find(spec.ignored))
    for name in names.names:
        if name not in used:
            findings.add_file(
                Problem.UNUSED_COLUMN,
                Action.DOUBTED,
                field=str(name),
                detail="no field of the profile reads this column",
            )
