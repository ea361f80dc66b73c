"""Which rights a measure is about: conditions resolved against a run, and what it does not have."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geoasm import pipeline
from geoasm.amendments import Measure, Scenario, Where, choose
from geoasm.amendments.choose import Chosen
from geoasm.codes import LeftAlone, MeasureKind, Role
from geoasm.errors import GeoasmError
from geoasm.io.profiles import load_profile
from geoasm.model import Options, RawLayer, Result, Source
from geoasm.profile import Profile
from tests.baselines import ON
from tests.cells import BIG, SMALL, whole_world

PE = load_profile("pe")


@pytest.fixture(scope="module")
def baseline() -> Result:
    raw = {
        role: RawLayer(frame.reset_index(drop=True).assign(source_row=range(1, len(frame) + 1)),
                       Source(role, str(role), rows=len(frame)))
        for role, frame in whole_world().items()
    }  # fmt: skip
    return pipeline.run(raw, PE, Options(on=ON))


def chosen(
    baseline: Result,
    kind: MeasureKind = MeasureKind.RIGHTS_LAPSE,
    profile: Profile = PE,
    **where: object,
) -> Chosen:
    asked = Measure(kind, Where(**where))  # type: ignore[arg-type]
    (found,) = choose(Scenario("s.toml", {}, measures=(asked,)), baseline, profile)
    return found


def cells(found: Chosen) -> list[int]:
    return [int(code[-3:]) for code in found.concession_ids]


def test_conditions_are_met_together(baseline: Result) -> None:
    assert cells(chosen(baseline, holder_activity=("idle",))) == [5]
    assert cells(chosen(baseline, holder_activity=("idle", "active"))) == [5]
    assert cells(chosen(baseline, holder=(SMALL,))) == [3, 11, 12]
    assert cells(chosen(baseline, holder=(SMALL, BIG), min_registrations=1)) == [
        *(2, 3, 5, 9, 10, 11, 12, 13, 14)
    ]
    assert cells(chosen(baseline, holder=(BIG,), concession_id=("010000002",))) == [2]
    assert cells(chosen(baseline, own_title=True)) == [1, 15]
    own = chosen(baseline, own_title=False, admin_1=("norte",))
    assert not {1, 15} & set(cells(own))


def test_rights_not_in_force_are_left_alone_and_counted(baseline: Result) -> None:
    found = chosen(baseline, holder=(BIG,))
    assert found.left_alone == {LeftAlone.NOT_IN_FORCE: 2}  # the application and the quarry
    ground = chosen(baseline, MeasureKind.GROUND_RESERVED, status=("extinct", "pending"))
    assert cells(ground) == [6, 7]
    assert ground.registration_ids == ("REG05", "REG06")
    assert ground.area_ha == pytest.approx(200, rel=1e-6)


def test_contracts_are_for_the_right_that_decided(baseline: Result) -> None:
    found = chosen(baseline, MeasureKind.CONTRACTS_SIGNED, admin_1=("NORTE",))
    signs = dict(zip(found.registration_ids, found.signs_for, strict=True))
    # Not the own titles, nor the idle holder, nor closed ground, nor a stack that nobody has settled.
    assert signs == {
        "REG01": "010000002",
        "REG02": "010000003",
        "REG03": "010000004",
        "REG13": "010000012",
    }
    assert found.left_alone[LeftAlone.IDLE] == 1


def test_who_may_be_the_holder_does_not_sign(baseline: Result) -> None:
    rows = baseline.registrations.copy()
    rows.loc[rows["registration_id"] == "REG01", "title_relation"] = "unknown"
    rows.loc[rows["registration_id"] == "REG02", "flags"] = "stacked;has_contract"
    codes = ("010000002", "010000003")
    found = chosen(
        replace(baseline, registrations=rows), MeasureKind.CONTRACTS_SIGNED, concession_id=codes
    )
    assert found.registration_ids == ()
    assert found.left_alone == {LeftAlone.SIGNED: 1, LeftAlone.UNKNOWN_PARTY: 1}


def test_where_nobody_is_named_nobody_may_be_the_holder(baseline: Result) -> None:
    rows = baseline.registrations.assign(title_relation="unknown")
    unknown = replace(baseline, registrations=rows)
    asked = {"own_title": False, "concession_id": ("010000002",)}
    assert cells(chosen(unknown, **asked)) == []
    assert cells(chosen(unknown, profile=replace(PE, registrants="none"), **asked)) == [2]


def test_without_a_layer_of_regions_the_registrations_say_where_a_right_is(
    baseline: Result,
) -> None:
    bare = replace(baseline, context={k: v for k, v in baseline.context.items() if k != Role.ADMIN})
    rows = baseline.registrations.copy()
    rows["admin_1"] = pd.Series(
        ["SUR" if c == "REG04" else "NORTE" for c in rows["registration_id"]]
    )
    found = chosen(replace(bare, registrations=rows), admin_1=("sur",))
    assert cells(found) == [5]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            {"concession_id": ("010000055",)},
            r"^s\.toml: measure\[0\]\.where\.concession_id: .*0005",
        ),
        ({"admin_1": ("SUR",)}, r"where\.admin_1: .*NORTE"),
        ({"holder": ("MINERA GRANDA",)}, r"where\.holder: the run .*MINERA GRANDE"),
        ({"substance": ("gold",)}, r"where\.substance: .*metallic"),
        ({}, r"where: states no condition; give one of status"),
    ],
)
def test_what_the_run_does_not_have_is_named_with_the_nearest(
    baseline: Result, where: dict[str, object], message: str
) -> None:
    with pytest.raises(GeoasmError, match=message):
        chosen(baseline, **where)


def test_persons_may_be_asked_for_and_are_never_told_of(baseline: Result) -> None:
    assert cells(chosen(baseline, holder=("quispe mamani rosa",))) == [1, 15]
    with pytest.raises(GeoasmError, match="MINERA") as caught:
        chosen(baseline, holder=("QUISPE MAMANI ROSO",))
    assert "ROSA" not in str(caught.value)
