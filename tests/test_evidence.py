"""The ledger: each piece of evidence placed beside rights, dated, and weighed by the law of the day."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm import geometry
from geoasm.codes import Role
from geoasm.evidence import Ledger, Sources, gather
from tests.people import PE, meet, table
from tests.rights import X, Y, cadastre, square

ON = date(2024, 6, 1)
LAW = PE.law.at(ON)
ALFA, BETA, GAMMA = "MINERA ALFA S.A.C.", "MINERA BETA S.A.", "S.M.R.L. GAMMA DOS"


def rights(holders: list[str | None], apart_m: float = 2000.0, **columns) -> gpd.GeoDataFrame:
    """Square kilometres in a row, a holder each."""
    shapes = {f"R{i}": square(i * apart_m, 0) for i in range(len(holders))}
    frame = cadastre(PE.crs, shapes, filed_on="1999-01-01", name=None, source_row=1, **columns)
    return frame.assign(holder_name=pd.Series(holders, dtype="str")).astype({"name": "str"})


def units(*rows: tuple) -> gpd.GeoDataFrame:
    """Units by name, holder, metres east and north of the first right's corner; stage, substance, day."""
    names, holders, east, north, *rest = zip(
        *[(*r, *(None,) * (7 - len(r))) for r in rows], strict=True
    )
    stage, substance, day = rest
    x, y = geometry.operation("EPSG:32718", "EPSG:4326", PE.crs).points(
        np.array(east) + X, np.array(north) + Y
    )
    frame = table(
        name=list(names), holder_name=list(holders), stage=[s or "operating" for s in stage],
        substance=[s or "metallic" for s in substance],
        observed_on=["2024-01-01" if d is None else d or None for d in day],
    )  # fmt: skip
    return gpd.GeoDataFrame(frame, geometry=shapely.points(x, y), crs="EPSG:4326")


def ledger(
    concessions: gpd.GeoDataFrame,
    law=LAW,
    groups=None,
    growth=None,
    shared=None,
    holders=None,
    **given,
) -> Ledger:
    parties, grouped = meet(concessions, groups=groups, holders=holders)
    tables = {Role(n): f for n, f in given.items() if n not in ("mining_units", "plants")}
    layers = {Role(n): f for n, f in given.items() if n in ("mining_units", "plants")}
    told = Sources(tables, layers, growth, shared)
    return gather(concessions, parties, grouped, told, PE.parties, law, PE.crs)


def said(found: Ledger, right: int, kind: str) -> list[tuple]:
    """Scope, year and whether it counts of each piece of a kind on a right."""
    rows = found.frame[(found.frame["right"] == right) & (found.frame["kind"] == kind)]
    years = [None if pd.isna(y) else int(y) for y in rows["year"]]
    return sorted(zip(rows["scope"], years, rows["counts"].tolist(), strict=True), key=str)


# --- mining units


def test_a_unit_in_the_right_counts_whoever_runs_it() -> None:
    found = ledger(rights([ALFA]), mining_units=units(("U", BETA, 500, 500)))
    assert said(found, 0, "mining_unit") == [("right", 2024, True)]


@pytest.mark.parametrize(
    ("substance", "metres", "scope"),
    [
        ("metallic", 5000, "unit_radius"),
        ("metallic", 5001, "elsewhere"),
        ("unknown", 5001, "elsewhere"),
        ("bulk", 10_000, "unit_radius"),
        ("bulk", 10_001, "elsewhere"),
        ("alluvial", 20_000, "unit_radius"),
        ("alluvial", 20_001, "elsewhere"),
    ],
)
def test_a_unit_of_the_holder_counts_within_the_radius_of_its_kind(
    substance: str, metres: float, scope: str
) -> None:
    east = 1000 + metres - 0.01 if scope == "unit_radius" else 1000 + metres
    unit = units(("U", ALFA, east, 500, "operating", substance))
    found = ledger(rights([ALFA, BETA], apart_m=200_000), mining_units=unit)
    assert said(found, 0, "mining_unit") == [(scope, 2024, scope == "unit_radius")]
    assert said(found, 1, "mining_unit") == []
    distance = found.frame.set_index("kind").loc["mining_unit", "distance_m"]
    assert distance == pytest.approx(east - 1000, abs=0.02)


