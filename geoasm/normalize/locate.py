"""Positions tested against country and declared region, mended only where one reading fits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import Action, Problem
from geoasm.geometry import Floats
from geoasm.model import CrsPlan
from geoasm.normalize.findings import Findings
from geoasm.normalize.positions import UTM
from geoasm.normalize.readings import SHORTEST_EASTING_M, readings
from geoasm.normalize.regions import Regions

Bools = npt.NDArray[np.bool_]

_FIELD = "position"


def locate(
    stated: pd.DataFrame, plan: CrsPlan, regions: Regions, findings: Findings
) -> tuple[Floats, Floats]:
    """
    Give longitude and latitude of each record, NaN where none can be used.

    Parameters
    ----------
    stated
        Positions as `positions.read_positions` gives them.
    regions
        Of the same records, in the same order.
    """
    lon, lat = stated["lon"].to_numpy(copy=True), stated["lat"].to_numpy(copy=True)
    west, south, east, north = plan.bounds
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    fault = _faults(stated, inside)
    inside &= fault.isna().to_numpy()
    held = inside.copy()
    test = np.flatnonzero(inside & regions.known)
    held[test] = regions.holds(test, lon[test], lat[test])
    for problem in fault.dropna().unique():
        findings.add(
            Problem(problem),
            Action.DOUBTED,
            fault == problem,
            field=_FIELD,
            values=stated["text"],
            detail="no position",
        )
    short = (stated["kind"] == UTM) & (stated["x"].abs() < SHORTEST_EASTING_M)
    findings.add(
        Problem.LOST_DIGIT,
        Action.DOUBTED,
        short & held & ~regions.known,
        field=_FIELD,
        values=stated["text"],
        detail="kept; an easting of so few digits may lack one, and no declared region tells",
    )
    failing = np.flatnonzero(~held & fault.isna().to_numpy())
    others = _other_readings(failing, stated, plan, regions)
    n_fits = np.bincount(others.loc[others["fits"], "record"], minlength=len(stated))
    mended = others[others["fits"].to_numpy() & (n_fits[others["record"]] == 1)]
    _note_mended(mended, stated, findings)
    left = np.setdiff1d(failing, mended["record"])
    kept = _note_unmended(left, inside, n_fits > 1, others, stated, findings)
    lon[~kept], lat[~kept] = np.nan, np.nan
    lon[mended["record"]], lat[mended["record"]] = mended["lon"], mended["lat"]
    return lon, lat


def _faults(stated: pd.DataFrame, inside: Bools) -> pd.Series:
    """Name what makes a stated position unreadable; missing where it can be read."""
    x, y = stated["x"], stated["y"]
    fault = pd.Series(None, index=stated.index, dtype="str")
    fault = fault.mask(x.isna() | y.isna(), Problem.UNREADABLE_POSITION)
    zero = ((x == 0) & (y == 0)) | (((x == 0) | (y == 0)) & ~inside)
    fault = fault.mask(zero, Problem.ZERO_POSITION)
    blank = stated["text"].str.contains(r"^;|; $", regex=True)
    return fault.mask(blank, Problem.NULL_POSITION)


def _other_readings(
    failing: npt.NDArray[np.intp], stated: pd.DataFrame, plan: CrsPlan, regions: Regions
) -> pd.DataFrame:
    """Read failing positions otherwise; `fits` tells which readings lie in the declared region."""
    others = readings(stated.iloc[failing].reset_index(drop=True), plan)
    record = failing[others["record"].to_numpy()]
    fits = np.zeros(len(others), dtype=bool)
    test = regions.known[record]
    lon, lat = others["lon"].to_numpy(), others["lat"].to_numpy()
    fits[test] = regions.holds(record[test], lon[test], lat[test])
    text = [
        f"{x:.4f}, {y:.4f} ({problem})"
        for x, y, problem in zip(lon, lat, others["problem"], strict=True)
    ]
    return others.assign(record=record, fits=fits, text=pd.array(text, dtype="str"))


def _note_mended(mended: pd.DataFrame, stated: pd.DataFrame, findings: Findings) -> None:
    labels = stated.index[mended["record"]]
    detail = pd.Series(("read as " + mended["text"]).to_numpy(), index=labels, dtype="str")
    problems = mended["problem"].to_numpy()
    for problem in mended["problem"].unique():
        findings.add(
            Problem(problem),
            Action.MENDED,
            labels[problems == problem],
            field=_FIELD,
            values=stated["text"],
            detail=detail,
        )


def _note_unmended(
    left: npt.NDArray[np.intp],
    inside: Bools,
    several_fit: Bools,
    others: pd.DataFrame,
    stated: pd.DataFrame,
    findings: Findings,
) -> Bools:
    """Note what becomes of positions that nothing mends; tell which of all stay as stated."""
    told = others[others["record"].isin(left)]
    listed = told.groupby("record")["text"].agg("; ".join).reindex(range(len(stated)))
    zoneless = stated["lon"].isna().to_numpy() & listed.notna().to_numpy()
    several = several_fit | zoneless
    open_case = np.zeros(len(stated), dtype=bool)
    open_case[left] = True
    readings_text = ("; readings: " + listed).fillna("").to_numpy()
    verdicts = (
        (several, Problem.SEVERAL_READINGS, "no position: no reading alone fits"),
        (inside & ~several, Problem.ELSEWHERE_THAN_DECLARED, "kept; outside its declared region"),
        (~inside & ~several, Problem.OUTSIDE_COUNTRY, "no position: outside the country"),
    )
    for where, problem, text in verdicts:
        findings.add(
            problem,
            Action.DOUBTED,
            pd.Series(open_case & where, index=stated.index),
            field=_FIELD,
            values=stated["text"],
            detail=pd.Series(text + readings_text, index=stated.index, dtype="str"),
        )
    kept: Bools = inside & ~(open_case & several)
    return kept
