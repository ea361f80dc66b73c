"""
Exact sums of raster masks over polygons: a pixel counts with the part of it that lies inside.

By Green's theorem the sum over a polygon is an integral along its edges of F dy, where F is what the
pixel row holds left of the edge. With H the sum of everything above and left of a position, and G
what the pixel column holds above it, F dy = dH - G dx. So an edge that is rather flat needs cutting at
row lines only, a steep one at column lines only, and the edges of an upright rectangle not at all:
inside one row (or column) the integral along the edge is a difference of second prefix sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import isqrt

import numpy as np
import numpy.typing as npt
import shapely

from geoasm.geometry import Floats, Geometries
from geoasm.kernels import engine
from geoasm.model import Window

Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]
Transform = tuple[float, float, float, float, float, float]

WINDOW_PIXELS = 1 << 20  # more does not fit into a processor's cache
_PIECES = 1 << 20  # cut at a time
_ROUNDING = 1e-6  # of a pixel; edges cancel each other to far less
_INT32_SIDE = 46_340  # of a window: second prefix sums beyond it need wider integers


def _run_through(rings: Geometries, backwards: Bools) -> tuple[Floats, Positions]:
    """Give the vertices of rings, those of some from last to first, and the ring of each."""
    at, of = shapely.get_coordinates(rings, return_index=True)
    number = np.arange(len(of))
    first, end = (np.searchsorted(of, np.arange(len(rings)), side) for side in ("left", "right"))
    return at[np.where(backwards[of], (first + end - 1)[of] - number, number)], of


class Outlines:
    """
    Polygons as directed edges in the pixel coordinates of a grid.

    Parameters
    ----------
    polygons
        Valid polygons in the grid's system; missing or empty ones have no weight.
    transform
        Of the grid, as `geoasm.model.Grid` states it; it may be rotated or south-up.
    """

    def __init__(self, polygons: Geometries, transform: Transform) -> None:
        a, b, c, d, e, f = transform
        self._turn = a * e - b * d
        parts, of_part = shapely.get_parts(polygons, return_index=True)
        rings, of_ring = shapely.get_rings(parts, return_index=True)
        del parts  # copies of the polygons
        is_shell = np.diff(of_ring, prepend=-1) > 0
        at, of_vertex = _run_through(rings, shapely.is_ccw(rings) != is_shell)
        del rings
        east, south = at[:, 0] - c, at[:, 1] - f
        self._x = (e * east - b * south) / self._turn
        self._y = (a * south - d * east) / self._turn
        self._start = np.flatnonzero(of_vertex[1:] == of_vertex[:-1])
        owner = of_part[of_ring[of_vertex[self._start]]]
        self._first = np.searchsorted(owner, np.arange(len(polygons) + 1))
        # Area in pixels, whether the grid reaches it or not.
        self.weights: Floats = shapely.area(polygons) / abs(self._turn)
        self._bounds = self._boxes(owner, len(polygons))

    def _boxes(self, owner: Positions, n: int) -> Floats:
        """Give left, top, right and bottom of each polygon in pixels; NaN where it has none."""
        box = np.full((n, 4), np.nan)
        some = np.flatnonzero(np.diff(self._first))
        begin = self._first[some]
        if len(some):
            x, y = self._x[self._start], self._y[self._start]
            for i, (least, values) in enumerate(
                ((np.minimum, x), (np.minimum, y), (np.maximum, x), (np.maximum, y))
            ):
                box[some, i] = least.reduceat(values, begin)
        return box

    def windows(
        self, shape: tuple[int, int], block: tuple[int, int], pixels: int = WINDOW_PIXELS
    ) -> Iterator[tuple[Window, Positions]]:
        """
        Give the windows of a grid that the box of some polygon meets, and the polygons that it does.

        Parameters
        ----------
        shape, block
            Rows and columns of the grid, and of the blocks in which it is stored.
        pixels
            Most pixels of a window.
        """
        left, top, right, bottom = self._bounds.T
        for row, column, rows, columns in tiles(shape, block, pixels):
            hit = np.flatnonzero(
                (left < column + columns) & (right > column) & (top < row + rows) & (bottom > row)
            )
            if len(hit):
                r0, c0 = max(row, int(top[hit].min())), max(column, int(left[hit].min()))
                r1 = min(row + rows, int(np.ceil(bottom[hit].max())))
                c1 = min(column + columns, int(np.ceil(right[hit].max())))
                if r1 > r0 and c1 > c0:
                    yield (r0, c0, r1 - r0, c1 - c0), hit

    def sums(
        self,
        shape: tuple[int, int],
        block: tuple[int, int],
        masks: Callable[[Window], Iterable[Bools]],
        n_masks: int,
        pixels: int = WINDOW_PIXELS,
    ) -> Floats:
        """
        Sum masks over each polygon, pixels weighted by their part inside.

        Parameters
        ----------
        shape, block, pixels
            As `windows` takes them.
        masks
            Gives the masks of a window one after the other, each rows × columns of the window;
            every mask costs its tables, all share the cutting of edges.
        n_masks
            How many there are.

        Returns
        -------
        sums
            Pixels, masks × polygons; ground outside the grid counts as not set.
        """
        out = np.zeros((n_masks, len(self.weights)))
        compiled = engine.compiled(len(self.weights))
        for window, hit in self.windows(shape, block, pixels):
            groups = self._groups(hit, window)
            shared = [self._cut(groups[0], window)] if len(groups) == 1 else None
            for total, mask in zip(out, masks(window), strict=True):
                if mask.any():
                    for cut in shared or (self._cut(group, window) for group in groups):
                        total[cut.polygons] += cut.sums(mask, compiled=compiled)
        out *= np.sign(self._turn)
        out[out < _ROUNDING] = 0.0
        return out

    def _groups(self, hit: Positions, window: Window) -> list[Positions]:
        """Divide polygons so that each group cuts into a bounded number of pieces."""
        edges, polygon = self._edges(hit)
        span = np.minimum(
            np.abs(self._x[edges + 1] - self._x[edges]), np.abs(self._y[edges + 1] - self._y[edges])
        )
        cost = np.bincount(polygon, np.minimum(span, max(window[2:])) + 2, minlength=len(hit))
        group = (np.cumsum(cost) // _PIECES).astype(np.intp)
        return np.split(hit, np.flatnonzero(np.diff(group)) + 1)

    def _edges(self, hit: Positions) -> tuple[Positions, Positions]:
        """Give the first vertex of every edge of some polygons, and which of these it belongs to."""
        count = self._first[hit + 1] - self._first[hit]
        polygon = np.repeat(np.arange(len(hit)), count)
        offset = self._first[hit] - (np.cumsum(count) - count)
        return self._start[np.arange(len(polygon)) + offset[polygon]], polygon

    def _cut(self, hit: Positions, window: Window) -> _Cut:
        row, column, rows, columns = window
        edges, polygon = self._edges(hit)
        x0, x1 = self._x[edges] - column, self._x[edges + 1] - column
        y0, y1 = self._y[edges] - row, self._y[edges + 1] - row
        # What is above, below or left of the window adds nothing, nor does what runs along a row.
        keep = (np.minimum(y0, y1) < rows) & (np.maximum(y0, y1) > 0) & (y0 != y1)
        keep &= np.maximum(x0, x1) > 0
        x0, y0, x1, y1 = x0[keep], y0[keep], x1[keep], y1[keep]
        parts, edge = _clip(x0, y0, x1, y1, rows, columns)
        return _Cut(parts, polygon[keep][edge], hit, rows, columns)


def tiles(shape: tuple[int, int], block: tuple[int, int], pixels: int) -> Iterator[Window]:
    """Divide a grid into windows of whole blocks, except where one block exceeds `pixels`."""

    def whole(size: int, most: int) -> int:
        return max(most // size, 1) * size

    columns = min(whole(block[1], isqrt(pixels)), shape[1], pixels)
    rows = min(whole(block[0], pixels // columns), shape[0], pixels // columns)
    for row in range(0, shape[0], rows):
        for column in range(0, shape[1], columns):
            yield row, column, min(rows, shape[0] - row), min(columns, shape[1] - column)


def _clip(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, rows: int, columns: int
) -> tuple[Floats, Positions]:
    """
    Bring edges into a window: what is right of it moves onto its right side, what is left is dropped.

    Returns
    -------
    parts, edge
        Shape (4, n): x and y of begin and end; the edge of each.
    """
    dx, dy = x1 - x0, y1 - y0
    ya, yb = np.clip(y0, 0, rows), np.clip(y1, 0, rows)
    xa, xb = x0 + (ya - y0) / dy * dx, x1 + (yb - y1) / dy * dx
    ca, cb = np.clip(xa, 0, columns), np.clip(xb, 0, columns)
    ma, mb = _y_where(ca, xa, ya, xb, yb), _y_where(cb, xb, yb, xa, ya)
    right_a, right_b = np.flatnonzero(xa > columns), np.flatnonzero(xb > columns)
    side_a, side_b = np.full(len(right_a), columns), np.full(len(right_b), columns)
    parts = np.hstack(
        [
            (ca, ma, cb, mb),
            (side_a, ya[right_a], side_a, ma[right_a]),
            (side_b, mb[right_b], side_b, yb[right_b]),
        ]
    )
    edge = np.concatenate([np.arange(len(x0)), right_a, right_b])
    keep = (parts[1] != parts[3]) & ((parts[0] > 0) | (parts[2] > 0))
    return parts[:, keep], edge[keep]


def _y_where(x: Floats, xa: Floats, ya: Floats, xb: Floats, yb: Floats) -> Floats:
    """Give y of the edge from a to b at an x; beyond its ends, y of the nearer one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.clip((x - xa) / (xb - xa), 0, 1)
    return np.where(x == xa, ya, ya + t * (yb - ya))


