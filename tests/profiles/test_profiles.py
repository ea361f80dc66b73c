"""Every profile that ships: it loads, its cases hold and cover its law."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from geoasm.cases import run_cases
from geoasm.codes import FieldKind, Role
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.model import Vocabulary
from geoasm.profile import Profile


@pytest.fixture(scope="module", params=list_profiles())
def profile(request: pytest.FixtureRequest) -> Profile:
    return load_profile(request.param)


def vocabularies(profile: Profile) -> list[Vocabulary]:
    sources = [s for r in profile.roles.values() for f in r.fields.values() for s in f.sources]
    return [s.vocabulary for s in sources if s.vocabulary]


def expected(profile: Profile, key: str) -> set[object]:
    return {c["expect"][key] for c in profile.cases if key in c["expect"]}


def test_every_case_comes_out_as_the_lawyer_wrote_it(profile: Profile) -> None:
    failed = [o for o in run_cases(profile) if not o.ok]
    assert not failed, "\n".join(f"{o.name}: expected {o.expected}, got {o.got}" for o in failed)


def test_cases_have_names_of_their_own(profile: Profile) -> None:
    names = [c["name"] for c in profile.cases]
    assert len(set(names)) == len(names)


def test_every_rule_decides_some_case(profile: Profile) -> None:
    rules = {r.id for r in profile.law.rules} | {profile.law.order_unknown_id}
    assert expected(profile, "rule_id") == rules


def test_every_class_a_rule_can_give_is_some_case_s_answer(profile: Profile) -> None:
    possible = {str(c) for r in profile.law.rules for c in (r.then, r.unknown_class)}
    assert possible <= expected(profile, "asm_class")


def test_every_day_on_which_a_rule_changes_has_cases_on_both_sides(profile: Profile) -> None:
    first = min(r.starts_on for r in profile.law.rules)
    days = {d for r in profile.law.rules for d in (r.starts_on, r.ends_on) if d and d > first}
    tried = {c["on"] for c in profile.cases}
    wanted = days | {d - timedelta(days=1) for d in days}
    assert wanted <= tried


def test_the_law_of_today_has_what_the_run_asks_for(profile: Profile) -> None:
    law = profile.law.at(date(2026, 1, 1))
    for name in ("link_reach_m", "idle_penalty_years", "idle_window_years", "area_tolerance_share"):
        assert law.number(name) > 0


def test_every_type_of_ground_has_one_level(profile: Profile) -> None:
    types = [(x.role, t) for x in profile.law.area_levels for t in x.types]
    assert len(set(types)) == len(types)


def test_what_is_doubtful_is_a_known_code(profile: Profile) -> None:
    for vocabulary in vocabularies(profile):
        assert vocabulary.doubtful <= set(vocabulary.values), vocabulary.name


def test_names_and_numbers_of_persons_are_read_as_such(profile: Profile) -> None:
    personal = {"holder_name": FieldKind.NAME, "registrant_name": FieldKind.NAME}
    personal |= {"ruc": FieldKind.RUC, "holder_ruc": FieldKind.RUC}
    for role in profile.roles.values():
        for name, spec in role.fields.items():
            if name in personal:
                assert spec.kind is personal[name], f"{role.role}.{name}"


def test_no_column_is_both_read_and_ignored(profile: Profile) -> None:
    for role in profile.roles.values():
        read = {c.upper() for f in role.fields.values() for s in f.sources for c in s.columns}
        assert not read & role.ignored, role.role


def test_a_run_needs_codes_holders_and_status_of_rights(profile: Profile) -> None:
    fields = profile.roles[Role.CONCESSIONS].fields
    assert all(fields[n].required for n in ("concession_id", "holder_name", "status"))
    assert profile.roles[Role.REGISTRATIONS].fields["registration_id"].required


def test_published_figures_name_their_source(profile: Profile) -> None:
    for row in profile.published:
        assert row["reference"]
        assert set(row["note"]) == {"es", "en"}
