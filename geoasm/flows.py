"""From which class to which: what two runs say of the same registrations, counted."""

from __future__ import annotations

import pandas as pd

FLOW_COLUMNS = ("class_a", "class_b")
COUNT = "registrations"


def count_flows(before: pd.Series, after: pd.Series, **by: pd.Series) -> pd.DataFrame:
    """
    Count registrations by their class in two runs.

    Parameters
    ----------
    before, after
        Class per registration, index unique; aligned by index. What one of them lacks was not in
        that run.
    by
        Further columns to count by, of the same index; missing values are counted, too.

    Returns
    -------
    flows
        `class_a`, `class_b` (missing: not in that run), one column for each of `by`, `registrations`;
        one row per combination that occurs, sorted.
    """
    both = pd.concat([before.rename("class_a"), after.rename("class_b")], axis=1, sort=True)
    both = both.astype(object).where(both.notna(), None)
    for name, values in by.items():
        both[name] = values.reindex(both.index).astype(object)
    names = [*FLOW_COLUMNS, *by]
    counted = both.groupby(names, dropna=False, sort=True).size()
    return counted.rename(COUNT).astype("int64").reset_index()


def balance_faults(flows: pd.DataFrame, before: pd.Series, after: pd.Series) -> list[str]:
    """
    Name the classes whose flows do not add up to what the runs count.

    Parameters
    ----------
    flows
        As `count_flows` gives them.
    before, after
        Class per registration of the two runs, as counted there.

    Returns
    -------
    faults
        Class codes, those of the first run before those of the second; empty where all balance.
    """
    faults = []
    for side, classes in zip(FLOW_COLUMNS, (before, after), strict=True):
        out = flows.dropna(subset=side).groupby(side)[COUNT].sum()
        counted = classes.value_counts()
        apart = out.reindex(out.index.union(counted.index), fill_value=0).ne(
            counted.reindex(out.index.union(counted.index), fill_value=0)
        )
        faults += [str(name) for name in sorted(apart.index[apart])]
    return faults


def moved(flows: pd.DataFrame) -> pd.DataFrame:
    """Leave out what stays in its class."""
    a, b = (flows[name].fillna("") for name in FLOW_COLUMNS)
    return flows[(a != b).to_numpy()].reset_index(drop=True)
