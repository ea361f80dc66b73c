"""Entities in files of XML open no other file and do not grow without end."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from geoasm.cli.main import cli

SECRET = "what another file holds"
HEADS = {
    "outside": '<!DOCTYPE x [<!ENTITY e SYSTEM "{secret}">]>',
    "laughs": "<!DOCTYPE x [<!ENTITY a0 'ha'>"
    + "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(12))
    + '<!ENTITY e "&a12;">]>',
}
BODIES = {
    "kml": '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&e;</name>'
    "<Point><coordinates>-75,-12</coordinates></Point></Placemark></Document></kml>",
    "gml": '<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml">'
    '<gml:featureMember><ogr:x fid="x.0"><ogr:g><gml:Point srsName="EPSG:4326"><gml:coordinates>-75,-12'
    "</gml:coordinates></gml:Point></ogr:g><ogr:name>&e;</ogr:name></ogr:x></gml:featureMember>"
    "</ogr:FeatureCollection>",
    "gpx": '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
    '<wpt lat="-12" lon="-75"><name>&e;</name></wpt></gpx>',
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", BODIES)
def test_entities_of_a_vector_file_reach_nothing(kind: str, head: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    path = tmp_path / f"file.{kind}"
    text = HEADS[head].replace("{secret}", secret.as_uri()) + BODIES[kind]
    path.write_text(f'<?xml version="1.0"?>{text}', encoding="utf-8")
    began = time.monotonic()
    for arguments in (
        ["inspect", "--json"],
        ["partition", "--profile", "pe", "--out", str(tmp_path / "p")],
    ):
        done = CliRunner().invoke(cli, [*arguments, str(path)])
        assert done.exit_code in (0, 2), done.output
        assert SECRET not in done.output
        assert "Traceback" not in done.output
    for part in (tmp_path / "p").rglob("*.parquet"):
        assert SECRET.encode() not in part.read_bytes()
        assert part.stat().st_size < 1_000_000
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("head", HEADS)
def test_entities_of_a_workbook_reach_nothing(head: str, tmp_path: Path) -> None:
    plain, path = tmp_path / "plain.xlsx", tmp_path / "file.xlsx"
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["COD_REINFO", "ESTADO"])
    book.active.append(["1", "MARK"])
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/sharedStrings.xml":
                text = text.replace(b"MARK", b"&e;")
                text = HEADS[head].replace("{secret}", secret.as_uri()).encode() + text
            target.writestr(name, text)
    began = time.monotonic()
    done = CliRunner().invoke(cli, ["inspect", "--json", str(path)])
    assert done.exit_code in (0, 2), done.output
    assert SECRET not in done.output
    assert "Traceback" not in done.output
    assert time.monotonic() - began < 30
