"""Activity of the truth: every place and age of evidence, on both sides of what counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.geometry import operation
from geoasm.law import LawAt
from geoasm.profile import Profile
from geoasm.simulate import truth_evidence as oracle
from geoasm.simulate.works import Works

UNIT = {"name": "UNIDAD U", "party": 0, "holder_name": "H", "stage": "operating"}
UNIT |= {"substance": "metallic", "observed_on": "2025-06-01"}
MADE = {"concession_id": None, "unit_name": None, "party": -1, "holder_name": None}
MADE |= {"year": 2025, "amount": 1.0}
FIRST = 4_000.0  # metres from the first right to the second, of the same holder
WHERE: Mapping[str, float] = {"inside": 500.0, "beside": -4_900.0, "beyond": -5_100.0}


@pytest.fixture(scope="module")
def law(peru: Profile) -> LawAt:
    return peru.law.at(date(2026, 1, 1))


@pytest.fixture(scope="module")
def rights() -> pd.DataFrame:
    """A and B of holder 0 (group G with holder 1), C of holder 1, D of a stranger over A."""
    west = [500_000.0, 500_000.0 + FIRST, 540_000.0, 500_000.0]
    shapes = [shapely.box(w, 9e6, w + 1_000, 9e6 + 1_000) for w in west]
    frame = {"concession_id": [*"ABCD"], "name": ["NOMBRE A", "NOMBRE B", "NOMBRE C", "NOMBRE A"]}
    return pd.DataFrame(
        {**frame, "members": [(0,), (0,), (1,), (2,)], "drawn": shapes, "crs_used": "EPSG:32718"}
    )


HOLDERS = pd.DataFrame(
    {"party": [0, 1, 2], "group": pd.array(["G", "G", None], dtype="str"), "name": [*"HIJ"]}
)


def worked(
    peru: Profile,
    law: LawAt,
    rights: pd.DataFrame,
    *,
    unit: Mapping[str, object] | None = None,
    at: float = 0.0,
    made: Mapping[str, object] | None = None,
    together: str = "",
) -> str:
    """Give the codes of the rights at work with at most one unit and one row of production."""
    units = pd.DataFrame([{**UNIT, **(unit or {})}] if unit is not None else [])
    if unit is not None:
        shift = operation("EPSG:32718", "EPSG:4326", peru.crs)
        lon, lat = shift.points(np.array([500_000 + at]), np.array([9e6 + 500.0]))
        units = units.assign(lon=lon, lat=lat, observed_on=pd.to_datetime(units["observed_on"]))
    production = pd.DataFrame([{**MADE, **made}] if made is not None else [], columns=list(MADE))
    members = pd.DataFrame({"concession_id": [*together], "unit_id": "UEA X"}, dtype="str")
    works = Works(pd.DataFrame(), production, units, members, pd.DataFrame())
    rows = oracle.worked(rights, HOLDERS, works, law, peru.crs)
    return "".join(rights["concession_id"].iloc[row] for row in sorted(rows))


@pytest.mark.parametrize(
    ("at", "unit", "found"),
    [
        (500.0, {}, "ABD"),  # in A and D whoever runs it; 3.5 km from B
        (-4_900.0, {}, "A"),
        (-5_100.0, {}, ""),
        (-9_900.0, {"substance": "bulk"}, "A"),
        (-10_100.0, {"substance": "bulk"}, ""),
        (-19_900.0, {"substance": "alluvial"}, "A"),
        (-20_100.0, {"substance": "alluvial"}, ""),
        (-4_900.0, {"party": 1}, "A"),  # of the same group
        (-4_900.0, {"party": 2}, "D"),
        (500.0, {"party": -1}, "AD"),
        (500.0, {"stage": "exploring"}, "AD"),
        (-4_900.0, {"stage": "exploring"}, ""),
        (500.0, {"stage": "closed"}, ""),
        (500.0, {"observed_on": "2024-01-01"}, "ABD"),
        (500.0, {"observed_on": "2023-12-31"}, ""),
        (500.0, {"observed_on": "2026-01-01"}, "ABD"),
        (500.0, {"observed_on": "2026-01-02"}, ""),
    ],
)
def test_a_unit_counts_where_it_stands_and_near_it_for_its_group(
    at: float, unit: dict[str, object], found: str, peru: Profile, law: LawAt, rights: pd.DataFrame
) -> None:
    assert worked(peru, law, rights, unit=unit, at=at) == found


OLD = {"observed_on": "2015-01-01"}


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ({"concession_id": "C"}, "C"),
        ({"concession_id": "C", "amount": 0.0}, ""),
        ({"concession_id": "C", "year": 2024}, "C"),
        ({"concession_id": "C", "year": 2023}, ""),
        ({"concession_id": "C", "year": 2027}, ""),
        ({"party": 0, "holder_name": "H"}, ""),  # of the holder somewhere
        ({"unit_name": "unidad u"}, "A"),
        ({"unit_name": "UNIDAD U", "party": 1}, "A"),
        ({"unit_name": "UNIDAD U", "party": 2}, ""),
        ({"unit_name": "UNIDAD U", "holder_name": "NOBODY"}, ""),
        ({"unit_name": "NOMBRE A", "party": 0}, "A"),
        ({"unit_name": "NOMBRE A", "party": 2}, "D"),
        ({"unit_name": "NOMBRE A"}, ""),
        ({"unit_name": "UEA X"}, "BC"),
    ],
)
def test_production_counts_where_it_is_named(
    made: dict[str, object], found: str, peru: Profile, law: LawAt, rights: pd.DataFrame
) -> None:
    given = {"unit": OLD, "at": -4_900.0, "together": "BC" if "UEA" in str(made) else ""}
    assert worked(peru, law, rights, made=made, **given) == found  # type: ignore[arg-type]


def test_what_stands_in_one_right_speaks_for_its_production_unit(
    peru: Profile, law: LawAt, rights: pd.DataFrame
) -> None:
    assert worked(peru, law, rights, made={"concession_id": "A"}, together="AC") == "AC"
    assert worked(peru, law, rights, unit={"party": -1}, at=500.0, together="AC") == "ACD"
    drilled = {"party": -1, "stage": "exploring"}
    assert worked(peru, law, rights, unit=drilled, at=500.0, together="AC") == "AD"
    near = {"party": 0}
    assert worked(peru, law, rights, unit=near, at=-4_900.0, together="AC") == "A"


def test_idle_needs_enough_different_years_of_the_window(law: LawAt) -> None:
    rows = {"A": [2024, 2025], "B": [2025, 2025], "C": [2023, 2025], "D": [2025, 2027]}
    rows |= {"E": [2024, 2026]}
    paid = pd.DataFrame(
        [(code, year) for code, years in rows.items() for year in years],
        columns=["concession_id", "year"],
    )
    assert oracle.idle_codes(paid, law) == {"A", "E"}


@pytest.mark.parametrize(
    ("idle", "at_work", "disputed", "told"),
    [
        (False, False, False, ("no_evidence", False)),
        (False, False, True, ("no_evidence", False)),
        (True, False, False, ("idle", False)),
        (True, False, True, ("no_evidence", True)),
        (True, True, False, ("active", True)),
        (False, True, True, ("active", False)),
    ],
)
def test_work_and_penalties_at_once_are_a_conflict_and_not_idle(
    idle: bool, at_work: bool, disputed: bool, told: tuple[str, bool]
) -> None:
    frame = pd.DataFrame({"concession_id": ["A"]})
    found = oracle.judge(frame, {"A"} if idle else set(), {0} if at_work else set(), "A" * disputed)
    assert tuple(found.iloc[0]) == told
