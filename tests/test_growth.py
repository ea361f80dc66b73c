"""Ten times the data is about ten times the work, in every stage: counted, not timed."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm import api
from geoasm.clock import Clock
from geoasm.io.profiles import load_profile
from geoasm.io.simulations import save_simulation
from geoasm.io.study import read_study
from geoasm.kernels import engine
from geoasm.simulate import Scale, simulate
from tests.ledgers import MEASURES, OWN, Ledger, Place

TIMES = 10
REGISTRATIONS, RIGHTS, EXTINCT = 150, 115, 165  # of the small country
STAGES = (
    *("read", "normalize", "holders", "link", "rasters", "evidence", "classify", "certainty"),
    *("overlaps", "candidates", "summarize", "save"),
)
COMPILED = ("link", "rasters", "certainty", "overlaps")  # stages with compiled loops, mostly

# A function may do so many times the work, and so much more besides: what is rare is absent from the
# small country, and its edges weigh more. Work that grows as n to the 1.5 would be 32 times as much.
MOST_TIMES = 20
BESIDES = {"steps": 1_500, "calls": 1_500, "shapes": 300, "rows": 10_000, "bytes": 250_000}
# All of a stage together.
MOST_TIMES_OF_STAGE = 16
# So much more Python, for 1,350 more registrations and 2,600 more rights, is none for each of them.
NO_ROWS = {"steps": 600, "calls": 1_200}
NO_ROWS_TIMES = 1.5

# Functions (or modules) that do something in Python for each of a kind, and of which kind.
ONE_BY_ONE = {
    "clusters.py": "distinct place: DBSCAN weighs its neighbours",
    "flags.py": "distinct set of flags",
    "io/atomic.py": "distinct text, or row of the summary",
    "io/writers.py": "row of the summary: regions by class",
    "manifest.py": "entry of the summary: regions by class",
    "parsing/": "distinct text: dates, codes, numbers, angles",
    "parties/": "distinct name, or pair of names that may be one",
    "pipeline.py:_summary": "row of the table of territory: regions by status",
    "render/": "distinct text, row of a table of regions, or block of the map's packed columns",
    "signs.py:_same_place": "registration: writes its coordinates",
    "strata.py:presume": "distinct holder",
    "summarize.py": "region with registrations",
    "territory.py:_unite_parts": "tile of ground with rights in it",
    "zonal.py": "row of pixels in a window, or window of a raster",
}


class Grown(NamedTuple):
    """What the small and the large country take."""

    small: Ledger
    large: Ledger

    def added(self, measure: str, place: Place) -> int:
        return self.large.counts[measure][place] - self.small.counts[measure][place]


def country(times: int) -> Scale:
    """More ground with as much on it: a place looks alike, and regions stay as many."""
    side = max(1, round(math.sqrt(times)))
    return Scale(
        f"{times} times",
        RIGHTS * times,
        EXTINCT * times,
        REGISTRATIONS * times,
        (0.3 * math.sqrt(times), 0.7 * math.sqrt(times)),
        lattice=(2 * side, 3 * side),
        province=(1, 1),
        region=(side, side),
        centres=6 * times,
    )


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("countries")
    small, large = (
        save_simulation(simulate(load_profile("pe"), country(n), seed=1), folder / str(n))
        for n in (1, TIMES)
    )
    return small, large


class Watching(Ledger):
    """A ledger of some stages alone."""

    def __init__(self, stages: tuple[str, ...]) -> None:
        super().__init__()
        self.watched = stages

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        kept = super().stage if name in self.watched else super(Ledger, self).stage
        with kept(name):
            yield


def forget() -> None:
    """Empty what functions of geoasm keep of earlier calls."""
    for name in [n for n in sys.modules if n.startswith("geoasm")]:
        for member in list(vars(sys.modules[name]).values()):
            if hasattr(member, "cache_clear"):
                member.cache_clear()


def run(study: Path, clock: Clock) -> api.Analysis:
    forget()
    result = api.run_study(read_study(study), clock=clock)
    with clock.stage("save"):
        result.save(study.with_name("run"), overwrite=True)
    return result


def too_much(grown: Grown) -> list[str]:
    """Functions and stages whose work grows faster than the data."""
    found = []
    for measure in MEASURES:
        small, large = grown.small.counts[measure], grown.large.counts[measure]
        for place, n in large.items():
            if n > MOST_TIMES * small[place] + BESIDES[measure]:
                found.append(f"{place}: {small[place]} {measure} become {n}")
        for stage in {place.stage for place in large}:
            before, after = (
                sum(n for place, n in counts.items() if place.stage == stage)
                for counts in (small, large)
            )
            if after > MOST_TIMES_OF_STAGE * before + BESIDES[measure]:
                found.append(f"all of {stage}: {before} {measure} become {after}")
    return found


def one_by_one(grown: Grown) -> dict[str, str]:
    """Functions that do something in Python for each row of some kind."""
    found = {}
    for measure, free in NO_ROWS.items():
        small, large = grown.small.counts[measure], grown.large.counts[measure]
        for place, n in large.items():
            if n - small[place] > free and n > NO_ROWS_TIMES * small[place]:
                found[f"{place.module}:{place.function}"] = f"{small[place]} {measure} become {n}"
    return found


def reason(name: str) -> str | None:
    """Why a function may go one by one."""
    return next((why for known, why in ONE_BY_ONE.items() if name.startswith(known)), None)


@pytest.mark.slow
@pytest.mark.parametrize(("way", "stages"), [("shapely", STAGES), ("numba", COMPILED)])
def test_ten_times_the_data_is_ten_times_the_work(
    way: str, stages: tuple[str, ...], studies: tuple[Path, Path]
) -> None:
    small, large = studies
    grown = Grown(Watching(stages), Watching(stages))
    with engine.use(way):
        run(small, Clock())  # what is done once in a process is done
        one, ten = run(small, grown.small), run(large, grown.large)
    for name in ("registrations", "concessions", "pairs", "overlaps"):
        assert 9 < len(getattr(ten, name)) / len(getattr(one, name)) < MOST_TIMES_OF_STAGE, name
    assert {place.stage for place in grown.large.counts["steps"]} == set(stages)
    assert too_much(grown) == []
    rows = one_by_one(grown)
    assert {name: n for name, n in rows.items() if reason(name) is None} == {}
    if stages == STAGES:
        idle = {k for k in ONE_BY_ONE if not any(name.startswith(k) for name in rows)}
        assert idle == set()  # or they have no need to stand there


# --- a ledger finds what it is for


PLANTED = {
    "loop over all pairs": """
