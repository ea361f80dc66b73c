"""What a map carries: features as columns, every value already in words, groups as the legend shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from geoasm.render.styles import AreaStyle, PointStyle


@dataclass(frozen=True)
class Group:
    """One line of the legend: a switch, its swatch and its count."""

    id: str
    label: str
    count: int
    style: PointStyle | AreaStyle
    shown: bool = True  # there is something to show
    note: str = ""
    on: bool = True  # it shows until a reader switches it off
    late: bool = False


class Reference(NamedTuple):
    """Features of another layer, by their rows there; -1 for none: the page shows their titles."""

    layer: str
    rows: np.ndarray


class Numbers(NamedTuple):
    """
    Numbers that a page writes, in `template` at {value}; NaN for none.

    Thousands are parted where the numbers are `grouped`. Of a shape's own hectares (`of_shape`) only the difference from what its outline tells travels.
    """

    values: np.ndarray
    decimals: int
    template: str
    of_shape: bool = False
    grouped: bool = True


class Days(NamedTuple):
    """Dates that a page writes; NaT for none."""

    values: pd.Series


Column: TypeAlias = pd.Series | Reference | Numbers | Days


class Parts(NamedTuple):
    """Columns whose values a page joins row by row, leaving out what is missing."""

    columns: Sequence[Column]
    separator: str


class Field(NamedTuple):
    """One line of an answer; what is not `main` shows when a reader asks for more."""

    label: str
    values: Parts
    main: bool


@dataclass(frozen=True)
class Layer:
    """
    Features of one kind in drawing order.

    `members` gives each feature's place in `groups`; `fields` have values or missing ones, one a
    feature; `stack` lists, for points, the rows of the rights at the point; `depths` tells of features
    that overlap which comes first in an answer. Columns that are the same for all features of one key
    (`keys`: whole numbers, -1 for none) travel once a key; features of groups that are `late` come after
    the others, and may be drawn after them.
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
    depths: np.ndarray | None = None
    keys: np.ndarray | None = None
    searched: bool = False
    search_by: pd.Series | None = None
    painted: Sequence[Group] = ()  # lines of the legend that the page makes of the layer by itself

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
