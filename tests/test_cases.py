"""Cases say what they mean, fail when the law says otherwise, and refuse what they do not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from geoasm.cases import Outcome, run_cases
from geoasm.errors import ParameterUndefined, ProfileError
from geoasm.io.profiles import load_profile
from geoasm.profile import Profile

SENIOR = {
    "id": "R1",
    "status": "titled",
    "holder": "B",
    "stratum": "lsm_msm",
    "filed_on": date(1999, 1, 1),
}
JUNIOR = {
    "id": "R2",
    "status": "titled",
    "holder": "C",
    "stratum": "small_scale",
    "filed_on": date(2005, 1, 1),
}


@pytest.fixture(scope="module")
def peru() -> Profile:
    return load_profile("pe")


def case(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "name": "the senior title decides",
        "on": date(2024, 6, 1),
        "registration": {"registrant": "A"},
        "rights": [JUNIOR, SENIOR],
        "expect": {"asm_class": "on_lsm_msm", "concession_id": "R1"},
    }
    return plain | changes


def outcome(profile: Profile, **changes: Any) -> Outcome:
    (only,) = run_cases(replace(profile, cases=(case(**changes),)))
    return only


def test_a_case_that_holds_is_ok_and_shows_only_what_it_asked(peru: Profile) -> None:
    got = outcome(peru)
    assert got.ok
    assert got.name == "the senior title decides"
    assert got.got == got.expected == {"asm_class": "on_lsm_msm", "concession_id": "R1"}


def test_a_case_that_the_law_contradicts_fails_and_shows_both(peru: Profile) -> None:
    got = outcome(peru, expect={"asm_class": "on_small_scale", "n_rights": 2})
    assert not got.ok
    assert got.expected == {"asm_class": "on_small_scale", "n_rights": 2}
    assert got.got == {"asm_class": "on_lsm_msm", "n_rights": 2}


@pytest.mark.parametrize(
    ("flags", "ok"), [(["stacked"], True), ([], False), (["stacked", "co_holder"], False)]
)
def test_flags_are_compared_whole(peru: Profile, flags: list[str], ok: bool) -> None:
    assert outcome(peru, expect={"flags": flags}).ok is ok


def test_flags_may_stand_in_any_order_but_rights_stand_senior_first(peru: Profile) -> None:
    own_junior = JUNIOR | {"holder": "A"}
    flags = ["stacked", "own_title_contested"]
    assert outcome(peru, rights=[SENIOR, own_junior], expect={"flags": flags}).ok
    assert outcome(peru, expect={"right_ids": ["R1", "R2"]}).ok
    assert not outcome(peru, expect={"right_ids": ["R2", "R1"]}).ok


def test_an_empty_cell_is_an_empty_text(peru: Profile) -> None:
    nobody = {"registration": {"located": False}, "rights": []}
    assert outcome(peru, **nobody, expect={"concession_id": "", "right_ids": [], "flags": []}).ok


def test_what_else_is_known_of_rights_orders_them(peru: Profile) -> None:
    day = date(1999, 1, 1)
    hours = [SENIOR | {"filed_hour": "10:30"}, JUNIOR | {"filed_on": day, "filed_hour": "9:05"}]
    assert outcome(peru, rights=hours, expect={"concession_id": "R2"}).ok
    datum = [SENIOR | {"datum": "wgs84"}, JUNIOR | {"datum": "psad56"}]
    assert outcome(peru, rights=datum, expect={"concession_id": "R2"}).ok
    origin = [SENIOR | {"origin": "refiled_claim"}, JUNIOR | {"origin": "old_claim"}]
    assert outcome(peru, rights=origin, expect={"concession_id": "R2"}).ok


def test_roles_are_those_of_every_right_within_reach(peru: Profile) -> None:
    roles = {"R1": "prior", "R2": "later"}
    assert outcome(peru, expect={"roles": roles}).ok
    assert not outcome(peru, expect={"roles": {"R1": "prior"}}).ok
    assert not outcome(peru, expect={"roles": roles | {"R2": "prior"}}).ok


def test_a_stack_can_be_left_open(peru: Profile) -> None:
    assert outcome(peru, stacked="ambiguous", expect={"asm_class": "ambiguous"}).ok
    assert outcome(peru, stacked="seniority", expect={"asm_class": "on_lsm_msm"}).ok


def drawn(peru: Profile, at: list[float], *rights: dict[str, Any], **expect: Any) -> bool:
    return outcome(
        peru, registration={"registrant": "A", "at": at}, rights=list(rights), expect=expect
    ).ok


def test_drawn_rights_cover_what_they_are_drawn_over(peru: Profile) -> None:
    square = SENIOR | {"box": [0, 0, 1000, 1000], "hole": [400, 400, 600, 600]}
    triangle = JUNIOR | {"ring": [[0, 0], [200, 0], [0, 200]]}
    assert drawn(peru, [50, 50], square, triangle, right_ids=["R1", "R2"])
    assert drawn(peru, [150, 150], square, triangle, right_ids=["R1"])
    assert drawn(peru, [500, 500], square, triangle, asm_class="open_ground", right_ids=[])
    assert drawn(peru, [400, 500], square, triangle, right_ids=["R1"])
    assert drawn(peru, [5000, 500], square, triangle, roles={})


def test_cases_drawn_on_one_grid_do_not_see_each_other(peru: Profile) -> None:
    here = case(
        registration={"at": [50, 50]},
        rights=[SENIOR | {"box": [0, 0, 100, 100]}],
        expect={"right_ids": ["R1"]},
    )
    there = here | {"rights": [JUNIOR | {"box": [0, 0, 60, 60]}], "expect": {"right_ids": ["R2"]}}
    plain = case(expect={"right_ids": ["R1", "R2"]})
    nobody = here | {"rights": [], "expect": {"right_ids": []}}
    many = (here, plain, nobody, there)
    assert [o.ok for o in run_cases(replace(peru, cases=many))] == [True] * 4


def test_the_law_of_the_case_s_day_applies(peru: Profile) -> None:
    idle = [SENIOR | {"penalties": [2007, 2008]}]
    day_before, first_day = date(2008, 12, 31), date(2009, 1, 1)
    assert outcome(peru, on=day_before, rights=idle, expect={"asm_class": "on_lsm_msm"}).ok
    assert outcome(peru, on=first_day, rights=idle, expect={"asm_class": "on_idle_claim"}).ok


def test_a_day_before_the_law_is_refused(peru: Profile) -> None:
    with pytest.raises(ParameterUndefined, match="1990-01-01"):
        outcome(peru, on=date(1990, 1, 1))


def test_a_case_finds_a_law_that_lost_a_rule(peru: Profile) -> None:
    rules = tuple(r for r in peru.law.rules if r.id != "pe.closed_area")
    lax = replace(peru, law=replace(peru.law, rules=rules))
    park = {"registration": {"areas": ["PN"]}, "expect": {"asm_class": "prohibited_area"}}
    assert outcome(peru, **park).ok
    assert not outcome(lax, **park).ok


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "key of a case": ({"registrations": {}}, r"cases.toml: case\[0\]: registrations: is no key"),
    "key of a registration": (
        {"registration": {"ruc": "1"}},
        r"case\[0\] 'the senior title decides': registration: ruc: is no key of a case; keys: reg",
    ),
    "key of a right": ({"rights": [SENIOR | {"holders": 2}]}, r"rights: holders: is no key"),
    "column": ({"expect": {"class": "own_title"}}, r"expect: class: is no key.*asm_class"),
    "status": ({"rights": [SENIOR | {"status": "valid"}]}, r"'valid' is none of titled, pending"),
    "stratum": ({"rights": [SENIOR | {"stratum": "big"}]}, r"'big' is none of lsm_msm.*leave it"),
    "area": ({"registration": {"areas": ["XX"]}}, r"registration.areas: 'XX' is no code of the"),
    "key of an area": ({"registration": {"areas": [{"kode": "PN"}]}}, r"areas: kode: is no key"),
    "stacked": ({"stacked": "ambigous"}, r"stacked: 'ambigous' is none of seniority, ambiguous"),
    "datum": ({"rights": [SENIOR | {"datum": "WGS84"}]}, r"datum: 'WGS84' .* psad56, wgs84"),
    "origin": ({"rights": [SENIOR | {"origin": "denuncio"}]}, r"origin: 'denuncio' .*old_claim"),
    "ground without a point": (
        {"rights": [SENIOR | {"box": [0, 0, 1, 1]}]},
        r"rights.R1.box: say where the point lies: registration.at",
    ),
    "a point without ground": ({"registration": {"at": [0, 0]}}, r"rights.R2: .* give box or ring"),
    "two grounds": (
        {
            "registration": {"at": [0, 0]},
            "rights": [SENIOR | {"box": [0, 0, 1, 1], "ring": [[0, 0], [1, 0], [0, 1]]}],
        },
        r"rights.R1: .* give box or ring",
    ),
    "a box turned round": (
        {"registration": {"at": [0, 0]}, "rights": [SENIOR | {"box": [1, 0, 0, 1]}]},
        r"rights.R1: is no ground",
    ),
    "a hole outside": (
        {
            "registration": {"at": [0, 0]},
            "rights": [SENIOR | {"box": [0, 0, 1, 1], "hole": [2, 2, 3, 3]}],
        },
        r"rights.R1: is no ground",
    ),
    "a ring of two points": (
        {"registration": {"at": [0, 0]}, "rights": [SENIOR | {"ring": [[0, 0], [1, 1]]}]},
        r"rights.R1: is no ground",
    ),
    "contract": ({"registration": {"contract_with": ["R9"]}}, r"contract_with: no right 'R9'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_the_format_does_not_know_is_refused_by_case_and_key(name: str, peru: Profile) -> None:
    changes, text = MISTAKES[name]
    with pytest.raises(ProfileError, match=text) as caught:
        outcome(peru, **changes)
    assert str(caught.value).startswith("cases.toml: case[0]")


@pytest.mark.parametrize("key", ["name", "on", "expect"])
def test_a_case_without_its_name_day_or_answer_is_refused(key: str, peru: Profile) -> None:
    whole = case()
    del whole[key]
    with pytest.raises(ProfileError, match=rf"cases.toml: case\[0\]: {key}: is missing"):
        run_cases(replace(peru, cases=(whole,)))
