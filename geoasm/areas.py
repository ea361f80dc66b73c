"""What the ground at a point is by itself: closed, restricted, set aside for ASM, a community's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import issues
from geoasm.codes import Action, ClosureLevel, Problem, Role
from geoasm.law import LawAt
from geoasm.parsing.text import fold, fold_series, join_groups
from geoasm.schema import LIST_SEPARATOR

Bools = npt.NDArray[np.bool_]

LEVELLED_ROLES = (
    Role.PROTECTED_AREAS,
    Role.BUFFER_ZONES,
    Role.RESTRICTED_AREAS,
    Role.ANAP,
)


def grade(areas: pd.DataFrame, role: Role, law: LawAt) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give each area the level that the profile's table states for its type.

    The type's name decides, else the letters before the number of its code (PN01 is a PN). A type
    that the table lacks is an issue and only informs; so does an area established after the day.

    Returns
    -------
    areas, issues
        With `level` and `level_code` added.
    """
    rules = [level for level in law.area_levels if level.role == role]
    by_type = {text: rule for rule in rules for text in rule.types}
    everything = next((rule for rule in rules if not rule.types), None)
    blank = pd.Series(pd.NA, index=areas.index, dtype="str")
    names = fold_series(areas.get("area_type", blank).astype("str"))
    letters = fold_series(areas.get("area_code", blank).astype("str")).str.extract(
        r"^([A-Z]+)", expand=False
    )
    rule = names.map(by_type).where(names.isin(list(by_type)), letters.map(by_type))
    if everything is not None:
        rule = rule.where(rule.notna(), pd.Series(everything, index=areas.index, dtype=object))
    out = areas.copy()
    out["level"] = rule.map(lambda r: r.level.value, na_action="ignore").astype("str")
    out["level_code"] = rule.map(lambda r: r.code, na_action="ignore").astype("str")
    unknown = out["level"].isna().to_numpy()
    found = issues.make(
        role,
        Problem.UNKNOWN_TYPE,
        Action.DOUBTED,
        areas.loc[unknown, "source_row"],
        ids=areas.get("area_code", blank)[unknown],
        field="area_type",
        values=areas.get("area_type", blank)[unknown],
        detail="the profile's [[area_level]] table lacks this type: it only informs",
    )
    out["level"] = out["level"].fillna(ClosureLevel.INFO.value)
    out["level"] = out["level"].mask(_is_later(out, law), ClosureLevel.INFO.value)
    return out, found


def _is_later(areas: pd.DataFrame, law: LawAt) -> pd.Series:
    """Tell which areas did not yet exist on the law's day; one without a date did."""
    if "established_on" not in areas:
        return pd.Series(False, index=areas.index)
    return areas["established_on"] > pd.Timestamp(law.on)


