"""A visit to a page in a browser without a network, and what it measures there."""

from __future__ import annotations

import os
import shutil
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from playwright.sync_api import CDPSession, Page, Playwright
from playwright.sync_api import TimeoutError as Late
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
WIDTH, HEIGHT = 1366, 768
AREQUIPA = (-16.4, -71.5)
Colours = npt.NDArray[np.uint32]
LONG_MS = 50  # a task beyond it is one that a reader feels
PATIENCE_MS = 600_000
_OWN_PATIENCE_MS = 60_000
_QUIET_MS = 3000
_SETTLED_MS = 1000
_PROBE = Path(__file__).with_name("probe.js")


@dataclass
class Frames:
    """Milliseconds between frames while something moves."""

    deltas: list[float] = field(default_factory=list)

    def of(self, share: float) -> float:
        """Give a quantile."""
        return float(np.quantile(self.deltas, share)) if self.deltas else float("nan")


@dataclass
class Measured:
    """What one visit found."""

    first_paint: float = 0.0
    painted: float = 0.0
    whole: float = 0.0
    interactive: float = 0.0
    blocked: float = 0.0
    longest_loading: float = 0.0
    longest_after: float = 0.0
    tasks_after: list[tuple[str, float]] = field(default_factory=list)
    frames: dict[str, Frames] = field(default_factory=dict)
    settled: dict[str, float] = field(default_factory=dict)
    answers: dict[str, float] = field(default_factory=dict)
    heap_mb: float = 0.0
    resident_mb: float = 0.0
    requests: list[str] = field(default_factory=list)
    pixels: dict[str, int] = field(default_factory=dict)
    load_average: float = field(default_factory=lambda: os.getloadavg()[0])


