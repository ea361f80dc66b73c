"""A profile is checked when it loads: every mistake names file and key."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from geoasm.codes import AsmClass, ClosureLevel, FieldKind, Role
from geoasm.errors import ProfileError
from geoasm.profile import Profile, parse_profile

PROFILE = """
[profile]
code = "zz"
name = { en = "Nowhere" }
language = "en"
registrants = "persons"

[crs]
geographic = "EPSG:4326"
drawn_in = "zone"
bounds = [-80, -20, -70, 0]
equal_area = "EPSG:6933"
zone = [{ code = "18", epsg = 32718, west = -78, east = -72 }]
operation = [{ from = "EPSG:4248", to = "EPSG:4326", code = "EPSG:1208", accuracy_m = 16, reference = "EPSG" }]

[parties.numerals]
2 = ["Dós", "segundo"]

[parties.legal_forms]
SA = ["S A", "Sociedad Anónima"]

[roles.concessions]
geometry = "polygon"
ignored = ["Área"]

[roles.concessions.fields]
concession_id = { kind = "code", columns = ["CODE", "CODIGO"], required = true, lengths = [9] }
declared_area_ha = { kind = "number", columns = ["HA"], unit = "ha" }

[roles.concessions.fields.status]
kind = "vocabulary"
default = "unknown"
from = [{ columns = ["STATUS"], vocabulary = "status" }, { columns = ["STATE"], vocabulary = "status" }]

[roles.registrations]
geometry = "point"
need_one_of = [["site_code", "seen_on"]]
latest_by = "seen_on"
position = [{ kind = "lonlat", x = ["LON"], y = ["LAT"], crs = "EPSG:4326" }]

[roles.registrations.fields]
site_code = { kind = "code", columns = ["SITE"] }
seen_on = { kind = "date", columns = ["SEEN"] }
"""

LOOKUPS = """
[vocabulary.status]
reference = "the cadastre's manual"
doubtful = ["en trámite"]
values = { "En Trámite" = "pending", T = "titled" }
prefixes = { "Lapsed" = "extinct" }
"""

LAW = """
steps = ["title", "ground"]

[[rule]]
id = "zz.title"
step = "title"
when = ["in_force", "same_holder"]
then = "own_title"
unknown = "on_unknown_holder"
reference = "Mining law art. 1"
from = 2000-01-01
until = 2010-01-01

[[rule]]
id = "zz.open"
step = "ground"
when = ["no_right"]
then = "open_ground"
reference = ""
verified = false
from = 2000-01-01

[parameters.reach_m]
unit = "m"
reference = "manual"
history = [{ from = 2000-01-01, value = 100.0 }, { from = 2010-01-01, value = 200.0 }]

