"""Rows of two runs side by side: by code, and those whose code changed by what else tells them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import pandas as pd

_ENDS = ("_a", "_b")


def put_side_by_side(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    code: str,
    columns: Sequence[str],
    ground: str,
    find_again: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame],
) -> pd.DataFrame:
    """
    Lay out the rows of two runs, one row for each that is in either.

    Parameters
    ----------
    code
        Column by which rows are the same; it is called `id`.
    columns
        Further columns to lay out.
    ground
        What the geometries are called.
    find_again
        Takes the rows that only the first run has and those that only the second has, and gives
        pairs that are one all the same: `old`, `new` (labels), each once.

    Returns
    -------
    both
        RangeIndex; `id_a`, `id_b` (missing where a run lacks the row), and every column and the ground
        with the endings `_a` and `_b`.
    """
    sides = [
        pd.DataFrame(frame[[code, *columns]])
        .assign(**{ground: frame.geometry.to_numpy()})
        .rename(columns={code: "id"})
        .add_suffix(end)
        for frame, end in zip((before, after), _ENDS, strict=True)
    ]
    both = sides[0].merge(sides[1], how="outer", left_on="id_a", right_on="id_b", sort=True)
    found = find_again(both[both["id_b"].isna()], both[both["id_a"].isna()])
    if len(found):
        names = [name for name in both if name.endswith("_b")]
        kinds = dict(both.dtypes)
        both.loc[found["old"], names] = both.loc[found["new"], names].to_numpy()
        both = both.drop(index=found["new"]).astype(kinds).reset_index(drop=True)
    for name in (f"{ground}{end}" for end in _ENDS):
        both[name] = both[name].astype(object).where(both[name].notna(), None)
    return both
