"""The manifest says what went in, by which law, and whether every row came out."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoasm.codes import AsmClass, Role
from geoasm.law import LawAt, Rule
from geoasm.manifest import balance_faults, build_manifest, plain, reading_faults
from geoasm.model import Options, RawLayer, Source

COUNTS = {
    "registrations_read": 600,
    "registrations_classified": 590,
    "registrations_set_aside": 10,
    "concessions_read": 400,
    "concessions_kept": 398,
    "concessions_set_aside": 2,
}


def rule(name: str, *, verified: bool = True) -> Rule:
    return Rule(
        id=name,
        step="title",
        when=(),
        then=AsmClass.OWN_TITLE,
        unknown_class=AsmClass.AMBIGUOUS,
        unknown_step="title",
        reference="art. 1" if verified else "",
        verified=verified,
        starts_on=date(2000, 1, 1),
        ends_on=None,
    )


LAW = LawAt(
    on=date(2026, 1, 1),
    parameters={"position_error_m": 5.0},
    rules=(rule("pe.own"), rule("pe.idle", verified=False)),
    steps=("title",),
    area_levels=(),
    seniority=(),
    order_unknown_id="pe.order_unknown",
)


def manifest(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "sources": [
            Source("registrations", "r.csv", sha256="00ff", rows=600, data_on=date(2025, 2, 26)),
            Source("concessions", "c.gpkg", layer="titles", rows=400, crs_read="EPSG:4326"),
        ],
        "profile": "pe",
        "law": LAW,
        "options": Options(LAW.on, assumptions={("concessions", "status"): "titled"}),
        "operations": [
            {"from": "EPSG:4326", "to": "EPSG:32718", "operation": "none", "accuracy_m": 0.0}
        ],
        "counts": COUNTS,
        "timings": {"link": 1.23456},
        "versions": {"geoasm": "0.1.0"},
        "crs_used": {"concessions": ["EPSG:32718", "EPSG:32717", "EPSG:32718"]},
    }
    return build_manifest(**{**given, **changes})


def test_it_tells_inputs_law_options_and_balance() -> None:
    m = manifest()
    first, second = m["inputs"]
    assert (first["role"], first["layer"], first["crs_read"]) == (
        "concessions",
        "titles",
        "EPSG:4326",
    )
    assert first["crs_used"] == ["EPSG:32717", "EPSG:32718"]
    assert (second["sha256"], second["data_on"]) == ("00ff", "2025-02-26")
    assert m["law"]["on"] == "2026-01-01"
    assert m["law"]["rules"] == ["pe.own", "pe.idle"]
    assert m["law"]["rules_not_verified"] == ["pe.idle"]
    assert m["options"]["assumptions"] == {"concessions.status": "titled"}
    assert m["timings_s"] == {"link": 1.235}
    assert m["balanced"] is True
    assert m["counts"] == COUNTS


def test_the_order_in_which_things_are_given_does_not_matter() -> None:
    sources = [Source("roads", "b.shp"), Source("roads", "a.shp"), Source("admin", "z.shp")]
    operations = [{"from": "A", "to": "C"}, {"from": "A", "to": "B"}, {"to": "C", "from": "A"}]
    texts = {
        json.dumps(
            manifest(sources=s, operations=o, counts=dict(sorted(COUNTS.items(), reverse=r)))
        )
        for s, o, r in [(sources, operations, True), (sources[::-1], operations[::-1], False)]
    }
    assert len(texts) == 1
    assert len(manifest(operations=operations)["operations"]) == 2


def test_a_lost_row_is_a_fault() -> None:
    counts = {**COUNTS, "registrations_set_aside": 8}
    (fault,) = balance_faults(counts)
    assert fault == {
        "fault": "rows_lost",
        "role": "registrations",
        "read": 600,
        "kept": 590,
        "set_aside": 8,
    }
    assert manifest(counts=counts)["balanced"] is False


def test_a_row_that_came_from_nowhere_is_a_fault() -> None:
    (fault,) = balance_faults({**COUNTS, "concessions_kept": 399})
    assert fault == {
        "fault": "rows_lost",
        "role": "concessions",
        "read": 400,
        "kept": 399,
        "set_aside": 2,
    }


def test_a_count_that_was_not_made_is_a_fault() -> None:
    counts = {k: v for k, v in COUNTS.items() if k != "concessions_kept"}
    (fault,) = balance_faults(counts)
    assert fault == {"fault": "not_counted", "role": "concessions", "counts": "concessions_kept"}


def test_rights_alone_need_no_registrations() -> None:
    assert balance_faults({k: v for k, v in COUNTS.items() if k.startswith("conc")}) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (float("nan"), None),
        (float("inf"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (date(2026, 1, 1), "2026-01-01"),
        (pd.Timestamp("2026-01-01T05:00"), "2026-01-01T05:00:00"),
        ((1, (2,)), [1, [2]]),
        ({"b", "a"}, ["a", "b"]),
        ({Role.ADMIN: AsmClass.OWN_TITLE}, {"admin": "own_title"}),
        (np.array([1.5, np.nan]), [1.5, None]),
    ],
)
def test_values_become_what_json_knows(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert json.loads(json.dumps(plain(value))) == expected


def test_true_stays_true() -> None:
    assert plain(True) is True


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="no form for a object"):
        plain(object())


def layer(good: int, rows: int, *, cut_short: bool = False) -> RawLayer:
    frame = pd.DataFrame({"source_row": range(1, good + 1)})
    return RawLayer(frame, Source("concessions", "a.geojson", rows=rows), cut_short=cut_short)


def test_a_file_of_which_much_is_lost_is_a_fault() -> None:
    floor = {"min_read_share": 0.95}
    assert reading_faults([layer(95, 100), layer(0, 0)], floor) == []
    assert reading_faults([layer(94, 100)], {}) == []
    (fault,) = reading_faults([layer(94, 100)], floor)
    told = {"role": "concessions", "file": "a.geojson", "floor": 0.95, "found": 0.94}
    assert fault == {"fault": "min_read_share", **told}


def test_a_file_that_ends_early_is_a_fault_however_little_is_known_to_be_lost() -> None:
    (fault,) = reading_faults([layer(999, 1000, cut_short=True)], {})
    assert fault == {"fault": "cut_short", "role": "concessions", "file": "a.geojson"}
