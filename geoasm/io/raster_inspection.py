"""What a raster file holds, which legend fits its values, and what looks wrong in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.errors import RasterioError

from geoasm.codes import Role
from geoasm.errors import UnreadableSource
from geoasm.geometry import crs_label
from geoasm.io.crs_check import find_fault
from geoasm.io.inspection import Finding
from geoasm.io.paths import Location
from geoasm.io.rasters import (
    ENVIRONMENT,
    check_pixels,
    choose_band,
    has_mask,
    open_dataset,
    outline,
    plain_bands,
    read_system,
    stated_year,
)
from geoasm.profile import Profile
from geoasm.raster_legends import CLASSES_FIRST, is_known, wrong_nodata

_LOOK_PIXELS = 1 << 20  # of a band, evenly spread
_MOST_CLASSES = 256  # of a raster of classes; heights have more
_MOST_SHOWN = 20


@dataclass(frozen=True)
class RasterReport:
    """One raster file as `geoasm inspect` shows it."""

    file: str
    band: int | None  # that was looked at; None: none was named of several
    bands: int
    dtype: str
    shape: tuple[int, int]  # rows, columns
    crs: str | None
    pixel: tuple[float, float]  # width and height, in the system's unit
    unit: str | None
    bounds: tuple[float, float, float, float]  # in the raster's own system
    nodata: float | None
    masked: bool  # a mask or alpha band tells which pixels are valid
    year: int | None
    values: tuple[float, ...]  # of valid pixels of an evenly spread look; empty where they are many
    value_range: tuple[float, float] | None
    legends: tuple[str, ...]  # that know every value: `mapbiomas of profile pe`
    findings: tuple[Finding, ...]


def inspect_raster(text: str, profiles: Sequence[Profile]) -> RasterReport:
    """
    Look at a raster file.

    Parameters
    ----------
    text
        `path` or `path:BAND`.
    profiles
        Countries whose legends and bounds are tried.

    Raises
    ------
    InputError
        There is no such file or band, or nothing that can be read.
    """
    with rasterio.Env(**ENVIRONMENT), open_dataset(text) as (location, dataset):
        named = location.layer is not None or len(plain_bands(dataset)) == 1
        band = choose_band(dataset, location, Role.ACTIVITY) if named else None
        distinct = np.empty(0) if band is None else np.unique(_values(dataset, band, location.name))
        few = 0 < len(distinct) <= _MOST_CLASSES
        check_pixels(dataset, location)
        system = read_system(dataset)
        a, b, _, d, e, _ = tuple(dataset.transform)[:6]
        return RasterReport(
            file=location.name,
            band=band,
            bands=dataset.count,
            dtype=str(dataset.dtypes[(band or 1) - 1]),
            shape=dataset.shape,
            crs=None if system is None else crs_label(system),
            pixel=(float(np.hypot(a, d)), float(np.hypot(b, e))),
            unit=None if system is None else system.axis_info[0].unit_name,
            bounds=outline(dataset).bounds,
            nodata=dataset.nodatavals[(band or 1) - 1],
            masked=has_mask(dataset, band or 1),
            year=stated_year(location.path.stem, location.layer),
            values=tuple(float(v) for v in distinct[:_MOST_SHOWN]) if few else (),
            value_range=(float(distinct[0]), float(distinct[-1])) if len(distinct) else None,
            legends=tuple(_legends(distinct, profiles)) if few else (),
            findings=tuple(_findings(dataset, band, location, system, distinct, profiles)),
        )


def _values(dataset: Any, band: int, name: str) -> np.ndarray[Any, Any]:
    """Give the valid values of an evenly spread look; of complex numbers none."""
    if str(dataset.dtypes[band - 1]).startswith("complex"):
        return np.empty(0)
    step = max((dataset.width * dataset.height / _LOOK_PIXELS) ** 0.5, 1.0)
    shape = max(int(dataset.height / step), 1), max(int(dataset.width / step), 1)
    try:
        seen = dataset.read(band, out_shape=shape, masked=True)
    except RasterioError as err:
        raise UnreadableSource(f"{name} is damaged; fetch or export it again") from err
    values: np.ndarray[Any, Any] = seen.compressed()
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values


def _legends(values: np.ndarray[Any, Any], profiles: Sequence[Profile]) -> Iterator[str]:
    for profile in profiles:
        for legend in profile.legends.get(Role.ACTIVITY, ()):
            if is_known(values, legend).all():
                yield f"{legend.name} of profile {profile.code}"


def _findings(
    dataset: Any,
    band: int | None,
    location: Location,
    system: Any,
    values: np.ndarray[Any, Any],
    profiles: Sequence[Profile],
) -> Iterator[Finding]:
    if band is None:
        yield Finding(
            f"it has {dataset.count} bands", f"name one, as in activity={location.name}:1"
        )
    if dataset.transform.is_identity:
        yield Finding(
            "its pixels have no position", "export it with its georeference, or add a world file"
        )
    else:
        frame = gpd.GeoDataFrame(geometry=[outline(dataset)], crs=system)
        fault = find_fault(frame, Role.ACTIVITY.value, location.name, [p.crs for p in profiles])
        if fault is not None:
            yield Finding(fault.problem, fault.remedy)
    if band is None:
        return
    if str(dataset.dtypes[band - 1]).startswith("complex"):
        yield Finding("its numbers are complex", "name a raster of plain values")
    elif 0 < len(values) <= _MOST_CLASSES:
        yield from _as_activity(dataset.nodatavals[band - 1], location, values, profiles)


def _as_activity(
    nodata: float | None,
    location: Location,
    values: np.ndarray[Any, Any],
    profiles: Sequence[Profile],
) -> Iterator[Finding]:
    legends = [legend for p in profiles for legend in p.legends.get(Role.ACTIVITY, ())]
    fitting = next((legend for legend in legends if is_known(values, legend).all()), None)
    wrong = None if fitting is None else wrong_nodata(nodata, fitting)
    if fitting is None and (values % 1 != 0).any():
        yield Finding("as activity: it has values between whole numbers", CLASSES_FIRST)
    elif fitting is None:
        yield Finding(
            "as activity: no legend knows all its values",
            "say which are no data with --assume activity.nodata=VALUE, or name the legend with "
            "--assume activity.legend=NAME",
        )
    if wrong is not None:
        yield Finding(
            f"it declares {nodata:g} as no data, but {wrong}",
            "say which value is no data with --assume activity.nodata=VALUE (none: no value is)",
        )
    if stated_year(location.path.stem, location.layer) is None:
        yield Finding(
            "as activity: its name does not tell its year",
            f"say it, as in --raster activity@2020={location.name}",
        )
