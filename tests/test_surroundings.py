"""What registrations are joined with: ground that a rule asks for, and nothing else."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString

from geoasm import surroundings
from geoasm.codes import Role
from tests.cells import ZONE, whole_world
from tests.test_pipeline import run


def test_points_are_not_looked_for_in_rivers(monkeypatch: pytest.MonkeyPatch) -> None:
    world = whole_world()
    west, south, east, north = world[Role.CONCESSIONS].to_crs(ZONE).total_bounds
    across = LineString([(west, south), (east, north)])
    world[Role.RIVERS] = gpd.GeoDataFrame({"name": ["A"]}, geometry=[across], crs=ZONE)
    joined = []
    link_areas = surroundings.link_areas

    def watched(points, index):
        joined.extend(s.geom_type for part in index.by_system for s in part.shapes.geometries)
        return link_areas(points, index)

    monkeypatch.setattr(surroundings, "link_areas", watched)
    result = run(world)
    assert Role.RIVERS.value in result.context
    assert joined
    assert "LineString" not in joined
