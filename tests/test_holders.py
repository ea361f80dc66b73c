"""Who registered, who holds, and when the two are the same: numbers first, then the exact name."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geoasm.holders import Parties, has_contract, identify, name_keys, same_holder, strata
from geoasm.io.profiles import load_profile

RULES = load_profile("pe").parties
ON = date(2024, 6, 1)
ROSA, JUAN, OTHER_JUAN = "10456789012", "10123456789", "10987654321"
FIRM, SISTER = "20100000001", "20100000002"


def text(values: list) -> pd.Series:
    return pd.Series(values, dtype="str")


def key_of(name: str | None) -> str | None:
    key = name_keys(text([name]), RULES)["key"].iloc[0]
    return None if pd.isna(key) else key


def register(*people: tuple[str | None, str | None]) -> pd.DataFrame:
    """Give registrations as (name, number)."""
    frame = pd.DataFrame({"registration_id": text([f"A{i:03}" for i in range(len(people))])})
    frame["registrant_name"] = text([n for n, _ in people])
    return frame.assign(ruc=text([r for _, r in people]), source_row=range(1, len(people) + 1))


def cadastre(*names: str | None) -> pd.DataFrame:
    ids = text([f"R{i}" for i in range(len(names))])
    frame = pd.DataFrame({"concession_id": ids, "holder_name": text(list(names))})
    return frame.assign(source_row=range(1, len(names) + 1))


def table(*rows: tuple[str, str]) -> pd.DataFrame:
    """Give holders as (name, number)."""
    frame = pd.DataFrame({"holder_name": text([n for n, _ in rows])})
    return frame.assign(ruc=text([r for _, r in rows]), source_row=range(1, len(rows) + 1))


def answers(parties: Parties, registrants: str = "persons") -> list[list[object]]:
    """Ask for each registrant (row) and holder (column) whether they are the same; None: unknown."""
    n, m = len(parties.registrant), len(parties.holder)
    registrant = parties.registrant.take(np.repeat(np.arange(n), m)).reset_index(drop=True)
    holder = parties.holder.take(np.tile(np.arange(m), n)).reset_index(drop=True)
    same = same_holder(registrant, holder, parties.frame, registrants)
    plain = [None if pd.isna(v) else bool(v) for v in same]
    return [plain[i * m : (i + 1) * m] for i in range(n)]


# --- names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Minera Ñuñoa S.A.C.", "MINERA NUNOA SAC"),
        ("MINERA X S. A. C.", "minera x  s.a.c"),
        ("CIA. MINERA X S.A.", "COMPAÑÍA MINERA X SOCIEDAD ANÓNIMA"),
        ("X S.R.L.", "X SOCIEDAD DE RESPONSABILIDAD LIMITADA"),
        ("X E.I.R.L.", "X EMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA"),
        ("S.M.R.L. LOS ROSALES", "SOCIEDAD MINERA DE RESPONSABILIDAD LIMITADA LOS ROSALES"),
        ("MINERA X S.A.C. (EN LIQUIDACION)", "MINERA X S.A.C."),
        ("MINERA X S.A.C. (EN LIQUID", "MINERA X S.A.C."),
        ("PÉREZ LÓPEZ, JUAN", "Juan Pérez  López"),
        ("QUISPE-MAMANI ROSA", "ROSA QUISPE MAMANI"),
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
        ("CONSORCIO ABC", "EMPRESA MINERA ABC"),
        ("CORPORACION ABC", "CONSORCIO ABC"),
        ("ABC INC", "ABC CORP"),
        ("COMUNIDAD CAMPESINA SAN JUAN", "COMUNIDAD NATIVA SAN JUAN"),
        ("PEREZ LOPEZ JUAN", "PEREZ LOPEZ JUANA"),
        ("JUAN PEREZ", "JUAN PEREZ PEREZ"),
    ],
)
def test_names_of_two(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize("nothing", [None, "", "   ", "...", "(?)"])
def test_a_name_without_words_is_none(nothing: str | None) -> None:
    assert key_of(nothing) is None


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


def test_keys_keep_the_index_of_the_names() -> None:
    keys = name_keys(text(["B", None, "A B"]).set_axis([5, 9, 2]), RULES)
    assert keys.index.tolist() == [5, 9, 2]
    assert keys["key"].isna().tolist() == [False, True, False]


def test_no_name_is_read_together_with_its_neighbour() -> None:
    """Brackets left open, line breaks and legal forms at either end stay within their name."""
    names = ["X (EN LIQ", "SA", "S", "A C", "A\nB", "SOCIEDAD", "ANONIMA", ") Y SAC", "", "(SAC"]
    together = name_keys(text(names), RULES)
    for name, key, is_legal in zip(names, together["key"], together["is_legal"], strict=True):
        alone = name_keys(text([name]), RULES)
        assert (alone["key"].iloc[0] == key) or (pd.isna(key) and pd.isna(alone["key"].iloc[0]))
        assert alone["is_legal"].iloc[0] == is_legal
    assert together["key"].iloc[0] == "X"
    assert together["key"].iloc[4] == "A B"


# --- the same party or not


def test_without_numbers_the_exact_name_decides() -> None:
    parties = identify(register(("Juan Pérez", None)), cadastre("PEREZ, JUAN", "PEREZ JOSE"), RULES)
    assert answers(parties) == [[True, False]]


def test_numbers_on_both_sides_outrank_the_name() -> None:
    people = register(("JUAN PEREZ", JUAN), ("J. PEREZ", OTHER_JUAN))
    known = table(("JUAN PEREZ", OTHER_JUAN))
    parties = identify(people, cadastre("JUAN PEREZ"), RULES, known)
    assert answers(parties) == [[False], [True]]


def test_the_sole_bearer_of_a_name_lends_it_the_number() -> None:
    people = register(("ROSA QUISPE", ROSA), ("ROSA QUISPE", None))
    parties = identify(people, cadastre("QUISPE ROSA"), RULES)
    assert answers(parties) == [[True], [True]]
    assert parties.frame["ruc"].tolist() == [ROSA]


def test_a_name_that_two_numbers_bear_decides_nothing() -> None:
    people = register(("JUAN PEREZ", JUAN), ("JUAN PEREZ", OTHER_JUAN), ("ROSA QUISPE", ROSA))
    parties = identify(people, cadastre("PEREZ JUAN"), RULES)
    assert answers(parties) == [[None], [None], [False]]


def test_homonyms_are_reported_and_their_name_kept_private() -> None:
    people = register(("JUAN PEREZ", JUAN), ("JUAN PEREZ", OTHER_JUAN), ("JUAN PEREZ", None))
    found = identify(people, cadastre("X SAC", "PEREZ JUAN"), RULES).issues
    assert found[["source", "row", "problem", "value"]].values.tolist() == [
        ["registrations", 3, "ambiguous_name", "JUAN PEREZ"],
        ["concessions", 2, "ambiguous_name", "PEREZ JUAN"],
    ]
    assert found["private"].all()
    assert not found["detail"].str.contains("PEREZ").any()


def test_homonyms_stay_unknown_under_every_spelling_of_a_number() -> None:
    """The number's first spelling is another one: the second is the homonym all the same."""
    people = register(("A. PEREZ", JUAN), ("JUAN PEREZ", JUAN), ("JUAN PEREZ", OTHER_JUAN))
    parties = identify(people, cadastre("JUAN PEREZ"), RULES)
    assert answers(parties) == [[None], [None], [None]]


