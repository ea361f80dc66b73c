"""The funnel and the tables: every share with its denominator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoasm.codes import (
    Activity,
    AsmClass,
    HolderStratum,
    PartyKind,
    StratumBasis,
    TitleRelation,
)

Row = dict[str, Any]


def summarize(
    registrations: pd.DataFrame,
    *,
    registrants: str = "persons",
    sex: pd.Series | None = None,
    published: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """
    Count registrations, registrants and points by class, stratum, status and region.

    Parameters
    ----------
    registrations
        Columns of `schema.REGISTRATIONS`.
    registrants
        "none" where the register has no persons: then nothing is own or another's, and titles are
        split by stratum as they are.
    sex
        Sex of each registrant where the register has such a column; natural persons only count.
    published
        Figures of the literature, to stand beside ours.

    Returns
    -------
    summary
        `funnel`, `tables` (name to rows) and `published`; each row has `registrations`,
        `registrants`, `points`, `share`, `denominator`, `denominator_registrations`.
    """
    counts = _Counts(registrations)
    funnel = _funnel(registrations, counts, registrants)
    tables = {
        "by_class": counts.split(["asm_class"], "all"),
        "by_class_and_status": counts.split(["asm_class", "status"], "all"),
        "by_status": counts.split(["status"], "all"),
        "by_activity": counts.split(["activity"], "all"),
        "by_stratum": _by_stratum(registrations, counts),
        "by_pathway": counts.split(["pathway"], "all"),
        "by_registrant_kind": counts.split(["registrant_kind"], "all"),
        "by_admin": _by_admin(registrations, counts),
    }
    if sex is not None:
        natural = registrations["registrant_kind"] == PartyKind.NATURAL
        counts = _Counts(registrations.assign(sex=sex.to_numpy(dtype=object)))
        tables["by_sex"] = counts.split(["sex"], "natural_persons", natural)
    return {
        "funnel": funnel,
        "tables": tables,
        "published": [_compare(dict(figure), funnel) for figure in published],
    }


class _Counts:
    """Counts rows, distinct registrants and distinct points of any part of the register."""

    def __init__(self, registrations: pd.DataFrame) -> None:
        self._frame = registrations
        point = registrations.geometry.to_wkb()
        self._point = point.where(registrations.geometry.notna())

    def row(self, mask: pd.Series) -> Row:
        part = self._frame[mask.to_numpy(dtype=bool)]
        return {
            "registrations": len(part),
            "registrants": int(part["registrant_id"].nunique()),
            "points": int(self._point[mask.to_numpy(dtype=bool)].nunique()),
        }

    def share(self, mask: pd.Series, of: pd.Series, denominator: str) -> Row:
        row = self.row(mask)
        whole = int(of.sum())
        row["share"] = row["registrations"] / whole if whole else None
        row["denominator"] = denominator
        row["denominator_registrations"] = whole
        return row

    def split(self, by: list[str], denominator: str, of: pd.Series | None = None) -> list[Row]:
        """Count each combination of values, the most numerous first."""
        keep = np.ones(len(self._frame), bool) if of is None else of.to_numpy(dtype=bool)
        part = self._frame[keep].assign(point=self._point[keep])
        part[by] = part[by].fillna("")
        grouped = part.groupby(by, sort=True, observed=True)
        sizes = pd.DataFrame(
            {
                "registrations": grouped.size(),
                "registrants": grouped["registrant_id"].nunique(),
                "points": grouped["point"].nunique(),
            }
        ).reset_index()
        sizes["share"] = sizes["registrations"] / max(len(part), 1)
        sizes["denominator"] = denominator
        sizes["denominator_registrations"] = len(part)
        if len(by) == 1:
            sizes = sizes.sort_values("registrations", ascending=False, kind="stable")
        rows: list[Row] = sizes.to_dict("records")
        return rows


def _funnel(registrations: pd.DataFrame, counts: _Counts, registrants: str) -> list[Row]:
    """Narrow the register down as the published shares do."""
    relation, stratum = registrations["title_relation"], registrations["holder_stratum"]
    presumed = registrations["stratum_basis"] == StratumBasis.PRESUMED_SMALL
    everything = pd.Series(True, index=registrations.index)
    extraction = registrations["activity"] != Activity.PROCESSING
    located = extraction & (registrations["asm_class"] != AsmClass.UNLOCATABLE)
    inside = located & (registrations["n_rights"] > 0)
    titled = inside & relation.isin(
        [TitleRelation.OWN, TitleRelation.THIRD_PARTY, TitleRelation.UNKNOWN]
    )
    third = titled & (relation == TitleRelation.THIRD_PARTY)
    lsm_msm, small = stratum == HolderStratum.LSM_MSM, stratum == HolderStratum.SMALL_SCALE
    unknown = stratum == HolderStratum.UNKNOWN
    steps = [
        ("all", everything, everything, "all"),
        ("extraction", extraction, everything, "all"),
        ("located", located, extraction, "extraction"),
        ("inside_any_right", inside, extraction, "extraction"),
        ("on_title_in_force", titled, extraction, "extraction"),
    ]
    if registrants == "none":
        steps += [
            ("on_title_lsm_msm", titled & lsm_msm, titled, "on_title_in_force"),
            ("on_title_small_scale", titled & small, titled, "on_title_in_force"),
            ("on_title_stratum_unknown", titled & unknown, titled, "on_title_in_force"),
        ]
    else:
        own, doubtful = relation == TitleRelation.OWN, relation == TitleRelation.UNKNOWN
        steps += [
            ("own_title", titled & own, titled, "on_title_in_force"),
            ("third_party", third, titled, "on_title_in_force"),
            ("title_unknown", titled & doubtful, titled, "on_title_in_force"),
            ("third_party_lsm_msm", third & lsm_msm, third, "third_party"),
            ("third_party_small_scale", third & small, third, "third_party"),
            ("third_party_small_scale_presumed", third & small & presumed, third, "third_party"),
            ("third_party_unknown", third & unknown, third, "third_party"),
        ]
    return [{"step": name, **counts.share(mask, of, label)} for name, mask, of, label in steps]


def _by_stratum(registrations: pd.DataFrame, counts: _Counts) -> list[Row]:
    third = registrations["title_relation"] == TitleRelation.THIRD_PARTY
    return counts.split(["holder_stratum", "stratum_basis"], "third_party_of_all", third)


def _by_admin(registrations: pd.DataFrame, counts: _Counts) -> list[Row]:
    levels = ["admin_1", "admin_2", "admin_3"]
    used = [name for name in levels if registrations[name].notna().any()]
    rows: list[Row] = []
    for i in range(len(used)):
        by = used[: i + 1]
        # Below the first level a nameless region would repeat the row of the region above it.
        named = registrations[by[-1]].notna() if i else None
        for row in counts.split([*by, "asm_class"], "region", named):
            rows.append({**dict.fromkeys(levels, ""), **row})
    return _share_of_region(rows, levels)


def _share_of_region(rows: list[Row], levels: list[str]) -> list[Row]:
    if not rows:
        return rows
    frame = pd.DataFrame(rows)
    whole = frame.groupby(levels)["registrations"].transform("sum")
    frame["share"] = frame["registrations"] / whole
    frame["denominator_registrations"] = whole
    out: list[Row] = frame.to_dict("records")
    return out


_OURS = {
    "registrations": ("all", "registrations"),
    "own_title_share": ("own_title", "share"),
    "third_party_share": ("third_party", "share"),
    "lsm_msm_share_of_third_party": ("third_party_lsm_msm", "share"),
    "small_scale_share_of_third_party": ("third_party_small_scale", "share"),
    "inside_right_share_of_extraction": ("inside_any_right", "share"),
}


def _compare(figure: Row, funnel: list[Row]) -> Row:
    """Put our figure beside a published one; the universes differ, so neither is a target."""
    step, column = _OURS.get(figure["figure"], ("", ""))
    ours = next((row for row in funnel if row["step"] == step), {})
    return {
        **figure,
        "ours": ours.get(column),
        "ours_denominator": ours.get("denominator"),
        "ours_denominator_registrations": ours.get("denominator_registrations"),
    }


def failed_expectations(
    registrations: pd.DataFrame, concessions: pd.DataFrame, expect: Mapping[str, float]
) -> list[str]:
    """
    Tell which floors of the profile's [expect] a run misses.

    Known floors: `min_located_share` of registrations, `min_known_status_share` of rights.
    """
    located = (registrations["asm_class"] != AsmClass.UNLOCATABLE).mean()
    known = (concessions["status"] != "unknown").mean()
    measured = {"min_located_share": located, "min_known_status_share": known}
    return [
        f"{name}: expected at least {floor:.2f}, found {measured[name]:.2f}"
        for name, floor in expect.items()
        if name in measured and measured[name] < floor
    ]
