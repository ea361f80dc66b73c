"""Raster files to grids: one band each, open for reading window by window."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import shapely
from rasterio._err import CPLE_BaseError  # of damage met late; no other name is public
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from geoasm.codes import Role
from geoasm.errors import CRSError, InputError, OptionError, SourceNotFound, UnreadableSource
from geoasm.geometry import crs_label, parse_crs
from geoasm.io import drivers, paths
from geoasm.io.crs_check import find_fault
from geoasm.io.paths import RASTER_MARKS, Location, RasterFile, digest, locate, named_alike
from geoasm.model import CrsPlan, Grid, Source, Window

ASSUMED_FIELDS: Mapping[Role, tuple[str, ...]] = {
    Role.ACTIVITY: ("nodata", "legend"),
    Role.ELEVATION: ("nodata",),
}
NO_NODATA = "none"

_SIDES = frozenset({".msk", ".ovr"})
_HEAD_BYTES = 64
ENVIRONMENT = {
    "GDAL_CACHEMAX": 16
    << 20,  # bytes, kept until files are closed; what a window used is rarely asked again
    **drivers.OFFLINE,  # a side file may name another on the network
}
_PARTS = frozenset({MaskFlags.per_dataset, MaskFlags.alpha})
_FEET = re.compile(r"(?<![a-z])(us(survey)?)?f(ee|oo)?t(us)?(?![a-z])", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@contextmanager
def open_rasters(
    files: Mapping[Role, Sequence[RasterFile]],
    plan: CrsPlan,
    *,
    crs: Mapping[Role, str] | None = None,
    assumptions: Mapping[tuple[str, str], str] | None = None,
) -> Iterator[dict[Role, tuple[Grid, ...]]]:
    """
    Open rasters by role for as long as the context lasts.

    Parameters
    ----------
    files
        `path` or `path:BAND` of each raster, with its year where its name does not tell it.
    plan
        Of the country, for a suggestion where a raster states no system.
    crs
        By role, against what the files say.
    assumptions
        `("activity", "nodata")` and the like, against what the files say; "none": every value counts.

    Yields
    ------
    grids
        By role, activity in the order of years.

    Raises
    ------
    InputError, OptionError
        A raster cannot be used as it is; the text names file and next step.
    """
    with rasterio.Env(**ENVIRONMENT), ExitStack() as stack:
        grids: dict[Role, tuple[Grid, ...]] = {}
        for role, several in files.items():
            if role is Role.ELEVATION and len(several) > 1:
                raise OptionError(
                    f"{role} is given {len(several)} times: give one raster of heights"
                )
            nodata = _assumed_nodata(role, assumptions or {})
            opened = [
                stack.enter_context(_open(file, role, plan, (crs or {}).get(role), nodata))
                for file in several
            ]
            if role is Role.ACTIVITY:
                opened = _by_year(opened)
            grids[role] = tuple(opened)
        yield grids


@contextmanager
def open_dataset(text: str) -> Iterator[tuple[Location, Any]]:
    """
    Open a raster file with rasterio.

    Raises
    ------
    SourceNotFound, UnreadableSource
        There is no such file; it is no raster, or points to data elsewhere.
    """
    location = locate(text)
    with paths.unchanged(location.path), _opened(location) as dataset, blamed(location.name):
        if "OVERVIEW_FILE" in dataset.tags(ns="OVERVIEWS"):
            raise _points_elsewhere(location.name)
        if not dataset.count:
            raise UnreadableSource(
                f"{location.name} holds {len(dataset.subdatasets)} rasters, which have no single "
                "grid; export the one with the values as a GeoTIFF"
            )
        yield location, dataset


def _opened(location: Location) -> Any:
    _check_head(location.path)
    _check_sides(location.path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            return DatasetReader(str(location.path), driver=list(drivers.RASTER))
        except RasterioError as err:
            raise UnreadableSource(
                f"{location.name} is no raster, or is damaged; {drivers.READS_RASTERS}"
            ) from err


@contextmanager
def blamed(name: str) -> Iterator[None]:
    """Name the file whose damage is met only when something of it is asked for."""
    try:
        yield
    except (CPLE_BaseError, RasterioError) as err:
        raise UnreadableSource(f"{name} is damaged; fetch or export it again") from err


def _check_sides(path: Path) -> None:
    """Refuse masks and overviews beside a raster that are no rasters themselves."""
    for side in named_alike(path):
        if side.suffix.lower() in _SIDES and side.is_file():
            with side.open("rb") as file:
                if not file.read(_HEAD_BYTES).startswith(RASTER_MARKS):
                    raise _points_elsewhere(side.name)


def _check_head(path: Path) -> None:
    """Refuse descriptions of rasters (virtual ones, services): opening one may reach the network."""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
        if head.startswith((b"<", b"{")):
            raise _points_elsewhere(path.name)


def _points_elsewhere(name: str) -> UnreadableSource:
    return UnreadableSource(
        f"{name} is no raster, or only points to one elsewhere; name the file with the data"
    )


def stated_year(*texts: str | None) -> int | None:
    """Give the year that the first text states that has just one number of 1900 to 2099."""
    for text in texts:
        found = {int(y) for y in _YEAR.findall(text or "")}
        if len(found) == 1:
            return found.pop()
    return None


@contextmanager
def _open(
    file: RasterFile, role: Role, plan: CrsPlan, crs: str | None, nodata: float | str | None
) -> Iterator[Grid]:
    if role is not Role.ACTIVITY and file.year is not None:
        raise OptionError(f"{role}@{file.year}={file.text}: only activity has years")
    with open_dataset(file.text) as (location, dataset):
        band = choose_band(dataset, location, role)
        _check(dataset, band, location, role)
        system = _system(dataset, location, role, plan, crs)
        year = None
        if role is Role.ACTIVITY:
            year = file.year or stated_year(
                location.path.stem, location.layer, dataset.descriptions[band - 1]
            )
            if year is None:
                raise InputError(
                    f"{location.name}: its name does not tell its year; "
                    f"say it, as in --raster {role}@2020={file.text}"
                )
        declared = dataset.nodatavals[band - 1]
        used = declared if nodata is None else None if nodata == NO_NODATA else float(nodata)
        rows, columns = dataset.block_shapes[band - 1]
        # Classes stay as they are stored.
        scale, offset = (
            (dataset.scales[band - 1], dataset.offsets[band - 1])
            if role is Role.ELEVATION
            else (1.0, 0.0)
        )
        yield Grid(
            source=Source(
                role=role.value,
                name=location.name,
                sha256=digest(location.path),
                layer=location.layer,
                crs_read=crs_label(system) + (" (given)" if crs else ""),
            ),
            crs=system.to_string(),
            transform=tuple(dataset.transform)[:6],
            shape=dataset.shape,
            block=(rows, columns),
            nodata=used,
            read=_reader(dataset, band, location.name, used, scale, offset),
            year=year,
            scale=scale,
            offset=offset,
        )


def _assumed_nodata(role: Role, assumptions: Mapping[tuple[str, str], str]) -> float | str | None:
    text = assumptions.get((role.value, "nodata"))
    if text is None or text == NO_NODATA:
        return text
    try:
        return float(text)
    except ValueError:
        raise OptionError(
            f"assume: {role}.nodata={text} is no number; write a value, or {NO_NODATA}"
        ) from None


def _by_year(grids: list[Grid]) -> list[Grid]:
    of_year: dict[int | None, Grid] = {}
    for grid in grids:
        other = of_year.setdefault(grid.year, grid)
        if other is not grid:
            raise InputError(
                f"{other.source.name} and {grid.source.name} are both of {grid.year}; "
                "give one raster a year, or say its year, as in --raster activity@2020=FILE"
            )
    return sorted(grids, key=lambda grid: grid.year or 0)


def plain_bands(dataset: Any) -> list[int]:
    """Number the bands of a raster that are no mask of the others."""
    return [i for i, use in enumerate(dataset.colorinterp, 1) if use is not ColorInterp.alpha]


def choose_band(dataset: Any, location: Location, role: Role) -> int:
    """
    Give the band that a location names, or the only one.

    Raises
    ------
    SourceNotFound, UnreadableSource
        There is no such band; there are several and none was named.
    """
    wanted = location.layer
    if wanted is not None:
        if not (wanted.isdecimal() and 1 <= int(wanted) <= dataset.count):
            has = "1 band" if dataset.count == 1 else f"bands 1 to {dataset.count}"
            raise SourceNotFound(f"{location.name} has no band {wanted!r}; it has {has}")
        return int(wanted)
    bands = plain_bands(dataset)
    if len(bands) == 1:
        return bands[0]
    kinds = dataset.dtypes  # which are looked up anew at each mention
    picture = ", as a picture has" if {kinds[b - 1] for b in bands} == {"uint8"} else ""
    raise UnreadableSource(
        f"{location.name} has {dataset.count} bands{picture}; "
        f"name the one with the values, as in {role}={location.name}:1"
    )


def _check(dataset: Any, band: int, location: Location, role: Role) -> None:
    dtype = str(dataset.dtypes[band - 1])
    if dtype.startswith("complex"):
        raise UnreadableSource(
            f"{location.name} has complex numbers; name a raster of plain values"
        )
    if dataset.transform.is_identity:
        how = (
            "only ground control points; warp it first"
            if dataset.gcps[0] or dataset.rpcs
            else "no position of its pixels; export it with its georeference, or add a world file"
        )
        raise InputError(f"{location.name} has {how}")
    check_pixels(dataset, location)
    unit = dataset.units[band - 1] or ""
    if role is Role.ELEVATION and _FEET.search(unit):
        raise InputError(f"{location.name} has heights in {unit}; convert it to metres")


def check_pixels(dataset: Any, location: Location) -> None:
    """
    Look whether pixels lie somewhere and cover something.

    Raises
    ------
    InputError
        They do not: numbers of the georeference are damaged.
    """
    place = tuple(dataset.transform)[:6]
    a, b, _, d, e, _ = place
    corners = np.array(outline_corners(dataset))
    if not np.isfinite(corners).all() or a * e == b * d:
        raise InputError(
            f"{location.name}: its pixels have no area (transform {place}); export it again"
        )


def _system(
    dataset: Any, location: Location, role: Role, plan: CrsPlan, given: str | None
) -> pyproj.CRS:
    """Give the horizontal system of a raster, stated or given, that its bounds can be in."""
    stated = read_system(dataset)
    system = stated if given is None else horizontal(parse_crs(given))
    if system is not None and not (system.is_geographic or system.is_projected):
        raise CRSError(
            f"{location.name}: {crs_label(system)} is no system on the Earth; "
            f"say which with --crs {role}=EPSG:CODE"
        )
    frame = gpd.GeoDataFrame(geometry=[outline(dataset)], crs=system)
    fault = find_fault(frame, role.value, location.name, [plan])
    if fault is not None:
        raise CRSError(f"{location.name}: {fault.problem}; {fault.remedy}")
    if system is None:  # bounds that are not finite have no middle
        raise CRSError(
            f"{location.name}: no coordinate system; say which with --crs {role}=EPSG:CODE"
        )
    return system


def read_system(dataset: Any) -> pyproj.CRS | None:
    """Give the horizontal system that a raster states."""
    return horizontal(parse_crs(dataset.crs.to_wkt())) if dataset.crs else None


def horizontal(system: pyproj.CRS) -> pyproj.CRS:
    """Give a system without its heights."""
    return system.sub_crs_list[0] if system.is_compound else system.to_2d()


def outline(dataset: Any) -> shapely.Polygon:
    """Give the ground of a raster."""
    return shapely.Polygon(outline_corners(dataset))


def outline_corners(dataset: Any) -> list[tuple[float, float]]:
    """Give the four corners of a raster."""
    rows, columns = dataset.shape
    corners = ((0, 0), (columns, 0), (columns, rows), (0, rows))
    a, b, c, d, e, f = tuple(dataset.transform)[:6]
    return [(a * x + b * y + c, d * x + e * y + f) for x, y in corners]


def has_mask(dataset: Any, band: int) -> bool:
    """Tell whether a mask or alpha band says which pixels of a band are valid."""
    return bool(_PARTS & set(dataset.mask_flag_enums[band - 1]))


def _reader(
    dataset: Any, band: int, name: str, nodata: float | None, scale: float, offset: float
) -> Callable[[Window], tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]]:
    masked = has_mask(dataset, band)

    def read(window: Window) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        row, column, rows, columns = window
        place = RasterioWindow(column, row, columns, rows)
        try:
            values = dataset.read(band, window=place)
            mask = dataset.read_masks(band, window=place) > 0 if masked else None
        except RasterioError as err:
            raise UnreadableSource(
                f"{name} is damaged: rows {row} to {row + rows} cannot be read; "
                "fetch or export it again"
            ) from err
        valid = np.ones(values.shape, dtype=bool) if mask is None else mask
        if nodata is not None:
            # numpy rounds the number to the type of the values; what is too large for it equals none
            with np.errstate(over="ignore"):
                valid &= values != nodata
        if values.dtype.kind == "f":
            valid &= np.isfinite(values)
        if (scale, offset) != (1.0, 0.0):
            values = values * scale + offset
        return values, valid

    return read
