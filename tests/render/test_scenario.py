"""scenario.html says what is supposed and what moves, in numbers that are those of the tables."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

import pytest

from geoasm import schema
from geoasm.amendments import (
    Chosen,
    Effects,
    LevelChange,
    Measure,
    RuleChange,
    Scenario,
    Where,
    measure,
    tally,
)
from geoasm.codes import AsmClass, ClosureLevel, LeftAlone, MeasureKind
from geoasm.io.profiles import load_profile
from geoasm.model import Result
from geoasm.render.labels import Labels
from geoasm.render.scenario import scenario_html
from tests.baselines import ON
from tests.scenes import register

LAW = load_profile("pe").law.at(ON)
HOSTILE = "<script>document.title='hacked'</script>"


def run(n: int, **columns: Any) -> Result:
    names = [f.name for f in fields(Result) if f.name in schema.TABLES]
    empty = {name: schema.empty(schema.TABLES[name]) for name in names}
    return Result(
        **{**empty, "registrations": register(n, **columns)},
        summary={"on": ON.isoformat(), "title": HOSTILE},
        manifest={"options": {"stacked": "seniority", "position_sigma_m": None}},
    )


def lapse(**where: Any) -> Chosen:
    asked = Measure(MeasureKind.RIGHTS_LAPSE, Where(**where), free=True)
    left = {LeftAlone.NOT_IN_FORCE: 7}
    return Chosen(asked, ("A", "B"), 1234.5, ("000", "001", "002"), left)


def page(
    scenario: Scenario, chosen: list[Chosen], before: Result, after: Result, language: str = "es"
) -> str:
    asked = replace(scenario, measures=tuple(one.measure for one in chosen))
    effects = measure(asked, chosen, before, after)
    return drawn(asked, chosen, before, after, effects, language)


def drawn(
    asked: Scenario,
    chosen: list[Chosen],
    before: Result,
    after: Result,
    effects: Effects,
    language: str = "es",
) -> str:
    numbers = tally(asked, chosen, (LAW, LAW), (before, after), effects)
    return scenario_html(asked, numbers, effects, before, after, Labels(language))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


REFORM = Scenario("s.toml", {"es": HOSTILE, "en": HOSTILE}, reference="Nadie 2022", verified=False)
BEFORE = run(4, right_ids=["A", "A", "B", ""], admin_1=["NORTE", "NORTE", "SUR", "SUR"])
AFTER = run(
    4,
    asm_class=["on_extinct_claim", "on_extinct_claim", "on_lsm_msm", "on_lsm_msm"],
    pathway=["claim_ground", "claim_ground", "complete_formalization", "coexistence_agreement"],
)


def test_what_is_supposed_is_said_with_its_numbers() -> None:
    text = words(page(REFORM, [lapse(holder_activity=("idle",), candidate=False)], BEFORE, AFTER))
    assert "actividad del titular: con indicios de ociosidad" in text
    assert "no candidato a la coexistencia" in text
    assert "Derechos: 2 (1,234 ha sumadas)" in text
    assert "Inscripciones en ellos: 3; de ellas cambian 3" in text
    assert "derechos que no son títulos vigentes: 7" in text
    assert "Nadie 2022 (referencia por verificar)" in text


def test_what_moves_is_counted_once() -> None:
    text = words(page(REFORM, [lapse(status=("titled",))], BEFORE, AFTER))
    assert "3 de 4 inscripciones cambian de clase o de vía" in text
    assert "1 llegan a la vía de culminar la formalización, y 0 dejan de tenerla" in text
    assert re.search(r"En concesión extinguida 0 2 \+2 0 2", text)
    assert re.search(r"En concesión de gran o mediana minería 4 2 -2 2 0", text)
    assert re.search(r"caduca un derecho en el punto .* 2 ", text)
    assert re.search(r"NORTE 2 2 -2 \+2", text)  # class by region


def test_law_and_options_are_said_as_before_and_after() -> None:
    scenario = replace(
        REFORM,
        stacked="ambiguous",
        position_sigma_m=250.0,
        parameters={"idle_penalty_years": 2},
        rules={"pe.idle": RuleChange(off=True), "pe.x": RuleChange(then=AsmClass.OPEN_GROUND)},
        area_levels=(LevelChange("ZA", ClosureLevel.HARD),),
    )
    text = words(page(scenario, [], BEFORE, BEFORE, "en"))
    for said in (
        "Parameter idle_penalty_years: 2 → 2.",
        "Rule pe.idle does not apply.",
        "Rule pe.x leads to:",
        "Areas of code ZA:",
        "100 m → 100 m",
        "the most senior decides → the most senior decides",
    ):
        assert said in text


@pytest.mark.parametrize("language", ["es", "en"])
def test_texts_of_others_are_texts(language: str) -> None:
    html = page(REFORM, [lapse(concession_id=(HOSTILE,))], BEFORE, AFTER, language)
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") >= 3
    assert f'<html lang="{language}"' in html


def test_a_measure_without_rights_and_a_position_error_say_why_nothing_moves() -> None:
    none = replace(lapse(holder_activity=("idle",)), concession_ids=(), registration_ids=())
    text = words(page(REFORM, [none], BEFORE, BEFORE))
    assert "Ningún derecho de la corrida cumple" in text
    assert "Ninguna inscripción cambia" in text
    sigma = replace(REFORM, position_sigma_m=250.0)
    assert "no cambia clases ni vías" in words(page(sigma, [], BEFORE, BEFORE))


def test_flows_that_do_not_add_up_are_not_hidden() -> None:
    effects = replace(measure(REFORM, [], BEFORE, AFTER), faults=("on_idle_claim",))
    assert "«En concesión ociosa» no cuadran" in words(drawn(REFORM, [], BEFORE, AFTER, effects))


def test_holders_are_counted_and_never_named() -> None:
    text = page(REFORM, [lapse(holder=("QUISPE MAMANI, ROSA", "10412345678"))], BEFORE, AFTER)
    assert "titulares nombrados: 2" in words(text)
    assert "QUISPE" not in text
    assert "10412345678" not in text
