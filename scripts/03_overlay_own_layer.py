"""Lay a layer of your own over the answer: classes of registrations inside each of its polygons."""

import sys
from datetime import date
from pathlib import Path

import geopandas as gpd

import geoasm

DATA = Path(__file__).parents[1] / "data" / "sample"

# Catchments, districts, project areas: any polygons. Without an argument, the sample's buffer zones.
own = gpd.read_file(sys.argv[1] if len(sys.argv) > 1 else DATA / "buffer_zones.gpkg")

result = geoasm.analyze(
    concessions=DATA / "concessions.gpkg",
    registrations=DATA / "registrations.csv",
    profile="pe",
    tables={"strata": DATA / "strata.csv"},
    on=date(2026, 1, 1),
)

# Points move to the polygons' system, never the reverse: moved edges are no longer straight.
points = result.registrations.dropna(subset="geometry").to_crs(own.crs)

# `intersects` keeps a point on a shared edge on both sides; it is then counted in both.
inside = points.sjoin(own[["geometry"]], predicate="intersects")
print(inside.groupby(["index_right", "asm_class"]).size().unstack(fill_value=0).to_string())
print(f"{inside.index.nunique()} of {len(points)} located registrations are inside")
