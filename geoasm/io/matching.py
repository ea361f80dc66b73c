"""Which profile and role a file fits, by its columns and its geometry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geoasm.codes import FieldKind, Role
from geoasm.errors import MissingColumn, UnreadableSource
from geoasm.model import RawLayer, RoleSpec
from geoasm.normalize.columns import ColumnNames, supplies
from geoasm.profile import Profile

_KIND_OF_TYPE = {
    "Point": "point",
    "LineString": "line",
    "LinearRing": "line",
    "Polygon": "polygon",
}
_PRIVATE = (FieldKind.NAME, FieldKind.RUC)
GEOMETRY, NO_GEOMETRY = "geometry", "no geometry"
POSITION = "position"


@dataclass(frozen=True)
class Match:
    """How far a file fits one role: fields found, needs that nothing supplies, share explained."""

    profile: str
    role: Role
    found: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]  # what is needed, and the columns that would supply it
    explained: float  # share of the file's columns that the role reads or knows

    @property
    def fits(self) -> bool:
        """Whether the role can be read from the file without assumptions."""
        return not self.missing and bool(self.found)

    @property
    def misplaced(self) -> bool:
        """Whether the role needs another geometry than the file has."""
        return any(need in (GEOMETRY, NO_GEOMETRY) for need, _ in self.missing)


def geometry_kinds(frame: pd.DataFrame) -> tuple[str, ...]:
    """Name the kinds of geometry present, sorted: point, line, polygon, mixed; empty for a table."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return ()
    names = frame.geometry.geom_type.dropna().str.removeprefix("Multi").unique()
    return tuple(sorted({_KIND_OF_TYPE.get(n, "mixed") for n in names}))


def match_roles(frame: pd.DataFrame, profiles: Iterable[Profile]) -> list[Match]:
    """
    Try every role of every profile on a file's columns and geometry.

    Returns
    -------
    matches
        Best first: those that fit, then by the share of columns explained and the fields found.
    """
    names = ColumnNames(frame)
    kinds = geometry_kinds(frame)
    matches = [
        _match(names, kinds, profile.code, spec)
        for profile in profiles
        for spec in profile.roles.values()
    ]
    matches = [m for m in matches if m.found]
    return sorted(
        matches,
        key=lambda m: (
            not m.fits,
            m.misplaced,
            -m.explained,
            -len(m.found),
            m.profile,
            str(m.role),
        ),
    )


def _match(names: ColumnNames, kinds: tuple[str, ...], profile: str, spec: RoleSpec) -> Match:
    columns = {
        n: [c for s in supplies(names, f) for c in s.columns] for n, f in spec.fields.items()
    }
    found = tuple(n for n, used in columns.items() if used)
    missing = [(n, _spellings(spec, (n,))) for n, f in spec.fields.items() if f.required]
    missing += [(" or ".join(group), _spellings(spec, group)) for group in spec.need_one_of]
    missing = [(need, known) for need, known in missing if not set(need.split(" or ")) & set(found)]
    known = {c for used in columns.values() for c in used}
    known.update(names.find(spec.ignored))
    known.update(position_columns(names, spec))
    missing += _missing_place(names, kinds, spec)
    return Match(profile, spec.role, found, tuple(missing), len(known) / max(len(names.names), 1))


def position_columns(names: ColumnNames, spec: RoleSpec) -> list[str]:
    """Name the columns that state positions."""
    spellings = (s for p in spec.positions for s in (p.x_columns, p.y_columns, p.zone_columns))
    return [c for known in spellings for c in names.find(known)]


def _spellings(spec: RoleSpec, fields: Iterable[str]) -> str:
    columns = (c for n in fields for s in spec.fields[n].sources for c in s.columns)
    return ", ".join(dict.fromkeys(columns))