def test_a_holder_named_twice_in_the_table_keeps_its_number() -> None:
    people = register(("JUAN PEREZ", JUAN))
    known = table(("JUAN PEREZ", OTHER_JUAN), ("PEREZ, JUAN", OTHER_JUAN))
    assert answers(identify(people, cadastre("JUAN PEREZ"), RULES, known)) == [[False]]


def test_nobody_known_is_nobody_s_equal() -> None:
    people = register((None, None), ("JUAN PEREZ", None))
    assert answers(identify(people, cadastre(None, "JUAN PEREZ"), RULES)) == [
        [None, None],
        [None, True],
    ]


def test_a_number_and_a_name_cannot_be_compared() -> None:
    """A register of numbers alone says nothing of a cadastre of names alone."""
    parties = identify(register((None, JUAN)), cadastre("JUAN PEREZ"), RULES)
    assert answers(parties) == [[None]]


def test_a_register_without_persons_has_no_equals() -> None:
    parties = identify(register(("X SAC", None), (None, None)), cadastre("X SAC", None), RULES)
    assert answers(parties, "none") == [[False, False], [False, False]]


def test_similar_names_are_never_the_same() -> None:
    parties = identify(register(("JUAN PERES", None)), cadastre("JUAN PEREZ"), RULES)
    assert answers(parties) == [[False]]


