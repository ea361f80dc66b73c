"""
Time the whole national job, files to tables, by geoasm and by an idiomatic geopandas pipeline, in turn.

Usage: python benchmarks/pipeline.py [--scale national] [--folder DIR] [--sample 3000] [--whole]

Makes a planted country once (kept in DIR): 60,000 rights and 100,000 extinct ones, 90,000 registrations,
120 protected areas, and an activity raster of 100 m over all of it. Each program runs in a process of its own:
geoasm as `geoasm run` does, less the pages, on cadastre, register, protected areas and raster (`--whole`:
and once more on all that the study declares); the peer with sjoin, sjoin_nearest, sjoin of 610 samples
a position, overlay, and zonal means by exactextract and, on a sample scaled up, by rasterstats. Stages
that both peers have are run once and count for both. Prints processor seconds, seconds and peak memory
of each stage, holds tables against each other, and stops with an error where they differ or a gate is missed.
`--scale sample` tries it in a minute, without gates.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from race import Gate, Race, Timed, finish, options, processor

COUNTS = {"national": (90_000, 100_000)}  # registrations and extinct rights
SEED = 3
MOST_MB = 700
OWN, WHOLE = "geoasm", "geoasm, whole study"
EXACT, RASTERSTATS = "rasters: exactextract", "rasters: rasterstats"
PEERS = {"geopandas, rasterstats": (EXACT, 20.0), "geopandas, exactextract": (RASTERSTATS, 8.0)}
Stages = dict[str, dict[str, float]]
MEASURES = ("cpu_s", "wall_s")


def python(*command: object) -> None:
    """Run a module in a process of its own, with the packages beside this file."""
    here = Path(__file__).resolve().parent
    paths = [str(here), str(here.parent), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, paths))
    # Libraries warn of what others will drop; nothing of it bears on figures.
    line = [sys.executable, "-W", "ignore", "-m", *map(str, command)]
    subprocess.run(line, check=True, env={**os.environ, "PYTHONPATH": path})


def simulate(folder: Path, scale: str, registrations: int | None, extinct: int | None) -> Path:
    """Make the planted country, once."""
    study = folder / "study.toml"
    if not study.exists():
        command = ["geoasm", "simulate", "--profile", "pe", "--scale", scale, "--seed", str(SEED)]
        for name, number in (("--registrations", registrations), ("--extinct", extinct)):
            command += [name, str(number)] if number is not None else []
        python(*command, "--out", folder)
    return study


def plant(study: Path, raster: Path) -> Path:
    """Plant the raster over the cadastre, once."""
    if not raster.exists():
        python("pipelines.raster", study.parent / "concessions.gpkg", raster)
    return raster


def told(path: Path) -> dict[str, Any]:
    """Read what a program said of its stages."""
    row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return row


def run_own(study: Path, raster: Path, out: Path, *flags: str) -> dict[str, Any]:
    """Run geoasm's program."""
    out.mkdir(parents=True, exist_ok=True)
    python("pipelines.own", study, raster, out, *flags)
    return told(out / "own.json")


def run_peer(study: Path, raster: Path, out: Path, sample: int) -> dict[str, Any]:
    """Run the peers' program; what rasterstats took is scaled up to all rights."""
    python("pipelines.peer", study, raster, out, "--sample", sample)
    row = told(out / "peer.json")
    for measure in MEASURES:
        row["stages"][RASTERSTATS][measure] /= row["rasterstats_share"]
    return row


