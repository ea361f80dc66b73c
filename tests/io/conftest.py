"""A small finished run, built in code, with texts that files tend to break on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import MultiPolygon, Point, box

from geoasm import issues, schema
from geoasm.codes import Action, Problem
from geoasm.manifest import RUN_FORMAT, RUN_FORMAT_VERSION
from geoasm.model import Result

HOSTILE = (
    'two\nlines "quoted", and a comma',
    "line\u2028separator",
    "=HYPERLINK(1)",
    "+51",
    "-9.5",
    "@home",
    "\ttab",
    "</script><b>",
    "ñandú 🙂",
)

SUMMARY: dict[str, Any] = {
    "profile": "pe",
    "on": "2026-01-01",
    **{"language": "es", "sources": [], "counts": {}},
    "funnel": [
        {
            "step": "all",
            "registrations": 4,
            "registrants": 3,
            "points": 4,
            "share": 1.0,
            "denominator": "all registrations",
            "denominator_registrations": 4,
        },
        {
            "step": "located",
            "registrations": 3,
            "registrants": None,
            "points": 3,
            "share": 0.75,
            "denominator": "all registrations",
            "denominator_registrations": 4,
        },
    ],
    "tables": {
        "by_class": [
            {
                "asm_class": "own_title",
                "registrations": 1,
                "registrants": 1,
                "points": 1,
                "share": 1 / 3,
                "denominator": "located registrations",
                "denominator_registrations": 3,
            }
        ],
        "by_sex": [],
    },
}


def frame_of(table: schema.Table, n: int, **given: Any) -> pd.DataFrame:
    """Rows of a table: what is given, and nothing in every other column."""
    columns = {c.name: given.get(c.name, [None] * n) for c in table.columns}
    return schema.conform(pd.DataFrame(columns), table)


def raw_issues() -> pd.DataFrame:
    """One issue on a public value, one on a person's name, one on a file as a whole."""
    return issues.join(
        [
            issues.make(
                "registrations",
                Problem.SWAPPED_AXES,
                Action.MENDED,
                [2],
                ids=["R-2"],
                values=["-9.5 -77.1"],
            ),
            issues.make(
                "registrations",
                Problem.MOJIBAKE,
                Action.MENDED,
                [1],
                ids=["R-1"],
                field="registrant_name",
                values=["PEÃ‘A ROSA"],
                private=True,
            ),
            issues.make("concessions", Problem.UNUSED_COLUMN, Action.DOUBTED, values="OBS"),
        ]
    )


SQUARES = [box(-77 + i, -9, -76.5 + i, -8.5) for i in range(3)]
TWO_PARTS = MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)])


def four_registrations() -> pd.DataFrame:
    """Registrations of four classes, the last one without position."""
    return frame_of(
        schema.REGISTRATIONS,
        4,
        registration_id=["R-1", "R-2", "R-3", "R-4"],
        registrant_id=[1, 1, 2, None],
        asm_class=["own_title", "on_lsm_msm", "open_ground", "unlocatable"],
        right_ids=["010000001;010000002", "010000002", None, None],
        n_rights=[2, 1, 0, None],
        n_titles=[1, 1, 0, None],
        declared_distance_m=[0.0, 12.5, np.nan, np.nan],
        admin_1=["ANCASH", "ÁNCASH", None, None],
        source_row=[4, 3, 2, 1],
        geometry=[Point(-76.9, -8.9), Point(-75.9, -8.9), Point(-70, -8), None],
    )


def three_rights() -> pd.DataFrame:
    """Rights with hostile names, one of two parts, one without a date."""
    return frame_of(
        schema.CONCESSIONS,
        3,
        concession_id=["010000001", "010000002", "01004567X01"],
        name=list(HOSTILE[:3]),
        status=["titled", "titled", "extinct"],
        filed_on=pd.to_datetime(["2001-02-03", None, "1889-12-31"]).astype("datetime64[s]"),
        holder_id=[1, 2, 3],
        area_ha=[100.0, 1 / 3, 900.0],
        source_row=[1, 2, 3],
        geometry=[SQUARES[0], TWO_PARTS, SQUARES[2]],
    )


def other_tables() -> dict[str, pd.DataFrame]:
    """Every other table, in its order; those of later steps empty."""
    filled = {
        "pairs": frame_of(
            schema.PAIRS,
            3,
            registration_id=["R-1", "R-1", "R-2"],
            concession_id=["010000001", "010000002", "010000002"],
            covered=[True, True, None],
            edge_distance_m=[10.0, 0.0, 31.25],
            seniority=[1, 2, None],
        ),
        "holders": frame_of(
            schema.HOLDERS,
            3,
            holder_id=[1, 2, 3],
            name=["MINERA SINTÉTICA S.A.C.", None, None],
            is_registered=[False, True, None],
        ),
        "evidence": frame_of(
            schema.EVIDENCE,
            3,
            concession_id=["010000001", "010000001", "010000002"],
            kind=["penalty", "penalty", "mining_unit"],
            counts=[True, True, None],
            year=[2023, 2023, None],
            distance_m=[np.nan, np.nan, 12.5],
        ),
        "disturbance": frame_of(
            schema.DISTURBANCE, 1, concession_id=["010000001"], year=[2020], disturbed_ha=[0.25]
        ),
        "territory": frame_of(
            schema.TERRITORY,
            2,
            admin_1=[None, "ANCASH"],
            ground=["titled", "titled"],
            area_ha=[1000.0, 400.0],
        ),
        "parties": frame_of(
            schema.PARTIES,
            2,
            party_id=[1, 2],
            name=["PEÑA ROSA", "MINERA SINTÉTICA S.A.C."],
            ruc=["10000000010", "20000000028"],
            kind=["natural", "legal"],
        ),
    }
    later = ("overlaps", *(table.name for table in schema.PROSPECTS))
    return {**filled, **{name: schema.empty(schema.TABLES[name]) for name in later}}


def small_result(**changes: Any) -> Result:
    """Four registrations (one without position) on three rights, with every table in its order."""
    admin = gpd.GeoDataFrame(
        {"admin_1": ["ANCASH", "LIMA"], "drawn": SQUARES[:2], "source_row": [1, 2]},
        geometry=[SQUARES[0], TWO_PARTS],
        crs=schema.OUTPUT_CRS,
    )
    given: dict[str, Any] = {
        **other_tables(),
        "registrations": four_registrations(),
        "concessions": three_rights(),
        "issues": raw_issues(),
        "summary": SUMMARY,
        "manifest": {
            "format": {"name": RUN_FORMAT, "version": RUN_FORMAT_VERSION},
            "profile": "pe",
            **{"inputs": [], "law": {}, "options": {}, "versions": {}},
        },
        "context": {"admin": admin},
        "review": {"holders": pd.DataFrame({"same": [""], "spelling": ["=PEÑA ROSA"]})},
        **changes,
    }
    return Result(**given)


@pytest.fixture
def make_result() -> Callable[..., Result]:
    """Builder of a finished run; keywords replace its parts."""
    return small_result


@pytest.fixture
def result() -> Result:
    """A finished run."""
    return small_result()


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """What marks a folder as a finished run."""
    folder = tmp_path / "run"
    folder.mkdir()
    record = {"format": {"name": RUN_FORMAT, "version": RUN_FORMAT_VERSION}}
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    return folder
