"""Who is who: registrants and holders as numbered parties, by identity number, else by exact name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geoasm import issues
from geoasm.codes import Action, PartyKind, Problem, Role
from geoasm.model import PartyRules
from geoasm.parties import aliases as answers
from geoasm.parties import names

_REGISTRANT, _HOLDER, _TABLE = range(3)  # on which side people stand
_JOINT = "&"  # begins the identity of joint holders; no name and no number does


@dataclass(frozen=True)
class Parties:
    """
    Everybody in a run.

    `frame` follows `schema.PARTIES` and adds `keys` (every normalised name that the party bears),
    `bare` (of those with a remark that may be part of the name, the name without it), `forms`, `is_person` (surely a natural person), `is_ambiguous` (its one name is borne by several
    identity numbers), `is_cut` (its name is not whole), `is_open` (joint holders of whom not all are
    named), `by_table` and `by_alias` (a table of holders gave its number; one of aliases a spelling).
    `registrant` and `holder` give the party of each registration and right (Int64); `has_number`
    tells which registrations state one. `members` has a row for each holder and each party in it
    (`holder_id`, `member_id`); one who holds alone is its own member. `contradicted` has the pairs of
    names (`one`, `other`, `ruc`) of which the table of aliases says both yes and no. `texts` describes
    the names of registrants and of the tables as read (`names.describe_texts`).
    """

    frame: pd.DataFrame
    registrant: pd.Series
    holder: pd.Series
    has_number: pd.Series
    members: pd.DataFrame
    issues: pd.DataFrame
    contradicted: pd.DataFrame = field(default_factory=pd.DataFrame)
    texts: pd.DataFrame | None = None


def identify(
    registrations: pd.DataFrame,
    concessions: pd.DataFrame,
    rules: PartyRules,
    *,
    holders: pd.DataFrame | None = None,
    aliases: pd.DataFrame | None = None,
) -> Parties:
    """
    Give every registrant and holder a run-local number; equal numbers mean the same party.

    The identity number decides where both sides have one; else the exact normalised name. A name
    that several numbers bear decides nothing, nor does one that its source cut. Joint holders are a
    party of their own, with members.

    Parameters
    ----------
    registrations, concessions
        Normalised frames: `ruc` and `registrant_name`; `holder_name`. Absent columns count as empty.
    holders
        Names of holders and their identity numbers.
    aliases
        Spellings that a person judged to mean a holder: `spelling`, `holder_name`, `same`, and `ruc`
        where the judgement is of one registrant only.
    """
    said = answers.read(aliases, rules)
    table, renamed = _answers(holders, said.yes)
    registered = _columns(registrations, "registrant_name", "ruc", "registration_id")
    texts = names.describe_texts(pd.concat([registered["name"], table["name"]]), rules)
    held, is_open = _members(concessions, texts, rules)
    registered, table = (
        side.join(names.name_keys(side["name"], rules, known=texts)) for side in (registered, table)
    )
    people = _people([registered, held, table], renamed)
    side = people["side"].to_numpy()
    known = people.loc[side != _HOLDER, ["side", "key", "ruc"]].dropna()
    lent = people["key"].map(_sole(known[known["side"] == _TABLE])).where(side == _HOLDER)
    people["by_table"] = lent.notna()
    people["ruc"] = people["ruc"].fillna(lent.astype("str"))
    bearers = known.drop_duplicates(["key", "ruc"])["key"].value_counts()
    people["ruc"] = people["ruc"].fillna(people["key"].map(_sole(known)).astype("str"))
    people["is_ambiguous"] = people["ruc"].isna() & (people["key"].map(bearers) > 1)
    named = people["ruc"].notna() | people["key"].notna()
    people["identity"] = people["ruc"].where(people["ruc"].notna(), "=" + people["key"])
    people["identity"] = people["identity"].where(named)
    everybody = people[side != _TABLE].reset_index(drop=True)
    joint = _joint(everybody, concessions, is_open)
    party = _number(everybody, joint)
    everybody["party_id"] = everybody["identity"].map(party).astype("Int64")
    frame = _describe(everybody, joint, party, rules)
    n = len(registrations)
    return Parties(
        frame,
        everybody["party_id"].iloc[:n].set_axis(registrations.index).rename("identity"),
        joint["identity"].map(party).astype("Int64"),
        registered["ruc"].notna(),
        _membership(joint, party),
        issues.join([_doubts(everybody, concessions, is_open), said.issues]),
        said.contradicted,
        texts,
    )


def _columns(frame: pd.DataFrame, name: str, ruc: str, code: str | None) -> pd.DataFrame:
    """Give the people of a frame under common names; what the frame lacks is missing."""
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    return pd.DataFrame(
        {
            "name": frame.get(name, blank).astype("str"),
            "ruc": frame.get(ruc, blank).astype("str"),
            "code": frame.get(code, blank).astype("str"),
            "row": frame.get("source_row", pd.NA),
        },
        index=frame.index,
    )


def _answers(holders: pd.DataFrame | None, said: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """
    Give what the user's tables say: holders with their numbers, and keys that stand for others.

    An alias with a number says whose name the holder's is; one without renames the spelling.
    """
    of_one = said["ruc"].notna()
    parts = [pd.DataFrame() if holders is None else holders, said[of_one]]
    pairs = said.loc[~of_one & (said["one"] != said["other"]), ["one", "other"]].drop_duplicates()
    renamed = pairs[~pairs["one"].isin(pairs["other"])].set_index("one")["other"]
    table = [_columns(part, "holder_name", "ruc", None) for part in parts]
    return pd.concat(table, ignore_index=True), renamed


def _members(
    concessions: pd.DataFrame, texts: pd.DataFrame, rules: PartyRules
) -> tuple[pd.DataFrame, pd.Series]:
    """
    Lay out the holders of each right, a row each, and tell of which rights not all are named.

    A text that somebody else bears whole as a name is one party's, however many it seems to name.
    """
    told = _columns(concessions, "holder_name", "holder_ruc", "concession_id")
    codes, distinct = pd.factorize(told["name"])
    readings = names.read_names(distinct, rules, rules.name_width)
    borne = set(texts["key"].to_numpy(dtype=object))
    parts = [
        (r.whole,) if r.whole is not None and len(r.parts) > 1 and r.whole.key in borne else r.parts
        for r in readings
    ]
    count = np.array([len(p) for p in parts] + [0])[codes]
    position = np.repeat(np.arange(len(told)), np.maximum(count, 1))
    flat = names.describe([name for p in parts for name in p] + [None], rules)
    cut = np.array([name.is_cut for p in parts for name in p] + [False])
    starts = np.cumsum([0, *(len(p) for p in parts)])[codes]
    nth = np.arange(len(position)) - np.searchsorted(position, position)
    at = np.where(count[position] > 0, starts[position] + nth, len(flat) - 1)
    own = np.array([name.text for p in parts for name in p] + [None], dtype=object)
    rows = told.iloc[position].reset_index(drop=True)
    rows = rows.assign(right=position, is_cut=cut[at], nth=nth, text=rows["name"])
    rows["is_piece"] = (at < len(own) - 1) & (own[at] != rows["text"].to_numpy(dtype=object))
    rows["name"] = rows["name"].mask(rows["is_piece"], pd.Series(own[at], dtype="str"))
    for column in flat:
        rows[column] = flat[column].array.take(at)
    is_open = np.array([r.is_open for r in readings] + [False])[codes]
    return rows, pd.Series(is_open, index=concessions.index)


def _people(sides: Sequence[pd.DataFrame], renamed: pd.Series) -> pd.DataFrame:
    """Put people, with the key of each name, under each other."""
    people = pd.concat(sides, ignore_index=True)
    people["side"] = np.repeat(np.arange(len(sides)), [len(side) for side in sides])
    for flag in ("is_cut", "is_piece"):
        people[flag] = people[flag].fillna(False).astype(bool)
    people["text"] = people["text"].fillna(people["name"])
    people["nth"] = people["nth"].fillna(0).astype("int64")
    told = people["key"].map(renamed)
    people["by_alias"] = told.notna()
    people["key"] = told.where(told.notna(), people["key"]).astype("str")
    people["bare"] = people["bare"].mask(people["by_alias"])
    return people


def _sole(known: pd.DataFrame) -> pd.Series:
    """Give the number of each key that one number alone bears."""
    borne = known[["key", "ruc"]].drop_duplicates()
    return borne.drop_duplicates("key", keep=False).set_index("key")["ruc"]


def _joint(everybody: pd.DataFrame, concessions: pd.DataFrame, is_open: pd.Series) -> pd.DataFrame:
    """Give the identity of each right's holder, of joint holders one that follows from all of them."""
    held = everybody[(everybody["side"] == _HOLDER) & everybody["identity"].notna()]
    held = held.sort_values(["right", "key", "identity"], kind="stable")
    held = held.drop_duplicates(["right", "identity"]).set_index("right")["identity"]
    rights = pd.RangeIndex(len(concessions))
    first = held[~held.index.duplicated()].reindex(rights)
    named_open = is_open.to_numpy() & first.notna().to_numpy()
    several = rights.isin(held.index[held.index.duplicated()]) | named_open
    groups = _gathered(held[held.index.isin(rights[several])])
    mark = pd.Series(np.where(named_open, 2 * _JOINT, _JOINT))
    whole = (mark + groups.map("|".join).astype("str").reindex(rights)).astype("str")
    return pd.DataFrame(
        {
            "identity": first.where(~several, whole).array,
            "is_joint": several,
            "is_open": named_open,
            "members": groups.reindex(rights).array,
            "code": _columns(concessions, "holder_name", "holder_ruc", "concession_id")[
                "code"
            ].array,
            "name": concessions.get("holder_name", pd.Series(pd.NA, index=concessions.index)).array,
        },
        index=concessions.index,
    )


