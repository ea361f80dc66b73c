"""Disturbed ground of Amapá's processes, held against two counts that share nothing with geoasm."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely

from geoasm.disturbed import DisturbedRights, measure_disturbance

pytestmark = pytest.mark.real

YEARS = (1985, 2000, 2010, 2020)
MINING, NO_DATA = 30, 65535
M2_PER_HA = 10_000
MOST_OFF = 1e-6  # of the counted hectares; one per cent is asked for, all three measures are exact
FLOOR_HA = 1e-6
MIN_GROWTH_HA, MIN_VALID = 0.1, 0.5


@pytest.fixture(scope="module")
def folder(real: Path) -> Path:
    return real / "brazil_amapa"


@pytest.fixture(scope="module")
def measured(folder: Path) -> DisturbedRights:
    return measure_disturbance(
        f"{folder / 'mining_processes.gpkg'}:sigmine_AP_2021_poly",
        [folder / f"land_cover_{year}.tif" for year in YEARS],
        profile="br",
        on=date(2021, 12, 31),
    )


@pytest.fixture(scope="module")
def processes(folder: Path) -> gpd.GeoSeries:
    """Processes in the raster's system, brought there by pyproj alone: the file's degrees are SIRGAS's."""
    raw = gpd.read_file(folder / "mining_processes.gpkg", layer="sigmine_AP_2021_poly")
    shapes = shapely.force_2d(shapely.make_valid(raw.geometry.to_numpy(), method="structure"))
    degrees = pyproj.Transformer.from_crs(raw.crs, raw.crs.geodetic_crs, always_xy=True)
    metres = pyproj.Transformer.from_crs("EPSG:4674", "EPSG:31976", always_xy=True)

    def move(at: np.ndarray) -> np.ndarray:
        return np.column_stack(metres.transform(*degrees.transform(at[:, 0], at[:, 1])))

    moved = gpd.GeoSeries(shapely.transform(shapes, move), crs="EPSG:31976")
    whole = moved.groupby(raw["PROCESSO"]).agg(lambda parts: shapely.union_all(parts.to_numpy()))
    with rasterio.open(folder / "land_cover_2020.tif") as raster:
        seen = shapely.box(*raster.bounds)
    return gpd.GeoSeries(whole[shapely.intersects(whole.to_numpy(), seen)], crs="EPSG:31976")


def pixel_by_pixel(file: Path, shapes: gpd.GeoSeries) -> pd.Series:
    """Cut every pixel of mining with every process: hectares."""
    with rasterio.open(file) as raster:
        row, column = np.nonzero(raster.read(1) == MINING)
        a, _, c, _, e, f = tuple(raster.transform)[:6]
    pixels = shapely.box(c + a * column, f + e * (row + 1), c + a * (column + 1), f + e * row)
    pixel, shape = shapely.STRtree(shapes.to_numpy()).query(pixels, predicate="intersects")
    shared = shapely.area(shapely.intersection(pixels[pixel], shapes.to_numpy()[shape]))
    counted = np.bincount(shape, shared, minlength=len(shapes))
    return pd.Series(counted / M2_PER_HA, index=shapes.index)


def by_exactextract(file: Path, shapes: gpd.GeoSeries) -> tuple[pd.Series, pd.Series]:
    """Hectares of mining, and the part of each process with values."""
    with rasterio.open(file) as raster:
        pixel_ha = abs(raster.transform.a * raster.transform.e) / M2_PER_HA
    frame = gpd.GeoDataFrame(geometry=shapes.to_numpy(), crs=shapes.crs)
    found = exactextract.exact_extract(
        str(file), frame, ["values", "coverage"], output="pandas", include_geom=False
    )
    ha, valid = [], []
    for values, coverage in zip(found["values"], found["coverage"], strict=True):
        kept = np.ma.getdata(values) != NO_DATA
        kept &= ~np.ma.getmaskarray(values)
        ha.append(coverage[kept & (np.ma.getdata(values) == MINING)].sum() * pixel_ha)
        valid.append(coverage[kept].sum() * pixel_ha)
    area = shapes.area / M2_PER_HA
    return pd.Series(ha, index=shapes.index), pd.Series(valid, index=shapes.index) / area


@pytest.mark.parametrize("year", YEARS)
def test_hectares_of_every_year_agree_with_two_counts(
    measured: DisturbedRights, processes: gpd.GeoSeries, folder: Path, year: int
) -> None:
    file = folder / f"land_cover_{year}.tif"
    rows = measured.years[measured.years["year"] == year].set_index("concession_id")
    stated = rows["disturbed_ha"].dropna()
    assert len(stated) == 50
    extracted, valid = by_exactextract(file, processes)
    for counted in (pixel_by_pixel(file, processes), extracted):
        assert (counted > FLOOR_HA).sum() >= 8
        expected = counted.reindex(stated.index)
        assert ((stated - expected).abs() <= np.maximum(MOST_OFF * expected, FLOOR_HA)).all()
    both = rows["valid_share"].index
    assert rows["valid_share"].to_numpy() == pytest.approx(valid.reindex(both).to_numpy(), abs=1e-3)
    assert (set(valid.index[valid >= MIN_VALID])) == set(stated.index)


def test_years_of_growth_are_those_of_a_plain_walk(
    measured: DisturbedRights, processes: gpd.GeoSeries, folder: Path
) -> None:
    counts = [pixel_by_pixel(folder / f"land_cover_{year}.tif", processes) for year in YEARS]
    stated = measured.concessions.dropna(subset="disturbed_ha").set_index("concession_id")
    walked = 0
    for code, row in stated.iterrows():
        hectares = [float(counted[code]) for counted in counts]
        steps = [later - earlier for earlier, later in pairwise(hectares)]
        if any(abs(step - MIN_GROWTH_HA) < FLOOR_HA for step in steps):
            continue  # too close to call by another measure
        grown = [year for year, step in zip(YEARS[1:], steps, strict=True) if step >= MIN_GROWTH_HA]
        expected = [grown[0], grown[-1]] if grown else [None, None]
        got = [None if pd.isna(v) else v for v in row[["first_growth_year", "last_growth_year"]]]
        assert got == expected, code
        disturbed = [year for year, ha in zip(YEARS, hectares, strict=True) if ha > FLOOR_HA]
        if disturbed:
            assert row["first_disturbed_year"] == disturbed[0]
        assert row["growth_ha"] == pytest.approx(
            hectares[-1] - hectares[0], rel=MOST_OFF, abs=2 * FLOOR_HA
        )
        walked += bool(grown)
    assert walked >= 8


def test_processes_away_from_the_raster_have_no_figures(measured: DisturbedRights) -> None:
    rights = measured.concessions
    assert rights["disturbed_ha"].notna().sum() == 50
    assert (rights.loc[rights["disturbed_ha"].isna(), "disturbed_valid_share"] < MIN_VALID).all()
    told = measured.issues[measured.issues["source"] == "activity"]
    assert told["problem"].tolist() == ["outside_raster"]
