"""Memory over many runs of one small study in one process: `python benchmarks/repeated.py 1000`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from geoasm import api
from geoasm.io.profiles import load_profile
from geoasm.io.simulations import save_simulation
from geoasm.io.study import read_study
from geoasm.memory import give_back
from geoasm.simulate import scale, simulate

MB = 2**20


def small_study(folder: Path, *, registrations: int = 40) -> Path:
    """Plant a study that is answered in about a second."""
    made = simulate(load_profile("pe"), scale("sample", registrations=registrations), seed=1)
    return save_simulation(made, folder / "study", title="small")


def resident(study: Path, times: int, out: Path) -> list[float]:
    """Run and save a study again and again; give the megabytes held after each."""
    process, held = psutil.Process(), []
    asked = read_study(study)
    for _ in range(times):
        api.run_study(asked).save(out, overwrite=True)
        give_back()
        held.append(process.memory_info().rss / MB)
    return held


def slope(held: list[float]) -> float:
    """Give the growth in megabytes a run, of the second half: the first fills caches."""
    late = held[len(held) // 2 :]
    return float(np.polyfit(np.arange(len(late)), late, 1)[0])


def measure(times: int) -> None:
    """Run many times, and print what is held now and then."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study, began = small_study(folder), time.monotonic()
        held: list[float] = []
        for _ in range(10):
            held += resident(study, times // 10, folder / "run")
            passed = (time.monotonic() - began) / len(held)
            print(f"{len(held):5} runs  {held[-1]:8.1f} MB  {passed:6.2f} s a run", flush=True)
        print(f"growth over the second half: {slope(held) * 1024:.1f} KB a run")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
