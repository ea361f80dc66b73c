from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geoasm.codes import Role
from geoasm.errors import MissingColumn, UnreadableSource
from geoasm.io.layers import read_layer
from geoasm.io.matching import check_role, geometry_kinds, match_roles, private_columns
from geoasm.io.profiles import load_profile
from geoasm.model import RawLayer, Source

PE, CD, BR = load_profile("pe"), load_profile("cd"), load_profile("br")
INGEMMET = ["CODIGOU", "CONCESION", "TIT_CONCES", "D_ESTADO", "FEC_DENU", "LEYENDA", "SUSTANCIA"]
CONGO = ["Code", "Parties", "Licence_", "Status", "Area"]
REINFO = ["COD_REINFO", "M_RUC", "NOMBRE_MIN", "ESTADO", "LONGITUD", "LATITUD"]


def table(columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({c: ["x"] for c in columns}, dtype="str")
    return frame.assign(source_row=1)


def polygons(columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table(columns), geometry=[shapely.box(0, 0, 1, 1)], crs=4326)


def raw(frame: pd.DataFrame, role: str, name: str = "titles.geojson") -> RawLayer:
    return RawLayer(frame, Source(role, name))


@pytest.mark.parametrize(
    ("frame", "profile", "role"),
    [
        (polygons(INGEMMET), "pe", Role.CONCESSIONS),
        (polygons([c.lower() for c in INGEMMET]), "pe", Role.CONCESSIONS),
        (polygons(CONGO), "cd", Role.CONCESSIONS),
        (table(REINFO), "pe", Role.REGISTRATIONS),
        (table(["titular", "estrato", "fecha"]), "pe", Role.STRATA),
    ],
)
def test_columns_tell_profile_and_role(frame: pd.DataFrame, profile: str, role: Role) -> None:
    best = match_roles(frame, [PE, CD])[0]
    assert (best.fits, best.profile, best.role) == (True, profile, role)


def test_geometry_counts_as_much_as_columns() -> None:
    best = match_roles(table(INGEMMET), [PE])
    assert not any(m.fits for m in best if m.role == Role.CONCESSIONS)
    points = polygons(INGEMMET).set_geometry([shapely.Point(0, 0)])
    assert geometry_kinds(points) == ("point",)
    assert not any(m.fits for m in match_roles(points, [PE]) if m.role == Role.CONCESSIONS)


def test_a_file_that_fits_passes() -> None:
    check_role(raw(polygons(INGEMMET), "concessions"), PE, [CD])


def test_the_wrong_profile_names_what_lacks_and_what_fits() -> None:
    with pytest.raises(MissingColumn) as caught:
        check_role(raw(polygons(CONGO), "concessions"), PE, [CD])
    text = str(caught.value)
    assert text.startswith("titles.geojson does not fit role concessions of profile pe: no column")
    assert "holder_name (TIT_CONCES, TITULAR)" in text
    assert text.endswith("it fits profile cd, role concessions")


def test_of_the_roles_that_fit_the_profile_asked_for_goes_first() -> None:
    fines = table(["concession_id", "year"])
    with pytest.raises(MissingColumn, match="it fits profile pe, role penalties"):
        check_role(raw(fines, "strata"), PE, [BR, CD])
    with pytest.raises(MissingColumn, match="it fits profile br, role penalties"):
        check_role(raw(fines, "strata"), BR, [PE, CD])


def test_what_lacks_can_be_assumed() -> None:
    columns = [c for c in INGEMMET if c not in ("D_ESTADO", "LEYENDA")]
    layer = raw(polygons(columns), "concessions")
    with pytest.raises(MissingColumn, match=r"--assume concessions\.status=VALUE$"):
        check_role(layer, PE, [CD])
    check_role(layer, PE, [CD], {"status": "titled"})


def test_an_identifier_is_never_assumed() -> None:
    columns = [c for c in INGEMMET if c != "CODIGOU"]
    with pytest.raises(MissingColumn) as caught:
        check_role(raw(polygons(columns), "concessions"), PE, [CD])
    assert "--assume" not in str(caught.value)


def test_a_role_that_needs_polygons_refuses_a_table_and_points() -> None:
    with pytest.raises(UnreadableSource, match="needs polygons; the file has no geometry"):
        check_role(raw(table(INGEMMET), "concessions"), PE, [CD])
    points = polygons(INGEMMET).set_geometry([shapely.Point(0, 0)])
    with pytest.raises(UnreadableSource, match="needs polygons; the file has points"):
        check_role(raw(points, "concessions"), PE, [CD])


def test_registrations_need_geometry_or_columns_of_coordinates() -> None:
    check_role(raw(table(REINFO), "registrations"), PE, [CD])
    with pytest.raises(MissingColumn, match=r"position \(LONGITUD_G84/.* and LATITUD_G84/"):
        check_role(raw(table(REINFO[:4]), "registrations"), PE, [CD])


def test_columns_that_any_role_reads_as_names_are_private() -> None:
    frame = polygons(["NOMBRE", "titular", "M_RUC", "CODIGOU"])
    assert private_columns(frame, [PE]) == {"NOMBRE", "titular", "M_RUC"}


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "fit"),
    [
        ("peru_cajamarca/concessions.geojson", ("pe", "concessions")),
        ("peru_raura/concessions.geojson", ("pe", "concessions")),
        ("peru_cajamarca/buffer_zones.geojson", ("pe", "buffer_zones")),
        ("peru_cajamarca/peasant_communities.geojson", ("pe", "communities")),
        ("peru_cajamarca/provinces.geojson", ("pe", "admin")),
        ("peru_context/mining_units.geojson", ("pe", "mining_units")),
        ("peru_context/protected_areas.geojson", ("pe", "protected_areas")),
        ("drc_2020/titles.geojson", ("cd", "concessions")),
        ("drc_2020/asm_site_visits.csv", ("cd", "registrations")),
        ("brazil_amapa/mining_processes.gpkg:sigmine_AP_2021_poly", ("br", "concessions")),
    ],
)
def test_real_layers_fit_what_they_are(real: Path, path: str, fit: tuple[str, str]) -> None:
    best = match_roles(read_layer(str(real / path), "any").frame, [BR, CD, PE])[0]
    assert best.fits
    assert (best.profile, str(best.role)) == fit
