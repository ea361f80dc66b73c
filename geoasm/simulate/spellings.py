"""Names spelt as registers spell them: which faults leave a name the same, alike, or another's."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import PartyKind
from geoasm.parsing.text import fold
from geoasm.simulate.names import letters_of


class Fault(StrEnum):
    """What a register does to a name; the last three are names of somebody else."""

    NONE = "none"
    RESPELT = "respelt"  # case, accents, Ñ, punctuation, spaces, a legal form written otherwise
    REORDERED = "reordered"  # surnames behind the given names
    REMARK = "remark"  # text in parentheses at the end, which says nothing of the name
    TYPO = "typo"  # a character changed, lost, doubled, or swapped with the next
    TWO_TYPOS = "two_typos"
    DROPPED = "dropped"  # a second given name or a second surname left out
    INITIAL = "initial"  # a given name as its initial
    JOINED = "joined"  # two words written as one
    FORM = "form"  # another legal form
    TRUNCATED = "truncated"
    DOUBTED_REMARK = "doubted_remark"  # text in parentheses that may be part of the name
    SHARED_SURNAME = "shared_surname"  # another person with the same two surnames
    SIBLING_FIRM = "sibling_firm"  # another firm of a chain: Minera X I, Minera X II
    HOMONYM = "homonym"  # another person with the very same name


SAME_NAME: Final = (Fault.NONE, Fault.RESPELT, Fault.REORDERED, Fault.REMARK)
LIKE_NAME: Final = (
    Fault.TYPO,
    Fault.TWO_TYPOS,
    Fault.DROPPED,
    Fault.INITIAL,
    Fault.JOINED,
    Fault.FORM,
    Fault.TRUNCATED,
    Fault.DOUBTED_REMARK,
)
OF_ANOTHER: Final = (Fault.SHARED_SURNAME, Fault.SIBLING_FIRM, Fault.HOMONYM)

WIDTH = 100  # characters at which the cadastre cuts
_DRAWN = 8  # numbers that the spelling of one name may take
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UNIT = re.compile(r"(?:(?:DE|DEL|LA|LAS|LOS) )*\S+")  # a surname with its particles, or a word
_WORD = re.compile(r"[^\W\d_]{2,}")
_WRITTEN_OUT: Final = {
    "S.A.C.": ("SAC", "S. A. C.", "S.A.C", "SOCIEDAD ANÓNIMA CERRADA"),
    "S.A.": ("SA", "S. A.", "S.A", "SOCIEDAD ANONIMA"),
    "S.R.L.": ("SRL", "S. R. L.", "SOCIEDAD DE RESPONSABILIDAD LIMITADA"),
    "E.I.R.L.": ("EIRL", "E.I.R.L", "EMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA"),
    "S.M.R.L.": ("SMRL", "S.M.R.L", "SOCIEDAD MINERA DE RESPONSABILIDAD LIMITADA"),
    "COMPAÑÍA": ("CIA.", "CIA", "COMPAÑIA", "C.I.A."),
    "COOPERATIVA": ("COOP.", "Cooperativa"),
    "LTDA.": ("LTDA", "LIMITADA"),
    "ASOCIACIÓN": ("ASOC.", "ASOCIACION"),
}
_FORM_AT = re.compile("|".join(rf"(?<!\S){re.escape(form)}(?!\S)" for form in _WRITTEN_OUT))
_OTHER_FORM: Final = {
    "S.A.C.": ("S.A.", "S.R.L."),
    "S.A.": ("S.A.C.",),
    "S.R.L.": ("S.A.C.", "E.I.R.L."),
    "E.I.R.L.": ("S.R.L.", "S.A.C."),
}
_REMARKS = (
    "(EN LIQUIDACIÓN)",
    "(EN REORGANIZACION)",
    "(VER MEDIDA CAUTELAR)",
    "(EN DISOLUCION)",
    "(EN LIQUID",
)
_DOUBTED = ("(ANTES MINERA PRIMAVERA S.A.)", "(II)", "(2", "(PERU S.A.C.")
_DOUBTED_OF_PERSONS = ("(SUCESION)", "(HEREDEROS DE", "(SUC. INTESTADA)")
_NUMERALS = ("I", "II", "III", "IV", "V")

_ONSETS = "B C CH D F G H J L LL M N Ñ P QU R S T TR V Y Z BR"
_VOWELS, _ACCENTED = "AAAEEIOOU", "ÁÁÁÉÉÍÓÓÚ"
_CODAS = ("", "", "", "", "", "N", "R", "S", "L")

_FIRMS: Final = (
    (6, "MINERA {} {}"),
    (5, "COMPAÑÍA MINERA {} {}"),
    (4, "INVERSIONES {} {}"),
    (3, "CORPORACIÓN MINERA {}"),
    (3, "EMPRESA MINERA {} {}"),
    (3, "{} {} MINING"),
    (2, "EXPLORACIONES {}"),
    (2, "CONSORCIO {} {}"),
    (2, "CONTRATISTAS {} SAN {}"),
)
_FORMLESS: Final = (
    (6, "S.M.R.L. {} DE {}"),
    (2, "COOPERATIVA MINERA {} {} LTDA."),
    (3, "ASOCIACIÓN DE MINEROS ARTESANALES {} {}"),
)
_LONG = (
    "ASOCIACIÓN DE PRODUCTORES MINEROS ARTESANALES Y PEQUEÑOS MINEROS {} DEL DISTRITO DE {} PROVINCIA DE {}"
    " REGION {}"
)
_FORMLESS_SHARE, _LONG_SHARE, _CHAIN_SHARE = 0.35, 0.02, 0.05  # of the firms
_ONE_GIVEN = 0.4  # of the persons
_PARTICLE_SHARE = 0.03  # of the surnames


# --- who bears names


def population(
    rng: np.random.Generator, persons: int, firms: int, avoid: Collection[str] = frozenset()
) -> pd.DataFrame:
    """
    Invent persons and firms whose words are as common and as rare as those of a country.

    A few surnames and given names are borne by many, most by few. A person's name is two surnames and
    one or two given names. No name is another's, in whatever order its words stand.

    Parameters
    ----------
    avoid
        Folded words that are not to stand in names, beside those of firms.

    Returns
    -------
    parties
        `name`, `kind`; persons first, RangeIndex.
    """
    pool = np.array(_invented(rng, 8_000, avoid), dtype=object)
    surnames, given, proper = pool[:4_000], pool[4_000:4_400], pool[4_400:]
    particles = rng.random(len(surnames)) < _PARTICLE_SHARE
    surnames = np.where(particles, "DE LA " + surnames, surnames)
    names = _distinct(lambda n: _persons(rng, n, surnames, given), persons)
    names += _distinct(lambda n: _firms(rng, n, proper), firms)
    kinds = [str(PartyKind.NATURAL)] * persons + [str(PartyKind.LEGAL)] * firms
    return pd.DataFrame({"name": names, "kind": kinds}, dtype="str")


def _invented(rng: np.random.Generator, n: int, avoid: Collection[str]) -> list[str]:
    """Invent words of four to nine letters, all different when folded."""
    found: dict[str, str] = {}
    onsets, vowels, accented, codas = (
        np.array(list(some), dtype=object) for some in (_ONSETS.split(), _VOWELS, _ACCENTED, _CODAS)
    )
    while len(found) < n:
        shape = (3, n)
        vowel = rng.integers(len(vowels), size=shape)
        heart = np.where(rng.random(shape) < 0.07, accented[vowel], vowels[vowel])
        first, second, third = rng.choice(onsets, shape) + heart + rng.choice(codas, shape)
        for word in (first + second + np.where(rng.random(n) < 0.5, third, "")).tolist():
            if 4 <= len(word) <= 9 and (key := fold(word)) not in avoid:
                found.setdefault(key, word)
    return list(found.values())[:n]


def _distinct(make: Callable[[int], list[str]], n: int) -> list[str]:
    found: dict[str, str] = {}
    while len(found) < n:
        for name in make(n):
            found.setdefault(letters_of(name), name)
    return list(found.values())[:n]


def _drawn(
    rng: np.random.Generator, words: npt.NDArray[Any], n: int, head: int
) -> npt.NDArray[Any]:
    """Draw words by Zipf's law; the larger `head`, the less common the first ones."""
    weight = 1.0 / (np.arange(len(words)) + head)
    return rng.choice(words, n, p=weight / weight.sum())


