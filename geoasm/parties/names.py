"""Names as registers and cadastres spell them, made comparable: forms, remarks, several holders in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from geoasm.model import PartyRules
from geoasm.parsing.text import fold_all

FORM = "*"  # stands before a legal form; no word has it
CUT = "…"  # ends a name that its source cut
_BARE_SHARE = r"(?<![\w.,])\d+(?:[.,]\d+)?\s*%"
_SHARE = re.compile(r"\([^()]*\d\s*%[^()]*\)|\(\s*\d+(?:[.,]\d+)?\s*%")  # of a joint holder
_ASIDE = "("  # left before a remark that may be part of the name; no word has it
_NOT_WORD = re.compile(r"[^A-Z0-9*(\n]+")
_NUMBER_MARK = re.compile(r"\bN(?:RO|O|UM)?[\s.°]*(?=\d)")
_ROMAN = re.compile(r"(?=.)X{0,3}(?:IX|IV|V?I{0,3})")
_REMARK = re.compile(r"\(([^()]*)\)?\s*$")
_SURE, _MAYBE = ";", ","  # separators as one character: between holders; maybe between holders
_SEPARATED = re.compile(f"([{_SURE}{_MAYBE}])")

Words = list[str]  # in order, legal forms marked


class Name(NamedTuple):
    """
    One party's name: its words in order, its legal forms wherever they stood, and the text it was.

    `keeps_order` where another order makes another name; `bare` is the name without a remark that may
    be part of it.
    """

    words: tuple[str, ...]
    forms: tuple[str, ...] = ()
    is_cut: bool = False
    text: str = ""
    keeps_order: bool = False
    bare: Name | None = None

    @property
    def key(self) -> str:
        """Text that equal names share; of a person in any order, of a cut name no whole one's."""
        words = self.words if self.keeps_order else sorted(self.words)
        marked = (*words, *(FORM + form for form in self.forms))
        return " ".join(marked) + (CUT if self.is_cut else "")


class Reading(NamedTuple):
    """Whom one text names: joint holders, whether it says that there are more, and the text whole."""

    parts: tuple[Name, ...]
    is_open: bool
    whole: Name | None


NOBODY = Reading((), False, None)


def name_keys(names: pd.Series, rules: PartyRules, width: int | None = None) -> pd.DataFrame:
    """
    Normalise names for exact comparison, each text as one party's.

    Case, accents, punctuation, spacing, plain remarks in parentheses, the place and the spelling of
    legal forms do not count; for natural persons the order of the words does not count either.

    Parameters
    ----------
    width
        Characters at which the source of the names cuts a text.

    Returns
    -------
    keys
        `key` (missing where there is no name), `bare` (the key without a remark that may be part of
        the name, where there is one), `is_legal`, `is_person` (surely a natural person's, by its
        look), `forms` (joined by a space), on the index of `names`.
    """
    codes, distinct = pd.factorize(names)
    whole = [reading.whole for reading in read_names(map(str, distinct), rules, width)]
    told = describe([*whole, None], rules)
    return told.take(np.where(codes < 0, len(whole), codes)).set_axis(names.index)


def describe(names: Sequence[Name | None], rules: PartyRules) -> pd.DataFrame:
    """Lay names out: `key`, `bare`, `is_legal`, `is_person`, `forms`."""
    bare = [None if n is None or n.bare is None else n.bare.key for n in names]
    return pd.DataFrame(
        {
            "key": pd.array([None if n is None else n.key for n in names], dtype="str"),
            "bare": pd.array(bare, dtype="str"),
            # A form in a remark may be another's: it makes nobody a firm.
            "is_legal": [n is not None and bool((n.bare or n).forms) for n in names],
            "is_person": [n is not None and is_person(n, rules) for n in names],
            "forms": pd.array(
                [None if n is None else " ".join(n.forms) for n in names], dtype="str"
            ),
        }
    )


def is_person(name: Name, rules: PartyRules) -> bool:
    """Tell whether a name looks like a natural person's: words enough, no form, no firm's word, no digit."""
    return (
        rules.person_words is not None
        and not name.forms
        and sum(len(word) > 1 for word in name.words) >= rules.person_words
        and rules.firm_words.isdisjoint(name.words)
        and rules.and_word not in name.words
        and not any(map(str.isdigit, "".join(name.words)))
    )


def is_numeral(word: str, rules: PartyRules) -> bool:
    """Tell whether a word of a name numbers it: digits, a Roman numeral, a word like uno."""
    return (
        any(map(str.isdigit, word)) or word in rules.numerals or _ROMAN.fullmatch(word) is not None
    )


