"""Planted data with their truth: a test of everything that reads, links and classifies."""

from __future__ import annotations

from geoasm.simulate.scales import DEFAULT_ON, SCALES, Country, Scale, scale
from geoasm.simulate.study import Simulation, check_layers, plant_on, simulate

__all__ = [
    "DEFAULT_ON",
    "SCALES",
    "Country",
    "Scale",
    "Simulation",
    "check_layers",
    "plant_on",
    "scale",
    "simulate",
]
