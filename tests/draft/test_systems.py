"""Where a country is, and in which system its rights were drawn."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.codes import Role
from geoasm.draft.places import bounds_of, middles
from geoasm.draft.proposals import Columns
from geoasm.draft.sources import Drawn
from geoasm.draft.systems import Systems, find_systems
from geoasm.draft.words import read_catalogue
from geoasm.io.profiles import read_template
from geoasm.model import RawLayer, Source
from tests.draft import country

NAMELESS = "+proj=aea +lat_1=-2 +lat_2=-22 +lat_0=-12 +lon_0=-54 +ellps=aust_SA +units=m +no_defs"


def of(frame: gpd.GeoDataFrame) -> Systems:
    columns = Columns(frame, read_catalogue(read_template()[1]), [], date(2026, 1, 1))
    raw = RawLayer(frame, Source("concessions", "rights.gpkg"))
    found = find_systems([Drawn(raw, Role.CONCESSIONS, columns, {}, ())])
    assert found is not None
    return found


@pytest.mark.parametrize("crs", [country.ZONE, "EPSG:4326"])
def test_cells_of_a_grid_were_drawn_in_their_zone(crs: str) -> None:
    found = of(country.rights().to_crs(crs))
    assert found.drawn_in == "zone"
    assert (found.zones, found.is_south) == ((20,), True)
    assert found.step == "1000 m"
    assert found.on_step == 1


def test_squares_of_arc_were_drawn_in_degrees() -> None:
    n = np.arange(30)
    x, y = 24 + n / 120, np.full(30, 1.0)
    squares = shapely.box(x, y, x + 1 / 120, y + 1 / 120)
    found = of(gpd.GeoDataFrame({"code": n}, geometry=squares, crs="EPSG:4326"))
    assert found.drawn_in == "geographic"
    assert found.step == "30 arc-seconds"
    assert (found.zones, found.is_south) == ((35,), False)


def test_a_datum_that_nobody_names_is_told_and_a_known_one_is_not() -> None:
    rights = country.rights()
    assert of(rights).nameless is None
    assert of(rights.to_crs("EPSG:24880")).nameless is None  # PSAD56: shifts are known
    odd = rights.to_crs("EPSG:4326").set_crs("+proj=longlat +ellps=aust_SA", allow_override=True)
    assert "Natl & S. Amer. 1969" in str(of(odd.to_crs(NAMELESS)).nameless)


def test_bounds_leave_out_what_lies_far_from_all_others() -> None:
    near = np.column_stack([np.linspace(12, 30, 400), np.linspace(-13, 5, 400)])
    west, south, east, north = bounds_of(np.vstack([near, [6.7, -21.1], [0.5, 0.5]]))
    assert (west, south, east, north) == (11.0, -14.0, 31.0, 6.0)


def test_bounds_keep_a_thin_tail() -> None:
    tail = np.column_stack([np.linspace(12, 24, 13), np.full(13, -5.0)])
    crowd = np.column_stack([np.full(2_000, 25.0), np.full(2_000, -5.0)])
    assert bounds_of(np.vstack([tail, crowd]))[0] == 11.0


def test_places_of_a_table_count_and_blank_ones_do_not() -> None:
    frame = pd.concat([country.miners(), country.miners().assign(LONGITUD=0, LATITUD=0)])
    columns = Columns(frame, read_catalogue(read_template()[1]), [], date(2026, 1, 1))
    raw = RawLayer(frame, Source("registrations", "miners.csv"))
    drawn = Drawn(raw, Role.REGISTRATIONS, columns, {}, tuple(columns.positions()))
    found = find_systems([drawn])
    assert found is not None
    assert (found.zones, found.outside) == ((20,), 0)
    assert find_systems([]) is None


def test_rights_that_lie_nowhere_do_not_keep_the_others_from_being_read() -> None:
    frame = country.rights()
    plain = of(frame)
    nowhere = shapely.Polygon([(np.inf, 0), (1, 1), (2, 0)])
    for odd in (nowhere, shapely.Polygon(), shapely.box(1e12, 1e12, 1e12 + 10, 1e12 + 10), None):
        shapes = frame.geometry.to_numpy().copy()
        shapes[3] = odd
        found = of(frame.set_geometry(gpd.GeoSeries(shapes, crs=country.ZONE)))
        assert (found.drawn_in, found.zones) == (plain.drawn_in, plain.zones)


def test_shapes_of_an_unknown_system_are_nowhere() -> None:
    shapes = country.rights().set_crs(None, allow_override=True)
    assert len(middles(shapes, ())) == 0
