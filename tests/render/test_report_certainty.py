"""How sure the classes are: everybody with a position in one band, and what else it might be."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm.model import Result
from geoasm.render import report
from geoasm.render.labels import Labels
from geoasm.render.report_certainty import measure_certainty, second_is_likelier

EN = Labels("en")


def register(rows: list[tuple[str, float | None, str | None, float | None]]) -> pd.DataFrame:
    columns = ["asm_class", "class_probability", "second_class", "second_probability"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"class_probability": "float64", "second_probability": "float64"})


ROWS = register(
    [
        ("own_title", 1.0, None, None),
        ("own_title", 0.99, "open_ground", 0.01),
        ("own_title", 0.9, "open_ground", 0.1),
        ("own_title", 0.7, "on_lsm_msm", 0.3),
        ("open_ground", 0.5, "on_lsm_msm", 0.5),
        ("open_ground", 0.3, "own_title", 0.6),
        ("unlocatable", None, None, None),
    ]
)


def test_everybody_with_a_position_stands_in_one_band() -> None:
    found = measure_certainty(ROWS, EN)
    assert found is not None
    assert [count for _, count in found.bands] == [2, 1, 1, 1, 1]
    names = [name.replace("\u00a0", " ") for name, _ in found.bands]
    assert names[0] == "99 % or more"
    assert names[1] == "from 90 % to below 99 %"
    assert names[-1] == "below 50 %"


def test_a_share_that_rounds_off_falls_into_no_lower_band() -> None:
    found = measure_certainty(register([("own_title", 0.9 - 1e-12, "open_ground", 0.1)]), EN)
    assert found is not None
    assert [count for _, count in found.bands] == [0, 1, 0, 0, 0]


def test_key_counts_those_that_are_nine_tenths_sure() -> None:
    found = measure_certainty(ROWS, EN)
    assert found is not None
    assert found.key.startswith("<strong>50.0\u00a0%</strong> of the registrations with a position")
    assert "(3 of 6)" in found.key


def test_only_a_class_more_probable_than_the_one_counted_flips_it() -> None:
    assert second_is_likelier(ROWS).tolist() == [False] * 5 + [True, False]
    found = measure_certainty(ROWS, EN)
    assert found is not None
    assert found.flips.startswith("In 1 (16.7\u00a0%) another class is more probable")
    assert found.without.startswith("Another 1 have no position")


def test_table_tells_by_class_what_the_doubtful_might_be() -> None:
    found = measure_certainty(ROWS, EN)
    assert found is not None
    own, ground = ([cell.text for cell in row] for row in found.table.rows)
    assert own[1:] == ["4", "89.8\u00a0%", "1", "0", EN.class_name("on_lsm_msm")]
    assert ground[1:5] == ["2", "40.0\u00a0%", "2", "1"]


def test_without_positions_there_is_nothing_to_say() -> None:
    assert measure_certainty(ROWS.tail(1), EN) is None


def test_bands_of_a_run_add_up_to_its_positions(result: Result) -> None:
    found = measure_certainty(result.registrations, EN)
    assert found is not None
    total = result.registrations["class_probability"].notna().sum()
    assert sum(count for _, count in found.bands) == total == pytest.approx(78)


def test_a_report_measures_it_once(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[pd.DataFrame] = []

    def once(registrations: pd.DataFrame, labels: Labels) -> None:
        asked.append(registrations)

    monkeypatch.setattr(report, "measure_certainty", once)
    page = report.report_html(result, EN)
    assert len(asked) == 1
    assert EN.text("report.heading_certainty") not in page
