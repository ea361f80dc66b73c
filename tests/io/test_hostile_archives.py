"""Zips and workbooks made to do harm: told before they are unpacked, or read as what they are."""

from __future__ import annotations

import io
import stat
import tempfile
import time
import zipfile
from pathlib import Path

import pyogrio
import pytest

from geoasm.errors import UnreadableSource
from geoasm.io import archives
from geoasm.io.layers import read_layer
from tests.fuzz.archives import members, packed
from tests.fuzz.seeds import rights, seeds, zipped
from tests.io.refusing import refused

OF = {seed.kind: seed for seed in seeds()}
KML = OF["kml"].files[".kml"]
MEGABYTE = 1 << 20


def zeros(megabytes: int) -> bytes:
    """A zip of one table of zeros, written a megabyte at a time."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(megabytes):
            member.write(bytes(MEGABYTE))
    return out.getvalue()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zips may unpack to one megabyte, whatever they are: a test need not make gigabytes."""
    monkeypatch.setattr(archives, "_SMALL_BYTES", MEGABYTE)


@pytest.mark.usefixtures("small")
def test_a_zip_that_swells_out_of_proportion_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(zipfile.ZipFile, "extractall", None)  # which would fail otherwise
    path = tmp_path / "bomb.zip"
    path.write_bytes(zeros(64))
    assert "would unpack to 0.1 GB; if that is right, unpack it" in refused(path)
    assert [p.name for p in tmp_path.iterdir()] == ["bomb.zip"]


@pytest.mark.usefixtures("small")
def test_zips_inside_a_zip_swell_together(tmp_path: Path) -> None:
    inner = {f"{i}.zip": zeros(1) for i in range(5)}
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped(inner))
    assert "would unpack to" in refused(path)


@pytest.mark.usefixtures("small")
def test_a_workbook_that_swells_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    found = members(OF["xlsx"].files[".xlsx"])
    found["xl/sharedStrings.xml"] = b" " * (64 * MEGABYTE)
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(packed(iter(found.items())))
    start = time.monotonic()
    assert "would unpack to" in refused(path)
    assert time.monotonic() - start < 5


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["doc.kml", "files/photo.png"])
def test_a_kmz_that_swells_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(zipfile.ZipFile, "extractall", None)
    monkeypatch.setattr(pyogrio, "list_layers", None)
    path = tmp_path / "bomb.kmz"
    path.write_bytes(zipped({"a.kml": KML, name: bytes(64 * MEGABYTE)}))
    assert "would unpack to 0.1 GB; if that is right, unpack it" in refused(path)


@pytest.mark.usefixtures("small")
def test_a_kmz_inside_a_zip_swells_with_it(tmp_path: Path) -> None:
    inner = zipped({"doc.kml": KML + b" " * MEGABYTE})
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({"a.kmz": inner, "b.kmz": inner}))
    assert "would unpack to" in refused(path)


@pytest.mark.parametrize("name", ["../doc.kml", "/doc.kml", "a/../../doc.kml", "a\\..\\doc.kml"])
def test_a_kmz_with_a_member_outside_itself_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.kmz"
    path.write_bytes(packed(iter([(name, KML)])))
    assert "a member's name points outside the zip" in refused(path)


def test_a_kmz_of_one_document_or_of_linked_ones_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.KMZ"
    path.write_bytes(zipped({"doc.kml": KML, "files/a.csv": b"A\n1\n"}))
    assert len(read_layer(str(path), "concessions").frame) == 6
    (tmp_path / "b.zip").write_bytes(zipped({"a.kmz": path.read_bytes()}))
    assert len(read_layer(f"{tmp_path}/b.zip", "concessions").frame) == 6
    rights().to_file(tmp_path / "c.kmz", driver="LIBKML")  # a document that links to its layers
    raw = read_layer(f"{tmp_path}/c.kmz", "concessions")
    assert (len(raw.frame), raw.source.name) == (6, "c.kmz")


