"""The truth of a finished world, laid out: a row a registration, a row a right, a row a right and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoasm.codes import AsmClass, ConcessionStatus
from geoasm.simulate import (
    faults,
    truth,
    truth_evidence,
    truth_ground,
    truth_prospects,
    truth_rasters,
)
from geoasm.simulate.placement import Sites, World
from geoasm.simulate.reading import name_key
from geoasm.simulate.relief import Relief
from geoasm.simulate.scars import Scars
from geoasm.simulate.works import Works

REGION_FIELDS = ("admin_1", "admin_2", "admin_3")
_OF_RIGHTS = (
    "concession_id",
    "kind",
    "status",
    "holder_name",
    "filed_on",
    "filed_hour",
    "datum",
    "origin",
    "crs_used",
    "area_ha",
    "group",
    "holder_stratum",
    "stratum_basis",
    "holder_scale",
    "holder_total_ha",
    "holder_activity",
    "activity_conflict",
    "disturbed_ha",
    "first_growth_year",
    "last_growth_year",
    "growth_known",
    "n_counted",
    "prospect",
    "fault",
)
_OF_ENTRIES = (
    "registration_id",
    "source_row",
    "lon",
    "lat",
    "asm_class",
    "class_at_place",
    "class_if_unlocated",
    "title_relation",
    "concession_id",
    "right_ids",
    "n_rights",
    "n_titles",
    "holder_stratum",
    "stratum_basis",
    "holder_activity",
    "activity_conflict",
    "own_title_contested",
    "co_holder",
    "own_basis",
    "has_contract",
    "setting",
    "not_counted",
    "declared_right_id",
    "declared",
    "fault",
    "fault_outcome",
    "planned",
    *REGION_FIELDS,
)
_BLANK_OF_LOST = (
    "title_relation",
    "holder_stratum",
    "stratum_basis",
    "holder_activity",
    "own_basis",
    "setting",
)


@dataclass(frozen=True)
class Rights:
    """The truth of all rights: `frame` judged to the end, `years` of rasters (None without any)."""

    frame: pd.DataFrame
    years: pd.DataFrame | None


def judge_rights(world: World, works: Works, scars: Scars | None, entries: pd.DataFrame) -> Rights:
    """
    Judge every right with all that is known once everybody has registered.

    Parameters
    ----------
    entries
        `lon`, `lat`, `fault` of the registrations.

    Returns
    -------
    rights
        The rights of `world` with `disturbed_ha`, `first_growth_year`, `last_growth_year`,
        `growth_known` (no close call), and with `holder_activity`, `activity_conflict` anew;
        `activity_unclear` where no plain answer exists.
    """
    rights, law = world.rights, world.law
    idle = truth_evidence.idle_codes(works.penalties, law)
    ids = rights["concession_id"].to_numpy(dtype=object)
    unclear = rights["unclear"].to_numpy(dtype=bool).copy()
    years, disputed = None, np.zeros(len(rights), dtype=bool)
    if scars is not None:
        shown = truth_rasters.show(rights, scars, world.plan)
        told = truth_rasters.tell(shown, scars.years, law).set_index(rights.index)
        years = truth_rasters.by_year(rights, shown, scars.years)
        late = [
            not pd.isna(y) and truth_evidence.is_recent(int(y), law)
            for y in told["last_growth_year"]
        ]
        surely, maybe = _near(world, entries)
        disputed = np.array(late, dtype=bool) & ~surely
        doubtful = (disputed & maybe) | (told["unclear"].to_numpy(dtype=bool) & ~surely)
        unclear |= doubtful & rights["concession_id"].isin(idle).to_numpy(dtype=bool)
        rights = rights.assign(**told.drop(columns="unclear"), growth_known=~told["unclear"])
    at_work = frozenset(np.flatnonzero(rights["at_work"]).tolist())
    judged = truth_evidence.judge(rights, idle, at_work, ids[disputed])
    rights = rights.assign(
        holder_activity=judged["holder_activity"],
        activity_conflict=judged["activity_conflict"],
        activity_unclear=unclear,
    )
    return Rights(rights, years)


def _near(world: World, entries: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Tell on or near which rights somebody is registered for certain, or may be read to be."""
    outcome = entries["fault"].map(faults.outcome)
    reach_m = world.law.number("link_reach_m")
    near = []
    for sure in (True, False):
        there = (outcome.isin([faults.KEPT, faults.SET_ASIDE]) == sure).to_numpy(dtype=bool)
        lon, lat = (entries[c].to_numpy(dtype=float)[there] for c in ("lon", "lat"))
        mask = np.zeros(len(world.rights), dtype=bool)
        mask[truth_ground.within_reach(lon, lat, world.rights, reach_m, world.plan)[1]] = True
        near.append(mask)
    return near[0], near[1]