def _persons(
    rng: np.random.Generator, n: int, surnames: npt.NDArray[Any], given: npt.NDArray[Any]
) -> list[str]:
    family = [_drawn(rng, surnames, n, 7) for _ in range(2)]
    first, second = (_drawn(rng, given, n, 6) for _ in range(2))
    lone = (rng.random(n) < _ONE_GIVEN) | (first == second)
    return list(family[0] + " " + family[1] + " " + first + np.where(lone, "", " " + second))


def _firms(rng: np.random.Generator, n: int, proper: npt.NDArray[Any]) -> list[str]:
    words = list(zip(*(_drawn(rng, proper, n, 10) for _ in range(4)), strict=True))
    plain, formless = (_patterns(rng, n, some) for some in (_FIRMS, _FORMLESS))
    forms = rng.choice(np.array(list(_OTHER_FORM), dtype=object), n, p=(0.55, 0.2, 0.15, 0.1))
    numeral = rng.choice(np.array(_NUMERALS[:3], dtype=object), n)
    which = rng.random(n)
    names = []
    for i in range(n):
        if which[i] < _LONG_SHARE:
            names.append(_LONG.format(*words[i]))
        elif which[i] < _LONG_SHARE + _FORMLESS_SHARE:
            names.append(formless[i].format(*words[i]))
        else:
            chained = which[i] > 1 - _CHAIN_SHARE
            tail = f" {numeral[i]} {forms[i]}" if chained else f" {forms[i]}"
            names.append(plain[i].format(*words[i]) + tail)
    return names


