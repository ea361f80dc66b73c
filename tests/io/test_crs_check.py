from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.errors import CRSError, OptionError
from geoasm.io.crs_check import check_crs
from geoasm.io.profiles import load_profile
from geoasm.model import RawLayer, Source

PE = load_profile("pe").crs
CD = load_profile("cd").crs


def layer(x: float, y: float, crs: str | None, size: float = 1, name: str = "a.shp") -> RawLayer:
    boxes = [shapely.box(x + i * size, y, x + (i + 1) * size, y + size) for i in range(5)]
    frame = gpd.GeoDataFrame({"source_row": range(1, 6)}, geometry=boxes, crs=crs)
    return RawLayer(frame, Source("concessions", name, crs_read=crs))


def test_a_layer_that_agrees_with_its_system_passes_unchanged() -> None:
    raw = layer(-77, -12, "EPSG:4326", 0.01)
    assert check_crs(raw, PE) is raw
    raw = layer(345_000, 8_670_000, "EPSG:32718", 1000)
    assert check_crs(raw, PE) is raw


def test_a_projection_without_code_is_as_good_as_any() -> None:
    albers = "+proj=aea +lat_1=-2 +lat_2=-22 +lat_0=-12 +lon_0=-54 +datum=WGS84 +units=m"
    raw = layer(1_000_000, 4_000_000, albers, 1000)
    assert check_crs(raw, PE) is raw


def test_no_system_is_an_error_that_suggests_one() -> None:
    with pytest.raises(
        CRSError, match=r"a\.shp: no coordinate system.*--crs concessions=EPSG:4326"
    ):
        check_crs(layer(-77, -12, None, 0.01), PE)
    with pytest.raises(CRSError, match="EPSG:32717 or EPSG:32718 or EPSG:32719 "):
        check_crs(layer(345_000, 8_670_000, None, 1000), PE)


def test_the_zone_in_the_name_or_in_a_column_narrows_the_suggestion() -> None:
    raw = layer(345_000, 8_670_000, None, 1000, "CMI_WGS84_18S.zip")
    with pytest.raises(CRSError, match=r"concessions=EPSG:32718 \(EPSG:24878 if"):
        check_crs(raw, PE)
    raw = layer(345_000, 8_670_000, None, 1000)
    raw.frame["Zona"] = "19"
    with pytest.raises(CRSError, match=r"concessions=EPSG:32719 \("):
        check_crs(raw, PE)


def test_metres_called_degrees_are_an_error() -> None:
    with pytest.raises(CRSError, match=r"EPSG:4326, which is degrees, but .* metres .*EPSG:32718"):
        check_crs(layer(345_000, 8_670_000, "EPSG:4326", 1000), PE)


def test_degrees_called_metres_are_an_error() -> None:
    with pytest.raises(CRSError, match=r"which is metres, but .* degrees .*concessions=EPSG:4326"):
        check_crs(layer(-77, -12, "EPSG:32718", 0.01), PE)


def test_one_stray_feature_is_no_contradiction() -> None:
    raw = layer(-77, -12, "EPSG:4326", 0.01)
    raw.frame.loc[0, "geometry"] = shapely.box(345_000, 8_670_000, 346_000, 8_671_000)
    assert check_crs(raw, PE) is raw


@pytest.mark.parametrize(("plan", "x", "y"), [(PE, -12, -77), (CD, -3, 25)])
def test_swapped_axes_of_a_whole_layer_are_an_error(plan: object, x: float, y: float) -> None:
    with pytest.raises(CRSError, match="axes look swapped"):
        check_crs(layer(x, y, "EPSG:4326", 0.01), plan)  # type: ignore[arg-type]


def test_a_system_given_relabels_and_is_recorded() -> None:
    raw = check_crs(layer(345_000, 8_670_000, "EPSG:4326", 1000), PE, "EPSG:32718")
    assert isinstance(raw.frame, gpd.GeoDataFrame)
    assert raw.frame.crs.to_epsg() == 32718
    assert raw.frame.total_bounds[0] == 345_000
    assert raw.source.crs_read == "EPSG:32718 (given)"


def test_a_system_given_wrongly_is_still_a_contradiction() -> None:
    with pytest.raises(CRSError, match="which is degrees"):
        check_crs(layer(345_000, 8_670_000, None, 1000), PE, "EPSG:4326")


def test_tables_have_no_system_to_give() -> None:
    raw = RawLayer(pd.DataFrame({"X": ["1"]}), Source("registrations", "a.csv"))
    assert check_crs(raw, PE) is raw
    with pytest.raises(OptionError, match=r"a\.csv has no geometry"):
        check_crs(raw, PE, "EPSG:4326")


def test_a_layer_without_any_geometry_says_nothing_of_its_system() -> None:
    frame = gpd.GeoDataFrame({"source_row": [1]}, geometry=np.array([None]), crs=None)
    raw = RawLayer(frame, Source("concessions", "a.shp"))
    assert check_crs(raw, PE) is raw
