"""`explain`: what is said of one registration, on the world of cells and on the sample."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geoasm import pipeline, schema
from geoasm.api import run_study
from geoasm.codes import AsmClass, Role
from geoasm.errors import OptionError, UnknownRegistration
from geoasm.io.profiles import load_profile
from geoasm.io.study import read_study
from geoasm.model import Options, RawLayer, Result, Source
from geoasm.render.explanation import WIDTH, explain
from geoasm.render.labels import LANGUAGES, Labels
from tests.cells import CLASSES, DEGREES, JUAN, ROSA, ZONE, X, Y, whole_world

ES, EN = Labels("es"), Labels("en")
WORLD = [f"REG{cell:02}" for cell in CLASSES]


def run(frames: dict[Role, pd.DataFrame], **options: object) -> Result:
    raw = {}
    for role, frame in frames.items():
        crs = ZONE if isinstance(frame, gpd.GeoDataFrame) else None
        rows = frame.reset_index(drop=True)
        rows["source_row"] = range(1, len(rows) + 1)
        raw[role] = RawLayer(rows, Source(role.value, f"{role}.csv", rows=len(rows), crs_read=crs))
    return pipeline.run(raw, load_profile("pe"), Options(on=date(2024, 6, 1), **options))


def world(code: str, **columns: str | None) -> dict[Role, pd.DataFrame]:
    """The world of cells with some columns of one registration changed."""
    frames = whole_world()
    rows = frames[Role.REGISTRATIONS]
    for name, value in columns.items():
        rows.loc[rows["COD_REINFO"] == code, name] = value
    return frames


def at(east: float) -> dict[str, str]:
    """Place a point so many metres east of the first cell's corner."""
    lon, lat = DEGREES.transform(X + east, Y + 500)
    return {"LONGITUD_G84": f"{lon:.7f}", "LATITUD_G84": f"{lat:.7f}"}


@pytest.fixture(scope="module")
def result() -> Result:
    return run(whole_world())


@pytest.fixture(scope="module")
def sample_run(sample: Path) -> Result:
    return run_study(read_study(sample / "study.toml"))


def said(result: Result, code: str, labels: Labels = ES, **asked: str) -> str:
    """The explanation on one line, so that a sentence is found wherever it was broken."""
    return " ".join(explain(result, code, labels, **asked).text().split())


def of_row(result: Result, code: str, **columns: object) -> Result:
    """The run with some columns of one registration changed."""
    rows = result.registrations.copy()
    for name, value in columns.items():
        rows.loc[rows["registration_id"] == code, name] = value
    return replace(result, registrations=rows)


# --- whatever the registration


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", WORLD)
def test_every_class_is_explained_in_lines_that_a_terminal_shows(
    result: Result, code: str, language: str
) -> None:
    labels = Labels(language)
    text = explain(result, code, labels).text()
    assert max(map(len, text.splitlines())) <= WIDTH
    row = result.registrations.set_index("registration_id").loc[code]
    flat = " ".join(text.split())
    assert code in flat
    assert labels.class_name(row["asm_class"]) in flat
    assert labels.code("pathway", row["pathway"]) in flat
    assert row["rule_id"] in flat
    assert all(right in flat for right in row["right_ids"].split(";"))
    assert "{" not in flat
    assert labels.text("common.disclaimer") in flat


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_answer_of_the_sample_is_explained(sample_run: Result, language: str) -> None:
    labels, rows = Labels(language), sample_run.registrations
    kinds = rows.assign(flag=rows["flags"].str.split(";")).explode("flag")
    kinds = kinds.drop_duplicates(["flag", "asm_class", "basis"])
    kinds = pd.concat([kinds, rows.drop_duplicates(["rule_id", "declared_relation"])])
    assert set(kinds["asm_class"]) == {str(c) for c in AsmClass}
    for code in kinds["registration_id"].unique():
        text = explain(sample_run, code, labels).text()
        assert "{" not in text
        assert max(map(len, text.splitlines())) <= WIDTH


def test_texts_follow_the_language(result: Result) -> None:
    assert "Qué decidió" in said(result, "REG01")
    english = said(result, "REG01", EN)
    assert "What decided" in english
    assert "decidió" not in english


