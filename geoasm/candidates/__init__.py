"""Where miners and an active company could work together: gates first, then what is known, weighed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import schema
from geoasm.candidates import factors, gates
from geoasm.candidates.score import find_pivots, rank, score, stay_at_top, weigh
from geoasm.codes import (
    EvidenceSays,
    Hinge,
    NotCounted,
    RegistrationStatus,
    Role,
    StratumBasis,
)
from geoasm.model import CandidateRules

__all__ = ["Prospects", "Scene", "find", "why_not_counted"]

why_not_counted = gates.why_not_counted
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Scene:
    """
    What candidates are found in.

    `registrations` has the columns of `schema.REGISTRATIONS`, with `cluster_id` and `not_counted`;
    `decided_by` is the position of the right that decided, -1 for none; `pairs` has `registration`,
    `concession`, `covered`. `areas` are pairs of registrations and areas by role.
    """

    registrations: pd.DataFrame
    decided_by: Positions
    concessions: pd.DataFrame
    pairs: pd.DataFrame
    overlaps: pd.DataFrame
    ledger: pd.DataFrame
    affiliates: pd.DataFrame
    tables: Mapping[Role, pd.DataFrame]
    areas: Mapping[Role, pd.DataFrame]
    assessed: pd.DataFrame


@dataclass(frozen=True)
class Prospects:
    """Candidates, rights that stop at a gate, and rights of which something must be found out first."""

    candidates: pd.DataFrame
    rejected: pd.DataFrame
    verify_first: pd.DataFrame


def find(scene: Scene, rules: CandidateRules) -> Prospects:
    """
    Walk every right with registrations through the gates, and rank what passes them all.

    Nothing unknown lifts a score: its lower end counts it as nought, and that end gives the order.

    Returns
    -------
    prospects
        In the columns of `schema.CANDIDATES`, whose `reasons_for`, `reasons_against` and `next_step`
        are empty, `schema.CANDIDATES_REJECTED` and `schema.VERIFY_FIRST`.
    """
    rights = scene.concessions
    counts = scene.registrations["not_counted"].isna().to_numpy() & (scene.decided_by >= 0)
    counted = scene.registrations[counts].assign(right=scene.decided_by[counts])
    n_counted = np.bincount(counted["right"], minlength=len(rights))
    n_on = _count_on(scene)
    walked = gates.pass_gates(rights, n_counted)
    met = n_on > 0
    stopped = met & walked["gate"].notna().to_numpy()
    waiting = met & walked["verify"].notna().to_numpy()
    passed = np.flatnonzero(met & ~stopped & ~waiting)
    rows = rights.assign(gate=walked["gate"], verify=walked["verify"], n_on=n_on)
    rejected = rows[stopped].assign(n_registrations=n_on[stopped], n_counted=n_counted[stopped])
    waits = rows[waiting].join(_tally(counted), how="left")
    return Prospects(
        _rank(scene, counted, passed, rules),
        schema.conform(rejected.reset_index(drop=True), schema.CANDIDATES_REJECTED),
        schema.conform(waits.reset_index(drop=True), schema.VERIFY_FIRST),
    )


def _count_on(scene: Scene) -> Positions:
    """Count the registrations that each right covers, or whose class it decided by declaration alone."""
    covered = scene.pairs[scene.pairs["covered"].to_numpy(dtype=bool)]
    decided = np.flatnonzero(scene.decided_by >= 0)
    met = pd.DataFrame(
        {
            "registration": np.concatenate([covered["registration"], decided]),
            "concession": np.concatenate([covered["concession"], scene.decided_by[decided]]),
        }
    ).drop_duplicates()
    return np.bincount(met["concession"], minlength=len(scene.concessions))


def _tally(counted: pd.DataFrame) -> pd.DataFrame:
    """Count what stands on each right, by its position."""
    active = counted["status"] == RegistrationStatus.ACTIVE
    grouped = counted.assign(is_active=active).groupby("right")
    return pd.DataFrame(
        {
            "n_registrations": grouped.size(),
            "n_active": grouped["is_active"].sum(),
            "n_registrants": grouped["registrant_id"].nunique(),
            "n_clusters": grouped["cluster_id"].nunique(),
        }
    )


def _rank(
    scene: Scene, counted: pd.DataFrame, passed: Positions, rules: CandidateRules
) -> pd.DataFrame:
    if not len(passed):
        return schema.empty(schema.CANDIDATES)
    place = pd.Series(np.arange(len(passed)), index=passed)
    mine = counted[counted["right"].isin(passed)]
    sizes = scene.registrations["registrant_id"].value_counts()
    mine = mine.assign(
        place=mine["right"].map(place), size=mine["registrant_id"].map(sizes).astype("Int64")
    )
    conflict = scene.areas.get(Role.CONFLICT_AREAS)
    facts = factors.Facts(
        rights=passed,
        counted=mine,
        concessions=scene.concessions,
        ledger=scene.ledger,
        overlaps=scene.overlaps,
        affiliates=scene.affiliates,
        tables=scene.tables,
        given=frozenset({*scene.areas, *scene.tables}),
        on_conflict=pd.Series(
            False if conflict is None else mine.index.isin(conflict["registration"]),
            index=mine.index,
        ),
        assessed=scene.assessed,
        n_alluvial=_count_alluvial(scene, passed),
    )
    values, known = factors.measure(facts, rules)
    worth = weigh(values, known, rules)
    scores = score(worth)
    frame = scene.concessions.iloc[passed].join(_tally(counted)).reset_index(drop=True)
    frame = frame.join(scores).join(find_pivots(worth, scores))
    frame = frame.join(values.add_prefix("factor_")).join(known.add_prefix("known_"))
    frame = frame.assign(
        rank=rank(scores),
        top_share=stay_at_top(worth, rules),
        plant_distance_m=factors.plant_distance_m(facts),
        n_overlapping=factors.count_overlapping(facts),
        is_joint=facts.concessions["is_joint"].to_numpy(dtype=bool)[passed],
        n_shaken=factors.count_shaken(facts),
        hinges=_hinges(facts, frame),
        reasons_for="",
        reasons_against="",
        next_step="",
    )
    unweighed = {name: None for name in schema.CANDIDATES.names if name not in frame}
    return schema.conform(frame.assign(**unweighed), schema.CANDIDATES)


def _count_alluvial(scene: Scene, passed: Positions) -> Positions:
    """Count what would count on each candidate, were its place not alluvial."""
    alluvial = (scene.registrations["not_counted"] == NotCounted.ALLUVIAL).to_numpy(dtype=bool)
    right = scene.decided_by[alluvial & (scene.decided_by >= 0)]
    return np.bincount(right, minlength=len(scene.concessions))[passed]


def _hinges(facts: factors.Facts, frame: pd.DataFrame) -> pd.Series:
    """Name the single facts without which each would be no candidate."""
    worked = facts.ledger["counts"] & (facts.ledger["says"] == EvidenceSays.WORKED)
    pieces = facts.of_right(facts.ledger.loc[worked, "right"].value_counts(), absent=0.0)
    shaken, _ = facts.share(factors.is_shaken(facts))
    marks = (
        (Hinge.ONE_REGISTRATION, (frame["n_registrations"] == 1).to_numpy()),
        (Hinge.ONE_EVIDENCE, pieces == 1),
        (Hinge.HECTARES, (frame["stratum_basis"] == StratumBasis.HECTARES_OVER_LIMIT).to_numpy()),
        (Hinge.POSITIONS, shaken == 1.0),
    )
    text = np.full(len(frame), "", dtype=object)
    for code, mask in marks:
        text[mask] = text[mask] + (schema.LIST_SEPARATOR + code.value)
    return pd.Series(text, index=frame.index).str.strip(schema.LIST_SEPARATOR)
