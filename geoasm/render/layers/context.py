"""Layers of context as they were given with a run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import ClosureLevel, Role
from geoasm.model import Result
from geoasm.render import styles
from geoasm.render.labels import Labels
from geoasm.render.layers import fields as field
from geoasm.render.payload import Group, Layer, joined

SIMPLIFIED_DEGREES = 0.0001  # of outlines: one pixel at the scale of a district
SIMPLIFIED_METRES = 11
ADMIN_LAYER = f"context:{Role.ADMIN}:polygon"

_UNDER = (Role.ADMIN, Role.COMMUNITIES, Role.BUFFER_ZONES, Role.PROTECTED_AREAS)
_POINT, _LINE, _POLYGON = "point", "line", "polygon"
_KIND_OF_DIMENSION = {0: _POINT, 1: _LINE, 2: _POLYGON}


def context_layers(result: Result, labels: Labels) -> Iterator[Layer]:
    """Make a layer for each role and kind of geometry."""
    given = sorted(result.context, key=lambda r: (r not in _UNDER, list(Role).index(Role(r))))
    for name in given:
        role = Role(name)
        frame = result.context[name]
        frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
        dimension = shapely.get_dimensions(frame.geometry.to_numpy())
        name = labels.role(role)
        for number, kind in _KIND_OF_DIMENSION.items():
            here = dimension == number
            if here.any():
                kinds = labels.text(f"map.{kind}s")
                title = name if here.all() else f"{name} ({kinds})"
                yield _layer(role, kind, frame[here], title, labels)


def _layer(role: Role, kind: str, frame: pd.DataFrame, name: str, labels: Labels) -> Layer:
    title, detail = _title_of(frame, role)
    box = frame.geometry.bounds
    order = (
        pd.DataFrame({"title": title, "detail": detail, "x": box["minx"], "y": box["miny"]})
        .sort_values(["title", "detail", "x", "y"], kind="stable")
        .index
    )
    frame, title, detail = (x.loc[order].reset_index(drop=True) for x in (frame, title, detail))
    style = (
        styles.CONTEXT_POINTS.get(role, styles.CONTEXT_POINT)
        if kind == _POINT
        else styles.CONTEXT_STYLES.get(role, styles.CONTEXT_AREA)
    )
    fields = []
    if "level" in frame:
        levels = frame["level"].where(frame["level"].isin(list(ClosureLevel)))
        fields.append(("level", field.codes(levels, "closure_level", labels)))
    if "area_code" in frame:
        fields.append(("code", frame["area_code"]))
    return Layer(
        id=f"context:{role}:{kind}",
        title=labels.text("map.context"),
        here=labels.text("map.areas_here", n="{n}"),
        kind=kind,
        groups=[Group(f"context:{role}:{kind}", name[:1].upper() + name[1:], len(frame), style)],
        members=np.zeros(len(frame), dtype=int),
        names=title,
        subtitles=detail,
        geometry=_drawn(frame.geometry.to_numpy(), role, kind),
        fields=field.labelled(tuple(fields), labels),
        searched=True,
    )


def _title_of(frame: pd.DataFrame, role: Role) -> tuple[pd.Series, pd.Series]:
    """Name a feature of context: by its name and type, an administrative region by its levels."""
    nothing = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    if role is Role.ADMIN:
        levels = [frame[c] for c in ("admin_3", "admin_2", "admin_1") if c in frame]
        given = [c for c in levels if c.notna().any()]
        above = joined(given[1:][::-1], " › ").set_axis(frame.index) if given[1:] else nothing
        return (given[0] if given else nothing), above
    return frame.get("name", nothing), frame.get("area_type", nothing)


def simplified(geometry: np.ndarray, *, joined: bool = False) -> np.ndarray:
    """Simplify outlines to `SIMPLIFIED_DEGREES`; those that are `joined` stay so."""
    simplify = shapely.coverage_simplify if joined else shapely.simplify
    simple = simplify(geometry, SIMPLIFIED_DEGREES)
    kept: np.ndarray = np.where(shapely.is_empty(simple), geometry, simple)
    return kept


def _drawn(geometry: np.ndarray, role: Role, kind: str) -> np.ndarray:
    if kind == _POINT:
        return geometry
    return simplified(geometry, joined=role is Role.ADMIN and kind == _POLYGON)
