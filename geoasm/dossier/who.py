"""Whom a dossier is about: a holder or a group, found by name, number or identity number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from geoasm.codes import PartyKind
from geoasm.errors import OptionError, UnknownHolder
from geoasm.model import PartyRules, Result
from geoasm.parsing.text import fold
from geoasm.parties import name_keys
from geoasm.parties.names import FORM
from geoasm.schema import LIST_SEPARATOR

_NEAREST = 5
_NUMERIC = re.compile(r"[\d.\-/\s]*\d[\d.\-/\s]*")


class Part(StrEnum):
    """How a holder comes into a dossier."""

    ITSELF = "itself"
    IN_GROUP = "in_group"
    JOINT = "joint"  # holders together, of whom the one asked for is a member


@dataclass(frozen=True)
class Subject:
    """
    Whom a dossier is about.

    `parts` has a row for each holder: `holder_id` and `part`. `knows_members` tells whether joint
    holders could be looked for.
    """

    parts: pd.DataFrame
    party: int | None = None
    group: str | None = None
    knows_members: bool = True

    @property
    def holder_ids(self) -> list[int]:
        """Numbers of the holders."""
        return [int(number) for number in self.parts["holder_id"]]


def find_holder(
    result: Result, asked: str, rules: PartyRules, *, with_private: bool = False
) -> Subject:
    """
    Find a holder by its number in the run, its identity number, or its name.

    Case, accents and the spelling of legal forms do not count; a likeness is never enough.

    Parameters
    ----------
    with_private
        Names of natural persons may be asked for, and told of in the error.

    Raises
    ------
    UnknownHolder
        There is none of that name, or there are several; the text lists the nearest, with numbers.
    OptionError
        An identity number is asked for, and the run has no private part.
    """
    asked = asked.strip()
    if _NUMERIC.fullmatch(asked):
        return _by_number(result, asked)
    named = _names(result, with_private)
    keys = name_keys(pd.concat([named["name"], pd.Series([asked])], ignore_index=True), rules)
    key = keys["key"].array
    found = named[(key[:-1] == key[-1]) & pd.notna(key[-1])] if len(named) else named
    numbers = sorted(set(found["number"]))
    if len(numbers) == 1:
        return of_holder(result, numbers[0])
    if numbers:
        told = ", ".join(f"no. {n}" for n in numbers)
        raise UnknownHolder(
            f"--holder {asked!r}: {len(numbers)} holders bear this name: {told}; give the number"
        )
    raise UnknownHolder(f"--holder {asked!r}: the run has no such holder; {_near(key, named)}")


def find_group(result: Result, asked: str) -> Subject:
    """
    Find a group of holders by its name.

    Raises
    ------
    UnknownHolder
        The run has no such group; the text lists the nearest.
    """
    known = sorted(result.holders["group"].dropna().unique())
    found = [name for name in known if fold(name) == fold(asked)]
    if found:
        return of_group(result, found[0])
    if not known:
        raise UnknownHolder(
            f"--group {asked!r}: the run has no groups; run it with --table groups=FILE, "
            "or ask for a --holder"
        )
    near = process.extract(
        fold(asked), [fold(name) for name in known], scorer=fuzz.WRatio, limit=_NEAREST
    )
    told = ", ".join(repr(known[at]) for _, _, at in near)
    raise UnknownHolder(f"--group {asked!r}: the run has no such group; nearest: {told}")


def of_holder(result: Result, party: int) -> Subject:
    """Take one holder, and the joint holders of whom it is a member."""
    itself = [party] if (result.holders["holder_id"] == party).any() else []
    return _subject(result, itself, Part.ITSELF, [party], party=party)


def of_group(result: Result, group: str) -> Subject:
    """Take every holder of a group, and the joint holders of whom one is a member."""
    holders = result.holders
    members = [int(n) for n in holders.loc[(holders["group"] == group).fillna(False), "holder_id"]]
    return _subject(result, members, Part.IN_GROUP, members, group=group)


def list_companies(result: Result, fewest: int) -> list[Subject]:
    """
    List the groups, and the legal entities outside of groups, whose titles in force host many.

    Parameters
    ----------
    fewest
        Registrations of others that are hosted at least.
    """
    holders = result.holders
    alone = holders["group"].isna() & (holders["holder_kind"] == PartyKind.LEGAL)
    own = holders[alone | holders["group"].notna()][["holder_id", "group"]]
    own = own.assign(unit=own["group"].where(own["group"].notna(), own["holder_id"].astype("str")))
    own = own.assign(is_group=own["group"].notna(), member=own["holder_id"])
    joint = own.drop(columns="holder_id").merge(_joint_members(result), on="member")
    both = pd.concat([own, joint]).drop_duplicates(["unit", "is_group", "holder_id"])
    hosted = both["holder_id"].map(holders.set_index("holder_id")["n_hosted"]).fillna(0)
    counts = hosted.groupby([both["unit"], both["is_group"]]).sum()
    enough = counts[counts >= fewest].sort_index().sort_values(ascending=False, kind="stable")
    return [
        of_group(result, unit) if is_group else of_holder(result, int(unit))
        for unit, is_group in enough.index
    ]


def _subject(
    result: Result,
    first: Sequence[int],
    part: Part,
    members: Sequence[int],
    *,
    party: int | None = None,
    group: str | None = None,
) -> Subject:
    joint = [n for n in _joint_with(result, members) if n not in first]
    parts = pd.DataFrame(
        {
            "holder_id": pd.array([*first, *joint], dtype="Int64"),
            "part": pd.array(
                [str(part)] * len(first) + [str(Part.JOINT)] * len(joint), dtype="str"
            ),
        }
    )
    return Subject(parts, party, group, not result.parties.empty)


def _joint_with(result: Result, members: Sequence[int]) -> list[int]:
    """Number the joint holders that have a member among these."""
    joint = _joint_members(result)
    return sorted({int(n) for n in joint.loc[joint["member"].isin(members), "holder_id"]})


def _joint_members(result: Result) -> pd.DataFrame:
    """Lay out joint holders, a row for each member: `holder_id`, `member`."""
    rows = result.parties.dropna(subset=["members"])
    rows = rows[rows["party_id"].isin(result.holders["holder_id"])]
    each = rows["members"].str.split(LIST_SEPARATOR).explode()
    return pd.DataFrame(
        {"holder_id": rows["party_id"].reindex(each.index), "member": each.astype("Int64")}
    )


def _by_number(result: Result, asked: str) -> Subject:
    digits = re.sub(r"\D", "", asked)
    if (result.holders["holder_id"] == int(digits)).any():
        return of_holder(result, int(digits))
    if result.parties.empty:
        raise OptionError(
            f"--holder {asked}: no holder has this number, and without private/parties.parquet "
            "the run tells no RUC; give the name"
        )
    plain = result.parties["ruc"].str.replace(r"\D", "", regex=True)
    for number in result.parties.loc[(plain == digits).fillna(False), "party_id"]:
        subject = of_holder(result, int(number))
        if len(subject.parts):
            return subject
    raise UnknownHolder(
        f"--holder {asked}: no holder has this number or RUC; the cadastre seldom gives a RUC: "
        "try the name"
    )


def _names(result: Result, with_private: bool) -> pd.DataFrame:
    """Lay out who may be asked for by name: `number`, `name`."""
    holders = result.holders[["holder_id", "name"]].set_axis(["number", "name"], axis=1)
    parties = result.parties
    members = parties["members"].dropna().str.split(LIST_SEPARATOR).explode()
    holding = {*holders["number"], *members.astype("int64")}
    told = parties if with_private else parties[parties["kind"] == PartyKind.LEGAL]
    told = told[told["party_id"].isin(holding)][["party_id", "name"]]
    both = pd.concat([holders, told.set_axis(["number", "name"], axis=1)], ignore_index=True)
    both = both.dropna(subset=["name"]).astype({"number": "int64", "name": "str"})
    return both.drop_duplicates("number").reset_index(drop=True)


def _near(keys: np.ndarray, named: pd.DataFrame) -> str:
    """List the holders whose names are nearest to the last key."""
    if named.empty:
        return "it names no holder: give a number of holders.parquet"
    # Without legal forms: that two firms are both an S.A.C. makes their names no more alike.
    plain = [" ".join(w for w in str(k).split() if w[0] != FORM) for k in keys]
    near = process.extract(plain[-1], plain[:-1], scorer=fuzz.WRatio, limit=_NEAREST)
    rows = named.iloc[[at for _, _, at in near]]
    told = (f"{name} (no. {n})" for n, name in zip(rows["number"], rows["name"], strict=True))
    return f"nearest: {'; '.join(told)}"