class Visit:
    """An open page; phases name what goes on, so that a long task has a cause."""

    def __init__(self, page: Page, cdp: CDPSession, measured: Measured) -> None:
        self.page, self.cdp, self.measured = page, cdp, measured
        self.phases: list[tuple[str, float, float]] = []
        self.errors: list[str] = []

    def load(self, path: Path, *, own: bool) -> None:
        """Open the page and wait until it is still; `own` pages say themselves when they are painted."""
        self.page.on("request", lambda request: self._note(request.url, path.as_uri()))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(path.as_uri(), timeout=PATIENCE_MS)
        if own:
            self._wait_until_painted()
        self.settle(_QUIET_MS)
        self.measured.painted = self.page.evaluate("probe.painted") or 0.0
        self.measured.whole = self.page.evaluate("probe.whole") or 0.0
        paints = self.page.evaluate(
            "performance.getEntriesByType('paint').map((p) => [p.name, p.startTime])"
        )
        told = dict(paints).get("first-contentful-paint", float("nan"))
        tasks = self.tasks()
        ends = [start + length for start, length in tasks]
        self.measured.first_paint = told
        self.measured.interactive = max([self.measured.painted, told, *ends])
        self.measured.blocked = sum(length - LONG_MS for _, length in tasks)
        self.measured.longest_loading = max((length for _, length in tasks), default=0.0)
        self._memory()
        if self.errors:
            raise SystemExit(f"{path.name} fails in the browser: {self.errors}")

    def _wait_until_painted(self) -> None:
        try:
            self.page.wait_for_selector(
                "html[data-map=painted][data-layers=whole]", timeout=_OWN_PATIENCE_MS
            )
        except Late as error:
            raise SystemExit(f"the map is not painted: {self.errors or error}") from error

    def _note(self, url: str, own: str) -> None:
        if url != own and not url.startswith(("data:", "blob:")):
            self.measured.requests.append(url)

    def tasks(self) -> list[tuple[float, float]]:
        """Give start and length of each long task."""
        return [tuple(task) for task in self.page.evaluate("probe.tasks")]

    def now(self) -> float:
        """Give the page's clock."""
        return float(self.page.evaluate("performance.now()"))

    def settle(self, quiet_ms: float, since: float = 0.0) -> float:
        """Wait until there was no long task for a while; give when the last one ended."""
        while True:
            now = self.now()
            last = max([since, *(start + length for start, length in self.tasks())])
            if now - last >= quiet_ms:
                return last
            self.page.wait_for_timeout(min(quiet_ms, quiet_ms - (now - last) + 10))

    @contextmanager
    def phase(self, name: str) -> Iterator[float]:
        """Name what happens in the page meanwhile."""
        start = self.now()
        yield start
        self.measured.settled[name] = self.settle(_SETTLED_MS, start) - start
        self.phases.append((name, start, self.now()))

    def _memory(self) -> None:
        self.cdp.send("HeapProfiler.collectGarbage")
        told = {m["name"]: m["value"] for m in self.cdp.send("Performance.getMetrics")["metrics"]}
        self.measured.heap_mb = told["JSHeapUsedSize"] / 2**20
        self.measured.resident_mb = max(_renderers(), default=0.0)

    def view(self, place: tuple[float, float], zoom: int, *, animate: bool = False) -> None:
        """Bring the map to a place."""
        move = "([place, zoom, animate]) => { probe.map().setView(place, zoom, { animate }); }"
        self.page.evaluate(move, [list(place), zoom, animate])

    def zoom(self, name: str, levels: int) -> None:
        """Zoom around Arequipa as a reader sees it, animation included."""
        with self.phase(name):
            self.page.evaluate("probe.record()")
            self.view(AREQUIPA, levels, animate=True)
            self.page.wait_for_timeout(_SETTLED_MS)
            self.settle(_SETTLED_MS / 2)
            self.measured.frames[name] = Frames(self.page.evaluate("probe.stop()"))

    def pan(self, name: str) -> None:
        """Drag the map to the left and back."""
        with self.phase(name):
            self.page.evaluate("probe.record()")
            mouse, x, y = self.page.mouse, 1000, 400
            mouse.move(x, y)
            mouse.down()
            for step in (*[-10] * 40, *[10] * 40):
                x += step
                mouse.move(x, y)
                time.sleep(0.008)
            mouse.up()
            self.page.wait_for_timeout(300)
            self.measured.frames[name] = Frames(self.page.evaluate("probe.stop()"))

    def stand_still(self, name: str) -> None:
        """Do nothing: what a page without work shows is the machine's own unrest."""
        with self.phase(name):
            self.page.evaluate("probe.record()")
            self.page.wait_for_timeout(_QUIET_MS)
            self.measured.frames[name] = Frames(self.page.evaluate("probe.stop()"))

    def move_about(self) -> None:
        """Pan and zoom, from the country to a mine."""
        with self.phase("to z6"):
            self.view(AREQUIPA, 6)
        self.pan("pan z6")
        with self.phase("back"):
            self.view(AREQUIPA, 6)
        self.zoom("z6-7", 7)
        self.zoom("z7-10", 10)
        self.pan("pan z10")
        with self.phase("back again"):
            self.view(AREQUIPA, 10)
        self.zoom("z10-13", 13)

    def count_tasks(self) -> None:
        """Keep the long tasks of named phases."""
        for start, length in self.tasks():
            for name, begun, ended in self.phases:
                if begun <= start < ended:
                    self.measured.tasks_after.append((name, length))
        lengths = (length for _, length in self.measured.tasks_after)
        self.measured.longest_after = max(lengths, default=0.0)

    def look(self) -> Colours:
        """Give the colours of the screen, pixel by pixel."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with MemoryFile(self.page.screenshot()) as file, file.open() as image:
                red, green, blue = image.read([1, 2, 3]).astype(np.uint32)
        return red << 16 | green << 8 | blue

    def screen_share(self) -> float:
        """Give the share of the screen's pixels that differ from the most common colour."""
        _, counts = np.unique(self.look(), return_counts=True)
        return float(1 - counts.max() / counts.sum())


@contextmanager
def visiting(playwright: Playwright) -> Iterator[Visit]:
    """Open a browser of its own, so that one page's memory is not another's."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
    try:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(path=_PROBE)
        cdp = context.new_cdp_session(page)
        cdp.send("Performance.enable")
        yield Visit(page, cdp, Measured())
    finally:
        browser.close()


def _renderers() -> Iterator[float]:
    for process in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                yield process.memory_info().rss / 2**20
        except psutil.NoSuchProcess:
            continue
