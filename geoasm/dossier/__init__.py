"""A company's dossier: everything that a run knows of one holder's or group's rights, as frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from geoasm.codes import ConcessionStatus, SignKind
from geoasm.dossier.sheets import Sheet
from geoasm.dossier.who import (
    Part,
    Subject,
    find_group,
    find_holder,
    list_companies,
    of_group,
    of_holder,
)
from geoasm.held import as_held, shaped
from geoasm.model import Result
from geoasm.schema import LIST_SEPARATOR

__all__ = [
    "CountsFor",
    "Dossier",
    "Part",
    "Place",
    "Senior",
    "Sheet",
    "Subject",
    "find_group",
    "find_holder",
    "gather",
    "is_weighed",
    "list_companies",
    "of_group",
    "of_holder",
]


class Place(StrEnum):
    """Where a registration of a dossier stands: the first that is so."""

    ON_TITLE = "on_title"  # a title in force covers or decided it
    NEAR = "near"
    ON_OTHER = "on_other"  # only rights of another status


class CountsFor(StrEnum):
    """Whose right a registration counts for, where it counts towards coexistence."""

    OWN = "own_right"  # one of the subject's decided
    OTHER = "other_right"


class Senior(StrEnum):
    """Which of two overlapping rights goes before."""

    OWN = "own"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Dossier:
    """
    What a run knows of a subject; every row is a row of the run's tables.

    `holders` adds `part`; `overlaps` is turned to `own_id`, `other_id`, `other_status`,
    `other_holder_id`, `is_own` (both rights are the subject's), `share_of_own`, `senior`;
    `registrations` adds `is_on`, `place`, `counts_for` (missing where it does not count), `near_id`,
    `near_distance_m`; `clusters` adds `n_on`, `n_near`; `signs` adds `n_here`, the registrations that
    are on or near. Without `weighed` the run's profile weighs no candidates: nobody looked for clusters,
    neighbours, candidates or signs, and no registration counts.
    """

    subject: Subject
    holders: pd.DataFrame
    rights: pd.DataFrame
    overlaps: pd.DataFrame
    evidence: pd.DataFrame
    registrations: pd.DataFrame
    near: pd.DataFrame
    clusters: pd.DataFrame
    candidates: pd.DataFrame
    rejected: pd.DataFrame
    verify_first: pd.DataFrame
    signs: pd.DataFrame
    n_ranked: int  # candidates of the whole run
    weighed: bool = True

    @property
    def on(self) -> pd.DataFrame:
        """Registrations that a right of the subject covers or decided."""
        return self.registrations[self.registrations["is_on"]]

    @property
    def n_hosted(self) -> int:
        """Registrations of others on the subject's titles in force, as the holders' table counts."""
        return int(self.holders["n_hosted"].sum())


def gather(result: Result, subject: Subject) -> Dossier:
    """
    Take what concerns a subject out of the frames of a run.

    A registration is on the subject's rights where one covers its point or decided its class, and near
    where the run's `near_outside` says so. A cluster belongs here where one of its registrations does, a
    sign where it speaks of such a right, cluster or registration.
    """
    numbers = subject.holder_ids
    rights = _of(result.concessions, "holder_id", numbers)
    codes = rights["concession_id"]
    near = _of(result.near_outside, "holder_id", numbers)
    weighed = is_weighed(result.summary)
    registrations = _registrations(result, rights, near, weighed=weighed)
    candidates = _of(result.candidates, "concession_id", codes)
    clusters = _clusters(result.clusters, registrations)
    return Dossier(
        subject=subject,
        holders=_of(result.holders, "holder_id", numbers)
        .merge(subject.parts, on="holder_id")
        .reset_index(drop=True),
        rights=rights,
        overlaps=_overlaps(result, codes),
        evidence=_of(result.evidence, "concession_id", codes),
        registrations=registrations,
        near=near,
        clusters=clusters,
        candidates=candidates.sort_values(["rank", "concession_id"]).reset_index(drop=True),
        rejected=_of(result.candidates_rejected, "concession_id", codes),
        verify_first=_of(result.verify_first, "concession_id", codes),
        signs=_signs(result.signs, codes, clusters["cluster_id"], registrations),
        n_ranked=len(result.candidates),
        weighed=weighed,
    )


def is_weighed(summary: Mapping[str, Any]) -> bool:
    """Tell whether the profile of a run weighs candidates; a run that does not say so did."""
    return bool(summary.get("prospects", {}).get("weighed", True))


def _of(frame: pd.DataFrame, column: str, values: object) -> pd.DataFrame:
    return frame[frame[column].isin(values).to_numpy(dtype=bool)].reset_index(drop=True)


def _registrations(
    result: Result, rights: pd.DataFrame, near: pd.DataFrame, *, weighed: bool
) -> pd.DataFrame:
    """Take the registrations on and near rights, and say where each stands and for whom it counts."""
    covering = result.pairs[
        (
            result.pairs["covered"].fillna(False)
            & result.pairs["concession_id"].isin(rights["concession_id"])
        ).to_numpy(dtype=bool)
    ]
    nearest = near.sort_values(["distance_m", "concession_id"]).drop_duplicates("registration_id")
    nearest = nearest.set_index("registration_id")
    rows = result.registrations
    own = rows["concession_id"].isin(rights["concession_id"])
    is_on = rows["registration_id"].isin(covering["registration_id"]) | own
    here = (is_on | rows["registration_id"].isin(nearest.index)).to_numpy(dtype=bool)
    rows, own, is_on = (x[here].reset_index(drop=True) for x in (rows, own, is_on))
    code = rows["registration_id"]
    out = rows.assign(
        is_on=is_on.to_numpy(dtype=bool),
        near_id=code.map(nearest["concession_id"]).astype("str"),
        near_distance_m=code.map(nearest["distance_m"]).astype("float64"),
    )
    titles = rights.loc[rights["status"] == ConcessionStatus.TITLED, "concession_id"]
    of_title = covering.loc[covering["concession_id"].isin(titles), "registration_id"]
    on_title = code.isin(of_title) | rows["concession_id"].isin(titles)
    out["place"] = pd.Series(
        np.select([on_title, out["near_id"].notna()], [Place.ON_TITLE, Place.NEAR], Place.ON_OTHER),
        index=out.index,
    ).astype("str")
    counts_for = pd.Series(np.where(own, CountsFor.OWN, CountsFor.OTHER), index=out.index)
    counts = rows["not_counted"].isna() & weighed
    out["counts_for"] = counts_for.where(counts).astype("str")
    return out


def _overlaps(result: Result, codes: pd.Series) -> pd.DataFrame:
    """Turn pairs of overlapping rights so that the subject's comes first."""
    pairs = as_held(result, "overlaps")
    is_a = pairs["concession_id_a"].isin(codes).to_numpy(dtype=bool)
    is_b = pairs["concession_id_b"].isin(codes).to_numpy(dtype=bool)
    rows, is_a, is_b = (x[is_a | is_b] for x in (pairs, is_a, is_b))
    rows = shaped(rows)
    a, b = rows["concession_id_a"], rows["concession_id_b"]
    own, other = a.where(is_a, b), b.where(is_a, a)
    known = _of(result.concessions, "concession_id", other).set_index("concession_id")
    out = rows.assign(
        own_id=own,
        other_id=other,
        other_status=other.map(known["status"]).astype("str"),
        other_holder_id=other.map(known["holder_id"]).astype("Int64"),
        is_own=is_a & is_b,
        share_of_own=rows["share_of_a"].where(is_a, rows["share_of_b"]),
    )
    senior = np.select(
        [(rows["senior_id"] == own).fillna(False), (rows["senior_id"] == other).fillna(False)],
        [Senior.OWN, Senior.OTHER],
        Senior.UNKNOWN,
    )
    out["senior"] = pd.Series(senior, index=out.index).astype("str")
    order = out.sort_values(["overlap_ha", "own_id", "other_id"], ascending=[False, True, True])
    return order.reset_index(drop=True)


def _clusters(clusters: pd.DataFrame, registrations: pd.DataFrame) -> pd.DataFrame:
    here = registrations.dropna(subset=["cluster_id"])
    rows = _of(clusters, "cluster_id", here["cluster_id"])
    for name, mask in (("n_on", here["is_on"]), ("n_near", here["near_id"].notna())):
        counts = here.loc[mask, "cluster_id"].value_counts()
        rows[name] = rows["cluster_id"].map(counts).fillna(0).astype("Int64")
    order = rows.sort_values(
        ["n_on", "n_registrations", "cluster_id"], ascending=[False, False, True]
    )
    return order.reset_index(drop=True)


def _signs(
    signs: pd.DataFrame, codes: pd.Series, clusters: pd.Series, registrations: pd.DataFrame
) -> pd.DataFrame:
    """Take the signs that speak of something here, and count how many of their registrations are."""
    each = signs["registration_ids"].str.split(LIST_SEPARATOR).explode()
    here = each.isin(registrations["registration_id"]).groupby(level=0).sum().astype("int64")
    declares = (signs["kind"] == SignKind.DECLARED_ELSEWHERE) & signs["subject"].isin(codes)
    chosen = signs["concession_id"].isin(codes) | declares | (here > 0)
    competes = (signs["kind"] == SignKind.COMPETING) & signs["cluster_id"].isin(clusters)
    kept = (chosen | competes).to_numpy(dtype=bool)
    return signs.assign(n_here=here)[kept].reset_index(drop=True)
