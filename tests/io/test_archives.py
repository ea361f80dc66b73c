from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geoasm.errors import SourceNotFound, UnreadableSource
from geoasm.io.layers import read_layer


def shapefile(folder: Path, stem: str, rows: int = 2) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    frame = gpd.GeoDataFrame(
        {"CODIGOU": [f"0100000{i}" for i in range(rows)]},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(rows)],
        crs="EPSG:32718",
    )
    frame.to_file(folder / f"{stem}.shp")
    return sorted(folder.glob(f"{stem}.*"))


def packed(target: Path, members: dict[str, Path | bytes]) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            if isinstance(content, Path):
                archive.write(content, name)
            else:
                archive.writestr(name, content)
    return target


def test_a_zipped_shapefile_reads_as_the_shapefile(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "in", "CMI_18S")
    path = packed(tmp_path / "CMI_18S.zip", {f"folder/{p.name}": p for p in parts})
    raw = read_layer(str(path), "concessions")
    assert raw.source.name == "CMI_18S.zip"
    assert raw.source.crs_read == "EPSG:32718"
    assert raw.frame["CODIGOU"].tolist() == ["01000000", "01000001"]


def test_a_zip_inside_a_zip_is_opened(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "in", "titles")
    inner = packed(tmp_path / "inner.zip", {p.name: p for p in parts})
    outer = packed(tmp_path / "outer.zip", {"inner.zip": inner, "__MACOSX/._x.shp": b"litter"})
    assert len(read_layer(str(outer), "concessions").frame) == 2


def test_several_layers_in_a_zip_ask_for_one_by_name(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "in", "a") + shapefile(tmp_path / "in", "b", rows=3)
    path = packed(tmp_path / "two.zip", {p.name: p for p in parts})
    with pytest.raises(UnreadableSource, match=r"2 layers: a, b; name one, as in two\.zip:a"):
        read_layer(str(path), "concessions")
    raw = read_layer(f"{path}:b", "concessions")
    assert (len(raw.frame), raw.source.layer) == (3, "b")
    with pytest.raises(SourceNotFound, match="has no layer 'c'; it has a, b"):
        read_layer(f"{path}:c", "concessions")


@pytest.mark.parametrize(
    "names", [("a.csv", "sub/a.csv"), ("a.csv", "a.tsv"), ("x/a.csv", "y/x/a.csv")]
)
def test_files_of_one_name_are_told_apart_by_their_path_in_the_zip(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    path = packed(tmp_path / "two.zip", {name: f"ID\n{name}\n".encode() for name in names})
    with pytest.raises(UnreadableSource) as refused:
        read_layer(str(path), "registrations")
    assert str(refused.value) == (
        f"two.zip has 2 layers: {', '.join(names)}; name one, as in two.zip:{names[0]}"
    )
    for name in names:
        raw = read_layer(f"{path}:{name}", "registrations")
        assert (raw.frame["ID"].tolist(), raw.source.layer) == ([name], name)


def test_files_of_one_name_in_zips_inside_a_zip_are_told_apart(tmp_path: Path) -> None:
    inner = {
        name: packed(tmp_path / name, {"a.csv": f"ID\n{name}\n".encode()})
        for name in ("b.zip", "b.ZIP")
    }
    path = packed(tmp_path / "outer.zip", inner)
    for name in inner:
        raw = read_layer(f"{path}:{name}/a.csv", "registrations")
        assert raw.frame["ID"].tolist() == [name]


def test_layers_of_one_name_are_told_apart_by_file_and_layer(tmp_path: Path) -> None:
    members = {}
    for rows, folder in enumerate(("17S", "18S"), start=1):
        file = tmp_path / f"{folder}.gpkg"
        shapes = [shapely.box(i, 0, i + 1, 1) for i in range(rows)]
        for layer in ("titles", "claims"):
            gpd.GeoDataFrame(geometry=shapes, crs="EPSG:32718").to_file(file, layer=layer)
        members[f"{folder}/a.gpkg"] = file
    path = packed(tmp_path / "zones.zip", members)
    assert len(read_layer(f"{path}:18S/a.gpkg/claims", "concessions").frame) == 2
    assert len(read_layer(f"{path}:17S/a.gpkg/titles", "concessions").frame) == 1


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_listed_twice_is_one_file_its_last(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for content in ("ID\n1\n", "ID\n2\n"):
            archive.writestr("a.csv", content)
    assert read_layer(str(path), "registrations").frame["ID"].tolist() == ["2"]


@pytest.mark.parametrize("name", ["../evil.geojson", "/etc/evil.geojson", "a/../../evil.csv"])
def test_a_member_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "evil.zip", {name: b"{}"})
    with pytest.raises(UnreadableSource, match="points outside the zip"):
        read_layer(str(path), "concessions")
    assert not (tmp_path.parent / "evil.geojson").exists()


def test_damaged_and_useless_zips_say_so(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.zip", {"a.geojson": b"x" * 5000})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:300])
    with pytest.raises(UnreadableSource, match=r"cut\.zip cannot be unpacked"):
        read_layer(str(cut), "concessions")
    letter = packed(tmp_path / "letter.docx", {"word/document.xml": b"<w/>"})
    with pytest.raises(UnreadableSource, match=r"letter\.docx holds no spatial file"):
        read_layer(str(letter), "concessions")
