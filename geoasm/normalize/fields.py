"""Values of the columns, read by kind, with an issue for each value that was mended or doubted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np
import pandas as pd

from geoasm.codes import TABLE_ROLES, Action, FieldKind, Problem, Role
from geoasm.errors import OptionError
from geoasm.model import FieldSpec, RawLayer, RoleSpec
from geoasm.normalize.columns import ColumnNames, Supply, check, note_unused, supplies
from geoasm.normalize.findings import Findings
from geoasm.normalize.vocabularies import UNKNOWN, meanings, read_vocabulary
from geoasm.parsing.codes import read_codes, read_rucs, read_text, restore_zeros
from geoasm.parsing.dates import read_dates
from geoasm.parsing.numbers import read_numbers
from geoasm.parsing.text import LOST, unscramble_series

PRIVATE_KINDS = frozenset({FieldKind.NAME, FieldKind.RUC})
# Roles whose rows are facts of a day: none counts before it.
_DATED_FACTS = frozenset({*TABLE_ROLES, Role.MINING_UNITS, Role.PLANTS})
_DTYPES = {
    FieldKind.DATE: "datetime64[s]",
    FieldKind.YEAR: "Int64",
    FieldKind.NUMBER: "float64",
}
_MISSING = {
    FieldKind.NAME: Problem.MISSING_HOLDER,
    FieldKind.RUC: Problem.MISSING_HOLDER,
    FieldKind.DATE: Problem.MISSING_DATE,
    FieldKind.YEAR: Problem.MISSING_DATE,
    FieldKind.VOCABULARY: Problem.MISSING_STATUS,
    FieldKind.CODE: Problem.MISSING_ID,
    FieldKind.TEXT: Problem.MISSING_VALUE,
    FieldKind.NUMBER: Problem.MISSING_VALUE,
}
_FIRST_YEAR = 1500


def read_fields(
    raw: RawLayer,
    spec: RoleSpec,
    findings: Findings,
    on: date,
    assumptions: Mapping[str, str],
    known_codes: Mapping[str, Collection[str]],
) -> pd.DataFrame:
    """
    Read every field of a role, plus `source_row`.

    Parameters
    ----------
    findings
        Takes the issues.
    known_codes
        Field to the codes that exist elsewhere; they prove lost leading zeros.

    Raises
    ------
    MissingColumn, OptionError
        A needed field has no column and no assumption, or an assumption cannot be used.
    """
    check(raw, spec, assumptions)
    note_unused(raw, spec, findings)
    names = ColumnNames(raw.frame)
    personal = {
        c
        for f in spec.fields.values()
        if f.kind in PRIVATE_KINDS
        for s in supplies(names, f)
        for c in s.columns
    }
    text = _Texts(raw.frame, personal, findings)
    out: dict[str, pd.Series] = {}
    # Needed fields first: an unknown code of a column that feeds several is told once.
    for name, field in sorted(spec.fields.items(), key=lambda item: not item[1].required):
        found = supplies(names, field)
        if name in assumptions:
            out[name] = _assumed(raw, spec, field, assumptions[name], findings, on)
        elif not found:
            out[name] = _absent(raw.frame.index, field)
        elif field.kind is FieldKind.VOCABULARY:
            columns = [(s.source, read_codes(text.column(c))) for s in found for c in s.columns]
            out[name] = read_vocabulary(field, columns, findings)
        else:
            out[name] = _read(text, found, field, findings, on, known_codes.get(name, ()))
        if field.required and name not in assumptions:
            _note_missing(out[name], text, found, field, findings)
    frame = pd.DataFrame({n: out[n] for n in spec.fields}, index=raw.frame.index)
    for group in spec.need_one_of:
        findings.add(
            _MISSING[spec.fields[group[0]].kind],
            Action.DOUBTED,
            frame[list(group)].isna().all(axis=1),
            field=group[0],
            detail=f"no {' and no '.join(group)}",
        )
    return frame.assign(source_row=raw.frame["source_row"].astype("Int64"))


class _Texts:
    """The columns of a frame as text, each made whole once."""

    def __init__(self, frame: pd.DataFrame, personal: Collection[str], findings: Findings) -> None:
        self.frame, self._personal, self._findings = frame, personal, findings
        self._done: dict[str, pd.Series] = {}

    def column(self, name: str) -> pd.Series:
        """Give a column as text, mojibake undone where that is certain."""
        if name not in self._done:
            text = read_text(self.frame[name])
            self._findings.add(
                Problem.LOST_CHARACTERS,
                Action.DOUBTED,
                text.str.contains(LOST, regex=False, na=False),
                field=name,
                values=text,
                detail="characters that nobody can read any more stand as \ufffd",
                private=name in self._personal,
            )
            mended = unscramble_series(text)
            if mended is not text:
                self._findings.add(
                    Problem.MOJIBAKE,
                    Action.MENDED,
                    (mended != text) & text.notna(),
                    field=name,
                    values=text,
                    detail="UTF-8 that was read as a single-byte encoding",
                    private=name in self._personal,
                )
            self._done[name] = mended
        return self._done[name]


def _first_given(columns: list[pd.Series]) -> pd.Series:
    out = columns[0]
    for other in columns[1:]:
        out = out.where(out.notna(), other)
    return out


def _read(
    text: _Texts,
    found: list[Supply],
    field: FieldSpec,
    findings: Findings,
    on: date,
    known: Collection[str],
) -> pd.Series:
    columns = [c for s in found for c in s.columns]
    if field.kind is FieldKind.DATE:
        return _first_given([_dates(text.frame[c], field, findings, on) for c in columns])
    if field.kind is FieldKind.YEAR:
        return _first_given([_years(text.frame[c], field, findings, on) for c in columns])
    if field.kind is FieldKind.NUMBER:
        return _first_given([_numbers(text.frame[c], field, findings) for c in columns])
    values = _first_given([text.column(c) for c in columns])
    if field.kind is FieldKind.RUC:
        return _rucs(values, field, findings)
    if field.kind is FieldKind.CODE:
        return _codes(values, field, findings, known)
    return values.astype("str")


def _dates(values: pd.Series, field: FieldSpec, findings: Findings, on: date) -> pd.Series:
    read = read_dates(values, on)
    future = read.days > np.datetime64(on)
    doubtful = read.unreadable | read.placeholder | read.month_first | future
    raw = read_text(values[doubtful])
    findings.add(
        Problem.UNREADABLE_DATE,
        Action.DOUBTED,
        read.unreadable,
        field=field.name,
        values=raw,
        detail="no such day; left empty",
    )
    findings.add(
        Problem.UNREADABLE_DATE,
        Action.DOUBTED,
        read.placeholder,
        field=field.name,
        values=raw,
        detail="a placeholder, no day; left empty",
    )
    findings.add(
        Problem.MONTH_FIRST_DATE,
        Action.MENDED,
        read.month_first,
        field=field.name,
        values=raw,
        detail="read month first: the column has days that allow no other reading",
    )
    findings.add(
        Problem.FUTURE_DATE,
        Action.DOUBTED,
        future,
        field=field.name,
        values=raw,
        detail=_of_later(findings, on),
    )
    return read.days


def _years(values: pd.Series, field: FieldSpec, findings: Findings, on: date) -> pd.Series:
    text = read_codes(values)
    years = pd.to_numeric(text.where(text.str.fullmatch("[0-9]{4}").fillna(False).astype(bool)))
    years = years.astype("float64").where(years >= _FIRST_YEAR).astype("Int64")
    findings.add(
        Problem.UNREADABLE_DATE,
        Action.DOUBTED,
        text.notna() & years.isna(),
        field=field.name,
        values=text,
        detail="no year; left empty",
    )
    findings.add(
        Problem.FUTURE_DATE,
        Action.DOUBTED,
        (years > on.year).fillna(False).astype(bool),
        field=field.name,
        values=text,
        detail=_of_later(findings, on),
    )
    return years


def _of_later(findings: Findings, on: date) -> str:
    """Say what becomes of a row that is dated after the day of the run."""
    if findings.role in _DATED_FACTS:
        return f"after {on.isoformat()}: it counts for nothing on that day"
    return f"after {on.isoformat()}; kept"


def _numbers(values: pd.Series, field: FieldSpec, findings: Findings) -> pd.Series:
    numbers = read_numbers(values, field.unit)
    text = read_text(values[numbers.isna() & values.notna()]).dropna()
    findings.add(
        Problem.UNREADABLE_NUMBER,
        Action.DOUBTED,
        text.index,
        field=field.name,
        values=text,
        detail="no number, or its comma may mean two things; left empty",
    )
    return numbers


def _rucs(values: pd.Series, field: FieldSpec, findings: Findings) -> pd.Series:
    numbers, invalid = read_rucs(values)
    findings.add(
        Problem.INVALID_RUC,
        Action.DOUBTED,
        invalid,
        field=field.name,
        values=values,
        detail="length, kind or check digit is wrong; not used",
        private=True,
    )
    return numbers


def _codes(
    values: pd.Series, field: FieldSpec, findings: Findings, known: Collection[str]
) -> pd.Series:
    codes, restored = restore_zeros(read_codes(values), field.code_lengths, known)
    findings.add(
        Problem.RESTORED_ZEROS,
        Action.MENDED,
        restored,
        field=field.name,
        values=values,
        detail="read as " + codes[restored],
    )
    return codes.astype("str")


def _note_missing(
    values: pd.Series, text: _Texts, found: list[Supply], field: FieldSpec, findings: Findings
) -> None:
    """Note needed values that are not given; one given and unreadable has its own issue."""
    missing = values.isna() | ((values == UNKNOWN) if field.kind is FieldKind.VOCABULARY else False)
    labels = missing[missing].index
    for column in (c for supply in found for c in supply.columns):
        given = read_text(text.frame.loc[labels, column])
        labels = labels[given.isna().to_numpy()]
    findings.add(_MISSING[field.kind], Action.DOUBTED, labels, field=field.name, detail="not given")


def _absent(index: pd.Index, field: FieldSpec) -> pd.Series:
    value = field.default if field.kind is FieldKind.VOCABULARY else None
    return pd.Series([value] * len(index), index=index, dtype=_DTYPES.get(field.kind, "str"))


def _assumed(
    raw: RawLayer, spec: RoleSpec, field: FieldSpec, value: str, findings: Findings, on: date
) -> pd.Series:
    given = pd.Series([value], dtype="str")
    option = f"--assume {spec.role}.{field.name}={value}"
    read: pd.Series
    if field.kind is FieldKind.VOCABULARY:
        allowed = sorted({m for s in field.sources for m in meanings(s)})
        if value not in allowed:
            raise OptionError(f"{option}: must be one of {', '.join(allowed)}")
        read = given
    elif field.kind is FieldKind.DATE:
        read = read_dates(given, on).days
    elif field.kind is FieldKind.YEAR:
        read = pd.to_numeric(given, errors="coerce").astype("Int64")
    elif field.kind is FieldKind.NUMBER:
        read = read_numbers(given, field.unit)
    elif field.kind is FieldKind.RUC:
        read = read_rucs(given)[0]
    else:
        read = read_text(given)
    if read.isna().all():
        raise OptionError(f"{option}: cannot be read as {field.kind}")
    findings.add_file(
        Problem.ASSUMED_VALUE,
        Action.MENDED,
        field=field.name,
        value="" if field.kind in PRIVATE_KINDS else value,
        detail="assumed for every row; the file has no such column",
    )
    return pd.Series(
        [read.iloc[0]] * len(raw.frame), index=raw.frame.index, dtype=_DTYPES.get(field.kind, "str")
    )
