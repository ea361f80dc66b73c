"""Prefix sums of the masks of a raster's window, compiled: each in one walk."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Bytes = npt.NDArray[np.uint8]
Table = npt.NDArray[np.integer]


@njit(cache=True, nogil=True)
def sum_corners(mask: Bytes, out: Table) -> None:
    """Sum a mask above and left of each pixel corner into a table of nothing, one larger each way."""
    for row in range(mask.shape[0]):
        left = 0
        for column in range(mask.shape[1]):
            left += mask[row, column]
            out[row + 1, column + 1] = out[row, column + 1] + left


@njit(cache=True, nogil=True)
def sum_lines(mask: Bytes, out: Table) -> None:
    """Integrate the sums of each line of a mask, doubled to be whole, into a table one longer."""
    for line in range(mask.shape[0]):
        before, integral = 0, 0
        out[line, 0] = 0
        for place in range(mask.shape[1]):
            before += mask[line, place]
            integral += before
            out[line, place + 1] = 2 * integral - before
