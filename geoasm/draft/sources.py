"""The files that a draft is made from: what each is to a run, and which of its columns say what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import numpy as np

from geoasm.codes import Role
from geoasm.draft.places import bounds_of, middles
from geoasm.draft.proposals import Bounds, Columns, Proposal
from geoasm.draft.words import Catalogue
from geoasm.errors import CRSError, InputError, OptionError
from geoasm.io import examples
from geoasm.io.crs_check import find_fault
from geoasm.io.layers import labelled, read_layer
from geoasm.io.matching import geometry_kinds
from geoasm.model import PositionSpec, RawLayer
from geoasm.profile import Profile


@dataclass(frozen=True)
class Drawn:
    """One file, what it is to a run, and the columns proposed for each field."""

    raw: RawLayer
    role: Role | None  # None: a person has to say
    columns: Columns
    proposals: Mapping[str, Proposal]
    positions: tuple[PositionSpec, ...]
    is_stated: bool = False  # the user said what it is

    @property
    def name(self) -> str:
        """The file's name, and its layer where it has several."""
        source = self.raw.source
        return f"{source.name}:{source.layer}" if source.layer else source.name


def read_sources(
    files: Sequence[tuple[Role | None, str]],
    catalogue: Catalogue,
    profiles: Sequence[Profile],
    *,
    on: date,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
) -> list[Drawn]:
    """
    Read the files and find out what each is to a run.

    Parameters
    ----------
    files
        Role, where the user states it, and file.
    on
        Day of the draft: dates are read as of it.

    Raises
    ------
    InputError
        A file cannot be read, or has neither geometry nor columns of positions.
    OptionError
        Two files look like the same role, or a role is none that is drafted.
    """
    layers = [_read(role, text, catalogue, encoding) for role, text in files]
    found: dict[int, Drawn] = {}
    # Tables after layers: columns that no word tells are known by lying where the outlines are.
    for n in sorted(range(len(layers)), key=lambda n: not _is_spatial(layers[n][1])):
        role, raw = layers[n]
        columns = Columns(raw.frame, catalogue, profiles, on)
        ground = None if _is_spatial(raw) else _ground(drawn.raw for drawn in found.values())
        drawn = _placed(raw, role, columns, catalogue, ground)
        found[n] = _relabelled(drawn, crs, profiles)
    in_order = [found[n] for n in sorted(found)]
    _check_roles(in_order)
    return in_order


def _is_spatial(raw: RawLayer) -> bool:
    return isinstance(raw.frame, gpd.GeoDataFrame)


def _read(
    role: Role | None, text: str, catalogue: Catalogue, encoding: Mapping[Role, str]
) -> tuple[Role | None, RawLayer]:
    if role is not None and role not in catalogue.fields:
        known = ", ".join(catalogue.fields)
        raise OptionError(f"--from {role}={text}: no such role is drafted; roles: {known}")
    raw = read_layer(text, str(role or "ROLE"), encoding=encoding.get(role) if role else None)
    if examples.is_headless(list(map(str, raw.frame.columns))):
        raise InputError(
            f"{raw.source.name}: its first row looks like data, not like names of columns; "
            "put a row of names above it"
        )
    return role, raw


def _ground(layers: Iterable[RawLayer]) -> Bounds | None:
    """Tell where the country is by the outlines of its layers, as far as they state a system."""
    frames = [r.frame for r in layers if isinstance(r.frame, gpd.GeoDataFrame) and r.frame.crs]
    at = [middles(frame, ()) for frame in frames]
    at = [places for places in at if len(places)]
    return bounds_of(np.concatenate(at)) if at else None


def _placed(
    raw: RawLayer,
    stated: Role | None,
    columns: Columns,
    catalogue: Catalogue,
    ground: Bounds | None,
) -> Drawn:
    kinds = geometry_kinds(raw.frame)
    positions = tuple(columns.positions(None if kinds else ground))
    role = stated or _role_of(kinds, positions, columns)
    if role is not None:
        _check_place(raw, role, kinds, positions, catalogue)
    elif not kinds and not positions:
        raise InputError(
            f"{raw.source.name} has neither geometry nor columns of coordinates: a draft needs polygons "
            "of rights, and points or a table with longitude and latitude"
        )
    taken = {c for p in positions for c in (*p.x_columns, *p.y_columns, *p.zone_columns)}
    taken = taken if role is Role.REGISTRATIONS else set()
    proposals = columns.propose(role, taken) if role is not None else {}
    return Drawn(raw, role, columns, proposals, positions, stated is not None)


def _role_of(
    kinds: tuple[str, ...], positions: Sequence[PositionSpec], columns: Columns
) -> Role | None:
    """Take polygons with code and holder for rights, places with a code for registrations."""
    if "polygon" in kinds:
        found = columns.propose(Role.CONCESSIONS)
        return Role.CONCESSIONS if {"concession_id", "holder_name"} <= set(found) else None
    if kinds == ("point",) or (not kinds and positions):
        found = columns.propose(Role.REGISTRATIONS)
        return Role.REGISTRATIONS if "registration_id" in found else None
    return None


def _check_place(
    raw: RawLayer,
    role: Role,
    kinds: tuple[str, ...],
    positions: Sequence[PositionSpec],
    catalogue: Catalogue,
) -> None:
    wanted = catalogue.geometry[role]
    if wanted in kinds or (role is Role.REGISTRATIONS and not kinds and positions):
        return
    has = ", ".join(f"{kind}s" for kind in kinds) or "no geometry"
    also = ", or columns of longitude and latitude" if role is Role.REGISTRATIONS else ""
    raise InputError(f"{raw.source.name} cannot be {role}: it has {has}; give {wanted}s{also}")


def _relabelled(drawn: Drawn, crs: Mapping[Role, str], profiles: Sequence[Profile]) -> Drawn:
    """Put the system that the user states on a layer, and refuse one that coordinates contradict."""
    raw, role = drawn.raw, drawn.role
    if role is None:
        return drawn
    raw = replace(raw, source=replace(raw.source, role=str(role)))
    if role in crs:
        raw = labelled(raw, crs[role])
    if isinstance(raw.frame, gpd.GeoDataFrame):
        fault = find_fault(raw.frame, role, raw.source.name, [p.crs for p in profiles])
        # Swapped axes are told by countries that are known, and this one is not.
        if fault is not None and "swapped" not in fault.problem:
            raise CRSError(f"{raw.source.name}: {fault.problem}; {fault.remedy}")
    return replace(drawn, raw=raw)


def _check_roles(found: Sequence[Drawn]) -> None:
    first: dict[Role, Drawn] = {}
    if not any(drawn.role for drawn in found):
        names = ", ".join(drawn.name for drawn in found)
        raise OptionError(
            f"no column tells whether {names} has rights or registrations: say what it is, as in "
            f"--from {Role.CONCESSIONS}=FILE"
        )
    for drawn in found:
        if drawn.role is None:
            continue
        if drawn.role in first:
            raise OptionError(
                f"{first[drawn.role].name} and {drawn.name} both look like {drawn.role}: say what each is, "
                f"as in --from {drawn.role}=FILE --from asm_zones=FILE"
            )
        first[drawn.role] = drawn
