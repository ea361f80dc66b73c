"""Faults planted in a cadastre and a register, each with what should become of its row."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import AsmClass, ConcessionStatus, Problem
from geoasm.geometry import Geometries, operation
from geoasm.model import CrsPlan
from geoasm.simulate import positions
from geoasm.simulate.names import scramble

NONE: Final = "none"
MENDED, UNLOCATABLE, SET_ASIDE, KEPT = "mended", "unlocatable", "set_aside", "kept"

_CADASTRE_SHARE = 0.002  # of the rights, for each fault
_AT_LEAST = 3

OF_TITLES = (Problem.UNKNOWN_CODE, Problem.MISSING_HOLDER, Problem.MISSING_DATE)
_OF_RIGHTS = (
    Problem.INVALID_GEOMETRY,
    Problem.MERGED_PARTS,
    Problem.RESTORED_ZEROS,
    Problem.MOJIBAKE,
    Problem.DUPLICATE_RECORD,
    Problem.EMPTY_GEOMETRY,
)
_OF_ENTRIES = (
    Problem.DUPLICATE_RECORD,
    Problem.DUPLICATE_ID,
    Problem.MOJIBAKE,
    Problem.RESTORED_ZEROS,
    Problem.INVALID_RUC,
)


def outcome(fault: str) -> str:
    """Say what should become of a registration with a fault."""
    if fault in positions.MENDABLE:
        return MENDED
    if fault in positions.LOST:
        return UNLOCATABLE
    if fault in (Problem.DUPLICATE_RECORD, Problem.DUPLICATE_ID):
        return SET_ASIDE
    return KEPT


def _has_other_letters(names: pd.Series) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = names.str.contains(r"[^\x00-\x7f]", na=False).to_numpy(bool)
    return mask


def _loses_zero(codes: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell which codes a numeric reader would shorten."""
    mask: npt.NDArray[np.bool_] = (
        codes.str.isdigit().fillna(False) & codes.str.startswith("0").fillna(False)
    ).to_numpy(dtype=bool)
    return mask


def mark_rights(rng: np.random.Generator, rights: pd.DataFrame) -> pd.DataFrame:
    """
    Choose rights for each fault and make it true of them.

    Returns
    -------
    rights
        `fault` added. A right with an unknown code has the status unknown, one without holder or
        date lacks it (`members` as well), an invalid one has the ground of its two triangles.
    """
    fault = np.full(len(rights), NONE, dtype=object)
    order = rng.permutation(len(rights))
    each = max(_AT_LEAST, round(_CADASTRE_SHARE * len(rights)))
    drawn = rights["drawn"].to_numpy(dtype=object).copy()
    titled = (rights["status"] == ConcessionStatus.TITLED).to_numpy()
    single = (shapely.get_num_geometries(drawn) == 1) & (shapely.area(drawn) > 500_000)
    suits = {
        Problem.INVALID_GEOMETRY: titled & single,
        Problem.MERGED_PARTS: shapely.get_num_geometries(drawn) > 1,
        Problem.RESTORED_ZEROS: _loses_zero(rights["concession_id"]),
        Problem.MOJIBAKE: _has_other_letters(rights["holder_name"]),
    }
    for problem in (*_OF_RIGHTS, *OF_TITLES):
        fits = suits.get(problem, titled) & (fault == NONE)
        fault[order[fits[order]][:each]] = str(problem)
    unheld = fault == Problem.MISSING_HOLDER
    bow = fault == Problem.INVALID_GEOMETRY
    drawn[bow] = shapely.make_valid(_bow_ties(drawn[bow]), method="structure")
    return rights.assign(
        fault=pd.array(fault, dtype="str"),
        drawn=drawn,
        status=rights["status"].mask(fault == Problem.UNKNOWN_CODE, str(ConcessionStatus.UNKNOWN)),
        holder_name=rights["holder_name"].mask(fault == Problem.MISSING_HOLDER),
        filed_on=rights["filed_on"].mask(fault == Problem.MISSING_DATE),
        members=[() if nobody else m for m, nobody in zip(rights["members"], unheld, strict=True)],
        is_open=rights["is_open"] & ~unheld,
    )


def _bow_ties(shapes: Geometries) -> Geometries:
    """Join the corners of bounding boxes crosswise: an hourglass whose sides cross in the middle."""
    west, south, east, north = shapely.bounds(shapes).T
    corners = [(west, south), (east, south), (west, north), (east, north)]
    ring = np.stack([np.column_stack(c) for c in corners], axis=1)
    return np.asarray(shapely.polygons(ring), dtype=object)


def cadastre_rows(rng: np.random.Generator, rights: pd.DataFrame, plan: CrsPlan) -> pd.DataFrame:
    """
    Write marked rights as the rows of a file, faults included.

    Returns
    -------
    rows
        Canonical columns as the file says them, `geometry` (degrees), `fault`; RangeIndex.
    """
    rows = rights.copy()
    fault = rows["fault"].to_numpy(dtype=object)
    geometry = rows["geometry"].to_numpy(dtype=object).copy()
    bow = np.flatnonzero(fault == Problem.INVALID_GEOMETRY)
    ties = _bow_ties(rows["drawn"].to_numpy(dtype=object)[bow])
    systems = rows["crs_used"].to_numpy(dtype=object)[bow]
    for k, (row, crs) in enumerate(zip(bow, systems, strict=True)):
        shift = operation(str(crs), plan.geographic, plan)
        geometry[row] = shift.geometries(ties[k : k + 1])[0]
    empty = np.flatnonzero(fault == Problem.EMPTY_GEOMETRY)
    for k, row in enumerate(empty):
        geometry[row] = None if k % 2 else shapely.MultiPolygon()
    rows["geometry"] = geometry
    zero = fault == Problem.RESTORED_ZEROS
    rows.loc[zero, "concession_id"] = rows.loc[zero, "concession_id"].str[1:]
    odd = fault == Problem.MOJIBAKE
    rows.loc[odd, "holder_name"] = rows.loc[odd, "holder_name"].map(scramble)
    split = rows[fault == Problem.MERGED_PARTS]
    parts = split.assign(geometry=split["geometry"].map(lambda g: list(shapely.get_parts(g))))
    again = rows[fault == Problem.DUPLICATE_RECORD]
    rows = pd.concat([rows[fault != Problem.MERGED_PARTS], parts.explode("geometry"), again])
    return rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)


