"""What is known of each candidate: a value from 0 to 1 for each factor, and how much of it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import (
    RESTRICTED_FLAG,
    SHAKEN_FLAGS,
    ConcessionStatus,
    DeclaredRelation,
    EvidenceKind,
    EvidenceSays,
    FactorName,
    Flag,
    HolderScale,
    PartyKind,
    Precedent,
    RegistrationStatus,
    Role,
    Setting,
)
from geoasm.model import CandidateRules, Factor
from geoasm.schema import LIST_SEPARATOR

Positions = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Facts:
    """
    What factors are read from.

    `rights` are the positions of the candidates, `counted` the registrations that count on them, with
    `place` (number of their candidate), `size` (registrations of their registrant) and the columns of
    `schema.REGISTRATIONS`. `affiliates` has `right` and `affiliate`: who stands behind each right.
    """

    rights: Positions
    counted: pd.DataFrame
    concessions: pd.DataFrame
    ledger: pd.DataFrame
    overlaps: pd.DataFrame
    affiliates: pd.DataFrame
    tables: Mapping[Role, pd.DataFrame]
    given: frozenset[Role]
    on_conflict: pd.Series  # on the index of `counted`
    assessed: pd.DataFrame  # `right`, `factor`, `value`; one row for each right and factor
    n_alluvial: Positions  # registrations that would count on each, were their place not alluvial

    def share(self, mask: pd.Series, known: pd.Series | bool = True) -> tuple[Floats, Floats]:
        """Give the share of the known for which something holds, and the share that is known."""
        n = len(self.rights)
        place = self.counted["place"].to_numpy(dtype=np.intp)
        told = np.broadcast_to(np.asarray(known, dtype=bool), len(place))
        every = np.bincount(place, minlength=n)
        some = np.bincount(place[told], minlength=n)
        true = np.bincount(place[told & mask.to_numpy(dtype=bool)], minlength=n)
        with np.errstate(invalid="ignore", divide="ignore"):
            return true / some, np.where(every > 0, some / every, 0.0)

    def has_flag(self, *flags: str) -> pd.Series:
        """Tell which counted registrations carry one of some flags, or one that begins like it."""
        text = LIST_SEPARATOR + self.counted["flags"].fillna("").astype(object)
        found = pd.Series(False, index=text.index)
        for flag in flags:
            found |= text.str.contains(LIST_SEPARATOR + flag, regex=False)
        return found

    def of_right(self, values: pd.Series, absent: float = np.nan) -> Floats:
        """Take values, indexed by the position of rights, for the candidates."""
        taken: Floats = values.reindex(self.rights).fillna(absent).to_numpy(dtype="float64")
        return taken


Measured = tuple[Floats, Floats]


def measure(facts: Facts, rules: CandidateRules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Measure every factor of every candidate.

    Returns
    -------
    values, known
        A column a factor that the profile weighs, rows as `facts.rights`: the value of what is known,
        missing where nothing is; and the part that is known, from 0 to 1.
    """
    values, known = {}, {}
    for factor in rules.factors:
        value, part = _MEASURES[factor.name](facts, factor, rules)
        part = np.where(np.isnan(value), 0.0, part)
        values[str(factor.name)], known[str(factor.name)] = value, part
    index = pd.RangeIndex(len(facts.rights))
    return pd.DataFrame(values, index=index), pd.DataFrame(known, index=index)


def plant_distance_m(facts: Facts) -> Floats:
    """Measure how far the nearest plant of the holder or its group is; missing where none is known."""
    plants = facts.ledger[facts.ledger["kind"] == EvidenceKind.PLANT]
    own = plants[plants["by_holder"].fillna(False).astype(bool)]
    return facts.of_right(own.groupby("right")["distance_m"].min())


def is_shaken(facts: Facts) -> pd.Series:
    """Tell which counted registrations may stand elsewhere, or have no position of their own."""
    return facts.has_flag(*SHAKEN_FLAGS) | facts.counted["geometry"].isna()


def _all_known(value: Floats) -> Measured:
    return value, np.ones(len(value))


def _nothing(facts: Facts) -> Measured:
    n = len(facts.rights)
    return np.full(n, np.nan), np.zeros(n)