def _patterns(
    rng: np.random.Generator, n: int, some: Sequence[tuple[int, str]]
) -> npt.NDArray[Any]:
    weight = np.array([w for w, _ in some], dtype=float)
    return rng.choice(np.array([p for _, p in some], dtype=object), n, p=weight / weight.sum())


# --- how names are misspelt


def misspell(
    rng: np.random.Generator, names: pd.Series, is_legal: npt.NDArray[np.bool_], fault: Fault
) -> pd.Series:
    """
    Spell names with a fault.

    Parameters
    ----------
    names
        As `population` gives them: of persons two surnames, then given names.
    is_legal
        Which of them are firms'.

    Returns
    -------
    spelling
        On the index of `names`; missing where the fault cannot befall a name.
    """
    if fault == Fault.SHARED_SURNAME:
        return _namesakes_of_family(rng, names, is_legal)
    spell = _SPELLINGS[fault]
    drawn = rng.random((len(names), _DRAWN)).tolist()
    told = [spell(n, bool(f), u) for n, f, u in zip(names, is_legal, drawn, strict=True)]
    return pd.Series(told, index=names.index, dtype="str")


def _pick(options: Sequence[str], u: float) -> str:
    return options[int(u * len(options))]


def _units(name: str) -> list[str]:
    return _UNIT.findall(name)


def _same(name: str, is_legal: bool, u: list[float]) -> str:
    return name


def _respelt(name: str, is_legal: bool, u: list[float]) -> str:
    """Spell a name in two other ways that mean the same."""
    if is_legal:
        name = _FORM_AT.sub(lambda form: _pick(_WRITTEN_OUT[form[0]], u[0]), name)
    elif u[0] < 0.3:
        units = _units(name)
        name = f"{' '.join(units[:2])}, {' '.join(units[2:])}"
    elif u[0] < 0.4:
        name = name.replace(" ", "-", 1)
    how = int(u[1] * 4)
    if how == 0:
        return name.lower()
    if how == 1:
        return fold(name)
    return f" {name.replace(' ', '  ', 1)} " if how == 2 else name.title()


def _reordered(name: str, is_legal: bool, u: list[float]) -> str | None:
    units = _units(name)
    return None if is_legal or len(units) < 3 else " ".join([*units[2:], *units[:2]])


def _remark(name: str, is_legal: bool, u: list[float]) -> str:
    return f"{name} {_pick(_REMARKS, u[0])}"


