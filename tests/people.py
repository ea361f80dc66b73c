"""Holders and registrants in a line each, known as a run knows them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoasm.io.profiles import load_profile
from geoasm.parties import Parties, identify
from geoasm.parties.groups import Groups, group

PE = load_profile("pe")


def table(**columns: list[Any]) -> pd.DataFrame:
    """A side table as normalisation gives it: text, years, days; `source_row` from 1."""
    frame = pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})
    for name in frame:
        if name == "year":
            frame[name] = frame[name].astype("Int64")
        elif name.endswith("_on"):
            frame[name] = frame[name].astype("datetime64[s]")
        elif name in ("amount", "ore_t"):
            frame[name] = frame[name].astype("float64")
        else:
            frame[name] = frame[name].astype("str")
    return frame.assign(source_row=pd.array(range(1, len(frame) + 1), dtype="Int64"))


def meet(
    concessions: pd.DataFrame,
    registrants: list[str | None] | None = None,
    *,
    rucs: list[str | None] | None = None,
    holders: pd.DataFrame | None = None,
    groups: pd.DataFrame | None = None,
) -> tuple[Parties, Groups]:
    """Identify the holders of a cadastre, registrants by name, and their groups."""
    named = registrants or []
    register = pd.DataFrame(
        {
            "registration_id": pd.Series([f"{i:03}" for i in range(len(named))], dtype="str"),
            "registrant_name": pd.Series(named, dtype="str"),
            "ruc": pd.Series(rucs or [None] * len(named), dtype="str"),
            "source_row": pd.array(range(1, len(named) + 1), dtype="Int64"),
        }
    )
    parties = identify(register, concessions, PE.parties, holders=holders)
    return parties, group(groups, parties, PE.parties)