def in_digits(word: str, rules: PartyRules) -> str:
    """Write a word that numbers something in digits; leave any other."""
    if word in rules.numerals:
        return str(rules.numerals[word])
    if word.isdecimal():
        return str(int(word))
    return str(_roman(word)) if _ROMAN.fullmatch(word) else word


def _roman(word: str) -> int:
    values = [{"X": 10, "V": 5, "I": 1}[letter] for letter in word]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))


def read_names(names: Iterable[str], rules: PartyRules, width: int | None = None) -> list[Reading]:
    """
    Read each text: as one party's name, and as the names of joint holders.

    Joint holders are told apart where every part is a whole name by itself: a firm's that ends with
    its legal form, or one that looks like a person's. A comma inside one name splits nothing.

    Parameters
    ----------
    width
        Characters at which the source cuts a text.
    """
    raw = list(names)
    pieces, separators, is_open = _split(_clean(fold_all(raw), rules), rules)
    starts = np.cumsum([0, *map(len, pieces)])
    worded = _words([piece for row in pieces for piece in row], rules)
    nobody = tuple(f" {_NOT_WORD.sub(' ', phrase).strip()}" for phrase in rules.no_names)
    readings = []
    for i, text in enumerate(raw):
        own = worded[starts[i] : starts[i + 1]]
        # The last character that the source kept may have been a blank, stripped since.
        is_cut = width is not None and len(text) >= width - 1
        whole = _name([word for words in own for word in words], rules, text, is_cut)
        if whole is None or _says_nobody(whole, nobody):
            readings.append(NOBODY)
            continue
        parts = _join(own, pieces[i], separators[i], rules) if separators[i] else (whole,)
        if len(parts) == 1:
            # The text without "and others": it is the name of one.
            named = " ".join(" ".join(pieces[i]).split())
            told = whole._replace(text=named) if is_open[i] else whole
            readings.append(Reading((told,), is_open[i], whole))
        else:
            last = parts[-1]._replace(is_cut=is_cut)
            # Where a list of holders is cut, nobody knows how it went on.
            readings.append(Reading((*parts[:-1], last), is_open[i] or is_cut, whole))
    return readings


def _says_nobody(name: Name, nobody: tuple[str, ...]) -> bool:
    return (" " + " ".join(name.words)).endswith(nobody)


def _clean(folded: list[str], rules: PartyRules) -> list[str]:
    """Drop plain remarks, and leave `;` and `,` as the only separators."""
    lines = [_without_shares(line, rules) if "%" in line else line for line in folded]
    text = "\n".join(lines)
    text = re.sub(rf"\b{rules.and_word}/\w{{1,2}}\b", rules.and_word, text)  # Y/O: and, or
    text = text.replace("&", f" {rules.and_word} ").replace("*", " ").replace("/", _MAYBE)
    lines = text.split("\n")
    if "(" in text:
        lines = [_without_remark(line, rules) if "(" in line else line for line in lines]
    return _NUMBER_MARK.sub(" ", "\n".join(lines)).split("\n")


def _without_shares(line: str, rules: PartyRules) -> str:
    """Put a separator for each share: in parentheses, one of several, or at the end of a name."""
    line = _SHARE.sub(f" {_SURE} ", line)
    several = len(re.findall(_BARE_SHARE, line)) > 1
    end = "" if several else rf"(?=\s*(?:[,;/&]|{rules.and_word}\b|$))"
    return re.sub(_BARE_SHARE + end, f" {_SURE} ", line)


def _without_remark(line: str, rules: PartyRules) -> str:
    """
    Drop a parenthesis at the end, a plain remark; others are part of the name.

    One with a number, a legal form, a firm's word or a word of succession may be part of the name: it
    is kept behind a mark.
    """
    found = _REMARK.search(line)
    head, said = (line, "") if found is None else (line[: found.start()], found[1])
    words = _NOT_WORD.sub(" ", said).split()
    told = f" {' '.join(words)} "
    forms = [f" {spelling} " for spelling, _ in rules.legal_forms]
    if told in forms or told.strip() in rules.others:
        head = f"{head} {said}"
    elif any(
        is_numeral(w, rules) or w in rules.succession_words or w in rules.firm_words for w in words
    ) or any(form in told for form in forms):
        kept = [w for w in words if w != rules.and_word]
        return f"{_unbracketed(head)} {_ASIDE} {' '.join(kept)}"
    return _unbracketed(head)