def test_facts_are_what_json_knows_and_stand_in_codes(result: Result) -> None:
    told = explain(result, "REG13", ES).machine()
    assert json.loads(json.dumps(told)) == told
    assert told["registration"]["asm_class"] == "on_small_scale"
    assert [right["code"] for right in told["rights"]] == ["010000012", "010000013"]
    assert [right["decides"] for right in told["rights"]] == [True, False]
    assert told["law_on"] == "2024-06-01"
    assert told["text"]["sections"][0]["heading"].startswith("Derechos en el punto")
    assert set(told["registration"]) >= set(schema.REGISTRATIONS.names) - {"geometry"}


def test_an_unknown_code_is_answered_with_the_nearest(result: Result) -> None:
    with pytest.raises(UnknownRegistration, match=r"'REG1'.*REG01, REG10, REG11") as err:
        explain(result, "REG1", ES)
    assert "\n" not in str(err.value)


def test_the_nearest_code_has_its_characters_in_the_same_order(result: Result) -> None:
    frame = result.registrations.copy()
    frame["registration_id"] = [f"0{i}0000{i}0{i}" for i in range(len(frame))]
    frame.loc[0, "registration_id"] = "090000344"
    frame.loc[1:4, "registration_id"] = ["500004390", "030000954", "040000935", "903450000"]
    with pytest.raises(UnknownRegistration, match="090000344"):
        explain(replace(result, registrations=frame), "090000345", ES)


# --- who is named


def test_the_public_reads_no_name_of_a_person_and_no_number(result: Result) -> None:
    for code in WORLD:
        text = said(result, code) + json.dumps(explain(result, code, ES).machine())
        assert not any(word in text for word in ("QUISPE", "PEREZ", ROSA, JUAN))
    assert "MINERA GRANDE S.A." in said(result, "REG01")


def test_an_internal_reader_is_given_names_and_warned(result: Result) -> None:
    text = said(result, "REG00", audience="internal")
    assert "QUISPE MAMANI" in text
    assert ES.text("common.internal") in text
    bare = replace(result, parties=schema.empty(schema.PARTIES))
    with pytest.raises(OptionError, match="private"):
        explain(bare, "REG00", ES, audience="internal")
    assert "persona natural" in said(bare, "REG00")


def test_private_values_of_issues_are_shown_to_no_public() -> None:
    result = run(world("REG01", M_RUC="10999999999"))
    assert "10999999999" not in said(result, "REG01")
    assert "RUC no válido" in said(result, "REG01")
    assert "10999999999" in said(result, "REG01", audience="internal")


# --- what decided, what was ruled out


def test_the_rule_and_its_article_are_named_and_doubt_about_it_too(result: Result) -> None:
    assert "TUO art. 91" in said(result, "REG01")
    assert "por verificar" not in said(result, "REG01").split("Referencia:")[1].split("Qué se")[0]
    assert "Referencia: por verificar." in said(result, "REG09")


def test_steps_above_the_one_that_decided_are_ruled_out(result: Result) -> None:
    open_ground = said(result, "REG09").split("Qué se descartó")[1].split("Qué tan seguro")[0]
    for words in ("Área cerrada", "Título vigente", "Zona reservada", "Petitorio", "extinguido"):
        assert words in open_ground
    title = said(result, "REG01").split("Qué se descartó")[1].split("Qué tan seguro")[0]
    assert "Concesión propia: ningún título del punto es del inscrito" in title
    assert "Petitorio" not in title
    assert "Qué se descartó" not in said(result, "REG12")


def test_the_junior_title_is_passed_over_for_its_date(result: Result) -> None:
    text = said(result, "REG13")
    assert "010000013: no decide; se formuló el 1 ene. 2000, después" in text
    assert "010000012 DERECHO 13: Titulado — DECIDE" in text


def test_a_senior_title_of_another_is_a_conflict_to_settle(result: Result) -> None:
    text = said(result, "REG14")
    assert "010000014: va antes y es de otro titular" in text
    assert "Aclarar el conflicto con el título que va antes: 010000014." in text


def test_closed_ground_goes_before_the_right_and_says_which_is_older(result: Result) -> None:
    text = said(result, "REG10")
    assert "áreas naturales protegidas: PARQUE" in text
    assert "010000009: no decide; el terreno cerrado va antes" in text
    assert "El derecho es anterior al área cerrada" in text