def _missing_place(
    names: ColumnNames, kinds: tuple[str, ...], spec: RoleSpec
) -> list[tuple[str, str]]:
    if spec.geometry == "none":
        return [(NO_GEOMETRY, "a plain table")] if kinds else []
    if kinds:
        alike = spec.geometry == "any" or spec.geometry in kinds or "mixed" in kinds
        return [] if alike else [(GEOMETRY, f"{spec.geometry}s; the file has {_plural(kinds)}")]
    for position in spec.positions:
        if names.find(position.x_columns) and names.find(position.y_columns):
            return []
    pairs = [f"{'/'.join(p.x_columns)} and {'/'.join(p.y_columns)}" for p in spec.positions]
    return [(POSITION, "; or ".join(pairs))] if pairs else [(GEOMETRY, f"{spec.geometry}s")]


def _plural(kinds: tuple[str, ...]) -> str:
    return " and ".join("mixed geometry" if k == "mixed" else f"{k}s" for k in kinds)


def private_columns(frame: pd.DataFrame, profiles: Iterable[Profile]) -> frozenset[str]:
    """Name the columns that any role of any profile reads as names or identity numbers."""
    names = ColumnNames(frame)
    fields = (f for p in profiles for spec in p.roles.values() for f in spec.fields.values())
    private = [s for f in fields if f.kind in _PRIVATE for s in f.sources]
    return frozenset(c for s in private for c in names.find(s.columns))


def check_role(
    raw: RawLayer,
    profile: Profile,
    others: Iterable[Profile],
    assumptions: Mapping[str, str] = {},
) -> None:
    """
    Make sure that a file can serve its role, before anything is read out of it.

    Parameters
    ----------
    others
        Profiles in which a better fit is looked for.
    assumptions
        Field to value, as `--assume` gives them for this role.

    Raises
    ------
    UnreadableSource
        The role needs another geometry than the file has.
    MissingColumn
        Needed columns are missing; the text says which, what fits better, and how to supply them.
    """
    spec = profile.roles[Role(raw.source.role)]
    names, kinds = ColumnNames(raw.frame), geometry_kinds(raw.frame)
    match = _match(names, kinds, profile.code, spec)
    missing = [
        (need, known)
        for need, known in match.missing
        if not set(need.split(" or ")) & set(assumptions)
    ]
    if not missing:
        return
    better = [
        m
        for m in match_roles(raw.frame, [profile, *others])
        if m.fits and m.explained > match.explained
    ]
    better.sort(key=lambda m: m.profile != profile.code)  # of the country asked for, if it has one
    hint = _better(better, spec.role)
    place = dict(missing).get(GEOMETRY)
    if place is not None and len(missing) == 1:
        raise UnreadableSource(
            f"{raw.source.name} cannot be {spec.role}: the role needs {place}{_no_geometry(kinds)}"
            f"; {hint or 'name a layer that has them'}"
        )
    parts = [f"{need} ({known})" for need, known in missing]
    assumable = [need.split(" or ")[0] for need, _ in missing if _assumable(need, spec)]
    ways = [hint] if hint else []
    if assumable and not better:
        ways.append(
            "supply one value for all rows with "
            + " ".join(f"--assume {spec.role}.{n}=VALUE" for n in assumable)
        )
    ways = ways or ["rename the column, or give another file"]
    raise MissingColumn(
        f"{raw.source.name} does not fit role {spec.role} of profile {profile.code}: "
        f"no column for {', '.join(parts)}; {'; or '.join(ways)}"
    )


def _assumable(need: str, spec: RoleSpec) -> bool:
    field = spec.fields.get(need.split(" or ")[0])
    return field is not None and field.kind is not FieldKind.CODE


def assumptions_for(match: Match, spec: RoleSpec) -> str | None:
    """Write the flags with which a file would fit; None where it lacks what nobody can assume."""
    if not match.missing or not all(_assumable(need, spec) for need, _ in match.missing):
        return None
    return " ".join(
        f"--assume {match.role}.{need.split(' or ')[0]}=VALUE" for need, _ in match.missing
    )


def _no_geometry(kinds: tuple[str, ...]) -> str:
    return "" if kinds else "; the file has no geometry"


def _better(matches: list[Match], role: Role) -> str:
    same = [m for m in matches if m.role == role] or matches
    return f"it fits profile {same[0].profile}, role {same[0].role}" if same else ""
