"""Points by the million against rights that are held once: one task a batch of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from geoasm import link
from geoasm.geometry import Floats, Geometries, Operation

if TYPE_CHECKING:
    from geoasm.kernels.batches import Held

Positions = npt.NDArray[np.intp]


class Shared(NamedTuple):
    """
    What every task needs: the rights, and how points come into their system.

    `rights` are outlines for compiled loops, or valid polygons.
    """

    rights: Held | Geometries
    operation: Operation | None = None


class Part(NamedTuple):
    """Coordinates of one batch of points in the system of their file; NaN has no place."""

    x: Floats
    y: Floats


class Found(NamedTuple):
    """
    Rights that cover the points of one batch.

    `right` gives their positions point after point, ascending for each; `counts` how many cover
    each point, -1 where it has no place in the rights' system.
    """

    right: Positions
    counts: Positions

    @property
    def point(self) -> Positions:
        """Position in the batch of each pair's point, ascending."""
        return np.repeat(np.arange(len(self.counts)), np.maximum(self.counts, 0))


def task(shared: Shared, part: Part) -> Found:
    """Find the rights that cover each point of a batch; an edge belongs to both sides."""
    x, y = part
    if shared.operation is not None:
        x, y = shared.operation.points(x, y)
    x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
    if isinstance(shared.rights, tuple):
        from geoasm.kernels.batches import cover

        right, counts = cover(shared.rights, x, y)
    else:
        point, right = link.covers(shared.rights, x, y)
        order = np.lexsort((right, point))
        right = right[order]
        counts = np.bincount(point, minlength=len(x))
    counts[~(np.isfinite(x) & np.isfinite(y))] = -1
    return Found(right, counts)
