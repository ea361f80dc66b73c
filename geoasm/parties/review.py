"""Names that are much alike: never a match, always a question for a person to answer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.model import PartyRules
from geoasm.parties import aliases, blocks, likeness, names
from geoasm.parties.identity import Parties
from geoasm.parties.names import CUT, FORM
from geoasm.schema import LIST_SEPARATOR

CUT_NAME, NAMESAKE, REMARK, CONTRADICTED = "cut", "namesake", "remark", "contradicted"
_ASKED = ["registrant_id", "member_id"]


def denied(table: pd.DataFrame | None, rules: PartyRules) -> pd.DataFrame:
    """
    Give the pairs of names that a person judged to be two parties', and of which no line says otherwise.

    Returns
    -------
    denied
        `one`, `other` (keys of a registrant's and a holder's name), `ruc` (where the judgement is of
        the registrant with this number only).
    """
    return aliases.read(table, rules).no[["one", "other", "ruc"]]


def find_similar(
    parties: Parties, rules: PartyRules, denied: pd.DataFrame | None = None
) -> pd.DataFrame:
    """
    Find registrants whose name is much like that of a holder who is not the same party.

    Names are compared where they share two words, or one rare word, up to a slip of a character or a
    lost space (`blocks`), and judged by `likeness`. Two that both state an identity number are not
    compared: the numbers tell.

    Parameters
    ----------
    denied
        Pairs of names that are no question any more, as `denied` gives them.

    Returns
    -------
    likely
        `registrant_id`, `member_id` (parties), `score` (0 to 100), `reason` (`similar`; `part`: one
        name has all words of the other, or their initials; `form`: only the legal form differs;
        `order`: a firm's words in another order; `cut`: the holder's name is cut; `namesake`: several
        numbers bear the very name; `remark`: only one has a remark that may be part of the name;
        `contradicted`: a person said both yes and no), the likeliest first; each pair once.
    """
    frame = parties.frame
    borne = frame[["party_id", "keys", "ruc", "is_ambiguous"]].explode("keys")
    borne = borne.dropna(subset=["keys"]).rename(columns={"keys": "key"}).reset_index(drop=True)
    borne["key"] = borne["key"].astype("str")
    borne["is_cut"] = borne["key"].str.endswith(CUT)
    borne["registers"] = borne["party_id"].isin(parties.registrant.dropna())
    borne["holds"] = borne["party_id"].isin(parties.members["member_id"])
    found = [
        _scored(borne, rules),
        _cut_names(borne, rules),
        _namesakes(borne),
        _remarked(borne, frame),
        _contradicted(borne, parties.contradicted),
    ]
    rows = pd.concat(found, ignore_index=True)
    rows = rows[rows["registrant_id"] != rows["member_id"]]
    if denied is not None and len(denied):
        asked = pd.MultiIndex.from_frame(rows[_ASKED])
        rows = rows[~asked.isin(_parties_meant(denied, borne))]
    rows = rows.sort_values(["score", *_ASKED], ascending=[False, True, True], kind="stable")
    return rows.drop_duplicates(_ASKED, ignore_index=True)


def _parties_meant(said: pd.DataFrame, borne: pd.DataFrame) -> pd.MultiIndex:
    """Give the parties whom pairs of names mean, under whichever spelling they were asked for."""
    bare = borne.assign(key=borne["key"].str.rstrip(CUT))
    said = said[["one", "other", "ruc"]].rename(columns={"ruc": "only"})
    said = said.merge(bare, left_on="one", right_on="key")
    said = said[said["only"].isna() | (said["only"] == said["ruc"])][["party_id", "other"]]
    said = said.merge(bare[["party_id", "key"]], left_on="other", right_on="key")
    return pd.MultiIndex.from_frame(said[["party_id_x", "party_id_y"]].astype("int64"))


def _scored(borne: pd.DataFrame, rules: PartyRules) -> pd.DataFrame:
    """Pair names that are alike enough, as a whole and in the words that they do not share."""
    words = [key.rstrip(CUT).split() for key in borne["key"].to_numpy(dtype=object)]
    is_formed = borne["key"].str.contains(FORM, regex=False).to_numpy(dtype=bool)
    bare = [
        [w.lstrip(FORM) for w in some] if has_form else some
        for some, has_form in zip(words, is_formed.tolist(), strict=True)
    ]
    holds = (borne["holds"] & ~borne["is_cut"]).to_numpy()
    one, other = blocks.pair(bare, borne["registers"].to_numpy(), holds)
    party, numbered = borne["party_id"].to_numpy(), borne["ruc"].notna().to_numpy()
    asked = (party[one] != party[other]) & ~(numbered[one] & numbered[other])
    one, other = one[asked], other[asked]
    worth = likeness.worth_judging(words, one, other, rules.review_score)
    worth |= _worth_by_value(words, one, other, rules)
    one, other = one[worth], other[worth]
    judge = likeness.Judge(rules)
    judged = [judge(words[i], words[k]) for i, k in zip(one.tolist(), other.tolist(), strict=True)]
    kept = np.array([found is not None for found in judged], dtype=bool)
    scores, reasons = ([found[n] for found in judged if found is not None] for n in (0, 1))
    return _laid_out(party[one[kept]], party[other[kept]], scores, reasons)


def _worth_by_value(
    words: list[list[str]],
    one: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
    rules: PartyRules,
) -> npt.NDArray[np.bool_]:
    """Tell which pairs are worth judging with the numbers in them in digits: SIETE is no letter like 7."""
    distinct = {w for some in words for w in some}
    digits = {w: value for w in distinct if (value := names.in_digits(w, rules)) != w}
    changed = np.array([not digits.keys().isdisjoint(some) for some in words], dtype=bool)
    told = [
        [digits.get(w, w) for w in some] if is_changed else some
        for some, is_changed in zip(words, changed.tolist(), strict=True)
    ]
    worth: npt.NDArray[np.bool_] = changed[one] | changed[other]
    worth[worth] = likeness.worth_judging(told, one[worth], other[worth], rules.review_score)
    return worth


def _cut_names(borne: pd.DataFrame, rules: PartyRules) -> pd.DataFrame:
    """Pair a cut name of a holder with every registrant's that has its words, the last one begun."""
    cut = borne[borne["holds"] & borne["is_cut"]]
    registrants = borne[borne["registers"]] if len(cut) else borne.iloc[:0]
    spelt: dict[str, set[str]] = {}
    for spelling, form in rules.legal_forms:
        spelt.setdefault(FORM + form, {form}).update(spelling.split())
    words = [
        {w for word in key.rstrip(CUT).split() for w in spelt.get(word, (word,))}
        for key in registrants["key"]
    ]
    bearers: dict[str, list[int]] = {}
    for i, some in enumerate(words):
        for word in some:
            bearers.setdefault(word, []).append(i)
    party, numbered = (registrants[c].tolist() for c in ("party_id", "ruc"))
    rows = []
    for key, holder, number in zip(cut["key"], cut["party_id"], cut["ruc"], strict=True):
        begun = set(key.rstrip(CUT).replace(FORM, "").split())
        # The last word may be half of one: who has all others bears one of the two rarest.
        rarest = sorted(begun, key=lambda w: (len(bearers.get(w, ())), w))[:2]
        for i in sorted({i for word in rarest for i in bearers.get(word, ())}):
            told = pd.notna(number) and pd.notna(numbered[i])
            if not told and _begins(begun, words[i]):
                rows.append((party[i], holder))
    one, other = ([row[i] for row in rows] for i in (0, 1))
    return _laid_out(one, other, 100.0, CUT_NAME)


