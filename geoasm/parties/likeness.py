"""How much two names are alike, whatever the order of their words, and whether that is a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations, product

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from geoasm.model import PartyRules
from geoasm.parties.names import FORM, in_digits, is_numeral

Ints = npt.NDArray[np.int64]

SIMILAR, PART, FORM_ONLY, ORDER = "similar", "part", "form", "order"
_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_SLIPS = 2  # characters changed, lost, doubled or swapped that leave a word alike
_LETTERS = (1, 2, 5)  # that a word has at least, by the slips in it
_MOST_PERMUTED = 3  # words that are tried in every order
_MOST_FORMS = 3  # legal forms that are written out to find a slip in one
_PART_WORDS = 3  # fewest words, forms and all, of a firm's name that may stand in a longer one
_PART_WORDS_OF_PERSON = 2


def worth_judging(
    words: Sequence[list[str]],
    one: Ints,
    other: Ints,
    least: float,
) -> npt.NDArray[np.bool_]:
    """
    Tell which pairs of names may be alike, all at once.

    Their letters must be much the same, or one must have all words of the other. What `Judge` would
    keep is kept, short names with slips both in a legal form and in another word apart.

    Parameters
    ----------
    words
        Words of each name's key, legal forms marked.
    one, other
        Positions of the names of each pair.
    least
        Least likeness (0 to 100) of two names that differ in more than left out words.
    """
    row, word, vocabulary = _told(words)
    is_plain = np.array([w[0] != FORM for w in vocabulary], dtype=bool)
    letters, plain = _letters(vocabulary), is_plain[word]
    masks = _masks(
        row, word, is_plain & np.array([len(w) > 1 for w in vocabulary], dtype=bool), len(words)
    )
    names = _of_names(letters, row[plain], word[plain], len(words))
    shared, size = _common(names, one, other), names.sum(axis=0, dtype=np.int64)
    both = masks[one] & masks[other]
    is_worth = np.zeros(len(one), dtype=bool)
    for side in (one, other):
        is_worth |= (both == masks[side]) & (shared == size[side])
    names = _of_names(letters, row, word, len(words))
    size = names.sum(axis=0, dtype=np.int64)
    is_worth |= 200 * _common(names, one, other) >= least * (size[one] + size[other])
    return is_worth


def _told(words: Sequence[list[str]]) -> tuple[Ints, Ints, npt.NDArray[np.object_]]:
    """Give the name (row) and the number of each word of names, and the distinct words."""
    row = np.repeat(np.arange(len(words)), np.array([len(some) for some in words], dtype=np.intp))
    word, vocabulary = pd.factorize(np.array([w for some in words for w in some], dtype=object))
    return row, word, vocabulary


def _letters(vocabulary: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Count each letter (rows) in each word (columns)."""
    codes = np.full(128, -1)
    codes[[ord(c) for c in _CHARACTERS]] = np.arange(len(_CHARACTERS))
    letter = codes[np.frombuffer("".join(vocabulary).encode("ascii", "replace"), dtype=np.uint8)]
    word = np.repeat(
        np.arange(len(vocabulary)), np.array(list(map(len, vocabulary)), dtype=np.intp)
    )
    at = (letter * len(vocabulary) + word)[letter >= 0]
    counts = np.bincount(at, minlength=len(_CHARACTERS) * len(vocabulary))
    return counts.reshape(len(_CHARACTERS), len(vocabulary))


def _of_names(
    letters: npt.NDArray[np.int64], row: Ints, word: Ints, n: int
) -> npt.NDArray[np.int16]:
    """Count each letter (rows) in each of `n` names (columns)."""
    counts = [np.bincount(row, weights=own[word], minlength=n) for own in letters]
    return np.array(counts, dtype=np.int16)


def _common(counts: npt.NDArray[np.int16], one: Ints, other: Ints) -> npt.NDArray[np.int64]:
    """Count the letters that the names of each pair share."""
    common = np.zeros(len(one), dtype=np.int64)
    for own in counts:
        common += np.minimum(own[one], own[other])
    return common


