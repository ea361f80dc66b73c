"""Tables of answers: registrations, rights, and who stands on what."""

from __future__ import annotations

from geoasm.schema.columns import Table, columns

REGISTRATIONS = Table(
    "registrations",
    columns(
        ("registration_id", "text", "code of the registration in its register"),
        (
            "registrant_id",
            "integer",
            "run-local number of the registrant; means nothing outside the run",
        ),
        (
            "registrant_kind",
            "text",
            "natural, legal or unknown, from the identity number or the legal form",
        ),
        ("status", "text", "active, suspended, excluded or unknown"),
        ("activity", "text", "extraction, processing or unknown"),
        ("asm_class", "text", "class in law: one of the closed set"),
        ("rule_id", "text", "rule that decided the class"),
        ("reference", "text", "article behind the rule; empty where none is verified"),
        ("pathway", "text", "way to formality open from the class"),
        (
            "title_relation",
            "text",
            "whose title covers the point, whatever else is true of the place",
        ),
        (
            "holder_stratum",
            "text",
            "stratum of the holder of the title in force at the point (or declared, where that gave the "
            "class), also under closed ground; unknown where there is no such title, whatever "
            "concessions say of the holder of an application or extinct right",
        ),
        ("stratum_basis", "text", "what that stratum rests on; none where it is unknown"),
        (
            "holder_activity",
            "text",
            "active, idle or no_evidence, of the same title; no_evidence where there is none",
        ),
        (
            "concession_id",
            "text",
            "right that decided the class, in force or not; empty where no right decided",
        ),
        ("right_ids", "text", "every right at the point, senior first, joined by ;"),
        ("n_rights", "integer", "rights at the point", "rights"),
        ("n_titles", "integer", "titles in force among them", "rights"),
        ("declared_right_id", "text", "right that the registrant declared"),
        ("declared_relation", "text", "declared right against the rights at the point"),
        ("declared_distance_m", "number", "from the point to the declared right; 0 inside it", "m"),
        (
            "declared_same_holder",
            "boolean",
            "the declared right has the holder of the right at the point; empty where not known",
        ),
        ("basis", "text", "spatial or declared: which locator gave the class"),
        (
            "own_basis",
            "text",
            "what shows an own title: ruc, name or alias; empty where the class is another",
        ),
        ("setting", "text", "hard_rock, alluvial or unknown, by slope and water"),
        ("slope_deg", "number", "slope of the ground around the point", "degree"),
        ("water_distance_m", "number", "from the point to the nearest water", "m"),
        (
            "class_probability",
            "number",
            "probability of the class under the stated position error",
            "1",
        ),
        ("second_class", "text", "next most probable class"),
        ("second_probability", "number", "its probability", "1"),
        (
            "position_sigma_m",
            "number",
            "standard deviation of the position error, per axis; 95 % lie within 2.45 times as much",
            "m",
        ),
        ("edge_distance_m", "number", "from the point to the nearest edge of a right", "m"),
        ("flags", "text", "facts beside the class, joined by ;"),
        (
            "cluster_id",
            "integer",
            "run-local number of the cluster in which it stands; empty where alone",
        ),
        (
            "not_counted",
            "text",
            "why it does not count towards coexistence; empty where it counts",
        ),
        ("precondition", "text", "what must be so before the pathway leads to formality"),
        ("missing_check", "text", "what to find out first"),
        ("admin_1", "text", "first-level region: of the admin layer where given, else as declared"),
        ("admin_2", "text", "second-level region"),
        ("admin_3", "text", "third-level region"),
        ("crs_used", "text", "system in which the point was tested against rights"),
        ("source_row", "integer", "record number in the source, from 1"),
        (
            "geometry",
            "geometry",
            "point, longitude and latitude; empty where unlocatable",
            "degree",
        ),
        said=("declared_right_id", "admin_1", "admin_2", "admin_3"),
    ),
    key=("registration_id",),
)

CONCESSIONS = Table(
    "concessions",
    columns(
        ("concession_id", "text", "code of the right in its cadastre"),
        ("name", "text", "name of the right"),
        ("status", "text", "titled, pending, extinct, other or unknown"),
        ("status_code", "text", "status as the source says it"),
        ("filed_on", "date", "day of filing, which gives seniority"),
        ("free_on", "date", "day from which extinct ground can be claimed again, where published"),
        ("holder_id", "integer", "run-local number of the holder"),
        (
            "holder_stratum",
            "text",
            "lsm_msm, small_scale or unknown: of its holder, whatever the status of the right",
        ),
        ("stratum_basis", "text", "what the stratum rests on"),
        ("holder_scale", "text", "lsm, msm or unknown: where the table of strata tells them apart"),
        (
            "holder_total_ha",
            "number",
            "titled and pending ground of the holder's group, dissolved",
            "ha",
        ),
        ("holder_activity", "text", "active, idle or no_evidence"),
        ("activity_evidence", "text", "evidence that counts, as kind, year and place, joined by ;"),
        (
            "activity_conflict",
            "boolean",
            "penalties say that the right lies idle, other evidence that it does not",
        ),
        ("substance", "text", "metallic, non_metallic or unknown"),
        (
            "area_ha",
            "number",
            "planar area in the zone's UTM, as the cadastre counts hectares",
            "ha",
        ),
        ("declared_area_ha", "number", "area as the source says it", "ha"),
        (
            "n_registrations",
            "integer",
            "registrations whose point the right covers",
            "registrations",
        ),
        ("disturbed_ha", "number", "disturbed ground by the latest activity raster", "ha"),
        ("disturbed_share", "number", "disturbed part of the ground that the raster shows", "1"),
        ("disturbed_valid_share", "number", "part of the right that the raster shows", "1"),
        ("disturbed_year", "integer", "year of the latest activity raster", "year"),
        ("first_disturbed_year", "integer", "first raster with disturbed ground", "year"),
        ("first_growth_year", "integer", "first raster with more than the one before", "year"),
        ("last_growth_year", "integer", "last raster with more than the one before", "year"),
        ("growth_ha", "number", "disturbed ground of the last raster less that of the first", "ha"),
        ("crs_used", "text", "system in which the polygon was tested"),
        ("source_row", "integer", "record number in the source, from 1"),
        ("geometry", "geometry", "polygon, longitude and latitude", "degree"),
        said=("name", "status_code", "activity_evidence"),
    ),
    key=("concession_id",),
)

PAIRS = Table(
    "pairs",
    columns(
        ("registration_id", "text", "registration"),
        ("concession_id", "text", "right within reach of its point"),
        (
            "covered",
            "boolean",
            "the right covers the point; a point on an edge belongs to both sides",
        ),
        ("edge_distance_m", "number", "from the point to the edge of the right", "m"),
        ("role", "text", "place of the right in the stack at the point"),
        (
            "seniority",
            "integer",
            "rank in the stack, 1 the most senior; empty where the order is unknown",
        ),
    ),
    key=("registration_id", "concession_id"),
)
