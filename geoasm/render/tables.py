"""Tables of a report: heads and cells in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from markupsafe import Markup

from geoasm.codes import AsmClass, Pathway
from geoasm.render.labels import Labels
from geoasm.render.swatches import class_swatch

Row = Mapping[str, Any]

_ADMIN = ("admin_1", "admin_2", "admin_3")
_GROUNDS = ("closed", "titled", "pending", "extinct", "other", "unknown", "free")
_RELATIONS = ("agrees", "near", "elsewhere", "extinct", "unknown_code")
_HALF = 0.5  # hectares
_LARGE = 1000.0  # hectares from which a tenth says nothing
_DISAGREEING = ("elsewhere", "extinct", "unknown_code")
# Columns that say which part of the register a row counts, and the catalogue section of their codes.
_KEYS = {
    "asm_class": "asm_class",
    "status": "registration_status",
    "activity": "activity",
    "sex": "sex",
    "pathway": "pathway",
    "registrant_kind": "party_kind",
    "holder_stratum": "holder_stratum",
    "stratum_basis": "stratum_basis",
    "class_basis": "class_basis",
    "counted": "counted",
}


@dataclass(frozen=True)
class Cell:
    """One cell; a head names its row, `depth` sets it in, a `note` stands under the text, an `icon` before."""

    text: str
    is_head: bool = False
    is_number: bool = False
    depth: int = 0
    note: str = ""
    icon: str = ""
    is_loud: bool = False

    COUNTS: ClassVar = ("registrations", "registrants", "points")


@dataclass(frozen=True)
class Table:
    """Column heads and rows of cells; `icons` stand over the heads, where given."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    icons: Sequence[Markup] = ()
    denominator: str = ""


def count_table(rows: Sequence[Row], labels: Labels) -> Table:
    """Lay out one table of a summary: its keys, three counts and the share."""
    if not rows:
        return Table([], [])
    keys = [key for key in rows[0] if key in _KEYS]
    heads = [labels.text(f"column.{c}") for c in (*keys, *Cell.COUNTS, "share")]
    body = [
        [
            *(Cell(_code(row[key], key, labels), is_head=key == keys[0]) for key in keys),
            *(Cell(labels.number(row[c]), is_number=True) for c in Cell.COUNTS),
            Cell(labels.percent(row["share"]), is_number=True),
        ]
        for row in rows
    ]
    whole = rows[0]["denominator_registrations"]
    said = f"{labels.code('denominator', rows[0]['denominator'])} ({labels.number(whole)})"
    return Table(heads, body, denominator=said)


def split_table(rows: Sequence[Row], labels: Labels) -> Table:
    """Lay out a split that is counted in several ways, each share with its own whole."""
    heads = [
        labels.text(f"column.{c}") for c in ("counted", "holder_stratum", "registrations", "share")
    ]
    body = [
        [
            Cell(labels.code("counted", row["counted"]), is_head=True),
            Cell(labels.code("holder_stratum", row["holder_stratum"])),
            Cell(labels.number(row["registrations"]), is_number=True),
            Cell(
                labels.percent(row["share"]),
                note=labels.text(
                    "common.of_total",
                    denominator=labels.code("denominator", row["denominator"]),
                    total=labels.number(row["denominator_registrations"]),
                ),
            ),
        ]
        for row in rows
    ]
    return Table(heads, body)


def region_level(frame: pd.DataFrame) -> int:
    """
    Give the level of regions (1 to 3) that a page shows: the first that parts the area at all.

    Parameters
    ----------
    frame
        `admin_1` to `admin_3`, empty or missing beyond the level of a row.
    """
    names = _names_by_level(frame)
    return next((i for i in names if len(names[i]) > 1), max(names, default=1))


def _names_by_level(frame: pd.DataFrame) -> dict[int, set[str]]:
    """Give the regions of each level that has any; a layer may lack the middle one."""
    names = {i: set(frame[c].dropna()) - {""} for i, c in enumerate(_ADMIN, start=1)}
    return {i: found for i, found in names.items() if found}


def region_name(place: Sequence[str], nameless: str) -> str:
    """Name a region by its finest level."""
    return next((str(name) for name in reversed(list(place)) if name), nameless)


def admin_table(rows: Sequence[Row], labels: Labels, *, finer: bool = False) -> Table:
    """
    Lay out registrations by region and class: regions down, classes across.

    Parameters
    ----------
    finer
        Go to the next level with names below the one that a page shows; empty where there is none.
    """
    swatches = {str(c): class_swatch(c) for c in AsmClass}
    return _region_table(rows, "asm_class", swatches, labels, finer=finer)


def pathway_table(rows: Sequence[Row], labels: Labels) -> Table:
    """Lay out registrations by region and pathway: regions down, pathways across."""
    return _region_table(rows, "pathway", {str(p): Markup("") for p in Pathway}, labels)


