"""Peru: the codes of the cadastre and the register, and the columns of both cadastre schemas."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geoasm import normalize
from geoasm.codes import ClosureLevel, Role
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from geoasm.model import Vocabulary
from geoasm.parsing.text import fold
from geoasm.profile import Profile

OLD_SCHEMA = [
    "OBJECTID_1", "OBJECTID", "CODIGOU", "ZONA", "CONCESION", "NATURALEZA", "HECTAREA", "TIT_CONCES", "FEC_DENU",
    "ESTADO", "HECTAGIS", "D_ESTADO", "CONTADOR", "DEPA", "PROV", "DIST", "Shape_Leng", "Shape_Le_1", "Shape_Area",
]  # fmt: skip
MODERN_SCHEMA = [
    "CODIGOU", "CONCESION", "TIT_CONCES", "D_ESTADO", "CARTA", "ZONA", "SUSTANCIA", "DEPA", "PROVI", "DISTRI",
    "HASDATUM", "FEC_DENU", "LEYENDA",
]  # fmt: skip
REGISTER = [
    "COD_REINFO", "M_RUC", "NOMBRE_MIN", "NOMBRE_REP", "ID_UNIDAD", "NOMBRE_DM", "TIPO_ACT", "ESTADO",
    "A_INSCRIPCION", "DEPARTAMENTO", "PROVINCIA", "DISTRITO", "ID_DEPA", "ID_PROV", "ID_DIST", "LATITUD_G84",
    "LONGITUD_G84", "FLG_COOROK", "FECHA_ACTUALIZACION",
]  # fmt: skip


@pytest.fixture(scope="module")
def peru() -> Profile:
    return load_profile("pe")


def by_column(profile: Profile, field: str) -> dict[str, Vocabulary]:
    sources = profile.roles[Role.CONCESSIONS].fields[field].sources
    return {s.columns[0]: s.vocabulary for s in sources if s.vocabulary}


@pytest.mark.parametrize("header", [OLD_SCHEMA, MODERN_SCHEMA], ids=["old", "modern"])
def test_both_schemas_of_the_cadastre_are_read_whole(peru: Profile, header: list[str]) -> None:
    spec = peru.roles[Role.CONCESSIONS]
    columns = {fold(c) for c in header}
    read = {fold(c) for f in spec.fields.values() for s in f.sources for c in s.columns}
    assert columns <= read | spec.ignored
    for field in (f for f in spec.fields.values() if f.required):
        assert columns & {fold(c) for s in field.sources for c in s.columns}, field.name


def test_the_register_is_read_whole(peru: Profile) -> None:
    spec = peru.roles[Role.REGISTRATIONS]
    read = {fold(c) for f in spec.fields.values() for s in f.sources for c in s.columns}
    read |= {fold(c) for p in spec.positions for c in (*p.x_columns, *p.y_columns)}
    assert {fold(c) for c in REGISTER} <= read | spec.ignored


@pytest.mark.parametrize(
    ("letters", "status"),
    [
        ("TNEQ", "titled"),
        ("PD", "pending"),
        ("FJLHY9X", "extinct"),
        ("ABRSMGZKV", "other"),
    ],
)
def test_the_letters_of_the_cadastre(peru: Profile, letters: str, status: str) -> None:
    known = by_column(peru, "status")["ESTADO"].values
    assert {known[letter] for letter in letters} == {status}


def test_letters_that_no_source_settles_stay_unknown_or_are_doubted(peru: Profile) -> None:
    letters = by_column(peru, "status")["ESTADO"]
    assert "C" not in letters.values
    assert "" not in letters.values
    assert letters.doubtful == {"H", "K"}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("D.M. Titulado D.L. 708", "titled"),
        ("D.M. Titulado D.L. 109", "titled"),
        ("Acumulación D.M. Titulada", "titled"),
        ("D.M. en Trámite D.L. 708", "pending"),
        ("D.M. Exting. Pub. L.D. Reden.", "extinct"),
        ("D.M.  Exting. a publicar de L.D.", "extinct"),
        ("Cantera D.S. 037-96-EM", "other"),
        ("Planta de Beneficio", "other"),
        ("Depósito de Relaves", "other"),
    ],
)
def test_the_status_texts_of_the_cadastre(peru: Profile, text: str, status: str) -> None:
    known = by_column(peru, "status")["D_ESTADO"]
    found = [v for k, v in [*known.values.items(), *known.prefixes] if fold(text).startswith(k)]
    assert found
    assert set(found) == {status}


@pytest.mark.parametrize(
    ("role", "code", "level"),
    [
        (Role.PROTECTED_AREAS, "PN", ClosureLevel.HARD),
        (Role.PROTECTED_AREAS, "SN", ClosureLevel.HARD),
        (Role.PROTECTED_AREAS, "SH", ClosureLevel.HARD),
        (Role.PROTECTED_AREAS, "RN", ClosureLevel.SOFT),
        (Role.PROTECTED_AREAS, "ZR", ClosureLevel.SOFT),
        (Role.PROTECTED_AREAS, "ACR", ClosureLevel.SOFT),
        (Role.PROTECTED_AREAS, "ACP", ClosureLevel.SOFT),
        (Role.BUFFER_ZONES, "ZA", ClosureLevel.SOFT),
        (Role.ANAP, "ANAP", ClosureLevel.SOFT),
        (Role.RESTRICTED_AREAS, "indirect_use", ClosureLevel.HARD),
        (Role.RESTRICTED_AREAS, "mining_possible", ClosureLevel.SOFT),
    ],
)
def test_which_ground_is_closed(peru: Profile, role: Role, code: str, level: ClosureLevel) -> None:
    (row,) = [x for x in peru.law.area_levels if x.role == role and x.code == code]
    assert row.level is level


def test_rights_are_drawn_in_the_zones_of_the_cadastre(peru: Profile) -> None:
    plan = peru.crs
    assert plan.drawn_in == "zone"
    assert {z.code: z.epsg for z in plan.zones} == {"17": 32717, "18": 32718, "19": 32719}
    assert {z.code: z.epsg for z in plan.legacy_zones} == {"17": 24877, "18": 24878, "19": 24879}
    assert [o.operation for o in plan.operations] == ["EPSG:1208"]


@pytest.mark.real
def test_a_scrambled_cadastre_reads_correctly_and_every_repair_is_counted(
    peru: Profile, real: Path
) -> None:
    path = real / "peru_raura" / "concessions.geojson"
    raw = read_layer(str(path), Role.CONCESSIONS.value)
    spec = peru.roles[Role.CONCESSIONS]
    rights, found = normalize.concessions(raw, spec, peru.crs, on=date(2026, 1, 1))
    texts = rights[["name", "holder_name", "status_code"]]
    assert not texts.apply(lambda t: t.str.contains("[ÃÂ\ufffd]", na=False)).any(axis=None)
    assert rights["holder_name"].str.startswith("COMPAÑIA MINERA").any()
    assert set(rights["status"]) == {"titled", "pending", "extinct", "other"}
    mended = found[found["problem"] == "mojibake"]
    scrambled = raw.frame["TIT_CONCES"].str.contains("[ÃÂ]", na=False).sum()
    assert (mended["field"] == "TIT_CONCES").sum() == scrambled > 100
    assert mended.loc[mended["field"] == "TIT_CONCES", "private"].all()