def _doubted_remark(name: str, is_legal: bool, u: list[float]) -> str:
    return f"{name} {_pick(_DOUBTED if is_legal else _DOUBTED_OF_PERSONS, u[0])}"


def _typo(name: str, is_legal: bool, u: list[float]) -> str:
    """Change, lose, double or swap one letter, wherever it stands."""
    places = [i for i, c in enumerate(name) if c.isalpha()]
    at = places[int(u[0] * len(places))]
    letter, after = name[at], name[at + 1 : at + 2]
    how = int(u[1] * 4)
    if how == 0 and len(places) > 1:
        wrong = ""
    elif how == 1:
        wrong = letter * 2
    elif how == 2 and after.isalpha() and fold(after) != fold(letter):
        return name[:at] + after + letter + name[at + 2 :]
    else:
        wrong = _pick([c for c in _LETTERS if c != fold(letter)], u[2])
    return name[:at] + wrong + name[at + 1 :]


def _two_typos(name: str, is_legal: bool, u: list[float]) -> str:
    return _typo(_typo(name, is_legal, u), is_legal, u[3:])


def _dropped(name: str, is_legal: bool, u: list[float]) -> str | None:
    units = _units(name)
    if is_legal or len(units) < 3:
        return None
    which = 3 if len(units) > 3 and u[0] < 0.7 else 1
    return " ".join(units[:which] + units[which + 1 :])


def _initial(name: str, is_legal: bool, u: list[float]) -> str | None:
    units = _units(name)
    if is_legal or len(units) < 3:
        return None
    which = 2 + int(u[0] * (len(units) - 2))
    units[which] = units[which][0] + ("." if u[1] < 0.5 else "")
    return " ".join(units)


def _joined(name: str, is_legal: bool, u: list[float]) -> str | None:
    words = name.split(" ")
    gaps = [
        i
        for i in range(len(words) - 1)
        if _WORD.fullmatch(words[i]) and _WORD.fullmatch(words[i + 1])
    ]
    if not gaps:
        return None
    at = gaps[int(u[0] * len(gaps))]
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def _form(name: str, is_legal: bool, u: list[float]) -> str | None:
    before, _, form = name.rpartition(" ")
    return f"{before} {_pick(_OTHER_FORM[form], u[0])}" if form in _OTHER_FORM else None


def _truncated(name: str, is_legal: bool, u: list[float]) -> str | None:
    return name[:WIDTH] if len(name) > WIDTH else None


def _sibling(name: str, is_legal: bool, u: list[float]) -> str | None:
    before, _, form = name.rpartition(" ")
    if form not in _OTHER_FORM:
        return None
    head, _, last = before.rpartition(" ")
    stem = head if last in _NUMERALS else before
    return f"{stem} {_pick([n for n in _NUMERALS if n != last], u[0])} {form}"


def _namesakes_of_family(
    rng: np.random.Generator, names: pd.Series, is_legal: npt.NDArray[np.bool_]
) -> pd.Series:
    """Give persons the given names of others; missing for firms, and where one stays the same."""
    units = [_units(name) for name in names]
    givers = np.resize(rng.permutation(np.flatnonzero(~is_legal)), len(names))
    told = [
        " ".join([*units[i][:2], *units[other][2:]])
        if not is_legal[i] and not set(units[i]) & set(units[other][2:])
        else None
        for i, other in enumerate(givers.tolist())
    ]
    return pd.Series(told, index=names.index, dtype="str")


_SPELLINGS: Final[dict[Fault, Callable[[str, bool, list[float]], str | None]]] = {
    Fault.NONE: _same,
    Fault.RESPELT: _respelt,
    Fault.REORDERED: _reordered,
    Fault.REMARK: _remark,
    Fault.TYPO: _typo,
    Fault.TWO_TYPOS: _two_typos,
    Fault.DROPPED: _dropped,
    Fault.INITIAL: _initial,
    Fault.JOINED: _joined,
    Fault.FORM: _form,
    Fault.TRUNCATED: _truncated,
    Fault.DOUBTED_REMARK: _doubted_remark,
    Fault.SIBLING_FIRM: _sibling,
    Fault.HOMONYM: _same,
}