def test_a_joint_venture_is_one_group_where_the_table_says_so() -> None:
    held, unit = rights([GAMMA]), units(("U", ALFA, 3000, 500))
    assert said(ledger(held, mining_units=unit), 0, "mining_unit") == []
    # The operator holds nothing here: the table of groups knows it all the same.
    groups = table(holder_name=[GAMMA, ALFA], group=["G", "G"])
    found = ledger(held, mining_units=unit, groups=groups)
    assert said(found, 0, "mining_unit") == [("unit_radius", 2024, True)]


def test_of_units_elsewhere_the_nearest_is_listed_and_changes_nothing() -> None:
    several = units(("FAR", ALFA, 50_000, 0), ("NEAR", ALFA, 30_000, 0))
    found = ledger(rights([ALFA]), mining_units=several)
    assert said(found, 0, "mining_unit") == [("elsewhere", 2024, False)]
    assert found.frame.loc[found.frame["kind"] == "mining_unit", "subject"].tolist() == ["NEAR"]


def test_exploration_counts_in_the_right_itself_only() -> None:
    several = units(("IN", BETA, 500, 500, "exploring"), ("NEAR", ALFA, 3000, 500, "exploring"))
    found = ledger(rights([ALFA]), mining_units=several)
    assert said(found, 0, "exploration") == [("right", 2024, True), ("unit_radius", 2024, False)]


def test_closed_units_and_those_of_no_stage_say_nothing() -> None:
    several = units(("A", ALFA, 500, 500, "closed"), ("B", ALFA, 600, 500, "unknown"))
    found = ledger(rights([ALFA]), mining_units=several)
    assert set(found.frame["kind"]) == {"filing"}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-01-01", [("right", 2022, True)]),  # the oldest year of the window
        ("2021-12-31", [("right", 2021, False)]),
        ("2024-06-01", [("right", 2024, True)]),
        ("2024-06-02", []),  # not known on the day
    ],
)
def test_evidence_grows_old_and_is_not_known_before_its_day(day: str, expected: list) -> None:
    unit = units(("U", ALFA, 500, 500, "operating", "metallic", day))
    assert said(ledger(rights([ALFA]), mining_units=unit), 0, "mining_unit") == expected


def test_a_unit_without_a_day_counts_and_the_run_says_so() -> None:
    unit = units(("U", ALFA, 500, 500, "operating", "metallic", ""))
    found = ledger(rights([ALFA]), mining_units=unit)
    assert said(found, 0, "mining_unit") == [("right", None, True)]
    assert found.issues[["source", "problem", "field"]].values.tolist() == [
        ["mining_units", "missing_date", "observed_on"]
    ]
    assert "--assume mining_units.observed_on=" in found.issues["detail"].iloc[0]


# --- production units, production


def test_what_stands_in_one_right_of_a_production_unit_speaks_for_the_others() -> None:
    held = rights([ALFA, BETA, GAMMA], apart_m=50_000)
    of_unit = table(concession_id=["R0", "R1", "R9"], unit_id=["UEA 1"] * 3)
    found = ledger(held, mining_units=units(("U", ALFA, 500, 500)), production_units=of_unit)
    assert said(found, 0, "mining_unit") == [("right", 2024, True)]
    assert said(found, 1, "mining_unit") == [("production_unit", 2024, True)]
    assert said(found, 2, "mining_unit") == []


