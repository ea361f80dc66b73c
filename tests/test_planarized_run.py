"""The main job with rights compared: overlaps always, pieces where asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyogrio
import pytest

from geoasm.api import Analysis, analyze
from geoasm.codes import Role
from geoasm.io.results import load_result
from tests.cells import concessions, registrations


def analysis(*, planarize: bool) -> Analysis:
    given = {Role.CONCESSIONS: concessions(), Role.REGISTRATIONS: registrations()}
    return analyze(
        concessions=given[Role.CONCESSIONS],
        registrations=given[Role.REGISTRATIONS],
        on=date(2024, 6, 1),
        planarize=planarize,
    )


@pytest.fixture(scope="module")
def planarized() -> Analysis:
    return analysis(planarize=True)


def test_overlaps_agree_with_the_stacks_at_points(planarized: Analysis) -> None:
    stacks = planarized.registrations.loc[
        planarized.registrations["n_rights"] == 2, ["right_ids", "concession_id"]
    ]
    pairs = planarized.overlaps["concession_id_a"] + ";" + planarized.overlaps["concession_id_b"]
    assert sorted(";".join(sorted(ids.split(";"))) for ids in stacks["right_ids"]) == sorted(pairs)
    assert planarized.summary["ground"]["pairs"] == 3


def test_pieces_name_the_stacks_of_points(planarized: Analysis) -> None:
    at_points = planarized.registrations["right_ids"].dropna()
    assert set(at_points[at_points != ""]) <= set(planarized.pieces["right_ids"])
    assert planarized.summary["ground"]["twice_ha"] == pytest.approx(300)
    assert planarized.manifest["options"]["planarize"] is True


def test_a_run_folder_holds_pieces_and_gives_them_back(
    planarized: Analysis, tmp_path: Path
) -> None:
    folder = planarized.save(tmp_path / "run")
    assert (folder / "pieces.parquet").is_file()
    assert "pieces" in dict(pyogrio.list_layers(folder / "geoasm.gpkg"))
    back = load_result(folder)
    assert back.pieces["right_ids"].tolist() == planarized.pieces["right_ids"].tolist()
    assert back.overlaps["overlap_ha"].tolist() == planarized.overlaps["overlap_ha"].tolist()


def test_without_the_option_there_are_overlaps_and_no_pieces(tmp_path: Path) -> None:
    plain = analysis(planarize=False)
    assert len(plain.overlaps) == 3
    assert len(plain.pieces) == 0
    folder = plain.save(tmp_path / "run")
    assert not (folder / "pieces.parquet").exists()
    layers = dict(pyogrio.list_layers(folder / "geoasm.gpkg"))
    assert "pieces" not in layers
    styles = pyogrio.read_dataframe(folder / "geoasm.gpkg", layer="layer_styles")
    assert set(styles["f_table_name"]) <= set(layers)
    assert len(load_result(folder).pieces) == 0
