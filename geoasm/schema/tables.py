"""Tables beside the answers: overlaps, candidates, holders, evidence, ground, issues."""

from __future__ import annotations

from geoasm.schema.columns import Table, columns

OVERLAPS = Table(
    "overlaps",
    columns(
        ("concession_id_a", "text", "first right, by code"),
        ("concession_id_b", "text", "second right"),
        ("overlap_ha", "number", "ground in both", "ha"),
        ("share_of_a", "number", "part of the first right that both cover", "1"),
        ("share_of_b", "number", "part of the second right that both cover", "1"),
        (
            "measured_in",
            "text",
            "system of the areas: the zone of both rights, or equal-area across zones",
        ),
        ("senior_id", "text", "right that goes before; empty where the order is unknown"),
        ("relation", "text", "why the senior right goes before"),
        ("geometry", "geometry", "the ground in both", "degree"),
    ),
    key=("concession_id_a", "concession_id_b"),
)

PIECES = Table(
    "pieces",
    columns(
        ("piece_id", "integer", "run-local number of the piece"),
        ("right_ids", "text", "rights on the piece, senior first, joined by ;"),
        ("n_rights", "integer", "rights on the piece", "rights"),
        ("senior_id", "text", "right that goes before all others; empty where nobody can tell"),
        ("area_ha", "number", "ground of the piece; pieces do not overlap", "ha"),
        (
            "measured_in",
            "text",
            "system of the area: the zone of the rights, or equal-area across zones",
        ),
        ("geometry", "geometry", "polygon of the piece", "degree"),
    ),
    key=("piece_id",),
)

HOLDERS = Table(
    "holders",
    columns(
        ("holder_id", "integer", "run-local number of the holder"),
        (
            "name",
            "text",
            "name of a legal entity; empty where a natural person is among the holders",
        ),
        ("holder_kind", "text", "natural, legal or unknown"),
        ("n_members", "integer", "holders together, as far as they are named", "holders"),
        (
            "group",
            "text",
            "group of holders, by the user's table; a number where a person is in it",
        ),
        (
            "stratum",
            "text",
            "lsm_msm, small_scale or unknown, of the holder itself; the licence of a right speaks of that "
            "right, and says it of the holder only where all its rights agree",
        ),
        ("stratum_basis", "text", "what the stratum rests on; none where it is unknown"),
        ("total_ha", "number", "titled and pending ground of the holder's group, dissolved", "ha"),
        ("n_in_force", "integer", "titles in force", "rights"),
        ("in_force_ha", "number", "their ground, dissolved", "ha"),
        ("n_pending", "integer", "applications", "rights"),
        ("n_active", "integer", "titles in force with evidence of work", "rights"),
        ("idle_ha", "number", "ground of idle titles, dissolved", "ha"),
        ("n_hosted", "integer", "registrations of others on titles in force", "registrations"),
        ("hosted_by_class", "text", "hosted registrations by class, as class=count joined by ;"),
        (
            "is_registered",
            "boolean",
            "the holder is itself in the register; empty where it has no persons",
        ),
        said=("group",),
    ),
    key=("holder_id",),
)

EVIDENCE = Table(
    "evidence",
    columns(
        ("concession_id", "text", "right of which it speaks"),
        (
            "kind",
            "text",
            "production, mining_unit, exploration, plant, permit, penalty, footprint or filing",
        ),
        ("says", "text", "worked, not_worked, disputes (against idleness) or context"),
        ("counts", "boolean", "of a kind, place and age that the law counts"),
        ("scope", "text", "right, production_unit, unit_radius or elsewhere"),
        ("year", "integer", "year of which it speaks; empty where the source has none", "year"),
        ("observed_on", "date", "day of which it speaks"),
        ("subject", "text", "unit, plant or permit"),
        ("distance_m", "number", "from the right to the unit or plant", "m"),
        (
            "by_holder",
            "boolean",
            "the unit or plant is run by the holder or its group; empty where it has no operator",
        ),
        ("source", "text", "role of the file"),
        said=("subject",),
    ),
    key=("concession_id", "kind", "scope", "year", "observed_on", "subject", "distance_m"),
)

DISTURBANCE = Table(
    "disturbance",
    columns(
        ("concession_id", "text", "right"),
        ("year", "integer", "year of the raster", "year"),
        ("disturbed_ha", "number", "disturbed ground, whole pixels and parts of pixels", "ha"),
        ("valid_share", "number", "part of the right that the raster shows", "1"),
    ),
    key=("concession_id", "year"),
)

TERRITORY = Table(
    "territory",
    columns(
        ("admin_1", "text", "first-level region; empty: the whole study area"),
        ("admin_2", "text", "second-level region"),
        ("admin_3", "text", "third-level region"),
        ("ground", "text", "closed, titled, pending, extinct, other, unknown or free"),
        ("area_ha", "number", "ground of this kind, dissolved; kinds may overlap", "ha"),
        ("share", "number", "of the region's area; kinds may overlap", "1"),
        (
            "net_ha",
            "number",
            "ground counted once: closed, then titled, pending, extinct, other, unknown, free",
            "ha",
        ),
        ("net_share", "number", "of the region's area; the kinds of a region sum to 1", "1"),
        ("region_ha", "number", "the region's area: the denominator", "ha"),
    ),
    key=("admin_1", "admin_2", "admin_3", "ground"),
)

ISSUES = Table(
    "issues",
    columns(
        ("source", "text", "role of the file"),
        ("row", "integer", "record number in the file, from 1; empty for the file as a whole"),
        ("id", "text", "code of the record, where it has one"),
        ("problem", "text", "what is wrong, from a closed set"),
        ("field", "text", "field or column concerned"),
        (
            "value",
            "text",
            "offending value; hidden where the field is private or it may tell a person",
        ),
        ("action", "text", "mended, doubted or set_aside"),
        ("detail", "text", "what was done or what can be"),
        said=("id", "field", "value", "detail"),
    ),
    key=("source", "row", "id", "problem", "field", "value"),
)

PARTIES = Table(
    "parties",
    columns(
        ("party_id", "integer", "run-local number of a registrant or holder"),
        ("name", "text", "name as the source spells it"),
        ("known_as", "text", "every normalised name that it bears, joined by ;"),
        ("ruc", "text", "identity number"),
        ("kind", "text", "natural, legal or unknown"),
        ("members", "text", "numbers of the parties that hold together, joined by ;"),
        ("group", "text", "group of holders, as the user's table calls it"),
        private=True,
    ),
    key=("party_id",),
    private=True,
)
