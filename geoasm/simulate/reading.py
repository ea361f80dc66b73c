"""Names read plainly: what two spellings share, which form a firm has, who looks like a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import pandas as pd

from geoasm.model import PartyRules
from geoasm.parsing.text import fold

_JOINED = re.compile(
    r"[,;/&()\[\]>*?]|\b(Y|E|OTROS|OTRO|OTRAS|SUC|SUCESION|EN|REPRESENTACION)\b|\d"
)
_LONGEST = 95  # letters of a name that no source has cut


def name_key(name: object) -> str | None:
    """Fold a name for exact comparison: no case, accents, punctuation; None where there is none."""
    if name is None or name is pd.NA or name != name:
        return None
    plain = re.sub(r"[^A-Z0-9]+", " ", fold(str(name).replace(".", "")))
    return " ".join(plain.split()) or None


def forms_of(name: object, rules: PartyRules) -> frozenset[str]:
    """Give the legal forms in a name, as the country's profile spells them."""
    return _part(name, rules)[1]


def firm_key(name: object, rules: PartyRules) -> str:
    """Fold a name without its legal form and order: spellings of one firm, however far a matching may go."""
    return " ".join(sorted(_part(name, rules)[0].split()))


def _part(name: object, rules: PartyRules) -> tuple[str, frozenset[str]]:
    """Part a folded name into words and legal forms."""
    text = f" {name_key(name) or ''} "
    found = set()
    for spelling, form in sorted(rules.legal_forms, key=lambda item: -len(item[0])):
        if f" {spelling} " in text:
            found.add(form)
            text = text.replace(f" {spelling} ", "  ")
    return " ".join(text.split()), frozenset(found)


def has_firm_word(name: object, rules: PartyRules) -> bool:
    """Tell whether a word stands in a name that no person's name has."""
    return not rules.firm_words.isdisjoint((name_key(name) or "").split())


def looks_natural(name: object, rules: PartyRules) -> bool:
    """Tell whether a name is surely a person's by its look: words enough, no form, no firm's word."""
    words, forms = _part(name, rules)
    long = [w for w in words.split() if len(w) > 1]
    return (
        rules.person_words is not None
        and len(long) >= rules.person_words
        and not forms
        and not has_firm_word(name, rules)
        and not re.search(r"\d", words)
        and rules.and_word not in words.split()
    )


def is_whole_person(name: object, rules: PartyRules) -> bool:
    """Tell whether a name joined to others by "and" still is one person's whole name for certain."""
    words = [w for w in (name_key(name) or "").split() if len(w) > 1 and w not in rules.particles]
    return (
        looks_natural(name, rules)
        and not rules.and_joins_surnames
        and len(words) >= (rules.person_words or 0)
    )


def says_nobody(name: object, rules: PartyRules) -> bool:
    """Tell whether a text only stands in the place of a name."""
    key = f" {name_key(name) or ''}"
    return any(key.endswith(f" {name_key(phrase.replace('/', ' '))}") for phrase in rules.no_names)


def is_plain(name: object) -> bool:
    """Tell whether a name is one party's for certain: no joint holders, no remarks."""
    key = None if name is None or name != name else fold(str(name).replace(".", ""))
    return bool(key) and not _JOINED.search(str(key)) and len(str(key)) < _LONGEST


def stand_in(firms: Iterable[str], texts: Collection[object]) -> frozenset[str]:
    """Give the firms (keys of `firm_key`) all of whose words stand in a text that is no plain name."""
    by_word: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for firm in firms:
        words = firm.split()
        if words:
            by_word.setdefault(max(words, key=len), []).append((firm, frozenset(words)))
    found = set()
    for text in texts:
        inside = set((name_key(text) or "").split())
        for word in inside:
            found |= {firm for firm, words in by_word.get(word, ()) if words <= inside}
    return frozenset(found)