def answer(
    world: World, records: Sequence[truth.Right], sites: Sites, frame: pd.DataFrame
) -> pd.DataFrame:
    """
    Work out the truth of every registration from its place and its registrant.

    Returns
    -------
    truth
        The index of `frame`: `asm_class`, `class_if_unlocated` (what remains when no position can
        be used: a declared right in force, or nothing), `title_relation`, `concession_id`,
        `right_ids` (senior first), `n_rights`, `n_titles`, `own_title_contested`, `has_contract`, `co_holder`,
        `own_basis`, `is_other` and `is_other_if_unlocated` (the registrant is surely another than the
        holder of the right that decides); `holder_stratum`, `stratum_basis`, `holder_activity` and `activity_conflict` where
        a title in force decided.
    """
    by_code = {r.id: r for r in records}
    spelt = {
        str(name_key(wrong)): (str(name_key(name)), None if pd.isna(said) else str(said))
        for name, wrong, said in zip(
            *(world.holders[c] for c in ("name", "spelling", "alias")), strict=True
        )
        if not pd.isna(wrong)
    }
    rows = []
    columns = (frame["site"], frame["ruc"], frame["known_as"], frame["declared_right_id"])
    for site, ruc, name, declared in zip(*columns, strict=True):
        registrant = truth.registrant_party(ruc, name, spelt)
        stack = tuple(records[i] for i in sites.stack[site])
        found = truth.decide(registrant, stack, sites.closed[site], sites.asm_zone[site])
        right = None if pd.isna(declared) else by_code.get(declared)
        lost, other = AsmClass.UNLOCATABLE, False
        if right is not None and right.status == ConcessionStatus.TITLED:
            lost = truth.class_on_title(registrant, right)[0]
            other = truth.same_holder(registrant, right) is False
        rows.append(
            _row(found, registrant)
            | {"class_if_unlocated": str(lost), "is_other_if_unlocated": other}
        )
    out = pd.DataFrame(rows, index=frame.index)
    third = (out["title_relation"] == "third_party") & out["concession_id"].notna()
    able = third & frame["ruc"].notna()
    of = pd.MultiIndex.from_arrays([out["concession_id"], frame["ruc"]])
    # One contract serves every entry of its registrant on that right.
    out["has_contract"] = able & of.isin(of[able & frame["signed_on"].notna()])
    text = [c for c in out.columns if out[c].dtype == object or str(out[c].dtype) == "str"]
    return out.astype(dict.fromkeys(text, "str"))


def _row(found: truth.Answer, registrant: truth.Party) -> dict[str, object]:
    right = found.right
    titled = right is not None and right.status == ConcessionStatus.TITLED
    own = right is not None and found.asm_class is AsmClass.OWN_TITLE
    return {
        "asm_class": str(found.asm_class),
        "title_relation": str(found.title_relation),
        "concession_id": right.id if right else None,
        "right_ids": ";".join(r.id for r in found.stack) or None,
        "n_rights": len(found.stack),
        "n_titles": sum(r.status == ConcessionStatus.TITLED for r in found.stack),
        "holder_stratum": right.stratum if right and titled else None,
        "stratum_basis": right.basis if right and titled else None,
        "holder_activity": right.activity if right and titled else None,
        "activity_conflict": bool(right and titled and right.conflict),
        "own_title_contested": found.contested,
        "co_holder": bool(right and own and right.is_joint),
        "own_basis": str(truth.own_basis(registrant, right)) if right and own else None,
        "is_other": right is not None and truth.same_holder(registrant, right) is False,
    }


