"""Takes natural persons out of what sources wrote freely, so that the public part of a run tells none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from geoasm import schema
from geoasm.codes import FieldKind, PartyKind, Problem, Role
from geoasm.errors import InputError
from geoasm.held import as_held
from geoasm.model import PartyRules, Result
from geoasm.parsing.codes import read_rucs
from geoasm.parsing.text import fold_all, is_among, unscramble_series
from geoasm.parties import Parties, name_keys
from geoasm.parties.names import CUT, FORM
from geoasm.profile import Profile

HIDDEN = schema.HIDDEN
_FEWEST_WORDS = 3  # of a name that is looked for in texts: shorter ones name places, too
_WHOLE_WORDS = 2  # of a name that is a whole text
_MOST_WORDS = 8
_DOCUMENT = slice(2, 10)  # the identity document in a natural person's tax number
_DOCUMENT_LENGTH, _RUC_LENGTH = 8, 11
# Digits as people write numbers: together, or in groups.
_NUMBERS = re.compile(
    r"(?<!\d)(?:\d{8,11}|\d{1,2}[ .\-]\d{3}[ .\-]\d{3}|\d{2}[ .\-]\d{8}(?:[ .\-]?\d)?)(?!\d)"
)
_WORTH_A_LOOK = r"\d(?:[ .\-]?\d){7}|[^\W_][\W_]+[^\W_]"
_NOT_DIGIT = re.compile(r"\D")
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_WORD = re.compile(r"[^\W\d_]{3,}")
# A cell of these that slipped from its neighbour holds a name or a number of nobody whom a table tells.
_SLIPPED = (Problem.UNREADABLE_DATE, Problem.UNREADABLE_NUMBER, Problem.UNREADABLE_POSITION)
_ODD_CODES = (Problem.UNKNOWN_CODE, Problem.ZONE_MISMATCH, Problem.DOUBTFUL_STATUS)
_CODES = {Role.CONCESSIONS: "concession_id", Role.REGISTRATIONS: "registration_id"}
_SEEN_OFTEN = 3  # rows that say the same: a code, and nobody's name


class Veil:
    """
    Natural persons of a run by name and number, to be hidden wherever a text holds one.

    Parameters
    ----------
    keys
        Normalised names of natural persons, as `name_keys` gives them.
    numbers
        Their identity numbers: tax numbers, and documents as they were typed.
    rules
        Which tax numbers are natural persons', and which words of a name do not tell.
    known
        Codes of rights and registrations: one that happens to be somebody's number stays.
    """

    def __init__(
        self,
        keys: Iterable[str],
        numbers: Iterable[str],
        rules: PartyRules,
        known: Iterable[str] = (),
    ) -> None:
        self._keys = {key.removesuffix(CUT) for key in keys}
        self._numbers = set(numbers)
        self._documents = {n[_DOCUMENT] for n in self._numbers if len(n) == _RUC_LENGTH}
        self._documents |= {n for n in self._numbers if len(n) == _DOCUMENT_LENGTH}
        self._bare = {n.lstrip("0") for n in self._numbers | self._documents}
        self._known = frozenset(known)
        self._prefixes = tuple(rules.natural_prefixes)
        self._particles = frozenset(rules.particles)

    def tells(self, texts: pd.Series, *, codes: bool = False) -> pd.Series:
        """
        Tell which texts name a natural person of the run, or hold the number of any.

        Parameters
        ----------
        codes
            The texts are codes: a number in them is a person's only where a table says so.
        """
        at, distinct = pd.factorize(texts)
        hits = np.zeros(len(distinct) + 1, dtype=bool)
        told = pd.Series(distinct, dtype="str")
        if codes:
            hits[:-1] = is_among(told.str.lstrip("0"), self._bare) & ~is_among(told, self._known)
            told = told[~told.str.fullmatch(r"\d*")]
        # Many texts are one word and no number.
        told = unscramble_series(told[told.str.contains(_WORTH_A_LOOK)])
        for place, text, words in zip(told.index, told, fold_all(told), strict=True):
            hits[place] |= self._has_number(text, codes) or self._has_name(words)
        return pd.Series(hits[at], index=texts.index)

    def hide(self, texts: pd.Series, *, codes: bool = False) -> pd.Series:
        """Put a mark in the place of texts that tell a natural person."""
        if not pd.api.types.is_string_dtype(texts.dtype):
            return texts
        told = self.tells(texts, codes=codes)
        return texts.mask(told, HIDDEN) if told.any() else texts

    def hide_deep(self, value: Any) -> Any:
        """Hide persons in every text of a nested value, in keys as well."""
        texts = sorted(_texts_in(value))
        hidden = self.hide(pd.Series(texts, dtype="str"))
        told = {a: b for a, b in zip(texts, hidden, strict=True) if a != b}
        return _exchange(value, told) if told else value

    def _has_number(self, text: str, is_code: bool) -> bool:
        if _DIGEST.fullmatch(text):
            return False
        for found in _NUMBERS.findall(text):
            digits = _NOT_DIGIT.sub("", found)
            head, document = digits[:-_DOCUMENT_LENGTH], digits[-_DOCUMENT_LENGTH:]
            if digits in self._numbers or (not head.strip("0") and document in self._documents):
                return True
            if digits.startswith(self._prefixes) and digits[_DOCUMENT] in self._documents:
                return True
            if not is_code and self._is_natural(digits):
                return True
        return False

    def _is_natural(self, digits: str) -> bool:
        return (
            len(digits) == _RUC_LENGTH
            and digits.startswith(self._prefixes)
            and not read_rucs(pd.Series([digits]))[1].item()
        )

    def _has_name(self, folded: str) -> bool:
        words = re.sub(r"[^A-Z0-9]+", " ", folded).split()
        if len(words) == _WHOLE_WORDS:
            return " ".join(sorted(words)) in self._keys or " ".join(words) in self._keys
        for length in range(_FEWEST_WORDS, min(len(words), _MOST_WORDS) + 1):
            for first in range(len(words) - length + 1):
                some = words[first : first + length]
                if " ".join(sorted(some)) not in self._keys and " ".join(some) not in self._keys:
                    continue
                if sum(len(w) > 1 and w not in self._particles for w in some) >= _FEWEST_WORDS:
                    return True
        return False


def weave(
    frames: Mapping[Role, pd.DataFrame],
    issues: pd.DataFrame,
    profile: Profile,
    parties: Parties | None = None,
) -> Veil:
    """
    Make the veil of a run out of every name and number that its files state.

    Parameters
    ----------
    frames
        Normalised files by role.
    issues
        Of which the personal values are numbers that could not be read as such.
    parties
        Everybody as identified; names of legal entities are not hidden.
    """
    rules = profile.parties
    keys: set[str] = set()
    firms: set[str] = set()
    numbers: set[str] = set()
    texts = None
    if parties is not None:
        of_kind = parties.frame.explode("keys").dropna(subset="keys")
        legal = of_kind["kind"] == PartyKind.LEGAL
        firms, keys = set(of_kind.loc[legal, "keys"]), set(of_kind.loc[~legal, "keys"])
        texts = parties.texts
    for role, frame in frames.items():
        for name, field in profile.roles[role].fields.items():
            if name not in frame or field.kind not in (FieldKind.NAME, FieldKind.RUC):
                continue
            values = frame[name].dropna().astype("str").drop_duplicates()
            if field.kind is FieldKind.RUC:
                numbers |= set(values[values.str.startswith(tuple(rules.natural_prefixes))])
            elif parties is None or name != "holder_name" or role != Role.CONCESSIONS:
                told = name_keys(values, rules, known=texts)
                keys |= set(told.loc[~told["is_legal"], "key"].dropna()) - firms
    typed = issues.loc[issues["private"] & (issues["field"] == "ruc"), "value"].dropna()
    numbers |= {_NOT_DIGIT.sub("", value) for value in typed.drop_duplicates()}
    known: set[str] = set()
    for role, name in _CODES.items():
        known |= set(frames[role][name].dropna()) if role in frames else set()
    return Veil((k for k in keys if FORM not in k), numbers - {""}, rules, known)


def cover(result: Result, veil: Veil) -> Result:
    """Give a result of which everything but `parties` and `review` tells no natural person."""
    made = {f.name: as_held(result, f.name) for f in fields(Result)}
    doubts = cover_issues(result.issues, veil)
    out_of_place = is_among(doubts["problem"], [str(p) for p in (*_SLIPPED, *_ODD_CODES)])
    slipped = frozenset(doubts.loc[doubts["private"] & out_of_place, "value"].dropna())
    for table in schema.RUN_TABLES.values():
        if table.said and table is not schema.ISSUES and len(made[table.name]):
            made[table.name] = _cover_frame(made[table.name], table, veil, slipped)
    context = {role: _cover_layer(frame, veil) for role, frame in result.context.items()}
    return Result(
        **{
            **made,
            "issues": doubts,
            "context": context,
            "summary": veil.hide_deep(result.summary),
            "manifest": veil.hide_deep(result.manifest),
        }
    )


def check_codes(registrations: pd.DataFrame, rules: PartyRules) -> None:
    """
    Make sure that no registration goes by its registrant's identity number, for codes are published.

    Raises
    ------
    InputError
        Some do.
    """
    if "ruc" not in registrations:
        return
    own = registrations["ruc"].astype("str")
    natural = own.str.startswith(tuple(rules.natural_prefixes)).fillna(False).astype(bool)
    code = registrations["registration_id"].astype("str").str.lstrip("0")
    document = own.str[_DOCUMENT].str.lstrip("0")
    same = natural & ((code == own) | (code == document)).fillna(False).astype(bool)
    if same.any():
        row = registrations.loc[same, "source_row"].iloc[0]
        raise InputError(
            f"registrations: {int(same.sum())} of them (record {row} first) go by the identity number of "
            "the registrant, and codes are published: give the file a column of codes that are no such "
            "numbers, under the name that it has in the profile"
        )


def _cover_frame(
    frame: pd.DataFrame, table: schema.Table, veil: Veil, slipped: frozenset[str]
) -> pd.DataFrame:
    """Hide persons in what sources wrote, and what the list of issues keeps private."""
    said = [c.name for c in table.columns if c.said and c.name in frame]
    hidden = {name: veil.hide(frame[name], codes=name.endswith("_id")) for name in said}
    for name in said:
        told = is_among(hidden[name], slipped)
        hidden[name] = hidden[name].mask(told, HIDDEN) if told.any() else hidden[name]
    return frame.assign(**hidden)


def _cover_layer(frame: pd.DataFrame, veil: Veil) -> pd.DataFrame:
    texts = [name for name in frame if pd.api.types.is_string_dtype(frame[name].dtype)]
    return frame.assign(**{name: veil.hide(frame[name]) for name in texts})


def cover_issues(issues: pd.DataFrame, veil: Veil) -> pd.DataFrame:
    """
    Mark the values that tell a natural person as private, and hide persons in all else of the list.

    Values that are no day, number, position or code of the profile are marked as well where they look
    like a name or number that slipped into the wrong column.
    """
    is_code = issues["field"].str.endswith("_id").fillna(False).astype(bool)
    told = veil.tells(issues["value"], codes=True) | (veil.tells(issues["value"]) & ~is_code)
    told |= _looks_slipped(issues)
    hidden = {
        name: veil.hide(issues[name], codes=name == "id") for name in ("id", "field", "detail")
    }
    return issues.assign(**hidden, private=issues["private"].astype(bool) | told)


def _looks_slipped(issues: pd.DataFrame) -> pd.Series:
    value = issues["value"].fillna("")
    words = value.str.count(_WORD)
    long = value.str.contains(r"(?<!\d)(?:\d{8}|\d{11})(?!\d)", regex=True)
    slipped = is_among(issues["problem"], [str(p) for p in _SLIPPED])
    position = issues["problem"] == Problem.UNREADABLE_POSITION
    odd = is_among(issues["problem"], [str(p) for p in _ODD_CODES])
    often = issues.groupby(["source", "field", "value"])["value"].transform("size") >= _SEEN_OFTEN
    rare = ~often.fillna(False).astype(bool)
    return (slipped & ((words >= 2) | (long & ~position))) | (odd & rare & ((words >= 2) | long))


def _texts_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, Mapping):
        return {t for pair in value.items() for v in pair for t in _texts_in(v)}
    if isinstance(value, list | tuple | set | frozenset):
        return {t for v in value for t in _texts_in(v)}
    return set()


def _exchange(value: Any, told: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return told.get(value, value)
    if isinstance(value, Mapping):
        return {_exchange(k, told): _exchange(v, told) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_exchange(v, told) for v in value)
    return value
