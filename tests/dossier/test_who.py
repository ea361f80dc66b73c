"""Whom a dossier is about: equal names whatever their spelling, and never a mere likeness."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geoasm import schema
from geoasm.dossier import find_group, find_holder
from geoasm.errors import OptionError, UnknownHolder
from geoasm.io.profiles import load_profile
from geoasm.model import Result
from tests.screened import HOLDER, number_of, sample_run

RULES = load_profile("pe").parties


@pytest.fixture(scope="module")
def result() -> Result:
    return sample_run()


@pytest.fixture(scope="module")
def person(result: Result) -> tuple[int, str, str]:
    """Number, name and RUC of a natural person who holds rights."""
    held = result.parties[result.parties["party_id"].isin(result.holders["holder_id"])]
    row = held[(held["kind"] == "natural") & held["ruc"].notna() & held["members"].isna()].iloc[0]
    return int(row["party_id"]), str(row["name"]), str(row["ruc"])


@pytest.mark.parametrize(
    "asked",
    [
        HOLDER,
        "exploraciones guenstrequiri tunistrelva sociedad anonima",
        "  Exploraciones  Guenstrequiri Tuñistrelva S. A. ",
        str(number_of(HOLDER)),
    ],
)
def test_a_holder_is_found_by_any_spelling_of_its_name_and_by_its_number(
    result: Result, asked: str
) -> None:
    assert find_holder(result, asked, RULES).party == number_of(HOLDER)


def test_a_holder_is_found_by_its_ruc_where_the_run_still_has_it(
    result: Result, person: tuple[int, str, str]
) -> None:
    number, _, ruc = person
    assert find_holder(result, ruc, RULES).party == number
    public = replace(result, parties=schema.empty(schema.PARTIES))
    with pytest.raises(OptionError, match=r"private/parties\.parquet"):
        find_holder(public, ruc, RULES)


def test_a_wrong_name_lists_the_five_nearest_with_their_numbers(result: Result) -> None:
    with pytest.raises(UnknownHolder) as caught:
        find_holder(result, "EXPLORACIONES GUENSTREQUIRI TUÑISTRELLA S.A.", RULES)
    text = str(caught.value)
    assert text.count("(no. ") == 5
    assert text.split("nearest: ")[1].startswith(f"{HOLDER} (no. {number_of(HOLDER)});")
    assert "\n" not in text


def test_persons_are_found_by_name_and_told_of_to_internal_readers_only(
    result: Result, person: tuple[int, str, str]
) -> None:
    number, name, _ = person
    assert find_holder(result, name, RULES, with_private=True).party == number
    with pytest.raises(UnknownHolder) as caught:
        find_holder(result, name, RULES)
    natural = set(result.parties.loc[result.parties["kind"] == "natural", "name"].dropna())
    listed = str(caught.value).split("nearest:")[1]
    assert not [n for n in natural if n in listed]


def test_a_name_that_two_holders_bear_lists_both_and_the_number_decides(result: Result) -> None:
    twice = result.holders.copy()
    other = int(twice.loc[twice["name"].isna(), "holder_id"].iloc[0])
    twice.loc[twice["holder_id"] == other, "name"] = HOLDER.title()
    two = replace(result, holders=twice)
    with pytest.raises(UnknownHolder, match="2 holders") as caught:
        find_holder(two, HOLDER, RULES)
    for number in (other, number_of(HOLDER)):
        assert f"no. {number}" in str(caught.value)
        assert find_holder(two, str(number), RULES).party == number


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("20100017491", "number or RUC; the cadastre"),  # it may be somebody's
        ("20100017492", "number or RUC, whose check digit does not fit"),
        ("30100017491", "no RUC begins with 30"),
        ("201000174911", "12 digits where a RUC has 11"),
        ("999999", "number or RUC; the cadastre"),
        ("9" * 5000, "where a RUC has 11"),
    ],
)
def test_an_unknown_number_is_no_holder_and_a_mistyped_one_is_told(
    result: Result, asked: str, told: str
) -> None:
    with pytest.raises(UnknownHolder, match="no holder has this number or RUC") as caught:
        find_holder(result, asked, RULES)
    assert told in str(caught.value)


@pytest.mark.parametrize("asked", ["", "   ", "...", " - & - ", "S.A.C.", "NO REGISTRA"])
def test_what_has_no_name_in_it_is_like_nobody(result: Result, asked: str) -> None:
    with pytest.raises(OptionError, match="no name is in it") as caught:
        find_holder(result, asked, RULES)
    assert "nearest" not in str(caught.value)


@pytest.mark.parametrize("asked", ["", "  ", "--"])
def test_a_group_without_a_name_is_like_none(result: Result, asked: str) -> None:
    with pytest.raises(OptionError, match="no name is in it"):
        find_group(result, asked)


def test_a_group_is_found_whatever_the_accents_and_a_wrong_one_lists_the_nearest(
    result: Result,
) -> None:
    group = "GRUPO GUENLLABÉLLO"
    named = result.parties.loc[result.parties["group"] == group, "party_id"]
    shown = result.holders.set_index("holder_id")["group"].reindex(named).dropna().unique()
    assert find_group(result, shown[0]).group == shown[0]
    assert find_group(result, "grupo guenllabello").group == shown[0]
    assert shown[0] != group  # a person is in it: its name is not published
    with pytest.raises(UnknownHolder, match="nearest: 'GRUPO VELZANDA'") as caught:
        find_group(result, "gvelzand")
    assert group not in str(caught.value)
    none = replace(result, holders=result.holders.assign(group=None).astype({"group": "str"}))
    with pytest.raises(UnknownHolder, match="no groups"):
        find_group(none, group)
