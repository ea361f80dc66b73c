"""
Measure map.html of a national set against folium's own pages of the same features, in the same run.

Usage: python benchmarks/map_page.py [--run DIR] [--folder DIR] [--rounds 3] [--alone] [--profile]

Draws the map of a run (made once: about 60,000 rights in force, 100,000 extinct, 90,000 registrations)
and two pages of folium: all features with all attributes in popups (plain), and the way folium's
documentation says for many features (canvas). Opens each in a browser without a network and prints bytes,
seconds to build and to be usable, frames while panning and zooming, memory, and painted pixels.
Ends with an error where a gate fails. --alone leaves folium out; --profile says where long tasks go.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

import folium
from pages import folium_peers, own_page, stacks
from pages.visit import AREQUIPA, CHROMIUM, LONG_MS, Frames, Measured, Visit, visiting
from playwright.sync_api import Playwright, sync_playwright

from geoasm.io.results import load_result
from geoasm.model import Result
from geoasm.render import layers
from geoasm.render.labels import Labels
from geoasm.render.layers import Drawing
from geoasm.render.map import map_html
from geoasm.render.parties import Names

MOST_BYTES = 8_000_000
TIMES_SMALLER = 15
TIMES_SOONER = 30
SAMPLES = {"plain, 10 %": 10, "plain, 2 %": 50}
STILL = "still"
EMPTY = "<!DOCTYPE html><title>empty</title><p>empty</p>"
PANS, ZOOMS = ("pan z6", "pan z10"), ("z6-7", "z7-10", "z10-13")
LETTERS = 6


@dataclass
class Subject:
    """A page, what it took to make it, and what visits to it found."""

    name: str
    path: Path
    size: int
    zipped: int
    seconds: float
    visits: list[Measured] = field(default_factory=list)

    def middle(self, of: Callable[[Measured], float]) -> float:
        """Give the median over visits."""
        return median(of(visit) for visit in self.visits)

    def long_phases(self) -> list[tuple[str, float]]:
        """Give the phases that had a long task in every visit, and the least: other work only lengthens them."""
        longest = [
            {name: max(ms for n, ms in m.tasks_after if n == name) for name, _ in m.tasks_after}
            for m in self.visits
        ]
        every = set.intersection(*map(set, longest))
        return [(name, min(found[name] for found in longest)) for name in sorted(every)]


def simulate(folder: Path) -> Path:
    """Make a run of the national set, once."""
    run = folder / "run"
    if not run.exists():
        world = folder / "data"
        made = ["simulate", "--profile", "pe", "--scale", "national", "--extinct", "100000"]
        made += ["--registrations", "90000", "--seed", "3", "--out", str(world)]
        geoasm = [sys.executable, "-m", "geoasm"]
        subprocess.run([*geoasm, *made], check=True)
        subprocess.run([*geoasm, "run", str(world / "study.toml"), "--out", str(run)], check=True)
    return run


def subject(name: str, folder: Path, saved: str, seconds: float, shown: str | None) -> Subject:
    """Write a page to look at, and weigh it as it was saved."""
    path = folder / f"{name.replace(' ', '').replace(',', '-').replace('%', '')}.html"
    if shown is not None:
        path.write_text(shown, encoding="utf-8")
    content = saved.encode("utf-8")
    return Subject(name, path, len(content), len(zlib.compress(content)), seconds)


def own_subject(result: Result, labels: Labels, folder: Path) -> Subject:
    """Draw geoasm's map of a run."""
    start = time.perf_counter()
    page = map_html(result, labels)
    return subject("geoasm", folder, page, time.perf_counter() - start, page)


def peers(drawing: Drawing, labels: Labels, folder: Path) -> dict[str, Subject]:
    """Make folium's pages; sizes are those that folium saves, links in place of libraries."""
    libraries = folium_peers.Libraries(folder / "npm")
    words = (labels.text("field.holder"), labels.text("field.registrant"))
    data = folium_peers.tables(drawing, *words)
    for name, table in (("rights", data.rights), ("registrations", data.registrations)):
        print(f"folium's {name}: {len(table):,}, {', '.join(table.columns[:-1])}")
    saved, seconds = folium_peers.plain(data)
    made = [subject("plain", folder, saved, seconds, None)]
    del saved
    for name, every in SAMPLES.items():
        saved, seconds = folium_peers.plain(data.sample(every))
        made.append(subject(name, folder, saved, seconds, libraries.inlined(saved)))
    saved, seconds = folium_peers.canvas(data)
    made.append(subject("canvas", folder, saved, seconds, libraries.inlined(saved)))
    return {one.name: one for one in made}


def visit_own(visit: Visit, path: Path, drawing: Drawing, *, everything: bool) -> None:
    """Do all that is measured on geoasm's map."""
    visit.load(path, own=True)
    if everything:
        visit.measured.answers["all drawn"] = own_page.draw_all(visit)
    visit.move_about()
    own_page.answers(visit, *asked(drawing))
    visit.count_tasks()


