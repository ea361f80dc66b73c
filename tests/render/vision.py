"""How a colour looks: contrast, what eyes without one kind of cone see, how far two colours are apart."""

from __future__ import annotations

import numpy as np

Matrix = np.ndarray

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE TVCG 15(6), 2009: severity 1.0, for linear RGB. Grey is the luminance of WCAG 2.
SEEING: dict[str, Matrix] = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
    "greyscale": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
# sRGB (IEC 61966-2-1) to CIE XYZ under D65, and the white point.
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)


def linear(color: str) -> np.ndarray:
    """Linear RGB from 0 to 1."""
    parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast after WCAG 2, from 1 to 21."""
    low, high = sorted(float(linear(c) @ SEEING["greyscale"][0]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(color: str, seeing: str = "full") -> np.ndarray:
    """CIELAB of a colour as somebody sees it."""
    seen = np.clip(SEEING[seeing] @ linear(color), 0, 1)
    x, y, z = _cube_root(_TO_XYZ @ seen / _WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, seeing: str = "full") -> float:
    """Distance of two colours in CIELAB: 2 is just seen side by side, 100 is black and white."""
    return float(np.linalg.norm(lab(one, seeing) - lab(other, seeing)))


def hue(color: str) -> float:
    """Hue in CIELAB, degrees: some 40 red, 100 yellow, 165 green, 260 blue, 340 magenta."""
    _, a, b = lab(color)
    return float(np.degrees(np.arctan2(b, a)) % 360)


def chroma(color: str) -> float:
    """How colourful: 0 is grey."""
    return float(np.hypot(*lab(color)[1:]))


def _cube_root(values: np.ndarray) -> np.ndarray:
    return np.where(values > 216 / 24389, np.cbrt(values), (24389 / 27 * values + 16) / 116)
