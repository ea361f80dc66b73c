"""Who is who in a run, who holds each right, at which scale, and whether the right is worked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import activity, evidence, issues, side_tables, strata
from geoasm.codes import Role
from geoasm.law import LawAt
from geoasm.parties import Parties, groups, identify, is_joint, review, same_holder
from geoasm.parties.groups import Groups
from geoasm.profile import Profile

REVIEW_HOLDERS, REVIEW_GROUPS = "holders", "groups"
Frames = Mapping[Role, pd.DataFrame]


@dataclass(frozen=True)
class People:
    """Registrants and holders of a run, their groups, and who may be the same without proof."""

    parties: Parties
    groups: Groups
    likely: pd.DataFrame
    issues: pd.DataFrame
    registrants: str  # "none" where the register has no persons

    def same_holder(self, pairs: pd.DataFrame) -> pd.Series:
        """Tell of pairs (positions `registration`, `concession`) whether the registrant holds the right."""
        registrant = self.parties.registrant.take(pairs["registration"]).set_axis(pairs.index)
        holder = self.parties.holder.take(pairs["concession"]).set_axis(pairs.index)
        return same_holder(registrant, holder, self.parties, self.registrants, self.likely)


def meet(
    registrations: pd.DataFrame, concessions: pd.DataFrame, tables: Frames, profile: Profile
) -> People:
    """
    Find out who is who.

    Parameters
    ----------
    tables
        Side tables by role; `holders`, `aliases` and `groups` tell of parties.
    """
    rules = profile.parties
    parties = identify(
        registrations,
        concessions,
        rules,
        holders=tables.get(Role.HOLDERS),
        aliases=tables.get(Role.ALIASES),
    )
    grouped = groups.group(tables.get(Role.GROUPS), parties, rules)
    denied = review.denied(tables.get(Role.ALIASES), rules)
    likely = review.find_similar(parties, rules, denied)
    doubts = side_tables.doubt_holders(tables, parties, rules)
    found = issues.join([parties.issues, grouped.issues, doubts])
    return People(parties, grouped, likely, found, profile.registrants)


@dataclass(frozen=True)
class Judged:
    """Rights with holder, stratum and activity, the ledger behind it, and what was doubted."""

    concessions: pd.DataFrame
    ledger: pd.DataFrame
    issues: pd.DataFrame


def judge(
    concessions: pd.DataFrame,
    people: People,
    tables: Frames,
    layers: Frames,
    profile: Profile,
    law: LawAt,
    *,
    disturbed: pd.DataFrame | None = None,
    has_registrations: npt.NDArray[np.bool_] | None = None,
) -> Judged:
    """
    Say of each right who holds it, of which stratum the holder is, and whether the right is worked.

    Parameters
    ----------
    concessions
        Normalised rights.
    disturbed
        `last_growth_year` and other columns of `disturbance.measure`, on the index of the rights.
    has_registrations
        Whether registrations stand on or near each right.
    """
    parties = people.parties
    stratum = strata.derive(
        concessions,
        parties,
        people.groups,
        profile.parties,
        law,
        official=tables.get(Role.STRATA),
        production=tables.get(Role.PRODUCTION),
    )
    given = evidence.Sources(tables, layers, disturbed, has_registrations)
    ledger = evidence.gather(
        concessions, parties, people.groups, given, profile.parties, law, profile.crs
    )
    worked = activity.judge(ledger.frame, len(concessions), law).set_axis(concessions.index)
    out = concessions.join(stratum.frame).join(worked)
    if disturbed is not None:
        out = out.join(disturbed)
    out["holder_id"] = parties.holder
    out["is_joint"] = is_joint(parties.holder, parties)
    return Judged(out, ledger.frame, issues.join([stratum.issues, ledger.issues]))


def list_reviews(
    people: People,
    registrations: pd.DataFrame,
    concessions: pd.DataFrame,
    pairs: pd.DataFrame,
    tables: Frames,
    profile: Profile,
) -> dict[str, pd.DataFrame]:
    """Lay out what a person has to judge: spellings of holders, and groups; name of the list to rows."""
    met = pairs[pairs["covered"].to_numpy(dtype=bool)]
    similar = review.list_holders(
        people.likely,
        people.parties,
        concessions["concession_id"],
        registrations["registration_id"],
        met,
    )
    suggested = groups.suggest(people.parties, profile.parties, tables.get(Role.HOLDERS))
    named = people.parties.frame.set_index("party_id")["name"]
    suggested.insert(0, "holder", suggested.pop("party_id").map(named))
    return {REVIEW_HOLDERS: similar, REVIEW_GROUPS: suggested}
