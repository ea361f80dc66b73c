"""Tables and workbooks made to trip their readers: every row is there, or one line says why not."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

from geoasm.errors import EmptySource, UnreadableSource
from geoasm.io.layers import read_layer
from tests.fuzz.archives import members, packed
from tests.fuzz.seeds import seeds

BOOK = next(seed for seed in seeds() if seed.kind == "xlsx").files[".xlsx"]
SHEET = "xl/worksheets/sheet1.xml"


def book(folder: Path, changes: dict[str, bytes], gone: str = "") -> Path:
    found = {**members(BOOK), **changes}
    found.pop(gone, None)
    path = folder / "a.xlsx"
    path.write_bytes(packed(iter(found.items())))
    return path


def test_a_field_of_a_hundred_megabytes_is_a_field(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"ID;TEXT\n1;a\n2;")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n3;c\n")
    raw = read_layer(str(path), "registrations")
    assert raw.frame["ID"].tolist() == ["1", "2", "3"]
    assert raw.frame["TEXT"].str.len().tolist() == [1, 100_000_000, 1]


def test_a_long_field_in_a_ragged_table_costs_only_the_ragged_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("A,B\n1," + "x" * 200_000 + "\n2,b,c,d\n3,c\n")
    raw = read_layer(str(path), "registrations")
    assert raw.frame["A"].tolist() == ["1", "3"]
    assert raw.broken is not None
    assert raw.broken["source_row"].tolist() == [2]


def test_a_lone_return_ends_a_line_for_the_delimiter_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"A;B\r1;x,y\r2;z\r")
    raw = read_layer(str(path), "registrations")
    assert raw.frame["A"].tolist() == ["1", "2"]


def test_a_table_with_a_nul_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"A,B\n1,\0\n")
    with pytest.raises(UnreadableSource, match=r"a\.csv is not text"):
        read_layer(str(path), "registrations")


@pytest.mark.parametrize(
    "change",
    [
        (rb"</sheetData>", b""),
        (rb"<sheetData>", b"<sheetData><![CDATA["),
        (rb"<t>COD_REINFO</t>", b"<t>&nope;</t>"),
        (rb'(<c r="A2")[^>]*>.*?</c>', rb'\1 t="n"><v>#DIV/0!</v></c>'),
        (rb'(<c r="A2")[^>]*>.*?</c>', rb'\1 t="s"><v>999999</v></c>'),
    ],
)
def test_a_broken_sheet_is_one_line(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    spoilt = re.sub(*change, members(BOOK)[SHEET])
    assert spoilt != members(BOOK)[SHEET]
    path = book(tmp_path, {SHEET: spoilt})
    with pytest.raises(
        UnreadableSource, match=r"a\.xlsx is no workbook, or damaged; save it again"
    ):
        read_layer(str(path), "registrations")


def test_entities_of_a_workbook_do_not_multiply(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    said = f'<!DOCTYPE worksheet [<!ENTITY e0 "lol">{laughs}]>'.encode()
    text = (said + members(BOOK)[SHEET]).replace(b"COD_REINFO", b"&e9;")
    with pytest.raises(UnreadableSource, match="is no workbook, or damaged"):
        read_layer(str(book(tmp_path, {SHEET: text})), "registrations")


def test_an_external_file_named_by_a_workbook_is_not_opened(tmp_path: Path) -> None:
    """A formula over another workbook gives the value that was saved, and nobody looks there."""
    relations = members(BOOK)["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/externalLink" Target="file:///etc/passwd" TargetMode="External"/>'
        b"</Relationships>",
    )
    sheet = re.sub(
        rb'<c r="A2"[^>]*>.*?</c>',
        b'<c r="A2"><f>[1]Sheet1!A1</f><v>42</v></c>',
        members(BOOK)[SHEET],
    )
    path = book(tmp_path, {"xl/_rels/workbook.xml.rels": relations, SHEET: sheet})
    raw = read_layer(str(path), "registrations")
    assert raw.frame["COD_REINFO"].iloc[0] == "42"
    assert len(raw.frame) == 6


@pytest.mark.parametrize("gone", sorted(set(members(BOOK)) - {"docProps/app.xml"}))
def test_a_workbook_that_lacks_a_part_is_read_or_one_line(tmp_path: Path, gone: str) -> None:
    path = book(tmp_path, {}, gone)
    with contextlib.suppress(UnreadableSource, EmptySource):
        assert len(read_layer(str(path), "registrations").frame) == 6
