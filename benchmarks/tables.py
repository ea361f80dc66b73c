"""
Write the figures that benchmarks kept as tables and a drawing into the page on speed.

Usage: python benchmarks/tables.py [--record out/benchmarks] [--page docs/performance.md]

Reads every race in the folder (`race.py`), puts a table of each between the page's two marks, and draws
how many times the processor seconds of geoasm each peer took; that needs matplotlib. Races that were not run are left out.
"""

from __future__ import annotations

import argparse
import json
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from typing import Any

from race import RECORD

BEGIN, END = "<!-- races -->", "<!-- end of races -->"
PAGE = Path("docs/performance.md")
FIGURE = Path("figures/performance.svg")
OWN = "geoasm"
ORDER = ("points in", "titled", "rights with", "certainty", "zonal", "national")
# The first that a peer's name has: of a pipeline of several, what decides its time.
LIBRARIES = {
    "exactextract": "*", "rasterstats": "X", "sedonadb": "^", "duckdb": "D", "shapely": "s", "geopandas": "o",
}  # fmt: skip
Race = dict[str, Any]


def read_races(folder: Path) -> list[Race]:
    """Read races, in the order of the page."""
    told = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return sorted((race for race in told if "rows" in race), key=place)


def place(race: Race) -> tuple[int, int]:
    """Give a race's place on the page: by its kind, then by the points or rights it has."""
    title = race["title"].lower()
    kind = next((i for i, words in enumerate(ORDER) if words in title), len(ORDER))
    number = "".join(c for c in title.split(" ")[0] if c.isdigit())
    return kind, int(number or 0)


def own_row(race: Race) -> Race:
    """Give the fastest of geoasm's rows that a goal names, or else the fastest."""
    named = {gate["own"] for gate in race["gates"]}
    rows = [row for row in race["rows"] if row["engine"].startswith(OWN)]
    rows = [row for row in rows if row["engine"] in named] or rows
    return min(rows, key=lambda row: float(row["cpu_s"]))


def table(race: Race) -> list[str]:
    """Lay a race out, its goals below."""
    own = own_row(race)
    machine = race["machine"]
    lines = [
        f"### {race['title']}",
        "",
        "| engine | CPU s | wall s | peak MB | its CPU over geoasm's | version |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in race["rows"]:
        peak = f"{row['peak_mb']:,.0f}" if row["peak_mb"] >= 1 else "–"
        note = f" ({row['note']})" if row["note"] else ""
        cpu, ratio = f"{row['cpu_s']:,.3g}", f"{row['cpu_s'] / own['cpu_s']:.3g}"
        if isnan(row["cpu_s"]):
            cpu = ratio = "–"
        lines.append(
            f"| {row['engine']}{note} | {cpu} | {row['wall_s']:,.3g} | {peak} "
            f"| {ratio} | {row['version']} |"
        )
    lines += ["", *(goal(race, gate) for gate in race["gates"])]
    lines.append(
        f"{race['on']}, {machine['processor']}, {machine['cores']} cores, load {machine['load_average']}."
    )
    return [*lines, ""]


def goal(race: Race, gate: Race) -> str:
    """Tell of one goal whether it was reached."""
    taken = {row["engine"]: row[gate["measure"]] for row in race["rows"]}
    ratio = taken[gate["peer"]] / taken[gate["own"]]
    unit = "CPU" if gate["measure"] == "cpu_s" else "wall"
    reached = "reached" if ratio >= gate["least"] else "**not reached**"
    return f"Goal: {gate['peer']} over {gate['own']} ≥ {gate['least']:g} ({unit}): {ratio:.1f}, {reached}.  "


def library_of(row: Race) -> str:
    """Give the library that a peer's time depends on."""
    for told in (row["engine"].lower(), row["version"]):
        for library in LIBRARIES:
            if library in told:
                return library
    return "geopandas"


def draw(races: list[Race], path: Path) -> None:
    """Draw one mark a peer and race, on a scale of ratios."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.hashsalt": OWN, "svg.fonttype": "none"}
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.2, 0.42 * len(races) + 1.5))
    for library, mark in LIBRARIES.items():
        at = [
            (row["cpu_s"] / own_row(race)["cpu_s"], i)
            for i, race in enumerate(races)
            for row in race["rows"]
            if not row["engine"].startswith(OWN)
            and library_of(row) == library
            and not isnan(row["cpu_s"])
        ]
        if at:
            axes.scatter(*zip(*at, strict=True), marker=mark, s=34, label=library, zorder=3)
    axes.axvline(1.0, color="#23241f", linewidth=1.2)
    axes.set_xscale("log")
    axes.set_xlabel("processor seconds over geoasm's, whose are 1 (log scale)")
    axes.set_yticks(range(len(races)), [race["title"] for race in races], fontsize=8)
    axes.invert_yaxis()
    axes.grid(axis="x", color="#d9d9d2", linewidth=0.6)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=str(__doc__).strip().split("\n\n")[0])
    parser.add_argument("--record", type=Path, default=RECORD)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args(arguments)
    races = read_races(asked.record)
    if not races:
        raise SystemExit(f"no figures in {asked.record}: run a benchmark first")
    text = asked.page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{asked.page} lacks {BEGIN} or {END}")
    drawn = asked.page.parent / FIGURE
    drawn.parent.mkdir(parents=True, exist_ok=True)
    if find_spec("matplotlib"):
        draw(races, drawn)
    else:
        print("no drawing: matplotlib is not installed")
    told = "\n".join(line for race in races for line in table(race))
    picture = f"![Processor seconds of peers over geoasm's, race by race]({FIGURE})"
    asked.page.write_text(f"{before}{BEGIN}\n\n{picture}\n\n{told}\n{END}{after}", encoding="utf-8")
    print(f"{len(races)} races: {asked.page}, {drawn}")


if __name__ == "__main__":
    main()
