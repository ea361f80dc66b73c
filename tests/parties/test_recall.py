"""Planted holders: nobody is taken for another, and next to none is lost."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import identity
from benchmarks.identity import BESIDE, MIX, Measured, Planted, by_fault, found, measure, plant
from geoasm.parties import blocks, identify
from geoasm.parties.likeness import Judge
from geoasm.parties.names import CUT, name_keys
from geoasm.parties.review import find_similar
from geoasm.simulate.spellings import LIKE_NAME, OF_ANOTHER, SAME_NAME, Fault
from tests.parties.sides import RULES

HOLDERS, REGISTRANTS = 6_000, 5_500


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(np.random.default_rng(4), RULES, HOLDERS, REGISTRANTS)


@pytest.fixture(scope="module")
def measured(planted: Planted) -> Measured:
    return measure(planted, RULES)


def test_the_plant_is_what_it_says(planted: Planted) -> None:
    truth = planted.truth
    assert len(planted.concessions) == HOLDERS
    assert len(planted.registrations) == REGISTRANTS
    assert truth["registration"].is_unique
    assert set(truth["fault"]) == {*map(str, Fault), BESIDE}
    assert by_fault(truth.assign(outcome="own"), MIX)["pairs"].min() >= 40
    names = planted.registrations["registrant_name"].iloc[truth["registration"]].array
    spelt = planted.concessions["holder_name"].iloc[truth["right"]].array
    differ = truth["fault"][names != spelt]
    assert set(differ) >= {str(f) for f in Fault} - {Fault.NONE, Fault.HOMONYM}
    assert not {Fault.NONE, Fault.HOMONYM, BESIDE} & set(differ)
    assert sum(MIX.values()) == 100


def test_nobody_is_taken_for_a_holder_but_homonyms_of_whom_no_number_is_known(
    measured: Measured,
) -> None:
    assert measured.false_own == 0
    taken = identity.taken_homonyms(measured.truth)
    assert taken == identity.planted_homonyms(measured.truth) > 0


@pytest.mark.parametrize("fault", [Fault.SHARED_SURNAME, Fault.SIBLING_FIRM])
def test_a_family_and_a_chain_of_firms_are_several(measured: Measured, fault: Fault) -> None:
    ((pairs, own, review, _),) = by_fault(measured.truth, [fault]).to_numpy()
    assert own == 0
    assert review <= 0.02 * pairs


def test_ninety_five_of_a_hundred_holders_are_found(measured: Measured) -> None:
    """Exactly or in the review list, over faults as often as registers show them: see MIX."""
    assert found(measured.truth) >= 0.98
    unlike = {fault: weight for fault, weight in MIX.items() if fault in LIKE_NAME}
    assert found(measured.truth, unlike) >= 0.97


def test_names_that_are_the_same_match_exactly_and_others_never(measured: Measured) -> None:
    same, like = (by_fault(measured.truth, some) for some in (SAME_NAME, LIKE_NAME))
    assert (same["own"] == same["pairs"]).all()
    assert (like["own"] == 0).all()


@pytest.mark.parametrize("fault", LIKE_NAME)
def test_of_every_kind_of_fault_nine_of_ten_are_found(measured: Measured, fault: Fault) -> None:
    ((pairs, own, review, _),) = by_fault(measured.truth, [fault]).to_numpy()
    assert own + review >= 0.9 * pairs


def test_a_known_number_settles_every_spelling(measured: Measured) -> None:
    known = measured.truth[measured.truth["known"]]
    assert len(known) > 100
    assert (known.loc[known["is_true"], "outcome"] == "own").all()
    assert (known.loc[~known["is_true"], "outcome"] == "apart").all()
    assert set(known.loc[~known["is_true"], "fault"]) == set(map(str, OF_ANOTHER))


def test_a_holder_beside_a_namesake_is_asked_about(measured: Measured) -> None:
    ((pairs, _, review, _),) = by_fault(measured.truth, [BESIDE]).to_numpy()
    assert review == pairs > 0


def test_the_review_list_is_worth_reading(measured: Measured) -> None:
    assert measured.review["is_true"].mean() > 0.5
    assert len(measured.review) < 0.2 * REGISTRANTS


def test_few_of_all_pairs_are_compared(planted: Planted) -> None:
    sides = planted.registrations["registrant_name"], planted.concessions["holder_name"]
    words = [key.split() for side in sides for key in name_keys(side, RULES)["key"]]
    registers = np.arange(len(words)) < REGISTRANTS
    one, _ = blocks.pair(words, registers, ~registers)
    assert len(one) < 20 * len(words)


def test_comparing_few_pairs_finds_what_comparing_all_would(planted: Planted) -> None:
    some = planted.truth[planted.truth["fault"].isin(map(str, LIKE_NAME))].head(350)
    people = planted.registrations.iloc[some["registration"]].reset_index(drop=True)
    rights = planted.concessions.iloc[some["right"]].reset_index(drop=True)
    parties = identify(people.drop(columns="ruc"), rights, RULES)
    likely = find_similar(parties, RULES)
    kept = set(zip(likely["registrant_id"], likely["member_id"], strict=True))
    keys = parties.frame.set_index("party_id")["keys"].map(lambda some: some[0])
    words = {party: key.split() for party, key in keys.items()}
    judge = Judge(RULES)
    by_all = {
        (one, other)
        for one in parties.registrant
        for other in parties.holder
        if not keys[other].endswith(CUT) and judge(words[one], words[other]) is not None
    }
    assert len(by_all) > 250
    assert len(by_all - kept) <= 0.01 * len(by_all)
