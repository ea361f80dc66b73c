"""Names as registers and cadastres spell them, made comparable: forms, remarks, several holders in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
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
_PART = f" {FORM} "  # left between the pieces of a text
_NOT_WORD = re.compile(r"[^A-Z0-9*(\n]{2,}|[^A-Z0-9*(\n ]")  # but a single space, which may stay
_DIGIT = re.compile("[0-9]")
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


def name_keys(
    names: pd.Series,
    rules: PartyRules,
    width: int | None = None,
    known: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Normalise names for exact comparison, each text as one party's.

    Case, accents, punctuation, spacing, plain remarks in parentheses, the place and the spelling of
    legal forms do not count; for natural persons the order of the words does not count either.

    Parameters
    ----------
    width
        Characters at which the source of the names cuts a text.
    known
        Texts read before, as `describe_texts` gives them; only others are read.

    Returns
    -------
    keys
        `key` (missing where there is no name), `bare` (the key without a remark that may be part of
        the name, where there is one), `is_legal`, `is_person` (surely a natural person's, by its
        look), `forms` (joined by a space), on the index of `names`.
    """
    codes, distinct = pd.factorize(names)
    at = np.full(len(distinct), -1) if known is None else known.index.get_indexer(distinct)
    is_new = at < 0
    texts = _taken_apart(distinct[is_new], rules)
    told = describe(chain(_wholes(texts, rules, width), [None]), rules)
    if known is not None:
        told = pd.concat([told, known], ignore_index=True)
    blank = int(is_new.sum())
    at = np.where(is_new, np.cumsum(is_new) - 1, at + blank + 1)
    return told.take(np.append(at, blank)[codes]).set_axis(names.index)


def describe_texts(names: pd.Series, rules: PartyRules) -> pd.DataFrame:
    """Read each distinct text of a column once: the columns of `name_keys`, indexed by text."""
    distinct = pd.Series(names.dropna().unique(), dtype=object)
    return name_keys(distinct, rules).set_axis(pd.Index(distinct))


def describe(names: Iterable[Name | None], rules: PartyRules) -> pd.DataFrame:
    """Lay names out: `key`, `bare`, `is_legal`, `is_person`, `forms`."""
    keys, bares, forms = [], [], []
    legal, persons = [], []
    for name in names:
        keys.append(None if name is None else name.key)
        bares.append(None if name is None or name.bare is None else name.bare.key)
        forms.append(None if name is None else " ".join(name.forms))
        # A form in a remark may be another's: it makes nobody a firm.
        legal.append(name is not None and is_legal(name.bare or name, rules))
        persons.append(name is not None and is_person(name, rules))
    return pd.DataFrame(
        {
            "key": pd.array(keys, dtype="str"),
            "bare": pd.array(bares, dtype="str"),
            "is_legal": legal,
            "is_person": persons,
            "forms": pd.array(forms, dtype="str"),
        }
    )


def is_legal(name: Name, rules: PartyRules) -> bool:
    """Tell whether a form makes a name a legal entity's; one that a person bears too makes none."""
    return not rules.trader_forms.issuperset(name.forms)


