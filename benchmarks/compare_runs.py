"""
Time `geoasm compare` against `geoasm run` at national size, in the same run.

Usage: python benchmarks/compare_runs.py [--extinct 100000] [--registrations 90000] [--folder DIR]

Makes a planted country once (kept in DIR), and the same a half year later: a thousandth of a millimetre to a
millimetre of noise on every vertex, and planted changes. Runs geoasm on both, compares them, and prints
processor seconds, seconds and peak resident memory of each command, and the ratio of processor seconds.
Stops with an error where a planted change is missed, one is found that is none, flows do not balance, the
comparison takes more processor time than a run, or more than 1.5 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

MOST_GB = 1.5
NOISE_DEGREES = 1e-8  # a millimetre
EACH = 500  # rights with each planted change
FEWER_REGISTRATIONS = 3000
ENDS = {"run": (0, 1)}  # a planted country need not meet what a profile expects
GEOASM = (sys.executable, "-m", "geoasm")


class Cost(NamedTuple):
    """What a command took."""

    cpu_s: float
    wall_s: float
    peak_gb: float


def measured(command: str, *arguments: object, makes: Path) -> Cost:
    """Run a command of geoasm that makes a file, in a new folder, and say what it cost."""
    if makes.exists():  # of an earlier time: a command that fails would pass for done
        shutil.rmtree(makes.parent)
    start = time.perf_counter()
    called = [*GEOASM, command, *map(str, arguments), "-q"]
    process = subprocess.Popen(called, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in ENDS.get(command, (0,)) or not makes.is_file():
        sys.exit(
            f"geoasm {command} ended with code {code}, {makes} is missing or not to be trusted"
        )
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024**2)


def plant(folder: Path, run: Path) -> dict[str, int]:
    """Write the country of half a year later beside the first; give the changes that are in it."""
    read = pd.read_parquet(run / "concessions.parquet", columns=["concession_id", "status"])
    doubted = pd.read_csv(run / "issues.csv", dtype="str")["id"]
    titled = read.loc[read["status"] == "titled", "concession_id"]
    sure = titled[~titled.isin(doubted)]
    layer = pyogrio.list_layers(folder / "concessions.gpkg")[0][0]
    rights = pyogrio.read_dataframe(folder / "concessions.gpkg")
    rng = np.random.default_rng(7)
    once = ~rights["CODIGOU"].duplicated(keep=False) & rights["CODIGOU"].isin(sure)
    sound = once & rights.geometry.is_valid & (rights.geometry.count_coordinates() < 50)
    chosen = rng.permutation(np.flatnonzero(sound))
    extinguished, moved, grown, gone = np.split(chosen[: 4 * EACH], 4)
    rights.loc[extinguished, "ESTADO"] = "F"
    shapes = rights.geometry.to_numpy().copy()
    shapes[moved] = shapely.transform(shapes[moved], lambda xy: xy + np.array([0.002, 0]))
    shapes[grown] = shapely.buffer(shapes[grown], 0.0005, join_style="mitre")
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    _, same = np.unique(np.column_stack([of, xy]), axis=0, return_inverse=True)
    noise = rng.uniform(-NOISE_DEGREES, NOISE_DEGREES, (same.max() + 1, 2))[same]
    rights = rights.set_geometry(
        gpd.GeoSeries(shapely.set_coordinates(shapes, xy + noise), crs=rights.crs)
    )
    rights = rights.drop(index=gone).reset_index(drop=True)
    pyogrio.write_dataframe(rights, folder / "concessions_later.gpkg", layer=layer)
    register = pd.read_csv(folder / "registrations.csv", dtype="str", keep_default_na=False)
    dropped = rng.choice(len(register), FEWER_REGISTRATIONS, replace=False)
    register.drop(index=dropped).to_csv(folder / "registrations_later.csv", index=False)
    study = (folder / "study.toml").read_text(encoding="utf-8")
    for name in ("concessions.gpkg", "registrations.csv"):
        stem, dot, ending = name.partition(".")
        study = study.replace(f'"{name}"', f'"{stem}_later{dot}{ending}"')
    study = study.replace("on = 2026-01-01", "on = 2026-07-01")
    (folder / "study_later.toml").write_text(study, encoding="utf-8")
    return {"vanished": EACH, "moved": EACH, "grew": EACH, "status": EACH}


def main() -> None:
    """Make the data, run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--extinct", type=int, default=100_000)
    parser.add_argument("--registrations", type=int, default=90_000)
    parser.add_argument("--folder", type=Path, default=Path("out/compare"))
    asked = parser.parse_args()
    country = asked.folder / "country"
    if not (country / "study.toml").is_file():
        measured(
            "simulate", "--profile", "pe", "--scale", "national", "--seed", 3, "--out", country,
            "--extinct", asked.extinct, "--registrations", asked.registrations,
            makes=country / "study.toml",
        )  # fmt: skip
    a, b, out = (asked.folder / name for name in ("a", "b", "changes"))
    manifest, record_file = "manifest.json", out / "comparison.json"
    costs = {"run A": measured("run", country / "study.toml", "--out", a, makes=a / manifest)}
    planted = plant(country, a)
    later = country / "study_later.toml"
    costs["run B"] = measured("run", later, "--out", b, makes=b / manifest)
    costs["compare"] = measured("compare", a, b, "--out", out, makes=record_file)
    for name, cost in costs.items():
        print(f"{name:<8} {cost.cpu_s:7.1f} s cpu {cost.wall_s:7.1f} s {cost.peak_gb:5.2f} GB")
    peer = min(costs["run A"].cpu_s, costs["run B"].cpu_s)
    print(f"compare takes {costs['compare'].cpu_s / peer:.3f} of the processor time of a run")
    print("load average", *(f"{load:.2f}" for load in os.getloadavg()))
    record = json.loads(record_file.read_text(encoding="utf-8"))
    found = {name: record["rights"][name] for name in planted}
    faults = [
        f"{n}: planted {planted[n]}, found {found[n]}" for n in planted if planted[n] != found[n]
    ]
    faults += [f"flows of {name} do not balance" for name in record["failed"]]
    if record["causes"]["unexplained"]:
        faults.append(f"{record['causes']['unexplained']} changes of class without a cause")
    if costs["compare"].cpu_s > peer:
        faults.append("compare takes more processor time than a run")
    if costs["compare"].peak_gb > MOST_GB:
        faults.append(f"compare takes {costs['compare'].peak_gb:.2f} GB")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
