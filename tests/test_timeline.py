"""Runs over time: their order, what every class is in each, and what of the method changed."""

from __future__ import annotations

from typing import Any

import pytest

from geoasm.codes import AsmClass, MethodChange
from geoasm.errors import OptionError
from geoasm.timeline import Record, class_shares, method_changes, put_in_order


def record(name: str, on: str, counts: dict[str, int] | None = None, **manifest: Any) -> Record:
    """A run with so many registrations of each class; `manifest` overrides what it was made with."""
    counts = counts or {"own_title": 3, "open_ground": 7}
    whole = sum(counts.values())
    rows = [
        {
            "asm_class": asm_class,
            "registrations": n,
            "share": n / whole,
            "denominator": "all",
            "denominator_registrations": whole,
            "share_low": n / whole / 2,
            "share_high": n / whole,
        }
        for asm_class, n in counts.items()
    ]
    summary = {
        "on": on,
        "profile": manifest.pop("profile", "pe"),
        "tables": {"by_class": rows},
        "failed": manifest.pop("failed", []),
    }
    made = {
        "versions": {"geoasm": "1.0", "pandas": "3"},
        "profile_sha256": "aa" * 32,
        "law": {"on": on, "rules": ["pe.idle"], "parameters": {"limit_ha": 2000.0}},
        "options": {"on": on, "stacked": "seniority", "language": None, "assumptions": {}},
        "inputs": [{"role": "concessions", "name": "c.zip", "sha256": name, "data_on": on}],
    }
    return Record(name, summary, made | manifest)


def told(*records: Record) -> list[tuple[str, ...]]:
    frame = method_changes(records).fillna("")
    return [tuple(row) for row in frame[["run", "what", "name", "before", "after"]].to_numpy()]


def test_runs_go_by_their_day_whatever_they_are_called() -> None:
    names = [r.name for r in put_in_order([record("a", "2026-02-01"), record("b", "2025-02-01")])]
    assert names == ["b", "a"]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], ("two runs or more",)),
        ([record("a", "2026-01-01")], ("two runs or more",)),
        (
            [record("x", "2026-01-01"), record("y", "2026-01-01")],
            ("x and y", "both of 2026-01-01"),
        ),
        (
            [record("x", "2026-01-01"), record("y", "2026-02-01", profile="cd")],
            ("x is of profile pe", "y of cd"),
        ),
    ],
)
def test_what_makes_no_series_is_one_line_that_names_the_runs(
    records: list[Record], words: tuple[str, ...]
) -> None:
    with pytest.raises(OptionError) as caught:
        put_in_order(records)
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in str(caught.value)


def test_every_run_has_every_class_and_shares_sum_to_the_whole() -> None:
    runs = [
        record("a", "2025-01-01", {"own_title": 1, "open_ground": 3}),
        record("b", "2026-01-01", {"own_title": 5, "on_lsm_msm": 5}),
    ]
    shares = class_shares(runs)
    assert len(shares) == 2 * len(AsmClass)
    assert shares.groupby("run")["share"].sum().to_dict() == {"a": 1.0, "b": 1.0}
    row = shares.set_index(["run", "asm_class"]).loc[("b", "open_ground")]
    assert (row["registrations"], row["share"]) == (0, 0.0)
    assert (row["denominator"], row["denominator_registrations"]) == ("all", 10)
    assert shares["denominator_registrations"].notna().all()


def test_runs_made_alike_differ_in_nothing() -> None:
    assert told(record("a", "2025-01-01"), record("b", "2026-01-01")) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"versions": {"geoasm": "1.1", "pandas": "4"}},
            [(MethodChange.VERSION, "", "1.0", "1.1")],
        ),
        ({"profile_sha256": "bb" * 32}, [(MethodChange.PROFILE, "", "a" * 12, "b" * 12)]),
        (
            {"law": {"rules": ["pe.new"], "parameters": {"limit_ha": 1000.0}}},
            [
                (MethodChange.LAW, "limit_ha", "2000.0", "1000.0"),
                (MethodChange.LAW, "pe.idle", "pe.idle", ""),
                (MethodChange.LAW, "pe.new", "", "pe.new"),
            ],
        ),
        (
            {"options": {"stacked": "ambiguous", "language": "en", "assumptions": {"c.s": "t"}}},
            [
                (MethodChange.OPTIONS, "c.s", "", "t"),
                (MethodChange.OPTIONS, "stacked", "seniority", "ambiguous"),
            ],
        ),
        (
            {
                "inputs": [
                    {"role": "concessions", "name": "c.zip", "sha256": "b"},
                    {"role": "anap", "name": "x", "sha256": "x"},
                ]
            },
            [(MethodChange.INPUTS, "anap", "", "1")],
        ),
        (
            {
                "inputs": [
                    {
                        "role": "concessions",
                        "name": "d.zip",
                        "sha256": "a",
                        "data_on": "2024-12-31",
                    }
                ]
            },
            [
                (MethodChange.OLDER_DATA, "concessions", "2025-01-01", "2024-12-31"),
                (MethodChange.SAME_FILE, "concessions", "c.zip", "d.zip"),
            ],
        ),
        (
            {"failed": [{"fault": "ground_lost"}, {"fault": "ground_lost"}]},
            [(MethodChange.FAILED, "ground_lost", "", "")],
        ),
    ],
)
def test_each_change_of_method_is_told_with_before_and_after(
    change: dict[str, Any], expected: list[tuple[str, ...]]
) -> None:
    found = told(record("a", "2025-01-01"), record("b", "2026-01-01", **change))
    assert found == [("b", *(str(part) for part in row)) for row in expected]


def test_a_fault_of_the_first_run_is_told_too() -> None:
    first = record("a", "2025-01-01", failed=[{"fault": "rows_lost"}])
    assert told(first, record("b", "2026-01-01")) == [("a", "failed", "rows_lost", "", "")]
