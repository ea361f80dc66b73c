"""Everything a run was given, brought to the schema; and what was not given."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geoasm.codes import Role
from geoasm.errors import OptionError
from geoasm.given import Given, dated_sources, list_operations, normalize_all, untested_roles
from geoasm.io.profiles import load_profile
from geoasm.model import Options, RawLayer, Source

PE = load_profile("pe")
ON = date(2024, 6, 1)
SQUARE = box(-75, -10, -74.99, -9.99)


def cadastre(crs: str = "EPSG:4326", **columns: list) -> gpd.GeoDataFrame:
    given = {
        "CODIGOU": ["010000001", "01004567X01"],
        "TIT_CONCES": ["MINERA GRANDE S.A.", "QUISPE ROSA"],
        "FEC_DENU": ["1999-01-01", "2003-01-01"],
        "ESTADO": ["T", "A"],
        **columns,
    }
    frame = gpd.GeoDataFrame(given, geometry=[SQUARE, SQUARE], crs="EPSG:4326")
    return frame.to_crs(crs)


def register(**columns: list) -> pd.DataFrame:
    given = {
        "COD_REINFO": ["A", "B"],
        "NOMBRE_MIN": ["ROSA QUISPE", "JUAN PEREZ"],
        "ESTADO": ["VIGENTE", "VIGENTE"],
        "ID_UNIDAD": ["010000001", "10000001"],
        "LONGITUD_G84": ["-74.995", "-74.5"],
        "LATITUD_G84": ["-9.995", "-9.5"],
        **columns,
    }
    return pd.DataFrame(given).astype("str")


def layer(**columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[SQUARE], crs="EPSG:4326")


def raws(**frames: pd.DataFrame) -> dict[Role, RawLayer]:
    everything = {"concessions": cadastre(), "registrations": register(), **frames}
    return {
        Role(name): RawLayer(
            frame.assign(source_row=range(1, len(frame) + 1)), Source(name, f"{name}.csv")
        )
        for name, frame in everything.items()
    }


def given_of(assumptions: dict | None = None, **frames: pd.DataFrame) -> Given:
    options = Options(on=ON, assumptions=assumptions or {})
    return normalize_all(raws(**frames), PE, PE.law.at(ON), options)


def test_each_file_becomes_a_frame_of_its_kind() -> None:
    strata = pd.DataFrame({"holder": ["X"], "stratum": ["PPM"]}).astype("str")
    given = given_of(strata=strata, admin=layer(NOMBDEP=["NORTE"]))
    assert set(given.layers) == {Role.ADMIN}
    assert set(given.tables) == {Role.STRATA}
    assert given.registrations["registration_id"].tolist() == ["A", "B"]
    assert given.concessions["concession_id"].tolist() == ["010000001", "01004567X01"]


def test_rights_of_another_kind_are_settled_apart() -> None:
    assert given_of().concessions["status"].tolist() == ["titled", "other"]


def test_areas_come_with_their_level_and_unknown_types_as_issues() -> None:
    parks = pd.concat([layer(anp_cate=["Parque Nacional"]), layer(anp_cate=["Parque Municipal"])])
    given = given_of(protected_areas=parks.reset_index(drop=True))
    assert given.layers[Role.PROTECTED_AREAS]["level"].tolist() == ["hard", "info"]
    assert given.issues["problem"].tolist().count("unknown_type") == 1


@pytest.mark.parametrize(
    ("role", "columns"),
    [
        ("penalties", {"CODIGOU": ["10000001"], "year": ["2023"]}),
        ("contracts", {"CODIGOU": ["10000001"], "ruc": ["20131312955"]}),
    ],
)
def test_codes_that_lost_their_zero_are_restored_where_the_cadastre_proves_it(
    role: str, columns: dict
) -> None:
    given = given_of(**{role: pd.DataFrame(columns)})
    assert given.tables[Role(role)]["concession_id"].tolist() == ["010000001"]
    assert given.registrations["declared_right_id"].tolist() == ["010000001", "010000001"]
    restored = given.issues[given.issues["problem"] == "restored_zeros"]
    assert sorted(restored["source"]) == sorted([role, "registrations"])


def test_assumptions_reach_their_role_alone() -> None:
    bare = cadastre().drop(columns="ESTADO")
    given = given_of(assumptions={("concessions", "status"): "pending"}, concessions=bare)
    assert set(given.concessions["status"]) == {"pending"}
    assert set(given.registrations["status"]) == {"active"}


def test_a_role_that_the_profile_lacks_names_those_it_has() -> None:
    with pytest.raises(OptionError, match=r"profile pe has no role roads; it knows admin, aliases"):
        given_of(roads=layer(NAME=["R"]))


DECISIVE = [
    "protected_areas",
    "restricted_areas",
    "asm_zones",
    "mining_corridor",
    "strata",
    "penalties",
]


def test_roles_that_could_have_changed_a_class_are_named_in_order() -> None:
    assert untested_roles(PE, given_of()) == DECISIVE
    given = given_of(asm_zones=layer(CODIGO=["Z"]), protected_areas=layer(anp_cate=["PN"]))
    assert untested_roles(PE, given) == [
        "restricted_areas",
        "mining_corridor",
        "strata",
        "penalties",
    ]


def test_the_corridor_is_tested_with_its_region_only() -> None:
    corridor = layer(NOMBRE=["CORREDOR"])
    assert "mining_corridor" in untested_roles(PE, given_of(mining_corridor=corridor))
    both = given_of(mining_corridor=corridor, admin=layer(NOMBDEP=["MADRE DE DIOS"]))
    assert "mining_corridor" not in untested_roles(PE, both)


def test_sources_are_dated_by_the_latest_snapshot_of_their_rows() -> None:
    dated = cadastre(FECHA_ACTUALIZACION=["2024-01-05", "2024-02-05"])
    given = given_of(concessions=dated)
    sources = {s.role: s for s in dated_sources(raws(concessions=dated), given)}
    assert sources["concessions"].data_on == date(2024, 2, 5)
    assert sources["registrations"].data_on is None
    assert sources["registrations"].rows == 2


def moves(crs: str, **frames: pd.DataFrame) -> dict[tuple, dict]:
    frames["concessions"] = cadastre(crs)
    listed = list_operations(raws(**frames), given_of(**frames), {}, PE)
    assert len(listed) == len({(m["from"], m["to"]) for m in listed})
    return {(m["from"], m["to"]): m for m in listed}


def test_operations_of_points_and_of_files_are_listed_with_their_accuracy() -> None:
    assert moves("EPSG:4326").keys() == {("EPSG:4326", "EPSG:32718")}
    shifted = moves("EPSG:24878")
    assert shifted.keys() == {
        ("EPSG:24878", "EPSG:32718"),
        ("EPSG:24878", "EPSG:4326"),
        ("EPSG:4326", "EPSG:32718"),
    }
    shift = shifted["EPSG:24878", "EPSG:32718"]
    assert (shift["operation"], shift["accuracy_m"]) == ("EPSG:1208", 16)


def test_operations_of_context_layers_are_listed_too() -> None:
    parks = layer(anp_cate=["PN"]).to_crs("EPSG:3857")
    assert moves("EPSG:4326", protected_areas=parks).keys() == {
        ("EPSG:4326", "EPSG:32718"),
        ("EPSG:4326", "EPSG:3857"),
        ("EPSG:3857", "EPSG:4326"),
    }
