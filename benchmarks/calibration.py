"""
Hold stated certainty against planted truth, and answers against two naive joins.

Usage: python benchmarks/calibration.py [--registrations 50000] [--figure docs/figures/calibration.svg]

Makes a planted region, scatters true positions over it, states them with an error, and compares the
class at the true position with the probability that geoasm gives the stated one. Prints the
reliability table, the expected calibration error of several worlds, and accuracy and calibration
beside the first hit of `geopandas.sjoin` and the right with the largest share of a disc.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import api
from geoasm.io.profiles import load_profile
from geoasm.io.study import read_study

Floats = npt.NDArray[np.float64]
Places = tuple[Floats, Floats]

SIGMA_M = 100.0
METRES_PER_DEGREE = 111_320.0
BINS = np.linspace(0.0, 1.0, 21)
FEWEST = 300  # rows of a bin that counts
DISC_M = 100.0
NEAR_M = 1_000.0


def simulate(folder: Path) -> Path:
    """Make the planted region in a new folder."""
    command = [sys.executable, "-m", "geoasm", "simulate", "--profile", "pe", "--scale", "region"]
    subprocess.run([*command, "--seed", "1", "--out", str(folder)], check=True, capture_output=True)
    return folder / "study.toml"


class World:
    """A planted region: its files, its ground, and registers made on it."""

    def __init__(self, folder: Path) -> None:
        self.study = read_study(simulate(folder))
        self.folder = folder
        self.ground = gpd.read_file(folder / "admin.gpkg").to_crs(4326).geometry.to_numpy()
        rights = gpd.read_file(folder / "concessions.gpkg")
        usable = ~(rights.geometry.isna() | rights.geometry.is_empty) & rights.geometry.is_valid
        self.rights = rights[usable].reset_index(drop=True)
        self.in_degrees = self.rights.geometry.to_crs(4326).to_numpy()
        self.register = pd.read_csv(folder / "registrations.csv", dtype=str)

    def analyze(self, register: pd.DataFrame, sigma_m: float = SIGMA_M) -> api.Analysis:
        """Classify registrations of our own against the planted cadastre."""
        files = {role.value: path for role, path in self.study.files.items()}
        tables = ("strata", "holders", "groups", "penalties", "contracts")
        return api.analyze(
            concessions=files.pop("concessions"),
            registrations=register,
            layers={r: f for r, f in files.items() if r not in (*tables, "registrations")},
            tables={r: f for r, f in files.items() if r in tables},
            profile=load_profile("pe"),
            on=self.study.on,
            position_sigma_m=sigma_m,
        )

    def registered(
        self, place: Places, prefix: str, who: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Write a register of positions; registrants are those of the planted one, in turn."""
        lon, lat = place
        n = len(lon)
        turn = np.arange(n) % len(self.register)
        out = pd.DataFrame({"COD_REINFO": [f"{prefix}{i:08d}" for i in range(n)]})
        for name in ("M_RUC", "NOMBRE_MIN"):
            source = self.register[name].to_numpy()[turn] if who is None else who[name].to_numpy()
            out[name] = source
        out["ESTADO"], out["TIPO_ACT"] = "VIGENTE", "EXPLOTACION"
        out["LONGITUD_G84"] = [f"{v:.7f}" for v in lon]
        out["LATITUD_G84"] = [f"{v:.7f}" for v in lat]
        return out.astype("str")


def within(rng: np.random.Generator, shapes: npt.NDArray[np.object_], pick: Floats) -> Places:
    """Take one point in each of the picked shapes."""
    west, south, east, north = shapely.bounds(shapes)[pick].T
    lon, lat = np.full(len(pick), np.nan), np.full(len(pick), np.nan)
    left = np.arange(len(pick))
    shapely.prepare(shapes)
    while len(left):
        x, y = rng.uniform(west[left], east[left]), rng.uniform(south[left], north[left])
        hit = shapely.contains_xy(shapes[pick[left]], x, y)
        lon[left[hit]], lat[left[hit]] = x[hit], y[hit]
        left = left[~hit]
    return lon, lat


def uniform(rng: np.random.Generator, world: World, n: int) -> Places:
    """Scatter positions over all ground within a kilometre of a right, inside and outside rights."""
    size = shapely.area(world.ground)
    tree = shapely.STRtree(world.in_degrees)
    found: list[Floats] = []
    while sum(map(len, found)) < n:
        place = np.column_stack(
            within(rng, world.ground, rng.choice(len(size), n, p=size / size.sum()))
        )
        near = tree.query(shapely.points(place), "dwithin", NEAR_M / METRES_PER_DEGREE)[0]
        found.append(place[np.unique(near)])
    lon, lat = np.vstack(found)[:n].T
    return lon, lat


def on_rights(rng: np.random.Generator, world: World, n: int) -> Places:
    """Scatter positions over rights only, each right as likely as the next."""
    return within(rng, world.in_degrees, rng.integers(0, len(world.in_degrees), n))


