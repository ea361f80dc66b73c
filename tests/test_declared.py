"""The declared right against the rights at the point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
from shapely import Point, box

from geoasm.declared import relate
from geoasm.io.profiles import load_profile
from geoasm.link import Points, link

PLAN = load_profile("pe").crs
ZONE = "EPSG:32718"
X, Y = 500_000.0, 8_900_000.0
NEAR_M = 300.0
DEGREES = pyproj.Transformer.from_crs(ZONE, "EPSG:4326", always_xy=True)


def cadastre(n: int = 3) -> pd.DataFrame:
    """Give squares of a kilometre, one each two: a title, an extinct right, a title of zone 17."""
    squares = [box(X + i * 2000, Y, X + i * 2000 + 1000, Y + 1000) for i in range(2)]
    to_17 = pyproj.Transformer.from_crs(ZONE, "EPSG:32717", always_xy=True)
    x17, y17 = to_17.transform(X + 4000, Y)
    shapes = [*squares, box(x17, y17, x17 + 1000, y17 + 1000)]
    zones = [ZONE, ZONE, "EPSG:32717"]
    frame = pd.DataFrame({"concession_id": pd.Series(["T", "E", "Z"], dtype="str")})
    frame["status"] = pd.Series(["titled", "extinct", "titled"], dtype="str")
    for column in ("drawn", "planar"):
        frame[column] = pd.Series(shapes, dtype=object)
    for column in ("crs_used", "planar_crs"):
        frame[column] = pd.Series(zones, dtype="str")
    return frame.iloc[:n]


def relation(declared: str | None, east: float | None, rights: pd.DataFrame | None = None) -> tuple:
    """Relate a registration that stands so many metres east of the first right's corner."""
    rights = cadastre() if rights is None else rights
    at = None if east is None else Point(*DEGREES.transform(X + east, Y + 500))
    points = Points(np.array([at], dtype=object), PLAN)
    pairs = link(points, rights, reach_m=NEAR_M)
    row = relate(pd.Series([declared], dtype="str"), points, pairs, rights, near_m=NEAR_M).iloc[0]
    return tuple(None if pd.isna(v) else v for v in row)


@pytest.mark.parametrize(
    ("declared", "east", "expected"),
    [
        ("T", 500, ("agrees", 0)),
        ("T", 999.999, ("agrees", 0)),
        ("T", 1250, ("near", 250)),
        ("T", 1350, ("elsewhere", 350)),
        ("T", 2500, ("elsewhere", 1500)),
        ("E", 2500, ("agrees", 0)),
        ("E", 500, ("extinct", 1500)),
        ("Z", 500, ("elsewhere", 3500)),
        ("Q", 500, ("unknown_code", None)),
        (None, 500, ("none", None)),
        ("T", None, (None, None)),
        ("E", None, ("extinct", None)),
        ("Q", None, ("unknown_code", None)),
        (None, None, ("none", None)),
    ],
)
def test_relation(declared: str | None, east: float | None, expected: tuple) -> None:
    name, distance = relation(declared, east)
    assert name == expected[0]
    tolerance = {"rel": 4e-3, "abs": 1e-3}  # lengths stretch in a zone that is not the point's
    assert distance == (None if expected[1] is None else pytest.approx(expected[1], **tolerance))


def test_an_empty_cadastre_knows_no_code() -> None:
    assert relation("T", 500, cadastre(0)) == ("unknown_code", None)
    assert relation(None, 500, cadastre(0)) == ("none", None)


def test_answers_stand_at_their_registrations() -> None:
    rights = cadastre()
    at = [Point(*DEGREES.transform(X + east, Y + 500)) for east in (500, 2500, 500)]
    points = Points(np.array([*at, None], dtype=object), PLAN)
    pairs = link(points, rights, reach_m=NEAR_M)
    declared = pd.Series(["T", "T", None, "T"], dtype="str")
    out = relate(declared, points, pairs, rights, near_m=NEAR_M)
    assert out["declared_relation"].fillna("?").tolist() == ["agrees", "elsewhere", "none", "?"]