@pytest.mark.parametrize(
    ("name", "number", "kind"),
    [
        ("ROSA QUISPE", None, "natural"),
        ("MINERA X SAC", None, "legal"),
        ("ROSA QUISPE", FIRM, "legal"),
        ("ROSA QUISPE S.A.C.", ROSA, "natural"),
    ],
)
def test_the_number_tells_firms_from_persons_else_the_legal_form(
    name: str, number: str | None, kind: str
) -> None:
    assert identify(register((name, number)), cadastre(), RULES).frame["kind"].tolist() == [kind]


def test_numbers_of_parties_do_not_hang_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(2)
    names = ["JUAN PEREZ", "PEREZ, JUAN", "ROSA QUISPE", "X S.A.C.", "Y SAC", None]
    numbers = [JUAN, OTHER_JUAN, FIRM, None, None]
    people = register(*[(names[rng.integers(6)], numbers[rng.integers(5)]) for _ in range(60)])
    rights = cadastre(*[names[i] for i in rng.integers(6, size=40)])
    first = identify(people, rights, RULES)
    p, r = rng.permutation(60), rng.permutation(40)
    again = identify(
        people.iloc[p].reset_index(drop=True), rights.iloc[r].reset_index(drop=True), RULES
    )
    pd.testing.assert_frame_equal(again.frame, first.frame)
    assert again.registrant.tolist() == first.registrant.iloc[p].tolist()
    assert again.holder.tolist() == first.holder.iloc[r].tolist()


def test_parties_are_numbered_by_their_first_registration_then_by_their_first_right() -> None:
    people = register(("ZOILA", None), ("ANA", None), ("ZOILA", None))
    rights = cadastre("MINERA B", "ANA", "MINERA A", "MINERA B")
    parties = identify(people, rights, RULES, table(("AARON", FIRM)))
    assert parties.frame["name"].tolist() == ["ZOILA", "ANA", "MINERA B", "MINERA A"]
    assert parties.registrant.tolist() == [1, 2, 1]
    assert parties.holder.tolist() == [3, 2, 4, 3]


def test_the_number_of_a_party_does_not_tell_the_rank_of_its_identity_number() -> None:
    numbers = [JUAN, ROSA, OTHER_JUAN, FIRM]
    for order in (numbers, numbers[::-1]):
        people = register(*[(f"NAME {i}", ruc) for i, ruc in enumerate(order)])
        assert identify(people, cadastre(), RULES).registrant.tolist() == [1, 2, 3, 4]


def test_a_party_bears_the_first_of_its_spellings_and_all_of_its_keys() -> None:
    people = register(("R. QUISPE", ROSA), (None, ROSA), ("ROSA QUISPE", ROSA), ("QUISPE, R", ROSA))
    (party,) = identify(people, cadastre(), RULES).frame.itertuples()
    assert party.name == "QUISPE, R"
    assert party.keys == ("QUISPE R", "QUISPE ROSA")


@pytest.mark.parametrize(("n_people", "n_rights"), [(0, 0), (0, 1), (1, 0)])
def test_empty_sides(n_people: int, n_rights: int) -> None:
    parties = identify(register(*[("A", None)] * n_people), cadastre(*["B"] * n_rights), RULES)
    assert len(parties.registrant) == n_people
    assert len(parties.holder) == n_rights
    assert len(parties.frame) == n_people + n_rights
    assert answers(parties) == [[False] * n_rights] * n_people


# --- contracts


def test_a_contract_counts_from_the_day_it_was_signed() -> None:
    parties = identify(register(("ROSA QUISPE", ROSA), ("X", None)), cadastre("Y SAC"), RULES)
    contracts = pd.DataFrame({"concession_id": text(["R0", "R1", "R2", "R0"])})
    contracts["ruc"] = text([ROSA, ROSA, ROSA, None])
    contracts["signed_on"] = pd.Series([ON, "2024-06-02", None, None], dtype="datetime64[s]")
    asked = text(["R0", "R1", "R2", "R3", "R0"])
    registrant = parties.registrant.take([0, 0, 0, 0, 1]).reset_index(drop=True)
    found = has_contract(registrant, asked, parties.frame, contracts, on=ON)
    assert found.tolist() == [True, False, True, False, False]
    assert not has_contract(registrant, asked, parties.frame, None, on=ON).any()


# --- strata


