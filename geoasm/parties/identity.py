"""Who is who: registrants and holders as numbered parties, by identity number, else by exact name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geoasm import issues
from geoasm.codes import Action, PartyKind, Problem, Role
from geoasm.model import PartyRules
from geoasm.parties import aliases as answers
from geoasm.parties import names, people
from geoasm.parties.people import HOLDER, REGISTRANT, TABLE

Ints = npt.NDArray[np.int64]

_JOINT = "&"  # begins the identity of joint holders; no name and no number does


@dataclass(frozen=True)
class Parties:
    """
    Everybody in a run.

    `frame` has `party_id`, `kind`, `name`, `ruc` of `schema.PARTIES` and adds `keys` (every normalised
    name that the party bears), `bare` (of those with a remark that may be part of the name, the name
    without it), `forms`, `is_person` (surely a natural person), `is_ambiguous` (its one name is borne
    by several identity numbers), `is_cut` (its name is not whole), `is_open` (joint holders of whom not all are
    named), `by_number` and `by_alias` (the cadastre or a table of holders states its number; one
    of aliases a spelling).
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
    rights = _columns(concessions, "holder_name", "holder_ruc", "concession_id")
    texts = names.describe_texts(pd.concat([registered["name"], table["name"]]), rules)
    held = people.read_holders(rights["name"], texts, rules)
    everybody = people.gather(registered, held, rights["ruc"], table, texts, renamed)
    single, spelt = _identities(everybody)
    whole = _together(single[everybody.side == HOLDER], everybody, held, spelt)
    code = pd.concat([registered["code"], rights["code"]], ignore_index=True)
    number = _number(single, whole, everybody, held, code)
    return Parties(
        _describe(everybody, single, whole, number, rights["name"], rules),
        _numbered(number[single[: len(registered)]], registrations.index),
        _numbered(number[whole.identity], concessions.index),
        registered["ruc"].notna(),
        _membership(whole, number),
        issues.join([_doubts(everybody, held, registered["row"], rights["row"]), said.issues]),
        said.contradicted,
        texts,
    )


def _numbered(party: Ints, index: pd.Index) -> pd.Series:
    """Give party numbers as a column; 0 is nobody."""
    return pd.Series(pd.arrays.IntegerArray(party, party == 0), index=index, name="identity")


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


class _Wholes(NamedTuple):
    """
    The holder of each right as one: `identity` (-1 is none), `is_open` where not all of it are named.

    Joint holders have identities from `first` on; `members` has the identities in each of them.
    """

    identity: Ints
    is_open: npt.NDArray[np.bool_]
    first: int
    members: list[tuple[int, ...]]


def _identities(everybody: people.People) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Number who is the same, by identity number, else by key, in the order of the texts that tell it."""
    parts = (everybody.rucs, "=" + everybody.keys)
    told = np.concatenate([np.asarray(part, dtype=object) for part in parts])
    order = pc.sort_indices(pa.array(told, pa.large_string())).to_numpy()
    rank = np.full(len(told) + 1, -1)
    rank[order] = np.arange(len(told))
    by_key = np.where(everybody.key >= 0, everybody.key + len(everybody.rucs), -1)
    return rank[np.where(everybody.ruc >= 0, everybody.ruc, by_key)], told[order]


def _together(
    single: Ints, everybody: people.People, held: people.Held, spelt: npt.NDArray[np.object_]
) -> _Wholes:
    """Give the identity of each right's holder, of joint holders one that follows from all of them."""
    identity = np.full(len(held.is_open), -1)
    identity[held.right[single >= 0]] = single[single >= 0]
    is_open = held.is_open & (identity >= 0)
    key = _last(everybody.key, len(everybody.keys))[everybody.side == HOLDER]
    rows = pd.DataFrame({"right": held.right, "key": key, "identity": single})[single >= 0]
    rows = rows[rows["right"].duplicated(keep=False) | is_open[rows["right"]]]
    rows = rows.sort_values(["right", "key", "identity"], kind="stable")
    rows = rows.drop_duplicates(["right", "identity"])
    identity[rows["right"]] = rows["identity"]
    rows = rows[rows["right"].duplicated(keep=False) | is_open[rows["right"]]]
    groups = _gathered(rows.set_index("right")["identity"])
    marks = np.where(is_open[groups.index], 2 * _JOINT, _JOINT)
    told = [mark + "|".join(spelt[list(some)]) for mark, some in zip(marks, groups, strict=True)]
    joint, _ = pd.factorize(np.array(told, dtype=object), sort=True)
    identity[groups.index] = len(spelt) + joint
    of_joint = pd.Series(groups.array, index=joint)
    of_joint = of_joint[~of_joint.index.duplicated()].sort_index()
    return _Wholes(identity, is_open, len(spelt), of_joint.tolist())