def asked(drawing: Drawing) -> tuple[str, tuple[float, float]]:
    """Give a word to search for and the registration nearest to Arequipa."""
    points = next(layer for layer in drawing.layers if layer.id == "registrations").geometry
    rights = next(layer for layer in drawing.layers if layer.id == "concessions")
    near = min(points, key=lambda p: abs(p.y - AREQUIPA[0]) + abs(p.x - AREQUIPA[1]))
    return str(rights.subtitles.dropna().iloc[0])[:LETTERS].lower(), (near.y, near.x)


def visit_peer(visit: Visit, path: Path, *, move: bool) -> None:
    """Do on a page of folium what both can do."""
    visit.load(path, own=False)
    visit.measured.pixels["screen"] = round(100 * visit.screen_share())
    if move:
        visit.move_about()
    visit.count_tasks()


def rounds(
    playwright: Playwright, ours: Subject, others: Mapping[str, Subject], drawing: Drawing, n: int
) -> tuple[list[Subject], Subject]:
    """Visit pages in turn, plain samples once; give geoasm's rows and an empty page's."""
    all_drawn = Subject("geoasm, all drawn", ours.path, ours.size, ours.zipped, ours.seconds)
    blank = subject("empty page", ours.path.parent, EMPTY, 0.0, EMPTY)
    canvas = others.get("canvas")
    for _ in range(n):
        with visiting(playwright) as visit:
            visit_own(visit, ours.path, drawing, everything=False)
            ours.visits.append(visit.measured)
        with visiting(playwright) as visit:
            visit_own(visit, ours.path, drawing, everything=True)
            all_drawn.visits.append(visit.measured)
        if canvas:
            with visiting(playwright) as visit:
                visit_peer(visit, canvas.path, move=True)
                canvas.visits.append(visit.measured)
        with visiting(playwright) as visit:
            visit.load(blank.path, own=False)
            visit.stand_still(STILL)
            visit.count_tasks()
            blank.visits.append(visit.measured)
    for name in (sample for sample in SAMPLES if sample in others):
        with visiting(playwright) as visit:
            visit_peer(visit, others[name].path, move=False)
            others[name].visits.append(visit.measured)
    return [ours, all_drawn], blank


def pixels(
    playwright: Playwright, ours: Subject, drawing: Drawing
) -> tuple[dict[str, int], int, float]:
    """Give pixels that each group paints, features, and the share of the screen that is drawn on."""
    with visiting(playwright) as visit:
        visit.load(ours.path, own=True)
        share, features = visit.screen_share(), own_page.features(visit)
        far = own_page.painted(visit, own_page.PERU, 6)
        near = own_page.painted(visit, asked(drawing)[1], 9)
    return {name: max(n, near[name]) for name, n in far.items()}, features, share