def lay_out(
    world: World,
    sites: Sites,
    rows: pd.DataFrame,
    found: pd.DataFrame,
    entries: pd.DataFrame,
    relief: Relief | None,
) -> pd.DataFrame:
    """Lay out the truth of every row of the register's file, faults and doubles included."""
    entry = rows["entry"].to_numpy()
    out = found.iloc[entry].reset_index(drop=True)
    out["class_at_place"] = out["asm_class"]
    for name in ("registration_id", "source_row", "lon", "lat", "declared", "fault", "planned"):
        out[name] = rows[name]
    out["setting"] = pd.Series(None, index=out.index, dtype="str")
    wet = np.zeros(len(out), dtype=bool)
    if relief is not None:
        lon, lat = (out[c].to_numpy(dtype=float) for c in ("lon", "lat"))
        told = truth_rasters.settings(lon, lat, relief, world.law, world.plan)
        out["setting"] = pd.array(told, dtype="str")
        wet = truth_rasters.near_water(lon, lat, relief, world.law, world.plan)
    out["declared_right_id"] = entries["declared_right_id"].to_numpy(dtype=object)[entry]
    out["fault_outcome"] = pd.array([faults.outcome(f) for f in rows["fault"]], dtype="str")
    tile = sites.tile[rows["site"].to_numpy()]
    for name in REGION_FIELDS:
        out[name] = pd.Series(None, index=out.index, dtype="str")
        if world.admin is not None and name in world.admin.columns:
            out[name] = pd.array(world.admin[name].to_numpy(dtype=object)[tile], dtype="str")
    lost = out["fault_outcome"] == faults.UNLOCATABLE
    out["asm_class"] = out["class_if_unlocated"].where(lost, out["asm_class"])
    nowhere = lost & (out["class_if_unlocated"] == AsmClass.UNLOCATABLE)
    out["concession_id"] = out["concession_id"].mask(lost, out["declared_right_id"])
    out["concession_id"] = out["concession_id"].mask(nowhere)
    out["is_other"] = out["is_other_if_unlocated"].where(lost, out["is_other"])
    out["right_ids"] = out["right_ids"].mask(lost)
    for name in ("n_rights", "n_titles"):
        out[name] = out[name].mask(lost, 0)
    setting = (
        out["setting"].fillna("unknown").mask(out["setting"].isna() & wet).mask(lost, "unknown")
    )
    for name in _BLANK_OF_LOST:
        out[name] = out[name].mask(lost)
    for name in ("own_title_contested", "co_holder", "activity_conflict"):
        out[name] &= ~lost
    status = dict(zip(world.rights["concession_id"], world.rights["status"], strict=True))
    stated = out.assign(status=rows["status"], activity=rows["activity"], setting=setting)
    out["not_counted"] = truth_prospects.of_registrations(stated, status)
    text = dict.fromkeys(("declared_right_id", "concession_id"), "str")
    return out.astype(text)[list(_OF_ENTRIES)]


def lay_out_rights(rights: pd.DataFrame) -> pd.DataFrame:
    """Lay out the truth of every right; empty where it is a question who holds it, or a close call."""
    unclear, open_ = rights["unclear"], rights["activity_unclear"]
    out = rights.assign(
        **{
            c: rights[c].mask(unclear)
            for c in ("holder_stratum", "stratum_basis", "holder_scale", "holder_total_ha", "group")
        },
        holder_activity=rights["holder_activity"].mask(open_),
        activity_conflict=rights["activity_conflict"].astype("boolean").mask(open_),
    )
    kept = [c for c in _OF_RIGHTS if c in out.columns]
    return out[kept].sort_values("concession_id", ignore_index=True)
