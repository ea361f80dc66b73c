"""Strata of the truth: each source in its turn, joint holders, ground that is counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
import shapely

from geoasm.law import LawAt
from geoasm.profile import Profile
from geoasm.simulate import truth_holders as oracle
from geoasm.simulate.truth_holders import Judgement

LARGE, SMALL = "lsm_msm", "small_scale"
CAPACITY_T = 350 * 365


@pytest.fixture(scope="module")
def law(peru: Profile) -> LawAt:
    return peru.law.at(date(2026, 1, 1))


def squares(*hectares: float, status: str = "titled", x: float = 0.0) -> pd.DataFrame:
    """One right for each area, beside each other."""
    sides = [(h * 10_000) ** 0.5 for h in hectares]
    west = [x + 10_000.0 * i for i in range(len(sides))]
    shapes = [shapely.box(w, 0, w + s, s) for w, s in zip(west, sides, strict=True)]
    return pd.DataFrame({"status": status, "drawn": shapes, "crs_used": "EPSG:32718"})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], None),
        ([("2020-01-01", SMALL)], SMALL),
        ([("2020-01-01", SMALL), ("2025-01-01", LARGE)], LARGE),
        ([("2020-01-01", SMALL), ("2026-01-01", LARGE)], LARGE),  # of the day itself
        ([("2020-01-01", SMALL), ("2026-01-02", LARGE)], SMALL),  # of the day after
        ([("2025-01-01", SMALL), ("2025-01-01", LARGE)], None),
        ([("2025-01-01", SMALL), ("2025-01-01", SMALL)], SMALL),
    ],
)
def test_the_latest_official_row_of_the_day_holds(
    rows: list[tuple[str, str]], said: str | None
) -> None:
    days = [(date.fromisoformat(day), stratum) for day, stratum in rows]
    assert oracle.said_officially(days, date(2026, 1, 1)) == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(2025, SMALL, None)], SMALL),
        ([(2023, LARGE, None), (2025, SMALL, None)], SMALL),
        ([(2025, SMALL, None), (2027, LARGE, None)], SMALL),
        ([(2025, None, CAPACITY_T)], None),
        ([(2025, None, CAPACITY_T + 1)], LARGE),
        ([(2025, None, CAPACITY_T / 2), (2025, None, CAPACITY_T / 2 + 1)], LARGE),
        ([(2023, None, 2 * CAPACITY_T), (2025, None, 1.0)], None),  # not any more
        ([(2023, None, 2 * CAPACITY_T), (2025, None, None)], LARGE),  # nothing newer is known
        ([(2025, SMALL, 2 * CAPACITY_T)], SMALL),
        ([(2027, None, 2 * CAPACITY_T)], None),
    ],
)
def test_production_states_a_stratum_or_tells_by_its_ore(
    rows: list[tuple[int, str | None, float | None]], said: str | None, law: LawAt
) -> None:
    assert oracle.said_by_production(rows, law) == said


@pytest.mark.parametrize(
    ("members", "is_open", "told"),
    [
        ([], False, (None, "none")),
        ([(SMALL, "official"), (SMALL, "presumed_small")], False, (SMALL, "presumed_small")),
        ([(SMALL, "official"), (SMALL, "presumed_small")], True, (None, "none")),
        ([(SMALL, "official"), (None, "none")], False, (None, "none")),
        ([(LARGE, "hectares_over_limit"), (SMALL, "official")], True, (LARGE, "hectares_over_limit")),
        ([(LARGE, "hectares_over_limit"), (LARGE, "official")], False, (LARGE, "official")),
    ],
)  # fmt: skip
def test_joint_holders_are_judged_together(
    members: list[tuple[str | None, str]], is_open: bool, told: tuple[str | None, str]
) -> None:
    assert oracle.together([Judgement(*m) for m in members], is_open) == told


def test_ground_counts_once_in_a_zone_and_by_its_status() -> None:
    rights = pd.concat(
        [
            squares(100, 100),
            squares(100),  # over the first
            squares(100, x=50_000, status="pending"),
            squares(100, x=70_000, status="extinct"),
            squares(100).assign(crs_used="EPSG:32719"),  # elsewhere
        ]
    )
    owners = [{"a"}, {"a", "b"}, {"a"}, {"a"}, {"a", "c"}, {"a"}]
    total = oracle.totals(rights, owners)
    assert {k: round(v, 6) for k, v in total.items()} == {"a": 400.0, "b": 100.0, "c": 0.0}


def people(*groups: str | None, presumable: bool = True) -> pd.DataFrame:
    frame = pd.DataFrame({"party": range(len(groups)), "group": pd.array(groups, dtype="str")})
    return frame.assign(presumable=presumable)


NO_ROWS = pd.DataFrame({"party": [], "valid_on": [], "stratum": [], "year": [], "ore_t": []})


def judged(law: LawAt, holders: pd.DataFrame, *hectares: float, said: str = "") -> list[str]:
    rights = squares(*hectares).assign(is_open=False, members=[(i,) for i in range(len(hectares))])
    official = NO_ROWS
    if said:
        valid_on = pd.to_datetime(["2025-01-01"])
        official = pd.DataFrame({"party": [0], "valid_on": valid_on, "stratum": [said]})
    found = oracle.of_rights(rights, holders, official, NO_ROWS, law)
    return [
        f"{s} {b}" for s, b in zip(found["holder_stratum"], found["stratum_basis"], strict=True)
    ]


def test_hectares_refute_small_scale_and_never_prove_it(law: LawAt) -> None:
    assert judged(law, people(None), 2_000.0) == ["small_scale presumed_small"]
    assert judged(law, people(None), 2_000.2) == ["lsm_msm hectares_over_limit"]
    assert judged(law, people(None, presumable=False), 10.0) == ["unknown none"]


def test_the_members_of_a_group_are_judged_by_its_ground_and_its_largest(law: LawAt) -> None:
    lone, joined = people(None, None), people("G", "G")
    assert judged(law, lone, 1_500.0, 600.0) == ["small_scale presumed_small"] * 2
    assert judged(law, joined, 1_500.0, 600.0) == ["lsm_msm hectares_over_limit"] * 2
    assert judged(law, joined, 10.0, 10.0, said=LARGE) == ["lsm_msm official", "unknown none"]
    assert judged(law, joined, 10.0, 10.0, said=SMALL)[1] == "small_scale presumed_small"


def test_without_an_official_word_the_law_of_the_day_limits(law: LawAt) -> None:
    parameters = {**law.parameters, "small_scale_limit_ha": 5.0}
    assert judged(replace(law, parameters=parameters), people(None), 10.0) == [
        "lsm_msm hectares_over_limit"
    ]
