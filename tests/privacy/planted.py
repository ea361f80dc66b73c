"""A study with unmistakable persons in every place where a source may hold one."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
FIRM = "COMPAÑÍA MINERA PLANTADORA UNO S.A.C."  # a legal entity: may be named
Row = dict[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody whom nothing public may tell."""

    name: str
    dni: str

    @property
    def ruc(self) -> str:
        return numbered("10" + self.dni)


def numbered(first_ten: str) -> str:
    """Give a tax number with its check digit."""
    total = sum(int(d) * w for d, w in zip(first_ten, WEIGHTS, strict=True))
    return f"{first_ten}{(11 - total % 11) % 10}"


OWNER = Person("ÑAHUINCÓNDOR ZÜÑIGARAY WÍLMERINDO", "73920481")  # registered, and holds a right
HOLDER = Person("QUISPEMACHÚY ÑAUPARIHUA DOROTELINDA", "48207193")  # holds a right, in a group
MINER = Person("CCORAHUÁNAY TTUPAYUPANKI ELEUTERINDA", "29571846")  # registered, and a free text
PARTY = Person("HUALLPARIMÁCHI SULLKAWAMÁN PRÓSPERINO", "61749302")  # of a contract, by number
ALIAS = Person("YANAQQUÉLLCA CHUQUIWILLKA FLORENTÍNIDO", "35804719")  # a spelling in a table
SHIFTED = Person("PUMACCALLÁHUI INKARROQALLA SATURNÍNEZ", "57016284")  # in a row that slipped
OPERATOR = Person("WAYRANQQÓSCCO LLAMOQTANTA HIPÓLINARIO", "84613057")  # of a unit, in its name
JOINT = Person("ATAUCHIWÁMAN QQUELLOPUMA EUSTAQUÍLDA", "16935728")  # a joint holder, with a firm
PERSONS = (OWNER, HOLDER, MINER, PARTY, ALIAS, SHIFTED, OPERATOR, JOINT)


def write_study(sample: Path, folder: Path) -> Path:
    """Copy the sample and plant the persons; give the study file."""
    shutil.copytree(sample, folder)
    _register(folder / "registrations.csv")
    _cadastre(folder / "concessions.gpkg")
    _units(folder / "mining_units.gpkg")
    _tables(folder)
    # a file may be called after somebody
    named = f"igafom {MINER.name} {MINER.ruc}.csv"
    (folder / "igafom.csv").rename(folder / named)
    study = folder / "study.toml"
    text = study.read_text(encoding="utf-8").replace("igafom.csv", named)
    study.write_text(text, encoding="utf-8")
    return study