def clustered(rng: np.random.Generator, world: World, n: int) -> Places:
    """Gather positions in camps of some fifty, 300 m wide."""
    lon, lat = uniform(rng, world, max(n // 50, 1))
    camp = rng.integers(0, len(lon), n)
    return displaced(rng, (lon[camp], lat[camp]), 300.0)


def displaced(rng: np.random.Generator, place: Places, sigma_m: float) -> Places:
    """Add an isotropic normal error."""
    lon, lat = place
    step = rng.normal(0.0, sigma_m / METRES_PER_DEGREE, (2, len(lon)))
    return lon + step[0] / np.cos(np.radians(lat)), lat + step[1]


def owners(world: World, place: Places) -> pd.DataFrame:
    """Name the holder of the first right at each place as its registrant."""
    points = gpd.GeoDataFrame(geometry=shapely.points(*place), crs=4326)
    rights = gpd.GeoDataFrame(
        {"holder": world.rights["TIT_CONCES"]}, geometry=world.in_degrees, crs=4326
    )
    found = points.sjoin(rights, predicate="intersects")
    found = found[~found.index.duplicated()].reindex(points.index)
    return pd.DataFrame({"M_RUC": "", "NOMBRE_MIN": found["holder"].to_numpy()})


def compare(
    world: World, true: Places, stated: Places, who: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Give stated class, its probability, and the class at the true position."""
    register = pd.concat(
        [world.registered(true, "T", who), world.registered(stated, "S", who)], ignore_index=True
    )
    found = world.analyze(register).registrations.set_index("registration_id")
    is_true = found.index.str.startswith("T")
    truth, said = found[is_true].sort_index(), found[~is_true].sort_index()
    out = said[["asm_class", "class_probability"]].reset_index(drop=True)
    out["holds"] = truth["asm_class"].to_numpy() == out["asm_class"].to_numpy()
    return out


def reliability(answers: pd.DataFrame) -> pd.DataFrame:
    """Compare mean probability and share that holds in bins of probability."""
    which = np.clip(np.digitize(answers["class_probability"], BINS) - 1, 0, len(BINS) - 2)
    table = answers.groupby(which).agg(
        rows=("holds", "size"), stated=("class_probability", "mean"), holds=("holds", "mean")
    )
    table.insert(0, "upper", BINS[table.index + 1])
    table.insert(0, "lower", BINS[table.index])
    return table.reset_index(drop=True)


def calibration_error(table: pd.DataFrame) -> float:
    """Give the mean distance of stated and found, over bins with rows enough."""
    counted = table[table["rows"] >= FEWEST]
    return float(np.average((counted["stated"] - counted["holds"]).abs(), weights=counted["rows"]))


def class_of(pairs: pd.DataFrame, rights: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Give the class that each right alone would mean, as an analyst reads it off the table."""
    right = rights.iloc[pairs["right"]].reset_index(drop=True)
    by_status = {"pending": "on_pending_claim", "extinct": "on_extinct_claim"}
    by_status |= {"other": "on_other_right", "unknown": "ambiguous"}
    by_stratum = {"lsm_msm": "on_lsm_msm", "small_scale": "on_small_scale"}
    title = right["holder_stratum"].map(by_stratum).fillna("on_unknown_holder")
    title = title.mask(right["holder_activity"] == "idle", "on_idle_claim")
    own = right["holder_id"].to_numpy() == pairs["registrant_id"].to_numpy()
    title = title.mask(pd.Series(own), "own_title")
    found: npt.NDArray[np.object_] = right["status"].map(by_status).fillna(title).to_numpy(object)
    return found


def baselines(analysis: api.Analysis) -> dict[str, pd.Series]:
    """
    Answer as two naive joins do, by registration.

    What areas decide is granted to them: where geoasm sees closed ground or an ASM zone, so do they.
    """
    rows = analysis.registrations.set_index("registration_id")
    points = rows.geometry.to_crs("EPSG:32718")
    rights = analysis.concessions
    shapes = rights.geometry.to_crs("EPSG:32718").reset_index(drop=True)
    frame = gpd.GeoDataFrame(geometry=points)
    joins: dict[str, Callable[[], pd.DataFrame]] = {
        "first hit of sjoin": lambda: frame.sjoin(
            gpd.GeoDataFrame(geometry=shapes), predicate="intersects"
        ),
        "largest share of a disc": lambda: _largest(frame, shapes),
    }
    out = {}
    for name, join in joins.items():
        hits = join()
        hits = hits[~hits.index.duplicated()]
        pairs = pd.DataFrame({"right": hits["index_right"].to_numpy()})
        pairs["registrant_id"] = rows["registrant_id"].reindex(hits.index).to_numpy()
        answer = pd.Series(class_of(pairs, rights), index=hits.index).reindex(rows.index)
        answer = answer.fillna("open_ground")
        by_area = rows["asm_class"].isin(["prohibited_area", "in_asm_zone"])
        out[name] = answer.mask(by_area, rows["asm_class"].astype(object))
    return out


def _largest(points: gpd.GeoDataFrame, shapes: gpd.GeoSeries) -> pd.DataFrame:
    disc = gpd.GeoDataFrame(geometry=points.buffer(DISC_M))
    hits = disc.sjoin(gpd.GeoDataFrame(geometry=shapes), predicate="intersects")
    common = shapely.area(
        shapely.intersection(hits.geometry.to_numpy(), shapes.to_numpy()[hits["index_right"]])
    )
    hits = hits.assign(common=common).sort_values("common", ascending=False, kind="stable")
    return hits[hits["common"] > 0.5 * np.pi * DISC_M**2]


def against_baselines(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Compare accuracy and calibration on the planted register, with and without position error."""
    truth = pd.read_parquet(world.folder / "truth.parquet")
    truth = truth[(truth["fault"] == "none") & (truth["asm_class"] == truth["class_at_place"])]
    truth = truth[truth["lon"].notna() & (truth["asm_class"] != "unlocatable")]
    truth = truth.drop_duplicates("registration_id", ignore_index=True)
    register = world.register.drop_duplicates("COD_REINFO").set_index("COD_REINFO")
    register = register.reindex(truth["registration_id"]).rename_axis("COD_REINFO").reset_index()
    place = (truth["lon"].to_numpy(), truth["lat"].to_numpy())
    rows = []
    for error_m in (0.0, SIGMA_M):
        stated = displaced(rng, place, error_m)
        moved = world.registered(stated, "S", register)
        moved["COD_REINFO"] = register["COD_REINFO"].to_numpy()
        analysis = world.analyze(moved, max(error_m, 0.1))
        found = analysis.registrations.set_index("registration_id")
        wanted = truth.set_index("registration_id")["asm_class"].reindex(found.index)
        said = {"geoasm": (found["asm_class"], found["class_probability"])}
        said |= {name: (answer, None) for name, answer in baselines(analysis).items()}
        for name, (answer, sure) in said.items():
            holds = answer.astype(object) == wanted.astype(object)
            table = pd.DataFrame(
                {"holds": holds, "class_probability": 1.0 if sure is None else sure}
            )
            gap = calibration_error(reliability(table))
            row = {"error_m": error_m, "method": name, "rows": len(holds)}
            rows.append({**row, "accuracy": holds.mean(), "calibration_error": gap})
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the reliability diagram."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "geoasm"
    from matplotlib import pyplot

    counted = table[table["rows"] >= FEWEST]
    figure, axes = pyplot.subplots(figsize=(4.6, 4.4))
    axes.plot([0, 1], [0, 1], color="#8a8a8a", linewidth=1, label="perfect")
    axes.plot(counted["stated"], counted["holds"], "o-", color="#0072b2", label="geoasm")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="stated probability of the class")
    axes.set_ylabel("share of registrations whose class holds")
    axes.legend(frameon=False, loc="upper left")
    axes.set_aspect("equal")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def worlds(world: World, rng: np.random.Generator, n: int) -> dict[str, Callable[[], pd.DataFrame]]:
    """List the worlds in which certainty is tried; the first is the one that it assumes."""

    def of(
        scatter: Callable[[np.random.Generator, World, int], Places], error_m: float
    ) -> pd.DataFrame:
        true = scatter(rng, world, n)
        return compare(world, true, displaced(rng, true, error_m))

    def own_titles() -> pd.DataFrame:
        true = on_rights(rng, world, n)
        return compare(world, true, displaced(rng, true, SIGMA_M), owners(world, true))

    return {
        "uniform, error as stated": lambda: of(uniform, SIGMA_M),
        "error half of what is stated": lambda: of(uniform, SIGMA_M / 2),
        "error twice what is stated": lambda: of(uniform, SIGMA_M * 2),
        "in camps": lambda: of(clustered, SIGMA_M),
        "on rights only": lambda: of(on_rights, SIGMA_M),
        "registrants on their own right": own_titles,
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--registrations", type=int, default=50_000)
    parser.add_argument("--figure", type=Path)
    asked = parser.parse_args()
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "region")
        for i, (name, make) in enumerate(worlds(world, rng, asked.registrations).items()):
            answers = make()
            table = reliability(answers)
            doubtful = reliability(answers[answers["class_probability"] < 1])
            print(
                f"{name}: {len(answers):,} registrations, accuracy {answers['holds'].mean():.3f}, "
                f"mean probability {answers['class_probability'].mean():.3f}, "
                f"calibration error {calibration_error(table):.4f}, "
                f"of the {doubtful['rows'].sum():,} below 1 {calibration_error(doubtful):.4f}"
            )
            if i == 0:
                print(table.to_string(float_format="{:.3f}".format))
                if asked.figure:
                    draw(table, asked.figure)
        print(against_baselines(world, rng).to_string(float_format="{:.4f}".format))


if __name__ == "__main__":
    main()
