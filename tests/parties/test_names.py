"""Names as registers and cadastres spell them: what is one name, and whom one text names."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.io.profiles import load_profile
from geoasm.parties.names import (
    CUT,
    describe_texts,
    in_digits,
    is_numeral,
    name_keys,
    read_names,
)
from tests.parties.sides import RULES, text


def key_of(name: str | None, width: int | None = None) -> str | None:
    key = name_keys(text([name]), RULES, width)["key"].iloc[0]
    return None if pd.isna(key) else key


def parts(name: str, width: int | None = None) -> list[str]:
    """The keys of everybody whom a text names."""
    return [part.key for part in read_names([name], RULES, width)[0].parts]


# --- one name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Minera Ñuñoa S.A.C.", "MINERA NUNOA SAC"),
        ("MINERA X S. A. C.", "minera x  s.a.c"),
        ("MINERA X S.A.C.", "MINERA X SOCIEDAD ANÓNIMA CERRADA"),
        ("CIA. MINERA X S.A.", "COMPAÑÍA MINERA X SOCIEDAD ANÓNIMA"),
        ("MINERA X S.A.", "S.A. MINERA X"),
        ("X S.R.L.", "X SOCIEDAD DE RESPONSABILIDAD LIMITADA"),
        ("X S.R.LTDA.", "X S. DE R.L."),
        ("X E.I.R.L.", "X EMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA"),
        ("S.M.R.L. LOS ROSALES", "SOCIEDAD MINERA DE RESPONSABILIDAD LIMITADA LOS ROSALES"),
        ("S.M.R.L. ROSA N° 3", "SMRL ROSA 3"),
        ("O & G S.R.L.", "O Y G SRL"),
        ("MINERA X S.A.C. (EN LIQUIDACION)", "MINERA X S.A.C."),
        ("MINERA X S.A.C. (EN LIQUID", "MINERA X S.A.C."),
        ("MINERA X (S.A.C.)", "MINERA X S.A.C."),
        ("MINERA (NORTE) X S.A.C.", "MINERA NORTE X S.A.C."),
        ("PÉREZ LÓPEZ, JUAN", "Juan Pérez  López"),
        ("QUISPE-MAMANI ROSA", "ROSA QUISPE MAMANI"),
        ("QUISPE MAMANI ROSA (60%)", "QUISPE MAMANI ROSA"),
        ("QUISPE MAMANI ROSA (60 % DE LOS DERECHOS)", "QUISPE MAMANI ROSA"),
        ("QUISPE MAMANI ROSA 60%", "QUISPE MAMANI ROSA"),
        ("MINERA X S.A.C. (VER NOTA)", "MINERA X S.A.C."),
        ("S.M.R.L. X (II)", "S.M.R.L. X II"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert key_of(one) == key_of(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MINERA X S.A.", "MINERA X S.A.C."),
        ("MINERA X S.A.C.", "X MINERA S.A.C."),
        ("MINERA X S.A.C.", "MINERA X"),
        ("MINERA (NORTE) X S.A.C.", "MINERA X S.A.C."),  # only a remark at the end is one
        ("CONSORCIO ABC", "EMPRESA MINERA ABC"),
        ("CORPORACION ABC", "CONSORCIO ABC"),
        ("ABC INC", "ABC CORP"),
        ("COMUNIDAD CAMPESINA SAN JUAN", "COMUNIDAD NATIVA SAN JUAN"),
        ("MINERA X I S.A.C.", "MINERA X II S.A.C."),
        ("PEREZ LOPEZ JUAN", "PEREZ LOPEZ JUANA"),
        ("JUAN PEREZ", "JUAN PEREZ PEREZ"),
        ("GRUPO MINERO NORTE", "NORTE MINERO GRUPO"),
        ("INMOBILIARIA SANTA ANA", "SANTA ANA INMOBILIARIA"),
        ("ALTO 2000 NORTE", "NORTE ALTO 2000"),
        ("ROSA QUISPE Y JUAN MAMANI", "JUAN QUISPE Y ROSA MAMANI"),  # two couples
        ("ORO 100% S.A.C.", "ORO S.A.C."),
    ],
)
def test_names_of_two(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    ("remarked", "plain"),
    [
        ("SMRL SANTA ROSA (II)", "SMRL SANTA ROSA"),
        ("SMRL SANTA ROSA (2", "SMRL SANTA ROSA"),
        ("MINERA X S.A.C. (DOS)", "MINERA X S.A.C."),
        ("MINERA X S.A.C. (ANTES Y, S.A.)", "MINERA X S.A.C."),
        ("MINERA X S.A.C. (EN LIQUIDACION DESDE 2015)", "MINERA X S.A.C."),
        ("MINERA X (PERU S.A.C.", "MINERA X"),
        ("MINERA X (PERU)", "MINERA X"),
        ("QUISPE MAMANI ROSA (SUCESION)", "QUISPE MAMANI ROSA"),
        (
            "QUISPE MAMANI ROSA (HEREDEROS DE PEREZ LOPEZ JUAN Y SOTO VEGA LUZ)",
            "QUISPE MAMANI ROSA",
        ),
    ],
)
def test_a_remark_that_may_be_part_of_the_name_is_kept_and_told(remarked: str, plain: str) -> None:
    told = name_keys(text([remarked, plain]), RULES)
    assert told["key"].iloc[0] != told["key"].iloc[1]
    assert told["bare"].iloc[0] == told["key"].iloc[1]
    assert pd.isna(told["bare"].iloc[1])
    assert len(parts(remarked)) == 1


def test_a_form_in_a_remark_makes_nobody_a_firm() -> None:
    """Names of firms are published; the firm in the remark may be another one."""
    told = name_keys(text(["PEREZ LOPEZ JUAN (MINERA X S.A.C.)", "X (SAC)"]), RULES)
    assert told["is_legal"].tolist() == [False, True]
    assert not told["is_person"].any()


@pytest.mark.parametrize("nothing", [None, "", "   ", "...", "(?)"])
def test_a_name_without_words_is_none(nothing: str | None) -> None:
    assert key_of(nothing) is None


@pytest.mark.parametrize("nobody", ["SIN TITULAR", "z> ÁREA EXTINGUIDA", "S/N", "No registra"])
def test_what_stands_in_the_place_of_a_name_is_none(nobody: str) -> None:
    assert key_of(nobody) is None
    assert parts(nobody) == []
    assert key_of(f"{nobody} LOPEZ") is not None


@pytest.mark.parametrize(
    ("name", "is_legal"),
    [
        ("MINERA X S.A.C.", True),
        ("COOPERATIVA MINERA", True),
        ("COMUNIDAD CAMPESINA DE X", True),
        ("ROSA SACO SALAS", False),
        ("INCA ROSA", False),
        ("", False),
    ],
)
def test_a_legal_form_must_be_a_word_of_its_own(name: str, is_legal: bool) -> None:
    assert name_keys(text([name]), RULES)["is_legal"].tolist() == [is_legal]


@pytest.mark.parametrize(
    ("name", "is_person"),
    [
        ("QUISPE MAMANI ROSA", True),
        ("QUISPE ROSA", False),  # too short to be sure
        ("QUISPE M ROSA", False),
        ("QUISPE MAMANI S.A.C.", False),
        ("INVERSIONES QUISPE MAMANI", False),
        ("QUISPE Y MAMANI ROSA", False),
        ("QUISPE MAMANI 2000", False),
    ],
)
def test_a_name_is_a_person_s_only_where_it_surely_looks_so(name: str, is_person: bool) -> None:
    assert name_keys(text([name]), RULES)["is_person"].tolist() == [is_person]


def test_keys_keep_the_index_of_the_names() -> None:
    keys = name_keys(text(["B", None, "A B"]).set_axis([5, 9, 2]), RULES)
    assert keys.index.tolist() == [5, 9, 2]
    assert keys["key"].isna().tolist() == [False, True, False]


def test_texts_that_are_known_are_not_read_again() -> None:
    known = describe_texts(text(["X SAC", None, "A B", "X SAC"]), RULES).assign(key="AS BEFORE")
    keys = name_keys(text(["C", "A B", None, "X SAC", "C"]), RULES, known=known)
    assert keys["key"].fillna("-").tolist() == ["C", "AS BEFORE", "-", "AS BEFORE", "C"]
    assert keys["is_legal"].tolist() == [False, False, False, True, False]


def test_no_name_is_read_together_with_its_neighbour() -> None:
    """Brackets left open, line breaks and legal forms at either end stay within their name."""
    names = ["X (EN LIQ", "SA", "S", "A C", "A\nB", "SOCIEDAD", "ANONIMA", ") Z SAC", "", "(SAC"]
    together = name_keys(text(names), RULES)
    for name, key, is_legal in zip(names, together["key"], together["is_legal"], strict=True):
        alone = name_keys(text([name]), RULES)
        assert (alone["key"].iloc[0] == key) or (pd.isna(key) and pd.isna(alone["key"].iloc[0]))
        assert alone["is_legal"].iloc[0] == is_legal
    assert together["key"].iloc[0] == "X"
    assert together["key"].iloc[4] == "A B"


NAMES = st.tuples(
    st.lists(
        st.sampled_from(["QUISPE", "MAMANI", "ROSA", "MINERA", "Y", "SAN", "(X)", "II", "&"]),
        min_size=1,
        max_size=5,
    ).map(" ".join),
    st.sampled_from(["", " S.A.C.", " S.A.C. (EN LIQUIDACION)"]),
).map("".join)


@settings(max_examples=40)
@given(NAMES, st.sampled_from(["lower", "title", "spaces", "stops"]))
def test_case_spaces_and_stops_never_count(name: str, how: str) -> None:
    spelt = {
        "lower": name.lower(),
        "title": name.title(),
        "spaces": f"  {name.replace(' ', '   ')} ",
        "stops": name.replace("S.A.C.", "SAC"),
    }[how]
    assert key_of(spelt) == key_of(name)


@settings(max_examples=20)
@given(st.lists(NAMES, max_size=8))
def test_a_name_s_key_depends_on_that_name_only(names: list[str]) -> None:
    together = name_keys(text(names), RULES)["key"]
    alone = [name_keys(text([name]), RULES)["key"].iloc[0] for name in names]
    assert together.fillna("-").tolist() == ["-" if pd.isna(k) else k for k in alone]


# --- joint holders


ROSA, JUAN = "MAMANI QUISPE ROSA", "JUAN LOPEZ PEREZ"
NORTE, SUR = "MINERA NORTE *SAC", "MINERA SUR *SA"


@pytest.mark.parametrize(
    ("joint", "each"),
    [
        ("QUISPE MAMANI ROSA, PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA Y PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA & PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA / PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA Y/O PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("QUISPE MAMANI, ROSA; PEREZ LOPEZ, JUAN", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA (60%), PEREZ LOPEZ JUAN (40%)", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA (33,3 %) PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("MINERA NORTE S.A.C. Y MINERA SUR S.A.", [NORTE, SUR]),
        ("MINERA NORTE S.A.C., QUISPE MAMANI ROSA Y PEREZ LOPEZ JUAN", [NORTE, ROSA, JUAN]),
        ("S.M.R.L. UNA / S.M.R.L. OTRA", ["UNA *SMRL", "OTRA *SMRL"]),
        ("QUISPE MAMANI ROSA 60%, PEREZ LOPEZ JUAN 40%", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA 60 % PEREZ LOPEZ JUAN 40 %", [ROSA, JUAN]),
        ("60% QUISPE MAMANI ROSA, 40% PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("QUISPE MAMANI ROSA 60% Y PEREZ LOPEZ JUAN", [ROSA, JUAN]),
        ("MINERA NORTE (60%) S.A.C. Y MINERA SUR S.A.", [NORTE, SUR]),
        ("PEREZ LOPEZ JUAN, MINERA SUR S.A. (DOS)", [JUAN, "MINERA SUR DOS *SA"]),
    ],
)
def test_joint_holders_are_told_apart(joint: str, each: list[str]) -> None:
    assert parts(joint) == each


@pytest.mark.parametrize(
    "one",
    [
        "PEREZ LOPEZ, JUAN",
        "PEREZ, LOPEZ, JUAN",
        "ROSA Y ANA QUISPE",
        "INVERSIONES Y TRANSPORTES X S.R.L.",
        "QUISPE, MAMANI Y ASOCIADOS S.A.C.",
        "TALLERES ROSA, JUAN Y ANA",
        "COMUNIDAD CAMPESINA SAN JUAN, SAN PEDRO Y ANEXOS",
        "MINERA NORTE S.A.C., SUCURSAL DEL PERU",
        "QUISPE MAMANI ROSA (60%)",
        "LUZ DEL VALLE Y AGUA DEL CERRO",  # particles make no name whole
        "JUAN JOSE RAMON Y CAJAL DE LA TORRE",
        "LUIS SAN MARTIN Y SANTA CRUZ ROSA",
        "ORO 100% PURO S.A.C.",
    ],
)
def test_a_separator_inside_one_name_splits_nothing(one: str) -> None:
    (reading,) = read_names([one], RULES)
    assert len(reading.parts) == 1
    assert not reading.is_open


BR = load_profile("br").parties


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ANA PAULA COUTO E SILVA DE OLIVEIRA", 1),
        ("JOSE CARLOS ROCHA E SOUZA DOS SANTOS", 1),
        ("JOAO CARLOS LIMA E SILVA SOUZA COSTA", 1),  # three surnames may follow
        ("ANA PAULA COUTO SOUZA / JOSE CARLOS ROCHA LIMA", 2),
        ("ANA PAULA COUTO (50%) E JOSE CARLOS ROCHA (50%)", 2),
    ],
)
def test_an_and_that_joins_surnames_parts_no_persons_by_itself(name: str, count: int) -> None:
    (reading,) = read_names([name], BR)
    assert len(reading.parts) == count


@pytest.mark.parametrize("rest", [" Y OTROS", " (Y OTROS)", ", Y OTRA.", " / otros", "; Y/O OTROS"])
def test_and_others_leaves_the_list_open(rest: str) -> None:
    (reading,) = read_names([f"QUISPE MAMANI ROSA{rest}"], RULES)
    assert [part.key for part in reading.parts] == [ROSA]
    assert [part.text for part in reading.parts] == ["QUISPE MAMANI ROSA"]
    assert reading.is_open


def test_others_within_a_name_are_a_word() -> None:
    (reading,) = read_names(["Y OTROS TIEMPOS QUISPE"], RULES)
    assert not reading.is_open


def test_each_part_keeps_its_own_text() -> None:
    (reading,) = read_names(["Minera Ñu S.A.C. (60%), QUISPE MAMANI, ROSA; Pérez Ruiz Juan"], RULES)
    told = [part.text for part in reading.parts]
    assert told == ["MINERA NU S.A.C.", "QUISPE MAMANI, ROSA", "PEREZ RUIZ JUAN"]
    assert [key_of(text_of) for text_of in told] == [part.key for part in reading.parts]
    (alone,) = read_names(["Pérez Ruiz, Juan"], RULES)
    assert [part.text for part in alone.parts] == ["Pérez Ruiz, Juan"]


# --- names that their source cut


def test_a_name_as_wide_as_the_column_is_cut_and_equals_no_whole_one() -> None:
    name = "MINERA NORTE S"
    assert key_of(name, width=20) == key_of(name)
    cut = key_of(name, width=len(name))
    assert cut != key_of(name)
    assert cut is not None
    assert cut.endswith(CUT)


def test_a_blank_may_be_the_last_character_that_was_kept() -> None:
    """What was cut behind a blank is one character short of the width when it is read."""
    name = "MINERA NORTE S"
    assert key_of(name, width=len(name) + 1) == key_of(name, width=len(name))
    assert key_of(name, width=len(name) + 2) == key_of(name)


def test_where_a_list_is_cut_its_last_name_is_and_the_list_goes_on() -> None:
    joint = "QUISPE MAMANI ROSA, PEREZ LOPEZ JUAN"
    (reading,) = read_names([joint], RULES, len(joint))
    assert [part.is_cut for part in reading.parts] == [False, True]
    assert reading.is_open


@pytest.mark.parametrize(
    ("word", "numbers"),
    [
        *((word, True) for word in ("II", "VI", "XIV", "7", "2B", "DOS", "SEGUNDA")),
        *((word, False) for word in ("MIL", "LIMA", "DIX", "")),
    ],
)
def test_words_that_number_the_firms_of_a_chain(word: str, numbers: bool) -> None:
    assert is_numeral(word, RULES) is numbers


@pytest.mark.parametrize(
    ("word", "digits"),
    [
        *(("SIETE", "7"), ("II", "2"), ("XIV", "14"), ("IX", "9"), ("SEGUNDA", "2"), ("07", "7")),
        *(("2B", "2B"), ("MIL", "MIL"), ("VEINTIOCHO", "28")),
    ],
)
def test_numbers_are_one_number_however_they_are_written(word: str, digits: str) -> None:
    assert in_digits(word, RULES) == digits
