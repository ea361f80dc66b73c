"""The paper of a drawn map: places apart, scale, areas, marks, scale bar and north arrow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from markupsafe import Markup

from geoasm import geometry
from geoasm.render.figures import WIDTH, letters
from geoasm.render.labels import Labels
from geoasm.render.styles import AreaStyle

FOOT = 34.0  # height under a drawing for scale bar and arrow
_APART_DEGREES = 0.1  # things this far apart are drawn on maps of their own
_MARGIN = 14.0
_LOWEST, _HIGHEST = 240.0, 460.0  # of a drawing, without its foot
_SMALLEST_DEGREES = 0.012  # so that one small right is no whole map
_LETTER, _LINE = 6.6, 13.0  # room of a letter, of a line of text
_OFFSETS = ((0, 0), (0, -15), (0, 15), (17, 0), (-17, 0), (17, -15), (-17, 15))
Shapes = npt.NDArray[np.object_]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Paper:
    """The paper of one map: where a longitude and latitude come to stand."""

    lon: float  # of the middle of what is drawn, degrees
    lat: float
    across: float  # units of the drawing per degree of longitude
    down: float
    left: float
    top: float
    height: float

    def place(self, shapes: Shapes) -> Shapes:
        """Bring shapes in degrees to the drawing."""

        def move(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            x = self.left + (xy[:, 0] - self.lon) * self.across
            return np.column_stack([x, self.top + (self.lat - xy[:, 1]) * self.down])

        placed: Shapes = shapely.transform(shapes, move)
        return placed

    @property
    def ends(self) -> Box:
        """West, south, east and north of the drawing, degrees."""
        half = self.left / self.across
        north = self.lat + self.top / self.down
        return self.lon - half, north - self.height / self.down, self.lon + half, north

    @property
    def units_per_metre(self) -> float:
        """Scale in the middle of the drawing, along a parallel."""
        latitude = self.lat - (self.height / 2 - self.top) / self.down
        ends = geometry.geocentric(np.array([self.lon, self.lon + 0.01]), np.full(2, latitude))
        return 0.01 * self.across / float(np.linalg.norm(ends[0] - ends[1]))


def part_places(shapes: Shapes) -> Shapes:
    """Join the ground around rights that are near each other."""
    bounds = shapely.bounds(shapes) + np.array([-1, -1, 1, 1]) * _APART_DEGREES / 2
    joined = shapely.union_all(shapely.box(*bounds.T))
    parts: Shapes = shapely.get_parts(joined)
    return parts


def nearest_place(areas: Shapes, shapes: pd.Series) -> npt.NDArray[np.intp]:
    """Give the number of the place to which each shape is nearest."""
    points = shapely.centroid(shapes.to_numpy(dtype=object))
    if not len(points):
        return np.zeros(0, dtype=np.intp)
    found: npt.NDArray[np.intp] = shapely.STRtree(areas).nearest(points)
    return found


def fit_paper(columns: Sequence[pd.Series]) -> Paper:
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
    return Paper(
        lon=middle_x,
        lat=middle_y,
        across=across,
        down=down,
        left=WIDTH / 2,
        top=_MARGIN + height / 2,
        height=height + 2 * _MARGIN,
    )


def draw_areas(paper: Paper, rows: pd.DataFrame, styles: Sequence[AreaStyle]) -> Markup:
    """Draw polygons, each in its style."""
    placed = paper.place(rows["geometry"].to_numpy(dtype=object))
    drawn = (
        Markup(
            '<path d="{d}" fill="{c}" fill-opacity="{f}" stroke="{c}" stroke-width="{w}" '
            'stroke-dasharray="{dash}" fill-rule="evenodd"/>'
        ).format(
            d=outline(shape),
            c=style.color,
            f=style.fill,
            w=style.width,
            dash=" ".join(map(str, style.dash)),
        )
        for shape, style in zip(placed, styles, strict=True)
    )
    return Markup("").join(drawn)


def outline(shape: shapely.Geometry) -> str:
    """Give a polygon as the data of an SVG path."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z"
        for ring in rings
    )


def draw_marks(
    paper: Paper,
    rows: pd.DataFrame,
    texts: Sequence[str],
    style: AreaStyle,
    taken: list[Box],
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


def draw_foot(paper: Paper, labels: Labels) -> Markup:
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
