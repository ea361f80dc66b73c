"""Each factor from its facts: the value of what is known, and how much of it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoasm.candidates import factors
from geoasm.codes import Role
from tests import scenes
from tests.people import table


def facts(registered: pd.DataFrame | None = None, **changes: Any) -> factors.Facts:
    """Two candidates: the first half of the registrations counts on one, the second on the other."""
    counted = scenes.register(4) if registered is None else registered
    counted["place"] = np.arange(len(counted)) * 2 // max(len(counted), 1)
    size = changes.pop("size", 1)
    counted["size"] = pd.array(size if isinstance(size, list) else [size] * len(counted), "Int64")
    conflict = changes.pop("on_conflict", False)
    given = {
        "rights": np.array([0, 1]),
        "concessions": scenes.rights(3),
        "ledger": scenes.ledger(),
        "overlaps": scenes.overlaps(),
        "affiliates": scenes.affiliates(["party 1", "party 2", "party 1"]),
        "tables": {},
        "given": frozenset(changes.get("tables", {})),
        "on_conflict": pd.Series(conflict, index=counted.index),
        "assessed": scenes.assessed(),
        "n_alluvial": np.array([0, 0]),
        **changes,
    }
    return factors.Facts(counted=counted, **given)


def told(name: str, some: factors.Facts) -> list[tuple[float | None, float]]:
    """Value and known part of each candidate."""
    rules = scenes.rules(name)
    value, known = factors.measure(some, rules)
    return [
        (None if np.isnan(v) else float(v), float(k))
        for v, k in zip(value[name], known[name], strict=True)
    ]


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([{}], 1.0),
        ([{"scope": "production_unit"}], 1.0),
        ([{"scope": "unit_radius"}], 0.6),
        ([{"scope": "unit_radius"}, {"scope": "right"}], 1.0),
        ([{"scope": "elsewhere"}], 0.0),
        ([{"counts": False}], 0.0),
        ([{"says": "disputes"}], 0.0),
        ([], 0.0),
    ],
)
def test_the_nearer_the_work_the_surer_the_holder_is_active(
    rows: list[dict[str, Any]], value: float
) -> None:
    assert told("active_holder", facts(ledger=scenes.ledger(*rows))) == [(value, 1.0), (0.0, 1.0)]


@pytest.mark.parametrize(
    ("distance_m", "value"),
    [(0.0, 1.0), (20_000.0, 1.0), (20_001.0, 0.5), (50_000.0, 0.5), (50_001.0, 0.0)],
)
def test_an_own_plant_counts_by_its_distance(distance_m: float, value: float) -> None:
    plant = {"kind": "plant", "says": "context", "counts": False, "distance_m": distance_m}
    some = facts(ledger=scenes.ledger(plant), given=frozenset({Role.PLANTS}))
    assert told("own_plant", some) == [(value, 1.0), (0.0, 1.0)]
    assert factors.plant_distance_m(some)[0] == distance_m
    assert np.isnan(factors.plant_distance_m(some)[1])


@pytest.mark.parametrize("by_holder", [False, None])
def test_a_plant_of_others_or_of_nobody_known_is_no_own_plant(by_holder: bool | None) -> None:
    plant = {"kind": "plant", "distance_m": 10.0, "by_holder": by_holder}
    some = facts(ledger=scenes.ledger(plant), given=frozenset({Role.PLANTS}))
    assert told("own_plant", some) == [(0.0, 1.0), (0.0, 1.0)]


def test_without_any_source_of_plants_nothing_is_known_of_them() -> None:
    assert told("own_plant", facts()) == [(None, 0.0), (None, 0.0)]
    of_cadastre = facts(concessions=scenes.rights(3, right_type="mining"))
    assert told("own_plant", of_cadastre) == [(0.0, 1.0), (0.0, 1.0)]


@pytest.mark.parametrize(
    ("name", "column", "yes", "no", "unknown"),
    [
        ("active_registrations", "status", "active", "suspended", "unknown"),
        ("legal_entities", "registrant_kind", "legal", "natural", "unknown"),
    ],
)
def test_shares_are_of_the_registrations_of_which_it_is_known(
    name: str, column: str, yes: str, no: str, unknown: str
) -> None:
    some = facts(scenes.register(8, **{column: [yes, no, no, unknown, unknown] + [unknown] * 3}))
    assert told(name, some) == [(pytest.approx(1 / 3), 0.75), (None, 0.0)]
    every = facts(scenes.register(4, **{column: [yes, yes, no, no]}))
    assert told(name, every) == [(1.0, 1.0), (0.0, 1.0)]


@pytest.mark.parametrize(
    ("n_alluvial", "settings", "told_first"),
    [
        (0, ["hard_rock", "hard_rock"], (1.0, 1.0)),
        (0, ["hard_rock", "unknown"], (1.0, 0.5)),
        (0, ["unknown", "unknown"], (None, 0.0)),
        (2, ["hard_rock", "unknown"], (pytest.approx(1 / 3), 0.75)),
        (2, ["unknown", "unknown"], (0.0, 0.5)),
    ],
)
def test_alluvial_places_on_the_right_speak_against_hard_rock(
    n_alluvial: int, settings: list[str], told_first: tuple[float | None, float]
) -> None:
    registered = scenes.register(4, setting=[*settings, "unknown", "unknown"])
    some = facts(registered, n_alluvial=np.array([n_alluvial, 0]))
    assert told("hard_rock", some) == [told_first, (None, 0.0)]


def test_who_filed_an_instrument_is_known_only_from_a_table() -> None:
    assert told("igafom", facts()) == [(None, 0.0), (None, 0.0)]
    filed = table(registration_id=["000", "000", "009"])
    assert told("igafom", facts(tables={Role.IGAFOM: filed})) == [(0.5, 1.0), (0.0, 1.0)]


def test_clusters_are_known_of_those_who_have_a_position() -> None:
    registered = scenes.register(4, cluster_id=[1, None, None, None])
    registered.loc[3, "geometry"] = None
    assert told("clustered", facts(registered)) == [(0.5, 1.0), (0.0, 0.5)]


@pytest.mark.parametrize(
    ("codes", "values"),
    [
        (["R0"], [1.0, 0.0]),
        (["R2"], [0.5, 0.0]),  # of the holder of R0
        (["R2", "R1"], [0.5, 1.0]),
        ([], [0.0, 0.0]),
    ],
)
def test_a_contract_here_weighs_more_than_one_with_the_holder_elsewhere(
    codes: list[str], values: list[float]
) -> None:
    contracts = {Role.CONTRACTS: table(concession_id=codes)}
    assert told("precedent", facts(tables=contracts)) == [(v, 1.0) for v in values]
    assert told("precedent", facts()) == [(None, 0.0)] * 2


def test_medium_scale_speaks_for_large_against_and_unknown_says_nothing() -> None:
    scaled = scenes.rights(3, holder_scale=["msm", "lsm", "unknown"])
    assert told("medium_scale", facts(concessions=scaled)) == [(1.0, 1.0), (0.0, 1.0)]
    unknown = scenes.rights(3, holder_scale="unknown")
    assert told("medium_scale", facts(concessions=unknown)) == [(None, 0.0)] * 2


def test_a_title_is_simple_by_thirds() -> None:
    assert told("simple_title", facts()) == [(1.0, 1.0)] * 2
    joint = facts(concessions=scenes.rights(3, is_joint=[True, False, False]))
    assert told("simple_title", joint) == [(pytest.approx(2 / 3), 1.0), (1.0, 1.0)]
    for pair in (("R0", "R2"), ("R2", "R0")):
        over = facts(overlaps=scenes.overlaps(pair))
        assert told("simple_title", over) == [(pytest.approx(2 / 3), 1.0), (1.0, 1.0)]
    flags = ["edge_uncertain", "stacked;datum_sensitive", "stacked", "zone_sensitive;stacked"]
    shaken = facts(scenes.register(4, flags=flags))
    assert told("simple_title", shaken) == [
        (pytest.approx(2 / 3), 1.0),
        (pytest.approx(5 / 6), 1.0),
    ]


@pytest.mark.parametrize(("status", "value"), [("pending", 2 / 3), ("extinct", 1), ("other", 1)])
def test_only_rights_in_force_or_asked_for_make_a_title_less_simple(
    status: str, value: float
) -> None:
    held = scenes.rights(3, status=["titled", "titled", status])
    some = facts(concessions=held, overlaps=scenes.overlaps(("R0", "R2")))
    assert told("simple_title", some)[0] == (pytest.approx(value), 1.0)


def test_without_a_position_nobody_is_surely_on_the_right() -> None:
    registered = scenes.register(2)
    registered.loc[0, "geometry"] = None
    assert told("simple_title", facts(registered))[0] == (pytest.approx(2 / 3), 1.0)


def test_only_more_registrations_than_the_crowd_are_very_many() -> None:
    crowd = scenes.RULES.crowd
    some = facts(size=[crowd, crowd + 1, None, crowd + 1])
    assert told("many_registrations", some) == [(0.5, 1.0), (1.0, 0.5)]


def test_a_right_declared_elsewhere_is_a_risk_where_one_is_declared_that_there_is() -> None:
    relations = ["elsewhere", "agrees", "none", "unknown_code"]
    some = facts(scenes.register(4, declared_relation=relations))
    assert told("declared_elsewhere", some) == [(0.5, 1.0), (None, 0.0)]
    near = facts(scenes.register(4, declared_relation=["near", "extinct", "none", "near"]))
    assert told("declared_elsewhere", near) == [(0.5, 1.0), (0.0, 0.5)]


@pytest.mark.parametrize(
    ("name", "flag", "role"),
    [
        ("buffer_zone", "restricted:buffer_zone", Role.BUFFER_ZONES),
        ("buffer_zone", "restricted:ZR", Role.PROTECTED_AREAS),
        ("buffer_zone", "restricted:X", Role.RESTRICTED_AREAS),
        ("community", "surface_community", Role.COMMUNITIES),
    ],
)
def test_risks_of_the_ground_are_known_where_their_layer_is_given(
    name: str, flag: str, role: Role
) -> None:
    def registered() -> pd.DataFrame:
        return scenes.register(4, flags=[f"stacked;{flag}", "", "", ""])

    assert told(name, facts(registered())) == [(None, 0.0)] * 2
    given = facts(registered(), given=frozenset({role}))
    assert told(name, given) == [(0.5, 1.0), (0.0, 1.0)]


def test_conflict_areas_are_a_risk_where_their_layer_is_given() -> None:
    on = [True, True, False, True]
    assert told("conflict_area", facts(on_conflict=on)) == [(None, 0.0)] * 2
    given = facts(on_conflict=on, given=frozenset({Role.CONFLICT_AREAS}))
    assert told("conflict_area", given) == [(1.0, 1.0), (0.5, 1.0)]


@pytest.mark.parametrize("name", ["company_commitment", "geology"])
def test_what_an_analyst_says_is_taken_as_it_is(name: str) -> None:
    other = {"company_commitment": "geology", "geology": "company_commitment"}[name]
    rows = scenes.assessed((0, name, 0.2), (0, other, 0.8), (1, other, 1.0), (2, name, 1.0))
    assert told(name, facts(assessed=rows)) == [(0.2, 1.0), (None, 0.0)]


def test_every_factor_of_the_profile_is_measured_within_its_bounds() -> None:
    values, known = factors.measure(facts(), scenes.RULES)
    names = [str(factor.name) for factor in scenes.RULES.factors]
    assert values.columns.tolist() == known.columns.tolist() == names
    assert ((values >= 0) & (values <= 1) | values.isna()).all(axis=None)
    assert ((known >= 0) & (known <= 1)).all(axis=None)
    assert (known.where(values.isna(), 0) == 0).all(axis=None)