def _last(codes: Ints, n: int) -> Ints:
    """Put what is missing behind the `n` that are not."""
    return np.where(codes < 0, n, codes)


def _number(
    single: Ints, whole: _Wholes, everybody: people.People, held: people.Held, code: pd.Series
) -> Ints:
    """
    Number parties in the order of their smallest public code: registrations first, then rights.

    Row order does not matter then, and the rank of a party tells nothing of its identity number.
    Given is the number of each identity, and at the end, for none, 0.
    """
    n = len(code) - len(held.is_open)
    ranked = pc.rank(pa.array(code, pa.large_string()), tiebreaker="dense")
    rank = ranked.to_numpy().astype(np.int64)
    joint = np.flatnonzero(whole.identity >= whole.first)
    is_of_file = everybody.side != TABLE
    key = _last(everybody.key, len(everybody.keys))[is_of_file]
    side = everybody.side[is_of_file].astype(np.int64)
    # Joint holders stand before those whom they are.
    place = 2 * (side * (len(code) + 2) + np.append(rank[:n], rank[n:][held.right])) + 1
    places = np.append(place, 2 * (HOLDER * (len(code) + 2) + rank[n:][joint]))
    keys = np.append(key, np.zeros(len(joint), dtype=np.int64))
    identity = np.append(single[is_of_file], whole.identity[joint])
    order = np.lexsort((identity, keys, places))
    order = pd.unique(identity[order[identity[order] >= 0]])
    number = np.zeros(whole.first + len(whole.members) + 1, dtype=np.int64)
    number[order] = np.arange(1, len(order) + 1)
    return number


def _describe(
    everybody: people.People,
    single: Ints,
    whole: _Wholes,
    number: Ints,
    written: pd.Series,
    rules: PartyRules,
) -> pd.DataFrame:
    """Give one row per party: of its spellings the first of the alphabet, whole texts first, and every key."""
    named = _spellings(everybody, single, number)
    grouped = named.groupby("party_id")
    frame = named.drop_duplicates("party_id")[["party_id", "name", "ruc", "is_ambiguous"]]
    frame = frame.reset_index(drop=True)
    for column, key in (("keys", "key"), ("bare", "bare")):
        frame[column] = frame["party_id"].map(_borne(named[["party_id"]].assign(key=named[key])))
    for flag in ("is_legal", "is_person", "is_cut", "by_number", "by_alias"):
        frame[flag] = grouped[flag].any().to_numpy(dtype=bool)
    form, forms = pd.factorize(named["forms"], sort=True)
    best = pd.Series(form).groupby(named["party_id"].to_numpy()).max()
    frame["forms"] = pd.array([*forms, ""], dtype="str").take(best.to_numpy())
    prefix = frame["ruc"].str[:2]
    natural = prefix.isin(rules.natural_prefixes)
    is_legal = prefix.isin(rules.legal_prefixes) | (frame["is_legal"] & ~natural)
    frame["is_person"] = natural | (frame["is_person"] & ~is_legal)
    frame["kind"] = np.where(is_legal, PartyKind.LEGAL.value, PartyKind.NATURAL.value)
    frame["is_open"] = False
    joint = _describe_joint(whole, number, frame, written)
    frame = pd.concat([frame, joint], ignore_index=True)
    frame = frame.sort_values("party_id", ignore_index=True).drop(columns="is_legal")
    return frame.astype({"party_id": "int64"})


def _spellings(everybody: people.People, single: Ints, number: Ints) -> pd.DataFrame:
    """Give each party under each of its names once, the name to call it by first."""
    told = everybody.told
    spelling = _last(pd.factorize(told["name"], sort=True)[0], len(told))
    rows = pd.DataFrame(
        {"party_id": number[single], "at": everybody.row, "by_number": everybody.by_number}
    )[(everybody.side != TABLE) & (single >= 0)]
    rows = rows.drop_duplicates()
    at = rows["at"].to_numpy()
    rows = rows.assign(is_piece=told["is_piece"].to_numpy()[at], spelling=spelling[at])
    rows = rows.sort_values(["party_id", "is_piece", "spelling"], kind="stable")
    ruc = everybody.rucs.array.take(everybody.ruc[rows.index], allow_fill=True)
    rows = rows.assign(ruc=ruc, is_ambiguous=everybody.is_ambiguous[rows.index])
    at = rows["at"].to_numpy()
    for column in ("name", "key", "bare", "forms", "is_legal", "is_person", "is_cut", "by_alias"):
        rows[column] = told[column].array.take(at)
    return rows.reset_index(drop=True)


