"""Attributes as the service states them: real values in the stated type, or the column as text."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoasm.io.atomic import encodable

log = logging.getLogger(__name__)

DAY = pd.ArrowDtype(pa.date32())

_CALENDAR = ("0001-01-01", "9999-12-31")
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_FIRST_DAY, _LAST_DAY = (int(np.datetime64(d, "D").astype("int64")) for d in _CALENDAR)
_INT64 = 2**63
_INTEGERS = frozenset(
    f"esriFieldType{kind}" for kind in ("OID", "Integer", "SmallInteger", "BigInteger")
)
_NUMBERS = frozenset({"esriFieldTypeDouble", "esriFieldTypeSingle"})
_DATE = "esriFieldTypeDate"
# GeoPackage names the outline and the row so, readers of geoasm the row of the file.
_RESERVED = frozenset({"geom", "geometry", "fid", "source_row"})


def distinct_names(names: Iterable[str]) -> dict[str, str]:
    """Give each column a name that a GeoPackage takes: no two alike but for case, none reserved."""
    given: dict[str, str] = {}
    taken = set(_RESERVED)
    names = list(names)
    spoken_for = {n.lower() for n in names}
    for name in names:
        plain = encodable(name).strip() or "column"
        chosen, number = plain, 0
        while chosen.lower() in taken or (number and chosen.lower() in spoken_for):
            number += 1
            chosen = f"{plain}_{number}"
        taken.add(chosen.lower())
        given[name] = chosen
    return given


def tell_renamed(names: Mapping[str, str]) -> None:
    """Say which columns have another name in the file."""
    moved = [f"{old!r} becomes {new!r}" for old, new in names.items() if old != new]
    if moved:
        log.warning("columns whose names a GeoPackage cannot hold: %s", ", ".join(moved))


def typed(frame: pd.DataFrame, kinds: Mapping[str, str], utc_offset_h: float) -> pd.DataFrame:
    """
    Give each column its stated type.

    A column with a value that its type cannot hold is written as text, every value as it came (an
    instant that can be read as its day), and that is said: so nothing is altered in silence.

    Parameters
    ----------
    frame
        Values as JSON gives them, dtype object.
    kinds
        Esri's type of each column.
    """
    columns = {}
    for name, kind in kinds.items():
        values = frame[name].astype("object").mask(frame[name].isna(), None)
        column, misfits = _column(values, kind, utc_offset_h)
        if misfits:
            what = kind.removeprefix("esriFieldType")
            log.warning(
                "%d values of %s are none of its type (%s): the column is written as text",
                *(misfits, name, what),
            )
        columns[name] = column
    return pd.DataFrame(columns, index=frame.index)


def _column(values: pd.Series, kind: str, utc_offset_h: float) -> tuple[pd.Series, int]:
    missing = values.isna()
    if kind not in _INTEGERS | _NUMBERS | {_DATE}:
        return _texts(values, missing), 0
    fits = _fits(values, kind, utc_offset_h)
    misfits = int((~fits & ~missing).sum())
    if kind == _DATE:
        days = days_of(values.where(fits, None), utc_offset_h)
        if not misfits:
            return days, 0
        return _texts(values, missing).mask(fits, days.astype("str")).astype("str"), misfits
    if misfits:
        return _texts(values, missing), misfits
    if kind in _NUMBERS:
        return values.astype("float64"), 0
    # A gap beside whole numbers would make floats of them, which are exact up to 2**53.
    whole = values.where(~missing, 0).map(int).to_numpy(dtype=np.int64)
    column = pd.arrays.IntegerArray(whole, missing.to_numpy())
    return pd.Series(column, index=values.index), 0


def _fits(values: pd.Series, kind: str, utc_offset_h: float) -> pd.Series:
    """Tell which values are numbers of a kind; true and false are none."""
    types = values.map(type)
    number = types.isin([int, float])
    floats = pd.to_numeric(values.where(number, None).map(_float), errors="coerce")
    fits = number & np.isfinite(floats.astype("float64"))
    if kind in _INTEGERS:
        near = values.where(fits, 0)
        fits &= near.ge(-_INT64) & near.lt(_INT64) & floats.mod(1).eq(0)
    elif kind == _DATE:
        beyond = 2 * _DAY_MS * max(-_FIRST_DAY, _LAST_DAY)
        ms = floats.where(fits, 0.0).clip(-beyond, beyond).to_numpy().astype("int64")
        days = _days(ms, utc_offset_h)
        fits &= (days >= _FIRST_DAY) & (days <= _LAST_DAY)
    return fits.astype(bool)


def _float(value: Any) -> float:
    try:
        return float(value) if value is not None else float("nan")
    except OverflowError:
        return float("inf")


def _texts(values: pd.Series, missing: pd.Series) -> pd.Series:
    texts = values.map(_text, na_action="ignore")
    return texts.where(~missing, None).astype("str")


def _text(value: Any) -> str:
    return encodable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def days_of(instants: pd.Series, utc_offset_h: float) -> pd.Series:
    """
    Turn instants into the days that they mean on a country's clock.

    Midnight UTC means that day wherever the clock stands: some services write days so. An instant
    an hour before the country's midnight is the midnight of a summer time.

    Parameters
    ----------
    instants
        Milliseconds since 1970 UTC.
    """
    numbers = pd.to_numeric(instants).astype("float64")
    missing = numbers.isna()
    days = _days(numbers.fillna(0).astype("int64").to_numpy(), utc_offset_h)
    stamps = pa.array(days.astype("int32"), mask=missing.to_numpy()).cast(pa.date32())
    return pd.Series(stamps.to_pandas(types_mapper={pa.date32(): DAY}.get), index=instants.index)


def _days(ms: npt.NDArray[np.int64], utc_offset_h: float) -> npt.NDArray[np.int64]:
    local = ms + round(utc_offset_h * _HOUR_MS)
    local = np.where(local % _DAY_MS == 23 * _HOUR_MS, local + _HOUR_MS, local)
    return np.where(ms % _DAY_MS == 0, ms, local) // _DAY_MS
