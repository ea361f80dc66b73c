"""Names that are much alike: never a match, always a question for a person to answer."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from geoasm.model import PartyRules
from geoasm.parties import names
from geoasm.parties.identity import Parties
from geoasm.parties.names import CUT, FORM, is_numeral
from geoasm.schema import LIST_SEPARATOR

SIMILAR, PART, FORM_ONLY = "similar", "part", "form"
CUT_NAME, NAMESAKE = "cut", "namesake"
_MOST_SHARING = 20_000  # pairs of names that one block may give; a commoner block tells nothing
_RARE = 12  # names that may bear a word for it to be looked for by itself, slips and all
_SHORT = 5  # letters up to which words are compared by their letters alone
_PART_WORDS = 3  # fewest words of a name that is looked for inside a longer one


def denied(aliases: pd.DataFrame | None, rules: PartyRules) -> pd.DataFrame:
    """Give the pairs of names that a person judged to be two parties': `one`, `other` (keys)."""
    if aliases is None or "same" not in aliases:
        return pd.DataFrame({"one": [], "other": []}, dtype="str")
    said = aliases[aliases["same"] == "no"]
    keys = [names.name_keys(said[c], rules)["key"] for c in ("spelling", "holder_name")]
    return pd.DataFrame({"one": keys[0], "other": keys[1]}).dropna()


def find_similar(
    parties: Parties, rules: PartyRules, denied: pd.DataFrame | None = None
) -> pd.DataFrame:
    """
    Find registrants whose name is much like that of a holder who is not the same party.

    Names are compared where they share two words, or one rare word up to one slip of a character.
    Two that both state an identity number are not compared: the numbers tell. Names that differ in
    what numbers the firms of a chain (I, II, 2) are two names.

    Parameters
    ----------
    denied
        Pairs of keys that are no question any more, as `denied` gives them.

    Returns
    -------
    likely
        `registrant_id`, `member_id` (parties), `score` (0 to 100), `reason` (`similar`; `part`: one
        name has all words of the other; `form`: only the legal form differs; `cut`: the holder's
        name is cut; `namesake`: several numbers bear the very name), the likeliest first; each
        pair once.
    """
    frame = parties.frame
    borne = frame[["party_id", "keys", "ruc", "is_ambiguous", "is_cut"]].explode("keys")
    borne = borne.dropna(subset=["keys"]).rename(columns={"keys": "key"}).reset_index(drop=True)
    borne["registers"] = borne["party_id"].isin(parties.registrant.dropna())
    borne["holds"] = borne["party_id"].isin(parties.members["member_id"])
    borne["text"] = borne["key"].str.replace(FORM, "", regex=False)
    pairs = _candidates(borne)
    if denied is not None and len(denied):
        asked = pd.MultiIndex.from_arrays([borne["key"].take(pairs[c]) for c in ("one", "other")])
        pairs = pairs[~asked.isin(pd.MultiIndex.from_frame(denied[["one", "other"]]))]
    found = [_scored(pairs, borne, rules), _cut_names(borne), _namesakes(borne)]
    rows = pd.concat(found, ignore_index=True)
    rows = rows[rows["registrant_id"] != rows["member_id"]]
    rows = rows.sort_values(["score", "registrant_id", "member_id"], ascending=[False, True, True])
    return rows.drop_duplicates(["registrant_id", "member_id"], ignore_index=True)


def _candidates(borne: pd.DataFrame) -> pd.DataFrame:
    """Pair names of registrants and holders that have a block in common: `one`, `other` (rows)."""
    words = borne["text"].str.rstrip(CUT).str.split().explode()
    words = words[words.str.len() > 1]
    words = words[~pd.MultiIndex.from_arrays([words.index, words]).duplicated()]
    codes, _ = pd.factorize(words)
    token = pd.DataFrame({"row": words.index.to_numpy(), "token": codes, "word": words.to_numpy()})
    blocks = pd.concat([_pairs_of_words(token), _rare_words(token)], ignore_index=True)
    sides = [blocks[borne[side].to_numpy()[blocks["row"]]] for side in ("registers", "holds")]
    sizes = [side["block"].value_counts() for side in sides]
    shared = sizes[0].index.intersection(sizes[1].index)
    product = sizes[0][shared] * sizes[1][shared]
    kept = product.index[product <= _MOST_SHARING]
    one, other = (side[side["block"].isin(kept)] for side in sides)
    pairs = one.merge(other, on="block", suffixes=("_one", "_other"))
    pairs = pairs.rename(columns={"row_one": "one", "row_other": "other"})
    return pairs[["one", "other"]].drop_duplicates(ignore_index=True)


def _pairs_of_words(token: pd.DataFrame) -> pd.DataFrame:
    """Give every two words that stand in one name, in either order."""
    two = token[["row", "token"]].merge(token[["row", "token"]], on="row")
    two = two[two["token_x"] < two["token_y"]]
    base = int(token["token"].max()) + 2 if len(token) else 2
    return pd.DataFrame(
        {"row": two["row"], "block": two["token_x"] * base + two["token_y"] + base**2}
    )


