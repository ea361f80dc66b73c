"""Tables of what changed from one run to another."""

from __future__ import annotations

from geoasm.schema.columns import Table, columns

RIGHTS_CHANGED = Table(
    "rights_changed",
    columns(
        ("concession_id", "text", "code of the right, that of the later run where it is in it"),
        ("change", "text", "what changed; a right has a row for each"),
        ("name", "text", "name of the right"),
        (
            "before",
            "text",
            "what the earlier run says; of holders only names that may be published",
        ),
        ("after", "text", "what the later run says"),
        ("distance_m", "number", "how far the middle of the right moved", "m"),
        ("related_ids", "text", "rights into which it was split, or that were merged, joined by ;"),
        ("code_a", "text", "its code in the earlier run; empty where it was not in it"),
        ("code_b", "text", "its code in the later run; empty where it is not in it"),
        ("status_a", "text", "status in the earlier run"),
        ("status_b", "text", "status in the later run"),
        ("area_ha_a", "number", "planar area in the earlier run", "ha"),
        ("area_ha_b", "number", "planar area in the later run", "ha"),
        ("geometry", "geometry", "polygon of the later run, else of the earlier", "degree"),
    ),
    key=("concession_id", "change", "related_ids"),
)

REGISTRATIONS_CHANGED = Table(
    "registrations_changed",
    columns(
        (
            "registration_id",
            "text",
            "code of the registration, that of the later run where it is in it",
        ),
        ("changes", "text", "what changed, joined by ;"),
        ("class_a", "text", "class in the earlier run; empty where it was not in it"),
        ("class_b", "text", "class in the later run; empty where it is not in it"),
        ("cause", "text", "why the class differs; empty where it does not"),
        ("causes", "text", "everything that differs and bears on the class, joined by ;"),
        ("cause_right_id", "text", "right that the cause is about"),
        ("pathway_a", "text", "way to formality in the earlier run"),
        ("pathway_b", "text", "way to formality in the later run"),
        ("rule_a", "text", "rule that decided in the earlier run"),
        ("rule_b", "text", "rule that decided in the later run"),
        ("decided_by_a", "text", "right that decided in the earlier run"),
        ("decided_by_b", "text", "right that decided in the later run"),
        ("probability_a", "number", "probability of the class in the earlier run", "1"),
        ("probability_b", "number", "probability of the class in the later run", "1"),
        ("distance_m", "number", "how far the registration moved", "m"),
        ("registration_id_a", "text", "its code in the earlier run"),
        ("registration_id_b", "text", "its code in the later run"),
        ("admin_1", "text", "first-level region of the later run, else of the earlier"),
        ("geometry", "geometry", "point of the later run, else of the earlier", "degree"),
    ),
    key=("registration_id", "registration_id_a"),
)
