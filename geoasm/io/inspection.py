"""What a file holds, which role it fits, and what looks wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm.codes import FieldKind
from geoasm.errors import GeoasmError
from geoasm.io import examples
from geoasm.io.crs_check import find_fault
from geoasm.io.layers import Dataset, Entry, open_dataset
from geoasm.io.matching import (
    GEOMETRY,
    POSITION,
    Match,
    assumptions_for,
    match_roles,
    position_columns,
    private_columns,
)
from geoasm.model import CrsPlan, RawLayer, RoleSpec
from geoasm.normalize.columns import ID_FIELD, ColumnNames, supplies
from geoasm.parsing.text import unscramble_series
from geoasm.profile import Profile

NOT_USED = "not used"


@dataclass(frozen=True)
class Column:
    """One column: what it holds, never a value that may name a person."""

    name: str
    dtype: str
    empty_share: float
    distinct: int
    field: str | None  # of the role that fits, `position`, or `not used`; None: unknown column
    example: str | None  # None where nothing proves that values are not personal


@dataclass(frozen=True)
class Finding:
    """Something that looks wrong, and what mends it."""

    problem: str
    remedy: str


@dataclass(frozen=True)
class LayerReport:
    """One layer as `geoasm inspect` shows it."""

    file: str
    layer: str | None
    rows: int
    geometry: dict[str, int]  # type to count
    crs: str | None
    bounds: tuple[float, float, float, float] | None  # in the layer's own system
    encoding: str | None
    columns: tuple[Column, ...]
    matches: tuple[Match, ...]
    findings: tuple[Finding, ...]

    @property
    def best(self) -> Match | None:
        """The role that the layer fits best, if any."""
        return self.matches[0] if self.matches and self.matches[0].fits else None


def inspect_file(
    text: str, profiles: Sequence[Profile], *, encoding: str | None = None
) -> tuple[list[LayerReport], list[GeoasmError]]:
    """
    Look at every layer of a file.

    Parameters
    ----------
    text
        `path` or `path:layer`.
    profiles
        Countries whose roles are tried.

    Returns
    -------
    reports, errors
        One report a layer that can be read; one error for each that cannot.
    """
    reports: list[LayerReport] = []
    errors: list[GeoasmError] = []
    try:
        with open_dataset(text) as dataset:
            entries = [dataset.choose()] if dataset.location.layer else dataset.entries
            for entry in entries:
                try:
                    reports.append(_report(dataset, entry, profiles, encoding))
                except GeoasmError as err:
                    errors.append(err)
    except GeoasmError as err:  # of the file as a whole
        return [], [err]
    return reports, errors


def _report(
    dataset: Dataset, entry: Entry, profiles: Sequence[Profile], encoding: str | None
) -> LayerReport:
    raw = dataset.read(entry, "ROLE", encoding=encoding)
    frame = raw.frame
    matches = tuple(match_roles(frame, profiles))
    best = matches[0] if matches and matches[0].fits else None
    spec = _spec(best, profiles)
    spatial = isinstance(frame, gpd.GeoDataFrame)
    return LayerReport(
        file=raw.source.name,
        layer=raw.source.layer,
        rows=raw.source.rows,
        geometry=_types(frame) if spatial else {},
        crs=raw.source.crs_read,
        bounds=_bounds(frame) if spatial else None,
        encoding=raw.source.encoding,
        columns=tuple(_columns(frame, spec, private_columns(frame, profiles))),
        matches=matches,
        findings=tuple(_findings(raw, matches[0] if matches else None, profiles)),
    )


def _spec(match: Match | None, profiles: Sequence[Profile]) -> RoleSpec | None:
    if match is None:
        return None
    return next(p.roles[match.role] for p in profiles if p.code == match.profile)


def _types(frame: gpd.GeoDataFrame) -> dict[str, int]:
    names = frame.geometry.geom_type.fillna("none")
    return {str(k): int(v) for k, v in names.value_counts().sort_index().items()}


def _bounds(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float] | None:
    total = shapely.total_bounds(frame.geometry.to_numpy()) if len(frame) else np.full(4, np.nan)
    if not np.isfinite(total).all():
        return None
    west, south, east, north = (float(v) for v in total)
    return west, south, east, north


def _columns(frame: pd.DataFrame, spec: RoleSpec | None, private: frozenset[str]) -> list[Column]:
    names = ColumnNames(frame)
    fields: dict[str, list[str]] = {}
    other: dict[str, str] = {}
    if spec is not None:
        for name, field in spec.fields.items():
            for column in (c for s in supplies(names, field) for c in s.columns):
                fields.setdefault(column, []).append(name)
        other = dict.fromkeys(names.find(spec.ignored), NOT_USED)
        other |= dict.fromkeys(position_columns(names, spec), POSITION)
    codes = {n for n, f in (spec.fields if spec else {}).items() if f.kind is FieldKind.CODE}
    personal = examples.numbers_of(frame, private)
    headless = examples.is_headless(list(map(str, names.names)))
    out = []
    for at, name in enumerate(names.names, start=1):
        used = fields.get(name, [])
        use = ", ".join(used) or other.get(name)
        shown = bool(used) and name not in private
        is_code = not codes.isdisjoint(used)
        told = _column(frame[name], use, personal if shown else None, is_code=is_code)
        # A row that stands where names should may be somebody's.
        out.append(replace(told, name=f"column {at}") if headless and use is None else told)
    return out


def _column(
    values: pd.Series, field: str | None, personal: frozenset[str] | None, *, is_code: bool
) -> Column:
    empty = values.isna()
    if values.dtype == "str":
        empty |= values.str.strip().eq("").fillna(False)
    filled = values[~empty]
    return Column(
        name=str(values.name),
        dtype=pd.api.types.infer_dtype(filled) if values.dtype == "object" else str(values.dtype),
        empty_share=float(empty.mean()) if len(values) else 0.0,
        distinct=int(filled.nunique()),
        field=field,
        example=None if personal is None else examples.choose(filled, personal, is_code=is_code),
    )


def _findings(raw: RawLayer, near: Match | None, profiles: Sequence[Profile]) -> list[Finding]:
    frame = raw.frame
    best = near if near is not None and near.fits else None
    spec = _spec(best, profiles)
    near_spec = _spec(near, profiles)
    flags = assumptions_for(near, near_spec) if near is not None and near_spec else None
    role = str(near.role) if near is not None and (best or flags) else "ROLE"
    found: list[Finding] = []
    if raw.source.rows == 0:
        return [Finding("it has no rows", "check the export or its filter")]
    if raw.broken is not None:
        found.append(
            Finding(
                f"{_count(len(raw.broken), 'record')} of {raw.source.rows} cannot be read",
                "a run sets such records aside and lists them; export the file again to have them",
            )
        )
    if isinstance(frame, gpd.GeoDataFrame):
        plans = [p.crs for p in profiles if best is None or p.code == best.profile]
        fault = find_fault(frame, role, raw.source.name, plans)
        if fault is not None:
            found.append(Finding(fault.problem, fault.remedy))
        elif best is not None:
            found += _about_bounds(frame, best, plans[0])
        found += _about_geometry(raw, frame)
    found += _about_text(frame, role, raw.source.encoding)
    if examples.is_headless(list(map(str, ColumnNames(frame).names))):
        remedy = "put a row of names above it, and export the file with it"
        found.append(Finding("the first row looks like data, not like names of columns", remedy))
    if spec is not None:
        found += _about_ids(frame, spec)
    elif near is not None and flags is not None:
        found.append(
            Finding(f"as {near.role} of profile {near.profile} it lacks {unmet(near)}", flags)
        )
    return found


def _about_bounds(frame: gpd.GeoDataFrame, best: Match, plan: CrsPlan) -> list[Finding]:
    if frame.crs is None or not frame.crs.is_geographic:
        return []
    west, south, east, north = plan.bounds
    values = frame.geometry.to_numpy()
    outside = ~shapely.intersects(values, shapely.box(west, south, east, north))
    number = int((outside & ~shapely.is_missing(values) & ~shapely.is_empty(values)).sum())
    if not number:
        return []
    return [
        Finding(
            f"{_count(number, 'row')} outside the bounds of profile {best.profile}",
            "a run sets such rows aside and lists them",
        )
    ]


def _about_geometry(raw: RawLayer, frame: gpd.GeoDataFrame) -> list[Finding]:
    values = frame.geometry.to_numpy()
    empty = shapely.is_missing(values) | shapely.is_empty(values)
    invalid = ~shapely.is_valid(values) & ~empty
    types = {t.removeprefix("Multi") for t in frame.geometry.geom_type.dropna().unique()}
    found = []
    if empty.any():
        found.append(
            Finding(
                f"{_count(empty.sum(), 'row')} without geometry",
                "a run sets such rows aside and lists them",
            )
        )
    if invalid.any():
        found.append(
            Finding(
                f"{_count(invalid.sum(), 'invalid geometry', 'invalid geometries')}",
                "a run repairs such geometries and lists them",
            )
        )
    if shapely.has_z(values).any():
        found.append(Finding("coordinates have a height (3-D)", "a run drops the heights"))
    if raw.curved:
        found.append(Finding("boundaries have arcs", "they are read as short straight segments"))
    if len(types) > 1:
        found.append(
            Finding(
                f"geometry types are mixed: {', '.join(sorted(types))}",
                "a run sets aside those that the role cannot have",
            )
        )
    return found


def _about_text(frame: pd.DataFrame, role: str, encoding: str | None) -> list[Finding]:
    garbled, lost = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    for name in frame.columns[frame.dtypes == "str"]:
        values = frame[name].fillna("")
        garbled |= (unscramble_series(values) != values).to_numpy()
        lost |= values.str.contains("\ufffd").to_numpy()
    found = []
    if garbled.any():
        found.append(
            Finding(
                f"{_count(garbled.sum(), 'row')} ({garbled.mean():.0%}) with mojibake, "
                "UTF-8 read as another encoding",
                "a run undoes it where that is certain, and lists it"
                + (
                    ""
                    if encoding == "UTF-8"
                    else f"; or read the file with --encoding {role}=utf-8"
                ),
            )
        )
    if lost.any():
        found.append(
            Finding(
                f"{_count(lost.sum(), 'row')} with characters lost before the file was written",
                "they cannot be brought back; fetch the file again from its source",
            )
        )
    return found


def _about_ids(frame: pd.DataFrame, spec: RoleSpec) -> list[Finding]:
    field = spec.fields.get(ID_FIELD.get(spec.role, ""))
    if field is None or field.kind is not FieldKind.CODE:
        return []
    columns = [c for s in supplies(ColumnNames(frame), field) for c in s.columns]
    if not columns:
        return []
    values = frame[columns[0]]
    repeated = values[values.notna()].duplicated(keep=False)
    if not repeated.any():
        return []
    if spec.latest_by is not None:
        remedy = f"a run keeps the latest by {spec.latest_by} and lists the others"
    else:
        remedy = "a run merges parts of one feature, and lists duplicates"
    return [Finding(f"{repeated.sum()} rows share their {columns[0]} with another", remedy)]


def _count(number: Any, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def unmet(match: Match) -> str:
    """Say what a file would still need to fit a role."""
    parts = []
    for need, known in match.missing:
        if need in (GEOMETRY, POSITION):
            parts.append(f"{need}: {known}")
        else:
            parts.append(f"{need} ({known})")
    return "; ".join(parts)