def _region_table(
    rows: Sequence[Row],
    column: str,
    icons: Mapping[str, Markup],
    labels: Labels,
    *,
    finer: bool = False,
) -> Table:
    if not rows:
        return Table([], [])
    frame = pd.DataFrame(rows)
    level = region_level(frame)
    if finer:
        level = next((below for below in _names_by_level(frame) if below > level), 0)
        if not level:
            return Table([], [])
    frame = _down_to(frame, level)
    wide = frame.pivot_table(
        index=list(_ADMIN), columns=column, values="registrations", aggfunc="sum", fill_value=0
    ).sort_index()
    codes = [code for code in icons if code in wide.columns]
    body = [
        [
            _region(place, labels.text("common.no_region")),
            Cell(labels.number(counts.sum()), is_number=True),
            *(Cell(labels.number(counts[code]), is_number=True) for code in codes),
        ]
        for place, counts in wide.iterrows()
    ]
    heads = [labels.text("column.region"), labels.text("column.total")]
    return Table(
        [*heads, *(labels.code(_KEYS[column], code) for code in codes)],
        body,
        [Markup(""), Markup(""), *(icons[code] for code in codes)],
    )


def _down_to(frame: pd.DataFrame, level: int) -> pd.DataFrame:
    """Keep the rows of regions down to a level; the finer ones are in the tables of the run."""
    frame = frame.assign(**{c: frame[c].fillna("").astype(object) for c in _ADMIN})
    return frame[(frame[list(_ADMIN[level:])] == "").all(axis=1)]


def declared_table(whole: Sequence[Row], regions: Sequence[Row], labels: Labels) -> Table:
    """Lay out declared rights against points: regions down, relations across, and who disagrees."""
    if not whole:
        return Table([], [])
    frame = pd.DataFrame([*({**dict.fromkeys(_ADMIN, ""), **row} for row in whole), *regions])
    frame["is_part"] = [False] * len(whole) + [True] * len(regions)
    frame = _down_to(frame, region_level(frame))
    relations = [r for r in (*_RELATIONS, "") if (frame["declared_relation"] == r).any()]
    body = []
    for (is_part, *place), part in frame.groupby(["is_part", *_ADMIN], sort=True):
        counts = part.set_index("declared_relation")["registrations"].reindex(relations).fillna(0)
        apart = counts[counts.index.isin(_DISAGREEING)].sum() / counts.sum()
        nameless = "common.no_region" if is_part else "common.whole_area"
        row = [
            _region(place, labels.text(nameless)),
            Cell(labels.number(counts.sum()), is_number=True),
            *(Cell(labels.number(count), is_number=True) for count in counts),
            Cell(labels.percent(apart), is_number=True),
        ]
        body.append(row)
    heads = [labels.text("column.region"), labels.text("column.declared")]
    named = [
        labels.code("declared_relation", r) if r else labels.text("column.no_point")
        for r in relations
    ]
    return Table([*heads, *named, labels.text("column.disagree")], body)


def territory_table(territory: pd.DataFrame, labels: Labels) -> Table:
    """Lay out ground by region and kind, each hectare once: hectares and share of the region."""
    if territory.empty:
        return Table([], [])
    frame = _down_to(territory, region_level(territory))
    grounds = [g for g in _GROUNDS if (frame["ground"] == g).any()]
    columns = [*_ADMIN, "ground", "net_ha", "net_share"]
    rows = frame[columns].itertuples(index=False, name=None)
    once = {tuple(key): (net, share) for *key, net, share in rows}
    nothing = (np.nan, np.nan)
    body = [
        [
            _region(place, labels.text("common.whole_area")),
            Cell(labels.number(whole), is_number=True),
            *(_ground(once.get((*place, ground), nothing), labels) for ground in grounds),
        ]
        for place, whole in frame.groupby(list(_ADMIN), sort=True)["region_ha"].first().items()
    ]
    heads = [labels.text("column.region"), labels.text("column.area")]
    return Table([*heads, *(labels.code("ground", g) for g in grounds)], body)


def _ground(measured: tuple[float, float], labels: Labels) -> Cell:
    hectares, share = measured
    if hectares < _HALF:  # what is left over of a subtraction is no ground, nor less than none
        hectares, share = 0.0, share * 0.0
    note = "" if pd.isna(share) else labels.percent(share)
    return Cell(labels.number(hectares), is_number=True, note=note)


def _region(place: Any, nameless: str) -> Cell:
    """Name a region by its finest level, set in by how fine that is."""
    depth = max(sum(bool(name) for name in place) - 1, 0)
    return Cell(region_name(place, nameless), is_head=True, depth=depth)


def _code(value: Any, key: str, labels: Labels) -> str:
    return labels.code(_KEYS[key], value or None)


def overlaps_table(ground: Mapping[str, Any], labels: Labels) -> Table:
    """Lay out the report of ground: hectares by depth where measured, then pairs and by status."""

    def row(name: str, pairs: int | None, hectares: float, depth: int = 0) -> list[Cell]:
        return [
            Cell(name, is_head=True, depth=depth),
            Cell("" if pairs is None else labels.number(pairs), is_number=True),
            Cell(labels.hectares(hectares, int(hectares < _LARGE)), is_number=True),
        ]

    depths = ("rights", "union", "double_counted", "once", "twice", "more")
    rows = [
        row(labels.text(f"overlaps.{name}"), None, ground[f"{name}_ha"])
        for name in depths
        if f"{name}_ha" in ground
    ]
    rows.append(row(labels.text("overlaps.pairs"), ground["pairs"], ground["overlap_ha"]))
    for pair in sorted(ground["by_status"], key=lambda pair: -pair["overlap_ha"]):
        both = (labels.code("concession_status", pair[f"status_{side}"]) for side in "ab")
        rows.append(row(" / ".join(both), pair["pairs"], pair["overlap_ha"], depth=1))
    heads = [labels.text(f"overlaps.{name}") for name in ("what", "count", "ground")]
    return Table(heads, rows)