def _begins(cut: set[str], whole: set[str]) -> bool:
    """Tell whether all words of a cut name stand in a whole one, of one of them the beginning only."""
    missing = cut - whole
    return not missing or (
        len(missing) == 1 and any(w.startswith(next(iter(missing))) for w in whole - cut)
    )


def _namesakes(borne: pd.DataFrame) -> pd.DataFrame:
    """Pair holders known only by a name that several numbers bear with each who bears it."""
    doubtful = borne[borne["is_ambiguous"].astype(bool)]
    registrants = borne[borne["registers"]]
    held = doubtful[doubtful["holds"]].merge(registrants, on="key", suffixes=("_holder", ""))
    named = doubtful[doubtful["registers"]].merge(
        borne[borne["holds"]], on="key", suffixes=("", "_holder")
    )
    both = pd.concat([held, named])[["party_id", "party_id_holder"]].drop_duplicates()
    return _laid_out(both["party_id"], both["party_id_holder"], 100.0, NAMESAKE)


def _remarked(borne: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Pair names that are one but for a remark in parentheses which may be part of one of them."""
    numbered = ["party_id", "ruc", "key", "registers", "holds"]
    bare = frame[["party_id", "bare"]].explode("bare").dropna()
    bare = bare.merge(borne[["party_id", "ruc", "registers", "holds"]].drop_duplicates())
    bare = bare.rename(columns={"bare": "key"})[numbered].astype({"key": "str"})
    plain = borne[numbered]
    sides = ((bare, plain), (plain, bare))
    both = pd.concat([a[a["registers"]].merge(b[b["holds"]], on="key") for a, b in sides])
    both = both[both["ruc_x"].isna() | both["ruc_y"].isna()]
    return _laid_out(both["party_id_x"], both["party_id_y"], 100.0, REMARK)


def _contradicted(borne: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """Pair the parties of whom a person said what contradicts itself."""
    if said.empty:
        return _laid_out([], [], 100.0, CONTRADICTED)
    meant = _parties_meant(said, borne).to_frame(index=False, name=_ASKED)
    info = borne.groupby("party_id").agg({"registers": "any", "holds": "any", "ruc": "first"})
    one, other = (info.loc[meant[c]].reset_index(drop=True) for c in _ASKED)
    asked = one["registers"] & other["holds"] & (one["ruc"].isna() | other["ruc"].isna())
    meant = meant[asked.to_numpy()]
    return _laid_out(meant[_ASKED[0]], meant[_ASKED[1]], 100.0, CONTRADICTED)


def _laid_out(one: object, other: object, score: object, reason: object) -> pd.DataFrame:
    frame = pd.DataFrame({"registrant_id": one, "member_id": other})
    return frame.assign(score=score, reason=reason).astype(
        {"registrant_id": "int64", "member_id": "int64", "score": "float64", "reason": "str"}
    )


def list_holders(
    likely: pd.DataFrame,
    parties: Parties,
    concession_ids: pd.Series,
    registration_ids: pd.Series,
    met: pd.DataFrame,
) -> pd.DataFrame:
    """
    Lay the pairs of names out for a person, who answers in `same` and gives the file back as aliases.

    Parameters
    ----------
    likely
        Of `find_similar`.
    concession_ids, registration_ids
        Codes of rights and registrations, in the order of `parties.holder` and `parties.registrant`.
    met
        Pairs of a registration on a right (positions `registration`, `concession`).

    Returns
    -------
    review
        `same` (empty), `spelling` and `ruc` (the registrant's), `holder` (as the cadastre spells it),
        `score`, `reason`, `n_met` (registrations that stand on the holder's rights), `registrations`,
        `rights`; first those that stand on the holder's ground, then by likeness.
    """
    info = parties.frame.set_index("party_id")
    held = pd.DataFrame({"holder_id": parties.holder.array, "code": concession_ids.array})
    held = held.dropna().astype({"holder_id": "int64"}).merge(parties.members, on="holder_id")
    stands = pd.DataFrame(
        {
            "registrant_id": parties.registrant.array[met["registration"]],
            "holder_id": parties.holder.array[met["concession"]],
        }
    ).dropna()
    stands = stands.astype("int64").merge(parties.members, on="holder_id")
    n_met = stands.value_counts(["registrant_id", "member_id"]).rename("n_met").reset_index()
    entered = pd.Series(registration_ids.array, index=parties.registrant.array).dropna()
    rows = likely.merge(n_met, on=["registrant_id", "member_id"], how="left")
    out = pd.DataFrame(
        {
            "same": "",
            "spelling": rows["registrant_id"].map(info["name"]),
            "ruc": rows["registrant_id"].map(info["ruc"]),
            "holder": rows["member_id"].map(info["name"]),
            "score": rows["score"].round(1),
            "reason": rows["reason"],
            "n_met": rows["n_met"].fillna(0).astype("int64"),
            "registrations": rows["registrant_id"].map(_joined(entered, rows["registrant_id"])),
            "rights": rows["member_id"].map(
                _joined(held.set_index("member_id")["code"], rows["member_id"])
            ),
        }
    )
    return out.sort_values(
        ["n_met", "score", "spelling", "holder"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )


def _joined(codes: pd.Series, asked: pd.Series) -> pd.Series:
    """Join the codes under each number that is asked for, sorted."""
    ordered = codes[codes.index.isin(asked)].astype("str").sort_values()
    return ordered.groupby(level=0).agg(LIST_SEPARATOR.join)
