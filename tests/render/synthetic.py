"""A small run that has everything a page must cope with: every class and status, and hostile texts."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point, box

from geoasm import issues, schema
from geoasm.codes import PATHWAY_OF_CLASS, AsmClass, ConcessionStatus, FactorName
from geoasm.model import Result
from geoasm.summarize import summarize

HOSTILE = (
    '"><img src=x onerror="document.title=\'hacked\'">',
    "</script><script>document.title='hacked'</script>",
    "{{7*7}}{% raw %}{#",
    r"C:\2019\u0041 `${1+1}`",
    "line\u2028separator\u2029\nnew line\ttab",
    "Mina Ñusta 🪨 Peña",
)
SECRET = "QUISPE MAMANI, ROSA"
WEST, SOUTH, STEP = -78.60, -7.20, 0.02
STATUSES = tuple(ConcessionStatus)
RELATION = {
    AsmClass.OWN_TITLE: "own",
    AsmClass.ON_LSM_MSM: "third_party",
    AsmClass.ON_SMALL_SCALE: "third_party",
    AsmClass.ON_IDLE_CLAIM: "third_party",
    AsmClass.ON_UNKNOWN_HOLDER: "third_party",
    AsmClass.ON_PENDING_CLAIM: "pending",
    AsmClass.ON_EXTINCT_CLAIM: "extinct",
    AsmClass.ON_OTHER_RIGHT: "other_right",
    AsmClass.AMBIGUOUS: "unknown",
    AsmClass.UNLOCATABLE: "unknown",
}

# What every run's record says, with nothing in it.
RECORD: dict[str, Any] = {
    **{"inputs": [], "law": {}, "options": {}, "versions": {}},
    "profile": "pe",
}


def concessions(side: int = 6) -> gpd.GeoDataFrame:
    """Make a lattice of rights of every status; the second lies over the first and is younger."""
    n = side * side
    i = np.arange(n)
    x, y = WEST + STEP * (i % side), SOUTH + STEP * (i // side)
    x[1], y[1] = x[0] + STEP / 4, y[0] + STEP / 4
    frame = pd.DataFrame(
        {
            "concession_id": [f"01{k:05d}{k % 100:02d}" for k in i],
            "name": [HOSTILE[k // 3 % len(HOSTILE)] if k % 3 == 0 else f"LA PEÑA {k}" for k in i],
            "status": [STATUSES[k % len(STATUSES)] if k > 1 else "titled" for k in i],
            "status_code": "T",
            "filed_on": pd.to_datetime("1990-01-02") + pd.to_timedelta(i * 31, unit="D"),
            "free_on": pd.NaT,
            "holder_id": (i % 4) + 1,
            "holder_stratum": np.where(i % 2, "lsm_msm", "small_scale"),
            "stratum_basis": "official",
            "holder_scale": "unknown",
            "holder_total_ha": 1234.5,
            "holder_activity": "no_evidence",
            "activity_evidence": "",
            "substance": "metallic",
            "area_ha": 488.25,
            "declared_area_ha": 488.0,
            "n_registrations": i % 5,
            "activity_conflict": False,
            **dict.fromkeys(_DISTURBED),
            "crs_used": "EPSG:32717",
            "source_row": i + 1,
            "geometry": [box(a, b, a + STEP, b + STEP) for a, b in zip(x, y, strict=True)],
        }
    )
    return schema.conform(frame, schema.CONCESSIONS)


_DISTURBED = (
    *("disturbed_ha", "disturbed_share", "disturbed_valid_share", "disturbed_year"),
    *("first_disturbed_year", "first_growth_year", "last_growth_year", "growth_ha"),
)


def registrations(rights: gpd.GeoDataFrame, n: int = 78) -> gpd.GeoDataFrame:
    """Make registrations of every class, the first on the two rights that overlap."""
    i = np.arange(n)
    classes = list(AsmClass)
    asm_class = pd.Series([classes[k % len(classes)] for k in i])
    points = gpd.GeoSeries([_point(k) for k in i], crs=schema.OUTPUT_CRS)
    located = asm_class != AsmClass.UNLOCATABLE
    covering = [
        list(rights.loc[rights.covers(p), "concession_id"]) if ok else []
        for p, ok in zip(points, located, strict=True)
    ]
    third = asm_class.map(RELATION).eq("third_party")
    frame = pd.DataFrame(
        {
            "registration_id": [f"R{k:05d}" for k in i],
            "registrant_id": 100 + i // 2,
            "registrant_kind": np.where(i % 3, "natural", "legal"),
            "status": np.where(i % 4, "suspended", "active"),
            "activity": np.where(i % 9, "extraction", "processing"),
            "asm_class": asm_class,
            "rule_id": np.where(i % 3, "pe.rule", "pe.corridor"),
            "reference": np.where(i % 2, "TUO art. 91", ""),
            "pathway": asm_class.map(PATHWAY_OF_CLASS),
            "title_relation": asm_class.map(RELATION).fillna("none"),
            "holder_stratum": np.where(third, np.where(i % 2, "lsm_msm", "small_scale"), None),
            "stratum_basis": np.where(third, np.where(i % 2, "official", "presumed_small"), None),
            "holder_activity": np.where(asm_class == AsmClass.ON_IDLE_CLAIM, "idle", "no_evidence"),
            "concession_id": [ids[0] if ids else None for ids in covering],
            "right_ids": [";".join(ids) for ids in covering],
            "n_rights": [len(ids) for ids in covering],
            "n_titles": [len(ids) for ids in covering],
            "declared_right_id": "010000000",
            "declared_relation": "elsewhere",
            "declared_distance_m": 1234.0,
            "declared_same_holder": False,
            "basis": "spatial",
            "own_basis": np.where(asm_class == AsmClass.OWN_TITLE, "ruc", None),
            "slope_deg": 12.5,
            "water_distance_m": np.nan,
            "setting": "unknown",
            "position_sigma_m": 100.0,
            "class_probability": 0.87,
            "second_class": "open_ground",
            "second_probability": 0.13,
            "edge_distance_m": 55.4,
            "flags": np.where(i % 2, "stacked;restricted:RN", "untested:communities"),
            "cluster_id": pd.array(np.where(i % 2, 1, None), dtype="Int64"),
            "not_counted": np.where(asm_class == AsmClass.ON_LSM_MSM, None, "no_title"),
            "precondition": "holder_agrees",
            "missing_check": "contract",
            "admin_1": "CAJAMARCA",
            "admin_2": np.where(i % 2, "HUALGAYOC", HOSTILE[0]),
            "admin_3": None,
            "crs_used": "EPSG:32717",
            "source_row": i + 1,
            "geometry": points.where(located),
        }
    )
    return schema.conform(frame, schema.REGISTRATIONS)


def _point(k: int) -> Point:
    if k == 0:
        return Point(WEST + STEP / 2, SOUTH + STEP / 2)
    return Point(WEST + STEP * (0.37 + k % 13 / 2), SOUTH + STEP * (0.13 + k // 13 * 0.97))


def layer(geometry: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    """Make a layer of context."""
    frame = pd.DataFrame(columns, index=range(len(geometry)))
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=schema.OUTPUT_CRS)


def context() -> dict[str, pd.DataFrame]:
    """Make outlines, areas, lines and points of context."""

    middle = WEST + 3 * STEP
    halves = [box(WEST - 0.1, -7.3, middle, -6.9), box(middle, -7.3, middle + 0.2, -6.9)]
    return {
        "admin": layer(halves, admin_1="CAJAMARCA", admin_2=["HUALGAYOC", "CELENDÍN"]),
        "protected_areas": layer(
            [box(-78.58, -7.12, -78.55, -7.09)],
            name=[HOSTILE[1]],
            area_type="Parque Nacional",
            level="hard",
        ),
        "rivers": layer([LineString([(-78.62, -7.2), (-78.5, -7.05)])], name="Río Llaucano"),
        "plants": layer([Point(-78.53, -7.15)], name="Planta Sur"),
    }


def holders() -> pd.DataFrame:
    """Make four holders; the fourth is a person, whose name is not public."""
    frame = pd.DataFrame(
        {
            "holder_id": [1, 2, 3, 4],
            "name": ["MINERA SUR S.A.C.", HOSTILE[0], "ÑANDÚ S.R.L.", None],
            "holder_kind": ["legal", "legal", "legal", "natural"],
            "group": None,
            "stratum": ["lsm_msm", "small_scale", "lsm_msm", "small_scale"],
            "stratum_basis": "official",
            "n_in_force": 3,
            "in_force_ha": 900.0,
            "n_members": 1,
            "total_ha": 950.0,
            "n_pending": 0,
            "n_active": 1,
            "idle_ha": 0.0,
            "n_hosted": 5,
            "hosted_by_class": "on_lsm_msm=5",
            "is_registered": False,
        }
    )
    return schema.conform(frame, schema.HOLDERS)


def parties() -> pd.DataFrame:
    """Make the private table: the person holds a right and is registered."""
    frame = pd.DataFrame(
        {
            "party_id": [1, 4, 100],
            "name": ["MINERA SUR S.A.C.", SECRET, "HUAMÁN FLORES, LUIS"],
            "ruc": ["20100017491", "10412345678", None],
            "known_as": None,
            "kind": ["legal", "natural", "natural"],
            "members": None,
            "group": None,
        }
    )
    return schema.conform(frame, schema.PARTIES)


def territory() -> pd.DataFrame:
    """Make the ground of two provinces, their department and the whole."""
    kinds = ("closed", "titled", "pending", "extinct", "other", "unknown", "free")
    regions = [("", ""), ("CAJAMARCA", ""), ("CAJAMARCA", "CELENDÍN"), ("CAJAMARCA", HOSTILE[0])]
    rows = [
        (one, two, "", kind, 100.0 * (k + 1), 0.1, 100.0 * k, k / 21, 2100.0)
        for one, two in regions
        for k, kind in enumerate(kinds)
    ]
    return schema.conform(pd.DataFrame(rows, columns=schema.TERRITORY.names), schema.TERRITORY)


def candidates(rights: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make one candidate."""
    known = {f"known_{name}": 0.0 for name in FactorName} | {"known_own_plant": 1.0}
    told = {
        "concession_id": rights["concession_id"].iloc[[3]],
        "geometry": rights["geometry"].iloc[[3]],
        "holder_id": 1,
        "rank": 1,
        "n_registrations": 4,
        "n_active": 2,
        "n_clusters": 1,
        "score_low": 40.0,
        "score_high": 70.0,
        "coverage": 0.7,
        "top_share": 1.0,
        "factor_own_plant": 1.0,
        **known,
        "reasons_for": "planta propia",
        "reasons_against": "",
        "next_step": "verificar contrato",
    }
    blank = dict.fromkeys(schema.CANDIDATES.names)
    return schema.conform(pd.DataFrame({**blank, **told}), schema.CANDIDATES)


