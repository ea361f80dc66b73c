"""The funnel and the tables: every share with its denominator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import (
    UNTESTED_FLAG,
    Activity,
    AsmClass,
    Basis,
    DeclaredRelation,
    Expectation,
    Fault,
    HolderStratum,
    PartyKind,
    Role,
    StratumBasis,
    TitleRelation,
)

Row = dict[str, Any]

_BY_STRATUM = ("_lsm_msm", "_small_scale", "_small_scale_presumed")

FEWEST_OF_A_SEX = 3  # registrants of each sex, or no counts by sex are published


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
    counts = _Counts(registrations, has_registrants=registrants != "none")
    funnel = _funnel(registrations, counts, registrants)
    declared = registrations["declared_right_id"].notna()
    tables = {
        "by_class": counts.split(["asm_class"], "all"),
        "by_class_and_status": counts.split(["asm_class", "status"], "all"),
        "by_status": counts.split(["status"], "all"),
        "by_activity": counts.split(["activity"], "all"),
        "by_basis": _by_basis(registrations, counts),
        "by_stratum": _by_stratum(registrations, counts),
        "stratum_split": _stratum_split(registrations, counts),
        "by_pathway": counts.split(["pathway"], "all"),
        "by_declared_relation": counts.split(["declared_relation"], "declared", declared),
        "by_declared": _by_region(registrations, counts, "declared_relation", declared),
        "by_admin": _by_region(registrations, counts, "asm_class"),
        "by_admin_pathway": _by_region(registrations, counts, "pathway"),
    }
    if registrants != "none":
        tables["by_registrant_kind"] = counts.split(["registrant_kind"], "all")
    withheld: list[str] = []
    if sex is not None:
        natural = registrations["registrant_kind"] == PartyKind.NATURAL
        counts = _Counts(registrations.assign(sex=sex.to_numpy(dtype=object)))
        if _hides_everybody(registrations[natural], sex[natural.to_numpy()]):
            tables["by_sex"] = counts.split(["sex"], "natural_persons", natural)
        else:
            withheld.append("by_sex")
    return {
        "funnel": funnel,
        "tables": tables,
        "withheld": withheld,
        "published": [_compare(dict(figure), funnel) for figure in published],
    }


def _hides_everybody(persons: pd.DataFrame, sex: pd.Series) -> bool:
    """
    Tell whether counts by sex tell no reader the sex of a registrant.

    The register's rows are public, their registrants' sex is not: of a sex with few registrants, or
    of all where there is one sex, the counts would tell it.
    """
    known = persons["registrant_id"].groupby(sex.to_numpy(dtype=object)).nunique()
    return bool((known.reindex(["female", "male"], fill_value=0) >= FEWEST_OF_A_SEX).all())


class _Counts:
    """Counts rows, distinct registrants and distinct points of any part of the register."""

    def __init__(self, registrations: pd.DataFrame, *, has_registrants: bool = True) -> None:
        self._frame = registrations
        self._has_registrants = has_registrants
        self._point = _number_points(registrations)

    def with_column(self, name: str, values: pd.Series) -> _Counts:
        """Give a counter of the same register with one more column."""
        frame = self._frame.assign(**{name: values})
        return _Counts(frame, has_registrants=self._has_registrants)

    def row(self, mask: pd.Series) -> Row:
        chosen = mask.to_numpy(dtype=bool)
        return {
            "registrations": int(chosen.sum()),
            "registrants": int(self._frame["registrant_id"][chosen].nunique())
            if self._has_registrants
            else None,
            "points": int(self._point[chosen].nunique()),
        }

    def share(self, mask: pd.Series, of: pd.Series, denominator: str) -> Row:
        row = self.row(mask)
        whole = int(of.sum())
        row["share"] = row["registrations"] / whole if whole else None
        row["denominator"] = denominator
        row["denominator_registrations"] = whole
        return row

    def split(self, by: list[str], denominator: str, of: pd.Series | None = None) -> list[Row]:
        """Count each value, the most numerous first; combinations of several columns in their order."""
        sizes = self.count(by, denominator, of)
        if len(by) == 1:
            sizes = sizes.sort_values("registrations", ascending=False, kind="stable")
        rows: list[Row] = sizes.to_dict("records")
        return rows

    def count(self, by: list[str], denominator: str, of: pd.Series | None = None) -> pd.DataFrame:
        """Count each combination of values, in their order."""
        keep = np.ones(len(self._frame), bool) if of is None else of.to_numpy(dtype=bool)
        part = self._frame.loc[keep, [*by, "registrant_id"]].assign(point=self._point[keep])
        part[by] = part[by].fillna("")
        grouped = part.groupby(by, sort=True, observed=True)
        sizes = pd.DataFrame(
            {
                "registrations": grouped.size(),
                "registrants": grouped["registrant_id"].nunique()
                if self._has_registrants
                else None,
                "points": grouped["point"].nunique(),
            }
        ).reset_index()
        sizes["share"] = sizes["registrations"] / max(len(part), 1)
        sizes["denominator"] = denominator
        return sizes.assign(denominator_registrations=len(part))


def _number_points(registrations: pd.DataFrame) -> pd.Series:
    """Give equal numbers to equal positions; missing where there is none."""
    geometry = registrations.geometry.to_numpy()
    column, _ = pd.factorize(shapely.get_x(geometry))
    row, _ = pd.factorize(shapely.get_y(geometry))
    number = column.astype("int64") * (row.max(initial=0) + 1) + row
    found = pd.Series(number, index=registrations.index, dtype="Int64")
    return found.mask((column < 0) | (row < 0))


def _funnel(registrations: pd.DataFrame, counts: _Counts, registrants: str) -> list[Row]:
    """Narrow the register down as the published shares do."""
    steps = funnel_steps(registrations, registrants)
    return [{"step": name, **counts.share(mask, of, label)} for name, mask, of, label in steps]


def funnel_steps(
    registrations: pd.DataFrame, registrants: str
) -> list[tuple[str, pd.Series, pd.Series, str]]:
    """Give each step's name, whom it counts, whom it is a share of, and what these are called."""
    relation, stratum = registrations["title_relation"], registrations["holder_stratum"]
    presumed = registrations["stratum_basis"] == StratumBasis.PRESUMED_SMALL
    everything = pd.Series(True, index=registrations.index)
    extraction = registrations["activity"] != Activity.PROCESSING
    by_code = registrations["basis"] == Basis.DECLARED
    located = extraction & (registrations["asm_class"] != AsmClass.UNLOCATABLE) & ~by_code
    inside = located & (registrations["n_rights"] > 0)
    titled = inside & (registrations["n_titles"] > 0)
    third = titled & (relation == TitleRelation.THIRD_PARTY)
    lsm_msm, small = stratum == HolderStratum.LSM_MSM, stratum == HolderStratum.SMALL_SCALE
    unknown = stratum == HolderStratum.UNKNOWN
    steps = [
        ("all", everything, everything, "all"),
        ("extraction", extraction, everything, "all"),
        ("located", located, extraction, "extraction"),
        ("by_declared_right", extraction & by_code, extraction, "extraction"),
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
    untested = registrations["flags"].str.contains(f"{UNTESTED_FLAG}{Role.STRATA}", regex=False)
    if untested.any() and unknown.all():  # nothing tells strata: nought would be a figure
        steps = [step for step in steps if not step[0].endswith(_BY_STRATUM)]
    return steps


def _by_stratum(registrations: pd.DataFrame, counts: _Counts) -> list[Row]:
    third = registrations["title_relation"] == TitleRelation.THIRD_PARTY
    return counts.split(["holder_stratum", "stratum_basis"], "third_party_of_all", third)


def _stratum_split(registrations: pd.DataFrame, counts: _Counts) -> list[Row]:
    """Split the known strata of others' titles: with those that are presumed, and without."""
    third = registrations["title_relation"] == TitleRelation.THIRD_PARTY
    known = third & (registrations["holder_stratum"] != HolderStratum.UNKNOWN)
    stated = known & (registrations["stratum_basis"] != StratumBasis.PRESUMED_SMALL)
    parts = (("with_presumed", known, "third_party_known"), ("without_presumed", stated, "third_party_not_presumed"))  # fmt: skip
    return [
        {"counted": name, **row}
        for name, of, label in parts
        for row in counts.split(["holder_stratum"], label, of)
    ]


def _by_basis(registrations: pd.DataFrame, counts: _Counts) -> list[Row]:
    """Count how many classes rest on what: identity, stratum, penalties, the rights or the ground."""
    basis = class_basis(registrations)
    rows = counts.with_column("class_basis", basis).split(["asm_class", "class_basis"], "all")
    order = {str(asm_class): place for place, asm_class in enumerate(AsmClass)}
    return sorted(rows, key=lambda row: order[row["asm_class"]])


_BASIS_OF_CLASS = {
    AsmClass.ON_IDLE_CLAIM: "penalties",
    AsmClass.ON_PENDING_CLAIM: "rights",
    AsmClass.ON_EXTINCT_CLAIM: "rights",
    AsmClass.ON_OTHER_RIGHT: "rights",
    AsmClass.AMBIGUOUS: "rights",
    AsmClass.OPEN_GROUND: "rights",
    AsmClass.IN_ASM_ZONE: "ground",
    AsmClass.PROHIBITED_AREA: "ground",
    AsmClass.UNLOCATABLE: "nothing",
}


def class_basis(registrations: pd.DataFrame) -> pd.Series:
    """Say what each class rests on: how the holder is known to be the registrant, the stratum's basis…"""
    asm_class = registrations["asm_class"]
    basis = asm_class.map({c.value: b for c, b in _BASIS_OF_CLASS.items()}).astype(object)
    unknown = registrations["title_relation"] == TitleRelation.UNKNOWN
    of_unknown = np.where(unknown, "unknown_identity", "unknown_stratum")
    by_stratum = asm_class.isin([AsmClass.ON_LSM_MSM, AsmClass.ON_SMALL_SCALE])
    basis = basis.mask(asm_class == AsmClass.OWN_TITLE, registrations["own_basis"])
    basis = basis.mask(by_stratum, registrations["stratum_basis"])
    return basis.mask(asm_class == AsmClass.ON_UNKNOWN_HOLDER, of_unknown).astype("str")


def _by_region(
    registrations: pd.DataFrame, counts: _Counts, column: str, of: pd.Series | None = None
) -> list[Row]:
    """Count the values of a column in each region of each level, each region its own whole."""
    levels = ["admin_1", "admin_2", "admin_3"]
    counted = pd.Series(True, index=registrations.index) if of is None else of
    label = "region" if of is None else "declared_of_region"
    used = [name for name in levels if registrations[name].notna().any()]
    parts = []
    for i in range(len(used)):
        by = used[: i + 1]
        # Below the first level a nameless region would repeat the row of the region above it.
        named = counted & registrations[by[-1]].notna() if i else counted
        part = counts.count([*by, column], label, named)
        parts.append(part.assign(**{name: "" for name in levels if name not in by}))
    if not parts:
        return []
    names = [*levels, *(name for name in parts[0] if name not in levels)]
    frame = pd.concat(parts, ignore_index=True)[names]
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
) -> list[Row]:
    """
    Tell which floors of the profile's [expect] a run misses: `fault`, `floor`, `found`.

    Known floors: `min_located_share` of registrations, `min_within_share` of those with a place in the
    rectangle around all rights, `min_known_declared_share` of declared rights that the cadastre has,
    `min_known_status_share` of rights.
    """
    by_code = registrations["basis"] == Basis.DECLARED
    located = ((registrations["asm_class"] != AsmClass.UNLOCATABLE) & ~by_code).mean()
    known = (concessions["status"] != "unknown").mean()
    codes = registrations["declared_relation"].dropna()
    codes = codes[codes != DeclaredRelation.NONE]
    measured = {
        Expectation.MIN_LOCATED_SHARE: located,
        Expectation.MIN_WITHIN_SHARE: _share_within(registrations, concessions),
        Expectation.MIN_KNOWN_DECLARED_SHARE: (codes != DeclaredRelation.UNKNOWN_CODE).mean(),
        Expectation.MIN_KNOWN_STATUS_SHARE: known,
    }
    return [
        {"fault": Fault(name), "floor": floor, "found": float(measured[Expectation(name)])}
        for name, floor in expect.items()
        if name in measured and measured[Expectation(name)] < floor
    ]


def _share_within(registrations: pd.DataFrame, concessions: pd.DataFrame) -> float:
    """Give the share of places in the rectangle around all rights; NaN where there are no places."""
    at = shapely.get_coordinates(registrations.geometry.to_numpy())
    if not len(at):
        return np.nan
    if not len(concessions):
        return 0.0
    west, south, east, north = shapely.total_bounds(concessions.geometry.to_numpy())
    return float(((at >= [west, south]) & (at <= [east, north])).all(axis=1).mean())
