"""Command lines whose outputs faults strike, one of every command that writes files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

import geoasm
from tests.faults.boxes import ROOT, Box, Stage
from tests.io.fetch.map_server import MapServer, planted, running

SAMPLE = ROOT / "data" / "sample"
# What is written through folders of different kinds, and what through one of them or a file.
MOST_STRUCK = ("run", "overlaps", "compare", "screen", "map")
STRUCK = ("report", "series", "openings", "partition", "link", "simulate", "scenario", "fetch")
INSIDE = {"map": "map.html", "report": "report.html"}  # of a run
NAMED = {"fetch": "target.gpkg", "link": "target.parquet"}
SERVICE = """
[[service]]
name = "cadastre"
title = {{ es = "Catastro", en = "Cadastre" }}
role = "concessions"
kind = "arcgis"
urls = ["{url}"]
paging = "id_batches"
page_rows = 10
out_crs = "EPSG:4326"
utc_offset_h = -5
licence = {{ es = "No consta.", en = "None stated." }}
note = {{ es = "Mire la fecha.", en = "Look at the date." }}
reference = "planted"
verified = false
"""


@contextmanager
def boxed(name: str, stage: Stage, folder: Path) -> Iterator[Box]:
    """Give a box in which a command writes; a service that it asks runs meanwhile."""

    def box(command: list[str]) -> Box:
        return Box(
            stage,
            folder / "box",
            command,
            inside=INSIDE.get(name, ""),
            name=NAMED.get(name, "target"),
        )

    if name != "fetch":
        yield box(command_of(name, stage.run))
        return
    with running(MapServer(planted(25))) as server:
        profile = with_service(server.url, folder / "pe")
        yield box(["fetch", "cadastre", "--profile", str(profile), "--delay", "0"])


def command_of(name: str, run: Path) -> list[str]:
    if name == "screen":
        firms = pd.read_parquet(run / "holders.parquet", columns=["name"])["name"].dropna()
        return ["screen", str(run), "--holder", firms.iloc[0]]
    if name == "series":
        return ["series", str(run), str(a_year_later(run))]
    return {
        "run": ["run", str(SAMPLE / "study.toml")],
        "overlaps": ["overlaps", str(SAMPLE / "concessions.gpkg"), "--profile", "pe"],
        "compare": ["compare", str(run), str(run)],
        "map": ["map", "TARGET"],
        "report": ["report", "TARGET"],
        "openings": ["openings", str(run)],
        "partition": ["partition", str(SAMPLE / "concessions.gpkg"), "--rows", "100"],
        "link": ["link", *(str(run / f"{what}.parquet") for what in ("registrations", "concessions"))],
        "simulate": ["simulate", "--profile", "pe", "--registrations", "30"],
        "scenario": ["scenario", str(run), "title_reform"],
    }[name]  # fmt: skip


def a_year_later(run: Path) -> Path:
    """Give a copy of a run that states a day of the year after."""
    later = run.with_name("later")
    if not later.exists():
        shutil.copytree(run, later)
        for record in (later / "manifest.json", later / "summary.json"):
            content = json.loads(record.read_text(encoding="utf-8"))
            stated = content.get("options", content)
            stated["on"] = f"{int(stated['on'][:4]) + 1}{stated['on'][4:]}"
            record.write_text(json.dumps(content), encoding="utf-8")
    return later


def with_service(url: str, folder: Path) -> Path:
    """Copy Peru's profile, whose cadastre is then at an address of this machine."""
    shutil.copytree(Path(geoasm.__file__).parent / "profiles" / "pe", folder)
    (folder / "services.toml").write_text(SERVICE.format(url=url), encoding="utf-8")
    return folder
