"""Run folders that lost something since they were written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from geoasm.errors import RunNotFound
from geoasm.io.results import load_result, save_result
from geoasm.model import Result


def test_a_run_whose_records_lost_something_is_not_complete(
    make_result: Callable[..., Result], tmp_path: Path
) -> None:
    run = save_result(make_result(), tmp_path / "run")
    whole = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    for name in ("profile", "on", "sources"):
        rest = {key: value for key, value in whole.items() if key != name}
        (run / "summary.json").write_text(json.dumps(rest), encoding="utf-8")
        with pytest.raises(RunNotFound, match=rf"summary\.json: {name} is missing; run it again"):
            load_result(run)


def test_a_run_that_was_given_layers_and_has_none_is_not_complete(
    make_result: Callable[..., Result], tmp_path: Path
) -> None:
    given = make_result()
    manifest = {**given.manifest, "inputs": [{"role": "admin"}]}
    run = save_result(replace(given, manifest=manifest), tmp_path / "run")
    load_result(run)
    (run / "context.gpkg").unlink()
    with pytest.raises(RunNotFound, match=r"context\.gpkg is missing"):
        load_result(run)
