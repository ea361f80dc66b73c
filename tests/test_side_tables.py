"""Side tables: rows that no run can use are set aside with a reason, names nobody bears are told."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm.codes import Role
from geoasm.side_tables import doubt_holders, settle
from tests.people import PE, meet, table
from tests.rights import cadastre, square

KNOWN = pd.Series(["R0", "R1"], dtype="str")
REGISTERED = pd.Series(["010000001", "010000002"], dtype="str")


def settled(role: Role, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple]]:
    tables, issues = settle({role: frame}, KNOWN, REGISTERED)
    told = issues[["row", "problem", "field", "value", "action"]].itertuples(index=False, name=None)
    return tables[role], sorted(told)


@pytest.mark.parametrize("role", [Role.PENALTIES, Role.PRODUCTION, Role.CONTRACTS, Role.PERMITS])
def test_rows_of_a_right_that_the_cadastre_lacks_are_set_aside(role: Role) -> None:
    frame = table(concession_id=["R0", "R9"], year=[2023, 2023])
    left, told = settled(role, frame)
    assert left["concession_id"].tolist() == ["R0"]
    assert told == [(2, "unknown_right", "concession_id", "R9", "set_aside")]


def test_production_without_a_right_s_code_stays() -> None:
    left, told = settled(Role.PRODUCTION, table(concession_id=[None], unit_name=["U"], year=[2023]))
    assert len(left) == 1
    assert told == []


def test_a_right_s_year_counts_once() -> None:
    frame = table(concession_id=["R0", "R0", "R0"], year=[2023, 2023, 2022])
    left, told = settled(Role.PENALTIES, frame)
    assert left["year"].tolist() == [2023, 2022]
    assert [(problem, action) for _, problem, _, _, action in told] == [
        ("duplicate_record", "set_aside")
    ]


def test_of_a_right_in_two_production_units_one_stays_whatever_the_order() -> None:
    frame = table(concession_id=["R0", "R0"], unit_id=["B", "A"])
    for some in (frame, frame.iloc[::-1].reset_index(drop=True)):
        left, told = settled(Role.PRODUCTION_UNITS, some)
        assert left["unit_id"].tolist() == ["A"]
        assert [row[0] for row in told] == [1]


@pytest.mark.parametrize("column", ["amount", "ore_t"])
def test_an_amount_below_nought_is_set_aside(column: str) -> None:
    frame = table(
        concession_id=["R0", "R0", "R0"], year=[2021, 2022, 2023], **{column: [-1.0, 0.0, None]}
    )
    left, told = settled(Role.PRODUCTION, frame)
    assert left["year"].tolist() == [2022, 2023]
    assert told == [(1, "negative_amount", column, "-1.0", "set_aside")]


def test_instruments_of_registrations_that_the_register_lacks_are_set_aside() -> None:
    left, told = settled(Role.IGAFOM, table(registration_id=["010000002", "990000001"]))
    assert left["registration_id"].tolist() == ["010000002"]
    assert told == [(2, "unknown_registration", "registration_id", "990000001", "set_aside")]


def test_both_parts_of_an_instrument_stay_whatever_their_days() -> None:
    frame = table(
        registration_id=["010000001"] * 4,
        stage=["CORRECTIVO", "PREVENTIVO", "PREVENTIVO", "CORRECTIVO"],
        filed_on=["2027-01-01", "2024-02-03", "2025-02-03", "2027-01-01"],
    )
    left, told = settled(Role.IGAFOM, frame)
    days = left.set_index("stage")["filed_on"].dt.strftime("%Y-%m-%d").to_dict()
    assert days == {"CORRECTIVO": "2027-01-01", "PREVENTIVO": "2024-02-03"}
    assert {problem for _, problem, *_ in told} == {"duplicate_record"}
    assert len(told) == 2


@pytest.mark.parametrize(
    ("value", "stays"), [(0.0, True), (1.0, True), (1.1, False), (-0.1, False), (None, False)]
)
def test_an_assessment_goes_from_nought_to_one(value: float | None, stays: bool) -> None:
    frame = table(concession_id=["R0"], factor=["geology"])
    frame["value"] = pd.Series([value], dtype="float64")
    left, told = settled(Role.ASSESSMENTS, frame)
    assert bool(len(left)) is stays
    assert [problem for _, problem, *_ in told] == ([] if stays else ["out_of_range"])


def test_assessments_of_several_days_stay_and_of_one_day_the_least() -> None:
    frame = table(
        concession_id=["R0"] * 4,
        holder_name=[None] * 4,
        factor=["geology"] * 4,
        assessed_on=["2024-01-01", "2025-01-01", "2025-01-01", "2027-01-01"],
    )
    frame["value"] = [0.2, 0.8, 0.5, 0.1]
    for some in (frame, frame.iloc[::-1].reset_index(drop=True)):
        left, _ = settled(Role.ASSESSMENTS, some)
        assert sorted(left["value"]) == [0.1, 0.2, 0.5]


def test_answers_that_contradict_each_other_both_stay_to_be_told_of() -> None:
    frame = table(spelling=["X"] * 3, holder_name=["Y"] * 3, same=["yes", "no", "yes"])
    left, told = settled(Role.ALIASES, frame)
    assert sorted(left["same"]) == ["no", "yes"]
    assert [problem for _, problem, *_ in told] == ["duplicate_record"]


def test_an_assessment_of_a_holder_needs_no_right() -> None:
    frame = table(concession_id=[None, "R9"], holder_name=["MINERA ALFA S.A.C.", None],
                  factor=["geology"] * 2)  # fmt: skip
    frame["value"] = 0.5
    left, told = settled(Role.ASSESSMENTS, frame)
    assert left["holder_name"].tolist() == ["MINERA ALFA S.A.C."]
    assert [problem for _, problem, *_ in told] == ["unknown_right"]


def test_names_and_numbers_of_persons_stay_private() -> None:
    frame = table(holder_name=["JUAN PEREZ LOPEZ"] * 2, ruc=["10990079191"] * 2)
    _, issues = settle({Role.HOLDERS: frame}, KNOWN, REGISTERED)
    assert issues["private"].tolist() == [True]


def test_rows_about_nobody_of_the_cadastre_are_told() -> None:
    held = cadastre(PE.crs, {"R0": square(0, 0)}, holder_name=["MINERA ALFA S.A.C."], source_row=1)
    parties, _ = meet(held, ["MARIA GOMEZ RUIZ"])
    tables = {
        Role.STRATA: table(
            holder_name=["Minera Alfa SAC", "MINERA BETA S.A.", "MARIA GOMEZ RUIZ", None],
            stratum=["lsm_msm"] * 4,
        ),
        Role.PRODUCTION: table(holder_name=["X"] * 2, concession_id=["R0", None], year=[2023] * 2),
    }
    found = doubt_holders(tables, parties, PE.parties)
    # Who registers and holds nothing is nobody to a table of holders.
    assert found[["source", "row"]].values.tolist() == [
        ["strata", 2],
        ["strata", 3],
        ["production", 2],
    ]
    assert set(found["problem"]) == {"unknown_holder"}
    assert set(found["action"]) == {"doubted"}
    assert found["private"].all()
