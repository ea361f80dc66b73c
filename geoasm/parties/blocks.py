"""Which names are worth comparing: those with two words in common, or one rare word, slips and all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_RARE = 12  # names that may bear a word for it to be looked for by itself, and as a slip of another
_MOST_SHARING = 20_000  # pairs of names that one block may give; a commoner block tells nothing
_SHORTEST = 3  # letters that two words a slip apart must have in common
_SHORTEST_JOINED = 5  # letters of two words written as one
_AGAIN = "+"  # a word that stands twice in a name is two words there; no word has it


class _Words(NamedTuple):
    """Words of names: row and word of each, the words themselves, and how many names bear them."""

    row: Ints
    word: Ints
    vocabulary: pd.Series
    borne: Ints


class _Blocks(NamedTuple):
    """Names (rows) in blocks; those in one are worth comparing."""

    row: Ints
    block: Ints


def pair(words: Sequence[Sequence[str]], registers: Flags, holds: Flags) -> tuple[Ints, Ints]:
    """
    Pair names of registrants with names of holders that are worth comparing.

    Parameters
    ----------
    words
        Words of each name; those of one letter do not count.
    registers, holds
        On which side each name stands.

    Returns
    -------
    one, other
        Positions of the registrant's and the holder's name of each pair, each pair once.
    """
    told = _words(words)
    rests = _rests(told.vocabulary)
    plain, rare = _couples(told), _rare(told, rests)
    guessed = _guessed_couples(told, _meant(told, rests))
    asked = ((plain, plain), (guessed, plain), (plain, guessed), (rare, rare))
    met = np.sort(np.concatenate([_meet(a, b, registers, holds) for a, b in asked]))
    one, other = np.divmod(met[np.diff(met, prepend=-1) > 0], max(len(words), 1))
    return one, other


def _words(words: Sequence[Sequence[str]]) -> _Words:
    row = np.repeat(np.arange(len(words)), np.array([len(some) for some in words], dtype=np.intp))
    flat = np.array([w for some in words for w in some], dtype=object)
    long = np.array([len(w) > 1 for w in flat], dtype=bool)
    row, flat = row[long], flat[long]
    word, vocabulary = pd.factorize(flat)
    place = pd.Series(row * len(vocabulary) + word)
    if len(again := place.index[place.duplicated()]):
        nth = place.groupby(place).cumcount()[again]
        flat[again] += nth.map(lambda n: _AGAIN * n).to_numpy(dtype=object)
        word, vocabulary = pd.factorize(flat)
    borne = np.bincount(word, minlength=len(vocabulary))
    return _Words(row, word, pd.Series(vocabulary, dtype="str"), borne)


def _rests(vocabulary: pd.Series) -> pd.DataFrame:
    """Give each word, and the word without each of its letters: two words a slip apart share one."""
    length = vocabulary.str.len()
    parts = [vocabulary]
    for at in range(int(length.max()) if len(length) else 0):
        parts.append(vocabulary[length > at].str.slice_replace(at, at + 1, ""))
    rests = pd.concat(parts).rename("rest").rename_axis("word").reset_index()
    return rests[rests["rest"].str.len() >= _SHORTEST].drop_duplicates(ignore_index=True)


def _meant(words: _Words, rests: pd.DataFrame) -> pd.DataFrame:
    """Give what a rare word may stand for: a common word a slip away, or the two words it is made of."""
    is_rare = words.borne <= _RARE
    slips = rests[is_rare[rests["word"]]].merge(rests[~is_rare[rests["word"]]], on="rest")
    slips = slips.rename(columns={"word_x": "word", "word_y": "meant"})[["word", "meant"]]
    known = pd.Series(words.vocabulary.index, index=words.vocabulary)
    length = words.vocabulary.str.len()
    long = words.vocabulary[is_rare & (length >= _SHORTEST_JOINED)]
    parts = [slips]
    for at in range(2, int(length.max()) - 1 if len(long) else 0):
        some = long[length[long.index] >= at + 2]
        halves = [half.map(known) for half in (some.str.slice(0, at), some.str.slice(at))]
        both = halves[0].notna() & halves[1].notna()
        parts += [pd.DataFrame({"word": some.index[both], "meant": h[both].array}) for h in halves]
    return pd.concat(parts).astype("int64").drop_duplicates(ignore_index=True)


def _couples(words: _Words) -> _Blocks:
    """Give any two words of a name as a block."""
    own = pd.DataFrame({"row": words.row, "word": words.word})
    two = own.merge(own, on="row")
    return _coupled(two[two["word_x"] < two["word_y"]], words)


def _guessed_couples(words: _Words, meant: pd.DataFrame) -> _Blocks:
    """Give two words of a name as a block, at least one of them what a rare word may stand for."""
    own = pd.DataFrame({"row": words.row, "word": words.word})
    guessed = own.merge(meant, on="word")[["row", "meant"]].drop_duplicates()
    guessed = guessed.rename(columns={"meant": "word"})
    both = pd.concat([own[own["row"].isin(guessed["row"])], guessed]).drop_duplicates()
    two = guessed.merge(both, on="row")
    return _coupled(two[two["word_x"] != two["word_y"]].drop_duplicates(), words)


def _coupled(two: pd.DataFrame, words: _Words) -> _Blocks:
    one, other = (two[c].to_numpy(dtype=np.int64) for c in ("word_x", "word_y"))
    block = np.minimum(one, other) * len(words.vocabulary) + np.maximum(one, other)
    return _Blocks(two["row"].to_numpy(), block)


def _rare(words: _Words, rests: pd.DataFrame) -> _Blocks:
    """Give the rests of rare words as blocks."""
    own = pd.DataFrame({"row": words.row, "word": words.word})[words.borne[words.word] <= _RARE]
    rests = rests.assign(block=pd.factorize(rests["rest"])[0])
    found = own.merge(rests, on="word")[["row", "block"]].drop_duplicates()
    return _Blocks(found["row"].to_numpy(), found["block"].to_numpy(dtype=np.int64))


def _meet(one: _Blocks, other: _Blocks, registers: Flags, holds: Flags) -> Ints:
    """Pair rows that have a block in common which is not too common; a pair as one number."""
    sides = [
        pd.DataFrame({"row": some.row, "block": some.block})[on_side[some.row]]
        for some, on_side in ((one, registers), (other, holds))
    ]
    sizes = [side["block"].value_counts(sort=False) for side in sides]
    shared = sizes[0].index.intersection(sizes[1].index)
    kept = shared[(sizes[0][shared] * sizes[1][shared]).to_numpy() <= _MOST_SHARING]
    sides = [side[side["block"].isin(kept)] for side in sides]
    met = sides[0].merge(sides[1], on="block")
    first, second = (met[c].to_numpy(dtype=np.int64) for c in ("row_x", "row_y"))
    pairs: Ints = first * len(registers) + second
    return pairs
