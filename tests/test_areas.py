"""What the ground is by itself: levels by the profile's table, the corridor, communities, ASM zones."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geoasm.areas import describe_ground, grade
from geoasm.codes import Role
from geoasm.io.profiles import load_profile

LAW = load_profile("pe").law.at(date(2024, 6, 1))
BEFORE_THE_CORRIDOR = load_profile("pe").law.at(date(2011, 1, 1))


def text(values: list) -> pd.Series:
    return pd.Series(values, dtype="str")


def areas_of(*rows: tuple[str | None, str | None], on: tuple = ()) -> pd.DataFrame:
    """Give areas as (type, code), and the days on which they were established."""
    frame = pd.DataFrame({"area_type": text([t for t, _ in rows])})
    frame["area_code"] = text([c for _, c in rows])
    days = [*on, *[None] * (len(rows) - len(on))]
    frame["established_on"] = pd.Series(days, dtype="datetime64[s]")
    return frame.assign(source_row=range(1, len(rows) + 1))


def level_of(area_type: str | None, code: str | None, role: Role = Role.PROTECTED_AREAS) -> tuple:
    row = grade(areas_of((area_type, code)), role, LAW)[0].iloc[0]
    return row["level"], None if pd.isna(row["level_code"]) else row["level_code"]


def covering(*pairs: tuple[int, int]) -> pd.DataFrame:
    """Pair registrations with areas."""
    return pd.DataFrame(pairs, columns=["registration", "area"]).astype("int64")


def ground_at(n: int, role: Role, areas: pd.DataFrame, *pairs: tuple[int, int]) -> pd.DataFrame:
    return describe_ground(
        n, {role: grade(areas, role, LAW)[0]}, {role: covering(*pairs)}, text([None] * n), LAW
    )


# --- levels


@pytest.mark.parametrize(
    ("area_type", "code", "expected"),
    [
        ("Parque Nacional", None, ("hard", "PN")),
        ("  parque  nacional ", None, ("hard", "PN")),
        ("SANTUARIO HISTORICO", "X9", ("hard", "SH")),
        ("Reserva Nacional", None, ("soft", "RN")),
        (None, "PN01", ("hard", "PN")),
        (None, "pn 01", ("hard", "PN")),
        (None, "RN18", ("soft", "RN")),
        ("Parque Nazional", "PN01", ("hard", "PN")),
        ("Reserva Nacional", "PN01", ("soft", "RN")),
        (None, "PNX01", ("info", None)),
        ("Something New", None, ("info", None)),
        (None, None, ("info", None)),
    ],
)
def test_the_type_decides_else_the_letters_of_the_code(
    area_type: str | None, code: str | None, expected: tuple
) -> None:
    assert level_of(area_type, code) == expected


@pytest.mark.parametrize(("role", "code"), [(Role.BUFFER_ZONES, "ZA"), (Role.ANAP, "ANAP")])
def test_some_layers_have_one_level_whatever_the_type(role: Role, code: str) -> None:
    assert level_of(None, None, role) == ("soft", code)
    assert level_of("Anything", "Q7", role) == ("soft", code)
    assert len(grade(areas_of(("Anything", None)), role, LAW)[1]) == 0


def test_types_of_one_layer_say_nothing_of_another() -> None:
    assert level_of("Zona Urbana", None, Role.RESTRICTED_AREAS) == ("hard", "urban")
    assert level_of("Zona Urbana", None) == ("info", None)


def test_an_unknown_type_is_an_issue_with_its_row() -> None:
    areas = areas_of(("Parque Nacional", "PN01"), ("Something New", "Q7"), (None, None))
    found = grade(areas, Role.PROTECTED_AREAS, LAW)[1]
    assert found["row"].tolist() == [2, 3]
    assert set(found["problem"]) == {"unknown_type"}
    assert found["id"].iloc[0] == "Q7"
    assert found["value"].iloc[0] == "Something New"
    assert set(found["source"]) == {"protected_areas"}


def test_a_layer_without_areas_grades_to_none() -> None:
    graded, found = grade(areas_of(), Role.PROTECTED_AREAS, LAW)
    assert len(graded) == len(found) == 0
    assert {"level", "level_code"} <= set(graded.columns)


def test_an_area_established_after_the_day_closes_nothing_yet() -> None:
    areas = areas_of(*[("Parque Nacional", None)] * 3, on=("2024-06-01", "2024-06-02", None))
    assert grade(areas, Role.PROTECTED_AREAS, LAW)[0]["level"].tolist() == ["hard", "info", "hard"]
    ground = ground_at(3, Role.PROTECTED_AREAS, areas, (0, 0), (1, 1), (2, 2))
    assert ground["in_closed_area"].tolist() == [True, False, True]


# --- the ground at a point


def test_hard_closes_soft_restricts_info_only_informs() -> None:
    areas = areas_of(("Parque Nacional", None), ("Reserva Nacional", None), ("Something New", None))
    ground = ground_at(4, Role.PROTECTED_AREAS, areas, (0, 0), (1, 1), (2, 2))
    assert ground["in_closed_area"].tolist() == [True, False, False, False]
    assert ground["restricted"].tolist() == ["", "RN", "", ""]


def test_soft_codes_of_all_layers_are_listed_once_in_order() -> None:
    protected = grade(
        areas_of(("Zona Reservada", None), ("Reserva Nacional", None), ("RN", None)),
        Role.PROTECTED_AREAS,
        LAW,
    )[0]
    buffers = grade(areas_of((None, None)), Role.BUFFER_ZONES, LAW)[0]
    ground = describe_ground(
        1,
        {Role.PROTECTED_AREAS: protected, Role.BUFFER_ZONES: buffers},
        {
            Role.PROTECTED_AREAS: covering((0, 0), (0, 1), (0, 2)),
            Role.BUFFER_ZONES: covering((0, 0)),
        },
        text([None]),
        LAW,
    )
    assert ground["restricted"].tolist() == ["RN;ZA;ZR"]


def test_closed_since_is_the_earliest_day_on_which_the_ground_was_closed() -> None:
    areas = areas_of(("PN", None), ("SN", None), ("RN", None), on=("1990-05-01", "2010-05-01"))
    ground = ground_at(3, Role.PROTECTED_AREAS, areas, (0, 0), (0, 1), (1, 2))
    assert ground["closed_since"].iloc[0] == pd.Timestamp("1990-05-01")
    assert ground["closed_since"].iloc[1:].isna().all()
    assert str(ground["closed_since"].dtype) == "datetime64[s]"


def test_ground_closed_to_claims_counts_in_whichever_layer_it_comes() -> None:
    of_its_own = ground_at(2, Role.ANAP, areas_of((None, None)), (1, 0))
    restricted = areas_of(("ANAP INGEMMET", None), ("Zona Urbana", None))
    among_others = ground_at(2, Role.RESTRICTED_AREAS, restricted, (1, 0), (0, 1))
    for ground in (of_its_own, among_others):
        assert ground["in_anap"].tolist() == [False, True]


def test_communities_and_asm_zones_are_marked_and_close_nothing() -> None:
    links = {Role.COMMUNITIES: covering((0, 0)), Role.ASM_ZONES: covering((1, 0), (1, 1))}
    ground = describe_ground(2, {}, links, text([None, None]), LAW)
    assert ground["in_community"].tolist() == [True, False]
    assert ground["in_asm_zone"].tolist() == [False, True]
    assert not ground["in_closed_area"].any()


def test_an_asm_zone_of_a_later_day_is_none_yet() -> None:
    zones = areas_of((None, None), (None, None), on=("2024-06-02", "2020-01-01"))
    links = {Role.ASM_ZONES: covering((0, 0), (1, 1))}
    ground = describe_ground(2, {Role.ASM_ZONES: zones}, links, text([None, None]), LAW)
    assert ground["in_asm_zone"].tolist() == [False, True]


# --- the corridor


def outside(roles: tuple[Role, ...], regions: list, law=LAW) -> list[bool]:
    """Registration 0 lies in the corridor, the others do not."""
    links = dict.fromkeys(roles, covering((0, 0)))
    ground = describe_ground(len(regions), {}, links, text(regions), law)
    return ground["outside_corridor"].tolist()


def test_outside_the_corridor_means_inside_its_region() -> None:
    both = (Role.MINING_CORRIDOR, Role.ADMIN)
    regions = ["MADRE DE DIOS", "Madre de  Dios", "CUSCO", None]
    assert outside(both, regions) == [False, True, False, False]


@pytest.mark.parametrize("given", [(), (Role.MINING_CORRIDOR,), (Role.ADMIN,)])
def test_the_corridor_is_untested_unless_both_layers_are_given(given: tuple) -> None:
    assert outside(given, ["MADRE DE DIOS", "MADRE DE DIOS"]) == [False, False]


def test_there_was_no_corridor_before_its_law() -> None:
    both = (Role.MINING_CORRIDOR, Role.ADMIN)
    assert outside(both, ["X", "MADRE DE DIOS"], BEFORE_THE_CORRIDOR) == [False, False]


@pytest.mark.parametrize("n", [0, 2])
def test_ground_without_layers_is_plain(n: int) -> None:
    ground = describe_ground(n, {}, {}, text([None] * n), LAW)
    assert len(ground) == n
    assert not ground.drop(columns=["restricted", "closed_since"]).any(axis=None)
    assert (ground["restricted"] == "").all()
