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
