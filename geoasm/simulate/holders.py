"""Who holds what, of which stratum and group, and who paid penalties for lying idle."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd

from geoasm.codes import ConcessionStatus, HolderStratum, PartyKind
from geoasm.law import LawAt
from geoasm.parsing.text import fold

_LARGE_SHARE = 0.16  # of the holders whose stratum is known
_KNOWN_STRATUM = 0.8
_KNOWN_NUMBER = 0.8
_GROUPED = 0.12
_IDLE, _ONE_YEAR, _LONG_AGO = 0.16, 0.06, 0.05  # shares of titles by their penalties

_LEGAL_FORM = re.compile(
    r"\b(S ?A ?C|S ?A ?A|S ?A|S ?R ?L|E ?I ?R ?L|S ?C ?R ?L|S ?M ?R ?L)\b"
    r"|\bSOCIEDAD (ANONIMA( CERRADA| ABIERTA)?|(MINERA )?DE RESPONSABILIDAD LIMITADA)\b"
    r"|\bEMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA\b"
)
_COMPANY = re.compile(r"\bCOMPANIA\b")
_JOINED = re.compile(
    r"[,;/&()\[\]>*?]|\b(Y|E|OTROS|OTRO|OTRAS|SUC|SUCESION|EN|REPRESENTACION)\b|\d"
)


def name_key(name: object) -> str | None:
    """Fold a name for exact comparison: no case, accents, punctuation; None where there is none."""
    if name is None or name is pd.NA or name != name:
        return None
    plain = re.sub(r"[^A-Z0-9]+", " ", fold(str(name).replace(".", "")))
    return " ".join(plain.split()) or None


def firm_key(name: object) -> str:
    """Fold a name without its legal form: spellings of one firm, however far a matching may go."""
    plain = _LEGAL_FORM.sub("", _COMPANY.sub("CIA", name_key(name) or ""))
    return " ".join(plain.split())


def is_plain(name: object) -> bool:
    """Tell whether a name is one party's for certain: no joint holders, no remarks."""
    key = None if name is None or name != name else fold(str(name).replace(".", ""))
    return bool(key) and not _JOINED.search(str(key)) and len(str(key)) < 95


def table(rng: np.random.Generator, parties: pd.DataFrame) -> pd.DataFrame:
    """
    Give each party that may hold rights its stratum, its group, and whether its number is known.

    Returns
    -------
    holders
        The columns of `parties`, `stratum` (empty: not in the strata), `group`, `listed` (its
        identity number is in the table of holders).
    """
    codes, distinct = pd.factorize(parties["name"].map(firm_key), sort=True)
    m = len(distinct)
    legal = pd.Series(parties["kind"] == PartyKind.LEGAL).groupby(codes).any().to_numpy()
    large = legal & (rng.random(m) < 2 * _LARGE_SHARE)
    stratum = np.where(large, str(HolderStratum.LSM_MSM), str(HolderStratum.SMALL_SCALE))
    known = rng.random(m) < _KNOWN_STRATUM
    grouped = legal & (rng.random(m) < _GROUPED)
    names = np.array([f"GRUPO {i + 1}" for i in rng.integers(0, max(2, m // 40), m)])
    listed = rng.random(m) < _KNOWN_NUMBER
    return parties.assign(
        stratum=pd.Series(stratum, dtype="str").where(known).take(codes).to_numpy(),
        group=pd.Series(names, dtype="str").where(grouped).take(codes).to_numpy(),
        listed=listed[codes],
    ).astype({"stratum": "str", "group": "str"})


def penalties(rng: np.random.Generator, rights: pd.DataFrame, law: LawAt) -> pd.DataFrame:
    """
    Plant penalties: enough years in the window for some titles, too few or too old for others.

    Returns
    -------
    penalties
        `concession_id`, `year`; one row a penalty.
    """
    need, window = int(law.number("idle_penalty_years")), int(law.number("idle_window_years"))
    ids = rights.loc[rights["status"] == ConcessionStatus.TITLED, "concession_id"].to_numpy()
    draw = rng.random(len(ids))
    # Years that count however the window is laid: the day's own year is hardly ever paid yet.
    years = np.arange(law.on.year - max(window - 1, need), law.on.year)
    rows: list[tuple[str, int]] = []
    for code, u in zip(ids, draw, strict=True):
        if u < _IDLE:
            count = int(rng.integers(need, len(years) + 1))
            rows += [(code, int(y)) for y in np.sort(rng.choice(years, count, replace=False))]
        elif u < _IDLE + _ONE_YEAR:
            rows += [(code, int(y)) for y in rng.choice(years, max(need - 1, 0), replace=False)]
        elif u < _IDLE + _ONE_YEAR + _LONG_AGO:
            rows += [(code, int(years[0]) - 2 - k) for k in range(need + 1)]
    return pd.DataFrame(rows, columns=["concession_id", "year"]).sort_values(
        ["concession_id", "year"], ignore_index=True
    )


def tables(holders: pd.DataFrame, on: date) -> dict[str, pd.DataFrame]:
    """Give the side tables on holders: `strata`, `holders` and `groups`, canonical columns."""
    named = holders.sort_values("name", kind="stable")
    strata = named.loc[named["stratum"].notna(), ["name", "ruc", "stratum", "listed"]]
    valid = pd.Timestamp(on) - pd.Timedelta(days=180)
    return {
        "strata": pd.DataFrame(
            {
                "holder_name": strata["name"],
                "ruc": strata["ruc"].where(strata["listed"]),
                "stratum": strata["stratum"],
                "valid_on": valid.to_datetime64().astype("datetime64[s]"),
            }
        ).reset_index(drop=True),
        "holders": named.loc[named["listed"], ["name", "ruc"]]
        .rename(columns={"name": "holder_name"})
        .reset_index(drop=True),
        "groups": named.loc[named["group"].notna(), ["name", "group"]]
        .rename(columns={"name": "holder_name"})
        .reset_index(drop=True),
    }