def test_penalties_of_one_right_say_nothing_of_the_unit_s_others() -> None:
    of_unit = table(concession_id=["R0", "R1"], unit_id=["UEA 1"] * 2)
    paid = table(concession_id=["R0"], year=[2023])
    found = ledger(rights([ALFA, ALFA]), production_units=of_unit, penalties=paid)
    assert said(found, 1, "penalty") == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"concession_id": "R0"}, {0: [("right", 2023, True)], 1: []}),
        ({"unit_name": "Mina Úno"}, {0: [("unit_radius", 2023, True)], 1: []}),
        ({"unit_name": "UEA 1"}, {0: [], 1: [("production_unit", 2023, True)]}),
        ({"unit_name": "BIG NAME", "holder_name": ALFA}, {0: [("right", 2023, True)], 1: []}),
        ({"unit_name": "NOWHERE", "holder_name": ALFA}, {0: [("elsewhere", 2023, False)], 1: []}),
        ({"holder_name": ALFA}, {0: [("elsewhere", 2023, False)], 1: []}),
        ({"unit_name": "MINA UNO", "holder_name": BETA}, {0: [], 1: [("elsewhere", 2023, False)]}),
    ],
)
def test_production_is_placed_by_what_its_row_names(row: dict, expected: dict) -> None:
    held = rights([ALFA, BETA], apart_m=50_000).assign(name=["BIG NAME", "OTHER"])
    made = table(**{n: [row.get(n)] for n in ("concession_id", "unit_name", "holder_name")}, year=[2023], amount=[5.0])  # fmt: skip
    found = ledger(
        held,
        production=made,
        mining_units=units(("MINA UNO", ALFA, 3000, 500)),
        production_units=table(concession_id=["R1"], unit_id=["UEA 1"]),
    )
    assert {right: said(found, right, "production") for right in (0, 1)} == expected


@pytest.mark.parametrize(
    ("producer", "expected"),
    [
        ({"ruc": "20131312955"}, [("unit_radius", 2023, True)]),  # the holder's own number
        ({"ruc": "20100047218"}, []),  # somebody's who holds nothing here
        ({"holder_name": "MINERA OTRA S.A."}, []),
        ({"ruc": "20100047218", "holder_name": ALFA}, [("unit_radius", 2023, True)]),
    ],
)
def test_a_unit_s_production_is_the_holder_s_only_where_the_row_says_so(
    producer: dict, expected: list
) -> None:
    made = table(**{n: [producer.get(n)] for n in ("ruc", "holder_name")}, unit_name=["U"], year=[2023])  # fmt: skip
    found = ledger(
        rights([ALFA]),
        holders=table(holder_name=[ALFA], ruc=["20131312955"]),
        mining_units=units(("U", ALFA, 3000, 500)),
        production=made,
    )
    assert said(found, 0, "production") == expected


def test_nothing_produced_is_no_production() -> None:
    made = table(concession_id=["R0", "R0"], year=[2022, 2023], amount=[0.0, None])
    made = pd.concat([made, table(concession_id=["R1"], year=[2023], amount=[1.0])])
    found = ledger(rights([ALFA, ALFA]), production=made.reset_index(drop=True))
    assert said(found, 0, "production") == []
    assert said(found, 1, "production") == [("right", 2023, True)]


@pytest.mark.parametrize(
    ("quantities", "counts"),
    [
        ({"amount": [0.0]}, False),
        ({"amount": [None]}, False),
        ({"ore_t": [0.0]}, False),
        ({"ore_t": [None]}, False),
        ({"ore_t": [400.0]}, True),
        ({"amount": [None], "ore_t": [400.0]}, True),
        ({"amount": [0.0], "ore_t": [400.0]}, True),
        ({"amount": [5.0], "ore_t": [None]}, True),
        ({"amount": [-5.0], "ore_t": [None]}, False),
        ({"amount": [None], "ore_t": [None]}, False),
    ],
)
def test_a_row_is_production_where_a_quantity_of_its_own_is_above_nought(
    quantities: dict, counts: bool
) -> None:
    amounts = {name: pd.Series(v, dtype="float64") for name, v in quantities.items()}
    made = table(concession_id=["R0"], year=[2023]).assign(**amounts)
    expected = [("right", 2023, True)] if counts else []
    assert said(ledger(rights([ALFA]), production=made), 0, "production") == expected