def is_person(name: Name, rules: PartyRules) -> bool:
    """Tell whether a name looks like a natural person's: words enough, no form, no firm's word, no digit."""
    return (
        rules.person_words is not None
        and not name.keeps_order
        and len([word for word in name.words if len(word) > 1]) >= rules.person_words
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


def read_names(
    names: Sequence[str] | pd.Index, rules: PartyRules, width: int | None = None
) -> list[Reading]:
    """
    Read each text: as one party's name, and as the names of joint holders.

    Joint holders are told apart where every part is a whole name by itself: a firm's that ends with
    its legal form, or one that looks like a person's. A comma inside one name splits nothing.

    Parameters
    ----------
    width
        Characters at which the source cuts a text.
    """
    texts = _taken_apart(names, rules)
    readings = []
    for text, whole in zip(texts, _wholes(texts, rules, width), strict=True):
        if whole is None:
            readings.append(NOBODY)
            continue
        row = _SEPARATED.split(text.bare)
        pieces, separators = row[::2], row[1::2]
        parts: tuple[Name, ...] = (whole,)
        if separators:
            worded = [piece.split() for piece in text.worded.split(_PART)]
            parts = _join(worded, pieces, separators, rules)
        if len(parts) == 1:
            # The text without "and others": it is the name of one.
            named = " ".join(" ".join(pieces).split())
            told = whole._replace(text=named) if text.is_open else whole
            readings.append(Reading((told,), text.is_open, whole))
        else:
            last = parts[-1]._replace(is_cut=whole.is_cut)
            # Where a list of holders is cut, nobody knows how it went on.
            readings.append(Reading((*parts[:-1], last), text.is_open or whole.is_cut, whole))
    return readings


class _Text(NamedTuple):
    """A text as it was; cleaned; as words with `_PART` at separators; whether it says "and others"."""

    raw: str
    bare: str
    worded: str
    is_open: bool


def _taken_apart(names: Sequence[str] | pd.Index, rules: PartyRules) -> list[_Text]:
    """Clean texts and write them as words, all at once: each is a line of one text."""
    raw = list(map(str, np.asarray(names, dtype=object)))
    if not raw:
        return []
    bares, is_open = _without_others(_clean(fold_all(raw), rules), rules)
    return list(map(_Text, raw, bares.split("\n"), _worded(bares, rules).split("\n"), is_open))


def _wholes(
    texts: Sequence[_Text], rules: PartyRules, width: int | None = None
) -> Iterator[Name | None]:
    """Read each text as one party's name; None where it names nobody."""
    nobody = tuple(f" {_NOT_WORD.sub(' ', phrase).strip()}" for phrase in rules.no_names)
    for text in texts:
        # The last character that the source kept may have been a blank, stripped since.
        is_cut = width is not None and len(text.raw) >= width - 1
        whole = _name(text.worded.replace(_PART, " ").split(), rules, text.raw, is_cut)
        says_nobody = whole is not None and (" " + " ".join(whole.words)).endswith(nobody)
        yield None if says_nobody else whole


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


def _without_others(lines: list[str], rules: PartyRules) -> tuple[str, list[bool]]:
    """Cut off a last part that says "and others", and tell where; a separator stands before each "and"."""
    others = re.compile(
        rf"[ {_MAYBE}{_SURE}]+(?:{'|'.join(sorted(rules.others, key=len, reverse=True))})[. ]*$"
        if rules.others
        else r"(?!)",
        re.MULTILINE,
    )
    joining = f" {rules.and_word} "
    text = others.sub("", "\n".join(lines))
    is_open = [bare != line for bare, line in zip(text.split("\n"), lines, strict=True)]
    return text.replace(joining, f"{_MAYBE}{joining}"), is_open


def _worded(lines: str, rules: PartyRules) -> str:
    """Leave of lines the words, legal forms marked, and `_PART` for each separator."""
    parted = lines.replace(_SURE, FORM).replace(_MAYBE, FORM)
    text = f" {_NOT_WORD.sub(' ', parted)} ".replace("\n", " \n ").replace(FORM, _PART)
    for spelling, form in sorted(rules.legal_forms, key=lambda form: -len(form[0])):
        text = text.replace(f" {spelling} ", f" {FORM}{form} ")
    return text


def _name(words: Words, rules: PartyRules, text: str = "", is_cut: bool = False) -> Name | None:
    bare = None
    if _ASIDE in words:
        bare = _name(words[: words.index(_ASIDE)], rules)
        words = [w for w in words if w != _ASIDE]
    if not words:
        return None
    marked = [w[1:] for w in words if w[0] == FORM]
    forms = tuple(sorted(marked))
    proper = tuple([w for w in words if w[0] != FORM] if marked else words)
    # Two couples may have the same words, so what an "and" joins keeps its order as well.
    keeps_order = (
        bool(forms)
        or rules.and_word in proper
        or not rules.firm_words.isdisjoint(proper)
        or _DIGIT.search("".join(proper)) is not None
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
