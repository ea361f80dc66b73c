"""Maps of a dossier: rights, registrations and clusters, a drawing for each place where they lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup

from geoasm.codes import AsmClass, ConcessionStatus
from geoasm.dossier import Dossier
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
    CANDIDATE_STYLE,
    CLASS_STYLES,
    CLUSTER_STYLE,
    OVERLAP_STYLE,
    STATUS_STYLES,
)
from geoasm.render.swatches import class_swatch, swatch

MOST_MAPS = 4
_HULL = 7.0  # half-width of a hull that is a line or a point, in the drawing


def draw_maps(dossier: Dossier, labels: Labels) -> tuple[list[Figure], int]:
    """
    Draw the places where a subject's rights lie, those with most registrations first.

    Returns
    -------
    figures, left_out
        At most `MOST_MAPS` drawings, of places with registrations, and how many places are not drawn.
    """
    rights = dossier.rights[dossier.rights["geometry"].notna().to_numpy()]
    if rights.empty:
        return [], 0
    located = dossier.registrations[dossier.registrations["geometry"].notna().to_numpy()]
    areas = part_places(rights["geometry"].to_numpy(dtype=object))
    of_right = nearest_place(areas, rights["geometry"])
    of_point = nearest_place(areas, located["geometry"])
    n = len(areas)
    n_points, n_rights = (np.bincount(of, minlength=n) for of in (of_point, of_right))
    order = np.lexsort((np.arange(n), -n_rights, -n_points))
    # A place without registrations is worth a map only where there is no other.
    drawn = [at for at in order[:MOST_MAPS] if n_points[at] or at == order[0]]
    maps = [
        _draw(dossier, rights[of_right == at], located[of_point == at], number, labels)
        for number, at in enumerate(drawn, start=1)
    ]
    return maps, n - len(drawn)


def _draw(
    dossier: Dossier,
    rights: pd.DataFrame,
    registrations: pd.DataFrame,
    number: int,
    labels: Labels,
) -> Figure:
    codes, clusters = rights["concession_id"], registrations["cluster_id"].dropna()
    hulls = dossier.clusters[dossier.clusters["cluster_id"].isin(clusters)]
    overlaps = dossier.overlaps[dossier.overlaps["own_id"].isin(codes)]
    candidates = dossier.candidates[dossier.candidates["concession_id"].isin(codes)]
    rights = rights.sort_values(["area_ha", "concession_id"], ascending=[False, True])
    paper = fit_paper([rights["geometry"], registrations["geometry"], hulls["geometry"]])
    body = Markup('<rect width="{}" height="{:.1f}" fill="{}"/>').format(
        WIDTH, paper.height, BACKGROUND
    )
    styles = [STATUS_STYLES[ConcessionStatus(status)] for status in rights["status"]]
    body += draw_areas(paper, rights, styles)
    body += draw_areas(paper, _joined(overlaps), [OVERLAP_STYLE])
    body += draw_areas(paper, candidates, [CANDIDATE_STYLE] * len(candidates))
    body += _hulls(paper, hulls) + _points(paper, registrations)
    taken: list[Box] = []
    marks = [str(rank) for rank in candidates["rank"]]
    body += draw_marks(paper, candidates, marks, CANDIDATE_STYLE, taken)
    marks = [labels.text("dossier.cluster_mark", number=n) for n in hulls["cluster_id"]]
    body += draw_marks(paper, hulls, marks, CLUSTER_STYLE, taken)
    body += draw_foot(paper, labels)
    caption = labels.text(
        "dossier.map_caption",
        number=number,
        place=_place(registrations, labels),
        rights=labels.number(len(rights)),
        registrations=labels.number(len(registrations)),
    )
    if dossier.weighed:
        caption = f"{caption} {labels.text('dossier.map_note')}"
    drawing = svg(body, WIDTH, paper.height + FOOT, caption, f"map-{number}")
    return Figure(drawing, caption, list(_legend(rights, registrations, hulls, overlaps, candidates, labels)))  # fmt: skip


def _joined(rows: pd.DataFrame) -> pd.DataFrame:
    """Join ground that several pairs share, so that it is not the darker for it."""
    return pd.DataFrame({"geometry": [shapely.union_all(rows["geometry"].to_numpy(dtype=object))]})


def _hulls(paper: Paper, hulls: pd.DataFrame) -> Markup:
    """Draw hulls with room around their points, so that a line or a point is seen as one, too."""
    placed = paper.place(hulls["geometry"].to_numpy(dtype=object))
    rows = pd.DataFrame({"geometry": shapely.buffer(placed, _HULL, quad_segs=4)})
    flat = Paper(0.0, 0.0, 1.0, -1.0, 0.0, 0.0, paper.height)
    return draw_areas(flat, rows, [CLUSTER_STYLE] * len(rows))


def _points(paper: Paper, rows: pd.DataFrame) -> Markup:
    """Draw registrations; those on rights lie over those near, and are larger."""
    order = rows.sort_values(["is_on", "registration_id"])
    placed = shapely.get_coordinates(paper.place(order["geometry"].to_numpy(dtype=object)))
    drawn = (
        marker(CLASS_STYLES[AsmClass(asm_class)], x, y, 4.6 if is_on else 3.4, halo=0.5)
        for (x, y), asm_class, is_on in zip(placed, order["asm_class"], order["is_on"], strict=True)
    )
    return Markup("").join(drawn)


def _place(registrations: pd.DataFrame, labels: Labels) -> str:
    """Name the region of most registrations."""
    known = registrations.dropna(subset=["admin_1"])
    if known.empty:
        return labels.text("common.no_region")
    columns = ["admin_1", "admin_2", "admin_3"]
    most = known[columns].astype(object).fillna("").value_counts().reset_index()
    first = most.sort_values(["count", *columns], ascending=[False, True, True, True]).iloc[0]
    return " › ".join(str(first[c]) for c in columns if first[c])


def _legend(
    rights: pd.DataFrame,
    registrations: pd.DataFrame,
    hulls: pd.DataFrame,
    overlaps: pd.DataFrame,
    candidates: pd.DataFrame,
    labels: Labels,
) -> Iterator[tuple[Markup, str]]:
    for status in ConcessionStatus:
        if n := int((rights["status"] == status).sum()):
            name = labels.code("concession_status", status)
            yield swatch(STATUS_STYLES[status]), f"{name} ({labels.number(n)})"
    for some, style, name in (
        (overlaps, OVERLAP_STYLE, "overlap"),
        (candidates, CANDIDATE_STYLE, "candidate"),
        (hulls, CLUSTER_STYLE, "cluster"),
    ):
        if len(some):
            yield swatch(style), labels.text(f"dossier.legend_{name}", n=labels.number(len(some)))
    for asm_class in AsmClass:
        if n := int((registrations["asm_class"] == asm_class).sum()):
            yield class_swatch(asm_class), f"{labels.class_name(asm_class)} ({labels.number(n)})"
