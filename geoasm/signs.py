"""What raises a question about registrations: facts to ask about, and no accusation."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import shapely

from geoasm import schema
from geoasm.codes import AsmClass, DeclaredRelation, RegistrationStatus, Role, SignKind
from geoasm.model import CandidateRules
from geoasm.parsing.text import join_groups

_DECIMALS = 7  # of a degree: a centimetre
_APART = (DeclaredRelation.ELSEWHERE, DeclaredRelation.EXTINCT)


def find_signs(
    registrations: pd.DataFrame,
    layers: Mapping[Role, pd.DataFrame],
    areas: Mapping[Role, pd.DataFrame],
    rules: CandidateRules,
) -> pd.DataFrame:
    """
    List what raises a question, in the columns of `schema.SIGNS`.

    Registrants with very many registrations; registrants who gave the same point; rights declared that
    are not at the point; registrants who compete in one cluster for one right or for the same ground;
    communities on whose land registrations stand.

    Parameters
    ----------
    registrations
        Columns of `schema.REGISTRATIONS`, with `cluster_id`, and `registered_year` where the register
        says it; RangeIndex. The excluded are left out.
    layers, areas
        Context layers, and pairs of registrations and areas, by role: `communities`.
    """
    rows = registrations[registrations["status"] != RegistrationStatus.EXCLUDED]
    year = rows.get("registered_year", pd.Series(pd.NA, index=rows.index, dtype="Int64"))
    rows = rows.assign(
        year=year.astype("Int64"), subject=pd.Series(pd.NA, index=rows.index, dtype="str")
    )
    found = [
        _many(rows, rules),
        _same_place(rows),
        _declared_elsewhere(rows),
        _competing(rows),
        _surface_land(rows, layers.get(Role.COMMUNITIES), areas.get(Role.COMMUNITIES)),
    ]
    return schema.conform(pd.concat(found, ignore_index=True), schema.SIGNS)


def _tell(rows: pd.DataFrame, kind: SignKind, *by: str) -> pd.DataFrame:
    """Count rows by some columns; the others of the key stay empty."""
    rows = rows.sort_values("registration_id")
    grouped = rows.groupby(list(by), dropna=False, sort=True)
    ids = join_groups(rows["registration_id"], grouped.ngroup(), schema.LIST_SEPARATOR)
    out = pd.DataFrame(
        {
            "n_registrations": grouped.size(),
            "n_registrants": grouped["registrant_id"].nunique(),
            "first_year": grouped["year"].min(),
            "last_year": grouped["year"].max(),
            "registration_ids": ids.array,
        }
    ).reset_index()
    for name, dtype in (("subject", "str"), ("concession_id", "str"), ("cluster_id", "Int64")):
        if name not in out:
            out[name] = pd.Series(pd.NA, index=out.index, dtype=dtype)
    return out.assign(kind=str(kind))


def _many(rows: pd.DataFrame, rules: CandidateRules) -> pd.DataFrame:
    size = rows.groupby("registrant_id")["registration_id"].transform("size")
    many = rows[(size > rules.crowd).fillna(False).to_numpy(dtype=bool)]
    return _tell(many.assign(subject=many["registrant_id"].astype("str")), SignKind.MANY_REGISTRATIONS, "subject")  # fmt: skip


def _same_place(rows: pd.DataFrame) -> pd.DataFrame:
    located = rows[rows["geometry"].notna().to_numpy()]
    numbers = shapely.get_coordinates(located["geometry"].to_numpy(dtype=object)).round(_DECIMALS)
    place = pd.Series(
        [f"{y:.{_DECIMALS}f} {x:.{_DECIMALS}f}" for x, y in numbers],
        index=located.index,
        dtype="str",
    )
    located = located.assign(subject=place)
    registrants = located.groupby("subject")["registrant_id"].transform("nunique")
    return _tell(located[registrants > 1], SignKind.SAME_PLACE, "subject")


def _declared_elsewhere(rows: pd.DataFrame) -> pd.DataFrame:
    apart = rows[rows["declared_relation"].isin(_APART)]
    apart = apart.assign(subject=apart["declared_right_id"])
    return _tell(apart, SignKind.DECLARED_ELSEWHERE, "subject", "concession_id")


def _competing(rows: pd.DataFrame) -> pd.DataFrame:
    """Registrants of one cluster at one right, or on ground that no right decided."""
    there = rows[rows["cluster_id"].notna() & (rows["asm_class"] != AsmClass.OWN_TITLE)]
    told = _tell(there, SignKind.COMPETING, "cluster_id", "concession_id")
    return told[told["n_registrants"] > 1]


def _surface_land(
    rows: pd.DataFrame, lands: pd.DataFrame | None, pairs: pd.DataFrame | None
) -> pd.DataFrame:
    if lands is None or pairs is None:
        return _tell(rows[:0], SignKind.SURFACE_LAND, "subject")
    name = lands.get("name", pd.Series(pd.NA, index=lands.index, dtype="str"))
    met = pairs[pairs["registration"].isin(rows.index)]
    on = rows.loc[met["registration"]].assign(subject=name.iloc[met["area"]].to_numpy(dtype=object))
    on = on.assign(subject=on["subject"].astype("str"))
    return _tell(
        on.drop_duplicates(["registration_id", "subject"]), SignKind.SURFACE_LAND, "subject"
    )