def report_machine() -> None:
    """Print what figures depend on."""
    told = subprocess.run([str(CHROMIUM), "--version"], capture_output=True, text=True, check=True)
    print(f"{date.today()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print(f"Python {platform.python_version()}, folium {folium.__version__}, {told.stdout.strip()}")


def report(subjects: Sequence[Subject]) -> None:
    """Print the tables: medians over visits."""
    print(f"\n{'page':<20} {'MB':>7} {'zip MB':>7} {'build s':>8} {'visits':>6}")
    for one in subjects:
        size, zipped = one.size / 1e6, one.zipped / 1e6
        print(f"{one.name:<20} {size:7.2f} {zipped:7.2f} {one.seconds:8.1f} {len(one.visits):6}")
    seen = [one for one in subjects if one.visits]
    print(
        f"\n{'':<20} {'1st paint':>9} {'painted':>8} {'whole':>8} {'usable':>8} {'blocked':>8} {'longest':>8} "
        f"{'longest':>8} {'heap':>6} {'RSS':>6} {'reqs':>5} {'load':>5}"
    )
    print(
        f"{'page':<20} {'s':>9} {'s':>8} {'s':>8} {'s':>8} {'s':>8} {'load ms':>8} {'after':>8} {'MB':>6} {'MB':>6}"
    )
    for one in seen:
        seconds = [
            one.middle(of) / 1000
            for of in (
                lambda m: m.first_paint,
                lambda m: m.painted,
                lambda m: m.whole,
                lambda m: m.interactive,
                lambda m: m.blocked,
            )
        ]
        print(
            f"{one.name:<20} {seconds[0]:9.2f} {seconds[1]:8.2f} {seconds[2]:8.2f} {seconds[3]:8.2f} {seconds[4]:8.2f} "
            f"{one.middle(lambda m: m.longest_loading):8.0f} {one.middle(lambda m: m.longest_after):8.0f} "
            f"{one.middle(lambda m: m.heap_mb):6.0f} {one.middle(lambda m: m.resident_mb):6.0f} "
            f"{one.middle(lambda m: len(m.requests)):5.0f} {one.middle(lambda m: m.load_average):5.1f}"
        )
    print(
        f"\nframes, ms, p95 / max (settled s){'':<2}" + "".join(f"{n:>20}" for n in (*PANS, *ZOOMS))
    )
    for one in seen:
        if STILL not in one.visits[0].frames and one.visits[0].frames:
            print(f"{one.name:<35}" + "".join(f"{_frames(one, n):>20}" for n in (*PANS, *ZOOMS)))
    still = seen[-1]
    p95, most = (still.middle(lambda m, q=q: m.frames[STILL].of(q)) for q in (0.95, 1))
    print(f"{still.name:<35} nothing moves: {p95:.0f} / {most:.0f}")
    for one in seen:
        for name in one.visits[0].answers:
            took = one.middle(lambda m, name=name: m.answers[name])
            print(f"{one.name}: {name} {took:.1f} ms")


def _frames(one: Subject, name: str) -> str:
    def frames(m: Measured) -> Frames:
        return m.frames[name]

    p95, most = one.middle(lambda m: frames(m).of(0.95)), one.middle(lambda m: frames(m).of(1))
    return f"{p95:.0f} / {most:.0f} ({one.middle(lambda m: m.settled[name]) / 1000:.1f})"


def report_pixels(painted: Mapping[str, int], share: float, others: Mapping[str, Subject]) -> None:
    """Print what is drawn on: a blank page is the fastest."""
    print("\npixels that each group alone changes, the more of z6 and z9, 1366 x 768:")
    print(", ".join(f"{name} {n:,}" for name, n in painted.items()))
    told = [f"geoasm {share:.0%}"]
    told += [f"{n} {o.visits[0].pixels['screen']} %" for n, o in others.items() if o.visits]
    print(f"screen beside its most common colour as the page opens: {', '.join(told)}")


def gates(
    ours: Subject, rows: Sequence[Subject], others: Mapping[str, Subject]
) -> list[tuple[str, bool]]:
    """Say what must hold, and whether it does."""
    asked_for = sorted({url for one in rows for m in one.visits for url in m.requests})
    after = sorted((phase, round(ms)) for one in rows for phase, ms in one.long_phases())
    held = [
        (f"asks the network for nothing: {asked_for or 'nothing'}", not asked_for),
        (f"at most {MOST_BYTES / 1e6:.0f} MB: {ours.size / 1e6:.2f}", ours.size <= MOST_BYTES),
        (f"no task over {LONG_MS} ms once loaded: {after or 'none'}", not after),
    ]
    if "plain" in others:
        times = others["plain"].size / ours.size
        held.append(
            (f"{TIMES_SMALLER} times smaller than plain: {times:.1f}", times >= TIMES_SMALLER)
        )
    if "canvas" in others:
        usable = [min(m.interactive for m in one.visits) for one in (others["canvas"], ours)]
        times = usable[0] / usable[1]
        held.append(
            (f"usable {TIMES_SOONER} times sooner than canvas: {times:.1f}", times >= TIMES_SOONER)
        )
    return held


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--run", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("out/national-map"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without folium's pages")
    parser.add_argument("--profile", action="store_true", help="say where long tasks go, no more")
    given = parser.parse_args()
    if CHROMIUM is None:
        print("there is no chromium: nothing measured")
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    result, labels = load_result(given.run or simulate(given.folder)), Labels("es")
    drawing = layers.draw(result, labels, Names(result, labels, "public"))
    ours = own_subject(result, labels, given.folder)
    others: dict[str, Subject] = {}
    with sync_playwright() as playwright:
        if given.profile:
            with visiting(playwright) as visit:
                doing = lambda v: visit_own(v, ours.path, drawing, everything=False)  # noqa: E731
                stacks.show(stacks.long_tasks(visit, doing), ours.path)
            return
        if not given.alone:
            try:
                others = peers(drawing, labels, given.folder)
            except folium_peers.NoLibrariesError as error:
                print(f"folium's pages are left out: {error}")
        rows, blank = rounds(playwright, ours, others, drawing, given.rounds)
        painted, features, share = pixels(playwright, ours, drawing)
    report_machine()
    report([*rows, *others.values(), blank])
    report_pixels(painted, share, others)
    held = gates(ours, rows, others)
    counts = [len(layer.members) for layer in drawing.layers]
    held.append(
        (f"page has all features: {features:,} of {sum(counts):,}", features == sum(counts))
    )
    unseen = [name for name, n in painted.items() if not n]
    held.append((f"every group paints: {unseen or 'none blank'}", not unseen))
    print()
    for text, holds in held:
        print(f"{'ok  ' if holds else 'FAIL'} {text}")
    if not all(holds for _, holds in held):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
