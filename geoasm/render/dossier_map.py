"""Maps of a dossier: rights, registrations and clusters, a drawing for each place where they lie."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from markupsafe import Markup

from geoasm import geometry
from geoasm.codes import AsmClass, ConcessionStatus
from geoasm.dossier import Dossier
from geoasm.render.figures import WIDTH, Figure, letters, marker, svg
from geoasm.render.labels import Labels
from geoasm.render.styles import (
    BACKGROUND,
    CANDIDATE_STYLE,
    CLASS_STYLES,
    CLUSTER_STYLE,
    OVERLAP_STYLE,
    STATUS_STYLES,
    AreaStyle,
)
from geoasm.render.swatches import class_swatch, swatch

MOST_MAPS = 4
_APART_DEGREES = 0.1  # rights this far apart are drawn on maps of their own
_MARGIN, _FOOT = 14.0, 34.0
_LOWEST, _HIGHEST = 240.0, 460.0  # of a drawing, without its foot
_SMALLEST_DEGREES = 0.012  # so that one small right is no whole map
_HULL = 7.0  # half-width of a hull that is a line or a point, in the drawing
_LETTER, _LINE = 6.6, 13.0  # room of a letter, of a line of text
_OFFSETS = ((0, 0), (0, -15), (0, 15), (17, 0), (-17, 0), (17, -15), (-17, 15))
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Sheet:
    """The paper of one map: where a longitude and latitude come to stand."""

    west: float
    north: float
    across: float  # units of the drawing per degree of longitude
    down: float
    left: float
    top: float
    height: float

    def place(self, shapes: Shapes) -> Shapes:
        def move(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            x = self.left + (xy[:, 0] - self.west) * self.across
            return np.column_stack([x, self.top + (self.north - xy[:, 1]) * self.down])

        placed: Shapes = shapely.transform(shapes, move)
        return placed

    @property
    def units_per_metre(self) -> float:
        """Scale in the middle of the drawing, along a parallel."""
        latitude = self.north - (self.height / 2 - self.top) / self.down
        ends = geometry.geocentric(np.array([self.west, self.west + 0.01]), np.full(2, latitude))
        return 0.01 * self.across / float(np.linalg.norm(ends[0] - ends[1]))


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
    areas = _places(rights["geometry"].to_numpy(dtype=object))
    of_right = _nearest(areas, rights["geometry"])
    of_point = _nearest(areas, located["geometry"])
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


def _places(shapes: Shapes) -> Shapes:
    """Join the ground around rights that are near each other."""
    bounds = shapely.bounds(shapes) + np.array([-1, -1, 1, 1]) * _APART_DEGREES / 2
    joined = shapely.union_all(shapely.box(*bounds.T))
    parts: Shapes = shapely.get_parts(joined)
    return parts


def _nearest(areas: Shapes, shapes: pd.Series) -> npt.NDArray[np.intp]:
    points = shapely.centroid(shapes.to_numpy(dtype=object))
    if not len(points):
        return np.zeros(0, dtype=np.intp)
    found: npt.NDArray[np.intp] = shapely.STRtree(areas).nearest(points)
    return found


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
    paper = _paper([rights["geometry"], registrations["geometry"], hulls["geometry"]])
    body = Markup('<rect width="{}" height="{:.1f}" fill="{}"/>').format(
        WIDTH, paper.height, BACKGROUND
    )
    styles = [STATUS_STYLES[ConcessionStatus(status)] for status in rights["status"]]
    body += _areas(paper, rights, styles)
    body += _areas(paper, _joined(overlaps), [OVERLAP_STYLE])
    body += _areas(paper, candidates, [CANDIDATE_STYLE] * len(candidates))
    body += _hulls(paper, hulls) + _points(paper, registrations)
    taken: list[tuple[float, float, float, float]] = []
    marks = [str(rank) for rank in candidates["rank"]]
    body += _marks(paper, candidates, marks, CANDIDATE_STYLE, taken)
    marks = [labels.text("dossier.cluster_mark", number=n) for n in hulls["cluster_id"]]
    body += _marks(paper, hulls, marks, CLUSTER_STYLE, taken)
    body += _foot(paper, labels)
    caption = labels.text(
        "dossier.map_caption",
        number=number,
        place=_place(registrations, labels),
        rights=labels.number(len(rights)),
        registrations=labels.number(len(registrations)),
    )
    if dossier.weighed:
        caption = f"{caption} {labels.text('dossier.map_note')}"
    drawing = svg(body, WIDTH, paper.height + _FOOT, caption, f"map-{number}")
    return Figure(drawing, caption, list(_legend(rights, registrations, hulls, overlaps, candidates, labels)))  # fmt: skip


def _paper(columns: Sequence[pd.Series]) -> _Sheet:
    """Choose the scale at which everything fits."""
    shapes = np.concatenate([column.to_numpy(dtype=object) for column in columns])
    west, south, east, north = shapely.total_bounds(shapes)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    squeeze = math.cos(math.radians(middle_y))
    wide = max(east - west, _SMALLEST_DEGREES / squeeze)
    tall = max(north - south, _SMALLEST_DEGREES)
    inner = WIDTH - 2 * _MARGIN
    height = min(max(inner * tall / (wide * squeeze), _LOWEST), _HIGHEST)
    down = min(height / tall, inner / (wide * squeeze))
    across = down * squeeze
    return _Sheet(
        west=middle_x,
        north=middle_y,
        across=across,
        down=down,
        left=WIDTH / 2,
        top=_MARGIN + height / 2,
        height=height + 2 * _MARGIN,
    )


def _areas(paper: _Sheet, rows: pd.DataFrame, styles: Sequence[AreaStyle]) -> Markup:
    placed = paper.place(rows["geometry"].to_numpy(dtype=object))
    drawn = (
        Markup(
            '<path d="{d}" fill="{c}" fill-opacity="{f}" stroke="{c}" stroke-width="{w}" '
            'stroke-dasharray="{dash}" fill-rule="evenodd"/>'
        ).format(
            d=_outline(shape),
            c=style.color,
            f=style.fill,
            w=style.width,
            dash=" ".join(map(str, style.dash)),
        )
        for shape, style in zip(placed, styles, strict=True)
    )
    return Markup("").join(drawn)


def _joined(rows: pd.DataFrame) -> pd.DataFrame:
    """Join ground that several pairs share, so that it is not the darker for it."""
    return pd.DataFrame({"geometry": [shapely.union_all(rows["geometry"].to_numpy(dtype=object))]})


def _outline(shape: shapely.Geometry) -> str:
    rings = shapely.get_rings(shapely.get_parts(shape))
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z"
        for ring in rings
    )


def _hulls(paper: _Sheet, hulls: pd.DataFrame) -> Markup:
    """Draw hulls with room around their points, so that a line or a point is seen as one, too."""
    placed = paper.place(hulls["geometry"].to_numpy(dtype=object))
    rows = pd.DataFrame({"geometry": shapely.buffer(placed, _HULL, quad_segs=4)})
    flat = _Sheet(0.0, 0.0, 1.0, -1.0, 0.0, 0.0, paper.height)
    return _areas(flat, rows, [CLUSTER_STYLE] * len(rows))


def _points(paper: _Sheet, rows: pd.DataFrame) -> Markup:
    """Draw registrations; those on rights lie over those near, and are larger."""
    order = rows.sort_values(["is_on", "registration_id"])
    placed = shapely.get_coordinates(paper.place(order["geometry"].to_numpy(dtype=object)))
    drawn = (
        marker(CLASS_STYLES[AsmClass(asm_class)], x, y, 4.6 if is_on else 3.4, halo=0.5)
        for (x, y), asm_class, is_on in zip(placed, order["asm_class"], order["is_on"], strict=True)
    )
    return Markup("").join(drawn)


def _marks(
    paper: _Sheet,
    rows: pd.DataFrame,
    texts: Sequence[str],
    style: AreaStyle,
    taken: list[tuple[float, float, float, float]],
) -> Markup:
    """Write a short mark on each shape where there is room; a mark that has none is left out."""
    placed = paper.place(rows["geometry"].to_numpy(dtype=object))
    corners = shapely.bounds(placed)
    body = Markup("")
    for (_, y0, x1, _), text in zip(corners, texts, strict=True):
        width = _LETTER * len(text) + 6
        for dx, dy in _OFFSETS:
            x, y = x1 + 5 + dx, y0 - 5 + dy
            x = min(max(x, width / 2 + 2), WIDTH - width / 2 - 2)
            y = min(max(y, _LINE), paper.height - 4)
            box = (x - width / 2, y - _LINE + 2, x + width / 2, y + 4)
            if all(_apart(box, other) for other in taken):
                taken.append(box)
                body += Markup(
                    '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" rx="3" fill="{}"/>'
                ).format(box[0], box[1], width, _LINE + 2, style.color)
                body += Markup(
                    '<text x="{:.1f}" y="{:.1f}" font-size="11" font-weight="600" fill="#fff" '
                    'text-anchor="middle">{}</text>'
                ).format(x, y, text)
                break
    return body


def _apart(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def _foot(paper: _Sheet, labels: Labels) -> Markup:
    """Draw the scale bar and the north arrow under the map, where nothing can cover them."""
    metres = _round_length(WIDTH / 4 / paper.units_per_metre)
    length, y = metres * paper.units_per_metre, paper.height + 14
    told = (
        labels.text("common.kilometres", value=labels.number(metres / 1000))
        if metres >= 1000
        else labels.metres(metres)
    )
    bar = Markup(
        '<path d="M{x} {a:.1f}v6H{b:.1f}v-6" fill="none" stroke="#23241f" stroke-width="1.5"/>'
    ).format(x=_MARGIN, a=y - 4, b=_MARGIN + length)
    arrow = Markup('<path d="M{x} {a:.1f}l5 16l-5 -4l-5 4Z" fill="#23241f"/>').format(
        x=WIDTH - 20, a=y - 8
    )
    return (
        bar
        + letters(told, _MARGIN + length + 8, y + 3, size=11)
        + arrow
        + letters(labels.text("dossier.north"), WIDTH - 32, y + 5, size=12, anchor="end")
    )


def _round_length(metres: float) -> float:
    """Give the greatest of 1, 2 and 5 times a power of ten that is no longer."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1.0)))
    return next(k * power for k in (5, 2, 1) if k * power <= max(metres, 1.0))


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