class _Cut:
    """Edges of polygons inside a window as straight parts, ready to be laid over its masks."""

    def __init__(
        self, parts: Floats, owner: Positions, polygons: Positions, rows: int, columns: int
    ) -> None:
        x0, y0, x1, y1 = parts
        dx, dy = np.abs(x1 - x0), np.abs(y1 - y0)
        self.polygons = polygons
        self._owner = owner  # of each part, a position in `polygons`
        self._left = (x0 + x1) / 2 * (y1 - y0)  # of the part, where every pixel is set
        self._steep = np.flatnonzero(dy >= dx)
        self._ends = [
            _corners(x[self._steep], y[self._steep], rows, columns) for x, y in ((x0, y0), (x1, y1))
        ]
        leaning, flat = np.flatnonzero((dy >= dx) & (dx > 0)), np.flatnonzero(dy < dx)
        self._of_columns = _Pieces(y0, x0, y1, x1, leaning, rows, columns)
        self._of_rows = _Pieces(x0, y0, x1, y1, flat, columns, rows)

    def sums(self, mask: Bools, *, compiled: bool) -> Floats:
        """Sum a mask of the window over each of the polygons; anticlockwise ones are negative."""
        if mask.all():
            return self._by_polygon(slice(None), self._left)
        out = np.zeros(len(self.polygons))
        if len(self._steep):
            corner = _corner_sums(mask, compiled)
            begin, end = (_at_corners(corner, *ends) for ends in self._ends)
            out += self._by_polygon(self._steep, end - begin)
        if len(self._of_columns.part):
            out -= self._by_polygon(self._of_columns.part, self._of_columns.sums(mask.T, compiled))
        if len(self._of_rows.part):
            out += self._by_polygon(self._of_rows.part, self._of_rows.sums(mask, compiled))
        return out

    def _by_polygon(self, part: Positions | slice, value: Floats) -> Floats:
        return np.asarray(np.bincount(self._owner[part], value, len(self.polygons)), dtype=float)