def test_a_tie_is_told_from_an_order_that_nobody_chose(result: Result) -> None:
    assert "se formularon a la par y llevan a clases distintas" in said(result, "REG11")
    left_open = run(whole_world(), stacked="ambiguous")
    assert "se pidió no decidir entre ellos" in said(left_open, "REG13")


def test_what_is_not_known_of_the_holder_is_said(result: Result) -> None:
    assert "El estrato del titular de 010000004 no se conoce." in said(result, "REG03")
    nobody = run(world("REG01", M_RUC=None, NOMBRE_MIN=None))
    assert "No consta quién es el inscrito" in said(nobody, "REG01")
    assert "Concesión propia: no se puede afirmar ni descartar." in said(nobody, "REG01")
    bare = whole_world()
    del bare[Role.STRATA]
    assert "No se dio una tabla de estratos." in said(run(bare), "REG01")


def test_idleness_is_evidence_and_no_status(result: Result) -> None:
    text = said(result, "REG04")
    assert "penalidad 2022, penalidad 2023" in text
    assert "no es un estado legal" in text
    assert "coexistencia" not in text


def test_what_was_not_given_is_said_and_not_ruled_out(result: Result) -> None:
    missing = result.summary["untested"]
    assert "restricted_areas" in missing
    assert "pero no se dieron: áreas restringidas a la actividad minera" in said(result, "REG01")


# --- how sure


def test_a_class_that_no_shift_changes_is_said_to_be_so(result: Result) -> None:
    sure = of_row(result, "REG01", class_probability=1.0, second_class=None)
    assert "ningún desplazamiento cambia la clase" in said(sure, "REG01")


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (0.7, 0.3, "Le sigue: En área libre, 30.0 %."),
        (0.3, 0.7, "más probable que la clase del punto es otra: En área libre, 70.0 %."),
    ],
)
def test_the_second_class_is_told_also_where_it_is_likelier(
    result: Result, first: float, second: float, words: str
) -> None:
    odds = {"class_probability": first, "second_probability": second}
    text = said(of_row(result, "REG01", second_class="open_ground", **odds), "REG01")
    assert f"probabilidad de {100 * first:.1f} %" in text
    assert words in text


def test_a_run_without_certainty_says_that_it_has_none(result: Result) -> None:
    unsure = of_row(result, "REG01", class_probability=float("nan"))
    assert "No se calculó la probabilidad" in said(unsure, "REG01")


@pytest.mark.parametrize("flag", ["edge_uncertain", "datum_sensitive", "zone_sensitive"])
def test_doubt_about_the_position_is_said_and_checked_first(result: Result, flag: str) -> None:
    text = said(of_row(result, "REG01", flags=flag), "REG01")
    assert ES.text(f"explain_sure.{flag}") in text
    first = text.split("Qué comprobar primero")[1].split(" - ")[1]
    assert first == ES.text("explain_check.position")


def test_a_mended_position_is_noted_and_checked() -> None:
    there = at(2500)
    swapped = {"LONGITUD_G84": there["LATITUD_G84"], "LATITUD_G84": there["LONGITUD_G84"]}
    text = said(run(world("REG01", **swapped)), "REG01")
    assert "ejes intercambiados" in text
    assert "La posición se corrigió al leerla" in text
    assert ES.text("explain_check.position") in text


# --- the declared right


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("010000002", "Declaró 010000002 DERECHO 1, que cubre el punto y decide."),
        ("010000005", "Tiene el mismo titular que el derecho del punto."),
        ("010000003", "Tiene otro titular que el derecho del punto."),
        ("010000007", "que está extinguido, a"),
        ("210000002", "a un carácter: 010000002."),
        ("999999999", "código que el catastro no tiene."),
        (None, "El inscrito no declaró ningún derecho."),
    ],
)
def test_the_declared_right_is_compared(declared: str | None, words: str) -> None:
    assert words in said(run(world("REG01", ID_UNIDAD=declared)), "REG01")


def test_a_class_by_declaration_says_on_what_it_rests() -> None:
    nowhere = {"LONGITUD_G84": None, "LATITUD_G84": None}
    result = run(world("REG01", ID_UNIDAD="010000002", **nowhere))
    text = said(result, "REG01")
    assert "La clase sale del derecho declarado, 010000002" in text
    assert "No hay probabilidad" in text
    assert "Áreas cerradas y zonas reservadas: sin posición no se pueden comprobar." in text
    assert "de MINERA GRANDE S.A." in text


