"""Brazil: what each phase of a process means, and in which system processes were drawn."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from geoasm import api, normalize
from geoasm.codes import Role
from geoasm.errors import CRSError
from geoasm.geometry import operation
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from geoasm.model import RawLayer, Vocabulary
from geoasm.normalize.vocabularies import look_up
from geoasm.parsing.text import fold
from geoasm.parties import name_keys
from geoasm.parties.names import read_names
from geoasm.profile import Profile
from geoasm.raster_legends import is_disturbed, is_known
from geoasm.rights import settle_status

# Degrees of the ellipsoid of SAD69 in an Albers projection that names no datum, as SIGMINE circulates.
NAMELESS = "+proj=aea +lat_0=-32 +lon_0=-60 +lat_1=-5 +lat_2=-42 +ellps=aust_SA +units=m +no_defs +type=crs"
NAMED = "ESRI:102033"  # the same projection of SAD69
SHIFT = "urn:ogc:def:coordinateOperation:EPSG::15485"  # SAD69 to SIRGAS 2000
DAY = date(2024, 6, 1)
LAYER = "sigmine_AP_2021_poly"
SIRGAS_SINCE = 2015  # processes filed since then were described in SIRGAS 2000

MEANING = {
    # phase: status, kind of right, stratum
    "CONCESSÃO DE LAVRA": ("titled", "mining", "unknown"),
    "AUTORIZAÇÃO DE PESQUISA": ("titled", "mining", "unknown"),
    "LAVRA GARIMPEIRA": ("titled", "mining", "small_scale"),
    "LICENCIAMENTO": ("titled", "mining", "unknown"),
    "REGISTRO DE EXTRAÇÃO": ("titled", "other", "unknown"),
    "REQUERIMENTO DE LAVRA": ("pending", "mining", "unknown"),
    "REQUERIMENTO DE LAVRA GARIMPEIRA": ("pending", "mining", "small_scale"),
    "REQUERIMENTO DE PESQUISA": ("pending", "mining", "unknown"),
    "REQUERIMENTO DE LICENCIAMENTO": ("pending", "mining", "unknown"),
    "REQUERIMENTO DE REGISTRO DE EXTRAÇÃO": ("pending", "other", "unknown"),
    "DIREITO DE REQUERER A LAVRA": ("pending", "mining", "unknown"),
    "DISPONIBILIDADE": ("extinct", "unknown", "unknown"),
    "APTO PARA DISPONIBILIDADE": ("extinct", "unknown", "unknown"),
}


@pytest.fixture(scope="module")
def brazil() -> Profile:
    return load_profile("br")


def vocabulary(profile: Profile, field: str) -> Vocabulary:
    first = profile.roles[Role.CONCESSIONS].fields[field].sources[0].vocabulary
    assert first is not None
    return first


def processes(**columns: list[str]) -> gpd.GeoDataFrame:
    """Squares in a row, one a process."""
    n = len(columns["PROCESSO"])
    defaults = {"NOME": ["MINERADORA UM LTDA"] * n, "FASE": ["LAVRA GARIMPEIRA"] * n}
    squares = [shapely.box(-51.6 + 0.02 * i, 2.3, -51.59 + 0.02 * i, 2.31) for i in range(n)]
    return gpd.GeoDataFrame({**defaults, **columns}, geometry=squares, crs="EPSG:4674")


def rights_of(frame: gpd.GeoDataFrame, profile: Profile) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    raw = api.read_input(Role.CONCESSIONS, frame, profile, api.Options(DAY), None, None)
    spec = profile.roles[Role.CONCESSIONS]
    rights, issues = normalize.concessions(raw, spec, profile.crs, on=DAY)
    return settle_status(rights), issues


@pytest.mark.parametrize("phase", MEANING)
def test_a_phase_says_status_kind_and_stratum(brazil: Profile, phase: str) -> None:
    fields = ("status", "right_type", "stratum_by_licence")
    found = tuple(look_up(fold(phase), vocabulary(brazil, name)) for name in fields)
    assert found == MEANING[phase]


def test_a_phase_nobody_knows_is_kept_and_reported(brazil: Profile) -> None:
    rights, issues = rights_of(processes(PROCESSO=["1/2001"], FASE=["MANIFESTO DE MINA"]), brazil)
    assert rights["status"].tolist() == ["unknown"]
    told = issues[issues["problem"] == "unknown_code"]
    assert told["value"].tolist() == ["MANIFESTO DE MINA"]


def test_a_last_event_that_ended_the_process_is_listed_and_the_phase_holds(
    brazil: Profile,
) -> None:
    events = {
        "122 - REQ PESQ/INDEFERIMENTO P/ NAO CUMPRIMENTO EXIGÊNCIA EM 18/10/2019": True,
        "150 - REQ PESQ/DESISTENCIA REQ PESQ PROTOCOLIZADA EM 18/10/2019": False,  # only asked for
        "136 - REQ PESQ/DOCUMENTO DIVERSO PROTOCOLIZADO EM 15/07/2020": False,
        "157 - REQ PESQ/DESISTÊNCIA REQ PESQ HOMOLOGADA PUB EM 24/04/2018": True,
    }
    frame = processes(
        PROCESSO=[f"{i}/2001" for i in range(4)],
        FASE=["REQUERIMENTO DE PESQUISA"] * 4,
        ULT_EVENTO=list(events),
    )
    rights, issues = rights_of(frame, brazil)
    assert rights["status"].tolist() == ["pending"] * 4
    assert set(issues["problem"]) == {"status_conflict"}
    assert (issues["row"] - 1).tolist() == [i for i, ended in enumerate(events.values()) if ended]


def test_blocks_of_one_process_are_one_right(brazil: Profile) -> None:
    frame = processes(
        PROCESSO=["858001/2001", "858001/2001", "858002/2001"],
        FASE=["LAVRA GARIMPEIRA"] * 2 + ["REGISTRO DE EXTRAÇÃO"],
        SUBS=["OURO"] * 2 + ["SAIBRO"],
    )
    rights, issues = rights_of(frame, brazil)
    assert rights["concession_id"].tolist() == ["858001/2001", "858002/2001"]
    assert rights["status"].tolist() == ["titled", "other"]
    assert rights["substance"].tolist() == ["metallic", "non_metallic"]
    assert rights["area_ha"].iloc[0] == pytest.approx(2 * rights["area_ha"].iloc[1], rel=1e-4)
    assert rights["crs_used"].unique().tolist() == ["EPSG:4674"]
    assert rights["planar_crs"].unique().tolist() == ["EPSG:31982"]
    assert set(issues["problem"]) == {"merged_parts"}


def test_zones_span_the_country_and_join(brazil: Profile) -> None:
    plan = brazil.crs
    assert plan.zones[0].west <= plan.bounds[0]
    assert plan.zones[-1].east >= plan.bounds[2]
    assert all(a.east == b.west for a, b in zip(plan.zones, plan.zones[1:], strict=False))
    for zone in plan.zones:
        assert pyproj.CRS(zone.crs).name == f"SIRGAS 2000 / UTM zone {zone.code}S"


def test_degrees_without_a_datum_are_sirgas_and_their_doubt_is_recorded(brazil: Profile) -> None:
    there = pyproj.Transformer.from_crs("+proj=longlat +ellps=aust_SA", NAMELESS, always_xy=True)
    x, y = there.transform([-51.6, -52.0], [2.3, -0.5])
    for target in ("EPSG:4674", "EPSG:4326"):
        move = operation(NAMELESS, target, brazil.crs)
        lon, lat = move.points(np.array(x), np.array(y))
        assert lon == pytest.approx([-51.6, -52.0], abs=1e-8)
        assert lat == pytest.approx([2.3, -0.5], abs=1e-8)
        assert (move.name, move.accuracy_m) == ("EPSG:15894", 65)


def test_a_file_of_the_former_datum_is_shifted(brazil: Profile) -> None:
    there = pyproj.Transformer.from_crs("EPSG:4618", NAMED, always_xy=True)
    x, y = there.transform([-51.6], [2.3])
    move = operation(NAMED, "EPSG:4674", brazil.crs)
    lon, lat = move.points(np.array(x), np.array(y))
    away_m = pyproj.Geod(ellps="GRS80").inv(-51.6, 2.3, lon[0], lat[0])[2]
    assert 60 < away_m < 65
    assert (move.name, move.accuracy_m) == ("EPSG:15485", 5)


def test_another_country_does_not_read_it(brazil: Profile) -> None:
    with pytest.raises(CRSError, match="no datum operation known"):
        operation(NAMELESS, "EPSG:4326", load_profile("pe").crs)


@pytest.mark.parametrize(
    ("name", "is_legal", "is_person"),
    [
        ("José da Silva Souza", False, True),
        ("JOSÉ SOUZA", False, False),  # too short to be sure
        ("Companhia de Ferro do Norte", True, False),
        ("Governo do Estado do Norte", True, False),
        ("Cooperativa dos Garimpeiros do Norte", True, False),
        ("Norte Engenharia de Obras", False, False),
        ("Mineração do Norte S.A.", True, False),
        ("J. S. de Souza - ME", False, False),  # a person who trades, under the own name
        ("José da Silva Souza EPP", False, False),
        ("A. Souza Cerâmica ME", False, False),  # nor does a word of the trade tell
        ("Norte Bela Vista Ltda ME", True, False),
        ("J. S. de Souza EIRELI", True, False),  # a legal entity of one person
        ("DADO NÃO CADASTRADO", False, False),
    ],
)
def test_names_of_firms_and_persons(
    brazil: Profile, name: str, is_legal: bool, is_person: bool
) -> None:
    told = name_keys(pd.Series([name]), brazil.parties).iloc[0]
    assert (told["is_legal"], told["is_person"]) == (is_legal, is_person)
    assert pd.isna(told["key"]) == name.startswith("DADO")


@pytest.mark.parametrize(
    "name", ["João da Silva Souza & Cia Ltda", "José da Silva Souza e Costa Ltda"]
)
def test_a_firm_named_after_persons_is_one_holder_and_none_of_them(
    brazil: Profile, name: str
) -> None:
    (reading,) = read_names([name], brazil.parties)
    assert len(reading.parts) == 1
    assert reading.parts[0].forms


@pytest.mark.parametrize(
    ("values", "legend", "disturbed"),
    [([0, 3, 30, 33], "mapbiomas", 30), ([0, 1], "binary", 1), ([0, 255], "mask", 255)],
)
def test_masks_do_not_pass_for_land_cover(
    brazil: Profile, values: list[int], legend: str, disturbed: int
) -> None:
    pixels = np.array(values, dtype="uint16")
    known = [x for x in brazil.legends[Role.ACTIVITY] if is_known(pixels, x).all()]
    assert known[0].name == legend
    assert pixels[is_disturbed(pixels, known[0])].tolist() == [disturbed]


def test_no_limit_of_small_scale_and_no_radius_is_invented(brazil: Profile) -> None:
    law = brazil.law.at(DAY)
    for name in ("small_scale_limit_ha", "small_scale_limit_t_d", "unit_radius_m"):
        assert law.may_number(name) is None
    assert not any(rule.reference for rule in law.rules)


def test_a_register_of_garimpeiros_runs(brazil: Profile) -> None:
    rights = processes(
        PROCESSO=["858001/2001", "858002/2001", "858003/2001"],
        NOME=["José da Silva Souza", "Cooperativa dos Garimpeiros", "Mineração Um Ltda."],
        FASE=["LAVRA GARIMPEIRA", "LAVRA GARIMPEIRA", "CONCESSÃO DE LAVRA"],
    )
    register = pd.DataFrame(
        {
            "registro": ["1", "2", "3", "4"],
            "nome": ["SILVA SOUZA, JOSÉ DA"] * 4,
            "longitude": [-51.595, -51.575, -51.555, -51.5],
            "latitude": [2.305] * 4,
        }
    )
    given = {"concessions": rights, "registrations": register, "profile": "br", "on": DAY}
    result = api.analyze(**given)
    classes = result.registrations.sort_values("registration_id")["asm_class"].tolist()
    assert classes == ["own_title", "on_small_scale", "on_unknown_holder", "open_ground"]
    assert result.summary["failed"] == []
    strata = pd.DataFrame({"titular": ["MINERACAO UM LTDA"], "porte": ["lsm_msm"]})
    result = api.analyze(**given, tables={"strata": strata})
    told = result.registrations.set_index("registration_id").loc["3"]
    assert (told["asm_class"], told["stratum_basis"]) == ("on_lsm_msm", "official")


@pytest.fixture(scope="module")
def amapa(real: Path) -> RawLayer:
    return read_layer(f"{real / 'brazil_amapa' / 'mining_processes.gpkg'}:{LAYER}", "concessions")


@pytest.fixture(scope="module")
def in_degrees(amapa: RawLayer, brazil: Profile) -> np.ndarray:
    move = operation(amapa.frame.crs.to_string(), "EPSG:4674", brazil.crs)
    return move.geometries(amapa.frame.geometry.to_numpy())


@pytest.mark.real
def test_corners_of_recent_processes_are_whole_seconds_of_sirgas_as_they_stand(
    amapa: RawLayer, in_degrees: np.ndarray
) -> None:
    """
    What the profile says of the nameless datum, held against the file.

    Some corners are written in whole seconds: those of recent processes in SIRGAS 2000, those of
    older ones in SAD69. Read with the shift that the ellipsoid suggests, none would be.
    """
    at, owner = shapely.get_coordinates(in_degrees, return_index=True)
    year = amapa.frame["ANO"].to_numpy()[owner]
    shift = pyproj.Transformer.from_pipeline(SHIFT)
    undone, done = (
        np.column_stack(shift.transform(at[:, 1], at[:, 0], direction=way)[::-1])
        for way in ("INVERSE", "FORWARD")
    )

    def whole(lonlat: np.ndarray) -> np.ndarray:
        seconds = lonlat * 3600
        return (np.abs(seconds - np.round(seconds)) < 0.003).all(axis=1)

    assert whole(at).sum() == 131  # 0.7 by chance
    assert year[whole(at)].min() == SIRGAS_SINCE
    assert whole(undone).sum() == 152
    assert np.median(year[whole(undone)]) < SIRGAS_SINCE
    assert whole(done).sum() == 0


@pytest.mark.real
def test_stated_hectares_of_recent_processes_are_those_of_the_ellipsoid_of_sirgas(
    amapa: RawLayer, in_degrees: np.ndarray
) -> None:
    stated = amapa.frame["AREA_HA"].to_numpy()
    recent = (amapa.frame["ANO"] >= SIRGAS_SINCE).to_numpy() & (stated > 1000)
    off = {}
    for ellipsoid in ("GRS80", "aust_SA"):
        geod = pyproj.Geod(ellps=ellipsoid)
        measured = [abs(geod.geometry_area_perimeter(g)[0]) / 1e4 for g in in_degrees[recent]]
        off[ellipsoid] = np.median(np.array(measured) / stated[recent] - 1)
    assert abs(off["GRS80"]) < 1e-6
    assert off["aust_SA"] > 5e-6


@pytest.mark.real
def test_sides_lie_on_meridians_and_parallels(amapa: RawLayer, in_degrees: np.ndarray) -> None:
    def sides(shapes: np.ndarray) -> np.ndarray:
        rings = shapely.get_rings(shapely.get_parts(shapes))
        return np.concatenate([np.diff(shapely.get_coordinates(ring), axis=0) for ring in rings])

    def along(shapes: np.ndarray, tolerance: float) -> float:
        return float((np.abs(sides(shapes)[long]) < tolerance).any(axis=1).mean())

    long = np.hypot(*sides(in_degrees).T) > 0.001
    zone = pyproj.Transformer.from_crs("EPSG:4674", "EPSG:31982", always_xy=True)
    planar = shapely.transform(
        in_degrees, lambda at: np.column_stack(zone.transform(at[:, 0], at[:, 1]))
    )
    assert along(in_degrees, 2e-7) > 0.7
    assert along(planar, 0.02) < 0.2


@pytest.mark.real
def test_the_processes_of_amapa_are_read_whole(
    amapa: RawLayer, brazil: Profile, real: Path
) -> None:
    spec = brazil.roles[Role.CONCESSIONS]
    rights, issues = normalize.concessions(amapa, spec, brazil.crs, on=date(2021, 12, 31))
    file = real / "brazil_amapa" / "mining_processes.gpkg"
    counted = gpd.read_file(file, layer=LAYER, ignore_geometry=True)
    assert len(rights) == counted["PROCESSO"].nunique()
    assert not {"unknown_code", "unused_column", "outside_country"} & set(issues["problem"])
    phases = counted.drop_duplicates("PROCESSO")["FASE"]
    for status in ("titled", "pending", "extinct"):
        of_status = phases.isin([p for p, (s, _, _) in MEANING.items() if s == status]).sum()
        assert (rights["status"] == status).sum() == pytest.approx(of_status, abs=1)
    assert rights["status_code"].isin(list(MEANING)).all()  # accents are whole
    # One process has a block in force and one on offer, which nobody should join unseen.
    doubted = issues[(issues["problem"] == "merged_parts") & (issues["action"] == "doubted")]
    assert len(doubted) == 1
    assert (rights["substance"] == "unknown").sum() == (
        counted["SUBS"] == "DADO NÃO CADASTRADO"
    ).sum()
    conflict = rights["concession_id"].isin(
        issues.loc[issues["problem"] == "status_conflict", "id"]
    )
    assert 0.25 < conflict.mean() < 0.35
    assert (rights.loc[conflict, "status"] == "pending").mean() > 0.9


@pytest.mark.real
def test_hectares_of_whole_processes_are_those_stated(
    amapa: RawLayer, brazil: Profile, real: Path
) -> None:
    spec = brazil.roles[Role.CONCESSIONS]
    rights, _ = normalize.concessions(amapa, spec, brazil.crs, on=date(2021, 12, 31))
    rows = amapa.frame.assign(here=amapa.frame["UF"] == "AP").groupby("PROCESSO")
    stated = pd.DataFrame({"ha": rows["AREA_HA"].sum(), "here": rows["here"].all()})
    measured = rights.set_index("concession_id")["area_ha"].reindex(stated.index)
    near = (measured / stated["ha"] - 1).abs() < 0.002
    here = stated["here"] & (stated["ha"] > 1)
    assert near[here].mean() > 0.985
    # Processes of the neighbouring state are cut at the border of the extract.
    assert (~near[~stated["here"]]).sum() > 30
    assert (measured[~near & ~stated["here"]] < stated.loc[~near & ~stated["here"], "ha"]).all()
