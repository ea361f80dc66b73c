"""The stratum of each right's holder at a day, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoasm import holdings, issues
from geoasm.codes import (
    Action,
    ConcessionStatus,
    HolderScale,
    HolderStratum,
    Problem,
    Role,
    StratumBasis,
)
from geoasm.law import LawAt
from geoasm.model import PartyRules
from geoasm.parties import Parties, name_keys
from geoasm.parties.groups import Groups

LSM_MSM, SMALL_SCALE, UNKNOWN = (str(s.value) for s in HolderStratum)
NATURAL = "natural"  # in the law's list of presumed forms: a natural person
DAYS_A_YEAR = 365
_MEASURED = 1 + 2e-5  # nominal 900 ha are measured as 899.98: twenty cells are 2,000 ha and no more
# From the surest to the weakest: of joint holders the weakest basis is told.
_RANK = {str(basis.value): rank for rank, basis in enumerate(StratumBasis)}


@dataclass(frozen=True)
class Strata:
    """
    Strata of rights and what was doubted.

    `frame` is on the index of the rights: `holder_stratum`, `stratum_basis`, `holder_scale`,
    `holder_total_ha`
    (titled and pending ground of the holder's group, nothing counted twice; of joint holders the
    largest).
    """

    frame: pd.DataFrame
    issues: pd.DataFrame


def derive(
    concessions: pd.DataFrame,
    parties: Parties,
    groups: Groups,
    rules: PartyRules,
    law: LawAt,
    *,
    official: pd.DataFrame | None = None,
    production: pd.DataFrame | None = None,
) -> Strata:
    """
    Derive the stratum of each right's holder: the first of these that says something.

    The official table; production files (their stratum, else ore above the law's limit); the type
    of licence; hectares of the holder's group above the law's limit; a presumption from the legal
    form up to the limit. Hectares refute small scale and never prove it.

    Parameters
    ----------
    concessions
        `status`, `area_ha`, `planar`, `planar_crs`; `stratum_by_licence` where licences tell.
    official
        `holder_name` or `ruc`, `stratum`, `valid_on`; rows dated after the law's day are ignored, as are
        those that state no stratum; the latest of the others holds. Where the latest contradict each
        other, none does, and they become issues.
    production
        `holder_name` or `ruc`, `year`, `stratum`, `ore_t`.
    """
    total = _totals(concessions, groups)
    stated, rows = _official(official, parties, rules, law)
    produced, said = _produced(production, parties, rules, law)
    stated = _or(stated, produced.assign(basis=StratumBasis.PRODUCTION.value))
    derived = _or(stated, _derive_weakly(parties, groups, total, stated, law))
    held = parties.members.merge(
        parties.frame[["party_id", "is_open"]], left_on="holder_id", right_on="party_id"
    )
    out = _of_rights(held, stated, parties.holder)
    if "stratum_by_licence" in concessions:
        licence = concessions["stratum_by_licence"].fillna(UNKNOWN).astype("str")
        basis = pd.Series(StratumBasis.LICENCE_TYPE.value, index=licence.index)
        out = _fill(out, pd.DataFrame({"stratum": licence, "basis": basis}))
    out = _fill(out, _of_rights(held, derived, parties.holder))
    held_ha = groups.affiliates["affiliate"].map(total).fillna(0.0)
    largest = held_ha.groupby(groups.affiliates["right"]).max()
    frame = pd.DataFrame(
        {
            "holder_stratum": out["stratum"],
            "stratum_basis": out["basis"].mask(out["stratum"] == UNKNOWN, StratumBasis.NONE.value),
            "holder_total_ha": largest.reindex(range(len(concessions))).array,
        },
        index=concessions.index,
    ).astype({"holder_stratum": "str", "stratum_basis": "str", "holder_total_ha": "float64"})
    scaled = _with_scale(rows)
    frame["holder_scale"] = _scales(scaled, held, parties.holder).array
    doubts = [
        _contradictions(rows, Role.STRATA, "on"),
        _contradictions(scaled, Role.STRATA, "on", "scale"),
        _contradictions(said, Role.PRODUCTION, "year"),
        _doubts(rows, parties, groups, total, law),
    ]
    return Strata(frame, issues.join(doubts))


def _with_scale(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of official rows which scale they state; of a small-scale holder that it is no larger one."""
    if "scale" not in rows:
        return rows.assign(scale=UNKNOWN).iloc[:0]
    is_small = rows["stratum"] == SMALL_SCALE
    return rows.assign(scale=rows["scale"].mask(is_small, SMALL_SCALE))


def _scales(rows: pd.DataFrame, held: pd.DataFrame, holder: pd.Series) -> pd.Series:
    """
    Tell large from medium scale where official rows (of `_with_scale`) do.

    Joint holders are large where one of them is, medium where all are named and medium.
    """
    unknown = str(HolderScale.UNKNOWN)
    scale = held["member_id"].map(_latest(rows, "on", "scale")["stratum"])
    any_large = (scale == HolderScale.LSM).groupby(held["holder_id"]).any()
    named = ~held["is_open"].astype(bool)
    all_medium = ((scale == HolderScale.MSM) & named).groupby(held["holder_id"]).all()
    told = pd.Series(unknown, index=any_large.index)
    told = told.mask(all_medium, str(HolderScale.MSM)).mask(any_large, str(HolderScale.LSM))
    return holder.map(told).astype("str").fillna(unknown)


def _totals(concessions: pd.DataFrame, groups: Groups) -> pd.Series:
    """Measure the titled and pending ground of each group or lone party."""
    counted = concessions["status"].isin([ConcessionStatus.TITLED, ConcessionStatus.PENDING])
    rows = groups.affiliates[counted.to_numpy()[groups.affiliates["right"]]]
    return holdings.total_ha(concessions, rows["right"].to_numpy(), rows["affiliate"])


def _official(
    table: pd.DataFrame | None, parties: Parties, rules: PartyRules, law: LawAt
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give what the official table says of each party, and its rows with the party each means."""
    if table is None:
        return _nothing(), _no_rows()
    valid_on = table["valid_on"] if "valid_on" in table else pd.Series(pd.NaT, index=table.index)
    rows = table.assign(on=valid_on.fillna(pd.Timestamp.min.ceil("s")))
    rows = rows[rows["on"] <= pd.Timestamp(law.on)]
    meant = _meant(rows, parties, rules)
    latest = _latest(meant, "on")
    return latest.assign(basis=StratumBasis.OFFICIAL.value), meant


def _produced(
    table: pd.DataFrame | None, parties: Parties, rules: PartyRules, law: LawAt
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give what production files say of each party: the stratum that they state, else ore above the limit.

    The second value is their rows with the party each means.
    """
    if table is None:
        return _nothing(), _no_rows()
    rows = table[(table["year"] <= law.on.year).fillna(False).astype(bool)]
    rows = _meant(rows, parties, rules)
    said = _latest(rows, "year")
    limit = law.may_number("small_scale_limit_t_d")
    if limit is None or "ore_t" not in rows:
        return said, rows
    # A later file that says nothing of ore takes nothing back.
    told = rows[rows["ore_t"].notna()]
    ore_t = told.groupby(["party_id", "year"])["ore_t"].sum().reset_index()
    last = ore_t.sort_values("year").drop_duplicates("party_id", keep="last")
    over = last.loc[last["ore_t"] > limit * DAYS_A_YEAR, "party_id"]
    by_ore = pd.DataFrame({"stratum": LSM_MSM}, index=pd.Index(over, name="party_id"))
    return pd.concat([said, by_ore[~by_ore.index.isin(said.index)]]), rows


def _meant(rows: pd.DataFrame, parties: Parties, rules: PartyRules) -> pd.DataFrame:
    """Give a row for each party that a row of a table means: by its number, else by its name."""
    info = parties.frame
    blank = pd.Series(pd.NA, index=rows.index, dtype="str")
    ruc = rows.get("ruc", blank)
    name = rows.get("holder_name", blank).astype("str")
    key = name_keys(name, rules, known=parties.texts)["key"]
    by_number = ruc.map(info.dropna(subset=["ruc"]).set_index("ruc")["party_id"])
    borne = info.loc[~info["is_ambiguous"].astype(bool), ["party_id", "keys"]].explode("keys")
    known = rows.assign(key=key, party=by_number)
    numbered = known[known["party"].notna()].rename(columns={"party": "party_id"})
    named = known[known["party"].isna()].merge(
        borne.dropna(), left_on="key", right_on="keys", how="inner"
    )
    both = pd.concat([numbered, named], ignore_index=True).drop(
        columns=["party", "keys"], errors="ignore"
    )
    # A row that gives the number goes before one that gives the name alone.
    return both.astype({"party_id": "int64"}).assign(by_number=np.arange(len(both)) < len(numbered))


def _latest(rows: pd.DataFrame, by: str, field: str = "stratum") -> pd.DataFrame:
    """Give the latest stratum (or `field`) of each party; unknown where the latest rows say two."""
    found = _last_rows(rows, by, field).groupby("party_id")[field].agg(["first", "nunique"])
    stratum = found["first"].mask(found["nunique"] > 1, UNKNOWN).astype("str")
    return pd.DataFrame({"stratum": stratum})


def _last_rows(rows: pd.DataFrame, by: str, field: str) -> pd.DataFrame:
    """Keep of each party the latest of its surest rows that say something; a blank takes nothing back."""
    telling = rows[rows[field].notna() & (rows[field] != UNKNOWN)]
    surest = telling[
        telling["by_number"] == telling.groupby("party_id")["by_number"].transform("max")
    ]
    return surest[surest[by] == surest.groupby("party_id")[by].transform("max")]


def _contradictions(
    rows: pd.DataFrame, role: Role, by: str, field: str = "stratum"
) -> pd.DataFrame:
    """List the latest rows of a party that say two things, of which none holds."""
    last = _last_rows(rows, by, field)
    of_party = last.groupby("party_id")
    two = last[of_party[field].transform("nunique") > 1]
    if not len(two):
        return issues.none()
    numbers = two.groupby("party_id")["source_row"].agg(
        lambda rows: ", ".join(map(str, sorted(set(rows))))
    )
    told = two.assign(of=two["party_id"].map(numbers)).drop_duplicates(["source_row", field])
    day = "year" if by == "year" else "day"
    return issues.make(
        role,
        Problem.STRATUM_CONFLICT,
        Action.DOUBTED,
        told["source_row"],
        field=field,
        values=told[field],
        detail="rows "
        + told["of"]
        + f" contradict each other on one holder, and none is of a later {day}: "
        "none of them counts; leave only the right one",
    )


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {"party_id": [], "by_number": [], "stratum": [], "source_row": [], "on": [], "year": []}
    ).astype({"party_id": "int64", "by_number": "bool", "stratum": "str"})


def _nothing() -> pd.DataFrame:
    index = pd.Index([], name="party_id", dtype="int64")
    return pd.DataFrame(
        {"stratum": pd.Series(dtype="str"), "basis": pd.Series(dtype="str")}, index=index
    )


def _or(first: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Take of the second what the first does not know."""
    known = first[first["stratum"] != UNKNOWN]
    return pd.concat([known, then[~then.index.isin(known.index)]])


def _derive_weakly(
    parties: Parties, groups: Groups, total: pd.Series, stated: pd.DataFrame, law: LawAt
) -> pd.DataFrame:
    """Derive from hectares and legal form what nothing states."""
    info = parties.frame.set_index("party_id")
    affiliate = groups.affiliate(info.index.to_series())
    hectares = affiliate.map(total).fillna(0.0)
    large = stated.index[stated["stratum"] == LSM_MSM]
    return presume(info, hectares, affiliate.isin(affiliate.reindex(large)), law)


def presume(
    info: pd.DataFrame, hectares: pd.Series, of_large: pd.Series, law: LawAt
) -> pd.DataFrame:
    """
    Judge holders by their ground and their legal form alone.

    Parameters
    ----------
    info
        Parties: `forms`, `is_person`, `is_open`.
    hectares
        Titled and pending ground of each one's group.
    of_large
        A member of the group is known to be large: then nobody in it is presumed small.

    Returns
    -------
    strata
        `stratum`, `basis`, on the index of `info`; all unknown where the law has no limit.
    """
    out = pd.DataFrame({"stratum": UNKNOWN, "basis": StratumBasis.NONE.value}, index=info.index)
    limit = law.may_number("small_scale_limit_ha")
    if limit is None:
        return out
    forms = law.texts("presumed_small_forms")
    presumable = info["forms"].str.split().map(lambda own: not {*forms}.isdisjoint(own))
    presumable |= info["is_person"].astype(bool) & (NATURAL in forms)
    is_over = hectares > limit * _MEASURED
    small = presumable & ~is_over & ~of_large & ~info["is_open"].astype(bool)
    out[small] = [SMALL_SCALE, StratumBasis.PRESUMED_SMALL.value]
    out[is_over] = [LSM_MSM, StratumBasis.HECTARES_OVER_LIMIT.value]
    return out


def _of_rights(held: pd.DataFrame, known: pd.DataFrame, holder: pd.Series) -> pd.DataFrame:
    """
    Bring strata of parties to rights.

    Joint holders are large where one of them is; small where all are named and small; else unknown.
    """
    stratum = held["member_id"].map(known["stratum"]).astype("str").fillna(UNKNOWN)
    basis = held["member_id"].map(known["basis"]).astype("str").fillna(StratumBasis.NONE.value)
    rank = basis.map(_RANK)
    number = held["holder_id"]
    is_large, is_small = stratum == LSM_MSM, stratum == SMALL_SCALE
    any_large = is_large.groupby(number).any()
    all_small = is_small.groupby(number).all() & ~held["is_open"].astype(bool).groupby(number).any()
    surest = rank.where(is_large).groupby(number).min()
    weakest = rank.groupby(number).max()
    told = (
        pd.Series(UNKNOWN, index=any_large.index)
        .mask(all_small, SMALL_SCALE)
        .mask(any_large, LSM_MSM)
    )
    names = {rank: basis for basis, rank in _RANK.items()}
    based = weakest.where(~any_large, surest).map(names)
    return pd.DataFrame(
        {
            "stratum": holder.map(told).astype("str").fillna(UNKNOWN),
            "basis": holder.map(based).astype("str").fillna(StratumBasis.NONE.value),
        },
        index=holder.index,
    )


def _fill(first: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    known = first["stratum"] != UNKNOWN
    return first.where(known, then)


def _doubts(
    rows: pd.DataFrame, parties: Parties, groups: Groups, total: pd.Series, law: LawAt
) -> pd.DataFrame:
    """List holders that the official table calls small while their ground is above the limit."""
    limit = law.may_number("small_scale_limit_ha")
    if limit is None or not len(rows):
        return issues.none()
    hectares = groups.affiliate(rows["party_id"]).map(total)
    over = rows[(rows["stratum"] == SMALL_SCALE) & (hectares > limit * _MEASURED)]
    if not len(over):
        return issues.none()
    return issues.make(
        Role.STRATA,
        Problem.STRATUM_CONFLICT,
        Action.DOUBTED,
        over["source_row"],
        field="stratum",
        values=over["stratum"],
        detail="the holder or its group has "
        + hectares[over.index].round(1).astype("str")
        + f" ha titled and pending, above {limit:g} ha: the certificate may have lapsed; kept",
    )
