"""What moves between a baseline and a scenario, and which part of the scenario moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoasm import schema
from geoasm.amendments.choose import Chosen
from geoasm.amendments.stated import Scenario
from geoasm.codes import AsmClass, CandidateMove, FactorName, Flag, MeasureKind, MoveReason
from geoasm.flows import balance_faults, count_flows
from geoasm.model import Result
from geoasm.schema import LIST_SEPARATOR

_REGIONS = ["admin_1", "admin_2", "admin_3"]
_SCORES = ["score_low", "score_high"]


@dataclass(frozen=True)
class Effects:
    """
    A baseline beside a scenario.

    `registrations` has a row for each registration of either, by its code: `class_a`, `class_b`,
    `pathway_a`, `pathway_b`, regions, and `reason` where class or pathway moved. `flows` and
    `candidates` follow `schema.SCENARIO_FLOWS` and `schema.SCENARIO_CANDIDATES`; `faults` names
    classes whose flows do not add up.
    """

    registrations: pd.DataFrame
    flows: pd.DataFrame
    candidates: pd.DataFrame
    faults: tuple[str, ...]


def measure(scenario: Scenario, chosen: Sequence[Chosen], before: Result, after: Result) -> Effects:
    """Put a baseline and its scenario side by side."""
    both = _side_by_side(before, after)
    both["reason"] = _reasons(both, scenario, chosen)
    by = {name: both[name] for name in ("pathway_a", "pathway_b", "admin_1", "reason")}
    flows = count_flows(both["class_a"], both["class_b"], **by)
    faults = balance_faults(
        flows,
        before.registrations.set_index("registration_id")["asm_class"],
        after.registrations.set_index("registration_id")["asm_class"],
    )
    return Effects(
        both,
        schema.conform(flows, schema.SCENARIO_FLOWS),
        _candidates(before, after),
        tuple(faults),
    )


def _side_by_side(before: Result, after: Result) -> pd.DataFrame:
    columns = {"asm_class": "class", "pathway": "pathway", "flags": "flags"}
    sides = [
        run.registrations.set_index("registration_id")[list(columns)]
        .astype("str")
        .rename(columns={name: f"{short}_{side}" for name, short in columns.items()})
        for run, side in ((before, "a"), (after, "b"))
    ]
    both = sides[0].join(sides[1], how="outer").sort_index()
    places = [run.registrations.set_index("registration_id") for run in (before, after)]
    where = places[0][_REGIONS].reindex(both.index)
    rights = places[0][["right_ids", "concession_id"]].reindex(both.index)
    return both.join(where.fillna(places[1][_REGIONS])).join(rights)


def _reasons(both: pd.DataFrame, scenario: Scenario, chosen: Sequence[Chosen]) -> pd.Series:
    """Say why each moved; missing where it did not."""
    moved = (both["class_a"].ne(both["class_b"]) | both["pathway_a"].ne(both["pathway_b"])).fillna(
        True
    )
    signed = has_flag(both["flags_b"], Flag.HAS_CONTRACT) & ~has_flag(
        both["flags_a"], Flag.HAS_CONTRACT
    )
    zone = both["class_b"].eq(AsmClass.IN_ASM_ZONE)
    masks = [
        (
            MoveReason.CONTRACTS_SIGNED,
            signed & _touched(both, chosen, MeasureKind.CONTRACTS_SIGNED),
        ),
        (MoveReason.GROUND_RESERVED, zone & _touched(both, chosen, MeasureKind.GROUND_RESERVED)),
        (MoveReason.RIGHTS_LAPSE, _touched(both, chosen, MeasureKind.RIGHTS_LAPSE)),
    ]
    rows = [mask.fillna(False).to_numpy(dtype=bool) for _, mask in masks]
    found = np.select(rows, [str(code) for code, _ in masks], default=str(_beside(scenario)))
    return pd.Series(found, index=both.index).where(moved).astype("str")


def _beside(scenario: Scenario) -> MoveReason:
    """Say what moved a registration that no measure touches."""
    changed = [
        (MoveReason.PARAMETERS, scenario.parameters),
        (MoveReason.RULES, scenario.rules),
        (MoveReason.AREA_LEVELS, scenario.area_levels),
        (MoveReason.DAY, scenario.on),
        (MoveReason.STACKED, scenario.stacked),
    ]
    found = [code for code, change in changed if change]
    if any(m.kind is MeasureKind.RIGHTS_LAPSE for m in scenario.measures):
        found.append(MoveReason.KNOCK_ON)
    return found[0] if len(found) == 1 else MoveReason.SEVERAL


def has_flag(flags: pd.Series, flag: Flag) -> pd.Series:
    """Tell which rows carry a flag."""
    joined = LIST_SEPARATOR + flags.fillna("").astype(object) + LIST_SEPARATOR
    return joined.str.contains(f"{LIST_SEPARATOR}{flag}{LIST_SEPARATOR}", regex=False).astype(bool)


def _touched(both: pd.DataFrame, chosen: Sequence[Chosen], kind: MeasureKind) -> pd.Series:
    """Tell which registrations have a right of such a measure at their point, or decided by it."""
    ids = {code for c in chosen if c.measure.kind is kind for code in c.concession_ids}
    at = both["right_ids"].fillna("").astype(object).str.split(LIST_SEPARATOR).explode()
    touched = at.isin(ids).groupby(level=0).any().reindex(both.index)
    return touched.astype(bool) | both["concession_id"].isin(ids)


def _candidates(before: Result, after: Result) -> pd.DataFrame:
    """List the candidates of both, with what stops those that only one has."""
    columns = ["concession_id", "rank", "n_registrations", *_SCORES]
    sides = [
        run.candidates[columns]
        .set_index("concession_id")
        .rename(columns={name: f"{name}_{side}" for name in columns[1:]})
        for run, side in ((before, "a"), (after, "b"))
    ]
    both = sides[0].join(sides[1], how="outer").sort_index()
    in_a, in_b = (both.index.isin(side.index) for side in sides)
    move = np.select([in_a & in_b, in_b], [CandidateMove.KEPT.value, CandidateMove.GAINED.value],
                     CandidateMove.LOST.value)  # fmt: skip
    stopped_a, stopped_b = (both.index.map(_stops(run)) for run in (before, after))
    differs = both.index.map(_differing(before.candidates, after.candidates))
    reason = np.select([in_a & in_b, in_b], [differs, stopped_a], stopped_b)
    frame = both.reset_index().assign(in_a=in_a, in_b=in_b, move=move, reason=reason)
    return schema.conform(frame, schema.SCENARIO_CANDIDATES)


def _stops(run: Result) -> pd.Series:
    """Give the gate at which each right stops, or what must be found out of it first."""
    gates = run.candidates_rejected.set_index("concession_id")["gate"]
    return pd.concat([gates, run.verify_first.set_index("concession_id")["verify"]]).astype(object)


def _differing(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """Name the factors of candidates of both runs that weigh otherwise."""
    one, other = (frame.set_index("concession_id") for frame in (before, after))
    shared = one.index.intersection(other.index)
    text = pd.Series("", index=shared, dtype=object)
    for name in FactorName:
        columns = [f"factor_{name}", f"known_{name}"]
        a, b = (
            frame.loc[shared, columns].astype("float64").fillna(-1).to_numpy()
            for frame in (one, other)
        )
        text[(~np.isclose(a, b)).any(axis=1)] += LIST_SEPARATOR + name
    return text.str.removeprefix(LIST_SEPARATOR).where(text != "")