[[area_level]]
role = "protected_areas"
types = ["Parque Nacional"]
code = "PN"
level = "hard"
reference = "Parks law art. 1"
"""

Documents = dict[str, dict[str, Any]]


def documents() -> Documents:
    return {
        "profile.toml": tomllib.loads(PROFILE),
        "lookups.toml": tomllib.loads(LOOKUPS),
        "law.toml": tomllib.loads(LAW),
        "cases.toml": {"case": [{"name": "one"}]},
    }


@pytest.fixture
def profile() -> Profile:
    return parse_profile("zz", documents())


def test_floors_of_a_run_are_read_as_numbers() -> None:
    stated = documents()
    stated["profile.toml"]["expect"] = {"min_located_share": 1, "min_read_share": 0.9}
    assert parse_profile("zz", stated).expect == {"min_located_share": 1.0, "min_read_share": 0.9}


def test_a_whole_profile_loads(profile: Profile) -> None:
    assert profile.code == "zz"
    assert profile.names == {"en": "Nowhere"}
    assert profile.registrants == "persons"
    assert [z.crs for z in profile.crs.zones] == ["EPSG:32718"]
    assert profile.crs.operations[0].operation == "EPSG:1208"
    assert profile.cases == ({"name": "one"},)


def test_columns_and_codes_are_folded_so_that_accents_and_case_do_not_count(
    profile: Profile,
) -> None:
    spec = profile.roles[Role.CONCESSIONS]
    assert spec.ignored == {"AREA"}
    vocabulary = spec.fields["status"].sources[0].vocabulary
    assert vocabulary is not None
    assert vocabulary.values == {"EN TRAMITE": "pending", "T": "titled"}
    assert vocabulary.prefixes == (("LAPSED", "extinct"),)
    assert vocabulary.doubtful == {"EN TRAMITE"}
    assert ("SOCIEDAD ANONIMA", "SA") in profile.parties.legal_forms
    assert profile.parties.numerals == {"DOS": 2, "SEGUNDO": 2}


def test_a_field_keeps_its_sources_in_order(profile: Profile) -> None:
    spec = profile.roles[Role.CONCESSIONS]
    assert [s.columns for s in spec.fields["status"].sources] == [("STATUS",), ("STATE",)]
    code = spec.fields["concession_id"]
    assert (code.kind, code.required, code.code_lengths) == (FieldKind.CODE, True, (9,))
    assert code.sources[0].columns == ("CODE", "CODIGO")


def test_a_rule_carries_its_dates_and_what_it_gives_where_the_facts_are_unknown(
    profile: Profile,
) -> None:
    title = profile.law.rules[0]
    assert title.then is AsmClass.OWN_TITLE
    assert (title.unknown_class, title.unknown_step) == (AsmClass.ON_UNKNOWN_HOLDER, "title")
    assert (title.starts_on, title.ends_on) == (date(2000, 1, 1), date(2010, 1, 1))
    assert title.verified
    assert not profile.law.rules[1].verified
    assert profile.law.order_unknown_id == "zz.order_unknown"


def test_areas_have_levels(profile: Profile) -> None:
    (park,) = profile.law.area_levels
    assert (park.types, park.level) == (("PARQUE NACIONAL",), ClosureLevel.HARD)


Change = Callable[[Documents], object]


def rule(number: int, **changes: object) -> Change:
    return lambda d: d["law.toml"]["rule"][number].update(changes)


def without(number: int, key: str) -> Change:
    return lambda d: d["law.toml"]["rule"][number].pop(key)


def concessions(name: str, **changes: object) -> Change:
    return lambda d: d["profile.toml"]["roles"]["concessions"]["fields"][name].update(changes)


def reach(**changes: object) -> Change:
    return lambda d: d["law.toml"]["parameters"]["reach_m"].update(changes)


MISTAKES: dict[str, tuple[Change, str]] = {
    "misspelt predicate": (rule(0, when=["in_forse"]), r"law.toml: rule\[0\].when: 'in_forse' is no predicate; known: .*in_force"),
    "class that does not exist": (rule(0, then="on_moon"), r"law.toml: rule\[0\].then: 'on_moon' is none of own_title"),
    "unknown class that does not exist": (rule(0, unknown="on_moon"), r"law.toml: rule\[0\].unknown: 'on_moon'"),
    "step outside the order": (rule(0, step="sky"), r"law.toml: rule\[0\].step: 'sky' is none of title, ground"),
    "unknown step outside the order": (rule(0, unknown_step="sky"), r"law.toml: rule\[0\].unknown_step"),
    "rule without reference": (without(0, "reference"), r"law.toml: rule\[0\].reference: is missing"),
    "empty reference that claims to be verified": (rule(0, reference=" "), r"law.toml: rule\[0\].reference: is empty; .*verified = false"),
    "rule without first day": (without(0, "from"), r"law.toml: rule\[0\].from: is missing"),
    "rule id twice": (rule(1, id="zz.title"), r"law.toml: rule: id 'zz.title' stands twice"),
    "unknown key of a rule": (rule(0, when_all=[]), r"law.toml: rule\[0\].when_all: is no key"),
    "parameter without unit": (lambda d: d["law.toml"]["parameters"]["reach_m"].pop("unit"), r"law.toml: parameters.reach_m.unit: is missing"),
    "parameter without reference": (reach(reference=""), r"law.toml: parameters.reach_m.reference: is empty"),
    "parameter without history": (reach(history=[]), r"law.toml: parameters.reach_m.history: is missing"),
    "history that runs backward": (reach(history=[{"from": date(2010, 1, 1), "value": 1}, {"from": date(2000, 1, 1), "value": 2}]), r"law.toml: parameters.reach_m.history: must run forward"),
    "two values of one day": (reach(history=[{"from": date(2010, 1, 1), "value": 1}] * 2), r"law.toml: parameters.reach_m.history: must run forward"),
    "truth value for a number": (reach(history=[{"from": date(2010, 1, 1), "value": True}]), r"law.toml: parameters.reach_m.history\[0\].value"),
    "level that does not exist": (lambda d: d["law.toml"]["area_level"][0].update(level="closed"), r"law.toml: area_level\[0\].level: 'closed' is none of hard, soft, info"),
    "numeral without a value": (lambda d: d["profile.toml"]["parties"]["numerals"].update(two=["DOS"]), r"profile.toml: parties.numerals.two: must be a number"),
    "role that does not exist": (lambda d: d["profile.toml"]["roles"].update(concesions={}), r"profile.toml: roles.concesions: is no role; roles: concessions"),
    "vocabulary that does not exist": (concessions("status", **{"from": [{"columns": ["S"], "vocabulary": "statuz"}]}), r"profile.toml: roles.concessions.fields.status.from\[0\].vocabulary: lookups.toml has no vocabulary 'statuz'"),
    "vocabulary missing where codes are read": (concessions("status", **{"from": [{"columns": ["S"]}]}), r"profile.toml: roles.concessions.fields.status.from\[0\].vocabulary: goes with kind = 'vocabulary'"),
    "vocabulary on a plain text": (concessions("concession_id", vocabulary="status"), r"profile.toml: roles.concessions.fields.concession_id.vocabulary: goes with kind = 'vocabulary'"),
    "kind that does not exist": (concessions("declared_area_ha", kind="float"), r"profile.toml: roles.concessions.fields.declared_area_ha.kind: 'float' is none of code, text"),
    "unknown key of a field": (concessions("concession_id", needed=True), r"profile.toml: roles.concessions.fields.concession_id.needed: is no key"),
    "text where a truth value belongs": (concessions("concession_id", required="yes"), r"profile.toml: roles.concessions.fields.concession_id.required: cannot be 'yes'"),
    "columns that are no texts": (concessions("concession_id", columns=[1]), r"profile.toml: roles.concessions.fields.concession_id.columns: must be a list of texts"),
    "group of a field that does not exist": (lambda d: d["profile.toml"]["roles"]["registrations"].update(need_one_of=[["ruc"]]), r"profile.toml: roles.registrations.need_one_of: 'ruc' is no field"),
    "latest by a field that does not exist": (lambda d: d["profile.toml"]["roles"]["registrations"].update(latest_by="visited"), r"profile.toml: roles.registrations.latest_by: 'visited' is no field"),
    "position without its system": (lambda d: d["profile.toml"]["roles"]["registrations"]["position"][0].pop("crs"), r"profile.toml: roles.registrations.position\[0\].crs: is missing"),
    "vocabulary without source": (lambda d: d["lookups.toml"]["vocabulary"]["status"].pop("reference"), r"lookups.toml: vocabulary.status.reference: is missing"),
    "unknown key of lookups": (lambda d: d["lookups.toml"].update(vocabularies={}), r"lookups.toml: vocabularies: is no key"),
    "status that does not exist": (lambda d: d["lookups.toml"]["vocabulary"]["status"]["values"].update(X="expired"), r"lookups.toml: vocabulary.status: 'expired' is none of titled, pending"),
    "status by prefix that does not exist": (lambda d: d["lookups.toml"]["vocabulary"]["status"]["prefixes"].update(X="expired"), r"lookups.toml: vocabulary.status: 'expired' is none of"),
    "default that does not exist": (concessions("status", default="in_force"), r"profile.toml: roles.concessions.fields.status.default: 'in_force' is none of titled, pending"),
    "code that is not the folder": (lambda d: d["profile.toml"]["profile"].update(code="yy"), r"profile.toml: profile.code: must be the folder's name, 'zz'"),
    "registrants that do not exist": (lambda d: d["profile.toml"]["profile"].update(registrants="firms"), r"profile.toml: profile.registrants: 'firms' is none of persons, none"),
    "unknown key at the top": (lambda d: d["profile.toml"].update(rolls={}), r"profile.toml: rolls: is no key"),
    "three bounds": (lambda d: d["profile.toml"]["crs"].update(bounds=[0, 0, 1]), r"profile.toml: crs.bounds: must be west, south, east, north"),
    "bounds that hold nothing": (lambda d: d["profile.toml"]["crs"].update(bounds=[-68, -18, -81, 0]), r"profile.toml: crs.bounds: .* are not west, south, east, north in degrees"),
    "legal form of one text": (lambda d: d["profile.toml"]["parties"]["legal_forms"].update(SAA="S.A.A."), r"profile.toml: parties.legal_forms.SAA: cannot be 'S.A.A.'"),
    "lengths in words": (lambda d: d["profile.toml"]["roles"]["concessions"]["fields"]["concession_id"].update(lengths=["9"]), r"profile.toml: roles.concessions.fields.concession_id.lengths: must be a list of numbers"),
    "needs that are no lists": (lambda d: d["profile.toml"]["roles"]["concessions"].update(need_one_of=["concession_id"]), r"profile.toml: roles.concessions.need_one_of: must be a list of lists"),
    "no zone": (lambda d: d["profile.toml"]["crs"].update(zone=[]), r"profile.toml: crs.zone: needs at least one zone"),
    "unknown expectation": (lambda d: d["profile.toml"].update(expect={"min_rows": 1}), r"profile.toml: expect.min_rows: is no key"),
    "unknown key of a zone": (lambda d: d["profile.toml"]["crs"]["zone"][0].update(north=1), r"profile.toml: crs.zone\[0\].north: is no key"),
    "table that is a text": (lambda d: d["profile.toml"].update(crs="EPSG:4326"), r"profile.toml: crs: must be a table"),
    "unknown key beside cases": (lambda d: d["cases.toml"].update(cases=[]), r"cases.toml: cases: is no key"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_caught_when_the_profile_loads_and_names_file_and_key(name: str) -> None:
    change, text = MISTAKES[name]
    wrong = copy.deepcopy(documents())
    change(wrong)
    with pytest.raises(ProfileError, match=f"^{text}") as caught:
        parse_profile("zz", wrong)
    assert "\n" not in str(caught.value)
