"""What the ground at a point is by itself: closed, restricted, set aside for ASM, a community's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geoasm import issues
from geoasm.codes import Action, ClosureLevel, Problem, Role
from geoasm.law import LawAt
from geoasm.parsing.text import fold, fold_series
from geoasm.schema import LIST_SEPARATOR

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
    hard, soft, no_claims = [], [], []
    closed_to_claims = {rule.code for rule in law.area_levels if rule.role == Role.ANAP}
    for role in LEVELLED_ROLES:
        if role in links:
            link, areas = links[role], layers[role].iloc[links[role]["area"]]
            rows = pd.DataFrame(
                {
                    "registration": link["registration"].to_numpy(),
                    "code": areas["level_code"].to_numpy(dtype=object),
                    "level": areas["level"].to_numpy(dtype=object),
                    "since": areas["established_on"].to_numpy()
                    if "established_on" in areas
                    else np.datetime64("NaT", "s"),
                }
            )
            hard.append(rows[rows["level"] == ClosureLevel.HARD])
            soft.append(rows[rows["level"] == ClosureLevel.SOFT])
            no_claims.append(
                rows[rows["code"].isin(closed_to_claims) & (rows["level"] != ClosureLevel.INFO)]
            )
    closed = pd.concat(hard) if hard else pd.DataFrame({"registration": [], "since": []})
    limited = pd.concat(soft) if soft else pd.DataFrame({"registration": [], "code": []})
    ground["in_closed_area"] = _mark(n, closed["registration"])
    since = closed.groupby("registration")["since"].min().reindex(ground.index)
    ground["closed_since"] = since.astype("datetime64[s]")
    codes = limited.drop_duplicates(["registration", "code"]).sort_values(["registration", "code"])
    joined = codes.groupby("registration")["code"].agg(LIST_SEPARATOR.join)
    ground["restricted"] = joined.reindex(ground.index).astype("str").fillna("")
    ground["in_anap"] = _mark(n, pd.concat(no_claims)["registration"] if no_claims else [])
    for name, role in (("in_asm_zone", Role.ASM_ZONES), ("in_community", Role.COMMUNITIES)):
        rows = links[role] if role in links else pd.DataFrame({"registration": []})
        if role in layers:
            rows = rows[~_is_later(layers[role], law).to_numpy()[rows["area"]]]
        ground[name] = _mark(n, rows["registration"])
    ground["outside_corridor"] = _outside_corridor(n, links, region, law)
    return ground


def _mark(n: int, rows: pd.Series | list[int]) -> pd.array:
    mask = np.zeros(n, dtype=bool)
    mask[np.asarray(rows, dtype=np.intp)] = True
    return pd.array(mask, dtype="boolean")


def _outside_corridor(
    n: int, links: Mapping[Role, pd.DataFrame], region: pd.Series, law: LawAt
) -> pd.array:
    """Inside the corridor's region and not in the corridor; False unless both layers are given."""
    name = law.parameters.get("corridor_region")
    if name is None or Role.MINING_CORRIDOR not in links or Role.ADMIN not in links:
        return _mark(n, [])
    inside = _mark(n, links[Role.MINING_CORRIDOR]["registration"])
    in_region = (fold_series(region) == fold(name)).to_numpy(dtype=bool)
    return pd.array(in_region & ~np.asarray(inside, dtype=bool), dtype="boolean")
