"""What a person said of two spellings: one party's, two parties', or both, which decides nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from geoasm import issues
from geoasm.codes import Action, Problem, Role
from geoasm.model import PartyRules
from geoasm.parties import names

YES, NO = "yes", "no"


class Said(NamedTuple):
    """
    The lines of a table of aliases that count, and those that contradict each other.

    Each frame has `one`, `other` (keys of a registrant's and a holder's name), `ruc` (where the
    judgement is of the registrant with this number only), and the line as it was.
    """

    yes: pd.DataFrame
    no: pd.DataFrame
    contradicted: pd.DataFrame
    issues: pd.DataFrame


def read(aliases: pd.DataFrame | None, rules: PartyRules) -> Said:
    """
    Take a table of aliases apart.

    A pair that is both affirmed and denied, of the same registrant or of whoever is named so, decides
    nothing, nor does a spelling that is said to mean several holders.

    Parameters
    ----------
    aliases
        `spelling`, `holder_name`; `same` (without it every line says yes) and `ruc` where given.
    """
    rows = _keyed(aliases, rules)
    is_yes, is_no = rows["same"] == YES, rows["same"] == NO
    clash = (_clashes(rows, is_yes, is_no) | _means_several(rows, is_yes)).to_numpy()
    found = issues.none()
    if clash.any():
        found = issues.make(
            Role.ALIASES,
            Problem.CONTRADICTORY_ALIAS,
            Action.DOUBTED,
            rows["source_row"][clash],
            field="spelling",
            values=rows["spelling"][clash],
            detail="another line says otherwise: one pair both yes and no, or one spelling of two holders; "
            "none of them counts",
            private=True,
        )
    return Said(rows[is_yes & ~clash], rows[is_no & ~clash], rows[clash], found)


def _keyed(aliases: pd.DataFrame | None, rules: PartyRules) -> pd.DataFrame:
    """Give each line that says something the keys of its names."""
    columns = ["spelling", "holder_name", "same", "ruc", "source_row"]
    rows = pd.DataFrame(columns=columns[:2], dtype="str") if aliases is None else aliases
    rows = rows.reindex(columns=columns).reset_index(drop=True)
    if aliases is None or "same" not in aliases:
        rows["same"] = YES
    rows = rows.astype(dict.fromkeys(columns[:4], "str"))
    rows["one"], rows["other"] = (names.name_keys(rows[c], rules)["key"] for c in columns[:2])
    said = rows["same"].isin([YES, NO])
    return rows[said].dropna(subset=["one", "other"]).reset_index(drop=True)


def _clashes(rows: pd.DataFrame, is_yes: pd.Series, is_no: pd.Series) -> pd.Series:
    """Tell which lines speak of a pair that another line judges otherwise."""
    told = rows[["one", "other", "ruc"]].assign(line=rows.index)
    met = told[is_yes].merge(told[is_no], on=["one", "other"], suffixes=("_yes", "_no"))
    lines = met[met["ruc_yes"].isna() | met["ruc_no"].isna() | (met["ruc_yes"] == met["ruc_no"])]
    both = np.concatenate([lines["line_yes"], lines["line_no"]])
    return pd.Series(rows.index.isin(both), index=rows.index)


def _means_several(rows: pd.DataFrame, is_yes: pd.Series) -> pd.Series:
    """Tell which lines give a spelling, whoever uses it, to one of several holders."""
    renames = is_yes & rows["ruc"].isna() & (rows["one"] != rows["other"])
    several = rows["other"].where(renames).groupby(rows["one"]).transform("nunique") > 1
    return renames & several
