"""Which registrations count, and at which gate rights stop: the first reason in its order is told."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoasm import candidates
from geoasm.candidates.gates import pass_gates, why_not_counted
from geoasm.codes import (
    Activity,
    AsmClass,
    ConcessionStatus,
    Gate,
    HolderActivity,
    HolderStratum,
    NotCounted,
    RegistrationStatus,
    Setting,
)
from geoasm.simulate import truth_prospects as oracle
from tests import scenes

REASONS: list[tuple[NotCounted, dict[str, str]]] = [
    (NotCounted.OWN_TITLE, {"asm_class": "own_title"}),
    (NotCounted.PROHIBITED, {"asm_class": "prohibited_area"}),
    (NotCounted.AMBIGUOUS, {"asm_class": "ambiguous"}),
    (NotCounted.UNLOCATABLE, {"asm_class": "unlocatable"}),
    (NotCounted.EXCLUDED, {"status": "excluded"}),
    (NotCounted.PROCESSING, {"activity": "processing"}),
    (NotCounted.ALLUVIAL, {"setting": "alluvial"}),
]


def why(
    registered: pd.DataFrame, decided_by: int = 0, status: str = "titled", other: bool = True
) -> object:
    n = len(registered)
    told = why_not_counted(
        registered, np.full(n, decided_by), scenes.rights(1, status=status), np.full(n, other)
    )
    return told.iloc[0]


@pytest.mark.parametrize(("reason", "change"), REASONS)
def test_each_reason_alone_is_told(reason: str, change: dict[str, str]) -> None:
    assert why(scenes.register(1, **change)) == reason


@pytest.mark.parametrize("at", range(len(REASONS)))
def test_of_several_reasons_the_first_is_told(at: int) -> None:
    change: dict[str, str] = {}
    for _, own in reversed(REASONS[at:]):
        change |= own
    assert why(scenes.register(1, **change), status="pending", other=False) == REASONS[at][0]


@pytest.mark.parametrize(
    "change",
    [{}, {"status": "suspended"}, {"status": "unknown"}, {"setting": "hard_rock"},
     {"activity": "unknown"}, {"asm_class": "on_idle_claim"}],
)  # fmt: skip
def test_a_third_party_on_a_title_in_force_counts_whatever_is_not_known_of_it(
    change: dict[str, str],
) -> None:
    assert pd.isna(why(scenes.register(1, **change)))


@pytest.mark.parametrize("status", ["pending", "extinct", "other", "unknown"])
def test_on_a_right_that_is_no_title_in_force_nobody_counts(status: str) -> None:
    assert why(scenes.register(1), status=status) == NotCounted.NO_TITLE


def test_where_no_right_decided_nobody_counts() -> None:
    assert why(scenes.register(1), decided_by=-1) == NotCounted.NO_TITLE
    assert why(scenes.register(1), decided_by=-1, other=False) == NotCounted.NO_TITLE


def test_a_registrant_who_may_be_the_holder_does_not_count() -> None:
    assert why(scenes.register(1), other=False) == NotCounted.UNKNOWN_PARTY


def reached(n_counted: int = 1, **change: Any) -> tuple[object, object]:
    told = pass_gates(scenes.rights(1, **change), np.array([n_counted])).iloc[0]
    return tuple(None if pd.isna(told[name]) else told[name] for name in ("gate", "verify"))


@pytest.mark.parametrize(
    ("n_counted", "change", "told"),
    [
        (1, {}, (None, None)),
        (0, {"status": "extinct", "holder_activity": "idle", "holder_stratum": "small_scale"},
         (Gate.NOT_IN_FORCE, None)),
        (0, {"holder_activity": "idle", "holder_stratum": "small_scale"}, (Gate.IDLE, None)),
        (0, {"holder_stratum": "small_scale"}, (Gate.SMALL_SCALE, None)),
        (0, {"holder_stratum": "unknown"}, (Gate.NONE_COUNTING, None)),
        (1, {"holder_stratum": "unknown", "activity_conflict": True,
             "holder_activity": "no_evidence"}, (None, "stratum")),
        (1, {"activity_conflict": True, "holder_activity": "no_evidence"}, (None, "conflict")),
        (1, {"activity_conflict": True}, (None, "conflict")),
        (1, {"holder_activity": "no_evidence"}, (None, "activity")),
    ],
)  # fmt: skip
def test_the_first_gate_and_then_the_first_question_is_told(
    n_counted: int, change: dict[str, Any], told: tuple[object, object]
) -> None:
    assert reached(n_counted, **change) == told


@pytest.mark.parametrize("dtype", ["str", "string"])
@pytest.mark.parametrize("column", ["status", "holder_stratum", "holder_activity"])
def test_a_missing_fact_closes_the_way_to_the_candidates(column: str, dtype: str) -> None:
    assert reached(1, **{column: pd.array([None], dtype=dtype)}) != (None, None)


# A world: rights, then registrations with the rights over them and the place of the one that decided.
# Chance alone next to never makes a candidate: many are as one needs it, or all but for one fact.
LARGE = ("titled", "active", "lsm_msm", False)
PLAIN = ("on_lsm_msm", "active", "extraction", "hard_rock", True)


def often(code: str, codes: type[StrEnum]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(code), st.sampled_from([str(v) for v in codes]))


RIGHT = st.one_of(
    st.just(LARGE),
    st.sampled_from([(*LARGE[:2], "unknown", False), (*LARGE[:3], True)]),
    st.tuples(
        often("titled", ConcessionStatus),
        often("active", HolderActivity),
        often("lsm_msm", HolderStratum),
        st.booleans(),
    ),
)
ENTRY = st.one_of(
    st.sampled_from([(*PLAIN, [right], right) for right in range(4)]),
    st.sampled_from([(code, *PLAIN[1:], [0], 0) for code in ("prohibited_area", "own_title")]),
    st.tuples(
        often("on_lsm_msm", AsmClass),
        often("active", RegistrationStatus),
        often("extraction", Activity),
        often("hard_rock", Setting),
        st.booleans(),
        st.lists(st.integers(0, 5), max_size=3, unique=True),
        st.integers(-1, 5),
    ),
)


def found_in(
    rows: list[tuple[Any, ...]], entries: list[tuple[Any, ...]]
) -> tuple[candidates.Prospects, pd.DataFrame, pd.DataFrame]:
    """Find candidates in a world; give its registrations and rights as well."""
    n = len(rows)
    columns = ["status", "holder_activity", "holder_stratum", "activity_conflict"]
    held = scenes.rights(n, **pd.DataFrame(rows, columns=columns).to_dict("list"))
    names = ["asm_class", "status", "activity", "setting"]
    told = pd.DataFrame([e[:4] for e in entries], columns=names)
    registered = scenes.register(len(entries), **told.to_dict("list"))
    over = [[r for r in e[5] if r < n] for e in entries]
    decided = [e[6] if e[6] < n else -1 for e in entries]
    other = np.array([e[4] for e in entries], dtype=bool)
    registered["not_counted"] = why_not_counted(registered, np.array(decided), held, other)
    scene = candidates.Scene(
        registrations=registered,
        decided_by=np.array(decided, dtype=np.intp),
        concessions=held,
        pairs=scenes.pairs(*((i, r) for i, some in enumerate(over) for r in some)),
        overlaps=scenes.overlaps(),
        ledger=scenes.ledger(),
        affiliates=scenes.affiliates([f"party {i}" for i in range(n)]),
        tables={},
        areas={},
        assessed=scenes.assessed(),
    )
    return candidates.find(scene, scenes.rules(draws=5)), registered.assign(over=over), held


@given(st.lists(RIGHT, min_size=1, max_size=6), st.lists(ENTRY, min_size=1, max_size=12))
def test_in_any_world_every_right_gets_as_far_as_the_facts_let_it(
    rows: list[tuple[Any, ...]], entries: list[tuple[Any, ...]]
) -> None:
    found, registered, held = found_in(rows, entries)
    decided = [e[6] if e[6] < len(rows) else -1 for e in entries]
    counts = []
    for entry, by, told in zip(entries, decided, registered["not_counted"], strict=True):
        status = held["status"].iloc[by] if by >= 0 else None
        reason = oracle.why_not(*entry[:4], status, entry[4])
        assert (None if pd.isna(told) else told) == reason
        counts.append(reason is None)
    expected: dict[str, str | None] = {}
    for i, right in enumerate(held.itertuples()):
        n_on = sum(
            i in over or by == i for over, by in zip(registered["over"], decided, strict=True)
        )
        n_counted = sum(c and by == i for c, by in zip(counts, decided, strict=True))
        facts = (right.status, right.holder_activity, right.holder_stratum, right.activity_conflict)
        told = oracle.prospect(*facts, n_on, n_counted)
        if told is not None:
            expected[right.concession_id] = told
    run = dict.fromkeys(found.candidates["concession_id"], "candidate")
    run |= dict(zip(found.rejected["concession_id"], found.rejected["gate"], strict=True))
    waiting = found.verify_first
    run |= dict(zip(waiting["concession_id"], "verify:" + waiting["verify"], strict=True))
    assert run == expected
    lists = (found.candidates, found.rejected, found.verify_first)
    assert sum(map(len, lists)) == len(run)  # none is named twice


@given(st.lists(RIGHT, min_size=2, max_size=6), st.lists(ENTRY, min_size=4, max_size=12))
def test_idle_extinct_pending_and_prohibited_ground_is_never_a_candidate(
    rows: list[tuple[Any, ...]], entries: list[tuple[Any, ...]]
) -> None:
    found, registered, held = found_in(rows, entries)
    chosen = held[held["concession_id"].isin(found.candidates["concession_id"])]
    assert (chosen["status"] == "titled").all()
    assert (chosen["holder_activity"] == "active").all()
    assert (chosen["holder_stratum"] == "lsm_msm").all()
    assert not chosen["activity_conflict"].any()
    decided = np.array([e[6] for e in entries])
    for right in chosen.index:
        on = registered[decided == right]
        assert not on["asm_class"].isin(["prohibited_area", "own_title"]).all()


def test_a_world_has_candidates_and_rights_at_every_gate() -> None:
    """The properties above do not hold for want of examples."""
    rows = [LARGE, ("titled", "idle", *LARGE[2:]), ("pending", *LARGE[1:]),
            ("titled", "active", "small_scale", False), ("titled", "no_evidence", *LARGE[2:]), LARGE]  # fmt: skip
    entries = [(*PLAIN, [i], i) for i in range(5)] + [("prohibited_area", *PLAIN[1:], [5], -1)]
    found, _, _ = found_in(rows, entries)
    assert found.candidates["concession_id"].tolist() == ["R0"]
    gates = dict(zip(found.rejected["concession_id"], found.rejected["gate"], strict=True))
    assert gates == {
        "R1": "idle",
        "R2": "not_in_force",
        "R3": "small_scale",
        "R5": "none_counting",
    }
    assert found.verify_first[["concession_id", "verify"]].values.tolist() == [["R4", "activity"]]


def test_an_entry_without_a_position_counts_on_the_right_that_it_declares() -> None:
    entry = ("on_lsm_msm", "active", "extraction", "unknown", True, [], 0)
    found, _, _ = found_in([("titled", "active", "lsm_msm", False)], [entry])
    assert found.candidates["n_registrations"].tolist() == [1]


def test_rejected_rights_tell_how_many_stand_on_them_and_how_many_count() -> None:
    plain = ("on_idle_claim", "active", "extraction", "hard_rock", True, [0], 0)
    gone = ("on_idle_claim", "excluded", "extraction", "hard_rock", True, [0], 0)
    found, _, _ = found_in([("titled", "idle", "lsm_msm", False)], [plain, plain, gone])
    row = found.rejected.iloc[0]
    assert (row["gate"], row["n_registrations"], row["n_counted"]) == ("idle", 3, 2)


def test_who_is_on_a_right_by_its_place_and_who_by_declaration_are_counted_together() -> None:
    here = ("on_idle_claim", "active", "extraction", "hard_rock", True, [0], 0)
    declared = (*here[:5], [], 0)
    found, _, _ = found_in([("titled", "idle", "lsm_msm", False)], [here, declared])
    assert found.rejected["n_registrations"].tolist() == [2]