def describe_ground(
    n: int,
    layers: Mapping[Role, pd.DataFrame],
    links: Mapping[Role, pd.DataFrame],
    region: pd.Series,
    law: LawAt,
) -> pd.DataFrame:
    """
    Describe the ground at each of `n` registrations.

    Parameters
    ----------
    layers, links
        Graded areas by role, and their pairs with registrations.
    region
        First-level region of each registration; missing where no admin layer was given.

    Returns
    -------
    ground
        RangeIndex of `n` rows: `in_closed_area`, `outside_corridor`, `in_asm_zone`, `in_anap`,
        `in_community` (boolean), `restricted` (codes joined by ;), `closed_since` (the earliest day
        on which ground closed here was established). Areas established after the law's day do not
        count.
    """
    ground = pd.DataFrame(index=pd.RangeIndex(n))
    hard, soft, closed_to_claims = [], [], []
    for role in LEVELLED_ROLES:
        if role in links:
            link, areas = links[role], layers[role].iloc[links[role]["area"]]
            rows = pd.DataFrame(
                {
                    "registration": link["registration"].to_numpy(),
                    "level_code": areas["level_code"].to_numpy(dtype=object),
                    "level": areas["level"].to_numpy(dtype=object),
                    "since": areas["established_on"].to_numpy()
                    if "established_on" in areas
                    else np.datetime64("NaT", "s"),
                }
            )
            hard.append(rows[rows["level"] == ClosureLevel.HARD])
            soft.append(rows[rows["level"] == ClosureLevel.SOFT])
            closed_to_claims.append(rows[no_claims(rows, law)])
    closed = pd.concat(hard) if hard else pd.DataFrame({"registration": [], "since": []})
    limited = pd.concat(soft) if soft else pd.DataFrame({"registration": [], "level_code": []})
    name = law.parameters.get("corridor_region")
    in_region = (fold_series(region) == fold(str(name))).to_numpy(dtype=bool)
    in_closed, outside, in_zone = closed_or_set_aside(n, layers, links, in_region, law)
    ground["in_closed_area"] = pd.array(in_closed, dtype="boolean")
    since = closed.groupby("registration")["since"].min().reindex(ground.index)
    ground["closed_since"] = since.astype("datetime64[s]")
    by = ["registration", "level_code"]
    codes = limited.drop_duplicates(by).sort_values(by)
    joined = join_groups(codes["level_code"], codes["registration"], LIST_SEPARATOR)
    ground["restricted"] = joined.reindex(ground.index).astype("str").fillna("")
    in_anap = _mark(n, pd.concat(closed_to_claims)["registration"] if closed_to_claims else [])
    ground["in_anap"] = pd.array(in_anap, dtype="boolean")
    ground["in_asm_zone"] = pd.array(in_zone, dtype="boolean")
    in_community = _mark_existing(n, Role.COMMUNITIES, layers, links, law)
    ground["in_community"] = pd.array(in_community, dtype="boolean")
    ground["outside_corridor"] = pd.array(outside, dtype="boolean")
    return ground


def closed_or_set_aside(
    n: int,
    layers: Mapping[Role, pd.DataFrame],
    links: Mapping[Role, pd.DataFrame],
    in_region: Bools,
    law: LawAt,
) -> tuple[Bools, Bools, Bools]:
    """
    Tell what of the ground at each of `n` points can decide a class.

    Parameters
    ----------
    layers, links
        As of `describe_ground`.
    in_region
        Whether each point is in the corridor's region.

    Returns
    -------
    closed, outside, in_zone
        On ground closed by a hard area; in the corridor's region and not in the corridor, False unless
        both layers are given; on ground set aside for ASM.
    """
    closed = np.zeros(n, dtype=bool)
    for role in LEVELLED_ROLES:
        if role in links:
            is_hard = (layers[role]["level"] == ClosureLevel.HARD).to_numpy(dtype=bool)
            closed |= _mark(n, links[role]["registration"][is_hard[links[role]["area"]]])
    outside = np.zeros(n, dtype=bool)
    if "corridor_region" in law.parameters and {Role.MINING_CORRIDOR, Role.ADMIN} <= set(links):
        outside = in_region & ~_mark(n, links[Role.MINING_CORRIDOR]["registration"])
    return closed, outside, _mark_existing(n, Role.ASM_ZONES, layers, links, law)


def no_claims(areas: pd.DataFrame, law: LawAt) -> npt.NDArray[np.bool_]:
    """Tell which areas (`level_code`, `level`) admit no claims."""
    codes = {rule.code for rule in law.area_levels if rule.role == Role.ANAP}
    told = areas["level_code"].isin(codes) & (areas["level"] != ClosureLevel.INFO)
    return np.asarray(told, dtype=bool)


def _mark(n: int, rows: pd.Series | list[int]) -> Bools:
    mask = np.zeros(n, dtype=bool)
    mask[np.asarray(rows, dtype=np.intp)] = True
    return mask


def _mark_existing(
    n: int,
    role: Role,
    layers: Mapping[Role, pd.DataFrame],
    links: Mapping[Role, pd.DataFrame],
    law: LawAt,
) -> Bools:
    """Mark points in areas that were there on the law's day."""
    if role not in links:
        return np.zeros(n, dtype=bool)
    rows = links[role]
    if role in layers:
        rows = rows[~_is_later(layers[role], law).to_numpy()[rows["area"]]]
    return _mark(n, rows["registration"])
