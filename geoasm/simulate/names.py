"""Invented names and identity numbers: nobody's, but shaped as registers shape them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import PartyKind
from geoasm.parsing.text import fold

_HEADS = "ZU VEL TORU ÑAM QUI BRE OLFA GUEN IZTA LUQUE MORZA NEBRI PELU RAZO SIBRA TUÑI ULME VORZA"
_MIDDLES = "RRI LGO NDU ZA BÉ ÑU STRE VI QUE MBO TÍ LLA"
_TAILS = "NDA RO ÑEZ LVA QUIRI STO BAL MEN RGO TÚ ZZA LLO"
_GIVEN = "ILVARO NOLBERA AMÍLDO TERSUL ORFINA BÉLTRO YUDELMO SARVINA EVOLIA QUÍNTILA DARNUL FELMIRA"
_FIRMS = (
    "MINERA {} {}",
    "COMPAÑÍA MINERA {} {}",
    "{} DEL {} MINERALES",
    "INVERSIONES {} {}",
    "EXPLORACIONES {} {}",
)
_FORMS = ("S.A.C.", "S.A.", "S.R.L.", "E.I.R.L.")
SMRL, COOPERATIVE = "S.M.R.L. {} DE {}", "COOPERATIVA MINERA {} {}"
_SMRL_SHARE, _COOPERATIVE_SHARE = 0.22, 0.08  # of the firms
_ONE_GIVEN = 0.3  # of the persons: with one given name
_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
_SERIALS = 1_000_000  # identity numbers in a range that no register has given out
_STEP = 7_919  # prime to the range: serials that follow each other look unlike


def words(rng: np.random.Generator, n: int, avoid: Collection[str] = frozenset()) -> list[str]:
    """Invent `n` words, all different when folded, and none of the folded words in `avoid`."""
    parts = [text.split() for text in (_HEADS, _MIDDLES, _MIDDLES, _TAILS)]
    found: dict[str, str] = {}
    while len(found) < n:
        picks = [rng.choice(part, size=n) for part in parts]
        longer = rng.random(n) < 0.4
        for head, one, two, tail, long in zip(*picks, longer, strict=True):
            word = f"{head}{one}{two if long else ''}{tail}"
            if (folded := fold(word)) not in avoid:
                found.setdefault(folded, word)
    return list(found.values())[:n]


def letters_of(name: str) -> str:
    """Fold a name with its words in order: two that differ in more than order differ here."""
    return " ".join(sorted(fold(name).split()))


def _people(rng: np.random.Generator, n: int, avoid: Collection[str]) -> list[str]:
    surnames = np.array(words(rng, min(1_500, 60 + n // 8), avoid))
    given = np.array(_GIVEN.split())
    found: dict[str, str] = {}
    while len(found) < n:
        columns = [rng.choice(pool, size=n) for pool in (surnames, surnames, given, given)]
        columns[3] = np.where(rng.random(n) < _ONE_GIVEN, "", columns[3])
        for name in map(" ".join, zip(*columns, strict=True)):
            found.setdefault(letters_of(name), name.strip())
    return list(found.values())[:n]


def _firms(rng: np.random.Generator, n: int, avoid: Collection[str]) -> list[str]:
    pool = np.array(words(rng, min(1_500, 60 + n // 8), avoid))
    found: dict[str, str] = {}
    while len(found) < n:
        columns = [rng.choice(p, size=n) for p in (pool, pool, np.array(_FIRMS), np.array(_FORMS))]
        kind = rng.random(n)
        for one, two, pattern, form, k in zip(*columns, kind, strict=True):
            name = f"{pattern.format(one, two)} {form}"
            if k < _SMRL_SHARE + _COOPERATIVE_SHARE:
                name = (SMRL if k < _SMRL_SHARE else COOPERATIVE).format(one, two)
            found.setdefault(letters_of(name), name)
    return list(found.values())[:n]


def identity_numbers(prefix: str, serials: npt.NDArray[np.int64]) -> list[str]:
    """Give numbers of 11 digits with a valid check digit: prefix, an unused range, the serial."""
    spread = (serials * _STEP) % _SERIALS
    bodies = [f"{prefix}99{s:06d}" for s in spread]
    digits = np.array([[int(c) for c in body] for body in bodies]).reshape(len(bodies), 10)
    checks = (11 - (digits * _WEIGHTS).sum(axis=1) % 11) % 10
    return [f"{body}{check}" for body, check in zip(bodies, checks, strict=True)]


def people_and_firms(
    rng: np.random.Generator,
    people: int,
    firms: int,
    first: int = 0,
    avoid: Collection[str] = frozenset(),
) -> pd.DataFrame:
    """
    Invent persons and firms, no name another's words in other order; identity numbers count from `first`.

    Parameters
    ----------
    avoid
        Folded words that are not to stand in their names.

    Returns
    -------
    parties
        `name`, `ruc`, `kind`; persons first, RangeIndex.
    """
    names = _people(rng, people, avoid) + _firms(rng, firms, avoid)
    rucs = identity_numbers("10", first + np.arange(people))
    rucs += identity_numbers("20", first + np.arange(firms))
    kinds = [str(PartyKind.NATURAL)] * people + [str(PartyKind.LEGAL)] * firms
    return pd.DataFrame({"name": names, "ruc": rucs, "kind": kinds}, dtype="str")


def scramble(text: str) -> str:
    """Read the UTF-8 bytes of a text as a single-byte encoding, as careless exports do."""
    raw = text.encode("utf-8")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def respell(name: str, how: int) -> str:
    """Spell a name in another way that means the same: case, accents, spaces, stops; below 0 as it is."""
    if how < 0:
        return name
    if how == 0:
        return name.lower()
    if how == 1:
        return fold(name)
    if how == 2:
        return f" {name.replace(' ', '  ', 1)}"
    return name.replace(".", "")


def respell_some(rng: np.random.Generator, names: pd.Series, share: float) -> pd.Series:
    """Spell a share of a column in other ways that mean the same."""
    how = np.where(rng.random(len(names)) < share, rng.integers(0, 4, len(names)), -1)
    told = [v if pd.isna(v) else respell(str(v), int(k)) for v, k in zip(names, how, strict=True)]
    return pd.Series(told, index=names.index, dtype="str")