# --- what would change it


def test_the_nearest_other_right_is_told_with_its_distance() -> None:
    text = said(run(world("REG09", **at(1850))), "REG09")
    assert "A 150 m está 010000002 (titulado, régimen general" in text


def test_the_edge_of_the_right_that_decided_is_told_where_it_is_near() -> None:
    near = said(run(world("REG01", **at(2100))), "REG01")
    assert "Un punto 100 m más allá, cruzando el lindero, ya no estaría en 010000002." in near


def test_a_contract_explains_the_pathway_and_is_to_be_read() -> None:
    frames = whole_world()
    contract = {"concession_id": ["010000002"], "ruc": [JUAN], "date": ["2020-01-01"]}
    frames[Role.CONTRACTS] = pd.DataFrame(contract, dtype="str")
    text = said(run(frames), "REG01")
    assert "consta un contrato del inscrito por 010000002" in text
    assert "Leer el contrato" in text
    assert "preguntar si ya hay contrato" not in text


# --- what is not known, in words that are true


BETWEEN = {"slope_deg": 11.04, "setting": "unknown", "water_distance_m": 120.0}


def test_a_slope_between_the_limits_is_said_to_lie_between(result: Result) -> None:
    between = of_row(result, "REG03", **BETWEEN)
    assert (
        "Setting: not determined: the slope, 11°, lies between 5° (alluvial at most) and 15° (hard rock "
        "at least); water at 120 m." in said(between, "REG03", EN)
    )
    assert "la pendiente, 11°, queda entre 5°" in said(between, "REG03")
    steeper = of_row(result, "REG03", **{**BETWEEN, "slope_deg": 14.94})
    assert f"la pendiente, {ES.number(14.9, 1)}°, queda entre" in said(steeper, "REG03")


@pytest.mark.parametrize(
    ("water", "words"), [(900.0, "(the nearest: 900 m)"), (None, "(the nearest: no data)")]
)
def test_gentle_ground_away_from_water_is_said_to_be_so(
    result: Result, water: float | None, words: str
) -> None:
    dry = of_row(result, "REG03", slope_deg=2.0, setting="unknown", water_distance_m=water)
    text = said(dry, "REG03", EN)
    assert "not determined: the slope, 2°, is gentle enough for alluvial ground (up to 5°)" in text
    assert f"no water is known within 500 m {words}." in text


def test_a_setting_that_is_known_or_has_no_slope_is_told_as_it_is(result: Result) -> None:
    known = of_row(result, "REG03", slope_deg=20.0, setting="hard_rock")
    assert "Setting: hard rock (slope 20°" in said(known, "REG03", EN)
    flat = of_row(result, "REG03", setting="unknown", water_distance_m=120.0)
    assert "Setting: not determined (slope no data, water at 120 m)." in said(flat, "REG03", EN)


def test_evidence_that_is_of_other_rights_or_later_days_is_not_said_to_be_missing(
    result: Result,
) -> None:
    day = date(2024, 6, 1)
    english = f"given and dated up to {EN.day(day)} speaks for or against work on this right"
    spanish = f"con fecha hasta el {ES.day(day)} habla a favor ni en contra"
    assert english in said(result, "REG02", EN)
    assert spanish in said(result, "REG02")


def test_the_stratum_of_a_right_that_is_no_title_is_said_to_be_its_holder_s(result: Result) -> None:
    rows = result.registrations.set_index("registration_id")
    rights = result.concessions.copy()
    for code, asm_class in CLASSES.items():
        row = rows.loc[f"REG{code:02}"]
        if asm_class not in ("on_pending_claim", "on_extinct_claim", "on_other_right"):
            continue
        assert row["holder_stratum"] == "unknown"
        at_point = rights["concession_id"] == row["concession_id"]
        rights.loc[at_point, ["holder_stratum", "stratum_basis"]] = ["small_scale", "official"]
        text = said(replace(result, concessions=rights), f"REG{code:02}", EN)
        told = text[: text.index("What decided")]
        small = EN.code("holder_stratum", "small_scale")
        assert f"not known to be a title in force; of its holder: {small}" in told
        assert told.count(small) == 1