def _number(everybody: pd.DataFrame, joint: pd.DataFrame) -> pd.Series:
    """
    Number parties in the order of their smallest public code: registrations first, then rights.

    Row order does not matter then, and the rank of a party tells nothing of its identity number.
    """
    single = everybody[["side", "code", "key", "identity"]].assign(joint=1)
    both = joint.loc[joint["is_joint"], ["code", "identity"]].assign(side=_HOLDER, joint=0, key="")
    rows = pd.concat([single, both], ignore_index=True).dropna(subset=["identity"])
    rows = rows.sort_values(["side", "code", "joint", "key", "identity"], kind="stable")
    order = rows["identity"].unique()
    return pd.Series(np.arange(1, len(order) + 1), index=order, dtype="int64")


def _describe(
    everybody: pd.DataFrame, joint: pd.DataFrame, party: pd.Series, rules: PartyRules
) -> pd.DataFrame:
    """Give one row per party: of its spellings the first of the alphabet, whole texts first, and every key."""
    named = everybody.dropna(subset=["identity"]).astype({"party_id": "int64"})
    named["spelling"] = pd.factorize(named["name"], sort=True)[0]
    # Only firsts count: what has no name goes behind what has one.
    named["spelling"] = named["spelling"].mask(named["name"].isna(), len(named))
    named = named.sort_values(["party_id", "is_piece", "spelling"], kind="stable")
    grouped = named.groupby("party_id")
    frame = named.drop_duplicates("party_id")[["party_id", "name", "ruc", "is_ambiguous"]]
    frame = frame.reset_index(drop=True)
    for column, key in (("keys", "key"), ("bare", "bare")):
        frame[column] = frame["party_id"].map(_borne(named[["party_id"]].assign(key=named[key])))
    for flag in ("is_legal", "is_person", "is_cut", "by_table", "by_alias"):
        frame[flag] = grouped[flag].any().to_numpy(dtype=bool)
    frame["forms"] = frame["party_id"].map(grouped["forms"].max()).fillna("").astype("str")
    prefix = frame["ruc"].str[:2]
    natural = prefix.isin(rules.natural_prefixes)
    is_legal = prefix.isin(rules.legal_prefixes) | (frame["is_legal"] & ~natural)
    frame["is_person"] = natural | (frame["is_person"] & ~is_legal)
    frame["kind"] = np.where(is_legal, PartyKind.LEGAL.value, PartyKind.NATURAL.value)
    frame["is_open"] = False
    frame = pd.concat([frame, _describe_joint(joint, party, frame)], ignore_index=True)
    frame = frame.sort_values("party_id", ignore_index=True).drop(columns="is_legal")
    return frame.astype({"party_id": "int64"})