def stated(*rows: tuple[str | None, str | None, str, str | None]) -> pd.DataFrame:
    """Give strata as (name, number, stratum, valid on)."""
    names, numbers, values, days = zip(*rows, strict=True)
    frame = pd.DataFrame({"holder_name": text(list(names)), "ruc": text(list(numbers))})
    frame["stratum"] = text(list(values))
    frame["valid_on"] = pd.Series(list(days), dtype="datetime64[s]")
    return frame.assign(source_row=range(1, len(rows) + 1))


def stratum_of(
    holder: str | None, rows: pd.DataFrame | None, known: pd.DataFrame | None = None, **right: str
) -> tuple[str, str]:
    rights = cadastre(holder).assign(**{name: text([v]) for name, v in right.items()})
    parties = identify(register(), rights, RULES, known)
    got = strata(rights, parties.holder, parties.frame, RULES, table=rows, on=ON)
    return tuple(got.iloc[0])


def test_the_latest_certificate_of_the_day_holds() -> None:
    rows = [
        ("X SAC", None, "small_scale", "2020-01-01"),
        ("X SAC", None, "lsm_msm", "2024-06-01"),
        ("X SAC", None, "small_scale", "2024-06-02"),
        ("X SAC", None, "small_scale", None),
    ]
    assert stratum_of("X S.A.C.", stated(*rows)) == ("lsm_msm", "official")
    assert stratum_of("X S.A.C.", stated(*rows[::-1])) == ("lsm_msm", "official")
    assert stratum_of("X S.A.C.", stated(rows[2])) == ("unknown", "none")
    assert stratum_of("X S.A.C.", stated(rows[3])) == ("small_scale", "official")


def test_certificates_of_one_day_that_contradict_each_other_say_nothing() -> None:
    rows = [("X SAC", None, "small_scale", "2020-01-01"), ("X SAC", None, "lsm_msm", "2020-01-01")]
    assert stratum_of("X SAC", stated(*rows)) == ("unknown", "none")
    later = ("X SAC", None, "lsm_msm", "2021-01-01")
    assert stratum_of("X SAC", stated(later, *rows)) == ("lsm_msm", "official")


def test_the_number_outranks_the_name() -> None:
    rows = stated(("X SAC", SISTER, "small_scale", None), ("OLD NAME", FIRM, "lsm_msm", None))
    assert stratum_of("X SAC", rows, table(("X SAC", FIRM))) == ("lsm_msm", "official")


def test_a_certificate_by_name_finds_the_holder_under_any_of_its_spellings() -> None:
    rights = cadastre("ZETA MINERA SAC")
    people = register(("ALFA MINERA SAC", FIRM))
    known = table(("ZETA MINERA SAC", FIRM))
    parties = identify(people, rights, RULES, known)
    rows = stated(("ZETA MINERA S.A.C.", None, "lsm_msm", None))
    got = strata(rights, parties.holder, parties.frame, RULES, table=rows, on=ON)
    assert got["holder_stratum"].tolist() == ["lsm_msm"]


def test_a_certificate_by_a_name_that_two_bear_says_nothing() -> None:
    rights = cadastre("JUAN PEREZ")
    people = register(("JUAN PEREZ", JUAN), ("JUAN PEREZ", OTHER_JUAN))
    parties = identify(people, rights, RULES)
    rows = stated(("JUAN PEREZ", None, "small_scale", None))
    got = strata(rights, parties.holder, parties.frame, RULES, table=rows, on=ON)
    assert got["holder_stratum"].tolist() == ["unknown"]


def test_the_kind_of_licence_speaks_until_a_table_does() -> None:
    licence = {"stratum_by_licence": "small_scale"}
    assert stratum_of("X SAC", None, **licence) == ("small_scale", "licence_type")
    assert stratum_of("X SAC", None, stratum_by_licence="unknown") == ("unknown", "none")
    table_says = stated(("X SAC", None, "lsm_msm", None))
    assert stratum_of("X SAC", table_says, **licence) == ("lsm_msm", "official")
    unreadable = stated(("X SAC", None, "unknown", None))
    assert stratum_of("X SAC", unreadable, **licence) == ("unknown", "none")


def test_a_holder_nobody_knows_has_no_stratum() -> None:
    assert stratum_of(None, stated(("X SAC", None, "lsm_msm", None))) == ("unknown", "none")
    assert stratum_of("Y SAC", stated(("X SAC", None, "lsm_msm", None))) == ("unknown", "none")
    assert stratum_of("Y SAC", None) == ("unknown", "none")
