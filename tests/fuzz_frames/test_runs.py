"""Whatever frames hold, a run ends in answers that balance, or in one line that says what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from geoasm import api
from geoasm.codes import Role
from tests.fuzz_frames import frames
from tests.fuzz_frames.promises import answer_or_refusal, check_run
from tests.fuzz_frames.values import dose

ON = date(2024, 6, 1)


def run(concessions: Any, registrations: Any, **more: Any) -> Any:
    return answer_or_refusal(
        lambda: api.analyze(concessions=concessions, registrations=registrations, on=ON, **more)
    )


@dose(7)
@given(
    rights=frames.layers(Role.CONCESSIONS),
    register=frames.registers(),
    tables=frames.several(frames.TABLES, 2),
    layers=frames.several(frames.LAYERS, 2),
    stacked=st.sampled_from(["seniority", "ambiguous"]),
)
def test_any_frames_give_answers_that_balance_or_one_line(
    rights: Any, register: Any, tables: Any, layers: Any, stacked: str
) -> None:
    result = run(rights, register, tables=tables, layers=layers, stacked=stacked)
    if result is not None:
        check_run(result, len(register), len(rights))


@dose(7)
@given(rights=frames.layers(Role.CONCESSIONS))
def test_any_cadastre_is_compared_with_itself_or_refused_in_one_line(rights: Any) -> None:
    result = answer_or_refusal(lambda: api.compare_rights(rights, on=ON, planarize=True))
    if result is not None:
        assert (result.overlaps["overlap_ha"] > 0).all()
        counts = result.summary["counts"]
        assert counts["concessions_read"] == len(rights)
        assert not [f for f in result.summary["failed"] if f["fault"] == "rows_lost"]
