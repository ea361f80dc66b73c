"""The list of rows that were mended, doubted or set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from geoasm.codes import Action, Problem
from geoasm.schema import HIDDEN, ISSUES

_QUOTED = ("id", "field", "value", "detail")  # columns with what stands in a file
_CONTROL = "[\x00-\x1f\x7f-\x9f\u2028\u2029]"
_WRITTEN_OUT = {i: repr(chr(i))[1:-1] for i in (*range(32), *range(127, 160), 0x2028, 0x2029)}


def make(
    source: str,
    problem: Problem,
    action: Action,
    rows: Sequence[Any] | pd.Series | None = None,
    *,
    ids: Any = None,
    field: str = "",
    values: Any = None,
    detail: Any = "",
    private: bool = False,
) -> pd.DataFrame:
    """
    Make one issue a row.

    Parameters
    ----------
    source
        Role of the file.
    rows
        Source row numbers (from 1), one an issue; None for one issue about the file as a whole.
    ids, values, detail
        One value for all, or one a row, in the order of `rows`.
    private
        The values are personal: they are kept apart and masked in what is published.

    Returns
    -------
    issues
        Columns of `schema.ISSUES` and `private` (boolean), RangeIndex.
    """
    n = 1 if rows is None else len(rows)

    def column(value: Any) -> Any:
        if value is None:
            return [None] * n
        if isinstance(value, str) or not isinstance(value, Iterable):
            return [value] * n
        return list(value)

    frame = pd.DataFrame(
        {
            "source": [str(source)] * n,
            "row": pd.array(column(rows), dtype="Int64"),
            "id": column(ids),
            "problem": [str(problem)] * n,
            "field": [field] * n,
            "value": column(values),
            "action": [str(action)] * n,
            "detail": column(detail),
            "private": [private] * n,
        }
    )
    for name in ISSUES.names:
        if name != "row":
            text = frame[name].astype(object)
            frame[name] = text.where(text.isna(), text.map(str)).astype("str")
    return frame.astype({"private": "bool"})


def none() -> pd.DataFrame:
    """Give an empty list of issues."""
    return make("", Problem.UNKNOWN_CODE, Action.DOUBTED, [])


def join(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join several lists, in order."""
    filled = [p for p in parts if len(p)]
    return pd.concat(filled, ignore_index=True) if filled else none()


def publish(issues: pd.DataFrame) -> pd.DataFrame:
    """
    Give the list as it may be published.

    Private values are masked and control characters written out, so that an issue is one line;
    rows are sorted, columns those of the schema.
    """
    out = issues.copy()
    for name in _QUOTED:
        broken = out[name].str.contains(_CONTROL, na=False)
        if broken.any():
            out[name] = out[name].mask(broken, out[name].str.translate(_WRITTEN_OUT))
    out["value"] = out["value"].mask(out["private"].astype(bool) & out["value"].notna(), HIDDEN)
    out = out.sort_values(list(ISSUES.key), kind="stable", ignore_index=True, na_position="first")
    return out[ISSUES.names]


def count_set_aside(issues: pd.DataFrame, source: str) -> int:
    """Count the rows of one source that are in no output because they were set aside."""
    gone = (
        (issues["source"] == source)
        & (issues["action"] == Action.SET_ASIDE)
        & issues["row"].notna()
    )
    return int(issues.loc[gone, "row"].nunique())