def _describe_joint(
    whole: _Wholes, number: Ints, single: pd.DataFrame, written: pd.Series
) -> pd.DataFrame:
    """Give a row for each party of joint holders; public only where every member is a legal entity."""
    rows = pd.DataFrame(
        {"identity": whole.identity, "name": written.array, "is_open": whole.is_open}
    )[whole.identity >= whole.first]
    rows = rows.sort_values(["identity", "name"]).drop_duplicates("identity")
    legal_ids = single.loc[single["kind"] == PartyKind.LEGAL, "party_id"]
    is_legal = np.isin(number, legal_ids)
    # Each joint identity has a row, in order.
    told = np.array([is_legal[list(some)].all() for some in whole.members], dtype=bool)
    return pd.DataFrame(
        {
            "party_id": number[rows["identity"]],
            "name": rows["name"].array,
            "kind": np.where(told & ~rows["is_open"], PartyKind.LEGAL, PartyKind.NATURAL),
            "is_open": rows["is_open"].array,
            **dict.fromkeys(
                ("is_ambiguous", "is_person", "is_cut", "by_number", "by_alias"), False
            ),
            "forms": "",
        }
    ).astype({"kind": "str", "name": "str", "forms": "str"})


def _borne(named: pd.DataFrame) -> pd.Series:
    """Give the keys of each party that has any, in the order of the alphabet."""
    keys = named.dropna(subset=["key"])
    codes, distinct = pd.factorize(keys["key"], sort=True)
    rows = pd.DataFrame({"party_id": keys["party_id"].array, "key": codes}).drop_duplicates()
    rows = rows.sort_values(["party_id", "key"])
    texts = np.asarray(distinct, dtype=object)[rows["key"]]
    return _gathered(pd.Series(texts, index=rows["party_id"]))


def _gathered(texts: pd.Series) -> pd.Series:
    """Put the texts under each number together; the numbers are in order."""
    number, first = np.unique(texts.index, return_index=True)
    every = texts.to_numpy(dtype=object).tolist()
    stops = [*first[1:].tolist(), len(every)]
    gathered = [tuple(every[a:b]) for a, b in zip(first.tolist(), stops, strict=False)]
    return pd.Series(gathered, index=number, dtype=object)


def _membership(whole: _Wholes, number: Ints) -> pd.DataFrame:
    """List for each holder the parties in it."""
    lone = np.unique(whole.identity[(whole.identity >= 0) & (whole.identity < whole.first)])
    joint = whole.first + np.repeat(np.arange(len(whole.members)), list(map(len, whole.members)))
    members = [one for some in whole.members for one in some]
    out = pd.DataFrame(
        {
            "holder_id": number[np.concatenate([lone, joint])],
            "member_id": number[np.concatenate([lone, np.array(members, dtype=np.int64)])],
        }
    )
    return out.sort_values(["holder_id", "member_id"], ignore_index=True)


def _doubts(
    everybody: people.People, held: people.Held, registered: pd.Series, rights: pd.Series
) -> pd.DataFrame:
    """List names that decide nothing: borne by several numbers, cut, none at all, not all told."""
    own = [everybody.side == side for side in (REGISTRANT, HOLDER)]
    at = [everybody.row[some] for some in own]
    homonym, other = (np.flatnonzero(everybody.is_ambiguous[some]) for some in own)
    spelt = everybody.told
    cut = np.flatnonzero(spelt["is_cut"].to_numpy()[at[1]])
    is_nobody = (spelt["key"].isna() & spelt["name"].notna()).to_numpy()
    nobody = np.flatnonzero(is_nobody[at[1]])
    rest = np.flatnonzero(held.is_open[held.right] & (held.nth == 0))
    numbers = "several identity numbers bear this name: give the holder's in --table holders="
    told = [
        (Role.REGISTRATIONS, Problem.AMBIGUOUS_NAME, homonym, numbers),
        (Role.CONCESSIONS, Problem.AMBIGUOUS_NAME, other, numbers),
        (Role.CONCESSIONS, Problem.TRUNCATED_NAME, cut, "the source cut this name: it matches no other surely"),
        (Role.CONCESSIONS, Problem.NO_NAME, nobody, "stands in the place of a name: the holder is not known"),
        (Role.CONCESSIONS, Problem.UNNAMED_HOLDERS, rest, "further holders are not named: who is not among those named may hold it"),
    ]  # fmt: skip
    rows = {Role.REGISTRATIONS: registered.array, Role.CONCESSIONS: rights.array.take(held.right)}
    text = dict(zip(rows, (spelt["text"].array.take(some) for some in at), strict=True))
    parts = [
        issues.make(
            role,
            problem,
            Action.DOUBTED,
            rows[role].take(which),
            field="name",
            values=text[role].take(which),
            detail=detail,
            private=True,
        )
        for role, problem, which, detail in told
        if len(which)
    ]
    return issues.join(parts)
