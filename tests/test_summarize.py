"""The funnel and the tables on a register small enough to count by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from geoasm import schema
from geoasm.summarize import failed_expectations, summarize

COLUMNS = [
    *("asm_class", "title_relation", "holder_stratum", "stratum_basis", "activity", "status"),
    *("registrant_id", "registrant_kind", "n_titles", "place", "admin_1", "admin_2"),
]
LSM = ("on_lsm_msm", "third_party", "lsm_msm", "official")
SMALL = ("on_small_scale", "third_party", "small_scale", "official")
PRESUMED = ("on_small_scale", "third_party", "small_scale", "presumed_small")
OWN = ("own_title", "own", "unknown", "none")
IDLE = ("on_idle_claim", "third_party", "lsm_msm", "official")
UNKNOWN = ("on_unknown_holder", "unknown", "unknown", "none")
STRANGER = ("on_unknown_holder", "third_party", "unknown", "none")
OPEN = ("open_ground", "none", "unknown", "none")
PENDING = ("on_pending_claim", "pending", "unknown", "none")
LOST = ("unlocatable", "unknown", "unknown", "none")
CLOSED = ("prohibited_area", "third_party", "lsm_msm", "official")

# class and axes, activity, status, registrant, kind, titles, place, regions
ROWS = [
    (*LSM, "extraction", "active", 1, "natural", 1, 1, "CUSCO", "ANTA"),
    (*LSM, "extraction", "suspended", 1, "natural", 1, 1, "CUSCO", "ANTA"),
    (*SMALL, "extraction", "active", 2, "natural", 2, 2, "CUSCO", "CALCA"),
    (*PRESUMED, "extraction", "active", 3, "legal", 1, 3, "PUNO", None),
    (*IDLE, "extraction", "active", 4, "natural", 1, 4, "PUNO", "LAMPA"),
    (*CLOSED, "extraction", "active", 4, "natural", 1, 5, "PUNO", "LAMPA"),
    (*STRANGER, "unknown", "active", None, "unknown", 1, 6, "PUNO", "LAMPA"),
    (*UNKNOWN, "extraction", "active", 5, "natural", 1, 6, "PUNO", "LAMPA"),
    (*OWN, "extraction", "active", 6, "natural", 1, 7, "PUNO", "LAMPA"),
    (*PENDING, "extraction", "active", 6, "natural", 0, 8, "PUNO", "LAMPA"),
    (*OPEN, "extraction", "active", 7, "natural", 0, 9, None, None),
    (*LOST, "extraction", "active", 8, "natural", 0, None, None, None),
    (*LSM, "processing", "active", 9, "legal", 1, 10, "PUNO", "LAMPA"),
]


def register(rows: list[tuple] = ROWS) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["registration_id"] = [f"A{i}" for i in range(len(frame))]
    frame["n_rights"] = frame["n_titles"] + (frame["title_relation"] == "pending")
    frame["pathway"] = "verify_location"
    frame["geometry"] = [None if pd.isna(p) else Point(-75 - p, -9) for p in frame["place"]]
    for column in schema.REGISTRATIONS.names:
        if column not in frame:
            frame[column] = None
    return schema.conform(frame, schema.REGISTRATIONS)


SUMMARY = summarize(register())


def test_a_right_whose_status_nobody_knows_is_no_title_in_force() -> None:
    doubt = ("unknown", "unknown", "none", "extraction", "active", 1, "natural")
    alone = ("ambiguous", *doubt, 0, 1, "CUSCO", "ANTA")
    closed = ("prohibited_area", *doubt, 0, 1, "CUSCO", "ANTA")
    over_a_title = ("ambiguous", *doubt, 1, 1, "CUSCO", "ANTA")
    frame = register([alone, closed, over_a_title])
    frame["n_rights"] = [1, 1, 2]
    funnel = {row["step"]: row["registrations"] for row in summarize(frame)["funnel"]}
    assert funnel["inside_any_right"] == 3
    assert funnel["on_title_in_force"] == funnel["title_unknown"] == 1


def step(name: str) -> dict:
    (row,) = (row for row in SUMMARY["funnel"] if row["step"] == name)
    return row


@pytest.mark.parametrize(
    ("name", "registrations", "denominator", "whole"),
    [
        ("all", 13, "all", 13),
        ("extraction", 12, "all", 13),
        ("located", 11, "extraction", 12),
        ("inside_any_right", 10, "extraction", 12),
        ("on_title_in_force", 9, "extraction", 12),
        ("own_title", 1, "on_title_in_force", 9),
        ("third_party", 7, "on_title_in_force", 9),
        ("title_unknown", 1, "on_title_in_force", 9),
        ("third_party_lsm_msm", 4, "third_party", 7),
        ("third_party_small_scale", 2, "third_party", 7),
        ("third_party_small_scale_presumed", 1, "third_party", 7),
        ("third_party_unknown", 1, "third_party", 7),
    ],
)
def test_the_funnel_counted_by_hand(
    name: str, registrations: int, denominator: str, whole: int
) -> None:
    row = step(name)
    assert row["registrations"] == registrations
    assert (row["denominator"], row["denominator_registrations"]) == (denominator, whole)
    assert row["share"] == pytest.approx(registrations / whole)


def test_the_stratum_of_idle_and_closed_titles_stays_in_the_published_split() -> None:
    assert step("third_party_lsm_msm")["registrations"] == 2 + 1 + 1  # two on LSM, idle, closed


def test_registrants_and_points_are_counted_once() -> None:
    assert (step("all")["registrants"], step("all")["points"]) == (9, 10)
    third = step("third_party")
    assert (third["registrations"], third["registrants"], third["points"]) == (7, 4, 6)


def test_points_are_told_apart_by_both_coordinates() -> None:
    places = [(-75, -9), (-75, -10), (-76, -9), (-76, -10), (-75, -9), None]
    rows = register(ROWS[: len(places)])
    rows = rows.set_geometry([None if p is None else Point(p) for p in places], crs=rows.crs)
    assert summarize(rows)["funnel"][0]["points"] == 4


def rows_of(table: str, **where: str) -> list[dict]:
    rows = SUMMARY["tables"][table]
    return [r for r in rows if all(r[k] == v for k, v in where.items())]


def test_classes_come_with_the_most_numerous_first_and_sum_to_all() -> None:
    table = SUMMARY["tables"]["by_class"]
    assert sum(r["registrations"] for r in table) == 13
    assert sum(r["share"] for r in table) == pytest.approx(1)
    counts = [r["registrations"] for r in table]
    assert counts == sorted(counts, reverse=True)
    assert table[0]["asm_class"] == "on_lsm_msm"
    assert table[0]["registrants"] == 2


def test_strata_are_split_with_what_they_rest_on() -> None:
    assert {
        (r["holder_stratum"], r["stratum_basis"], r["registrations"])
        for r in SUMMARY["tables"]["by_stratum"]
    } == {
        ("lsm_msm", "official", 5),
        ("small_scale", "official", 1),
        ("small_scale", "presumed_small", 1),
        ("unknown", "none", 1),
    }
    assert {r["denominator_registrations"] for r in SUMMARY["tables"]["by_stratum"]} == {8}


def test_shares_of_a_region_are_of_that_region() -> None:
    (row,) = rows_of("by_admin", admin_1="CUSCO", admin_2="", asm_class="on_lsm_msm")
    assert (row["registrations"], row["denominator_registrations"]) == (2, 3)
    assert row["share"] == pytest.approx(2 / 3)
    assert row["denominator"] == "region"
    (row,) = rows_of("by_admin", admin_1="CUSCO", admin_2="ANTA", asm_class="on_lsm_msm")
    assert row["share"] == 1


def test_registrations_in_no_region_are_counted_once() -> None:
    nowhere = rows_of("by_admin", admin_1="")
    assert {(r["asm_class"], r["share"]) for r in nowhere} == {
        ("open_ground", 0.5),
        ("unlocatable", 0.5),
    }
    assert sum(r["registrations"] for r in rows_of("by_admin", admin_2="")) == 13


def test_a_region_without_finer_name_does_not_repeat_itself() -> None:
    rows = rows_of("by_admin", admin_1="PUNO", admin_2="")
    assert sum(r["registrations"] for r in rows) == 8
    assert sum(r["share"] for r in rows) == pytest.approx(1)
    keys = [(r["admin_1"], r["admin_2"], r["admin_3"], r["asm_class"]) for r in rows_of("by_admin")]
    assert len(keys) == len(set(keys))


def test_without_regions_there_is_no_such_table() -> None:
    frame = register().assign(admin_1=None, admin_2=None)
    assert summarize(frame)["tables"]["by_admin"] == []


def test_sex_is_counted_of_natural_persons_only() -> None:
    frame = register()
    is_man = frame["registrant_id"].isin(few_men(frame, 3))
    sex = pd.Series(np.where(is_man, "male", "female"), dtype="str")
    table = {r["sex"]: r for r in summarize(frame, sex=sex)["tables"]["by_sex"]}
    assert table["male"]["registrants"] == 3
    assert table["female"]["denominator"] == "natural_persons"
    assert table["female"]["denominator_registrations"] == 10
    assert table["female"]["registrations"] + table["male"]["registrations"] == 10
    assert table["female"]["share"] == pytest.approx(table["female"]["registrations"] / 10)


def few_men(frame: pd.DataFrame, number: int) -> list[int]:
    """Name some natural persons by their numbers."""
    natural = frame.loc[frame["registrant_kind"] == "natural", "registrant_id"]
    return sorted(natural.dropna().unique())[:number]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_counts_by_sex_that_would_tell_somebody_s_are_left_out_and_said_to_be(number: int) -> None:
    frame = register()
    is_man = frame["registrant_id"].isin(few_men(frame, number))
    for one, other in (("male", "female"), ("female", "male"), ("male", "unknown")):
        sex = pd.Series(np.where(is_man, one, other), dtype="str")
        summary = summarize(frame, sex=sex)
        assert "by_sex" not in summary["tables"]
        assert summary["withheld"] == ["by_sex"]


def test_without_such_a_column_nothing_is_said_of_sex() -> None:
    assert "by_sex" not in SUMMARY["tables"]


def test_published_figures_stand_beside_ours_with_our_denominator() -> None:
    figures = [
        {"figure": "registrations", "value": 88094, "year": 2021},
        {"figure": "own_title_share", "value": 0.077, "year": 2021},
        {"figure": "lsm_msm_share_of_third_party", "value": 0.27, "year": 2021},
        {"figure": "something_else", "value": 1, "year": 2021},
    ]
    rows = summarize(register(), published=figures)["published"]
    assert [r["value"] for r in rows] == [88094, 0.077, 0.27, 1]
    assert [r["ours"] for r in rows] == [13, pytest.approx(1 / 9), pytest.approx(4 / 7), None]
    assert rows[1]["ours_denominator"] == "on_title_in_force"
    assert rows[1]["ours_denominator_registrations"] == 9


def test_an_empty_register_has_no_shares() -> None:
    summary = summarize(register([]))
    assert all(row["share"] is None for row in summary["funnel"])
    assert all(row["registrations"] == 0 for row in summary["funnel"])
    assert summary["tables"]["by_class"] == []


def test_order_of_rows_does_not_matter() -> None:
    assert summarize(register(ROWS[::-1])) == SUMMARY


# --- expectations


def rights(*status: str, west: float = -90) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"status": pd.Series(status, dtype="str")})
    return gpd.GeoDataFrame(frame, geometry=[box(west, -10, -70, -8)] * len(status), crs=4326)


def test_floors_that_a_run_misses_are_named() -> None:
    cadastre = rights("titled", "unknown", "unknown", "unknown")
    floors = {"min_located_share": 0.95, "min_known_status_share": 0.25}
    [fault] = failed_expectations(register(), cadastre, floors)
    assert fault == {"fault": "min_located_share", "floor": 0.95, "found": pytest.approx(12 / 13)}
    assert len(failed_expectations(register(), rights("unknown"), floors)) == 2
    assert failed_expectations(register(), cadastre, {}) == []


def test_a_cadastre_of_another_region_is_named() -> None:
    floor = {"min_within_share": 0.5}  # ten registrations stand west of 76, all of one lie east
    placed = sum(row[-3] is not None for row in ROWS)
    assert failed_expectations(register(), rights("titled"), floor) == []
    for away, found in ((rights("titled", west=-76.5), 2 / placed), (rights(), 0.0)):
        [fault] = failed_expectations(register(), away, floor)
        assert fault == {"fault": "min_within_share", "floor": 0.5, "found": pytest.approx(found)}
    assert failed_expectations(register(ROWS[11:12]), rights("titled", west=-76.5), floor) == []


def test_declared_rights_that_the_cadastre_lacks_are_named() -> None:
    floor = {"min_known_declared_share": 0.5}
    frame = register([ROWS[0]] * 4)
    for relations, missed in (
        (["agrees", "elsewhere", "unknown_code", "none"], []),
        (["agrees", "unknown_code", "unknown_code", "none"], [1 / 3]),
        (["none"] * 4, []),
    ):
        said = frame.assign(declared_relation=relations)
        faults = failed_expectations(said, rights("titled"), floor)
        assert [row["found"] for row in faults] == pytest.approx(missed)


# --- the declared right


def declared(*rows: tuple[str | None, str | None, str | None]) -> dict:
    """Summarise registrations of a declared code, how it compares, and a region."""
    frame = register([ROWS[0]] * len(rows))
    for name, values in zip(
        ("declared_right_id", "declared_relation", "admin_1"), zip(*rows, strict=True), strict=True
    ):
        frame[name] = pd.Series(values, dtype="str")
    return summarize(frame)["tables"]


def test_declared_rights_are_compared_by_region_of_those_that_declare_one() -> None:
    tables = declared(
        ("A", "agrees", "PUNO"),
        ("A", "agrees", "PUNO"),
        ("B", "elsewhere", "PUNO"),
        (None, "none", "PUNO"),
        ("C", None, "CUSCO"),
        (None, "none", "LIMA"),
    )
    region = {
        (r["admin_1"], r["declared_relation"]): r for r in tables["by_declared"] if not r["admin_2"]
    }
    assert set(region) == {("PUNO", "agrees"), ("PUNO", "elsewhere"), ("CUSCO", "")}
    agrees = region["PUNO", "agrees"]
    assert (agrees["registrations"], agrees["denominator_registrations"]) == (2, 3)
    assert agrees["share"] == pytest.approx(2 / 3)
    assert agrees["denominator"] == "declared_of_region"
    whole = {r["declared_relation"]: r["share"] for r in tables["by_declared_relation"]}
    assert whole == {"agrees": 0.5, "elsewhere": 0.25, "": 0.25}


def test_a_register_that_declares_nothing_has_no_rate() -> None:
    tables = declared((None, "none", "PUNO"))
    assert tables["by_declared"] == tables["by_declared_relation"] == []


def test_a_class_by_declaration_is_no_location() -> None:
    frame = register()
    frame.loc[0, "basis"] = "declared"
    before, after = (
        {r["step"]: r["registrations"] for r in summarize(f)["funnel"]} for f in (register(), frame)
    )
    assert before["by_declared_right"] == 0
    assert after["by_declared_right"] == 1
    assert after["located"] == before["located"] - 1
    assert after["extraction"] == before["extraction"]
    floor = {"min_located_share": 12 / 13}
    assert failed_expectations(register(), rights("titled"), floor) == []
    assert len(failed_expectations(frame, rights("titled"), floor)) == 1


# --- what was not given is no figure


def test_where_nothing_tells_strata_they_have_no_share() -> None:
    frame = register()
    untested = frame.assign(flags="untested:strata", holder_stratum="unknown")
    steps = {row["step"] for row in summarize(untested)["funnel"]}
    assert "third_party_lsm_msm" not in steps
    assert "third_party_unknown" in steps
    figures = [{"figure": "lsm_msm_share_of_third_party", "value": 0.27}]
    assert summarize(untested, published=figures)["published"][0]["ours"] is None
    assert summarize(frame, published=figures)["published"][0]["ours"] is not None
    derived = frame.assign(
        flags="untested:strata"
    )  # no table, but hectares or legal forms tell some
    assert summarize(derived, published=figures)["published"][0]["ours"] is not None


def test_register_without_persons_counts_no_registrants() -> None:
    summary = summarize(register(), registrants="none")
    assert {row["registrants"] for row in summary["funnel"]} == {None}
    assert "by_registrant_kind" not in summary["tables"]