def middle(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the round whose processor seconds are the median."""
    ordered = sorted(rounds, key=lambda row: total(row["stages"], "cpu_s"))
    return ordered[len(ordered) // 2]


def total(stages: Stages, measure: str, without: str = "") -> float:
    """Sum seconds, or give the highest memory, of all stages but one."""
    values = [row[measure] for name, row in stages.items() if name != without]
    return max(values) if measure == "peak_mb" else sum(values)


def timed(engine: str, row: dict[str, Any], without: str = "", note: str = "") -> Timed:
    """Sum up a program; its memory is that of the whole process."""
    cpu, wall, peak = (total(row["stages"], key, without) for key in (*MEASURES, "peak_mb"))
    return Timed(engine, row["version"], cpu, wall, peak, note)


def show(stages: dict[str, Stages]) -> None:
    """Print the stages of every program side by side."""
    own = list(stages[OWN])
    others = dict.fromkeys(n for several in stages.values() for n in several if n not in own)
    names = sorted([*own, *others], key=lambda name: own.index(name.partition(":")[0]))
    print("".join([f"\n{'':<22}", *(f"{engine:>28}" for engine in stages)]))
    print(
        "".join([f"{'stage':<22}", *(f"{'CPU s':>10}{'wall s':>9}{'peak MB':>9}" for _ in stages)])
    )
    for name in names:
        line = f"{name:<22}"
        for several in stages.values():
            row = several.get(name)
            line += " " * 28 if row is None else (
                f"{row['cpu_s']:>10.2f}{row['wall_s']:>9.2f}{row['peak_mb']:>9.0f}"
            )  # fmt: skip
        print(line.rstrip())
    print("rasterstats: scaled up; memory: the whole process, libraries included\n")


def arguments() -> argparse.Namespace:
    """Read what is asked."""
    parser = options(str(__doc__), 1)
    parser.add_argument("--scale", choices=("sample", "region", "national"), default="national")
    parser.add_argument("--registrations", type=int)
    parser.add_argument("--extinct", type=int)
    parser.add_argument("--folder", type=Path, default=Path("out/pipeline"))
    parser.add_argument("--sample", type=int, default=3_000, help="rights for rasterstats")
    parser.add_argument("--whole", action="store_true", help="geoasm on the whole study, too")
    asked = parser.parse_args()
    usual = COUNTS.get(asked.scale, (None, None))
    asked.is_full = asked.scale in COUNTS and asked.registrations is asked.extinct is None
    asked.registrations = asked.registrations or usual[0]
    asked.extinct = usual[1] if asked.extinct is None else asked.extinct
    return asked


def main() -> None:
    """Run the benchmark."""
    asked = arguments()
    size = f"{asked.scale}-{asked.registrations or 'own'}-{asked.extinct or 'own'}"
    folder = (asked.folder / size).resolve()
    study = simulate(folder / "data", asked.scale, asked.registrations, asked.extinct)
    raster = plant(study, folder / "activity_2024.tif")
    # The first run on a machine compiles the loops, which is no part of the job.
    small = simulate(asked.folder.resolve() / "warm", "sample", None, None)
    run_own(
        small, plant(small, small.with_name("activity_2024.tif")), folder / "warm", "--compiled"
    )
    own, peer, whole = [], [], []
    for _ in range(asked.rounds):
        own.append(run_own(study, raster, folder / "own"))
        peer.append(run_peer(study, raster, folder / "peer", asked.sample))
        if asked.whole:
            whole.append(run_own(study, raster, folder / "whole", "--whole"))
    report(asked, folder, middle(own), middle(peer), middle(whole) if whole else None)


def report(
    asked: argparse.Namespace,
    folder: Path,
    own: dict[str, Any],
    peer: dict[str, Any],
    whole: dict[str, Any] | None,
) -> None:
    """Print figures, comparisons and gates, and keep them."""
    from pipelines.agreement import agree

    print(f"\n{date.today()}, {processor()}, {os.cpu_count()} cores, ", end="")
    print(f"load average {os.getloadavg()[0]:.1f}; {own['version']}; {peer['version']}")
    several = {OWN: own, "geopandas": peer} | ({WHOLE: whole} if whole else {})
    show({engine: row["stages"] for engine, row in several.items()})
    note = f"rasterstats on {peer['rasterstats_share']:.1%} of the rights, scaled up"
    rows = [timed(name, peer, left_out) for name, (left_out, _) in PEERS.items()]
    rows += [timed(OWN, own)] + ([timed(WHOLE, whole)] if whole else [])
    gates = [Gate(name, OWN, least) for name, (_, least) in PEERS.items()] if asked.is_full else []
    race = Race(f"The national job, files to tables, {asked.scale}", rows, gates)
    print(f"{race.title} ({note})")
    holds = race.tell()
    if asked.is_full:
        peak = timed(OWN, own).peak_mb
        met = peak <= MOST_MB
        print(f"gate: {OWN} {peak:.0f} MB, at most {MOST_MB}: {'met' if met else 'NOT MET'}")
        holds &= met
    print(
        "\ngeoasm alone: identity of holders, evidence, law of the day, former datum and neighbouring"
    )
    print("zones, overlaps of every status and across zones, territory, issues, run folder")
    finish([(race, agree(folder / "own" / "run", folder / "peer") and holds)], asked.record)


if __name__ == "__main__":
    main()
