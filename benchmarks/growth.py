"""
How cost grows: processor seconds of each stage of the whole job at 1, 10 and 100 times the size.

Usage: python benchmarks/growth.py [--largest 100] [--rounds 1] [--folder DIR]

Plants countries of 900, 9,000 and 90,000 registrations and of 1,700, 17,000 and 172,000 rights (six tenths of them
extinct), once (kept in DIR; the largest takes two minutes), and runs the job on each, files to run folder with map
and report, in a process of its own that has done a small job before. Prints the seconds of each stage, the exponent that
least squares fit through all sizes on logarithms, and that between the two largest sizes: 1 is
linear, 2 quadratic. Stops with an error where the latter is above 1.25 for a stage or for all of
them; what takes less than 0.2 s at the largest size is printed and not judged.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from pipeline import python, told
from race import keep, options, processor

SIZES = (1, 10, 100)
MOST, WORTH_JUDGING_S = 1.25, 0.2
ALL = "all"
NO_STAGES = ("start", "rest")  # before the job, and between stages
TITLE = "How cost grows"


def planted(times: int, folder: Path) -> Path:
    """Make a country, once."""
    study = folder / f"country-{times}" / "study.toml"
    if not study.exists():
        python("pipelines.grown", "plant", times, study.parent)
    return study


def measured(study: Path, warm: Path, out: Path) -> dict[str, Any]:
    """Run the job on a country in a process of its own."""
    python("pipelines.grown", "run", study, warm, out)
    return told(out / "grown.json")


def seconds(rounds: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Give the median processor seconds of each stage, and of all."""
    stages = [name for name in rounds[0]["stages"] if name not in NO_STAGES]
    taken = {name: median(row["stages"][name]["cpu_s"] for row in rounds) for name in stages}
    return {**taken, ALL: sum(taken.values())}


def peak_mb(rounds: Sequence[dict[str, Any]]) -> float:
    """Give the highest resident memory, libraries included."""
    return max(row["stages"][s]["peak_mb"] for row in rounds for s in row["stages"] if s != "start")


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Fit a power of the size by least squares on logarithms."""
    known = np.maximum(np.asarray(values, dtype=float), 1e-6)
    return float(np.polyfit(np.log(sizes), np.log(known), 1)[0])


def row_of(name: str, sizes: Sequence[int], values: Sequence[float]) -> dict[str, Any]:
    """Sum up a stage, or what there was to do."""
    return {
        "stage": name,
        "values": list(values),
        "fitted": exponent(sizes, values),
        "last": exponent(sizes[-2:], values[-2:]),
    }


def verdict(row: dict[str, Any]) -> str:
    """Say whether a stage grows too fast."""
    if row["values"][-1] < WORTH_JUDGING_S:
        return "not judged"
    return "holds" if row["last"] <= MOST else f"NOT MET: above {MOST}"


def show(heading: str, rows: Sequence[dict[str, Any]], sizes: Sequence[int], form: str) -> None:
    """Print a table."""
    columns = "".join(f"{f'{times} times':>12}" for times in sizes)
    print(f"\n{heading:<14}{columns}{'fitted':>10}{'last':>8}")
    for row in rows:
        values = "".join(f"{value:>12{form}}" for value in row["values"])
        said = row.get("verdict", "")
        print(
            f"{row['stage']:<14}{values}{row['fitted']:>10.2f}{row['last']:>8.2f}  {said}".rstrip()
        )


def arguments() -> argparse.Namespace:
    """Read what is asked."""
    parser = options(str(__doc__), 1)
    parser.add_argument("--largest", type=int, choices=SIZES[1:], default=SIZES[-1])
    parser.add_argument("--folder", type=Path, default=Path("out/growth"))
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    asked = arguments()
    sizes = [times for times in SIZES if times <= asked.largest]
    folder = asked.folder.resolve()
    studies = {times: planted(times, folder) for times in sizes}
    runs: dict[int, list[dict[str, Any]]] = {times: [] for times in sizes}
    measured(studies[1], studies[1], folder / "compiled")  # loops are compiled, and kept, once
    for _ in range(asked.rounds):
        for times, study in studies.items():
            runs[times].append(measured(study, studies[1], folder / f"out-{times}"))
    taken = [seconds(runs[times]) for times in sizes]
    stages = [row_of(name, sizes, [t[name] for t in taken]) for name in taken[0]]
    stages = [row | {"verdict": verdict(row)} for row in stages]
    counts = [runs[times][0]["counts"] for times in sizes]
    work = [row_of(name, sizes, [c[name] for c in counts]) for name in counts[0]]
    peaks = [row_of("peak MB", sizes, [peak_mb(runs[times]) for times in sizes])]
    print(f"\n{date.today()}, {processor()}, {os.cpu_count()} cores, ", end="")
    print(f"load average {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    show("what there is", work, sizes, ",.0f")
    show("memory", peaks, sizes, ",.0f")
    show("CPU s", stages, sizes, ".2f")
    keep(TITLE, {"sizes": sizes, "stages": stages, "work": work, "memory": peaks}, asked.record)
    raise SystemExit(any(row["verdict"].startswith("NOT") for row in stages))


if __name__ == "__main__":
    main()
