"""
Plant a country so many times as large, or run the whole job on one, compiled and warm.

Usage: python -m pipelines.grown plant TIMES FOLDER
       python -m pipelines.grown run STUDY WARM OUT

A larger country has more ground, not more rights or registrations on the same ground: blocks, districts, mining
centres and areas grow with what stands on them, so that a place looks alike at every size. Regions stay
as many and become larger. `run` does the job on the study WARM first, so that loading libraries and compiled loops
is not counted; it writes the run folder OUT/run, and what stages took to OUT/grown.json.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from geoasm import __version__, api
from geoasm.io.profiles import load_profile
from geoasm.io.simulations import save_simulation
from geoasm.io.study import read_study
from geoasm.kernels import engine
from geoasm.simulate import Scale, simulate
from pipelines.own import Clock

SEED = 1
REGISTRATIONS, RIGHTS, EXTINCT = 900, 680, 1_000  # of the smallest country
BLOCK_DEG, CENTRES = (0.3, 0.7), 6  # of each of its blocks; 100 times this fills Peru
REGIONS = (2, 3)  # across and up in a block, at every size


def country(times: int) -> Scale:
    """Give the size of a country so many times as large as the smallest one."""
    side = max(1, round(math.sqrt(times)))  # of a region, in districts
    return Scale(
        f"{times} times",
        RIGHTS * times,
        EXTINCT * times,
        REGISTRATIONS * times,
        (BLOCK_DEG[0] * math.sqrt(times), BLOCK_DEG[1] * math.sqrt(times)),
        lattice=(REGIONS[0] * side, REGIONS[1] * side),
        province=(max(1, side // 2), max(1, side // 2)),
        region=(side, side),
        centres=CENTRES * times,
    )


def plant(times: int, folder: Path) -> None:
    """Make a country, truth and all."""
    made = simulate(load_profile("pe"), country(times), seed=SEED)
    save_simulation(made, folder, title=f"A country {times} times as large")


def run(study: Path, warm: Path, out: Path) -> None:
    """Run the job twice, on little and on all, and tell what the second one took."""
    engine.choose("numba")
    out.mkdir(parents=True, exist_ok=True)
    api.run_study(read_study(warm)).save(out / "warm", overwrite=True)
    clock = Clock()
    result = api.run_study(read_study(study), clock=clock)
    with clock.stage("save"):
        result.save(out / "run", overwrite=True)
    counts = {
        "registrations": len(result.registrations),
        "rights": len(result.concessions),
        "pairs": len(result.pairs),
        "overlaps": len(result.overlaps),
    }
    clock.stages.tell(out / "grown.json", version=f"geoasm {__version__}", counts=counts)


def main() -> None:
    """Do what is asked."""
    what, *rest = sys.argv[1:]
    if what == "plant":
        plant(int(rest[0]), Path(rest[1]))
    else:
        run(*map(Path, rest))


if __name__ == "__main__":
    main()