def test_a_table_without_amounts_lists_what_produced() -> None:
    made = table(concession_id=["R0"], year=[2023])
    assert said(ledger(rights([ALFA]), production=made), 0, "production") == [("right", 2023, True)]


# --- plants, permits, filing: told, and change nothing


def test_plants_of_the_layer_and_of_the_cadastre_are_told_with_their_distance() -> None:
    held = rights([ALFA, ALFA, BETA], status=["titled", "other", "titled"])
    held["right_type"] = ["mining", "plant", "mining"]
    found = ledger(held)
    assert said(found, 0, "plant") == [("elsewhere", None, False)]
    assert said(found, 2, "plant") == []
    plant = found.frame[(found.frame["kind"] == "plant") & (found.frame["right"] == 0)]
    assert plant["distance_m"].item() == pytest.approx(1500, abs=1)
    nearer = ledger(held, plants=units(("P", ALFA, 1200, 500)))
    near = nearer.frame[(nearer.frame["kind"] == "plant") & (nearer.frame["right"] == 0)]
    assert near["subject"].tolist() == ["P"]
    assert (plant["source"].item(), near["source"].item()) == ("concessions", "plants")


def test_a_plant_in_the_right_is_the_holder_s_only_where_the_holder_runs_it() -> None:
    several = units(
        ("MINE", ALFA, 500, 500), ("THEIRS", BETA, 600, 500), ("NOBODY", None, 700, 500)
    )
    found = ledger(rights([ALFA]), plants=several).frame
    rows = found[found["kind"] == "plant"].set_index("subject")["by_holder"]
    assert rows["MINE"]
    assert not rows["THEIRS"]
    assert pd.isna(rows["NOBODY"])


def test_permits_and_filing_are_context() -> None:
    allowed = table(concession_id=["R0"], permit=["EIA"], granted_on=["2023-05-01"])
    found = ledger(rights([ALFA]), permits=allowed)
    assert said(found, 0, "permit") == [("right", 2023, False)]
    assert said(found, 0, "filing") == [("right", 1999, False)]
    assert set(found.frame["says"]) == {"context"}


# --- rasters


def test_growth_where_nobody_is_registered_disputes_idleness() -> None:
    held = rights([ALFA, ALFA])
    growth = pd.DataFrame(
        {"last_growth_year": pd.array([2023, 2023], dtype="Int64")}, index=held.index
    )
    found = ledger(held, growth=growth, shared=np.array([False, True]))
    assert said(found, 0, "footprint") == [("right", 2023, True)]
    assert said(found, 1, "footprint") == [("right", 2023, False)]
    rows = found.frame[found.frame["kind"] == "footprint"].set_index("right")
    assert rows["says"].to_dict() == {0: "disputes", 1: "context"}


# --- the ledger as a whole


def test_nothing_given_leaves_the_day_of_filing() -> None:
    found = ledger(rights([ALFA, None]))
    assert found.frame["kind"].tolist() == ["filing", "filing"]
    assert found.issues.empty


def test_the_order_of_rows_does_not_matter() -> None:
    held = rights([ALFA, ALFA, GAMMA])
    given = {
        "mining_units": units(("U", ALFA, 500, 500), ("V", ALFA, 4000, 500), ("W", BETA, 9000, 0)),
        "penalties": table(concession_id=["R0", "R1", "R1"], year=[2023, 2022, 2023]),
        "production": table(concession_id=["R0", None], unit_name=[None, "V"], year=[2022, 2023]),
    }
    straight = ledger(held, **given).frame
    turned = ledger(held, **{n: f.iloc[::-1].reset_index(drop=True) for n, f in given.items()})
    pd.testing.assert_frame_equal(straight, turned.frame)