def _rare_words(token: pd.DataFrame) -> pd.DataFrame:
    """Give the rare words with one character left out in turn: two a slip apart share one."""
    often = token["token"].map(token["token"].value_counts())
    rare = token[often <= _RARE]
    length = rare["word"].str.len()
    parts = [
        pd.DataFrame({"row": rare["row"], "rest": rare["word"]}),
        *(
            pd.DataFrame(
                {
                    "row": rare["row"][length > at],
                    "rest": rare["word"][length > at].str.slice_replace(at, at + 1, ""),
                }
            )
            for at in range(int(length.max()) if len(rare) else 0)
        ),
    ]
    rests = pd.concat(parts, ignore_index=True)
    rests = rests[rests["rest"].str.len() > 2].drop_duplicates()
    codes, _ = pd.factorize(rests["rest"])
    return pd.DataFrame({"row": rests["row"].to_numpy(), "block": -1 - codes})


def _scored(pairs: pd.DataFrame, borne: pd.DataFrame, rules: PartyRules) -> pd.DataFrame:
    """Keep the pairs that are alike enough, as a whole and in the words that they do not share."""
    ruc = borne["ruc"].to_numpy(dtype=object)
    party = borne["party_id"].to_numpy()
    key, text = (borne[c].to_numpy(dtype=object) for c in ("key", "text"))
    one, other = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    known = pd.notna(ruc[one]) & pd.notna(ruc[other])
    asked = (party[one] != party[other]) & ~known & ~borne["is_cut"].to_numpy(dtype=bool)[other]
    one, other = one[asked], other[asked]
    # An upper bound of the likeness below, computed for all pairs at once.
    bound = process.cpdist(
        text[one].tolist(), text[other].tolist(), scorer=fuzz.token_set_ratio, dtype=np.float32
    )
    likely = np.flatnonzero(bound >= rules.review_score)
    judged = [_judge(key[one[i]].split(), key[other[i]].split(), rules) for i in likely]
    kept = [(i, *found) for i, found in zip(likely, judged, strict=True) if found is not None]
    rows = np.array([i for i, _, _ in kept], dtype=np.intp)
    scores, reasons = ([row[n] for row in kept] for n in (1, 2))
    return _laid_out(party[one[rows]], party[other[rows]], scores, reasons)


def _judge(one: list[str], other: list[str], rules: PartyRules) -> tuple[float, str] | None:
    """Tell whether two names, in whatever order their words stand, may be one party's, and why."""
    a, b = Counter(one), Counter(other)
    mine, theirs = _without(one, a & b), _without(other, a & b)
    if any(is_numeral(word, rules) for word in (*mine, *theirs)):
        return None
    shared = 2 * sum(map(len, (a & b).elements()))
    rest = tuple("".join(words).replace(FORM, "") for words in (mine, theirs))
    alike = fuzz.ratio(*rest)
    if max(map(len, rest)) <= _SHORT:  # the pieces of a form misspelt, in whatever order
        alike = max(alike, fuzz.ratio(*("".join(sorted(letters)) for letters in rest)))
    length = shared + len(rest[0]) + len(rest[1])
    score = (100.0 * shared + alike * (len(rest[0]) + len(rest[1]))) / length
    words = [[w for w in some if w[0] != FORM] for some in (mine, theirs)]
    if not any(words):
        return score, FORM_ONLY
    if not mine or not theirs:
        enough = min(a.total(), b.total()) >= _PART_WORDS
        firms = [any(w[0] == FORM for w in some) for some in (one, other)]
        return (score, PART) if enough and firms[0] == firms[1] else None
    if score >= rules.review_score and alike >= rules.review_rest_score:
        return score, SIMILAR
    return None


def _without(words: list[str], shared: Counter[str]) -> list[str]:
    """Leave the words that are not shared, in order; one that stands twice may be shared once."""
    left = shared.copy()
    rest = []
    for word in words:
        if left[word] > 0:
            left[word] -= 1
        else:
            rest.append(word)
    return rest


def _cut_names(borne: pd.DataFrame) -> pd.DataFrame:
    """Pair a cut name of a holder with every registrant's that begins so."""
    cut = borne[borne["holds"] & borne["is_cut"]]
    rows = []
    if len(cut):
        registrants = borne[borne["registers"]]
        words = registrants["text"].map(lambda text: frozenset(text.split()))
        for key, holder in zip(cut["text"].str.rstrip(CUT), cut["party_id"], strict=True):
            whole = {*key.split()}
            # The last word may be half of one, and sorting has moved it: one may be missing.
            near = words.map(lambda some, whole=whole: len(whole - some) <= 1)
            rows += [(party, holder) for party in registrants["party_id"][near]]
    one, other = ([row[i] for row in rows] for i in (0, 1))
    return _laid_out(one, other, 100.0, CUT_NAME)


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
            "registrations": rows["registrant_id"].map(_joined(entered)),
            "rights": rows["member_id"].map(_joined(held.set_index("member_id")["code"])),
        }
    )
    return out.sort_values(
        ["n_met", "score", "spelling", "holder"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )


def _joined(codes: pd.Series) -> pd.Series:
    """Join the codes under each number, sorted."""
    ordered = codes.astype("str").sort_values()
    return ordered.groupby(level=0).agg(LIST_SEPARATOR.join)