def _describe_joint(joint: pd.DataFrame, party: pd.Series, single: pd.DataFrame) -> pd.DataFrame:
    """Give a row for each party of joint holders; public only where every member is a legal entity."""
    rows = joint[joint["is_joint"]].sort_values(["identity", "name"]).drop_duplicates("identity")
    legal_ids = single.loc[single["kind"] == PartyKind.LEGAL, "party_id"]
    told = rows["members"].map(set(party.index[party.isin(legal_ids)]).issuperset)
    return pd.DataFrame(
        {
            "party_id": rows["identity"].map(party).array,
            "name": rows["name"].array,
            "kind": np.where(
                told.astype(bool) & ~rows["is_open"], PartyKind.LEGAL, PartyKind.NATURAL
            ),
            "is_open": rows["is_open"].array,
            **dict.fromkeys(("is_ambiguous", "is_person", "is_cut", "by_table", "by_alias"), False),
            "forms": "",
        }
    ).astype({"kind": "str", "name": "str", "forms": "str"})


def _borne(named: pd.DataFrame) -> pd.Series:
    """Give the keys of each party that has any, in the order of the alphabet."""
    keys = named[["party_id", "key"]].dropna().drop_duplicates()
    return _gathered(keys.sort_values(["party_id", "key"]).set_index("party_id")["key"])