def _masks(row: Ints, word: Ints, counts: npt.NDArray[np.bool_], n: int) -> npt.NDArray[np.uint64]:
    """Give those words of each of `n` names that count as bits, several words a bit."""
    bit = np.uint64(1) << ((np.cumsum(counts) - 1) % 64).astype(np.uint64)
    masks = np.zeros(n, dtype=np.uint64)
    np.bitwise_or.at(masks, row, np.where(counts, bit, np.uint64(0))[word])
    return masks


class Judge:
    """
    Tells whether two names, in whatever order their words stand, may be one party's, and why.

    Names that differ in what numbers the firms of a chain (I, II, 2) are two names; II is 2, and DOS.
    """

    def __init__(self, rules: PartyRules) -> None:
        self._rules = rules
        self._is_numeral = cache(lambda word: is_numeral(word, rules))
        self._in_digits = cache(lambda word: in_digits(word, rules))
        self._spellings: dict[str, list[list[str]]] = {}
        for spelling, form in rules.legal_forms:
            self._spellings.setdefault(FORM + form, []).append(spelling.split())

    def __call__(self, one: list[str], other: list[str]) -> tuple[float, str] | None:
        """
        Judge two names.

        Parameters
        ----------
        one, other
            Words of each key, legal forms marked.

        Returns
        -------
        likeness
            Score (0 to 100) and reason (`similar`; `part`: one name has all words of the other, if
            need be by their initials; `form`: only the legal form differs; `order`: a firm's words in
            another order); None: of two parties, or the very same name.
        """
        mine, theirs = _apart(one, other)
        if not (mine or theirs):
            return (100.0, ORDER) if one != other else None
        if self._are_two_words(mine, theirs):
            return None
        is_firm = any(w[0] == FORM or w in self._rules.firm_words for w in (*one, *other))
        if self._differ_in_number(mine, theirs, is_firm):
            is_split = "".join(mine) == "".join(theirs)
            return (100.0, SIMILAR) if is_split else self._by_value(one, other)
        size, rest = (_size(a) + _size(b) for a, b in ((one, other), (mine, theirs)))
        if all(w[0] == FORM for w in (*mine, *theirs)):
            alike = fuzz.ratio(*("".join(map(_bare, some)) for some in (mine, theirs)))
            return (100.0 * (size - rest) + alike * rest) / size, FORM_ONLY
        initials = 0 if is_firm else _initials(mine, theirs)
        if initials or not mine or not theirs:
            score = 100.0 * (size - rest + 2 * initials) / size
            return (score, PART) if _is_part(one, other, mine, is_firm) else None
        score = self._compare(size - rest, mine, theirs)
        return (score, SIMILAR) if score >= self._rules.review_score else None

    def _by_value(self, one: list[str], other: list[str]) -> tuple[float, str] | None:
        """Judge names that differ in a number with their numbers in digits."""
        mine, theirs = ([self._in_digits(w) for w in some] for some in (one, other))
        if mine == theirs:
            return 100.0, SIMILAR
        return self(mine, theirs) if (mine, theirs) != (one, other) else None

    def _are_two_words(self, mine: list[str], theirs: list[str]) -> bool:
        """Tell of names that differ in a word each, as most do, whether that is another word."""
        return (
            len(mine) == len(theirs) == 1
            and min(len(mine[0]), len(theirs[0])) > 1
            and FORM not in (mine[0][0], theirs[0][0])
            and not (self._is_numeral(mine[0]) and self._is_numeral(theirs[0]))
            and not self._are_alike(mine[0], theirs[0])
        )

    def _are_alike(self, one: str, other: str) -> bool:
        slips = OSA.distance(one, other, score_cutoff=_SLIPS)
        is_slip = slips <= _SLIPS and max(len(one), len(other)) >= _LETTERS[slips]
        return is_slip or bool(fuzz.ratio(one, other) >= self._rules.review_rest_score)

    def _compare(self, shared: int, mine: list[str], theirs: list[str]) -> float:
        """Give the likeness of names by the words that they do not share; a misspelt form as spelt out."""
        words = [[w for w in some if w[0] != FORM] for some in (mine, theirs)]
        forms = [[w[1:] for w in some if w[0] == FORM] for some in (mine, theirs)]
        if all(words) and len(forms[0]) == len(forms[1]):
            size = sum(map(len, (*forms[0], *forms[1])))
            common = shared + size * fuzz.ratio(*map("".join, forms)) / 100.0
            return max(
                (
                    (100.0 * common + fuzz.ratio(a, b) * (len(a) + len(b)))
                    / (shared + size + len(a) + len(b))
                    for a, b in _orders(*words)
                    if self._are_alike(a, b)
                ),
                default=0.0,
            )
        if sum(map(len, forms)) > _MOST_FORMS:
            return 0.0
        best = 0.0
        for one, other in product(self._spelt(mine), self._spelt(theirs)):
            size = shared + len("".join(one)) + len("".join(other))
            for a, b in _orders(*_apart(one, other)):
                if abs(len(a) - len(b)) > _SLIPS:
                    break
                slips = OSA.distance(a, b, score_cutoff=_SLIPS)
                if slips <= _SLIPS:
                    best = max(best, 100.0 * (size - 2 * slips) / size)
        return best

    def _spelt(self, words: list[str]) -> list[list[str]]:
        """Write the legal forms among words out, in every way."""
        ways = [self._spellings[word] if word[0] == FORM else [[word]] for word in words]
        return [[w for part in way for w in part] for way in product(*ways)]

    def _differ_in_number(self, mine: list[str], theirs: list[str], is_firm: bool) -> bool:
        """
        Tell whether a word that only one has is a number.

        Of a person V is an initial, and Segundo a name; single letters in a row are a form in pieces.
        """
        for words in (mine, theirs):
            for word in words:
                if not self._is_numeral(word):
                    continue
                if len(word) == 1 and word.isalpha():
                    if is_firm and sum(len(w) == 1 for w in words) == 1:
                        return True
                elif is_firm or word not in self._rules.numerals:
                    return True
        return False


