"""Codes of a column and what they mean, by the profile's vocabularies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import Action, Problem
from geoasm.model import FieldSource, FieldSpec, Vocabulary
from geoasm.normalize.findings import Findings
from geoasm.parsing.text import fold

UNKNOWN = "unknown"


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
    out = pd.Series(None, index=index, dtype="str")
    conflict = pd.Series(False, index=index)
    doubtful = pd.Series(False, index=index)
    given = pd.Series(None, index=index, dtype="str")
    for source, text in columns:
        vocabulary = source.vocabulary
        assert vocabulary is not None  # the profile's parser sees to it
        codes, distinct = pd.factorize(text)
        folded = [fold(v) for v in distinct]
        found = [look_up(c, vocabulary) for c in folded] + [None]
        meaning = pd.Series(pd.array(found, dtype="str").take(codes), index=index)
        unsure = np.array([c in vocabulary.doubtful for c in folded] + [False])[codes]
        conflict |= out.notna() & meaning.notna() & (out != meaning) & (meaning != UNKNOWN)
        doubtful |= out.isna() & meaning.notna() & unsure
        out = out.where(out.notna(), meaning)
        given = given.where(given.notna(), text).where(
            given.isna() | text.isna(), given + " | " + text
        )
    _note(field, out, given, conflict, doubtful, findings)
    return out.fillna(UNKNOWN).astype("str")


def _note(
    field: FieldSpec,
    out: pd.Series,
    given: pd.Series,
    conflict: pd.Series,
    doubtful: pd.Series,
    findings: Findings,
) -> None:
    findings.add(
        Problem.UNKNOWN_CODE,
        Action.DOUBTED,
        out.isna() & given.notna(),
        field=field.name,
        values=given,
        detail="no vocabulary of the profile knows this code; left unknown",
    )
    findings.add(
        Problem.STATUS_CONFLICT,
        Action.DOUBTED,
        conflict,
        field=field.name,
        values=given,
        detail="columns contradict each other; read as " + out,
    )
    findings.add(
        Problem.DOUBTFUL_STATUS,
        Action.DOUBTED,
        doubtful,
        field=field.name,
        values=given,
        detail="what this status means is doubtful; read as " + out,
    )
