"""Rows that are alike in what a table is ordered by keep their order, on every machine and at any length."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geoasm.dossier import gather, of_holder
from geoasm.render import dossier as page
from geoasm.render.dossier_parts import Shown, make_ready
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from geoasm.render.scenario_tables import score_table
from geoasm.render.tables import Table
from tests.screened import HOLDER, number_of, sample_run

# As many as a sort that is not stable stirs up; codes that no catalogue has stand for themselves.
CODES = [f"code {i:02d}" for i in range(60)]
TWICE, ONCE = CODES[::2], CODES[1::2]


def heads(table: Table) -> list[str]:
    return [row[0].text for row in table.rows]


@pytest.fixture
def shown() -> Shown:
    result, labels = sample_run(), Labels("en")
    dossier = gather(result, of_holder(result, number_of(HOLDER)))
    return make_ready(dossier, result.summary, None, labels, Names(result, labels, "public"))


def test_statuses_of_as_many_rights_are_in_the_order_of_their_codes(shown: Shown) -> None:
    rights = pd.DataFrame({"status": [*CODES, *TWICE]}).assign(
        area_ha=1.0, concession_id=lambda rows: rows.index.astype(str)
    )
    listed = page._statuses(replace(shown, dossier=replace(shown.dossier, rights=rights)))
    assert listed is not None
    assert heads(listed.table) == [*TWICE, *ONCE]


def test_kinds_of_evidence_in_as_many_pieces_are_in_the_order_of_their_codes(shown: Shown) -> None:
    rows = pd.DataFrame({"kind": [*CODES, *TWICE]}).assign(
        says="idle", counts=True, concession_id="1"
    )
    listed = page._evidence(replace(shown, dossier=replace(shown.dossier, evidence=rows)))
    assert listed is not None
    assert heads(listed.table) == [*TWICE, *ONCE]


def test_gates_that_stop_as_many_rights_are_in_the_order_of_their_codes(shown: Shown) -> None:
    rows = pd.DataFrame({"gate": [*CODES, *TWICE]}).assign(concession_id="1", n_registrations=1)
    listed = page._rejected(replace(shown, rejected=rows))
    assert listed is not None
    assert heads(listed.table) == [*TWICE, *ONCE]


def test_candidates_of_one_rank_keep_their_order() -> None:
    rows = pd.DataFrame({"concession_id": CODES, "rank_b": [1, 2] * 30}).assign(
        move="kept", reason="hard_rock", **{f"score_{end}_{run}": 1.0 for end in ("low", "high") for run in "ab"}
    )  # fmt: skip
    assert heads(score_table(rows, Labels("en"))) == [*TWICE, *ONCE]
