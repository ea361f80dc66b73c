"""Whom a dossier is about: a holder or a group, found by name, number or identity number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength
from stdnum.pe import ruc

from geoasm.codes import PartyKind
from geoasm.errors import OptionError, UnknownHolder
from geoasm.model import PartyRules, Result
from geoasm.parsing.text import fold
from geoasm.parties import name_keys
from geoasm.parties.names import FORM
from geoasm.schema import LIST_SEPARATOR

_NEAREST = 5
_SHORTEST_ID = 8  # digits: what has fewer is the number of a holder in the run
_NO_NAME = "--holder {asked!r}: no name is in it; give a holder's name, its number or its RUC"
_NUMERIC = re.compile(r"[0-9.\-/\s]*[0-9][0-9.\-/\s]*")


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
        There is no name in what is asked for, or it is an identity number and the run has no private
        part.
    """
    asked = asked.strip()
    if not any(c.isalnum() for c in asked):
        raise OptionError(_NO_NAME.format(asked=asked))
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
    if not _plain(key[-1]):
        raise OptionError(_NO_NAME.format(asked=asked))
    raise UnknownHolder(f"--holder {asked!r}: the run has no such holder; {_near(key, named)}")


def find_group(result: Result, asked: str) -> Subject:
    """
    Find a group of holders by its name, in public or, where the run still has it, in the user's table.

    Raises
    ------
    UnknownHolder
        The run has no such group; the text lists the nearest.
    OptionError
        There is no name in what is asked for.
    """
    published = _published(result)
    known = sorted(published)
    found = [name for name in known if fold(name) == fold(asked)]
    if found:
        return of_group(result, published[found[0]])
    if not any(c.isalnum() for c in asked):
        raise OptionError(
            f"--group {asked!r}: no name is in it; give the name of a group of holders"
        )
    if not known:
        raise UnknownHolder(
            f"--group {asked!r}: the run has no groups; run it with --table groups=FILE, "
            "or ask for a --holder"
        )
    # A group may be called after a person: only what is published may be told.
    public = sorted(set(published.values()))
    near = process.extract(
        fold(asked), [fold(name) for name in public], scorer=fuzz.WRatio, limit=_NEAREST
    )
    told = ", ".join(repr(public[at]) for _, _, at in near)
    raise UnknownHolder(f"--group {asked!r}: the run has no such group; nearest: {told}")


def _published(result: Result) -> dict[str, str]:
    """Give what a group is called in public by each of its names."""
    public = result.holders[["holder_id", "group"]].dropna()
    named = result.parties[["party_id", "group"]].dropna()
    both = public.merge(named, left_on="holder_id", right_on="party_id", suffixes=("", "_named"))
    return dict(zip(both["group_named"], both["group"], strict=True)) | {
        str(name): str(name) for name in public["group"]
    }


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
    return Subject(parts, party, group, not result.lacks_private)


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
    digits = re.sub(r"[^0-9]", "", asked)
    if result.holders["holder_id"].astype("str").isin([digits.lstrip("0") or "0"]).any():
        return of_holder(result, int(digits))
    if result.lacks_private:
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
        f"--holder {asked}: no holder has this number or RUC{_ruc_fault(digits)}; the cadastre seldom "
        "gives a RUC: try the name"
    )


def _ruc_fault(digits: str) -> str:
    """Say what is wrong with a taxpayer number; nothing where it may be one, or is too short."""
    if len(digits) < _SHORTEST_ID:
        return ""
    try:
        ruc.validate(digits)
    except InvalidLength:
        return f", which has {len(digits)} digits where a RUC has 11"
    except InvalidComponent:
        return f", and no RUC begins with {digits[:2]}"
    except InvalidChecksum:
        return ", whose check digit does not fit: a digit of it is mistyped"
    return ""


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


def _plain(key: object) -> str:
    """Give a key without legal forms: that two firms are both an S.A.C. makes them no more alike."""
    return "" if pd.isna(key) else " ".join(w for w in str(key).split() if w[0] != FORM)


def _near(keys: np.ndarray, named: pd.DataFrame) -> str:
    """List the holders whose names are nearest to the last key."""
    if named.empty:
        return "it names no holder: give a number of holders.parquet"
    plain = [_plain(key) for key in keys]
    near = process.extract(plain[-1], plain[:-1], scorer=fuzz.WRatio, limit=_NEAREST)
    rows = named.iloc[[at for _, _, at in near]]
    told = (f"{name} (no. {n})" for n, name in zip(rows["number"], rows["name"], strict=True))
    return f"nearest: {'; '.join(told)}"
