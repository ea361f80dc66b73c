"""Tables of `geoasm scenario`: flows from a baseline, and what became of the candidates."""

from __future__ import annotations

from geoasm.schema.columns import Table, columns

SCENARIO_FLOWS = Table(
    "scenario_flows",
    columns(
        ("class_a", "text", "class in the baseline; empty: not in it"),
        ("class_b", "text", "class in the scenario; empty: not in it"),
        ("pathway_a", "text", "pathway in the baseline"),
        ("pathway_b", "text", "pathway in the scenario"),
        ("admin_1", "text", "first-level region of the baseline"),
        (
            "reason",
            "text",
            "part of the scenario that moved them; empty where neither class nor pathway moved",
        ),
        ("registrations", "integer", "registrations that go this way", "registrations"),
    ),
    key=("class_a", "class_b", "pathway_a", "pathway_b", "admin_1", "reason"),
)

SCENARIO_CANDIDATES = Table(
    "scenario_candidates",
    columns(
        ("concession_id", "text", "right that is a candidate in either run"),
        ("in_a", "boolean", "it is one in the baseline"),
        ("in_b", "boolean", "it is one in the scenario"),
        ("move", "text", "gained, lost or kept"),
        (
            "reason",
            "text",
            "gate or open question that stops it in the other run; of one that is kept, the factors "
            "that weigh otherwise, joined by ;",
        ),
        ("rank_a", "integer", "its place in the baseline", "rank"),
        ("rank_b", "integer", "its place in the scenario", "rank"),
        ("n_registrations_a", "integer", "registrations that count there", "registrations"),
        ("n_registrations_b", "integer", "registrations that count here", "registrations"),
        ("score_low_a", "number", "lower end of the score in the baseline", "points"),
        ("score_high_a", "number", "upper end of the score in the baseline", "points"),
        ("score_low_b", "number", "lower end of the score in the scenario", "points"),
        ("score_high_b", "number", "upper end of the score in the scenario", "points"),
    ),
    key=("concession_id",),
)
