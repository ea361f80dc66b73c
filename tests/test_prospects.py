"""What follows from the classes of a small world: who is a candidate, what is known on the day, what does not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from geoasm import pipeline, schema
from geoasm.codes import Role
from geoasm.model import Options, RawLayer, Result, Source
from geoasm.prospects import count
from tests.cells import BIG, RIGHTS, SMALL, cell, polygons, whole_world
from tests.scenes import PE

ON = date(2024, 6, 1)
CANDIDATE, CONFLICT = "010000002", "010000005"
# Where BIG is at work by the production files: all its titles but that with penalties get this far.
WORKED = [code for _, code, holder, status, _ in RIGHTS if holder == BIG and status == "T"]
Frames = dict[Role, pd.DataFrame]


def world(**tables: dict[str, list[Any]]) -> Frames:
    frames = whole_world()
    made = {"concession_id": WORKED, "year": ["2023"] * len(WORKED), "amount": ["5"] * len(WORKED)}
    for role, columns in {"production": made, **tables}.items():
        frames[Role(role)] = pd.DataFrame(columns).astype("str")
    return frames


def raw(role: Role, frame: pd.DataFrame) -> RawLayer:
    frame = frame.reset_index(drop=True)
    crs = frame.crs.to_string() if hasattr(frame, "crs") else None
    rows = frame.assign(source_row=range(1, len(frame) + 1))
    return RawLayer(rows, Source(role.value, f"{role}.csv", rows=len(frame), crs_read=crs))


def run(frames: Frames, profile: Any = PE) -> Result:
    read = {role: raw(role, frame) for role, frame in frames.items()}
    return pipeline.run(read, profile, Options(on=ON))


@pytest.fixture(scope="module")
def result() -> Result:
    return run(world())


def candidate(frames: Frames) -> pd.Series:
    return run(frames).candidates.set_index("concession_id").loc[CANDIDATE]


def test_each_right_gets_as_far_as_its_facts_let_it(result: Result) -> None:
    assert result.candidates["concession_id"].tolist() == [CANDIDATE]
    rejected = dict(
        zip(
            result.candidates_rejected["concession_id"],
            result.candidates_rejected["gate"],
            strict=True,
        )
    )
    assert rejected == {
        "010000001": "small_scale",  # presumed: a person's
        "010000003": "small_scale",
        "010000006": "not_in_force",
        "010000007": "not_in_force",
        "010000008": "not_in_force",
        "010000009": "none_counting",  # in a park
        "010000010": "none_counting",  # nobody knows which of two is senior
        "010000011": "small_scale",
        "010000012": "small_scale",
        "010000013": "none_counting",  # another title goes first
        "010000014": "none_counting",  # who stands there holds the other one
        "010000015": "small_scale",
    }
    waiting = result.verify_first
    assert dict(zip(waiting["concession_id"], waiting["verify"], strict=True)) == {
        "010000004": "stratum",
        CONFLICT: "conflict",
    }


def test_the_reasons_stand_on_the_registrations(result: Result) -> None:
    told = result.registrations.set_index("registration_id")["not_counted"]
    assert told[told.isna()].index.tolist() == ["REG01", "REG02", "REG03", "REG04", "REG13"]
    assert told[["REG00", "REG05", "REG10", "REG11", "REG12", "REG15"]].tolist() == [
        "own_title",
        "no_title",
        "prohibited",
        "ambiguous",
        "unlocatable",
        "processing",
    ]


def test_the_idle_are_no_candidates_once_nothing_says_that_they_work() -> None:
    frames = world()
    made = frames[Role.PRODUCTION]
    frames[Role.PRODUCTION] = made[made["concession_id"] != CONFLICT]
    rejected = run(frames).candidates_rejected.set_index("concession_id")
    assert rejected.loc[CONFLICT, "gate"] == "idle"


def test_the_tables_are_counted(result: Result) -> None:
    frames = {table.name: getattr(result, table.name) for table in schema.PROSPECTS}
    told = count(frames, PE)
    assert told["weighed"]
    assert told["candidates"] == 1
    assert told["verify_first"] == {"conflict": 1, "stratum": 1}
    assert told["rejected"] == {"none_counting": 4, "not_in_force": 3, "small_scale": 5}
    assert told["near_outside"] == result.near_outside["registration_id"].nunique()
    assert sum(told["signs"].values()) == len(result.signs)


def test_a_profile_without_candidates_says_of_registrations_what_it_can() -> None:
    found = run(world(), replace(PE, candidates=None))
    for table in schema.PROSPECTS:
        assert not len(getattr(found, table.name))
    assert found.registrations["precondition"].notna().all()
    assert found.registrations["missing_check"].notna().all()
    assert found.registrations["cluster_id"].isna().all()


# --- what is known on the day


@pytest.mark.parametrize(("day", "value"), [("2024-06-01", 1.0), ("2024-06-02", 0.0), ("", 1.0)])
def test_an_instrument_filed_after_the_day_is_not_filed(day: str, value: float) -> None:
    filed = {"registration_id": ["REG01", "REG02"], "date": [day, "2020-01-01"]}
    told = candidate(world(igafom=filed))
    assert told[["factor_igafom", "known_igafom"]].tolist() == [value, 1.0]


def test_the_other_part_of_an_instrument_may_be_filed_later() -> None:
    filed = {
        "registration_id": ["REG01", "REG01"],
        "stage": ["CORRECTIVO", "PREVENTIVO"],
        "date": ["2025-01-01", "2023-01-01"],
    }
    assert candidate(world(igafom=filed))["factor_igafom"] == 1.0


def assessments(*rows: tuple[str, str, str, str]) -> dict[str, list[Any]]:
    """Rows of right, holder, value and day, all on geology."""
    columns = dict(zip(("concession_id", "holder", "value", "date"), zip(*rows, strict=True)))  # noqa: B905
    return {name: list(values) for name, values in columns.items()} | {
        "factor": ["geology"] * len(rows)
    }


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([(CANDIDATE, "", "0.8", "2024-01-01")], 0.8),
        ([("", "Minera Grande SA", "0.8", "2024-01-01")], 0.8),
        ([("", SMALL, "0.8", "2024-01-01")], None),
        ([("010000014", "", "0.8", "2024-01-01")], None),
        ([(CANDIDATE, "", "0.8", "2024-06-02")], None),
        ([(CANDIDATE, "", "0.8", "2024-06-01")], 0.8),
        ([(CANDIDATE, "", "0.2", "2023-01-01"), (CANDIDATE, "", "0.8", "2024-01-01")], 0.8),
        ([(CANDIDATE, "", "0.2", "2025-01-01"), (CANDIDATE, "", "0.8", "2024-01-01")], 0.8),
        ([(CANDIDATE, "", "0.2", ""), (CANDIDATE, "", "0.8", "2024-01-01")], 0.8),
        ([("", BIG, "0.2", "2023-01-01"), ("", "MINERA GRANDE SA", "0.8", "2024-01-01")], 0.8),
        # What is said of the right goes before what is said of its holder, however late.
        ([(CANDIDATE, "", "0.8", "2022-01-01"), ("", BIG, "0.5", "2024-01-01")], 0.8),
        ([(CANDIDATE, "", "0.8", ""), ("", BIG, "0.5", "2024-01-01")], 0.8),
        ([("", BIG, "0.8", "2024-01-01"), ("", "MINERA GRANDE SA", "0.5", "2024-01-01")], 0.5),
        ([(CANDIDATE, "", "1.8", "2024-01-01")], None),
    ],
)
def test_of_assessments_the_latest_of_the_day_holds(
    rows: list[tuple[str, str, str, str]], value: float | None
) -> None:
    told = candidate(world(assessments=assessments(*rows)))
    assert (None if pd.isna(told["factor_geology"]) else told["factor_geology"]) == value
    assert told["known_geology"] == (0.0 if value is None else 1.0)
    assert pd.isna(told["factor_company_commitment"])


def test_a_contract_signed_after_the_day_is_no_precedent() -> None:
    for day, value in (("2024-01-01", 1.0), ("2025-01-01", 0.0)):
        signed = {"concession_id": [CANDIDATE], "ruc": ["20131312955"], "date": [day]}
        assert candidate(world(contracts=signed))["factor_precedent"] == value


# --- what may be learnt, and what does not matter


def test_what_is_learnt_narrows_the_interval() -> None:
    before = candidate(world())
    for value in ("0", "1"):
        row = (CANDIDATE, "", value, "2024-01-01")
        after = candidate(world(assessments=assessments(row)))
        assert before["score_low"] <= after["score_low"]
        assert after["score_high"] <= before["score_high"]
        assert after["coverage"] > before["coverage"]


def test_a_conflict_under_the_registrations_costs_points() -> None:
    frames = world()
    frames[Role.CONFLICT_AREAS] = polygons({"NOMBRE": ["X"]}, [cell(9)])
    elsewhere = candidate(frames)
    frames[Role.CONFLICT_AREAS] = polygons({"NOMBRE": ["X"]}, [cell(1)])
    under = candidate(frames)
    assert [elsewhere["factor_conflict_area"], under["factor_conflict_area"]] == [0.0, 1.0]
    weight = next(f.weight for f in PE.candidates.factors if f.name == "conflict_area")
    total = sum(f.weight for f in PE.candidates.factors)
    lost = elsewhere["score_low"] - under["score_low"]
    assert lost == pytest.approx(100 * weight / total)


def test_the_order_of_rows_changes_no_table(result: Result) -> None:
    turned = {role: frame.iloc[::-1] for role, frame in world().items()}
    again = run(turned)
    for table in schema.PROSPECTS:
        one, other = (
            getattr(some, table.name)
            .drop(columns=["holder_id", "geometry"], errors="ignore")
            .sort_values(list(set(table.key) - {"holder_id"}), ignore_index=True)
            for some in (result, again)
        )
        if table.name == schema.SIGNS.name:  # its subjects are run-local numbers
            one, other = (f.sort_values("registration_ids", ignore_index=True).drop(columns="subject") for f in (one, other))  # fmt: skip
        pd.testing.assert_frame_equal(one, other)


def test_registrations_elsewhere_change_nothing_of_a_candidate(result: Result) -> None:
    frames = world()
    register = frames[Role.REGISTRATIONS]
    more = pd.concat([register[register["COD_REINFO"] == "REG09"]] * 5)
    more = more.assign(
        COD_REINFO=[f"NEW{i}" for i in range(5)], NOMBRE_MIN="GOMEZ LUIS", M_RUC="10990079191"
    )
    frames[Role.REGISTRATIONS] = pd.concat([register, more])
    one, other = (
        some.drop(labels=["geometry", "holder_id"])
        for some in (result.candidates.iloc[0], run(frames).candidates.iloc[0])
    )
    pd.testing.assert_series_equal(one, other)
