"""The frames of a result, put together from the register and its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm import geometry, issues, schema
from geoasm.codes import (
    SHAKEN_FLAGS,
    AsmClass,
    DeclaredRelation,
    Flag,
    Role,
    Setting,
    TitleRelation,
)
from geoasm.model import RawLayer, Source
from geoasm.parsing.text import join_groups
from geoasm.parties import Parties, own_basis
from geoasm.profile import Profile
from geoasm.veil import Veil

REGIONS = ("admin_1", "admin_2", "admin_3")
_SAID = ("name", "status_code")  # columns of rights in which sources write what they like
_FOUND_LATER = ("cluster_id", "not_counted", "precondition", "missing_check")


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a text column, empty where the profile does not read it."""
    if name in frame:
        return frame[name]
    return pd.Series(pd.NA, index=frame.index, dtype="str", name=name)


def name_regions(
    registrations: pd.DataFrame, admin: pd.DataFrame | None, found: pd.DataFrame | None
) -> pd.DataFrame:
    """Name the regions of each registration: of the admin layer where given, else as declared."""
    if admin is None or found is None:
        return pd.DataFrame({name: column(registrations, f"declared_{name}") for name in REGIONS})
    named = [name for name in REGIONS if name in admin]
    at = admin.iloc[found["area"]][named].set_axis(found["registration"].to_numpy())
    at = at.rename_axis("registration").reset_index().sort_values(["registration", *named])
    at = at.drop_duplicates("registration").set_index("registration").reindex(registrations.index)
    return pd.DataFrame({name: column(at, name) for name in REGIONS})


def name_systems(
    registrations: pd.DataFrame,
    answers: pd.DataFrame,
    concessions: pd.DataFrame,
    profile: Profile,
) -> pd.Series:
    """Name the system in which each point was tested: of the right that decided, else of its zone."""
    plan = profile.crs
    crs = pd.Series(plan.geographic, index=registrations.index)
    if plan.drawn_in == "zone":
        zones = np.array([zone.crs for zone in plan.zones], dtype=object)
        longitude = registrations.geometry.x.fillna(0).to_numpy()
        crs = pd.Series(zones[geometry.zone_of(longitude, plan)])
    decided = answers["decided_by"].to_numpy()
    if len(concessions):
        of_right = pd.Series(concessions["crs_used"].to_numpy(dtype=object)[decided])
        crs = crs.where(decided < 0, of_right)
    return crs.where(registrations.geometry.notna()).astype("str")


def lay_out(facts: pd.DataFrame, pairs: pd.DataFrame, parties: Parties) -> pd.DataFrame:
    """Put register and answers into the columns of `schema.REGISTRATIONS`."""
    kinds = parties.frame.set_index("party_id")["kind"]
    is_own = facts["asm_class"] == AsmClass.OWN_TITLE
    mobile = (facts["setting"] == Setting.ALLUVIAL) & (
        facts["title_relation"] == TitleRelation.THIRD_PARTY
    )
    mismatch = facts["declared_relation"].isin(
        [DeclaredRelation.ELSEWHERE, DeclaredRelation.EXTINCT, DeclaredRelation.UNKNOWN_CODE]
    )
    marked = [
        *((flag, facts[flag.value]) for flag in SHAKEN_FLAGS),
        (Flag.DECLARED_MISMATCH, mismatch),
        (Flag.MOBILE_OPERATOR, mobile),
    ]
    out = facts.assign(
        registrant_id=parties.registrant,
        registrant_kind=parties.registrant.map(kinds).astype("str").fillna("unknown"),
        flags=_add_flags(facts["flags"], marked),
        edge_distance_m=pairs.groupby("registration")["edge_distance_m"].min(),
        own_basis=own_basis(parties.registrant, parties).where(is_own),
        activity=column(facts, "activity").fillna("unknown"),
        status=column(facts, "status").fillna("unknown"),
        declared_right_id=column(facts, "declared_right_id"),
    )
    later = dict.fromkeys(_FOUND_LATER)
    return schema.conform(out.assign(**later), schema.REGISTRATIONS)


def _add_flags(flags: pd.Series, marked: Sequence[tuple[Flag, pd.Series]]) -> pd.Series:
    for flag, mask in marked:
        longer = (flags + schema.LIST_SEPARATOR + flag.value).str.strip(schema.LIST_SEPARATOR)
        flags = flags.mask(mask, longer)
    return flags


