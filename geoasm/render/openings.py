"""openings.html: free ground around clusters on one page, with its method and its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from geoasm.areas import LEVELLED_ROLES
from geoasm.codes import USE_OF_GROUND, OpeningGround, OpeningUse, Role
from geoasm.free_ground import FreeGround
from geoasm.geometry import M2_PER_HA
from geoasm.model import ClaimGrid, Result
from geoasm.render import shell
from geoasm.render.labels import Labels
from geoasm.render.openings_map import draw_openings, place_name
from geoasm.render.report_page import page_html
from geoasm.render.report_parts import Block, Drawn, Folded, Items, Listed, Section, lines, loud
from geoasm.render.report_tables import source_table
from geoasm.render.tables import Cell, Table
from geoasm.schema import LIST_SEPARATOR

_MOST_ROWS = 60
_MOST_CELLS = 200
_MAIN = (Role.CONCESSIONS, Role.REGISTRATIONS)
_AREAS = (*LEVELLED_ROLES, Role.MINING_CORRIDOR, Role.ADMIN)


def openings_html(
    found: FreeGround, result: Result, grid: ClaimGrid, tolerance_m2: float, labels: Labels
) -> str:
    """
    Give the page of free ground, which needs nothing.

    Parameters
    ----------
    tolerance_m2
        What a right may share with a cell and still merely adjoin it.
    """
    summary, say = result.summary, labels.text
    return page_html(
        labels,
        [
            _in_brief(found, result, labels),
            _maps(found, result, labels),
            _clusters(found, labels),
            _cells(found, labels),
            _sources(result, labels),
            _method(grid, tolerance_m2, labels),
            _limits(found, labels),
        ],
        title=say("openings.title"),
        subtitle=shell.title(summary, labels, "report.title"),
        dated=say("map.law_date", date=labels.day(summary["on"])),
        foot=say("openings.files"),
    )


def _in_brief(found: FreeGround, result: Result, labels: Labels) -> Section:
    say = labels.text
    blocks: list[Block] = [
        Items(_keys(found, labels), tone="keys"),
        *lines(say("openings.warning"), _absent(result, labels), tone="warning"),
        *lines(
            *(say("report.failed", fault=f) for f in shell.failed(result.summary, labels)),
            tone="warning",
        ),
        *lines("" if len(found.clusters) else say("openings.none")),
    ]
    return Section("summary", say("report.heading_summary"), blocks)


def _absent(result: Result, labels: Labels) -> str | None:
    """Say which layers that close ground, or bound what is known, the run was not given."""
    given = {row["role"] for row in result.summary["sources"]}
    absent = [labels.role(role) for role in _AREAS if role not in given]
    return labels.text("openings.absent", roles=", ".join(absent)) if absent else None


def _keys(found: FreeGround, labels: Labels) -> list[Markup]:
    """Put the figures first that a reader asks for."""
    number, hectares = labels.number, labels.hectares
    clusters, cells = found.clusters, found.cells
    area = cells["area_ha"]
    is_claim = (cells["possible"] == OpeningUse.CLAIM).to_numpy(dtype=bool)
    standing, total = int(clusters["n_standing"].sum()), int(clusters["n_registrations"].sum())

    def key(name: str, **values: str) -> Markup:
        lead = labels.text(f"openings.key_{name}")
        return loud(labels.text(f"openings.of_{name}", **values), lead)

    served = number((clusters["n_openings"] > 0).sum())
    keys = [key("clusters", n=number(len(clusters)), served=served)]
    if len(clusters):
        ha, now, later = (hectares(a.sum(), 0) for a in (area, area[is_claim], area[~is_claim]))
        share = labels.percent(standing / total if total else None)
        keys += [
            key("cells", n=number(len(cells)), ha=ha, looked=number(found.looked)),
            key("claim", ha=now, reserve=later),
            key("standing", n=number(standing), total=number(total), share=share),
        ]
    return [*keys, key("alone", n=number(found.alone))]


def _maps(found: FreeGround, result: Result, labels: Labels) -> Section:
    drawn, left_out = draw_openings(found, result, labels)
    blocks: list[Block] = [Drawn(figure) for figure in drawn]
    if left_out:
        key = "openings.maps_left_out_one" if left_out == 1 else "openings.maps_left_out"
        blocks += lines(labels.text(key, n=labels.number(left_out)), tone="note")
    return Section("maps", labels.text("openings.heading_maps"), blocks)


def _heads(names: Sequence[str], labels: Labels) -> list[str]:
    return [labels.text(f"openings_column.{name}") for name in names]


def _clusters(found: FreeGround, labels: Labels) -> Section | None:
    """Lay the clusters out, those with most registrations inside openings first."""
    if found.clusters.empty:
        return None
    order = ["n_standing", "claim_ha", "open_ha", "cluster_id"]
    rows = found.clusters.sort_values(order, ascending=[False, False, False, True])
    names = (
        *("cluster", "registrations", "standing", "openings"),
        *("claim", "reserve", "block", "free_on", "blocked_by"),
    )
    body = [_cluster_row(row, labels) for row in rows.head(_MOST_ROWS).to_dict("records")]
    blocks: list[Block] = [
        Listed(Table(_heads(names, labels), body), labels.text("openings.caption_clusters"), "wide")
    ]
    if len(rows) > _MOST_ROWS:
        blocks += lines(_cut("openings.cut_clusters", len(rows), _MOST_ROWS, labels), tone="note")
    return Section("clusters", labels.text("openings.heading_clusters"), blocks)


def _cluster_row(row: Mapping[Any, Any], labels: Labels) -> list[Cell]:
    number, say = labels.number, labels.text
    day = row["free_on"]
    on_free = say("openings.on_free", open=number(row["n_open"]), extinct=number(row["n_extinct"]))
    found = say("openings.of_whole", n=number(row["n_openings"]), whole=number(row["n_cells"]))
    n_claims = row["fewest_claims"]
    claims = say("openings.claims", n=number(n_claims)) if n_claims else ""
    return [
        Cell(str(row["cluster_id"]), is_head=True, note=place_name(row, labels)),
        Cell(number(row["n_registrations"]), is_number=True, note=on_free),
        Cell(
            number(row["n_standing"]), is_number=True, note=labels.percent(row["standing_share"], 0)
        ),
        Cell(found, is_number=True),
        Cell(number(row["claim_ha"]), is_number=True),
        Cell(number(row["open_ha"] - row["claim_ha"]), is_number=True),
        Cell(number(row["claim_block_ha"]), is_number=True, note=claims),
        Cell("" if pd.isna(day) else labels.day(day)),
        Cell(_reasons(row["blocked_by"], labels)),
    ]


def _reasons(joined: object, labels: Labels) -> str:
    """Put reasons, as reason=cells joined, into words."""
    if not isinstance(joined, str) or not joined:
        return ""
    pairs = (item.partition("=") for item in joined.split(LIST_SEPARATOR))
    return "; ".join(
        labels.text("openings.blocked", name=labels.code("blocked_by", reason), n=n)
        for reason, _, n in pairs
    )


def _cells(found: FreeGround, labels: Labels) -> Section | None:
    cells = found.cells
    if cells.empty:
        return None
    grounds = [(ground, cells[cells["ground"] == ground]) for ground in OpeningGround]
    body = [
        [
            Cell(labels.code("opening_ground", ground), is_head=True),
            Cell(labels.code("opening_use", USE_OF_GROUND[ground])),
            Cell(labels.number(len(rows)), is_number=True),
            Cell(labels.number(rows["area_ha"].sum()), is_number=True),
        ]
        for ground, rows in grounds
    ]
    heads = _heads(("ground", "possible", "cells", "hectares"), labels)
    caption = labels.text("openings.caption_cells")
    listed: list[Block] = [Listed(_cell_table(cells.head(_MOST_CELLS), labels), caption, "wide")]
    if len(cells) > _MOST_CELLS:
        listed += lines(_cut("openings.cut", len(cells), _MOST_CELLS, labels), tone="note")
    blocks: list[Block] = [
        Listed(Table(heads, body), labels.text("openings.caption_grounds")),
        Folded(caption, listed),
    ]
    return Section("cells", labels.text("openings.heading_cells"), blocks)


def _cell_table(cells: pd.DataFrame, labels: Labels) -> Table:
    names = ("cell", "corner", "ground", "possible", "day", "registrations", "clusters", "restricted")  # fmt: skip
    body = [
        [
            Cell(str(row["cell_id"]), is_head=True),
            Cell(f"{labels.number(row['west_m'])} E, {labels.number(row['south_m'])} N"),
            Cell(labels.code("opening_ground", row["ground"])),
            Cell(labels.code("opening_use", row["possible"])),
            Cell("" if pd.isna(row["free_on"]) else labels.day(row["free_on"])),
            Cell(labels.number(row["n_registrations"]), is_number=True),
            Cell(", ".join(str(row["cluster_ids"]).split(LIST_SEPARATOR))),
            Cell("" if pd.isna(row["restricted"]) else str(row["restricted"])),
        ]
        for row in pd.DataFrame(cells.drop(columns="geometry")).to_dict("records")
    ]
    return Table(_heads(names, labels), body)


def _cut(key: str, n: int, most: int, labels: Labels) -> str:
    return labels.text(key, shown=labels.number(most), n=labels.number(n))


def _sources(result: Result, labels: Labels) -> Section:
    summary, say = result.summary, labels.text
    used = [row for row in summary["sources"] if row["role"] in {*_MAIN, *_AREAS}]
    blocks: list[Block] = [
        Listed(source_table(used, labels), say("map.heading_sources")),
        *lines(*shell.assumed(summary, labels)),
    ]
    return Section("sources", say("report.heading_sources"), blocks)


def _method(grid: ClaimGrid, tolerance_m2: float, labels: Labels) -> Section:
    """Say how it was found, with the numbers of the country's grid."""
    values = {
        "ring": labels.number(grid.ring_cells),
        "side": labels.text("common.kilometres", value=labels.number(grid.cell_m / 1000)),
        "ha": labels.hectares(grid.cell_m**2 / M2_PER_HA, 0),
        "statuses": ", ".join(labels.code("blocked_by", status) for status in grid.blocking),
        "m2": labels.number(tolerance_m2),
        "most": labels.hectares(grid.most_ha, 0),
        "least": labels.hectares(grid.least_ha, 0),
    }
    of = {"grid": "grid", "taken": "search", "block": "claim"}
    told = [
        labels.text(
            f"openings_method.{name}",
            **values,
            reference=_reference(grid, of[name], labels) if name in of else "",
        )
        for name in labels.section("openings_method")
    ]
    return Section("method", labels.text("report.heading_method"), [Items(told, is_ordered=True)])


def _reference(grid: ClaimGrid, of: str, labels: Labels) -> str:
    reference, verified = grid.references[of]
    if not reference:
        return labels.text("openings.no_reference")
    return reference if verified else labels.text("openings.unverified", reference=reference)


def _limits(found: FreeGround, labels: Labels) -> Section:
    unknown = int((found.cells["ground"] == OpeningGround.EXTINCT_UNKNOWN).sum())
    told = [
        labels.text(f"openings_limits.{name}", unknown=labels.number(unknown))
        for name in labels.section("openings_limits")
    ]
    return Section("limits", labels.text("report.heading_limits"), [Items(told)])