def _integers(mask: Bools) -> type[np.integer]:
    """Give the narrowest integers that hold second prefix sums of a mask."""
    return np.int32 if max(mask.shape) <= _INT32_SIDE else np.int64


def _corner_sums(mask: Bools, compiled: bool) -> npt.NDArray[np.integer]:
    """Sum a mask above and left of each pixel corner."""
    out = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=_integers(mask))
    if compiled:
        from geoasm.kernels.tables import sum_corners

        sum_corners(np.ascontiguousarray(mask).view(np.uint8), out)
        return out.ravel()
    prefix = np.cumsum(mask, axis=1, dtype=out.dtype)
    for above, row, below in zip(out[:-1, 1:], prefix, out[1:, 1:], strict=True):
        np.add(above, row, out=below)  # ten times as fast as a cumulative sum down the columns
    return out.ravel()


def _corners(
    x: Floats, y: Floats, rows: int, columns: int
) -> tuple[Positions, int, Floats, Floats]:
    """Give the upper left corner of each position's pixel, the way to the row below, and what is over."""
    column, row = _floor(x, columns), _floor(y, rows)
    return row * (columns + 1) + column, columns + 1, x - column, y - row


def _at_corners(
    corner: npt.NDArray[np.integer], at: Positions, below: int, fx: Floats, fy: Floats
) -> Floats:
    upper = corner[at] + fx * (corner[at + 1] - corner[at])
    lower = corner[at + below] + fx * (corner[at + below + 1] - corner[at + below])
    out: Floats = upper + fy * (lower - upper)
    return out