def _gathered(texts: pd.Series) -> pd.Series:
    """Put the texts under each number together; the numbers are in order."""
    number, first = np.unique(texts.index, return_index=True)
    every = texts.to_numpy(dtype=object).tolist()
    stops = [*first[1:].tolist(), len(every)]
    gathered = [tuple(every[a:b]) for a, b in zip(first.tolist(), stops, strict=False)]
    return pd.Series(gathered, index=number, dtype=object)


def _membership(joint: pd.DataFrame, party: pd.Series) -> pd.DataFrame:
    """List for each holder the parties in it."""
    rows = joint[["identity", "members"]].dropna(subset=["identity"]).drop_duplicates("identity")
    rows["members"] = rows["members"].where(rows["members"].notna(), rows["identity"])
    rows = rows.explode("members")
    out = pd.DataFrame(
        {"holder_id": rows["identity"].map(party), "member_id": rows["members"].map(party)}
    )
    return out.astype("int64").sort_values(["holder_id", "member_id"], ignore_index=True)


def _doubts(everybody: pd.DataFrame, concessions: pd.DataFrame, is_open: pd.Series) -> pd.DataFrame:
    """List names that decide nothing: borne by several numbers, cut, none at all, not all told."""
    doubtful = everybody[everybody["is_ambiguous"]]
    held = everybody[everybody["side"] == _HOLDER]
    cut = held[held["is_cut"]]
    nobody = held[held["key"].isna() & held["name"].notna()]
    rest = held[held["right"].isin(np.flatnonzero(is_open)) & (held["nth"] == 0)]
    numbers = "several identity numbers bear this name: give the holder's in --table holders="
    told = [
        (Role.REGISTRATIONS, Problem.AMBIGUOUS_NAME, doubtful[doubtful["side"] == _REGISTRANT], numbers),
        (Role.CONCESSIONS, Problem.AMBIGUOUS_NAME, doubtful[doubtful["side"] == _HOLDER], numbers),
        (Role.CONCESSIONS, Problem.TRUNCATED_NAME, cut, "the source cut this name: it matches no other surely"),
        (Role.CONCESSIONS, Problem.NO_NAME, nobody, "stands in the place of a name: the holder is not known"),
        (Role.CONCESSIONS, Problem.UNNAMED_HOLDERS, rest, "further holders are not named: who is not among those named may hold it"),
    ]  # fmt: skip
    parts = [
        issues.make(
            role,
            problem,
            Action.DOUBTED,
            rows["row"],
            field="name",
            values=rows["text"],
            detail=detail,
            private=True,
        )
        for role, problem, rows, detail in told
        if len(rows)
    ]
    return issues.join(parts)