def work(n):
    met = 0
    for i in range(n):
        for j in range(n):
            met += i < j
""",
    "distances between all pairs": """
def work(n):
    x = np.arange(float(n))
    return (np.abs(x[:, None] - x) < 1).any(axis=1)
""",
    "distances of one to all, in turn": """
def work(n):
    x = np.arange(float(n))
    return [np.flatnonzero(x - x[i])[0] for i in range(n)]
""",
    "merge on a column that is the same in all rows": """
def work(n):
    frame = pd.DataFrame({"zone": 18, "row": np.arange(n)})
    return int((frame.merge(frame, on="zone")["row_x"] == 0).sum())
""",
    "GEOS asked of all pairs": """
def work(n):
    points = shapely.points(np.arange(float(n)), 0.0)
    return int(shapely.dwithin(points[:, None], points, 0.5).sum())
""",
    "boxes that all meet": """
def work(n):
    boxes = shapely.box(0, 0, np.arange(1.0, n + 1), 1)
    return len(shapely.STRtree(boxes).query(boxes)[0])
""",
}
ROW_BY_ROW = {
    "apply": """
def work(n):
    return pd.Series(np.arange(n)).apply(lambda value: value + 1)
""",
    "apply along rows": """
def work(n):
    return pd.DataFrame({"a": np.arange(n), "b": 1}).apply(max, axis=1)
""",
    "comprehension": """
def work(n):
    return [value * 2 for value in np.arange(n)]
""",
    "GEOS shape by shape": """
def work(n):
    return list(map(shapely.area, shapely.points(np.arange(float(n)), 0.0)))
""",
}
LAWFUL = {
    "whole columns, sorted and joined": """
def work(n):
    frame = pd.DataFrame({"row": np.arange(n)[::-1]}).sort_values("row")
    return frame.merge(frame, on="row")["row"].to_numpy() * 2
""",
    "an index over all shapes": """
def work(n):
    points = shapely.points(np.arange(float(n)), 0.0)
    return shapely.STRtree(points).query(points, predicate="intersects")
""",
}


def planted(source: str, n: int = REGISTRATIONS) -> Grown:
    """Count what a function, planted in geoasm, does with few and with ten times as many."""
    known = {"np": np, "pd": pd, "shapely": shapely}
    exec(compile(source, f"{OWN}planted.py", "exec"), known)
    known["work"](n)
    grown = Grown(Ledger(), Ledger())
    for ledger, times in ((grown.small, 1), (grown.large, TIMES)):
        with ledger.stage("link"):
            known["work"](n * times)
    return grown


@pytest.mark.parametrize("fault", PLANTED)
def test_planted_all_pairs_are_found(fault: str) -> None:
    assert any("function='work'" in told for told in too_much(planted(PLANTED[fault], 50)))


@pytest.mark.parametrize("fault", ROW_BY_ROW)
def test_planted_rows_are_found(fault: str) -> None:
    grown = planted(ROW_BY_ROW[fault])
    assert set(one_by_one(grown)) == {"planted.py:work"}
    assert too_much(grown) == []


@pytest.mark.parametrize("name", LAWFUL)
def test_lawful_work_passes(name: str) -> None:
    grown = planted(LAWFUL[name])
    assert too_much(grown) == []
    assert one_by_one(grown) == {}
