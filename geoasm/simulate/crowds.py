"""Registrants with very many registrations, registrants who state one point, and the excluded."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import AsmClass, RegistrationStatus

# Registrations of each such registrant, in turn: just above ten, ten, well above.
_SIZES: Final = (11, 10, 14)
_CROWD_SHARE, _CROWDS = 0.0025, 3  # of the registrations, one such registrant each
_AT_ONE_POINT: Final = (3, 2)
_POINT_SHARE, _POINTS = 0.002, 2
_EXCLUDED_SHARE, _EXCLUDED = 0.01, 4
_REGISTRANT = ("registrant_name", "ruc", "known_as", "registrant_kind", "is_misspelt", "sex")
_PLACE = (
    "lon",
    "lat",
    "site",
    "at",
    "declared_right_id",
    "declared_right_name",
    "declared",
    "declared_admin_1",
    "declared_admin_2",
    "declared_admin_3",
)

Ints = npt.NDArray[np.intp]


def gather(rng: np.random.Generator, register: pd.DataFrame) -> pd.DataFrame:
    """
    Give entries of others to a few registrants, and the point of others to a few entries.

    Only entries of third parties change hands or place, of registrants whose name and number are
    known and who have no contract; an entry that moves goes to a place of its own class.

    Parameters
    ----------
    register
        Of `register.register`.

    Returns
    -------
    register
        With `at`, the row whose point each one states (mostly its own); some are excluded.
    """
    out = register.assign(at=np.arange(len(register)))
    free = (
        register["registrant_name"].notna()
        & register["ruc"].notna()
        & ~register["ruc"].isin(register.loc[register["signed_on"].notna(), "ruc"])
        & ~register["is_misspelt"]
        & ~register["planned"].isin([AsmClass.OWN_TITLE, AsmClass.UNLOCATABLE])
    ).to_numpy(dtype=bool)
    order = rng.permutation(np.flatnonzero(free))
    # On the titles of large holders first: there it matters.
    large = (register["planned"] == AsmClass.ON_LSM_MSM).to_numpy(dtype=bool)[order]
    order = np.concatenate([order[large], order[~large]])
    out, taken = _crowd(out, order, free)
    out = _meet(out, order, free & ~taken)
    lost = rng.permutation(len(out))[: max(_EXCLUDED, round(_EXCLUDED_SHARE * len(out)))]
    status = out["status"].to_numpy(dtype=object).copy()
    status[lost] = str(RegistrationStatus.EXCLUDED)
    return out.assign(status=pd.array(status, dtype="str"))


def _nearest(register: pd.DataFrame, row: int, among: Ints) -> Ints:
    """Order rows by how far they are from one, in degrees."""
    lon, lat = (register[c].to_numpy(dtype=float) for c in ("lon", "lat"))
    gap = np.hypot(lon[among] - lon[row], lat[among] - lat[row])
    return among[np.argsort(gap, kind="stable")]


def _copy(register: pd.DataFrame, rows: Ints, row: int, names: tuple[str, ...]) -> pd.DataFrame:
    out = register.copy()
    for name in names:
        if name in out:
            out.loc[rows, name] = out[name].iloc[row]
    return out


def _crowd(
    register: pd.DataFrame, order: Ints, free: npt.NDArray[np.bool_]
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Let registrants take over the entries nearest to theirs, until they have so many."""
    out, taken = register, np.zeros(len(register), dtype=bool)
    wanted = max(_CROWDS, round(_CROWD_SHARE * len(register)))
    made = 0
    for row in order:
        if made == wanted:
            break
        size = _SIZES[made % len(_SIZES)]
        own = (out["ruc"] == out["ruc"].iloc[row]).to_numpy(dtype=bool)
        rest = np.flatnonzero(free & ~taken & ~own)
        if taken[row] or own.sum() > size or own.sum() + len(rest) < size:
            continue
        got = _nearest(out, row, rest)[: size - int(own.sum())]
        out = _copy(out, got, row, _REGISTRANT)
        taken |= own
        taken[got] = True
        made += 1
    return out, taken


def _meet(register: pd.DataFrame, order: Ints, free: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Let entries of other registrants state the point of one, of the same class."""
    out, free = register, free.copy()
    wanted = max(_POINTS, round(_POINT_SHARE * len(register)))
    made = 0
    planned, numbers = (register[c].to_numpy(dtype=object) for c in ("planned", "ruc"))
    for row in order:
        if made == wanted:
            break
        others = np.flatnonzero(free & (planned == planned[row]) & (numbers != numbers[row]))
        _, first = np.unique(numbers[others].astype(str), return_index=True)
        others = others[np.sort(first)]
        size = _AT_ONE_POINT[made % len(_AT_ONE_POINT)]
        if not free[row] or len(others) < size - 1:
            continue
        got = _nearest(out, row, others)[: size - 1]
        out = _copy(out, got, row, _PLACE)
        free[[row, *got]] = False
        made += 1
    return out
