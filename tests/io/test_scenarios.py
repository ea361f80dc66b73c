"""Scenario files: what they may say, and one line for what they may not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geoasm.amendments import LevelChange, Measure, RuleChange, Where
from geoasm.codes import AsmClass, ClosureLevel, MeasureKind
from geoasm.errors import OptionError, SourceNotFound
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.scenarios import find_scenario, list_scenarios, read_scenario

WHOLE = """
[scenario]
name = { es = "Prueba", en = "Trial" }
why = "Porque sí"
reference = "Somebody 2022"
verified = true
on = 2027-01-01

[options]
position_sigma_m = 250
stacked = "ambiguous"

[parameters]
idle_penalty_years = 10
presumed_small_forms = ["natural"]

[rules."pe.idle"]
off = true

[rules.pe.lsm_msm]
then = "on_small_scale"
unknown = "ambiguous"

[[area_level]]
code = "ZA"
level = "hard"

[[measure]]
kind = "rights_lapse"
where = { status = "titled", admin_1 = ["PUNO", "CUSCO"], min_registrations = 2, candidate = false }
free = true
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_that_a_scenario_may_say_is_read(tmp_path: Path) -> None:
    said = read_scenario(write(tmp_path, WHOLE))
    assert said.names == {"es": "Prueba", "en": "Trial"}
    assert said.why == {"es": "Porque sí", "en": "Porque sí"}
    assert (said.reference, said.verified, said.on) == ("Somebody 2022", True, date(2027, 1, 1))
    assert (said.position_sigma_m, said.stacked) == (250.0, "ambiguous")
    assert said.parameters == {"idle_penalty_years": 10, "presumed_small_forms": ("natural",)}
    assert said.rules == {
        "pe.idle": RuleChange(off=True),
        "pe.lsm_msm": RuleChange(then=AsmClass.ON_SMALL_SCALE, unknown=AsmClass.AMBIGUOUS),
    }
    assert said.area_levels == (LevelChange("ZA", ClosureLevel.HARD),)
    where = Where(
        status=("titled",), admin_1=("PUNO", "CUSCO"), min_registrations=2, candidate=False
    )
    assert said.measures == (Measure(MeasureKind.RIGHTS_LAPSE, where, free=True),)


HEAD = '[scenario]\nname = "x"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"^mine\.toml: scenario\.name: is missing"),
        ("x", r"^mine\.toml: not a TOML file in UTF-8"),
        (HEAD + "[parametres]\n", r"parametres: is not known here; did you mean parameters\?"),
        ('[scenario]\nnam = "x"\n', r"scenario\.nam: is not known here; did you mean name\?"),
        ('[scenario]\nname = { fr = "x" }\n', r"scenario\.name\.fr: is not known"),
        ('[scenario]\nname = "x"\non = "2026"\n', r"scenario\.on: must be a day"),
        (HEAD + "options = 3", r"scenario\.options: is not known"),
        (HEAD + '[options]\nposition_sigma_m = "250"', r"options\.position_sigma_m: must be a num"),
        (
            HEAD + '[options]\nstacked = "senior"',
            r"options\.stacked: 'senior' is none of seniority",
        ),
        (HEAD + '[rules."pe.idle"]\n', r"rules\.pe\.idle: changes nothing"),
        (HEAD + '[rules."pe.idle"]\nthen = "idle"', r"rules\.pe\.idle\.then: 'idle' is none of"),
        (HEAD + "[rules]\npe = 3", r"rules\.pe: must be a table"),
        (HEAD + "[parameters]\nx = true", r"parameters\.x: must be a number"),
        (HEAD + "[area_level]\n", r"area_level: must be tables: write \[\[area_level\]\]"),
        (HEAD + "[[area_level]]\nlevel = 'hard'", r"area_level\[0\]\.code: must be a text"),
        (
            HEAD + "[[measure]]\nkind = 'rights_laps'",
            r"measure\[0\]\.kind: 'rights_laps' is none of",
        ),
        (
            HEAD + "[[measure]]\nkind = 'ground_reserved'\nfree = true",
            r"measure\[0\]\.free: goes with kind = 'rights_lapse'",
        ),
        (
            HEAD + "[[measure]]\nkind = 'rights_lapse'\nwhere = { regions = 'PUNO' }",
            r"where\.regions: is not known here",
        ),
        (
            HEAD + "[[measure]]\nkind = 'rights_lapse'\nwhere = { status = 'idle' }",
            r"where\.status: 'idle' is none of titled",
        ),
        (
            HEAD + "[[measure]]\nkind = 'rights_lapse'\nwhere = { min_registrations = 0.5 }",
            r"min_registrations: must be a whole number from 1",
        ),
        (
            HEAD + "[[measure]]\nkind = 'rights_lapse'\nwhere = { holder = [] }",
            r"where\.holder: names nothing",
        ),
    ],
)
def test_what_no_scenario_can_say_is_one_line_with_file_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        read_scenario(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_scenario_is_found_by_name_or_path(tmp_path: Path) -> None:
    own = write(tmp_path, WHOLE)
    assert find_scenario(own) == own
    assert find_scenario("title_reform").name == "title_reform.toml"
    with pytest.raises(SourceNotFound, match="coexistence_agreements, state_acquires_extinct, ti"):
        find_scenario("title_refrom")


@pytest.mark.parametrize("name", list_scenarios())
def test_the_scenarios_of_the_package_are_whole_and_know_no_country(name: str) -> None:
    path = find_scenario(name)
    said = read_scenario(path)
    assert said.measures
    assert set(said.names) == set(said.why) == {"es", "en"}
    assert said.reference
    assert [*said.parameters, *said.rules, *said.area_levels] == []
    text = path.read_text(encoding="utf-8").casefold()
    for code in list_profiles():
        assert not any(str(n).casefold() in text for n in load_profile(code).names.values())
