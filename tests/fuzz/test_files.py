"""A short campaign in every run of the tests; and the campaign itself, which must see what it looks for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geoasm.errors import UnreadableSource
from tests.fuzz import campaign, outcomes
from tests.fuzz.mutations import Mutant
from tests.fuzz.outcomes import Outcome, known_rows, look, write_base
from tests.fuzz.seeds import Seed, seeds

MUTANTS = 255
SEED = 7  # another than the long campaign's
FOUND_ONCE = (
    4319,
    5152,
    7090,
    8551,
    13795,
    14757,
    15233,
)  # of seed 1, by the campaign of 2026-11-27
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    write_base(folder)
    return folder


def whole(kind: str) -> Mutant:
    seed = next(s for s in seeds() if s.kind == kind)
    return Mutant(seed.kind, seed.role, "nothing", dict(seed.files))


@pytest.mark.slow
def test_a_few_hundred_mutants_of_every_format_end_as_promised(tmp_path: Path) -> None:
    """Exit 0 or 1 with rows that balance, or exit 2 with one line: see `outcomes`."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.campaign", "--mutants", str(MUTANTS), "--seed", str(SEED),
         "--whole", str(MUTANTS // 2), "--out", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{MUTANTS} mutants in" in said.stdout
    assert all(f"  {seed.kind} " in said.stdout for seed in seeds())


@pytest.mark.slow
def test_what_a_campaign_once_found_ends_as_promised(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.campaign", "--seed", "1", "--out", str(tmp_path),
         "--only", *map(str, FOUND_ONCE)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{len(FOUND_ONCE)} mutants in" in said.stdout


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.kind)
def test_every_seed_is_whole_so_that_only_mutations_are_to_blame(
    tmp_path: Path, base: Path, seed: Seed
) -> None:
    ends = look(whole(seed.kind), tmp_path, base)
    assert [(end.command, end.label) for end in ends] == [("inspect", "read"), ("run", "read")]


def test_a_number_is_the_same_mutant_again() -> None:
    assert [campaign.mutant(1, n) for n in range(40)] == [campaign.mutant(1, n) for n in range(40)]
    assert len({str(campaign.mutant(s, 3).files) for s in range(5)}) > 1


def faults_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base: Path, instead: Callable[..., Any]
) -> list[str | None]:
    monkeypatch.setattr("geoasm.io.layers.tables.read_delimited", instead)
    return [end.fault for end in look(whole("csv"), tmp_path, base)]


def test_a_traceback_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    assert faults_of(monkeypatch, tmp_path, base, fail) == ["traceback", "traceback"]


def test_an_error_of_control_characters_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base: Path
) -> None:
    def fail(*_: object) -> None:
        raise UnreadableSource("a.csv is \x1b[31m damaged")

    assert faults_of(monkeypatch, tmp_path, base, fail) == ["lines", "lines"]


def test_a_row_that_is_lost_without_a_word_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base: Path
) -> None:
    monkeypatch.setattr("geoasm.io.damaged.holds_more", lambda *_: False)
    spoilt = whole("geojson").files[".geojson"]
    assert isinstance(spoilt, bytes)
    more = spoilt.replace(b'"features": [', b'"features": [ "x",')
    assert more != spoilt
    mutant = Mutant("geojson", "concessions", "x", {".geojson": more})
    ends = look(mutant, tmp_path, base)
    assert [end.fault for end in ends] == [None, "loss"]
    assert ends[1].told == "concessions: 6 rows of 7"


def test_rows_are_counted_in_another_way_where_that_is_sure(tmp_path: Path) -> None:
    for kind, rows in (("geojson", 6), ("csv", None), ("tif", None)):
        folder = tmp_path / kind
        folder.mkdir()
        assert known_rows(whole(kind), whole(kind).write(folder)) == rows


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of forking beside threads
@pytest.mark.parametrize(
    ("deed", "kind"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), f"signal {int(signal.SIGKILL)}"),
        (lambda: time.sleep(60), "timeout"),
        (lambda: os._exit(3), "signal -3"),
    ],
)
def test_a_death_is_the_finding_of_the_mutant_in_hand_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None], kind: str
) -> None:
    def die_at_four(mutant: Mutant, *_: object, **__: object) -> list[Outcome]:
        if mutant == campaign.mutant(1, 4):
            deed()
        return [Outcome("inspect", 0)]

    monkeypatch.setattr(campaign, "look", die_at_four)
    monkeypatch.setattr(campaign, "WALL_SECONDS", 3.0)
    seen = list(campaign.run(1, range(8)))
    assert [s.number for s in seen] == list(range(8))
    assert {s.number: s.faults[0][0] for s in seen if s.faults} == {4: kind}


def test_a_mutant_may_not_use_more_than_its_share_of_the_machine() -> None:
    """The limits of a child: memory beyond what it holds, and no dump of it."""
    code = (
        "import resource\nfrom tests.fuzz.outcomes import MEMORY_BYTES, limit\nlimit()\n"
        "try:\n    bytearray(2 * MEMORY_BYTES)\nexcept MemoryError:\n    print('refused')\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert said.stdout == "refused\n"
    assert outcomes.MEMORY_BYTES == 4 << 30