def summary_of(frame: gpd.GeoDataFrame, rights: gpd.GeoDataFrame) -> dict[str, Any]:
    """Summarise as a run does."""
    published = (
        {
            "figure": "lsm_msm_share_of_third_party",
            "value": 0.27,
            "year": 2021,
            "reference": "Malone & Martínez 2022 §2.2",
            "note": {"es": "de las que están en concesión de otro", "en": "of those on another's"},
        },
    )
    sex = pd.Series(np.where(frame.index % 3 == 1, "female", "male"))
    return {
        "profile": "pe",
        "profile_name": {"es": "Perú", "en": "Peru"},
        "on": "2025-12-31",
        "language": "es",
        "title": None,
        "untested": ["communities", "contracts"],
        "assumed": {"concessions.status": "titled"},
        "sources": [
            {
                "role": "concessions",
                "name": 'catastro <2025>".zip',
                "rows": len(rights) + 1,
                "crs_read": "EPSG:32717",
                "data_on": "2025-11-30",
            },
            {"role": "registrations", "name": "reinfo.csv", "rows": len(frame) + 3,
             "crs_read": None, "data_on": None},
        ],
        "counts": {
            "registrations_read": len(frame) + 3,
            "registrations_classified": len(frame),
            "registrations_set_aside": 3,
            "concessions_read": len(rights) + 1,
            "concessions_kept": len(rights),
            "concessions_set_aside": 1,
        },
        **summarize(frame, sex=sex, published=published),
        "failed": [],
        "unverified_rules": ["pe.corridor"],
        "issues": {
            "registrations/lost_digit/mended": 2,
            "registrations/null_position/set_aside": 3,
        },
    }  # fmt: skip


