"""Codes of a column and what they mean, by the profile's vocabularies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import Action, Problem
from geoasm.errors import ProfileError
from geoasm.model import FieldSource, FieldSpec, Vocabulary
from geoasm.normalize.findings import Findings
from geoasm.parsing.text import fold_all

UNKNOWN = "unknown"
_NONE = -1  # no vocabulary knows the code


def meanings(source: FieldSource) -> set[str]:
    """Give every meaning that a source's vocabulary knows."""
    vocabulary = source.vocabulary
    if vocabulary is None:
        return set()
    return {*vocabulary.values.values(), *(v for _, v in vocabulary.prefixes), UNKNOWN}


def look_up(code: str, vocabulary: Vocabulary) -> str | None:
    """Give the meaning of a folded code: an exact entry first, then the longest prefix."""
    if code in vocabulary.values:
        return vocabulary.values[code]
    fitting = [(len(p), v) for p, v in vocabulary.prefixes if code.startswith(p)]
    return max(fitting)[1] if fitting else None


def read_vocabulary(
    field: FieldSpec, columns: list[tuple[FieldSource, pd.Series]], findings: Findings
) -> pd.Series:
    """
    Give the meaning of each row: of the first column whose vocabulary knows the row's code.

    Codes that nothing knows, blank rows and columns that contradict each other become issues.
    """
    index = columns[0][1].index
    number = {UNKNOWN: 0}  # of each meaning
    out = np.full(len(index), _NONE)
    conflict, doubtful, given = np.zeros((3, len(index)), dtype=bool)
    for source, text in columns:
        vocabulary = source.vocabulary
        if vocabulary is None:  # the profile's parser sees to it
            raise ProfileError(f"columns {', '.join(source.columns)} have no vocabulary: name one")
        codes, distinct = pd.factorize(text)
        folded = fold_all(distinct)
        found = [look_up(code, vocabulary) for code in folded]
        numbers = [_NONE if m is None else number.setdefault(m, len(number)) for m in found]
        meaning = np.array([*numbers, _NONE])[codes]
        unsure = np.array([code in vocabulary.doubtful for code in folded] + [False])[codes]
        known, is_new = meaning != _NONE, out == _NONE
        conflict |= ~is_new & known & (out != meaning) & (meaning != number[UNKNOWN])
        doubtful |= is_new & known & unsure
        out = np.where(is_new, meaning, out)
        given |= codes >= 0
    unknown = given & (out == _NONE)
    read = pd.Series(pd.array(list(number), dtype="str").take(np.maximum(out, 0)), index=index)
    odd = unknown | conflict | doubtful
    flags = pd.DataFrame({"unknown": unknown, "conflict": conflict, "doubtful": doubtful}, index)
    _note(field, read[odd], _joined([text[odd] for _, text in columns]), flags[odd], findings)
    return read


def _joined(texts: list[pd.Series]) -> pd.Series:
    """Write what stands in several columns as one text."""
    out = texts[0]
    for text in texts[1:]:
        out = out.where(out.notna(), text).where(out.isna() | text.isna(), out + " | " + text)
    return out


def _note(
    field: FieldSpec, out: pd.Series, given: pd.Series, flags: pd.DataFrame, findings: Findings
) -> None:
    findings.add(
        Problem.UNKNOWN_CODE,
        Action.DOUBTED,
        flags["unknown"],
        field=field.name,
        values=given,
        detail="no vocabulary of the profile knows this code; left unknown",
    )
    findings.add(
        Problem.STATUS_CONFLICT,
        Action.DOUBTED,
        flags["conflict"],
        field=field.name,
        values=given,
        detail="columns contradict each other; read as " + out,
    )
    findings.add(
        Problem.DOUBTFUL_STATUS,
        Action.DOUBTED,
        flags["doubtful"],
        field=field.name,
        values=given,
        detail="what this status means is doubtful; read as " + out,
    )
