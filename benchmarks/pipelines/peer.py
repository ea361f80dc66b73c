"""
Do with geopandas, as its documentation recommends, what a national job asks; zones one by one.

Usage: python -m pipelines.peer STUDY RASTER OUT [--sample 3000]

Reads with Arrow, joins points to rights by status and to protected areas, finds the nearest edge, draws
610 samples of every position and joins them, overlays titled rights with extinct ones and with
protected areas, takes the zonal mean with exactextract of all rights and with rasterstats of a sample,
counts candidates and writes tables. Knows nothing of geoasm. Writes OUT/*.parquet, OUT/*.gpkg, and what
stages took to OUT/peer.json.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterstats

from pipelines.stages import Stages

DEGREES, ZONES = "EPSG:4326", {"17": "EPSG:32717", "18": "EPSG:32718", "19": "EPSG:32719"}
STATUS = {"TITULADO": "titled", "TRAMITE": "pending", "EXTINGUIDO": "extinct"}
RANK = {"titled": 0, "pending": 1, "extinct": 2, "other": 3}  # what counts first where rights stack
OPEN = len(RANK)
REACH_M, SIGMA_M, SAMPLES, FARTHEST = 300.0, 100.0, 610, 3.0
CHUNK = 2_000  # registrations whose samples are joined at once: some 1.2 million points
EXACT, RASTERSTATS = "rasters: exactextract", "rasters: rasterstats"
Frames = dict[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class World:
    """Rights of each zone in its system; points and protected areas in degrees."""

    points: gpd.GeoDataFrame
    rights: gpd.GeoDataFrame
    protected: gpd.GeoDataFrame
    zones: Frames


def read(folder: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Read cadastre, register and protected areas."""
    rights = gpd.read_file(folder / "concessions.gpkg", engine="pyogrio", use_arrow=True)
    register = pd.read_csv(folder / "registrations.csv", dtype={"COD_REINFO": str, "ZONA": str})
    for name in ("LONGITUD_G84", "LATITUD_G84", "ESTE", "NORTE"):  # some have decimal commas
        text = register[name].astype(str).str.replace(",", ".")
        register[name] = pd.to_numeric(text, errors="coerce")
    protected = gpd.read_file(folder / "protected_areas.gpkg", engine="pyogrio", use_arrow=True)
    return rights, register, protected


def place(register: pd.DataFrame) -> gpd.GeoDataFrame:
    """Place registrations by their degrees, else by their metres in the stated zone."""
    at = gpd.GeoSeries(gpd.points_from_xy(register["LONGITUD_G84"], register["LATITUD_G84"]))
    at = at.set_axis(register.index).set_crs(DEGREES)
    for zone, system in ZONES.items():
        rows = register["LONGITUD_G84"].isna() & (register["ZONA"].str[:2] == zone)
        rows &= register["ESTE"].notna()
        east_north = register.loc[rows, ["ESTE", "NORTE"]]
        metres = gpd.GeoSeries(gpd.points_from_xy(east_north["ESTE"], east_north["NORTE"]))
        at[rows] = metres.set_crs(system).to_crs(DEGREES).to_numpy()
    points = gpd.GeoDataFrame(register, geometry=at)
    return points[~points.geometry.is_empty].reset_index(drop=True)


def normalise(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, protected: gpd.GeoDataFrame
) -> World:
    """Place points, mend polygons, and take the rights to their zones."""
    rights = rights[~(rights.geometry.isna() | rights.geometry.is_empty)].reset_index(drop=True)
    rights["status"] = rights["LEYENDA"].map(STATUS).fillna("other")
    rights["rank"] = rights["status"].map(RANK)
    rights["geometry"] = rights.geometry.make_valid()
    protected["geometry"] = protected.geometry.make_valid()
    protected["area"] = protected.index
    zones = {
        system: rights[rights["ZONA"].astype(str) == zone].to_crs(system)
        for zone, system in ZONES.items()
    }
    return World(place(register), rights, protected, {k: v for k, v in zones.items() if len(v)})


def near(world: World, system: str, margin_m: float) -> gpd.GeoDataFrame:
    """Give the points about the rights of a zone, in its system."""
    west, south, east, north = world.zones[system].total_bounds
    points = world.points[["geometry"]].to_crs(system)
    return points.cx[west - margin_m : east + margin_m, south - margin_m : north + margin_m]