def lay_out_rights(concessions: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Put the cadastre into the columns of `schema.CONCESSIONS`; what the source lacks is empty."""
    covered = pairs.loc[pairs["covered"].to_numpy(dtype=bool), "concession"].value_counts()
    out = concessions.assign(
        n_registrations=covered.reindex(concessions.index).fillna(0),
        substance=column(concessions, "substance").fillna("unknown"),
    )
    absent = {name: None for name in schema.CONCESSIONS.names if name not in out}
    return schema.conform(out.assign(**absent), schema.CONCESSIONS)


def name_pairs(
    pairs: pd.DataFrame, registrations: pd.DataFrame, concessions: pd.DataFrame
) -> pd.DataFrame:
    """Put codes in the place of positions."""
    return pairs.assign(
        registration_id=registrations["registration_id"].take(pairs["registration"]).array,
        concession_id=concessions["concession_id"].take(pairs["concession"]).array,
    )


def lay_out_ledger(ledger: pd.DataFrame, concessions: pd.DataFrame) -> pd.DataFrame:
    """Put codes in the place of positions of rights."""
    codes = concessions["concession_id"].take(ledger["right"]).array
    return schema.conform(ledger.assign(concession_id=codes), schema.EVIDENCE)


def lay_out_parties(parties: Parties, groups: pd.Series) -> pd.DataFrame:
    """
    Put parties into the columns of `schema.PARTIES`; of joint holders with the members that are named.

    Parameters
    ----------
    groups
        Group of each party number, as the user's table calls it.
    """
    members = parties.members
    joint = members[members["holder_id"] != members["member_id"]]
    told = join_groups(joint["member_id"], joint["holder_id"], schema.LIST_SEPARATOR)
    number = parties.frame["party_id"]
    frame = parties.frame.assign(
        members=number.map(told),
        group=number.map(groups).astype("str"),
        known_as=parties.frame["keys"].astype(object).str.join(schema.LIST_SEPARATOR),
    )
    return schema.conform(frame, schema.PARTIES)


def count_rows(
    raw: Mapping[Role, RawLayer],
    registered: pd.DataFrame,
    cadastre: pd.DataFrame,
    doubts: pd.DataFrame,
) -> dict[str, int]:
    """Count what was read, what came out and what was set aside."""

    def read(role: Role) -> int:
        broken = raw[role].broken
        return len(raw[role].frame) + (0 if broken is None else len(broken))

    return {
        "registrations_read": read(Role.REGISTRATIONS),
        "registrations_classified": len(registered),
        "registrations_set_aside": issues.count_set_aside(doubts, Role.REGISTRATIONS),
        "concessions_read": read(Role.CONCESSIONS),
        "concessions_kept": len(cadastre),
        "concessions_set_aside": issues.count_set_aside(doubts, Role.CONCESSIONS),
    }


def source_row(source: Source) -> dict[str, Any]:
    """Give what pages say of a source."""
    return {
        "role": source.role,
        "name": source.name,
        "rows": source.rows,
        "crs_read": source.crs_read,
        "data_on": source.data_on.isoformat() if source.data_on else None,
        "legend": source.legend,
    }


def tally(doubts: pd.DataFrame) -> dict[str, int]:
    """Count issues as `source/problem/action`."""
    names = doubts["source"] + "/" + doubts["problem"] + "/" + doubts["action"]
    return {str(name): int(count) for name, count in names.value_counts().sort_index().items()}


def keep_for_map(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Keep of a layer what a map shows: names, type, level and shape."""
    shown = ["name", "area_type", "level", "level_code", *REGIONS]
    columns = [name for name in shown if name in frame]
    out = gpd.GeoDataFrame(frame[columns], geometry=shapely.force_2d(frame.geometry.to_numpy()))
    return out.set_crs(schema.OUTPUT_CRS)


def lay_out_cadastre(concessions: pd.DataFrame, hidden: Veil) -> gpd.GeoDataFrame:
    """Put rights that no register was laid over into the columns of their table, persons hidden."""
    said = {name: hidden.hide(concessions[name]) for name in _SAID if name in concessions}
    absent = {c: None for c in schema.CONCESSIONS.names if c not in concessions}
    return schema.conform(concessions.assign(**said, **absent), schema.CONCESSIONS)
