"""Maps of free ground: openings, clusters and what stands around them, a drawing for each place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup

from geoasm.codes import AsmClass, ClosureLevel, ConcessionStatus, OpeningGround
from geoasm.free_ground import FreeGround
from geoasm.model import Result
from geoasm.render.figures import WIDTH, Figure, marker, svg
from geoasm.render.labels import Labels
from geoasm.render.paper import (
    FOOT,
    Box,
    Paper,
    draw_areas,
    draw_foot,
    draw_marks,
    fit_paper,
    nearest_place,
    part_places,
)
from geoasm.render.styles import (
    BACKGROUND,
    CLASS_STYLES,
    CLOSED_STYLE,
    CLUSTER_STYLE,
    OPENING_STYLES,
    STATUS_ORDER,
    STATUS_STYLES,
)
from geoasm.render.swatches import class_swatch, swatch

MOST_MAPS = 6
_MARKER = 3.2
_ADMIN = ["admin_1", "admin_2", "admin_3"]


def draw_openings(found: FreeGround, result: Result, labels: Labels) -> tuple[list[Figure], int]:
    """
    Draw the places where openings and their clusters lie, those with most registrations inside first.

    Returns
    -------
    figures, left_out
        At most `MOST_MAPS` drawings, and how many places are not drawn.
    """
    clusters = found.clusters[found.clusters["geometry"].notna().to_numpy()]
    if clusters.empty:
        return [], 0
    columns = (clusters["geometry"], found.cells["geometry"])
    places = part_places(np.concatenate([c.to_numpy(dtype=object) for c in columns]))
    of_cluster, of_cell = (nearest_place(places, column) for column in columns)
    inside = clusters["n_standing"].to_numpy(dtype=float)
    n = len(places)
    weight = np.bincount(of_cluster, inside, minlength=n)
    cells = np.bincount(of_cell, minlength=n)
    drawn = np.lexsort((np.arange(n), -cells, -weight))[:MOST_MAPS]
    closed = _closed(result)
    maps = [
        _draw(
            clusters[of_cluster == at],
            found.cells[of_cell == at],
            result,
            closed,
            number,
            labels,
        )
        for number, at in enumerate(drawn, start=1)
    ]
    return maps, n - len(drawn)


def _closed(result: Result) -> pd.DataFrame:
    parts = [
        frame.loc[(frame["level"] == ClosureLevel.HARD).to_numpy(dtype=bool), ["geometry"]]
        for frame in result.context.values()
        if "level" in frame
    ]
    return pd.DataFrame(pd.concat(parts) if parts else pd.DataFrame({"geometry": []}))


def _draw(
    clusters: pd.DataFrame,
    cells: pd.DataFrame,
    result: Result,
    closed: pd.DataFrame,
    number: int,
    labels: Labels,
) -> Figure:
    paper = fit_paper([clusters["geometry"], cells["geometry"]])
    rights = _within(result.concessions, paper)
    order = pd.Series(range(len(STATUS_ORDER)), index=[str(s) for s in STATUS_ORDER])
    rank = rights["status"].astype(object).map(order)
    rights = rights.assign(rank=rank).sort_values(
        ["rank", "area_ha", "concession_id"], ascending=[True, False, True]
    )
    closed = _within(closed, paper)
    registrations = _within(result.registrations, paper)
    body = Markup('<rect width="{}" height="{:.1f}" fill="{}"/>').format(
        WIDTH, paper.height, BACKGROUND
    )
    body += draw_areas(paper, closed, [CLOSED_STYLE] * len(closed))
    body += draw_areas(
        paper, rights, [STATUS_STYLES[ConcessionStatus(s)] for s in rights["status"]]
    )
    body += draw_areas(paper, cells, [OPENING_STYLES[OpeningGround(g)] for g in cells["ground"]])
    body += draw_areas(paper, clusters, [CLUSTER_STYLE] * len(clusters))
    body += _points(paper, registrations)
    taken: list[Box] = []
    marks = [labels.text("dossier.cluster_mark", number=n) for n in clusters["cluster_id"]]
    body += draw_marks(paper, clusters, marks, CLUSTER_STYLE, taken)
    body += draw_foot(paper, labels)
    caption = labels.text(
        "openings.map_caption",
        number=number,
        place=_main_place(clusters, labels),
        cells=labels.number(len(cells)),
        clusters=labels.number(len(clusters)),
        rights=labels.number(len(rights)),
    )
    drawing = svg(body, WIDTH, paper.height + FOOT, caption, f"map-{number}")
    legend = list(_legend(cells, clusters, closed, rights, registrations, labels))
    return Figure(drawing, caption, legend)


def _within(rows: pd.DataFrame, paper: Paper) -> pd.DataFrame:
    """Keep what lies on the paper, cut at its edges."""
    shapes = rows["geometry"].to_numpy(dtype=object)
    there = ~shapely.is_missing(shapes)
    there[there] = shapely.intersects(shapes[there], shapely.box(*paper.ends))
    cut = shapely.clip_by_rect(shapes[there], *paper.ends)
    return pd.DataFrame(rows[there]).assign(geometry=cut)


def _points(paper: Paper, rows: pd.DataFrame) -> Markup:
    order = rows.sort_values("registration_id")
    placed = shapely.get_coordinates(paper.place(order["geometry"].to_numpy(dtype=object)))
    return Markup("").join(
        marker(CLASS_STYLES[AsmClass(asm_class)], x, y, _MARKER, halo=0.5)
        for (x, y), asm_class in zip(placed, order["asm_class"], strict=True)
    )


def place_name(cluster: Mapping[str, Any], labels: Labels) -> str:
    """Name the regions of a cluster from the first level down; without the first it has none."""
    if pd.isna(cluster["admin_1"]):
        return labels.text("common.no_region")
    names = (cluster[level] for level in _ADMIN)
    return " › ".join(name for name in names if not pd.isna(name) and name)


def _main_place(clusters: pd.DataFrame, labels: Labels) -> str:
    """Name the region of most of some clusters' registrations."""
    known = clusters.dropna(subset=["admin_1"])
    if known.empty:
        return labels.text("common.no_region")
    told = pd.DataFrame(known[_ADMIN]).astype(object).fillna("")
    weight = known["n_registrations"].astype(float).groupby([told[c] for c in _ADMIN]).sum()
    first = weight.sort_index().sort_values(ascending=False, kind="stable").index[0]
    return place_name(dict(zip(_ADMIN, first, strict=True)), labels)


def _legend(
    cells: pd.DataFrame,
    clusters: pd.DataFrame,
    closed: pd.DataFrame,
    rights: pd.DataFrame,
    registrations: pd.DataFrame,
    labels: Labels,
) -> Iterator[tuple[Markup, str]]:
    def counted(name: str, n: int) -> str:
        return labels.text("openings.count", name=name, n=labels.number(n))

    for ground in OpeningGround:
        if n := int((cells["ground"] == ground).sum()):
            yield swatch(OPENING_STYLES[ground]), counted(labels.code("opening_ground", ground), n)
    yield swatch(CLUSTER_STYLE), labels.text("openings.legend_cluster", n=labels.number(len(clusters)))  # fmt: skip
    for status in ConcessionStatus:
        if n := int((rights["status"] == status).sum()):
            yield swatch(STATUS_STYLES[status]), counted(labels.code("concession_status", status), n)  # fmt: skip
    if len(closed):
        yield swatch(CLOSED_STYLE), labels.text("openings.legend_closed", n=labels.number(len(closed)))  # fmt: skip
    for asm_class in AsmClass:
        if n := int((registrations["asm_class"] == asm_class).sum()):
            yield class_swatch(asm_class), counted(labels.class_name(asm_class), n)