def _is_part(one: list[str], other: list[str], mine: list[str], is_firm: bool) -> bool:
    """Tell whether the words that two names share are enough for one name to be the other, shortened."""
    if is_firm:
        has_form = [any(w[0] == FORM for w in some) for some in (one, other)]
        return has_form[0] == has_form[1] and min(len(one), len(other)) >= _PART_WORDS
    shared = sum(len(w) > 1 for w in one) - sum(len(w) > 1 for w in mine)
    return shared >= _PART_WORDS_OF_PERSON


def _initials(mine: list[str], theirs: list[str]) -> int:
    """Count the words of one name that the other gives as initials, where these are all that it has left."""
    for short, long in ((mine, theirs), (theirs, mine)):
        left = list(long)
        for word in short:
            meant = next((w for w in left if len(word) == 1 and len(w) > 1 and w[0] == word), None)
            if meant is None:
                break
            left.remove(meant)
        else:
            return len(short)
    return 0


def _apart(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Leave the words that two names do not share, in order; one that stands twice may be shared once."""
    mine, theirs = [], list(other)
    for word in one:
        if word in theirs:
            theirs.remove(word)
        else:
            mine.append(word)
    return mine, theirs


def _orders(one: list[str], other: list[str]) -> Iterator[tuple[str, str]]:
    """Write the words of two names as one each, those of the longer in every order."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    text = "".join(few)
    if len(many) <= _MOST_PERMUTED:
        yield from ((text, "".join(order)) for order in permutations(many))
    else:
        yield text, "".join(many)
        yield "".join(sorted(text)), "".join(sorted("".join(many)))


def _bare(word: str) -> str:
    return word.lstrip(FORM)


def _size(words: list[str]) -> int:
    return sum(len(w) - (w[0] == FORM) for w in words)