def mark_entries(
    rng: np.random.Generator,
    register: pd.DataFrame,
    written: pd.DataFrame,
    share: float,
    *,
    regions: bool,
) -> pd.DataFrame:
    """
    Choose registrations for each fault; those planned as unlocatable lose their position.

    Parameters
    ----------
    share
        Of the registrations, over all faults.
    regions
        The register declares regions that a layer draws: only then can a slip be found out.

    Returns
    -------
    register
        `fault` added; a registrant whose number is mistyped has none that could be used.
    """
    n = len(register)
    fault = np.full(n, NONE, dtype=object)
    lat = register["lat"].to_numpy(dtype=float)
    lost = np.flatnonzero(register["planned"] == AsmClass.UNLOCATABLE)
    plain = positions.suits(Problem.OUTSIDE_COUNTRY, written, lat)
    for k, row in enumerate(lost):
        losses = positions.LOST if plain[row] else positions.LOST[:-1]
        fault[row] = str(losses[k % len(losses)])
    spoilable = positions.LOST + (positions.MENDABLE if regions else ())
    kinds = (*spoilable, *_OF_ENTRIES)
    each = max(_AT_LEAST, round(share * n / len(kinds))) if share else 0
    order = rng.permutation(n)
    named = register["registrant_name"]
    # Whether a contract still finds a registrant whose number is mistyped is no plain case.
    signs = register["ruc"].isin(register.loc[register["signed_on"].notna(), "ruc"])
    suits = {
        Problem.DUPLICATE_RECORD: np.ones(n, dtype=bool),
        Problem.DUPLICATE_ID: np.ones(n, dtype=bool),
        Problem.MOJIBAKE: _has_other_letters(named),
        Problem.RESTORED_ZEROS: _loses_zero(register["declared_right_id"])
        & (register["declared"] == "agrees").to_numpy(),
        # Nor is one whom nothing but the number makes known.
        Problem.INVALID_RUC: (
            named.notna() & register["ruc"].notna() & ~signs & ~register["is_misspelt"]
        ).to_numpy(),
    }
    for problem in kinds:
        fits = suits[problem] if problem in suits else positions.suits(problem, written, lat)
        fault[order[(fits & (fault == NONE))[order]][:each]] = str(problem)
    wrong = fault == Problem.INVALID_RUC
    return register.assign(
        fault=pd.array(fault, dtype="str"),
        ruc_written=register["ruc"].mask(wrong, register["ruc"].map(_miscopied)),
        ruc=register["ruc"].mask(wrong),
    )


def _miscopied(ruc: object) -> object:
    """Change the check digit of an identity number."""
    return ruc if ruc is None or ruc != ruc else f"{str(ruc)[:-1]}{(int(str(ruc)[-1]) + 1) % 10}"


def register_rows(
    rng: np.random.Generator, register: pd.DataFrame, written: pd.DataFrame, plan: CrsPlan
) -> pd.DataFrame:
    """
    Write marked registrations as the rows of a file, faults and doubles included.

    Returns
    -------
    rows
        Canonical columns as the file says them, `form`, `x`, `y`, `zone` of the position, `entry`
        (row of `register`), `fault`, `source_row` (from 1); RangeIndex.
    """
    rows = pd.concat([register, written[["form", "x", "y", "zone"]]], axis=1)
    rows["entry"] = np.arange(len(rows))
    fault = rows["fault"].to_numpy(dtype=object)
    x, y, zone = (rows[c].to_numpy(dtype=object).copy() for c in ("x", "y", "zone"))
    for i in np.flatnonzero(np.isin(fault, [str(p) for p in positions.LOST + positions.MENDABLE])):
        x[i], y[i], zone[i] = positions.spoil(rng, Problem(fault[i]), rows.iloc[i], plan)
    rows = rows.assign(
        **{c: pd.array(v, dtype="str") for c, v in (("x", x), ("y", y), ("zone", zone))}
    )
    rows["ruc"] = rows["ruc_written"]
    zero = fault == Problem.RESTORED_ZEROS
    rows.loc[zero, "declared_right_id"] = rows.loc[zero, "declared_right_id"].str[1:]
    odd = fault == Problem.MOJIBAKE
    rows.loc[odd, "registrant_name"] = rows.loc[odd, "registrant_name"].map(scramble)
    copies = rows[np.isin(fault, [str(Problem.DUPLICATE_RECORD), str(Problem.DUPLICATE_ID)])]
    later = (copies["fault"] == Problem.DUPLICATE_ID).astype(int)
    copies = copies.assign(registered_year=copies["registered_year"] + later)
    rows["fault"] = rows["fault"].mask(rows["entry"].isin(copies["entry"]), NONE)
    rows = pd.concat([rows, copies])
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    return rows.assign(source_row=np.arange(1, len(rows) + 1))