def _unbracketed(text: str) -> str:
    return text.replace("(", " ").replace(")", " ")


def _split(
    lines: list[str], rules: PartyRules
) -> tuple[list[list[str]], list[list[str]], list[bool]]:
    """Part lines at every separator; a last part that says "and others" is cut off and told."""
    others = re.compile(
        rf"[\s{_MAYBE}{_SURE}]+(?:{'|'.join(sorted(rules.others, key=len, reverse=True))})[.\s]*$"
        if rules.others
        else r"(?!)"
    )
    joining = f" {rules.and_word} "
    pieces, separators, is_open = [], [], []
    for line in lines:
        bare = others.sub("", line)
        is_open.append(bare != line)
        row = _SEPARATED.split(bare.replace(joining, f"{_MAYBE}{joining}"))
        pieces.append(row[::2])
        separators.append(row[1::2])
    return pieces, separators, is_open


def _words(pieces: list[str], rules: PartyRules) -> list[Words]:
    """Part pieces into words, legal forms marked, all at once: each piece is a line of one text."""
    text = f" {_NOT_WORD.sub(' ', chr(10).join(pieces))} ".replace("\n", " \n ")
    for spelling, form in sorted(rules.legal_forms, key=lambda form: -len(form[0])):
        text = text.replace(f" {spelling} ", f" {FORM}{form} ")
    return [line.split() for line in text.split("\n")]


def _name(words: Words, rules: PartyRules, text: str = "", is_cut: bool = False) -> Name | None:
    bare = _name(words[: words.index(_ASIDE)], rules) if _ASIDE in words else None
    words = [w for w in words if w != _ASIDE]
    if not words:
        return None
    forms = tuple(sorted(w[1:] for w in words if w[0] == FORM))
    proper = tuple(w for w in words if w[0] != FORM)
    # Two couples may have the same words, so what an "and" joins keeps its order as well.
    keeps_order = (
        bool(forms)
        or rules.and_word in proper
        or not rules.firm_words.isdisjoint(proper)
        or any(map(str.isdigit, "".join(proper)))
    )
    return Name(proper, forms, is_cut, text, keeps_order, bare)


def _join(
    pieces: list[Words], texts: list[str], separators: list[str], rules: PartyRules
) -> tuple[Name, ...]:
    """
    Put pieces together again that are no whole names by themselves.

    Where "and" joins a person's surnames as well, it parts no persons: they stay one text.
    """
    parts = [(pieces[0], texts[0])]
    surely = False
    for separator, words, text in zip(separators, pieces[1:], texts[1:], strict=True):
        joining = words[:1] == [rules.and_word]
        bare = words[1:] if joining else words
        before, told = parts[-1]
        surely |= separator == _SURE  # a share before a comma parts as surely as one alone
        is_next = surely or (_is_whole(before, bare, rules) and _is_whole(bare, [], rules))
        if joining and rules.and_joins_surnames and not surely:
            is_next &= _has_form(before) and _has_form(bare)
        if before and is_next and any(word[0] != FORM for word in bare):
            parts.append((bare, text.strip().removeprefix(rules.and_word) if joining else text))
        else:
            parts[-1] = (before + words, f"{told}{' ' if joining else separator}{text}")
        surely &= not bare
    named = (_name(words, rules, _trimmed(text)) for words, text in parts)
    return tuple(name for name in named if name is not None)


def _trimmed(text: str) -> str:
    return text.strip(f" {_SURE}{_MAYBE}")


def _has_form(words: Words) -> bool:
    return any(word[0] == FORM for word in words)


def _is_whole(words: Words, following: Words, rules: PartyRules) -> bool:
    """Tell whether words are one party's whole name, and no piece of one."""
    if _ASIDE in words:
        words = words[: words.index(_ASIDE)]
    name = _name(words, rules)
    if name is None or not name.forms:
        return name is not None and _is_whole_person(name, rules)
    is_closed = words[-1][0] == FORM and words[-1][1:] in rules.closing_forms
    # A form at the start leaves the end open, unless another name begins with one as well.
    begins = words[0][0] == FORM and (not following or following[0][0] == FORM)
    return bool(name.words) and (is_closed or begins)


def _is_whole_person(name: Name, rules: PartyRules) -> bool:
    """Tell whether a name is a person's whole one: words enough, particles apart."""
    proper = [w for w in name.words if len(w) > 1 and w not in rules.particles]
    return is_person(name, rules) and len(proper) >= (rules.person_words or 0)
