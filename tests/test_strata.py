"""The stratum of a holder: official, production, licence, hectares, presumption; else not known."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
import shapely

from geoasm.strata import derive
from tests.people import PE, meet, table
from tests.rights import X, Y, cadastre

ON = date(2024, 6, 1)
LAW = PE.law.at(ON)
PERSON, OTHER_PERSON = "JUAN PEREZ LOPEZ", "MARIA GOMEZ RUIZ"
FIRM, OTHER_FIRM = "MINERA ALFA S.A.C.", "MINERA BETA S.A."
SMRL = "S.M.R.L. GAMMA DE CAJAMARCA"
RUC = "20131312955"


def rights(*held: tuple[str | None, float] | tuple[str | None, float, str], at: float = 0.0):
    """Rights in a row, each a holder, hectares and a status; `at` shifts the row north."""
    shapes, names, statuses, west = {}, [], [], 0.0
    for i, (name, hectares, *status) in enumerate(held):
        width = hectares * 10.0
        shapes[f"R{i}"] = shapely.box(X + west, Y + at, X + west + width, Y + at + 1000.0)
        west += width + 100.0
        names.append(name)
        statuses.append(status[0] if status else "titled")
    holder = pd.Series(names, dtype="str")
    return cadastre(PE.crs, shapes, holder_name=holder, status=statuses, source_row=1)


def strata(concessions: pd.DataFrame, law=LAW, **given: pd.DataFrame) -> list[tuple[str, str]]:
    people = {name: given.pop(name) for name in ("holders", "groups") if name in given}
    parties, groups = meet(concessions, **people)
    found = derive(concessions, parties, groups, PE.parties, law, **given)
    frame = found.frame
    assert frame.index.equals(concessions.index)
    return list(zip(frame["holder_stratum"], frame["stratum_basis"], strict=True))


OVER = ("lsm_msm", "hectares_over_limit")
PRESUMED = ("small_scale", "presumed_small")
NOTHING = ("unknown", "none")


# --- hectares refute small scale; the legal form presumes it up to the limit


@pytest.mark.parametrize(
    ("holder", "hectares", "expected"),
    [
        (PERSON, 2000.0, PRESUMED),
        (PERSON, 2000.1, OVER),
        (SMRL, 2000.0, PRESUMED),
        (SMRL, 2000.1, OVER),
        ("COOPERATIVA MINERA DELTA", 2000.0, PRESUMED),
        (FIRM, 2000.0, NOTHING),
        (FIRM, 2000.1, OVER),
        ("MINISTERIO DE TRANSPORTES Y COMUNICACIONES", 10.0, NOTHING),
        ("RIOMINEX PERUANA", 10.0, NOTHING),  # no form, and no person's name
        (None, 10.0, NOTHING),
    ],
)
def test_the_limit_of_the_law(holder: str | None, hectares: float, expected: tuple) -> None:
    assert strata(rights((holder, hectares))) == [expected]


def test_titled_and_pending_ground_counts_and_no_other() -> None:
    over = rights((PERSON, 1500.0), (PERSON, 600.0, "pending"))
    assert strata(over) == [OVER, OVER]
    under = rights((PERSON, 1500.0), (PERSON, 600.0, "extinct"), (PERSON, 600.0, "other"))
    assert strata(under) == [PRESUMED] * 3


def test_twenty_cells_measured_a_little_wide_are_the_limit_and_not_more() -> None:
    assert strata(rights((PERSON, 2000.03))) == [PRESUMED]


def test_ground_of_no_right_in_force_or_asked_for_is_nought_hectares() -> None:
    held = rights((PERSON, 600.0, "extinct"))
    parties, groups = meet(held)
    found = derive(held, parties, groups, PE.parties, LAW).frame
    assert found["holder_total_ha"].tolist() == [0.0]


def test_ground_under_two_rights_of_one_holder_counts_once() -> None:
    stacked = rights((PERSON, 1500.0))
    twice = pd.concat([stacked, stacked.assign(concession_id="R9")], ignore_index=True)
    assert strata(twice) == [PRESUMED, PRESUMED]


def test_the_ground_of_a_group_counts_together() -> None:
    held = rights((SMRL, 1500.0), ("S.M.R.L. DELTA", 600.0), (PERSON, 10.0))
    assert strata(held) == [PRESUMED] * 3
    groups = table(holder_name=[SMRL, "S.M.R.L. DELTA"], group=["G", "G"])
    assert strata(held, groups=groups) == [OVER, OVER, PRESUMED]


def test_nobody_in_a_group_known_to_be_large_is_presumed_small() -> None:
    held = rights((SMRL, 10.0), (FIRM, 10.0))
    official = table(holder_name=[FIRM], stratum=["lsm_msm"])
    groups = table(holder_name=[SMRL, FIRM], group=["G", "G"])
    assert strata(held, official=official) == [PRESUMED, ("lsm_msm", "official")]
    assert strata(held, official=official, groups=groups) == [NOTHING, ("lsm_msm", "official")]


def test_a_natural_person_by_number_needs_no_telling_name() -> None:
    held = rights(("ZU ÑAM", 10.0))
    assert strata(held) == [NOTHING]
    holders = table(holder_name=["ZU ÑAM"], ruc=["10990079191"])
    assert strata(held, holders=holders) == [PRESUMED]


# --- what is stated goes first


def test_the_official_table_goes_before_hectares() -> None:
    official = table(holder_name=[PERSON], stratum=["small_scale"])
    assert strata(rights((PERSON, 5000.0)), official=official) == [("small_scale", "official")]


def test_the_latest_row_of_the_day_holds_and_later_ones_do_not_count() -> None:
    official = table(
        holder_name=[FIRM] * 3,
        stratum=["lsm_msm", "small_scale", "lsm_msm"],
        valid_on=["2020-01-01", "2023-01-01", "2024-06-02"],
    )
    assert strata(rights((FIRM, 10.0)), official=official) == [("small_scale", "official")]
    assert strata(
        rights((FIRM, 10.0)), PE.law.at(date(2024, 6, 2)), official=official
    ) == [("lsm_msm", "official")]  # fmt: skip


def test_rows_of_one_day_that_contradict_each_other_say_nothing() -> None:
    official = table(
        holder_name=[FIRM] * 2, stratum=["lsm_msm", "small_scale"], valid_on=["2023-01-01"] * 2
    )
    assert strata(rights((FIRM, 10.0)), official=official) == [NOTHING]
    assert strata(rights((FIRM, 3000.0)), official=official) == [OVER]


def derived(held, **given: pd.DataFrame):
    parties, groups = meet(held)
    return derive(held, parties, groups, PE.parties, LAW, **given)


@pytest.mark.parametrize("blank", ["unknown", None])
def test_a_later_row_without_a_stratum_takes_nothing_back(blank: str | None) -> None:
    official = table(holder_name=[FIRM] * 2, stratum=["lsm_msm", blank],
                     valid_on=["2022-01-01", "2023-01-01"])  # fmt: skip
    found = derived(rights((FIRM, 10.0)), official=official)
    assert found.frame.loc[0, "holder_stratum"] == "lsm_msm"
    assert not len(found.issues)


def test_rows_of_one_day_that_contradict_each_other_are_told_with_their_numbers() -> None:
    official = table(
        holder_name=[FIRM, FIRM, FIRM, OTHER_FIRM],
        stratum=["small_scale", "lsm_msm", "small_scale", "lsm_msm"],
        valid_on=["2021-01-01", "2023-01-01", "2023-01-01", "2023-01-01"],
    )
    found = derived(rights((FIRM, 10.0), (OTHER_FIRM, 10.0)), official=official).issues
    assert found[["source", "row", "problem", "field", "value", "action"]].values.tolist() == [
        ["strata", 2, "stratum_conflict", "stratum", "lsm_msm", "doubted"],
        ["strata", 3, "stratum_conflict", "stratum", "small_scale", "doubted"],
    ]
    assert found["detail"].str.startswith("rows 2, 3 contradict each other").all()
    later = pd.concat(
        [official, table(holder_name=[FIRM], stratum=["lsm_msm"], valid_on=["2024-01-01"])]
    )
    assert not len(derived(rights((FIRM, 10.0)), official=later.reset_index(drop=True)).issues)


def test_a_table_of_production_that_contradicts_itself_is_told_too() -> None:
    made = table(holder_name=[FIRM] * 2, year=[2023] * 2, stratum=["lsm_msm", "small_scale"])
    found = derived(rights((FIRM, 10.0)), production=made)
    assert found.frame.loc[0, "holder_stratum"] == "unknown"
    assert found.issues[["source", "row"]].values.tolist() == [["production", 1], ["production", 2]]


@pytest.mark.parametrize(
    ("rows", "expected", "told"),
    [
        ([("lsm_msm", "lsm", "2022"), ("lsm_msm", "unknown", "2023")], "lsm", []),
        ([("lsm_msm", "lsm", "2022"), ("unknown", "unknown", "2023")], "lsm", []),
        ([("lsm_msm", "lsm", "2022"), ("lsm_msm", "msm", "2023")], "msm", []),
        ([("lsm_msm", "lsm", "2022"), ("small_scale", "unknown", "2023")], "unknown", []),
        ([("lsm_msm", "lsm", "2023"), ("lsm_msm", "msm", "2023")], "unknown", [1, 2]),
    ],
)
def test_the_scale_is_the_latest_that_a_row_states(
    rows: list[tuple[str, str, str]], expected: str, told: list[int]
) -> None:
    stratum, scale, year = zip(*rows, strict=True)
    official = table(holder_name=[FIRM] * 2, stratum=list(stratum), scale=list(scale),
                     valid_on=[f"{y}-01-01" for y in year])  # fmt: skip
    found = derived(rights((FIRM, 10.0)), official=official)
    assert found.frame.loc[0, "holder_scale"] == expected
    assert found.issues.loc[found.issues["field"] == "scale", "row"].tolist() == told


def test_a_row_by_number_goes_before_one_by_name() -> None:
    holders = table(holder_name=[FIRM], ruc=[RUC])
    official = table(holder_name=[FIRM, None], ruc=[None, RUC], stratum=["lsm_msm", "small_scale"])
    found = strata(rights((FIRM, 10.0)), official=official, holders=holders)
    assert found == [("small_scale", "official")]


def test_production_files_state_a_stratum_or_enough_ore() -> None:
    stated = table(holder_name=[FIRM] * 2, year=[2019, 2023], stratum=["small_scale", "lsm_msm"])
    assert strata(rights((FIRM, 10.0)), production=stated) == [("lsm_msm", "production")]
    limit_t = LAW.number("small_scale_limit_t_d") * 365
    for ore_t, expected in ((limit_t + 1, ("lsm_msm", "production")), (limit_t, NOTHING)):
        ore = table(holder_name=[FIRM], year=[2023], stratum=["unknown"], ore_t=[ore_t])
        assert strata(rights((FIRM, 10.0)), production=ore) == [expected]
    later = table(holder_name=[FIRM], year=[2025], stratum=["lsm_msm"])
    assert strata(rights((FIRM, 10.0)), production=later) == [NOTHING]


def test_a_later_row_that_says_nothing_of_ore_takes_no_year_back() -> None:
    over_t = LAW.number("small_scale_limit_t_d") * 365 + 1
    said = table(
        holder_name=[FIRM] * 2, year=[2022, 2023], stratum=["unknown"] * 2, ore_t=[over_t, None]
    )
    assert strata(rights((FIRM, 10.0)), production=said) == [("lsm_msm", "production")]
    less = table(
        holder_name=[FIRM] * 2, year=[2022, 2023], stratum=["unknown"] * 2, ore_t=[over_t, 1.0]
    )
    assert strata(rights((FIRM, 10.0)), production=less) == [NOTHING]


def test_official_goes_before_production_and_production_before_the_licence() -> None:
    official = table(holder_name=[FIRM], stratum=["small_scale"])
    production = table(holder_name=[FIRM], year=[2023], stratum=["lsm_msm"])
    held = rights((FIRM, 10.0)).assign(stratum_by_licence="small_scale")
    assert strata(held) == [("small_scale", "licence_type")]
    assert strata(held, production=production) == [("lsm_msm", "production")]
    assert strata(held, production=production, official=official) == [("small_scale", "official")]


def test_the_licence_goes_before_hectares() -> None:
    held = rights((FIRM, 5000.0)).assign(stratum_by_licence=["small_scale"])
    assert strata(held) == [("small_scale", "licence_type")]
    assert strata(held.assign(stratum_by_licence="unknown")) == [OVER]


def test_without_a_limit_in_law_nothing_is_derived() -> None:
    law = LAW.__class__(**{**vars(LAW), "parameters": {}})
    assert strata(rights((PERSON, 5000.0), (FIRM, 10.0)), law) == [NOTHING, NOTHING]


# --- joint holders


@pytest.mark.parametrize(
    ("holder", "official", "expected"),
    [
        (f"{PERSON} Y {OTHER_PERSON}", {}, PRESUMED),
        (f"{PERSON} Y OTROS", {}, NOTHING),  # who is not named may be large
        (f"{PERSON} Y {FIRM}", {}, NOTHING),
        (f"{PERSON} Y {FIRM}", {FIRM: "lsm_msm"}, ("lsm_msm", "official")),
        (f"{PERSON} Y OTROS", {PERSON: "lsm_msm"}, ("lsm_msm", "official")),
        (f"{PERSON} Y {FIRM}", {FIRM: "small_scale"}, PRESUMED),  # the weaker basis is told
        (f"{PERSON}, {FIRM} Y {OTHER_FIRM}", {FIRM: "small_scale", OTHER_FIRM: "lsm_msm"}, ("lsm_msm", "official")),
    ],
)  # fmt: skip
def test_joint_holders(holder: str, official: dict[str, str], expected: tuple) -> None:
    said = table(holder_name=list(official), stratum=list(official.values()))
    assert strata(rights((holder, 10.0)), official=said) == [expected]


def test_ground_held_together_counts_for_each() -> None:
    held = rights((f"{PERSON} Y {OTHER_PERSON}", 1500.0), (PERSON, 600.0), (OTHER_PERSON, 10.0))
    parties, groups = meet(held)
    found = derive(held, parties, groups, PE.parties, LAW).frame
    assert found["holder_total_ha"].round(3).tolist() == [2100.0, 2100.0, 1510.0]
    assert found["stratum_basis"].tolist() == [
        "hectares_over_limit",
        "hectares_over_limit",
        "presumed_small",
    ]


# --- doubts


def test_an_official_small_holder_above_the_limit_is_doubted_and_kept() -> None:
    held = rights((PERSON, 2000.1), (OTHER_PERSON, 2000.0))
    official = table(holder_name=[PERSON, OTHER_PERSON], stratum=["small_scale"] * 2)
    parties, groups = meet(held)
    found = derive(held, parties, groups, PE.parties, LAW, official=official)
    assert found.issues["problem"].tolist() == ["stratum_conflict"]
    assert found.issues["row"].tolist() == [1]
    assert "2000.1 ha" in found.issues["detail"].iloc[0]
    assert set(found.frame["stratum_basis"]) == {"official"}


def test_the_order_of_rows_does_not_matter() -> None:
    held = rights((PERSON, 1500.0), (FIRM, 10.0), (f"{PERSON} Y {OTHER_PERSON}", 600.0))
    official = table(holder_name=[FIRM, FIRM], stratum=["lsm_msm", "small_scale"],
                     valid_on=["2020-01-01", "2021-01-01"])  # fmt: skip
    order = [2, 0, 1]
    turned = held.iloc[order].reset_index(drop=True)
    straight = strata(held, official=official)
    assert strata(turned, official=official.iloc[::-1]) == [straight[i] for i in order]


# --- large from medium, where the official table tells


@pytest.mark.parametrize(
    ("holder", "said", "scale"),
    [
        (FIRM, {FIRM: "lsm"}, "lsm"),
        (FIRM, {FIRM: "msm"}, "msm"),
        (FIRM, {FIRM: "unknown"}, "unknown"),
        (FIRM, {OTHER_FIRM: "lsm"}, "unknown"),
        (f"{FIRM} Y {OTHER_FIRM}", {FIRM: "msm", OTHER_FIRM: "msm"}, "msm"),
        (f"{FIRM} Y {OTHER_FIRM}", {FIRM: "msm", OTHER_FIRM: "lsm"}, "lsm"),
        (f"{FIRM} Y {OTHER_FIRM}", {FIRM: "msm"}, "unknown"),
        (f"{FIRM} Y OTROS", {FIRM: "msm"}, "unknown"),  # who is not named may be large
        (f"{FIRM} Y OTROS", {FIRM: "lsm"}, "lsm"),
    ],
)
def test_joint_holders_are_large_where_one_is_and_medium_where_all_are(
    holder: str, said: dict[str, str], scale: str
) -> None:
    held = rights((holder, 10.0))
    parties, groups = meet(held)
    official = table(
        holder_name=list(said), stratum=["lsm_msm"] * len(said), scale=list(said.values())
    )
    found = derive(held, parties, groups, PE.parties, LAW, official=official)
    assert found.frame["holder_scale"].tolist() == [scale]


@pytest.mark.parametrize(
    ("days", "scale"),
    [(("2020-01-01", "2023-01-01"), "msm"), (("2023-01-01", "2020-01-01"), "lsm"),
     (("2023-01-01", "2023-01-01"), "unknown"), (("2023-01-01", "2030-01-01"), "lsm")],
)  # fmt: skip
def test_the_latest_scale_of_the_day_holds(days: tuple[str, str], scale: str) -> None:
    held = rights((FIRM, 10.0))
    parties, groups = meet(held)
    official = table(
        holder_name=[FIRM] * 2, stratum=["lsm_msm"] * 2, scale=["lsm", "msm"], valid_on=list(days)
    )
    found = derive(held, parties, groups, PE.parties, LAW, official=official)
    assert found.frame["holder_scale"].tolist() == [scale]
