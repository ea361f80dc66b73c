"""What a map carries: features as columns, every value already in words, groups as the legend shows them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoasm.render.styles import SHAPES, AreaStyle, PointStyle

UNITS_PER_DEGREE = 1_000_000  # coordinates travel as whole microdegrees, about 0.1 m
FORMAT = 1


@dataclass(frozen=True)
class Group:
    """One line of the legend: a switch, its swatch and its count."""

    id: str
    label: str
    count: int
    style: PointStyle | AreaStyle
    shown: bool = True
    note: str = ""


class Field(NamedTuple):
    """One line of an answer; what is not `main` shows when a reader asks for more."""

    label: str
    values: pd.Series
    main: bool


@dataclass(frozen=True)
class Layer:
    """
    Features of one kind in drawing order.

    `members` gives each feature's place in `groups`; `fields` have one text or missing value a
    feature; `stack` lists, for points, the rows of the rights at the point.
    """

    id: str
    title: str
    here: str  # heading of these features where a reader asks what is at a point, with {n}
    kind: str  # "point", "line" or "polygon"
    groups: Sequence[Group]
    members: np.ndarray
    names: pd.Series
    subtitles: pd.Series
    geometry: Any  # array of shapely geometries, EPSG:4326
    fields: Sequence[Field] = ()
    stack: pd.Series | None = None
    searched: bool = False
    search_by: pd.Series | None = None

    @property
    def is_context(self) -> bool:
        """Tell a layer that was given with the run from one that the run made."""
        return self.id.startswith("context:")

    @property
    def legend(self) -> Sequence[Group]:
        """The groups as a legend lists them: areas from the top down, markers as they come."""
        return self.groups if self.kind == "point" else self.groups[::-1]


def words(values: pd.Series, say: Callable[[Any], str | None]) -> pd.Series:
    """Turn values into words, asking once for each distinct value; missing stays missing."""
    codes, distinct = pd.factorize(values)
    spoken = pd.Series([*map(say, distinct), None], dtype=object)
    return spoken.take(codes).set_axis(values.index)


def joined(parts: Iterable[pd.Series], separator: str) -> pd.Series:
    """Join the values of several columns row by row, leaving out what is missing."""
    columns = [p.astype(object).where(p.notna(), None).tolist() for p in parts]
    rows = [separator.join(str(v) for v in row if v) or None for row in zip(*columns, strict=True)]
    return pd.Series(rows, dtype=object)


def to_json(layers: Sequence[Layer], words_of_page: Mapping[str, str]) -> str:
    """
    Write the layers as JSON that is safe inside a script element of a page.

    Returns
    -------
    text
        Pure ASCII, without `<`, `>` and `&`.
    """
    data = {
        "format": FORMAT,
        "unit": UNITS_PER_DEGREE,
        "words": dict(words_of_page),
        "shapes": {name: shape.path for name, shape in SHAPES.items()},
        "layers": [_layer(layer) for layer in layers],
    }
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _layer(layer: Layer) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": layer.id,
        "kind": layer.kind,
        "here": layer.here,
        "groups": [{"id": g.id, "label": g.label, "style": asdict(g.style)} for g in layer.groups],
        "member": [int(m) for m in layer.members],
        "name": _column(layer.names),
        "subtitle": _column(layer.subtitles),
        "fields": [
            {"label": f.label, "values": _column(f.values), "main": f.main} for f in layer.fields
        ],
        "geometry": _geometry(layer),
    }
    if layer.stack is not None:
        out["stack"] = _column(layer.stack)
    if layer.searched:
        out["search"] = [] if layer.search_by is None else _column(layer.search_by)
    return out


def _column(values: pd.Series) -> list[Any] | dict[str, list[Any]]:
    """Give a column as a list, or, where values repeat, as the distinct ones and their places."""
    plain = values.astype(object).where(values.notna(), None).to_numpy(dtype=object)
    codes, distinct = pd.factorize(plain, use_na_sentinel=False)
    if 2 * len(distinct) > len(plain):
        return list(plain.tolist())
    return {"d": [None if v is None or v != v else v for v in distinct], "i": codes.tolist()}


def _geometry(layer: Layer) -> dict[str, Any]:
    """Give coordinates as differences of microdegrees, with the vertices of each ring and rings of each feature."""
    geometry = np.asarray(layer.geometry, dtype=object)
    if layer.kind == "point":
        return {"xy": _differences(shapely.get_coordinates(geometry))}
    parts, owner = shapely.get_parts(geometry, return_index=True)
    if layer.kind == "polygon":
        rings, part = shapely.get_rings(parts, return_index=True)
        owner = owner[part]
        anchor = shapely.point_on_surface(geometry)
    else:
        rings = parts
        anchor = shapely.line_interpolate_point(
            shapely.get_geometry(geometry, 0), 0.5, normalized=True
        )
    return {
        "xy": _differences(shapely.get_coordinates(rings)),
        "vertices": shapely.get_num_coordinates(rings).tolist(),
        "rings": np.bincount(owner, minlength=len(geometry)).tolist(),
        "at": _differences(shapely.get_coordinates(anchor)),
    }


def _differences(xy: np.ndarray) -> list[int]:
    whole = np.rint(xy * UNITS_PER_DEGREE).astype(np.int64)
    steps: list[int] = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
    return steps