def join(world: World) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Give pairs of points and rights, the nearest edge, and points in closed ground."""
    pairs, edges = [], []
    for system, rights in world.zones.items():
        points = near(world, system, REACH_M)
        for status in RANK:
            some = rights.loc[rights["status"] == status, ["CODIGOU", "status", "rank", "geometry"]]
            joined = points.sjoin(some, predicate="intersects")
            pairs.append(joined.drop(columns="geometry").rename_axis("point").reset_index())
        lines = rights[["CODIGOU", "geometry"]].set_geometry(rights.boundary)
        found = points.sjoin_nearest(lines, max_distance=REACH_M, distance_col="edge_m")
        edges.append(found[["edge_m", "CODIGOU"]])
    closed = world.points.sjoin(world.protected[["area", "geometry"]], predicate="intersects")
    edge = pd.concat(edges).sort_values("edge_m").rename(columns={"CODIGOU": "nearest"})
    edge = edge[~edge.index.duplicated()]
    return pd.concat(pairs, ignore_index=True), edge, closed["area"].groupby(level=0).first()


def weigh(world: World) -> pd.DataFrame:
    """Join samples of every position, and give the share of each status that counts first there."""
    normal = np.random.default_rng(0).normal(size=(4 * SAMPLES, 2))
    shift = SIGMA_M * normal[np.hypot(*normal.T) <= FARTHEST][:SAMPLES]
    found = []
    for system, rights in world.zones.items():
        shapes = rights[["rank", "geometry"]]
        points = near(world, system, FARTHEST * SIGMA_M)
        for start in range(0, len(points), CHUNK):
            some = points.iloc[start : start + CHUNK]
            x = some.geometry.x.to_numpy()[:, None] + shift[:, 0]
            y = some.geometry.y.to_numpy()[:, None] + shift[:, 1]
            samples = gpd.GeoDataFrame(
                {"point": np.repeat(some.index, SAMPLES)},
                geometry=gpd.points_from_xy(x.ravel(), y.ravel(), crs=system),
            )
            joined = samples.sjoin(shapes, predicate="intersects")
            first = joined["rank"].groupby(level=0).min()
            counted = pd.DataFrame({"point": samples["point"].loc[first.index], "rank": first})
            found.append(counted.value_counts())
    shares = pd.concat(found).div(SAMPLES).rename("share").reset_index()
    return shares.pivot_table("share", "point", "rank", aggfunc="sum", fill_value=0.0)


def overlay(world: World) -> dict[str, gpd.GeoDataFrame]:
    """Cut titled rights with extinct ones, and with protected areas."""
    extinct, closed = [], []
    for system, rights in world.zones.items():
        shapes = rights[["CODIGOU", "status", "geometry"]]
        titled = shapes.loc[shapes["status"] == "titled", ["CODIGOU", "geometry"]]
        gone = shapes.loc[shapes["status"] == "extinct", ["CODIGOU", "geometry"]]
        areas = world.protected[["area", "geometry"]].to_crs(system)
        for other, into in ((gone, extinct), (areas, closed)):
            cut = gpd.overlay(titled, other, how="intersection", keep_geom_type=True)
            cut["area_m2"], cut["measured_in"] = cut.area, system
            into.append(cut.to_crs(DEGREES))
    names = ("overlaps_extinct", "overlaps_protected")
    parts = (pd.concat(several, ignore_index=True) for several in (extinct, closed))
    return dict(zip(names, parts, strict=True))


def classify(
    world: World, pairs: pd.DataFrame, edge: pd.DataFrame, closed: pd.Series
) -> gpd.GeoDataFrame:
    """Put the first status at each point, its edge and closed ground beside the register."""
    first = pairs.sort_values("rank").drop_duplicates("point").set_index("point")
    out = world.points.join(first[["status", "CODIGOU"]]).join(edge).join(closed)
    out["class"] = np.select(
        [out["area"].notna(), out["status"].notna()], ["closed", out["status"]], "open"
    )
    return out


def count(world: World, pairs: pd.DataFrame, mean: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the number of registrations on each right, and its disturbed part, beside the cadastre."""
    on = pairs["CODIGOU"].value_counts().rename("n_registrations")
    out = world.rights.merge(on, how="left", left_on="CODIGOU", right_index=True)
    out = out.join(mean[["mean", "count"]])
    return out.sort_values("n_registrations", ascending=False, na_position="last")


def write(out: Path, layers: Frames, pairs: pd.DataFrame) -> None:
    """Write every layer as GeoParquet and into one GeoPackage, and the pairs."""
    geopackage = out / "peer.gpkg"
    geopackage.unlink(missing_ok=True)
    for name, frame in layers.items():
        frame.to_parquet(out / f"{name}.parquet", index=False)
        frame.to_file(geopackage, layer=name, engine="pyogrio", use_arrow=True)
    pairs.to_parquet(out / "pairs.parquet", index=False)


def run(folder: Path, raster: str, out: Path, sample: int) -> None:
    """Do the job, stage by stage."""
    stages = Stages()
    with stages.stage("read"):
        raw = read(folder)
    with stages.stage("normalize"):
        world = normalise(*raw)
        del raw
    with stages.stage("link"):
        pairs, edge, closed = join(world)
    with stages.stage(EXACT):
        with rasterio.open(raster) as file:
            moved = world.rights[["geometry"]].to_crs(file.crs)
        mean = exactextract.exact_extract(raster, moved, ["mean", "count"], output="pandas")
    with stages.stage("classify"):
        registered = classify(world, pairs, edge, closed)
    with stages.stage("certainty"):
        chance = weigh(world).reindex(columns=range(OPEN), fill_value=0.0)
        registered = registered.join(chance.set_axis([f"p_{name}" for name in RANK], axis=1))
    with stages.stage("overlaps"):
        layers = overlay(world)
    with stages.stage("candidates"):
        counted = count(world, pairs, mean)
    with stages.stage("write"):
        names = world.points["COD_REINFO"]
        pairs["COD_REINFO"] = pairs["point"].map(names)
        write(out, {"registrations": registered, "concessions": counted, **layers}, pairs)
    some = moved.sample(min(sample, len(moved)), random_state=0)
    with stages.stage(RASTERSTATS):
        told = rasterstats.zonal_stats(some, raster, stats=["mean", "count"])
    frame = pd.DataFrame(told).set_axis(some.index).join(mean.add_suffix("_exact"))
    frame.to_parquet(out / "rasterstats.parquet")
    packages = ("geopandas", "shapely", "exactextract", "rasterstats")
    stages.tell(
        out / "peer.json",
        version=", ".join(f"{name} {version(name)}" for name in packages),
        rasterstats_share=len(some) / len(moved),
    )


def main() -> None:
    """Read what is asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("study", type=Path)
    parser.add_argument("raster")
    parser.add_argument("out", type=Path)
    parser.add_argument("--sample", type=int, default=3_000)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    run(asked.study.parent, asked.raster, asked.out, asked.sample)


if __name__ == "__main__":
    main()