def test_readers_see_no_member_that_was_not_measured(tmp_path: Path) -> None:
    """Two lists of members may stand in one file, and each program finds its own."""
    path = tmp_path / "a.kmz"
    path.write_bytes(zipped({"b.kmz": b"", "doc.kml": KML}))
    with archives.rewritten(path) as file:
        assert members(file.read_bytes()) == {"doc.kml": KML}
        assert file != path
    assert not file.exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_document_that_a_kmz_lists_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    path.write_bytes(packed(iter([("doc.kml", b"<kml/>"), ("doc.kml", KML)])))
    with archives.rewritten(path) as file, zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["doc.kml"]
        assert archive.read("doc.kml") == KML


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (KML, "it is no kmz file"),
        (KML + zipped({"doc.kml": KML}), "it is no kmz file"),
        (zipped({"doc.kml": KML})[:-30], "the zip is damaged"),
        (zipped({"a.csv": b"A"}), "holds no KML"),
    ],
)
def test_a_kmz_that_is_none_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.kmz"
    path.write_bytes(content)
    assert said in refused(path)


@pytest.mark.parametrize("name", ["a.kmz", "a.zip"])
def test_a_damaged_file_inside_a_zip_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "outer.zip"
    path.write_bytes(zipped({name: zipped({"doc.kml": KML})[:-30]}))
    assert f"{name} in outer.zip cannot be unpacked: the zip is damaged" in refused(path)


def test_a_zip_of_ordinary_proportions_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(OF["zip"].files[".zip"])
    assert len(read_layer(str(path), "concessions").frame) == 6


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "/dev/zero"])
def test_a_link_inside_a_zip_is_no_link_once_unpacked(tmp_path: Path, target: str) -> None:
    info = zipfile.ZipInfo("a.kml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "link.zip"
    path.write_bytes(packed(iter([(info, target.encode())])))
    with archives.unpacked(path) as files:
        assert [(f.is_symlink(), f.read_text()) for f in files.values()] == [(False, target)]
    with pytest.raises(UnreadableSource, match=r"a\.kml"):
        read_layer(str(path), "concessions")


@pytest.mark.parametrize(
    "names", [["m.shp", "m.shp/x.csv"], [f"{'x' * 300}.csv"], ["d/" * 3000 + "a.csv"]]
)
def test_names_that_no_disk_takes_are_one_line(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "names.zip"
    path.write_bytes(packed((name, b"A,B\n1,2\n") for name in names))
    assert "cannot be unpacked" in refused(path)


def test_names_that_claim_to_be_utf8_and_are_not_are_one_line(tmp_path: Path) -> None:
    content = packed(iter([("ñ.csv", b"A,B\n1,2\n")])).replace("ñ".encode(), b"\xff\xfe")
    path = tmp_path / "names.zip"
    path.write_bytes(content)
    assert "cannot be unpacked" in refused(path)


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    content = bytearray(packed(iter([("a.csv", b"A,B\n1,2\n")])))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(bytes(content))
    assert "is encrypted; unpack it" in refused(path)


@pytest.mark.parametrize("method", [9, 12, 14, 99])
def test_a_member_packed_in_another_way_than_it_says_is_told(tmp_path: Path, method: int) -> None:
    content = bytearray(packed(iter([("a.csv", b"A,B\n1,2\n" * 50)])))
    content[8] = content[content.rindex(b"PK\x01\x02") + 10] = method
    path = tmp_path / "odd.zip"
    path.write_bytes(bytes(content))
    assert "cannot be unpacked" in refused(path)


def test_a_sum_that_does_not_agree_is_told(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": b"A,B\n1,2\n"}, zipfile.ZIP_STORED))
    content[content.index(b"A,B")] = ord("X")
    path = tmp_path / "odd.zip"
    path.write_bytes(bytes(content))
    assert "cannot be unpacked" in refused(path)


def test_a_zip_that_starts_before_its_file_is_told(tmp_path: Path) -> None:
    content = bytearray(packed(iter([("a.csv", b"A,B\n1,2\n")])))
    del content[5:12]
    path = tmp_path / "cut.zip"
    path.write_bytes(bytes(content))
    assert "cannot be unpacked" in refused(path)
