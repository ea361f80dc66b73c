"""One country twice: a world of cells, and the same a year later with any of some changes planted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
from shapely import box

import geoasm
from geoasm.codes import LAYER_ROLES, TABLE_ROLES, Role
from geoasm.model import Result
from tests import cells

Frames = dict[Role, Any]
Classes = tuple[str | None, str | None, str]


_NONE: Mapping[str, Any] = MappingProxyType({})


class Edit(NamedTuple):
    """A change of the world, what must be found in rights, and class before, after and cause."""

    make: Callable[[Frames], None]
    rights: Mapping[str, set[str]] = _NONE
    classes: Mapping[str, Classes] = _NONE
    others: Mapping[str, str] = _NONE  # registrations that change, and not their class


def run(frames: Frames, on: date = date(2024, 6, 1), **options: Any) -> Result:
    return geoasm.analyze(
        concessions=frames[Role.CONCESSIONS],
        registrations=frames[Role.REGISTRATIONS],
        layers={r.value: f for r, f in frames.items() if r in LAYER_ROLES},
        tables={r.value: f for r, f in frames.items() if r in TABLE_ROLES},
        on=on,
        **options,
    )


def _right(code: str, **values: Any) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        rights = frames[Role.CONCESSIONS]
        for name, value in values.items():
            rights.loc[rights["CODIGOU"] == code, name] = value

    return edit


def _ground(code: str, shape: Any) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        rights = frames[Role.CONCESSIONS]
        row = rights.index[rights["CODIGOU"] == code]
        rights.loc[row, "geometry"] = gpd.GeoSeries([shape], index=row, crs=cells.ZONE)

    return edit


def _remove(code: str) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        rights = frames[Role.CONCESSIONS]
        frames[Role.CONCESSIONS] = rights[rights["CODIGOU"] != code].reset_index(drop=True)

    return edit


def _add(*made: gpd.GeoDataFrame) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        frames[Role.CONCESSIONS] = pd.concat([frames[Role.CONCESSIONS], *made], ignore_index=True)

    return edit


def _copy(code: str, shape: Any, **values: Any) -> gpd.GeoDataFrame:
    rights = cells.concessions()
    row = rights[rights["CODIGOU"] == code].assign(**values)
    return row.set_geometry([shape], crs=cells.ZONE)


def _both(*edits: Callable[[Frames], None]) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        for one in edits:
            one(frames)

    return edit


def _strata(frames: Frames) -> None:
    row = pd.DataFrame({"holder": [cells.NEW], "stratum": ["PPM"], "date": "2023-01-01"})
    frames[Role.STRATA] = pd.concat([frames[Role.STRATA], row], ignore_index=True)


def _penalties(frames: Frames) -> None:
    rows = frames[Role.PENALTIES]
    frames[Role.PENALTIES] = rows[rows["year"] == "2010"].reset_index(drop=True)


def _away(role: Role) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        frames[role] = frames[role].set_geometry([cells.cell(30)], crs=cells.ZONE)

    return edit


def _registration(code: str, **values: Any) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        rows = frames[Role.REGISTRATIONS]
        for name, value in values.items():
            rows.loc[rows["COD_REINFO"] == code, name] = value

    return edit


def _unregister(frames: Frames) -> None:
    rows = frames[Role.REGISTRATIONS]
    frames[Role.REGISTRATIONS] = rows[rows["COD_REINFO"] != "REG15"].reset_index(drop=True)


def _place(cell: int) -> dict[str, str]:
    x, y = cells.DEGREES.transform(cells.X + cell * 2000 + 500, cells.Y + 500)
    return {"LONGITUD_G84": f"{x:.7f}", "LATITUD_G84": f"{y:.7f}"}


def _register(frames: Frames) -> None:
    rows = frames[Role.REGISTRATIONS]
    stranger = {"NOMBRE_MIN": "GOMEZ LUIS", "M_RUC": cells.ruc("10", 77)}
    new = rows.iloc[[0]].assign(COD_REINFO="REG99", ID_UNIDAD=None, **stranger, **_place(21))
    frames[Role.REGISTRATIONS] = pd.concat([rows, new], ignore_index=True)


_WEST, _SOUTH, _EAST, _NORTH = cells.cell(11).bounds
_MIDDLE = _WEST + 400
_HALVES = [box(_WEST, _SOUTH, _MIDDLE, _NORTH), box(_MIDDLE, _SOUTH, _EAST, _NORTH)]
_OWN, _LARGE, _SMALL, _OPEN = "own_title", "on_lsm_msm", "on_small_scale", "open_ground"

EDITS = {
    "holder": Edit(
        _right("010000001", TIT_CONCES=cells.BIG),
        {"010000001": {"holder", "stratum"}},
        {"REG00": (_OWN, _LARGE, "holder")},
    ),
    "extinguished": Edit(
        _right("010000002", ESTADO="F"),
        {"010000002": {"status"}},
        {"REG01": (_LARGE, "on_extinct_claim", "status")},
    ),
    "vanished": Edit(
        _remove("010000003"),
        {"010000003": {"vanished"}},
        {"REG02": (_SMALL, _OPEN, "right")},
    ),
    "stratum": Edit(
        _strata,
        {"010000004": {"stratum"}},
        {"REG03": ("on_unknown_holder", _SMALL, "stratum")},
    ),
    "activity": Edit(
        _penalties,
        {"010000005": {"activity"}},
        {"REG04": ("on_idle_claim", _LARGE, "activity")},
    ),
    "titled": Edit(
        _right("010000006", ESTADO="T"),
        {"010000006": {"status"}},
        {"REG05": ("on_pending_claim", _LARGE, "status")},
    ),
    "recoded": Edit(_right("010000007", CODIGOU="010000099"), {"010000099": {"recoded"}}),
    "renumbered": Edit(_registration("REG06", COD_REINFO="REG66"), others={"REG66": "renumbered"}),
    "moved": Edit(
        _ground("010000008", box(*(cells.cell(7).bounds[i] + (300, 0)[i % 2] for i in range(4)))),
        {"010000008": {"moved"}},
    ),
    "zone": Edit(_away(Role.ASM_ZONES), classes={"REG08": ("in_asm_zone", _OPEN, "context")}),
    "claimed": Edit(
        _add(_copy("010000006", cells.cell(9), CODIGOU="010000030", ESTADO="P")),
        {"010000030": {"appeared"}},
        {"REG09": (_OPEN, "on_pending_claim", "right")},
    ),
    "park": Edit(
        _away(Role.PROTECTED_AREAS), classes={"REG10": ("prohibited_area", _LARGE, "context")}
    ),
    "split": Edit(
        _both(
            _remove("010000010"),
            _add(
                *(
                    _copy("010000010", half, CODIGOU=f"01000002{i}")
                    for i, half in enumerate(_HALVES)
                )
            ),
        ),
        {
            "010000010": {"vanished", "split"},
            "010000020": {"appeared"},
            "010000021": {"appeared"},
        },
    ),
    "located": Edit(
        _registration("REG12", **_place(20)),
        classes={"REG12": ("unlocatable", _OPEN, "point")},
    ),
    "order": Edit(
        _both(
            _right("010000012", FEC_DENU=pd.Timestamp("2005-01-01")),
            _ground("010000013", cells.cell(13, 50)),
        ),
        {"010000012": {"filing"}, "010000013": {"grew"}},
        {"REG13": (_SMALL, _LARGE, "order")},
    ),
    "registrant": Edit(
        _registration("REG14", M_RUC=cells.JUAN, NOMBRE_MIN="PEREZ JUAN"),
        classes={"REG14": (_OWN, _LARGE, "registrant")},
    ),
    "gone": Edit(_unregister, classes={"REG15": (_OPEN, None, "gone")}),
    "new": Edit(_register, classes={"REG99": (None, _OPEN, "new")}),
}


def earlier() -> Frames:
    return cells.whole_world()


def later(edits: Collection[str] = tuple(EDITS)) -> Frames:
    frames = cells.whole_world()
    for name in edits:
        EDITS[name].make(frames)
    return frames
