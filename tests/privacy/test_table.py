"""The table of private columns is whole: what goes in as a name or number, and what comes out."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from geoasm import schema
from geoasm.codes import FieldKind, Role
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.results import PUBLIC_TABLES

ROOT = Path(__file__).parents[2]
# Fields called so hold persons, whatever kind a profile gives them.
NAMES = {
    "holder_name",
    "registrant_name",
    "spelling",
    "ruc",
    "holder_ruc",
    "address",
    "dni",
    "phone",
}
# Text that geoasm writes itself, out of closed sets and codes, or that stands in a reader's language.
OWN = {
    "registration_id", "concession_id", "concession_ids", "registration_ids", "right_ids", "senior_id",
    "concession_id_a", "concession_id_b", "registration_id_a", "registration_id_b", "code_a", "code_b",
    "cause_right_id", "decided_by_a", "decided_by_b", "related_ids", "extinct_ids", "cluster_ids",
    "cell_id", "zone", "status", "activity", "asm_class", "rule_id", "reference", "pathway",
    "title_relation", "holder_stratum", "stratum_basis", "holder_activity", "declared_relation", "basis",
    "setting", "second_class", "flags", "precondition", "missing_check", "crs_used", "registrant_kind",
    "class_basis", "holder_scale", "substance", "role", "relation", "measured_in", "right_type",
    "stratum", "kind", "says", "scope", "source", "ground", "problem", "action", "gate", "verify",
    "classes", "not_counted", "hinges", "pivot_down", "reasons_for", "reasons_against", "next_step",
    "hosted_by_class", "holder_kind", "change", "status_a", "status_b", "changes", "class_a", "class_b",
    "cause", "causes", "pathway_a", "pathway_b", "rule_a", "rule_b", "possible", "restricted",
    "blocked_by", "move", "denominator", "what", "pivot_up", "own_basis", "reason",
}  # fmt: skip
# Persons are left out of these before they come here: names of legal entities, regions of a layer,
# and what other runs say, which is hidden there.
CLEAN = {
    ("holders", "name"), ("territory", "admin_1"), ("territory", "admin_2"), ("territory", "admin_3"),
    ("series", "run"), ("method_changes", "run"), ("method_changes", "name"),
    ("method_changes", "before"), ("method_changes", "after"),
    ("rights_changed", "name"), ("rights_changed", "before"), ("rights_changed", "after"),
    ("registrations_changed", "admin_1"), ("scenario_flows", "admin_1"),
    *((t, f"admin_{n}") for t in ("openings", "opening_clusters") for n in (1, 2, 3)),
}  # fmt: skip


@pytest.fixture(scope="module")
def maker() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "make_pages.py"))


def test_page_has_the_private_columns_of_today(maker: dict[str, Any]) -> None:
    page = maker["PRIVACY"].read_text(encoding="utf-8")
    assert page == maker["privacy"](), "run `make docs`"
    assert "| pe | `registrations` | `ruc` | M_RUC, RUC |" in page
    assert "| `private/parties` |" in page


@pytest.mark.parametrize("code", list_profiles())
def test_field_that_names_people_is_private_in_every_role(code: str) -> None:
    for role, spec in load_profile(code).roles.items():
        for name, field in spec.fields.items():
            if name in NAMES:
                assert field.kind in (FieldKind.NAME, FieldKind.RUC), f"{role}.{name}"
    assert load_profile(code).roles[Role.CONCESSIONS].fields["holder_name"].kind is FieldKind.NAME


def test_every_text_column_is_private_or_searched_or_geoasm_s_own() -> None:
    loose = {
        f"{table.name}.{c.name}"
        for table in schema.TABLES.values()
        for c in table.columns
        if c.dtype == "text" and not (c.private or table.private or c.said)
        if c.name not in OWN and (table.name, c.name) not in CLEAN
    }
    assert not loose, (
        "say in geoasm/schema whether a source writes the column (said), or here why not"
    )


def test_no_table_that_is_published_has_a_private_column() -> None:
    assert not [t.name for t in PUBLIC_TABLES if t.private or any(c.private for c in t.columns)]
    assert schema.PARTIES.private
    assert schema.PARTIES not in PUBLIC_TABLES
