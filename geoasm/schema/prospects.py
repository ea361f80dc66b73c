"""Tables of prospects: candidates, what stops at a gate or waits, clusters, neighbours, signs."""

from __future__ import annotations

from geoasm.codes import RISKS, FactorName
from geoasm.schema.columns import Table, columns

_MEANING = {
    FactorName.ACTIVE_HOLDER: "how surely the right itself is worked",
    FactorName.OWN_PLANT: "how near the holder's or its group's own plant is",
    FactorName.ACTIVE_REGISTRATIONS: "share of the counted registrations that are active",
    FactorName.IGAFOM: "share of the counted registrations with an IGAFOM filed",
    FactorName.LEGAL_ENTITIES: "share of the counted registrations of legal entities",
    FactorName.CLUSTERED: "share of the counted registrations that stand in a cluster",
    FactorName.HARD_ROCK: "share of hard rock among the counted and the alluvial registrations",
    FactorName.PRECEDENT: "a contract of a registrant for this right, or with the holder for another",
    FactorName.MEDIUM_SCALE: "the holder is of medium scale",
    FactorName.SIMPLE_TITLE: "one holder, no overlap with another right, points surely in the right",
    FactorName.COMPANY_COMMITMENT: "the company's commitment, as an analyst assessed it",
    FactorName.GEOLOGY: "geology, as an analyst assessed it",
    FactorName.MANY_REGISTRATIONS: "share of the counted registrations whose registrant has very many",
    FactorName.DECLARED_ELSEWHERE: "share of the counted registrations that declare another right",
    FactorName.CONFLICT_AREA: "share of the counted registrations on ground in conflict",
    FactorName.BUFFER_ZONE: "share of the counted registrations on restricted ground",
    FactorName.COMMUNITY: "share of the counted registrations on a community's land",
}


def _factor_columns() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name in FactorName:
        kind = "risk" if name in RISKS else "merit"
        rows.append(
            (f"factor_{name}", "number", f"{kind}: {_MEANING[name]}; empty where unknown", "1")
        )
        rows.append((f"known_{name}", "number", f"part of {name} that is known", "1"))
    return rows


CANDIDATES = Table(
    "candidates",
    columns(
        ("concession_id", "text", "right with registrations that pass every gate"),
        ("holder_id", "integer", "run-local number of the holder"),
        ("rank", "integer", "place by score_low, 1 the highest", "rank"),
        ("n_registrations", "integer", "registrations that count", "registrations"),
        ("n_active", "integer", "of these, active", "registrations"),
        ("n_registrants", "integer", "their registrants", "registrants"),
        ("n_clusters", "integer", "clusters in which they stand", "clusters"),
        ("score_low", "number", "score from 0 to 100 with unknown factors at nought", "points"),
        ("score_high", "number", "score from 0 to 100 with unknown factors at full", "points"),
        ("coverage", "number", "share of the weights whose factor is known", "1"),
        ("top_share", "number", "share of draws of the weights in which it stays at the top", "1"),
        *_factor_columns(),
        ("plant_distance_m", "number", "to the nearest plant of the holder or its group", "m"),
        (
            "n_overlapping",
            "integer",
            "other titles and applications that share ground with it",
            "rights",
        ),
        ("is_joint", "boolean", "several hold it"),
        ("n_shaken", "integer", "counted registrations that may stand elsewhere", "registrations"),
        (
            "pivot_up",
            "text",
            "unknown factor that would lift it the most, were it found to be full",
        ),
        ("rank_up", "integer", "its place then", "rank"),
        ("pivot_down", "text", "known factor that would sink it the most, were it nought"),
        ("rank_down", "integer", "its place then", "rank"),
        ("hinges", "text", "single facts without which it would be no candidate, joined by ;"),
        ("reasons_for", "text", "what speaks for coexistence, in words"),
        ("reasons_against", "text", "what speaks against it, in words"),
        ("next_step", "text", "check to make first, in words"),
        ("geometry", "geometry", "polygon of the right", "degree"),
    ),
    key=("concession_id",),
)

CANDIDATES_REJECTED = Table(
    "candidates_rejected",
    columns(
        ("concession_id", "text", "right with registrations that stops at a gate"),
        ("holder_id", "integer", "run-local number of the holder"),
        ("gate", "text", "first gate at which it stops"),
        ("n_registrations", "integer", "registrations on it", "registrations"),
        ("n_counted", "integer", "of these, such as count towards coexistence", "registrations"),
        ("geometry", "geometry", "polygon of the right", "degree"),
    ),
    key=("concession_id",),
)

VERIFY_FIRST = Table(
    "verify_first",
    columns(
        ("concession_id", "text", "right that passes the gates with something unknown"),
        ("holder_id", "integer", "run-local number of the holder"),
        ("verify", "text", "what must be found out first: stratum, conflict or activity"),
        ("n_registrations", "integer", "registrations that count", "registrations"),
        ("n_active", "integer", "of these, active", "registrations"),
        ("n_clusters", "integer", "clusters in which they stand", "clusters"),
        ("geometry", "geometry", "polygon of the right", "degree"),
    ),
    key=("concession_id",),
)

CLUSTERS = Table(
    "clusters",
    columns(
        ("cluster_id", "integer", "run-local number of the cluster"),
        ("n_registrations", "integer", "registrations", "registrations"),
        ("n_registrants", "integer", "distinct registrants", "registrants"),
        ("n_active", "integer", "active registrations", "registrations"),
        ("active_share", "number", "active ones of those whose status is known", "1"),
        ("n_places", "integer", "distinct points", "points"),
        ("n_concessions", "integer", "rights that decided", "rights"),
        ("concession_ids", "text", "rights that decided, joined by ;"),
        ("classes", "text", "classes, joined by ;"),
        ("admin_1", "text", "first-level region of most of them"),
        ("admin_2", "text", "second-level region of most of them"),
        ("admin_3", "text", "third-level region of most of them"),
        ("geometry", "geometry", "convex hull of the points with a margin", "degree"),
        said=("admin_1", "admin_2", "admin_3"),
    ),
    key=("cluster_id",),
)

NEAR_OUTSIDE = Table(
    "near_outside",
    columns(
        ("registration_id", "text", "registration outside every right of the holder's group"),
        ("concession_id", "text", "nearest right of an active large or medium-scale holder"),
        ("holder_id", "integer", "run-local number of the holder"),
        ("distance_m", "number", "from the point to that right", "m"),
        ("asm_class", "text", "class of the registration"),
        ("not_counted", "text", "why it does not count towards coexistence; empty where it would"),
        ("cluster_id", "integer", "cluster in which it stands"),
        ("geometry", "geometry", "point of the registration", "degree"),
    ),
    key=("registration_id", "holder_id"),
)

SIGNS = Table(
    "signs",
    columns(
        ("kind", "text", "what raises the question"),
        ("subject", "text", "registrant number, place, right declared or land of which it speaks"),
        ("concession_id", "text", "right at the points; empty where no right decided"),
        ("cluster_id", "integer", "cluster in which they stand"),
        ("n_registrations", "integer", "registrations", "registrations"),
        ("n_registrants", "integer", "distinct registrants", "registrants"),
        (
            "first_year",
            "integer",
            "earliest year of registration, where the register says it",
            "year",
        ),
        ("last_year", "integer", "latest year of registration", "year"),
        ("registration_ids", "text", "the registrations, joined by ;"),
        said=("subject",),
    ),
    key=("kind", "subject", "concession_id", "cluster_id"),
)
