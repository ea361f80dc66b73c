"""Words in the names of columns."""

from __future__ import annotations

import pytest

from geoasm.codes import DRAFTED_ROLES
from geoasm.draft.words import first_word, parts_of, read_catalogue
from geoasm.io.profiles import read_template


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("TIT_CONCES", ("TIT", "CONCES")),
        ("licenceNo", ("LICENCE", "NO")),
        ("Situação do título", ("SITUACAO", "DO", "TITULO")),
        ("DSProcesso", ("DS", "PROCESSO")),
        ("armed_group1", ("ARMED", "GROUP", "1")),
        ("---", ()),
    ],
)
def test_names_are_parted_at_marks_and_capitals(name: str, parts: tuple[str, ...]) -> None:
    assert parts_of(name) == parts


def test_a_word_is_found_as_a_part_and_not_within_one() -> None:
    assert first_word("NOM_TITULAR", ("TITULAR",)) == "TITULAR"
    assert first_word("SUBTITULARES", ("TITULAR",)) is None
    assert first_word("licence number", ("NUMBER", "LICENCE NUMBER")) == "NUMBER"
    assert first_word("number of licence", ("LICENCE NUMBER",)) is None


def test_a_word_cut_to_ten_characters_is_found_and_a_short_head_is_no_word() -> None:
    assert first_word("ID_CONCESI", ("CONCESION",)) == "CONCESION"
    assert first_word("ID_CONCES", ("CONCESION",)) is None
    assert first_word("SUBS", ("SUBSTANCE",)) == "SUBSTANCE"
    assert first_word("is_3t_mine", ("MINERO",)) is None


def test_a_word_that_must_be_whole_is_not_found_cut() -> None:
    assert first_word("IDENTI", ("IDENTITY",)) == "IDENTITY"
    assert first_word("IDENTI", ("IDENTITY",), whole=True) is None


def test_every_role_that_is_drafted_is_looked_for_and_no_other() -> None:
    assert tuple(read_catalogue(read_template()[1]).fields) == DRAFTED_ROLES
