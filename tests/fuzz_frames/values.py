"""Cells as registers, notebooks and spreadsheets hold them: good, odd and absurd."""

from __future__ import annotations

import datetime as dt
import os
import warnings
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from geoasm.codes import FieldKind

# FUZZ=50 tries fifty times as many examples, other ones each time.
TIMES = int(os.environ.get("FUZZ") or 0)


def dose(examples: int) -> settings:
    """So many examples of a test: the same ones each time, unless FUZZ asks for more."""
    return settings(
        max_examples=examples * max(TIMES, 1),
        derandomize=not TIMES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=bool(TIMES),
    )


RUCS = ("20131312955", "20100047218", "10000000001", "2013131295", "20131312950", "20-131312955")
CODES = ("010000116", "010000216", "01-00001-16", "10000116", "010000116.0", "01000011603", "P 12")
NAMES = (
    "MINERA UNO S.A.C.", "MINERA UNO SAC", "QUISPE MAMANI ROSA", "COMPAÑIA MINERA X S.A.",
    "COMPAÃ‘IA MINERA X S.A.", "SIN TITULAR", "S.M.R.L. ROSA N° 1", "QUISPE Y OTROS", "S.A.",
)  # fmt: skip
DAYS = (
    "1999-01-31", "31/01/1999", "01/31/1999", "20030229", "3 de enero de 2001", "1-ENE-99",
    "1899-12-30", "9999-12-31", "0000-00-00", "0001-01-01", "2020-13-45", "951782400000",
    "-99999999999999", "99999999999999", "2016-01-04T00:00:00Z", "31.12.69", "30/02/2000", "44197",
    "١٩٩٩-٠١-٠١", "²²/01/1999",
)  # fmt: skip
NUMBERS = (
    "100", "1,234.50", "1.234,50", "1,234", "100 ha", "1e400", "-1e-400", "NaN", "inf", "-Infinity",
    "0x1F", "1_000", "--1", "+", ".", "1e", "١٢٣", "½", "²", "9" * 400, "-0", "1'234",
)  # fmt: skip
ANGLES = (
    "-75.005", "-75,005", "75.005", "75°00'18\"W", "O 75 0 18", "75 W", "-750050", "75.005-",
    "-9.995", "9 59 42 S", "9°59'42''S", "-9,995", "0", "180", "-180", "90", "-90", "361", "1e308",
)  # fmt: skip
METRES = ("500000", "8895000", "500 000", "500,000.5", "8895000.25", "50000", "-1", "1e300", "٥")
ZONES = ("17", "18S", "18 L", "19", "99", "35N", "18°", "²")
WORDS = {
    "status": ("T", "P", "X", "E", "VIGENTE", "SUSPENDIDO", "EXCLUIDO", "D.M. TITULADO", "?"),
    "stratum": ("Régimen General", "PPM", "PMA", "gran minería", "?"),
    "same": ("yes", "no", "sí", "?"),
    "factor": ("geology", "company_commitment", "?"),
    "area_type": ("PARQUE NACIONAL", "PN", "RESERVA NACIONAL", "ZONA URBANA", "?"),
    "datum": ("WGS84", "PSAD56", "02", "?"),
    "substance": ("M", "N", "METALICO", "?"),
    "zone": ZONES,
    "filed_hour": ("08:15", "25:99", "8:15 a.m."),
    "unit_id": ("U1", "U2"),
    "permit": ("beneficio", "inicio"),
    "declared_admin_1": ("LIMA", "AREQUIPA", "MADRE DE DIOS"),
}

# Lone surrogates come from damaged files, the others from people: no text is out of bounds.
text = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Lu"]), max_size=8),
    st.sampled_from(
        [
            "", " ", "\n", "\r\n\t", "\u202eDEP", "\u200b", "\ufeff", "\ud800", "a\ud83db", "🤷🏽‍♀️⛏",
            "null", "<NULL>", "N/A", "nan", "é", "e\u0301", "Ã±", "ﬁ", "ß", "İ", "=1+1", "'; --",
            "<script>", "a;b", "a\x1fb", "x" * 5000, "ÃÂ" * 300, "0" * 400, "Ⅳ", "\x1b[31m", "{{7*7}}",
            "\u2028", "\x85", "\x0b", "\x1c", "م" * 20, "ᾳ", "ŉ",
        ]
    ),
)  # fmt: skip

_instants = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31))
things: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), _instants,
    st.dates(), st.times(), st.timedeltas(), st.binary(max_size=4), st.decimals().filter(lambda d: not d.is_snan()),
    st.lists(st.integers(0, 3), max_size=2), st.dictionaries(st.text(max_size=1), st.none()),
    st.complex_numbers(), st.datetimes(timezones=st.just(dt.UTC)),
    st.sampled_from([pd.NA, pd.NaT, np.nan, pd.Timestamp("2001-02-03"), Decimal("1.0"), (), {1},
                     pd.Timestamp("2001-02-03", tz="America/Lima"), np.datetime64("NaT"), np.int8(3),
                     pd.Period("2001-02", "M"), pd.Interval(0, 1), np.float32(1.5), object(), ...]),
)  # fmt: skip

_GOOD = {
    FieldKind.CODE: CODES,
    FieldKind.RUC: RUCS,
    FieldKind.NAME: NAMES,
    FieldKind.DATE: DAYS,
    FieldKind.YEAR: (
        "1999",
        "2019",
        "2023",
        "20233",
        "199",
        "0000",
        "2023.0",
        "MMXX",
        "²⁰²³",
        "٢٠٢٣",
    ),
    FieldKind.NUMBER: NUMBERS,
    FieldKind.TEXT: NAMES,
    FieldKind.VOCABULARY: WORDS["status"],
}


def spelt(name: str, kind: FieldKind) -> st.SearchStrategy[str]:
    """What a field may say where somebody meant well."""
    return st.sampled_from(WORDS.get(name, _GOOD[kind]))


@st.composite
def column(draw: st.DrawFn, n: int, good: st.SearchStrategy[Any], *, objects: bool) -> Any:
    """n cells: mostly as meant; of frames also of every type that a notebook may hold."""
    cell = draw(
        st.sampled_from([good, good, st.one_of(good, st.none()), st.one_of(good, text)])
    )  # fmt: skip
    if objects and draw(st.integers(0, 3)) == 0:
        cell = st.one_of(good, things)
    cells = draw(st.lists(cell, min_size=n, max_size=n))
    return _typed(cells, draw(st.sampled_from(_DTYPES)) if objects else None)


_DTYPES = (None, None, None, None, "category", "string", "Int64", "float64", "datetime64[ns]",
           "datetime64[s, UTC]", "boolean", "timedelta64[s]", "bytes", "float32", "period")  # fmt: skip


def _typed(cells: list[Any], dtype: str | None) -> Any:
    """The cells in a column of a type, where they go into it; else as objects."""
    try:
        if dtype is None:
            return pd.Series(cells, dtype=object)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the cells lose on their way into the type
            return _cast(cells, dtype)
    except Exception:  # noqa: BLE001 - whatever pandas says, the cells stay what they are
        return pd.Series(cells, dtype=object)


def _cast(cells: list[Any], dtype: str) -> pd.Series:
    if dtype == "bytes":
        return pd.Series([str(c).encode() for c in cells], dtype=object)
    if dtype == "period":
        return pd.Series(pd.PeriodIndex([str(c) for c in cells], freq="D"))
    column = pd.Series(cells, dtype=object)
    if dtype in ("Int64", "float64", "float32", "boolean"):
        column = pd.to_numeric(column)
    return column.astype(dtype)
