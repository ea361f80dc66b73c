"""The frames of a result: regions, systems, codes and counts put beside the answers."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, box

from geoasm import assemble, issues
from geoasm.codes import Action, Problem, Role
from geoasm.io.profiles import load_profile
from geoasm.model import RawLayer, Source
from tests.parties.sides import cadastre
from tests.people import meet, table

PE, CD = load_profile("pe"), load_profile("cd")


def text(values: list) -> pd.Series:
    return pd.Series(values, dtype="str")


def register(*at: Point | None, **columns: list) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({name: text(values) for name, values in columns.items()})
    return gpd.GeoDataFrame(
        frame.reindex(range(len(at))), geometry=np.array(at, dtype=object), crs="EPSG:4326"
    )


def linked(*pairs: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["registration", "area"]).astype("int64")


# --- regions


ADMIN = pd.DataFrame({"admin_1": text(["PUNO", "CUSCO"]), "admin_2": text(["LAMPA", "ANTA"])})


def test_regions_are_those_of_the_layer_where_it_is_given() -> None:
    rows = register(*[Point(0, 0)] * 3, declared_admin_1=["LIMA", "LIMA", "LIMA"])
    names = assemble.name_regions(rows, ADMIN, linked((0, 0), (1, 1)))
    assert names["admin_1"].fillna("").tolist() == ["PUNO", "CUSCO", ""]
    assert names["admin_2"].fillna("").tolist() == ["LAMPA", "ANTA", ""]
    assert names["admin_3"].isna().all()


def test_a_point_on_a_border_has_one_region_whatever_the_order_of_the_layer() -> None:
    rows = register(Point(0, 0))
    one = assemble.name_regions(rows, ADMIN, linked((0, 0), (0, 1)))
    other = assemble.name_regions(rows, ADMIN.iloc[::-1], linked((0, 0), (0, 1)))
    assert one.iloc[0].tolist()[:2] == other.iloc[0].tolist()[:2] == ["CUSCO", "ANTA"]


def test_without_a_layer_regions_are_as_declared() -> None:
    rows = register(Point(0, 0), None, declared_admin_1=["LIMA", "PUNO"])
    names = assemble.name_regions(rows, None, None)
    assert names["admin_1"].tolist() == ["LIMA", "PUNO"]
    assert names["admin_2"].isna().all()


def test_a_layer_that_no_point_lies_in_names_nothing() -> None:
    names = assemble.name_regions(register(Point(0, 0), None), ADMIN, linked())
    assert names.isna().all(axis=None)


# --- systems


def systems(profile, *rights: str, decided: list[int]) -> list[str]:
    rows = register(Point(-79, -8), Point(-75, -10), Point(-75, -10), None)
    cadastre = pd.DataFrame({"crs_used": text(list(rights))})
    answers = pd.DataFrame({"decided_by": decided})
    return assemble.name_systems(rows, answers, cadastre, profile).fillna("").tolist()


def test_the_system_is_that_of_the_right_that_decided_else_of_the_point() -> None:
    assert systems(PE, "EPSG:32717", decided=[-1, -1, 0, -1]) == [
        "EPSG:32717",
        "EPSG:32718",
        "EPSG:32717",
        "",
    ]
    assert systems(PE, decided=[-1] * 4) == ["EPSG:32717", "EPSG:32718", "EPSG:32718", ""]
    assert systems(CD, decided=[-1] * 4) == ["EPSG:4326"] * 3 + [""]


# --- counts


def raw(role: Role, rows: int, broken: int = 0) -> RawLayer:
    lost = pd.DataFrame({"source_row": range(broken), "reason": "?"}) if broken else None
    return RawLayer(pd.DataFrame(index=range(rows)), Source(role.value, "x"), broken=lost)


def test_rows_count_as_read_also_where_no_reader_could_read_them() -> None:
    doubts = issues.join(
        [
            issues.make("registrations", Problem.DUPLICATE_ID, Action.SET_ASIDE, [3, 4]),
            issues.make("registrations", Problem.MISSING_ID, Action.SET_ASIDE, [4]),
            issues.make("registrations", Problem.SWAPPED_AXES, Action.MENDED, [5]),
            issues.make("concessions", Problem.EMPTY_GEOMETRY, Action.SET_ASIDE, [1]),
        ]
    )
    counts = assemble.count_rows(
        {
            Role.REGISTRATIONS: raw(Role.REGISTRATIONS, 10, broken=2),
            Role.CONCESSIONS: raw(Role.CONCESSIONS, 5),
        },
        pd.DataFrame(index=range(8)),
        pd.DataFrame(index=range(4)),
        doubts,
    )
    assert counts == {
        "registrations_read": 12,
        "registrations_classified": 8,
        "registrations_set_aside": 2,
        "concessions_read": 5,
        "concessions_kept": 4,
        "concessions_set_aside": 1,
    }


def test_parties_are_laid_out_with_their_members_and_the_group_s_own_name() -> None:
    said = table(holder_name=["PEREZ LOPEZ JUAN"], group=["FAMILIA P"])
    parties, groups = meet(cadastre("X S.A.C. (60%), PEREZ LOPEZ JUAN (40%)"), groups=said)
    told = assemble.lay_out_parties(parties, groups.of_party)
    assert told[["name", "members", "group"]].fillna("-").values.tolist() == [
        ["X S.A.C. (60%), PEREZ LOPEZ JUAN (40%)", "2;3", "-"],
        ["PEREZ LOPEZ JUAN", "-", "FAMILIA P"],
        ["X S.A.C.", "-", "-"],
    ]


def test_parties_of_whom_no_name_is_known_are_laid_out() -> None:
    parties, groups = meet(cadastre("PEREZ LOPEZ JUAN"))
    bare = parties.frame.assign(keys=np.nan)  # as where numbers are all that is known
    told = assemble.lay_out_parties(replace(parties, frame=bare), groups.of_party)
    assert told["known_as"].isna().all()
    assert len(told) == len(bare)


def test_issues_are_tallied_by_source_problem_and_action() -> None:
    doubts = issues.make("strata", Problem.UNKNOWN_HOLDER, Action.DOUBTED, [1, 2])
    assert assemble.tally(doubts) == {"strata/unknown_holder/doubted": 2}
    assert assemble.tally(issues.none()) == {}


def test_a_map_layer_keeps_what_a_map_shows_and_no_more() -> None:
    area = gpd.GeoDataFrame(
        {"name": ["PARK"], "level": ["hard"], "source_row": [1], "drawn": [None]},
        geometry=[box(0, 0, 1, 1)],
        crs="EPSG:4326",
    )
    kept = assemble.keep_for_map(area)
    assert kept.columns.tolist() == ["name", "level", "geometry"]
    assert kept.crs == "EPSG:4326"


def test_a_column_that_the_profile_does_not_read_is_empty() -> None:
    frame = pd.DataFrame({"name": text(["x", None])})
    assert assemble.column(frame, "name").fillna("").tolist() == ["x", ""]
    assert assemble.column(frame, "other").isna().tolist() == [True, True]
