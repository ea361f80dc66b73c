"""A study whose files try to be obeyed by whatever shows or opens what is made of them."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from contextlib import closing
from itertools import cycle
from pathlib import Path

MARK = "xinj"  # in every payload that would run: nothing but text may hold it
PAYLOADS = (
    f'"><img src=x onerror={MARK}()>',
    f"</script><script>{MARK}()</script>",
    f"'-{MARK}()-'",
    f"</style><style>@import url(//{MARK}.example)</style>",
    f"</svg><svg onload={MARK}()>",
    f"]]><{MARK}/>",
    f"--><{MARK}/>",
    f"&lt;{MARK} onclick=1&gt;",
    "{{ 7777 * 7 }}{% raw %}",
    "{value}{n}%s%(x)s$&$1",
    f"a\u2028{MARK}()\u2029b",
    "__proto__",
    "constructor",
    f"javascript:{MARK}()",
    f"[% {MARK}() %] eval('{MARK}')",
    f'" || {MARK}() || "',
    "../../../../outside",
    "..\\..\\outside",
    "/etc/outside",
    "CON",
    "'; DROP TABLE registrations; --",
    f'x" ({MARK}) --',
)
FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "=cmd|' /C calc'!A0", '=HYPERLINK("//x","y")', "\uff1d1",
)  # fmt: skip
TEXTS = (*PAYLOADS, *FORMULAS)
FIRM = "MINERA {} S.A.C."  # so that the name is shown
_GROUNDS = {
    "admin": ("NOMBPROV", "NOMBDIST"),
    "protected_areas": ("anp_nomb",),
    "buffer_zones": ("d_anp_codi",),
    "communities": ("Nombre",),
    "rivers": ("NOMBRE",),
    "asm_zones": ("NOMBRE",),
    "conflict_areas": ("NOMBRE",),
    "mining_corridor": ("NOMBRE",),
    "mining_units": ("nombre",),
}


def write_study(sample: Path, folder: Path) -> Path:
    """Copy the sample, its free texts exchanged; give the study file."""
    shutil.copytree(sample, folder)
    for layer, columns in _GROUNDS.items():
        _exchange(folder / f"{layer}.gpkg", layer, columns)
    _exchange(folder / "concessions.gpkg", "concessions", ("CONCESION",))
    _firms(folder / "concessions.gpkg")
    _register(folder / "registrations.csv")
    study = folder / "study.toml"
    title = "</title><script>xinj()</script> {{ 7777 * 7 }} =1+1"
    lines = study.read_text(encoding="utf-8").splitlines()
    lines = [f"title = '{title}'" if line.startswith("title") else line for line in lines]
    study.write_text("\n".join(lines), encoding="utf-8")
    return study


def _exchange(path: Path, layer: str, columns: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for (name,) in list(db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            db.execute(f'DROP TRIGGER "{name}"')
        fids = [fid for (fid,) in db.execute(f'SELECT fid FROM "{layer}" ORDER BY fid')]
        texts = cycle(TEXTS)
        for fid in fids:
            for column in columns:
                value = [f"{next(texts)} {fid}" if column == "NOMBDIST" else next(texts), fid]
                db.execute(f'UPDATE "{layer}" SET "{column}" = ? WHERE fid = ?', value)


def _firms(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        named = db.execute(
            "SELECT DISTINCT TIT_CONCES FROM concessions WHERE TIT_CONCES LIKE '%S.A.C.' ORDER BY 1"
        )
        for (name,), text in zip(list(named), cycle(TEXTS), strict=False):
            new = FIRM.format(text)
            db.execute("UPDATE concessions SET TIT_CONCES = ? WHERE TIT_CONCES = ?", [new, name])


def _register(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, text in zip(rows, cycle(TEXTS), strict=False):
        row["NOMBRE_DM"] = row["DISTRITO"] = text
    for row, text in zip(rows, TEXTS, strict=False):
        row["COD_REINFO"] = f"{text} {row['COD_REINFO']}"
        row["ID_UNIDAD"] = text
    for row, text in zip(rows[60:], TEXTS, strict=False):
        row["ESTADO"] = text
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
