"""What the sample plants about holders, work and ground: each case stands in it, on both sides."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from geoasm.codes import Role
from geoasm.geometry import operation
from geoasm.profile import Profile
from geoasm.simulate import Simulation, reading

YEAR = 2026


@pytest.fixture(scope="module")
def rights(made: Simulation) -> pd.DataFrame:
    return made.truth_concessions.set_index("concession_id")


@pytest.fixture(scope="module")
def kept(made: Simulation) -> pd.DataFrame:
    return made.truth[made.truth["fault_outcome"] == "kept"]


def test_strata_rest_on_every_basis(rights: pd.DataFrame) -> None:
    counts = rights.groupby(["stratum_basis", "holder_stratum"]).size()
    assert set(counts.index) == {
        ("official", "lsm_msm"),
        ("official", "small_scale"),
        ("production", "lsm_msm"),
        ("production", "small_scale"),
        ("hectares_over_limit", "lsm_msm"),
        ("presumed_small", "small_scale"),
        ("none", "unknown"),
    }
    assert counts.min() >= 2


def test_the_official_table_has_older_later_and_contradicting_rows(made: Simulation) -> None:
    table = made.tables[Role.STRATA]
    who = table["holder"].map(reading.name_key).fillna(table["ruc"])
    later = table["date"] > f"{YEAR}-01-01"
    assert later.sum() >= 2
    older = table[~later].groupby(who)["date"].nunique()
    assert (older > 1).sum() >= 2
    same_day = table[~later].groupby([who, table["date"]])["stratum"].nunique()
    assert (same_day > 1).any()
    assert table["holder"].isna().any()
    assert (table["holder"] != table["holder"].str.upper()).any()


def test_legal_forms_that_the_law_presumes_small_are_presumed_small(
    rights: pd.DataFrame, peru: Profile
) -> None:
    small = rights[rights["stratum_basis"] == "presumed_small"]
    names = small["holder_name"].dropna()
    assert names.str.startswith("S.M.R.L.").any()
    assert names.map(lambda n: reading.looks_natural(n, peru.parties)).any()
    firms = rights["holder_name"].str.contains(r"S\.A\.C\.$|S\.A\.$", na=False)
    assert not (firms & (rights["stratum_basis"] == "presumed_small")).any()


def test_groups_cross_the_limit_meet_it_stay_below_it_and_have_a_large_member(
    rights: pd.DataFrame, made: Simulation
) -> None:
    alone = ~rights["holder_name"].str.contains(" Y ", na=True)
    grouped = rights[rights["group"].notna() & alone]
    found = {"crossed": 0, "met": 0, "below": 0, "with a large member": 0}
    for _, own in grouped.groupby("group"):
        total = own["holder_total_ha"].max()
        largest = own.groupby("holder_name")["area_ha"].sum().max()
        bases = set(own["stratum_basis"])
        over = "hectares_over_limit" in bases
        found["crossed"] += over and largest < 2_000 < total
        found["met"] += abs(total - 2_000) < 1e-3 and not over
        found["below"] += "presumed_small" in bases and total < 1_999
        large = own["holder_stratum"].eq("lsm_msm") & own["stratum_basis"].eq("official")
        found["with a large member"] += total < 1_999 and large.any() and "none" in bases
    assert all(found.values()), found


def test_of_joint_holders_of_whom_one_is_officially_small_the_weaker_basis_is_told(
    made: Simulation, rights: pd.DataFrame
) -> None:
    table = made.tables[Role.STRATA]
    official = set(table.loc[table["stratum"] == "SMALL_SCALE", "holder"].map(reading.name_key))
    small = rights[rights["stratum_basis"] == "presumed_small"]
    joint = small["holder_name"].dropna().str.split(", | Y ", regex=True)
    joint = joint[joint.map(len) > 1]
    assert joint.map(lambda some: not official.isdisjoint(map(reading.name_key, some))).any()


def test_titles_of_several_holders_are_own_titles_of_each_and_nobodys_surely_where_some_are_not_named(
    rights: pd.DataFrame, kept: pd.DataFrame
) -> None:
    names = rights["holder_name"].fillna("")
    assert names.str.contains(" Y OTROS").sum() >= 4
    assert names.str.fullmatch(r"[^,]+, [^,]+ Y [^,]+").sum() >= 4
    assert names.str.fullmatch(r"[^,]+ Y (?!OTROS)[^,]+").sum() >= 10
    own = kept[kept["co_holder"]]
    assert len(own) >= 3
    assert (own["asm_class"] == "own_title").all()
    assert names[own["concession_id"]].str.contains(" Y ").all()
    on_open = kept[kept["concession_id"].map(names).str.endswith(" Y OTROS", na=False)]
    on_open = on_open[on_open["concession_id"].map(rights["status"]) == "titled"]
    assert set(on_open["title_relation"]) <= {"own", "unknown"}
    assert (on_open["title_relation"] == "unknown").any()


def words_of(name: object) -> tuple[str, ...] | None:
    """Words of a name, in whatever order they stand."""
    key = reading.name_key(name)
    return tuple(sorted(key.split())) if key else None


def test_misspelt_holders_are_unknown_unless_a_number_or_a_person_tells(
    made: Simulation, kept: pd.DataFrame, rights: pd.DataFrame
) -> None:
    aliases = made.tables[Role.ALIASES]
    assert set(aliases["same"]) == {"YES", "NO"}
    assert aliases["ruc"].notna().any()
    spelt = made.registrations.loc[kept.index, "NOMBRE_MIN"].map(words_of)
    held = rights["holder_name"].map(words_of).dropna()
    meant = {"".join(sorted("".join(some))): some for some in held}
    right = spelt.map(lambda some: some and meant.get("".join(sorted("".join(some)))))
    wrong = kept[right.notna() & (right != spelt) & (kept["planned"] == "own_title")]
    assert set(wrong["title_relation"]) == {"own", "unknown", "third_party"}
    assert set(wrong.loc[wrong["title_relation"] == "own", "own_basis"]) == {"ruc", "alias"}
    unknown = wrong.loc[wrong["title_relation"] == "unknown", "asm_class"]
    assert set(unknown) <= {"on_unknown_holder", "ambiguous"}
    assert (unknown == "on_unknown_holder").any()
    assert set(kept["own_basis"].dropna()) == {"ruc", "name", "alias"}


def test_rights_are_active_idle_both_and_neither(rights: pd.DataFrame) -> None:
    counts = rights.groupby(["holder_activity", "activity_conflict"]).size()
    assert counts["active", False] >= 10
    assert counts["active", True] >= 5
    assert counts["idle", False] >= 20
    assert counts["no_evidence", True] >= 2  # ground disturbed of late, and nobody registered near
    assert ("idle", True) not in counts


def test_penalties_are_enough_too_few_too_old_and_of_years_to_come(made: Simulation) -> None:
    paid = made.tables[Role.PENALTIES]
    years = paid.groupby("concession_id")["year"].agg(lambda v: tuple(sorted(v)))
    assert {(2024, 2025), (2025,), (2023, 2025), (2027, 2028), (2025, 2025)} <= set(years)
    assert any(max(some) < 2023 for some in years)


def test_production_is_named_in_every_way_and_of_every_age(made: Simulation) -> None:
    table = made.tables[Role.PRODUCTION]
    by_right = table["concession_id"].notna()
    assert set(table.loc[by_right, "year"]) == {2023, 2024, 2025, 2027}
    assert (table["amount"] == 0).any()
    units = table["unit"].dropna()
    layer = set(made.layers[Role.MINING_UNITS]["nombre"])
    members = set(made.tables[Role.PRODUCTION_UNITS]["unit"])
    assert units.isin(layer).any()
    assert units.isin(members).any()
    assert units.isin(made.truth_concessions["kind"]).sum() == 0
    assert (~units.isin(layer | members)).sum() >= 4  # of units that bear a right's name
    alone = table["unit"].isna() & table["concession_id"].isna()
    assert table.loc[alone, "ore_t"].notna().any()
    assert table.loc[alone, "stratum"].notna().any()


def test_units_stand_in_rights_and_on_both_sides_of_every_radius(
    made: Simulation, peru: Profile
) -> None:
    units = made.layers[Role.MINING_UNITS]
    source = made.concessions.drop_duplicates("CODIGOU")
    source = source[source.geometry.map(lambda g: g is not None and g.is_valid)]
    gaps: dict[str, set[float]] = {}
    for zone, rows in source.groupby("ZONA"):
        shift = operation("EPSG:4326", f"EPSG:327{zone}", peru.crs)
        shapes = shift.geometries(rows.geometry.to_numpy())
        for unit in units.itertuples():
            x, y = shift.points(
                *(pd.Series([v]).to_numpy() for v in (unit.geometry.x, unit.geometry.y))
            )
            distance = shapely.distance(shapes, shapely.Point(x[0], y[0]))
            gaps.setdefault(unit.sustancia, set()).update(round(float(d), -1) for d in distance)
    assert {4_900, 5_100, 0} <= gaps["METALICA"]
    assert {9_900, 10_100} <= gaps["NO METALICA"]
    assert {19_900, 20_100} <= gaps["AU ALUVIAL"]
    assert set(units["tipo"]) == {"EN PRODUCCION", "EN EXPLORACION", "CIERRE"}
    seen = units["FECHA"]
    assert set(seen.dt.year) >= {2020, 2022, 2023, 2024, 2025, 2026}
    assert (seen > f"{YEAR}-01-01").any()


def test_ground_grows_begins_stays_and_is_hidden(made: Simulation, rights: pd.DataFrame) -> None:
    years = rights[["first_growth_year", "last_growth_year"]].dropna().apply(tuple, axis=1)
    assert {(2023, 2023), (2023, 2025), (2025, 2025)} == set(years)
    mined = rights[rights["disturbed_ha"] > 0]
    assert mined["last_growth_year"].isna().sum() >= 5
    shown = made.truth_disturbance
    assert shown is not None
    assert ((shown["valid_share"] > 0.01) & (shown["valid_share"] < 0.99)).sum() >= 10
    assert len(shown) == 3 * len(rights)


def test_ground_grows_under_registrations_too_and_says_nothing_there(
    kept: pd.DataFrame, rights: pd.DataFrame
) -> None:
    on_idle = kept[kept["holder_activity"] == "idle"]
    grown = on_idle["concession_id"].map(rights["last_growth_year"])
    assert (grown == 2025).sum() >= 3


def test_every_setting_stands_in_the_sample(kept: pd.DataFrame) -> None:
    counts = kept["setting"].value_counts()
    assert set(counts.index) == {"alluvial", "hard_rock", "unknown"}
    assert counts.min() >= 20
    third = kept["title_relation"] == "third_party"
    assert (third & (kept["setting"] == "alluvial")).sum() >= 5


def test_rivers_are_lines_and_a_lake_in_each_block(made: Simulation) -> None:
    kinds = made.layers[Role.RIVERS].geometry.geom_type.value_counts()
    assert kinds["Polygon"] == 3
    assert kinds["LineString"] >= 6


def test_registrants_have_very_many_registrations_ten_and_fewer(made: Simulation) -> None:
    whole = made.truth[made.truth["fault_outcome"] != "set_aside"]
    sizes = made.registrations.loc[whole.index, "M_RUC"].value_counts()
    assert sizes.iloc[:3].tolist() == [14, 11, 10]
    assert sizes.iloc[3] < 10


def test_registrations_are_active_suspended_and_excluded(made: Simulation) -> None:
    counts = made.registrations["ESTADO"].str[0].value_counts()
    assert set(counts.index) == {"V", "S", "E"}
    assert counts["E"] >= 4


def test_instruments_are_filed_twice_too_late_in_part_and_by_nobody(
    made: Simulation, kept: pd.DataFrame
) -> None:
    table = made.tables[Role.IGAFOM]
    known = table["registration_id"].isin(made.truth["registration_id"])
    assert (~known).sum() == 3
    late = table["date"] > f"{YEAR}-01-01"
    again = table["registration_id"].duplicated(keep=False)
    assert (late & again).sum() == 3
    assert (late & ~again).sum() == 4
    assert (again & ~late).sum() > 20
    too_late = set(table.loc[late & ~again, "registration_id"])
    assert too_late & set(kept.loc[kept["asm_class"] == "on_lsm_msm", "registration_id"])


def test_assessments_are_of_rights_and_holders_before_again_and_after(
    made: Simulation, rights: pd.DataFrame
) -> None:
    table = made.tables[Role.ASSESSMENTS]
    of_right = table["concession_id"].notna()
    assert of_right.any()
    assert (of_right == table["holder"].isna()).all()
    assert (rights.loc[table["concession_id"].dropna(), "holder_stratum"] == "lsm_msm").all()
    assert set(table["factor"]) == {"COMPANY_COMMITMENT", "GEOLOGY"}
    assert table["value"].between(0, 1).all()
    days = table.groupby([table["concession_id"].fillna(table["holder"]), "factor"])["date"]
    assert (days.size() == 2).sum() >= 4
    assert (table["date"] > f"{YEAR}-01-01").sum() >= 2


def test_the_table_of_strata_tells_large_from_medium_for_some(
    made: Simulation, rights: pd.DataFrame
) -> None:
    said = made.tables[Role.STRATA]["stratum"].value_counts()
    assert set(said.index) == {"GRAN MINERIA", "MEDIANA MINERIA", "LSM_MSM", "SMALL_SCALE"}
    assert "scale" not in made.tables[Role.STRATA]
    counts = rights["holder_scale"].value_counts()
    assert counts[["lsm", "msm"]].min() >= 10
    assert (rights.loc[rights["holder_scale"] != "unknown", "holder_stratum"] == "lsm_msm").all()


@pytest.mark.parametrize("role", [Role.CONFLICT_AREAS, Role.COMMUNITIES])
def test_areas_lie_under_some_registrations_and_no_edge_is_near_one(
    made: Simulation, role: Role
) -> None:
    shapes = made.layers[role].geometry.to_numpy()
    points = shapely.points(made.truth["lon"], made.truth["lat"])
    inside = shapely.covers(shapely.union_all(shapes), points)
    assert 3 <= inside.sum() < 0.6 * len(points)
    gap = shapely.STRtree(shapely.boundary(shapes)).query_nearest(points, return_distance=True)[1]
    assert gap.min() >= 1e-5


def test_rights_reach_the_candidates_and_stop_at_every_gate(rights: pd.DataFrame) -> None:
    counts = rights["prospect"].value_counts()
    assert set(counts.index) == {
        "candidate",
        "not_in_force",
        "idle",
        "small_scale",
        "none_counting",
        "verify:stratum",
        "verify:conflict",
        "verify:activity",
    }
    assert counts.min() >= 2
