"""Layers, registers and tables of Peru whose cells, columns, index and system may be anything."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from geoasm.codes import Role
from geoasm.io.profiles import load_profile
from geoasm.model import RoleSpec
from tests.fuzz_frames import values
from tests.fuzz_frames.shapes import SYSTEMS, plain, shapes

PE = load_profile("pe")
TABLES = tuple(r for r in PE.roles if PE.roles[r].geometry == "none")
LAYERS = tuple(
    r for r in PE.roles
    if PE.roles[r].geometry != "none" and r not in (Role.CONCESSIONS, Role.REGISTRATIONS)
)  # fmt: skip
_TOGETHER = ("status", "right_type", "status_code", "origin")  # fields that share columns
MOST_ROWS = 7


def rarely(times: int) -> st.SearchStrategy[bool]:
    """True once in so many times; in the middle of the range, whose ends are tried more often."""
    return st.integers(0, times).map(lambda n: n == times // 2)


@st.composite
def columns(draw: st.DrawFn, spec: RoleSpec, n: int, *, objects: bool) -> dict[str, Any]:
    """The columns that a role reads, each by one of its spellings; now and then one is missing."""
    out: dict[str, Any] = {}
    for name, field in spec.fields.items():
        needed = field.required or name in ("ruc", "registrant_name", "holder_name")
        if draw(rarely(60 if needed else 3)):
            continue
        spellings = [c for source in field.sources for c in source.columns]
        spelling = draw(st.sampled_from(spellings))
        if name in _TOGETHER and spelling in out:
            continue
        good = values.spelt(name, field.kind)
        if name in ("registration_id", "concession_id") and draw(st.booleans()):
            good = st.sampled_from([f"01{i:05d}16" for i in range(4)])
        out[spelling] = draw(values.column(n, good, objects=objects))
    return out


_more_names = st.one_of(
    st.sampled_from(
        ["geometry", "source_row", "index", "COD_REINFO", "estado ", "ZONA", "\ud800", ""]
    ),
    values.text,
)


@st.composite
def _unusual(draw: st.DrawFn, frame: pd.DataFrame) -> pd.DataFrame:
    """An index and column names as notebooks leave them."""
    n = len(frame)
    what = draw(st.integers(-10, 15))
    if what == 0:
        frame.index = pd.Index(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    elif what == 1:
        frame.index = pd.MultiIndex.from_product([["a"], range(n)])
    elif what == 2:
        frame.index = pd.DatetimeIndex(["2001-01-01"] * n)
    elif what == 3 and len(frame.columns):
        at = draw(st.integers(0, len(frame.columns) - 1))
        if at != list(frame.columns).index(
            getattr(frame, "_geometry_column_name", frame.columns[0])
        ):
            frame = frame.iloc[:, [*range(len(frame.columns)), at]]
    elif what == 4 and len(frame.columns):
        first = next(
            (c for c in frame.columns if c not in ("geometry", "shape", "the_geom", 0)), None
        )
        frame = frame if first is None else frame.rename(columns={first: draw(_label)})
    elif what == 5:
        name, names = draw(_more_names), list(frame.columns)
        if name not in names:
            frame["more"] = draw(values.column(n, values.text, objects=True))
            # As objects, for as text pandas itself refuses a lone surrogate.
            frame = frame.set_axis(pd.Index([*names, name], dtype=object), axis=1)
    return frame


_label = st.sampled_from([0, 1.5, None, ("a", "b"), np.nan, pd.Timestamp("2001-01-01"), b"x"])


@st.composite
def layers(
    draw: st.DrawFn, role: Role, *, objects: bool = True, good: bool = False
) -> gpd.GeoDataFrame:
    """A layer of a role, in whatever system; a good one is in degrees."""
    spec = PE.roles[role]
    n = draw(st.integers(1, MOST_ROWS))
    frame = pd.DataFrame(draw(columns(spec, n, objects=objects)), index=range(n))
    geometry = draw(st.lists(shapes[spec.geometry], min_size=n, max_size=n))
    if not draw(rarely(20)):
        geometry[draw(st.integers(0, n - 1))] = draw(
            plain[spec.geometry]
        )  # or no row fits the role
    placed = gpd.GeoDataFrame(frame, geometry=list(geometry), crs="EPSG:4326")
    system = "EPSG:4326" if good else draw(st.sampled_from(SYSTEMS))
    if system != "EPSG:4326":
        moved = placed
        if system is not None and not draw(rarely(3)):
            moved = _moved(placed, system)
        placed = moved.set_crs(system, allow_override=True)
    if objects and draw(rarely(12)):
        placed = placed.rename_geometry(draw(st.sampled_from(["shape", "the_geom", 0])))
    return draw(_unusual(placed)) if objects else placed


def _moved(frame: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    try:
        return frame.to_crs(system)
    except Exception:  # noqa: BLE001 - some shapes cannot be moved: then the label alone is wrong
        return frame


@st.composite
def registers(draw: st.DrawFn, *, objects: bool = True) -> pd.DataFrame:
    """A register: a table with positions in columns, or points."""
    if draw(rarely(4)):
        return draw(layers(Role.REGISTRATIONS, objects=objects))
    spec = PE.roles[Role.REGISTRATIONS]
    n = draw(st.integers(1, MOST_ROWS))
    out = draw(columns(spec, n, objects=objects))
    if not draw(rarely(9)):
        lon = st.one_of(
            st.floats(-75.02, -74.97).map("{:.5f}".format), st.sampled_from(values.ANGLES)
        )
        lat = st.one_of(
            st.floats(-10.02, -9.97).map("{:.5f}".format), st.sampled_from(values.ANGLES)
        )
        out["LONGITUD_G84"] = draw(values.column(n, lon, objects=objects))
        out["LATITUD_G84"] = draw(values.column(n, lat, objects=objects))
    if draw(st.booleans()):
        metres = st.sampled_from(values.METRES)
        out["ESTE"] = draw(values.column(n, metres, objects=objects))
        out["NORTE"] = draw(values.column(n, metres, objects=objects))
        out["ZONA"] = draw(values.column(n, st.sampled_from(values.ZONES), objects=objects))
    frame = pd.DataFrame(out, index=range(n))
    return draw(_unusual(frame)) if objects else frame


@st.composite
def tables(draw: st.DrawFn, role: Role, *, objects: bool = True) -> pd.DataFrame:
    """A side table of a role."""
    n = draw(st.integers(1, MOST_ROWS))
    frame = pd.DataFrame(draw(columns(PE.roles[role], n, objects=objects)), index=range(n))
    return draw(_unusual(frame)) if objects else frame


@st.composite
def several(draw: st.DrawFn, roles: tuple[Role, ...], most: int) -> dict[str, pd.DataFrame]:
    """Some side tables or context layers by role."""
    chosen = draw(st.lists(st.sampled_from(roles), max_size=most, unique=True))
    return {
        role.value: draw(tables(role) if PE.roles[role].geometry == "none" else layers(role))
        for role in chosen
    }
