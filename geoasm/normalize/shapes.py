"""Geometry of a raw layer: tested, repaired, and put into the systems the work needs."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import Action, Problem
from geoasm.errors import CRSError, InputError
from geoasm.model import CrsPlan, RawLayer
from geoasm.normalize.findings import Findings
from geoasm.schema import OUTPUT_CRS

Bools = npt.NDArray[np.bool_]

_ROUNDING = 1e-9  # relative: what joining parts does to an area
_LEAST_TOLD = 1e-4  # of a share that is told in hundredths of a percent
_POINTS, _LINES, _POLYGONS, _COLLECTION = (0, 4), (1, 2, 5), (3, 6), 7
_ROUND, _POLE = 360.0, 90.0  # degrees: what lies beyond is nowhere on Earth
_WANTED = {"polygon": _POLYGONS, "line": _LINES, "point": _POINTS}


def shapes_of(raw: RawLayer, role: str) -> tuple[geometry.Geometries, str]:
    """
    Give a raw layer's geometries and their system.

    Raises
    ------
    InputError
        The layer has no geometry.
    CRSError
        It does not say in which system it is.
    """
    frame = raw.frame
    if not isinstance(frame, gpd.GeoDataFrame) or frame._geometry_column_name not in frame.columns:
        raise InputError(f"{raw.source.name}: {role} need geometry; this file has only a table")
    if frame.crs is None:
        raise CRSError(
            f"{raw.source.name}: no coordinate system; name it with --crs {role}=EPSG:CODE"
        )
    return np.asarray(frame.geometry.array, dtype=object), frame.crs.to_string()


def clean(shapes: geometry.Geometries, wanted: str, findings: Findings) -> geometry.Geometries:
    """
    Test and repair geometries; those of no use are set aside and become None.

    Parameters
    ----------
    wanted
        "polygon", "line", "point" or "any".
    findings
        Of the layer whose frame the geometries belong to, row for row.
    """
    index = findings.gone.index
    out = np.array(shapes, dtype=object, copy=True)
    empty = shapely.is_missing(out) | shapely.is_empty(out)
    findings.add(
        Problem.EMPTY_GEOMETRY, Action.SET_ASIDE, index[empty], field="geometry", detail="no shape"
    )
    out[empty] = None
    _set_aside_unreal(out, findings, index)
    has_height = shapely.has_z(out)
    if has_height.any():
        findings.add_file(
            Problem.HEIGHTS_DROPPED,
            Action.MENDED,
            field="geometry",
            detail=f"heights left out of {int(has_height.sum())} shapes",
        )
    if (shapely.get_coordinate_dimension(out) > 2).any():  # heights, or measures
        out = shapely.force_2d(out)
    _select(out, wanted, findings, index)
    return _mend(out, findings, index)


def _set_aside_unreal(out: geometry.Geometries, findings: Findings, index: pd.Index) -> None:
    """Set aside geometries with a coordinate that is no number, which nothing can repair."""
    if np.isfinite(shapely.get_coordinates(out)).all():
        return
    coordinates, owner = shapely.get_coordinates(out, return_index=True)
    unreal = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    findings.add(
        Problem.INVALID_GEOMETRY,
        Action.SET_ASIDE,
        index[unreal],
        field="geometry",
        detail="a coordinate is infinite, or no number",
    )
    out[unreal] = None


def _select(out: geometry.Geometries, wanted: str, findings: Findings, index: pd.Index) -> None:
    """Keep the geometries of the wanted kind; of collections, their parts of that kind."""
    if wanted == "any":
        return
    before = out.copy()
    mixed = shapely.get_type_id(out) == _COLLECTION
    for i in np.flatnonzero(mixed):
        out[i] = _parts_of_kind(out[i], _WANTED[wanted])
    kinds = shapely.get_type_id(out)
    kept = mixed & np.isin(kinds, _WANTED[wanted])
    findings.add(
        Problem.WRONG_GEOMETRY_TYPE,
        Action.MENDED,
        index[kept],
        field="geometry",
        values="GeometryCollection",
        detail=f"only its {wanted} parts are kept",
    )
    wrong = ~np.isin(kinds, _WANTED[wanted]) & ~shapely.is_missing(out)
    wrong |= mixed & shapely.is_missing(out)
    named = [shapely.GeometryType(k).name.title() for k in shapely.get_type_id(before[wrong])]
    findings.add(
        Problem.WRONG_GEOMETRY_TYPE,
        Action.SET_ASIDE,
        index[wrong],
        field="geometry",
        values=named,
        detail=f"a {wanted} is needed",
    )
    out[wrong] = None


def _parts_of_kind(collection: Any, kinds: tuple[int, ...]) -> Any:
    parts = shapely.get_parts(collection)
    while np.any(shapely.get_type_id(parts) == _COLLECTION):
        parts = shapely.get_parts(parts)
    keep = parts[np.isin(shapely.get_type_id(parts), kinds)]
    return shapely.union_all(keep) if len(keep) else None


def _mend(out: geometry.Geometries, findings: Findings, index: pd.Index) -> geometry.Geometries:
    areal = np.isin(shapely.get_type_id(out), _POLYGONS)
    broken = np.flatnonzero(areal & ~shapely.is_valid(out))
    if not len(broken):
        return out
    mended, _ = geometry.repair(out[broken])
    reasons = pd.Series(None, index=index, dtype="str")
    parts, owner = shapely.get_parts(out[broken], return_index=True)
    tell_self_overlaps(
        index[broken[owner]],
        geometry.repair(parts)[0],
        pd.Series(mended, index=index[broken]),
        findings,
    )
    reasons.iloc[broken] = shapely.is_valid_reason(out[broken])
    out[broken] = mended
    lost = np.zeros(len(out), dtype=bool)
    lost[broken] = shapely.is_empty(out[broken])
    fixed = np.setdiff1d(broken, np.flatnonzero(lost))
    findings.add(
        Problem.INVALID_GEOMETRY,
        Action.MENDED,
        index[fixed],
        field="geometry",
        values=reasons.str.replace(r"\[.*", "", regex=True).str.strip(),
        detail="made valid: " + reasons,
    )
    findings.add(
        Problem.EMPTY_GEOMETRY,
        Action.SET_ASIDE,
        index[lost],
        field="geometry",
        detail="it has no area: " + reasons,
    )
    out[lost] = None
    return out


def tell_self_overlaps(
    owner: pd.Index, parts: geometry.Geometries, joined: pd.Series, findings: Findings
) -> None:
    """
    Doubt rows whose parts overlap each other, as their areas sum to more than they cover.

    Parameters
    ----------
    owner
        Row label of each part.
    parts
        Valid polygons.
    joined
        What the parts of each row cover together, by row label.
    """
    whole = pd.Series(shapely.area(parts)).groupby(owner).sum().reindex(joined.index)
    share = 1 - pd.Series(shapely.area(joined.to_numpy(dtype=object)), index=joined.index) / whole
    share = share[share > _ROUNDING]
    findings.add(
        Problem.SELF_OVERLAP,
        Action.DOUBTED,
        share.index,
        field="geometry",
        detail=[f"{_told(s)} of the area of its parts is in several; counted once" for s in share],
    )


def _told(share: float) -> str:
    return f"{share:.2%}" if share >= _LEAST_TOLD else f"less than {_LEAST_TOLD:.2%}"


def convert(
    shapes: geometry.Geometries, source: str, target: str, plan: CrsPlan
) -> geometry.Geometries:
    """Convert geometries; those with a vertex that has no place in the target become None."""
    step = geometry.operation(source, target, plan)
    vertices, owner = shapely.get_coordinates(shapes, return_index=True)
    moved = np.column_stack(step.points(vertices[:, 0], vertices[:, 1]))
    out = np.array(shapes, dtype=object, copy=True)
    if np.array_equal(moved, vertices):
        return out
    lost = np.zeros(len(out), dtype=bool)
    lost[owner[~np.isfinite(moved).all(axis=1)]] = True
    out[lost] = None
    placed: geometry.Geometries = shapely.set_coordinates(out, moved[~lost[owner]])
    return placed


def in_degrees(
    shapes: geometry.Geometries, crs: str, plan: CrsPlan, findings: Findings
) -> geometry.Geometries:
    """Convert geometries to EPSG:4326; those that lie nowhere on Earth are set aside."""
    degrees = convert(shapes, crs, OUTPUT_CRS, plan)
    west, south, east, north = shapely.bounds(degrees).T
    beyond = (west < -_ROUND) | (east > _ROUND) | (south < -_POLE) | (north > _POLE)
    lost = (shapely.is_missing(degrees) & ~shapely.is_missing(shapes)) | beyond
    set_aside_nowhere(findings.gone.index[lost], findings)
    return degrees


def set_aside_nowhere(rows: pd.Index, findings: Findings) -> None:
    """Set aside rows with coordinates that their system does not reach."""
    findings.add(
        Problem.OUTSIDE_COUNTRY,
        Action.SET_ASIDE,
        rows,
        field="geometry",
        detail="coordinates that lie nowhere on Earth, or too far away to be drawn",
    )


def set_aside_outside(degrees: geometry.Geometries, plan: CrsPlan, findings: Findings) -> None:
    """Set aside the geometries that lie wholly outside the country's bounds."""
    index = findings.gone.index
    west, south, east, north = plan.bounds
    box = shapely.bounds(degrees)
    away = (box[:, 2] < west) | (box[:, 0] > east) | (box[:, 3] < south) | (box[:, 1] > north)
    centre = pd.Series(None, index=index, dtype="str")
    centre[away] = [f"{(w + e) / 2:.4f}, {(s + n) / 2:.4f}" for w, s, e, n in box[away]]
    findings.add(
        Problem.OUTSIDE_COUNTRY,
        Action.SET_ASIDE,
        index[away],
        field="geometry",
        values=centre,
        detail="longitude, latitude of its middle; the profile's bounds end before",
    )
