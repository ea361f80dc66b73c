"""Shapes held as well-known binary in an Arrow column: objects are made once somebody asks for them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

CRS = "EPSG:4326"


class Shaped:
    """An attribute of a record: a frame that is given with its shapes, however it is held."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, record: object, kind: type | None = None) -> pd.DataFrame:
        """Give the frame; from now on the record holds its shapes, so that nothing is kept twice."""
        if record is None:
            raise AttributeError(self._name)  # as of a field without default
        frame = shaped(vars(record)[self._name])
        vars(record)[self._name] = frame
        return frame

    def __set__(self, record: object, frame: pd.DataFrame) -> None:
        """Hold a frame as it is given."""
        vars(record)[self._name] = frame


def as_held(record: object, name: str) -> Any:
    """Give an attribute of a record as it is held: geometry may be well-known binary."""
    return vars(record)[name]


def hold(wkb: pa.ChunkedArray) -> pd.Series:
    """Make a column of well-known binary."""
    return pd.Series(pd.arrays.ArrowExtensionArray(wkb))


def is_held(column: pd.Series) -> bool:
    """Tell whether a column holds well-known binary, not shapes."""
    kind = column.dtype
    return isinstance(kind, pd.ArrowDtype) and pa.types.is_binary(kind.pyarrow_dtype)


def binary(column: pd.Series) -> pa.ChunkedArray:
    """Give the well-known binary of a column that holds it."""
    return column.array.__arrow_array__()


def shapes(column: pd.Series) -> npt.NDArray[np.object_]:
    """Give the shapes of a column, made where it holds well-known binary."""
    if is_held(column):
        made: npt.NDArray[np.object_] = shapely.from_wkb(
            column.array.to_numpy(dtype=object, na_value=None)
        )
        return made
    return np.asarray(column, dtype=object)


def shaped(frame: pd.DataFrame, name: str = "geometry") -> pd.DataFrame:
    """Give a frame with its shapes, a GeoDataFrame in EPSG:4326, where it holds well-known binary."""
    if name not in frame or not is_held(frame[name]):
        return frame
    made = gpd.GeoSeries(shapes(frame[name]), index=frame.index, crs=CRS)
    return gpd.GeoDataFrame(pd.DataFrame(frame).assign(**{name: made}), geometry=name)