def _floor(value: Floats, n: int) -> Positions:
    """Give the pixel of a coordinate; the end of the window belongs to the last one."""
    return np.minimum(value.astype(np.intp), n - 1)


class _Pieces:
    """
    Parts of edges cut at the lines of pixel rows: u runs along the lines, v across them.

    The same serves columns, with coordinates and mask turned.
    """

    def __init__(
        self, u0: Floats, v0: Floats, u1: Floats, v1: Floats, parts: Positions, n_along: int, n_across: int
    ) -> None:  # fmt: skip
        u0, v0, u1, v1 = u0[parts], v0[parts], u1[parts], v1[parts]
        low, high = np.minimum(v0, v1), np.maximum(v0, v1)
        least, most = np.minimum(u0, u1), np.maximum(u0, u1)
        first = _floor(low, n_across)
        count = np.maximum(np.ceil(high).astype(np.intp) - first, 1)
        of = np.repeat(np.arange(len(parts)), count)
        line = np.arange(len(of)) - (np.cumsum(count) - count - first)[of]
        with np.errstate(divide="ignore", invalid="ignore"):
            lean = np.where(v1 == v0, 0.0, (u1 - u0) / (v1 - v0))

        def along(v: Floats) -> Floats:
            return np.clip(u0[of] + (v - v0[of]) * lean[of], least[of], most[of])

        upper, lower = along(np.maximum(line, low[of])), along(np.minimum(line + 1, high[of]))
        down = (v1 >= v0)[of]
        needed = np.zeros(n_across, dtype=bool)
        needed[line] = True
        self._lines = np.flatnonzero(needed)
        base = (np.cumsum(needed) - 1)[line] * (n_along + 1)
        begin: Floats = np.where(down, upper, lower)
        end: Floats = np.where(down, lower, upper)
        at = [_floor(u, n_along) for u in (begin, end)]
        self._begin, self._end = (base + at[0], begin - at[0]), (base + at[1], end - at[1])
        self._slope = ((v1 - v0) / (u1 - u0))[of]
        self.part = parts[of]

    def sums(self, mask: Bools, compiled: bool) -> Floats:
        """Integrate what is set in the line before each piece along it, by v."""
        some = len(self._lines) < len(mask)
        mask = np.ascontiguousarray(mask[self._lines] if some else mask)
        twice = _line_sums(mask, compiled)
        values = np.pad(mask.view(np.uint8), ((0, 0), (0, 1))).ravel()
        begin, end = (_second(twice.ravel(), values, *p) for p in (self._begin, self._end))
        return (end - begin) / 2 * self._slope


def _line_sums(mask: Bools, compiled: bool) -> npt.NDArray[np.integer]:
    """Integrate the prefix sums of each line, doubled to be whole."""
    twice = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=_integers(mask))
    if compiled:
        from geoasm.kernels.tables import sum_lines

        sum_lines(mask.view(np.uint8), twice)
        return twice
    prefix = np.cumsum(mask, axis=1, dtype=twice.dtype)
    inner = twice[:, 1:]
    np.cumsum(prefix, axis=1, out=inner)
    inner *= 2
    inner -= prefix
    return twice


def _second(
    twice: npt.NDArray[np.integer], values: npt.NDArray[np.uint8], at: Positions, beyond: Floats
) -> Floats:
    """Give the doubled integral of prefix sums at a place `beyond` the pixel corner `at`."""
    base, value = twice[at], values[at]
    out: Floats = base + beyond * (twice[at + 1] - base - value + beyond * value)
    return out
