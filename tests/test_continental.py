"""The benchmark of continental size, on a small world: engines agree, and a wrong one is found out."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def continental(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import continental

    return continental


def test_engines_agree_on_a_small_world(continental, tmp_path, capsys) -> None:
    asked = ["--points", "3000", "--rights", "300", "--folder", str(tmp_path)]

    with pytest.raises(SystemExit) as end:
        continental.main([*asked, "--engines", "geoasm", "geopandas"])

    said = capsys.readouterr().out
    assert not end.value.code, said
    assert "geoasm" in said
    assert " identical" in said


def test_an_interpreter_without_the_engine_is_named(continental, tmp_path) -> None:
    world = continental.World(20, 10, 200, 1)
    row = continental.run("sedonadb", sys.executable, *continental.make(world, tmp_path), 60.0)

    assert row.get("missing") or row["pairs"] >= 0


def test_pairs_are_the_same_in_any_order_and_no_other_pairs_are(continental, tmp_path) -> None:
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 1000, (500, 2))

    def summed(name, which):
        path = tmp_path / name
        pq.write_table(pa.table({"point": which[:, 0], "right": which[:, 1]}), path)
        return continental.checksum(path)

    turned = pairs.copy()
    turned[7, 1] += 1
    assert summed("a", pairs) == summed("b", rng.permutation(pairs))
    assert summed("c", turned) != summed("a", pairs)
    assert summed("d", pairs[:, ::-1]) != summed("a", pairs)