def _change(path: Path, change: Callable[[list[Row]], None]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _register(path: Path) -> None:
    def change(rows: list[Row]) -> None:
        for row, person in zip(rows, (OWNER, MINER, SHIFTED), strict=False):
            row["NOMBRE_MIN"], row["M_RUC"] = person.name, person.ruc
        rows[0]["ID_UNIDAD"] = OWNER.ruc  # a number where a code should be
        rows[1]["NOMBRE_DM"] = f"LAVADERO DE {MINER.name}"
        rows[1]["DISTRITO"] = f"casa de {MINER.name}, DNI {MINER.dni}"
        for row, (field, value) in zip(rows[2:], SLIPS, strict=False):
            row[field] = value
        rows[20]["M_RUC"] = SHIFTED.dni  # no valid number
        rows[21]["NOMBRE_MIN"] = SHIFTED.name.encode("utf-8").decode("latin-1")  # mojibake
        rows[22]["NOMBRE_DM"] = SHIFTED.name.encode("utf-8").decode("latin-1")

    _change(path, change)


# A cell that slipped into its neighbour: names and numbers where days, codes and numbers stand.
SLIPS = (
    ("ESTADO", SHIFTED.name),
    ("A_INSCRIPCION", SHIFTED.dni),
    ("A_INSCRIPCION", SHIFTED.name),
    ("FECHA_ACTUALIZACION", SHIFTED.dni),
    ("FECHA_ACTUALIZACION", f"{SHIFTED.name} 2025"),
    ("TIPO_ACT", f"DNI {SHIFTED.dni[:2]}.{SHIFTED.dni[2:5]}.{SHIFTED.dni[5:]}"),
    ("ID_UNIDAD", SHIFTED.name),
    ("ID_UNIDAD", SHIFTED.dni),
    ("ESTE", SHIFTED.name),
    ("LONGITUD_G84", SHIFTED.name),
    ("NORTE", SHIFTED.ruc),
    ("ZONA", SHIFTED.ruc),
    ("PROVINCIA", SHIFTED.name),
)


def _cadastre(path: Path) -> None:
    natural = (
        "SELECT fid FROM concessions WHERE TIT_CONCES NOT LIKE '%S.%' AND ESTADO = 'T' "
        "AND TIT_CONCES <> '' ORDER BY fid LIMIT 6"
    )
    with closing(sqlite3.connect(path)) as db, db:
        fids = [fid for (fid,) in db.execute(natural)]

        def put(fid: int, **values: str) -> None:
            names = ", ".join(f"{name} = ?" for name in values)
            db.execute(f"UPDATE concessions SET {names} WHERE fid = ?", [*values.values(), fid])

        _without_triggers(db)
        put(fids[0], TIT_CONCES=OWNER.name, CONCESION=f"{OWNER.name} 2008")
        put(fids[1], TIT_CONCES=HOLDER.name, CONCESION=f"Mina de {flipped(HOLDER.name)}")
        put(fids[2], TIT_CONCES=f"{FIRM} / {JOINT.name}")
        put(fids[3], TIT_CONCES=FIRM)
        put(fids[4], ESTADO=HOLDER.name, HOR_DENU=HOLDER.dni)
        put(fids[5], ZONA=HOLDER.name, SUSTANCIA=HOLDER.name, DATUM=HOLDER.dni)


def flipped(name: str) -> str:
    """Put the given name first, as people say it, in small letters without accents."""
    first, second, given = name.lower().split()
    plain = str.maketrans("áéíóúüñ", "aeiouun")
    return f"{given} {first} {second}".translate(plain)


def _units(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        _without_triggers(db)
        db.execute(
            "UPDATE mining_units SET titular = ?, nombre = ? WHERE fid = 1",
            [OPERATOR.name, f"UNIDAD {OPERATOR.name}"],
        )
        db.execute("UPDATE mining_units SET tipo = ? WHERE fid = 2", [OPERATOR.name])


def _without_triggers(db: sqlite3.Connection) -> None:
    for (name,) in list(db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        db.execute(f'DROP TRIGGER "{name}"')


def _tables(folder: Path) -> None:
    def add(name: str, **values: str) -> None:
        def change(rows: list[Row]) -> None:
            rows.append({**dict.fromkeys(rows[0], ""), **values})

        _change(folder / f"{name}.csv", change)

    add("groups", holder=HOLDER.name, group=f"GRUPO {HOLDER.name}")
    add("groups", holder=FIRM, group=f"GRUPO {HOLDER.name}")
    add("groups", holder=PARTY.name, group=f"FAMILIA {PARTY.name}")
    add("aliases", spelling=ALIAS.name, holder=HOLDER.name, same="YES")
    add("aliases", spelling=ALIAS.name, holder=FIRM, same="NO")
    add("aliases", spelling=ALIAS.name, holder=HOLDER.name, same=f"preguntar a {ALIAS.name}")
    add("holders", holder=HOLDER.name, ruc=HOLDER.ruc)
    add("holders", holder=ALIAS.name, ruc=ALIAS.dni)
    add("contracts", concession_id="010013819", ruc=PARTY.ruc, date=f"con {PARTY.name}")
    add("contracts", concession_id="999999999", ruc=PARTY.ruc, date="2025-01-01")
    add("contracts", concession_id=PARTY.ruc, ruc=PARTY.ruc, date="2025-01-01")
    add("strata", holder=HOLDER.name, ruc=HOLDER.ruc, date="2025-01-01", stratum=HOLDER.name)
    add("strata", holder=ALIAS.name, ruc=ALIAS.dni, date=ALIAS.name, stratum="SMALL_SCALE")
    add("production", unit=OPERATOR.name, holder=OPERATOR.name, year="2024", amount=OPERATOR.name)
    add("production_units", concession_id="010017522", unit=f"UEA {OPERATOR.name}")
    add("permits", concession_id="010017517", permit=f"PERMISO DE {HOLDER.name}", date="2025-01-01")
    add("assessments", holder=HOLDER.name, value=HOLDER.name, date="2025-01-01", factor=HOLDER.name)
    add("igafom", registration_id=MINER.ruc, stage=MINER.name, date="2025-01-01")
    add("penalties", concession_id=HOLDER.name, year=HOLDER.dni)