def _active_holder(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    rows = facts.ledger[facts.ledger["counts"] & (facts.ledger["says"] == EvidenceSays.WORKED)]
    value = rows["scope"].map(factor.values).astype("float64")
    return _all_known(facts.of_right(value.groupby(rows["right"]).max(), absent=0.0))


def _own_plant(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    are_known = Role.PLANTS in facts.given or "right_type" in facts.concessions
    if not are_known:
        return _nothing(facts)
    distance_m = plant_distance_m(facts)
    value = np.zeros(len(distance_m))
    for up_to_m, of_band in reversed(factor.bands):
        value = np.where(distance_m <= up_to_m, of_band, value)
    return _all_known(value)


def _active_registrations(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    status = facts.counted["status"]
    return facts.share(status == RegistrationStatus.ACTIVE, status != RegistrationStatus.UNKNOWN)


def _igafom(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    table = facts.tables.get(Role.IGAFOM)
    if table is None:
        return _nothing(facts)
    filed = pd.Index(table["registration_id"].unique())
    return facts.share(pd.Series(filed.get_indexer(facts.counted["registration_id"]) >= 0))


def _legal_entities(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    kind = facts.counted["registrant_kind"]
    return facts.share(kind == PartyKind.LEGAL, kind != PartyKind.UNKNOWN)


def _clustered(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    is_located = facts.counted["geometry"].notna()
    return facts.share(facts.counted["cluster_id"].notna(), is_located)


def _hard_rock(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    """Share of hard rock among all that would count but for alluvial places, these included."""
    setting = facts.counted["setting"]
    place = facts.counted["place"].to_numpy(dtype=np.intp)
    n = len(facts.rights)
    hard = np.bincount(place[(setting == Setting.HARD_ROCK).to_numpy(dtype=bool)], minlength=n)
    every = np.bincount(place, minlength=n) + facts.n_alluvial
    told = hard + facts.n_alluvial
    with np.errstate(invalid="ignore", divide="ignore"):
        return hard / told, told / every


def _precedent(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    table = facts.tables.get(Role.CONTRACTS)
    if table is None:
        return _nothing(facts)
    codes = facts.concessions["concession_id"]
    signed = np.flatnonzero(codes.isin(table["concession_id"]))
    behind = facts.affiliates
    of_holder = behind.loc[behind["right"].isin(signed), "affiliate"]
    related = behind.loc[behind["affiliate"].isin(of_holder), "right"]
    value = np.where(np.isin(facts.rights, related), factor.values[Precedent.SAME_HOLDER], 0.0)
    here = np.isin(facts.rights, signed)
    return _all_known(np.where(here, factor.values[Precedent.THIS_RIGHT], value))


def _medium_scale(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    scale = facts.concessions["holder_scale"].iloc[facts.rights].reset_index(drop=True)
    value = (scale == HolderScale.MSM).astype("float64").where(scale != HolderScale.UNKNOWN)
    return _all_known(value.to_numpy())


def count_overlapping(facts: Facts) -> Positions:
    """Count the titles and applications that share ground with each candidate."""
    codes = facts.concessions["concession_id"].iloc[facts.rights]
    a, b = facts.overlaps["concession_id_a"], facts.overlaps["concession_id_b"]
    on_a, on_b = a.isin(codes), b.isin(codes)  # candidates are few among the pairs of a cadastre
    here = pd.concat([a[on_a], b[on_b]], ignore_index=True)
    other = pd.concat([b[on_a], a[on_b]], ignore_index=True)
    status = other.map(facts.concessions.set_index("concession_id")["status"])
    counted = here[status.isin([ConcessionStatus.TITLED, ConcessionStatus.PENDING])].value_counts()
    counts: Positions = codes.map(counted).fillna(0).to_numpy(dtype=np.intp)
    return counts


def count_shaken(facts: Facts) -> Positions:
    """Count the registrations of each candidate that may stand elsewhere."""
    place = facts.counted["place"].to_numpy(dtype=np.intp)
    return np.bincount(place[is_shaken(facts).to_numpy(dtype=bool)], minlength=len(facts.rights))


def _simple_title(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    """Average three facts: one holder, no other right over it, registrations surely in it."""
    alone = count_overlapping(facts) == 0
    one_holder = ~facts.concessions["is_joint"].to_numpy(dtype=bool)[facts.rights]
    shaken, _ = facts.share(is_shaken(facts))
    return _all_known((alone.astype(float) + one_holder.astype(float) + (1.0 - shaken)) / 3.0)


def _many_registrations(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    size = facts.counted["size"]
    return facts.share((size > rules.crowd).fillna(False), size.notna())


def _declared_elsewhere(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    """Share that declares another right; where a code that the cadastre lacks lies, nobody knows."""
    relation = facts.counted["declared_relation"]
    apart = relation.isin([DeclaredRelation.ELSEWHERE, DeclaredRelation.EXTINCT])
    untold = relation.isin([DeclaredRelation.NONE, DeclaredRelation.UNKNOWN_CODE])
    return facts.share(apart, ~untold)


def _conflict_area(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    if Role.CONFLICT_AREAS not in facts.given:
        return _nothing(facts)
    return facts.share(facts.on_conflict)


def _buffer_zone(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    if not {Role.BUFFER_ZONES, Role.PROTECTED_AREAS, Role.RESTRICTED_AREAS} & facts.given:
        return _nothing(facts)
    return facts.share(facts.has_flag(RESTRICTED_FLAG))


def _community(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    if Role.COMMUNITIES not in facts.given:
        return _nothing(facts)
    return facts.share(facts.has_flag(Flag.SURFACE_COMMUNITY))


def _assessed(facts: Facts, factor: Factor, rules: CandidateRules) -> Measured:
    rows = facts.assessed[facts.assessed["factor"] == factor.name]
    return _all_known(facts.of_right(rows.groupby("right")["value"].min()))


_MEASURES: Mapping[FactorName, Callable[[Facts, Factor, CandidateRules], Measured]] = {
    FactorName.ACTIVE_HOLDER: _active_holder,
    FactorName.OWN_PLANT: _own_plant,
    FactorName.ACTIVE_REGISTRATIONS: _active_registrations,
    FactorName.IGAFOM: _igafom,
    FactorName.LEGAL_ENTITIES: _legal_entities,
    FactorName.CLUSTERED: _clustered,
    FactorName.HARD_ROCK: _hard_rock,
    FactorName.PRECEDENT: _precedent,
    FactorName.MEDIUM_SCALE: _medium_scale,
    FactorName.SIMPLE_TITLE: _simple_title,
    FactorName.COMPANY_COMMITMENT: _assessed,
    FactorName.GEOLOGY: _assessed,
    FactorName.MANY_REGISTRATIONS: _many_registrations,
    FactorName.DECLARED_ELSEWHERE: _declared_elsewhere,
    FactorName.CONFLICT_AREA: _conflict_area,
    FactorName.BUFFER_ZONE: _buffer_zone,
    FactorName.COMMUNITY: _community,
}