def overlaps(rights: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pair the rights that share ground."""
    codes, shapes = rights["concession_id"].to_numpy(), rights.geometry.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    a, b = a[a < b], b[a < b]
    shared = shapely.intersection(shapes[a], shapes[b])
    frame = pd.DataFrame(
        {
            "concession_id_a": codes[a],
            "concession_id_b": codes[b],
            "overlap_ha": shapely.area(shared) * 1.2e6,
            **dict.fromkeys(("share_of_a", "share_of_b"), 0.1),
            "measured_in": "EPSG:32717",
            "senior_id": codes[a],
            "relation": "filed_on",
            "geometry": shared,
        }
    )
    return schema.conform(frame, schema.OVERLAPS)


def verify_first(rights: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Have the stratum of one right verified."""
    frame = rights.iloc[[8]][["concession_id", "holder_id", "geometry"]].assign(
        verify="stratum", n_registrations=3, n_active=1, n_clusters=1
    )
    return schema.conform(frame, schema.VERIFY_FIRST)


def clusters() -> gpd.GeoDataFrame:
    """Make one cluster."""
    frame = pd.DataFrame(
        {
            "cluster_id": [1],
            **dict.fromkeys(("n_registrations", "n_registrants", "n_places"), 4),
            "n_active": 2,
            "active_share": 0.5,
            "n_concessions": 1,
            "concession_ids": "010000000",
            "classes": "own_title",
            **dict.fromkeys(("admin_1", "admin_2", "admin_3")),
            "geometry": [box(WEST, SOUTH, WEST + STEP / 2, SOUTH + STEP / 2)],
        }
    )
    return schema.conform(frame, schema.CLUSTERS)


def result(side: int = 6, n: int = 78) -> Result:
    """Make the run."""
    rights = concessions(side)
    frame = registrations(rights, n)
    return Result(
        registrations=frame,
        concessions=rights,
        pairs=schema.empty(schema.PAIRS),
        overlaps=overlaps(rights),
        **{table.name: schema.empty(table) for table in schema.PROSPECTS}
        | {
            "candidates": candidates(rights),
            "verify_first": verify_first(rights),
            "clusters": clusters(),
        },
        holders=holders(),
        evidence=schema.empty(schema.EVIDENCE),
        disturbance=schema.empty(schema.DISTURBANCE),
        territory=territory(),
        issues=issues.publish(issues.none()),
        parties=parties(),
        summary=summary_of(frame, rights),
        manifest=RECORD,
        context=context(),
    )
