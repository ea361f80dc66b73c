"""Whole numbers and bytes as a page carries them: groups of seven bits, and text of 85 letters."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import numpy.typing as npt

_LEVEL = 1  # of the trial that chooses between two ways of writing
# The letters of base 85 that mean something in a page, and what stands for them.
_INERT = bytes.maketrans(b"<>&", b",:.")


def varints(values: npt.ArrayLike) -> bytes:
    """Write whole numbers from 0 in groups of seven bits, the lowest first; the high bit: more follow."""
    rest = np.asarray(values, dtype=np.uint64)
    if not len(rest):
        return b""
    sizes = np.ones(len(rest), dtype=np.intp)
    for k in range(1, 10):
        sizes += rest >= (np.uint64(1) << np.uint64(7 * k))
    starts = np.cumsum(sizes) - sizes
    out = np.zeros(int(sizes.sum()), dtype=np.uint8)
    for k in range(int(sizes.max())):
        there = sizes > k
        more = np.where(sizes[there] > k + 1, 128, 0).astype(np.uint8)
        seven = (rest[there] >> np.uint64(7 * k)) & np.uint64(127)
        out[starts[there] + k] = seven.astype(np.uint8) | more
    return out.tobytes()


def planes(values: npt.ArrayLike) -> bytes:
    """Write the same groups, the first ones of all numbers before the second ones, and so on."""
    rest = np.asarray(values, dtype=np.uint64)
    out = []
    while len(rest):
        more = rest > 127
        seven = (rest & np.uint64(127)).astype(np.uint8)
        out.append((seven | (more * np.uint8(128))).tobytes())
        rest = (rest >> np.uint64(7))[more]
    return b"".join(out)


def zigzag(values: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """Fold signed numbers into numbers from 0: 0, -1, 1, -2, 2…"""
    signed = np.asarray(values, dtype=np.int64)
    return ((signed << 1) ^ (signed >> 63)).astype(np.uint64)


def packed_size(content: bytes) -> int:
    """Tell about how many bytes compression leaves."""
    return len(zlib.compress(content, _LEVEL))


def to_letters(content: bytes) -> str:
    """Write bytes in base 85 (RFC 1924) with `,` `:` `.` for `<` `>` `&`: inert in a script element."""
    return base64.b85encode(content).translate(_INERT).decode("ascii")


def inert(text: str) -> str:
    """Write JSON of ASCII so that a script element can hold it: nothing in it ends the element."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
