from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from geoasm.errors import (
    EmptySource,
    GeoasmError,
    RunNotFound,
    SourceNotFound,
    UnknownProfile,
    UnreadableSource,
)
from geoasm.io.geoparquet import open_geoparquet
from geoasm.io.paths import Kind, Location, digest, kind_of, locate
from geoasm.io.profiles import load_profile
from geoasm.io.register import find_runs
from geoasm.io.results import load_result
from geoasm.io.scenarios import find_scenario


def test_a_text_is_a_path_or_a_path_and_a_layer(tmp_path: Path) -> None:
    file = tmp_path / "rights.gpkg"
    file.write_bytes(b"x")
    assert locate(str(file)).layer is None
    assert locate(f"{file}:titles").layer == "titles"
    assert locate(f"{file}:titles").path == file


def test_a_file_whose_name_holds_a_colon_comes_before_path_and_layer(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "a:b").write_bytes(b"x")
    assert locate(f"{tmp_path}/a:b").layer is None


def test_a_missing_file_is_named_with_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "titles.geojson").write_bytes(b"x")
    with pytest.raises(
        SourceNotFound, match=r"no such file: .*titles\.shp; did you mean titles\.g"
    ):
        locate(f"{tmp_path}/titles.shp")
    with pytest.raises(SourceNotFound, match="its folder does not exist"):
        locate(f"{tmp_path}/nowhere/titles.shp")


@pytest.mark.parametrize("name", ["a[1]", "a**b", "a*", "a?", "**"])
def test_a_name_is_no_pattern(tmp_path: Path, name: str) -> None:
    (tmp_path / "a1.gpkg").write_bytes(b"x")
    with pytest.raises(SourceNotFound, match=f"; it is not in {tmp_path}"):
        locate(f"{tmp_path}/{name}.csv")
    (tmp_path / f"{name}.gpkg").write_bytes(b"x")
    with pytest.raises(SourceNotFound) as refused:
        locate(f"{tmp_path}/{name}.csv")
    assert str(refused.value).endswith(f"did you mean {name}.gpkg?")


@pytest.mark.parametrize("name", ["~nobody-is-called-so/a", "a" * 300, "a" * 300 + "/b"])
def test_what_no_system_finds_is_told_in_one_line_by_all_who_look_for_it(name: str) -> None:
    looks: list[tuple[Callable[[str], object], type[GeoasmError]]] = [
        (locate, SourceNotFound),
        (lambda text: locate(f"{text}:layer"), SourceNotFound),
        (load_profile, UnknownProfile),
        (find_scenario, SourceNotFound),
        (lambda text: open_geoparquet(text, "points"), SourceNotFound),
        (load_result, RunNotFound),
        (lambda text: find_runs([Path(text)]), RunNotFound),
    ]
    for look, error in looks:
        with pytest.raises(error) as refused:
            look(name)
        assert name in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_tilde_is_the_home_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.csv").write_bytes(b"x")
    assert locate("~/a.csv").path == tmp_path / "a.csv"
    assert locate("~/a.csv:b") == Location(tmp_path / "a.csv", "b")


def test_a_directory_an_empty_file_and_a_database_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="is a directory"):
        locate(str(tmp_path))
    (tmp_path / "empty.shp").touch()
    with pytest.raises(EmptySource, match=r"empty\.shp is empty"):
        locate(f"{tmp_path}/empty.shp")
    with pytest.raises(UnreadableSource, match="a database is no raster"):
        locate("postgresql://host/db?table=rights")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", b"a,b\n", Kind.DELIMITED),
        ("a.TXT", b"a\tb\n", Kind.DELIMITED),
        ("a.geojson", b"{}", Kind.VECTOR),
        ("a.anything", b"PAR1...", Kind.PARQUET),
        ("a.zip", b"PK\x03\x04", Kind.ARCHIVE),
        ("a.xlsx", b"PK\x03\x04", Kind.WORKBOOK),
        ("a.kmz", b"PK\x03\x04", Kind.VECTOR),
    ],
)
def test_first_bytes_count_before_the_name(
    tmp_path: Path, name: str, content: bytes, kind: Kind
) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) is kind


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tif", b"II*\0....", "is a raster"),
        ("a.zip", b"no zip at all", "cannot be unpacked"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "save it as XLSX"),
        ("a.shx", b"....", "name the .shp file"),
    ],
)
def test_what_is_no_vector_layer_says_what_it_is(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableSource, match=message):
        kind_of(tmp_path / name)


def test_the_digest_of_a_shapefile_covers_all_its_parts(tmp_path: Path) -> None:
    for suffix in ("shp", "shx", "dbf"):
        (tmp_path / f"a.{suffix}").write_bytes(suffix.encode())
    first = digest(tmp_path / "a.shp")
    (tmp_path / "a.dbf").write_bytes(b"changed")
    assert digest(tmp_path / "a.shp") != first


def test_the_digest_of_one_file_is_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n")
    assert digest(tmp_path / "a.csv") == hashlib.sha256(b"a,b\n").hexdigest()
