from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from geoasm.errors import EmptySource, UnreadableSource
from geoasm.io.layers import read_layer


def write(folder: Path, content: str | bytes, name: str = "a.csv") -> str:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return str(folder / name)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_though_others_stand_in_the_text(
    tmp_path: Path, delimiter: str
) -> None:
    lines = [["CODIGO", "ESTE", "NOTA"], ["001", '"345,5"', '"a;b|c"'], ["002", "1", "x"]]
    text = "\n".join(delimiter.join(line) for line in lines)
    frame = read_layer(write(tmp_path, text), "registrations").frame
    assert frame.columns.tolist() == ["CODIGO", "ESTE", "NOTA", "source_row"]
    assert frame.iloc[0].tolist() == ["001", "345,5", "a;b|c", 1]


def test_every_cell_stays_the_text_that_it_is(tmp_path: Path) -> None:
    text = "ID,N,D,E\n007,1.50,2020-01-01,NA\n008,,NULL,nan\n"
    frame = read_layer(write(tmp_path, text), "registrations").frame
    assert frame.drop(columns="source_row").values.tolist()[0] == [
        "007",
        "1.50",
        "2020-01-01",
        "NA",
    ]
    assert frame.loc[1, ["D", "E"]].tolist() == ["NULL", "nan"]
    assert frame["N"].isna().tolist() == [False, True]
    assert (frame.drop(columns="source_row").dtypes == "str").all()


@pytest.mark.parametrize(
    ("encoding", "recorded"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1252", "CP1252"),
    ],
)
def test_the_encoding_is_told_by_the_bytes(tmp_path: Path, encoding: str, recorded: str) -> None:
    raw = read_layer(write(tmp_path, "ID,NAME\n1,PEÑA\n".encode(encoding)), "registrations")
    assert (raw.frame["NAME"].tolist(), raw.source.encoding) == (["PEÑA"], recorded)
    assert raw.frame.columns[0] == "ID"


def test_bytes_that_windows_does_not_know_are_latin_1(tmp_path: Path) -> None:
    raw = read_layer(write(tmp_path, b"ID,NAME\n1,PE\xd1A\x81\n"), "registrations")
    assert raw.source.encoding == "ISO-8859-1"


def test_an_encoding_given_must_fit(tmp_path: Path) -> None:
    path = write(tmp_path, "ID,NAME\n1,PEÑA\n".encode("cp1252"))
    with pytest.raises(UnreadableSource, match="its text is not UTF-8"):
        read_layer(path, "registrations", encoding="utf-8")


def test_a_line_with_too_many_fields_costs_one_record(tmp_path: Path) -> None:
    raw = read_layer(write(tmp_path, "A,B\n1,2\n3,4,5\n6,7\n8\n"), "registrations")
    assert raw.frame["source_row"].tolist() == [1, 3, 4]
    assert raw.frame["A"].tolist() == ["1", "6", "8"]
    assert raw.broken is not None
    assert raw.broken.values.tolist() == [[2, "it has 3 fields, the header 2"]]
    assert raw.source.rows == 4


def test_columns_never_shift_when_every_line_has_a_field_too_many(tmp_path: Path) -> None:
    raw = read_layer(write(tmp_path, "A,B\n1,2,\n3,4,\n"), "registrations")
    assert raw.frame[["A", "B"]].values.tolist() == [["1", "2"], ["3", "4"]]
    assert raw.broken is None


def test_an_unclosed_quote_does_not_swallow_the_rest(tmp_path: Path) -> None:
    raw = read_layer(write(tmp_path, 'A,B\n1,2\n3,"4\n5,6\n7,8\n'), "registrations")
    assert raw.frame["A"].tolist() == ["1", "3", "5", "7"]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_beside_an_unclosed_quote_only_line_ends_end_lines(
    tmp_path: Path, mark: str, end: str
) -> None:
    lines = ["A,B", "1,2", f"3,x{mark}y", '5,"6', "7,8,9", "a,b", ""]
    raw = read_layer(write(tmp_path, end.join(lines)), "registrations")
    assert raw.frame.values.tolist() == [
        ["1", "2", 1],
        ["3", f"x{mark}y", 2],
        ["5", "6", 3],
        ["a", "b", 5],
    ]
    assert raw.broken is not None
    assert raw.broken["source_row"].tolist() == [4]


def test_a_quoted_field_may_hold_a_line_break(tmp_path: Path) -> None:
    raw = read_layer(write(tmp_path, 'A,B\n1,"x\ny"\n2,z\n'), "registrations")
    assert raw.frame["B"].tolist() == ["x\ny", "z"]
    assert raw.broken is None


def test_no_text_and_no_rows_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="is not text"):
        read_layer(write(tmp_path, b"\0\1\2\3" * 50), "registrations")
    with pytest.raises(EmptySource, match="no rows"):
        read_layer(write(tmp_path, "A,B\n"), "registrations")
    with pytest.raises(EmptySource, match="no header"):
        read_layer(write(tmp_path, "\n\n"), "registrations")


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> str:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return str(path)


def test_cells_of_a_workbook_become_the_text_that_they_mean(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [],
        ["CODE", "N", "X", "D", "T", "B", None],
        ["007", 10033716, 345.5, date(2020, 1, 2), datetime(2020, 1, 2, 3, 4), True],
        [None, 7.0, None, None, None, None],
    ]
    raw = read_layer(workbook(tmp_path / "a.xlsx", {"rows": rows, "empty": []}), "registrations")
    first = raw.frame.drop(columns="source_row").iloc[0].tolist()
    assert first == ["007", "10033716", "345.5", "2020-01-02", "2020-01-02 03:04:00", "TRUE"]
    assert raw.frame.loc[1, "N"] == "7"
    assert raw.frame["CODE"].isna().tolist() == [False, True]
    assert raw.frame["source_row"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["X", "X.1", "X"], ["X", "X.1", "X.2"]),
        (["X", "X", "X.1"], ["X", "X.2", "X.1"]),
        (["X", "", "", "X"], ["X", "Unnamed: 1", "Unnamed: 2", "X.1"]),
        (["X", "X.1", "X", "X.1", "X.1.1"], ["X", "X.1", "X.2", "X.1.2", "X.1.1"]),
    ],
)
def test_columns_of_one_name_are_told_apart_alike_by_every_reader_of_tables(
    tmp_path: Path, header: list[str], names: list[str]
) -> None:
    values = [str(i) for i in range(len(header))]
    whole = f"{','.join(header)}\n{','.join(values)}\n"
    files = [
        write(tmp_path, whole, "whole.csv"),
        write(tmp_path, f"{whole}{','.join([*values, 'surplus'])}\n", "ragged.csv"),
        workbook(tmp_path / "a.xlsx", {"rows": [[cell or None for cell in header], [*values]]}),
    ]
    for file in files:
        frame = read_layer(file, "registrations").frame
        assert frame.columns.tolist() == [*names, "source_row"], file
        assert frame[names].iloc[0].tolist() == values


def test_several_sheets_ask_which(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"one": [["A"], [1]], "two": [["A"], [2], [3]]})
    with pytest.raises(UnreadableSource, match="2 layers: one, two"):
        read_layer(path, "registrations")
    assert read_layer(f"{path}:two", "registrations").frame["A"].tolist() == ["2", "3"]


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="is no workbook, or damaged"):
        read_layer(write(tmp_path, b"PK\x03\x04" + bytes(100), "a.xlsx"), "registrations")


def test_lines_may_end_as_they_did_on_old_macs_and_so_may_some(tmp_path: Path) -> None:
    for text in ("a;b\r1;2\r3;4\r", "a;b\n1;2\r3;4\n"):
        raw = read_layer(write(tmp_path, text), "registrations")
        assert raw.frame["b"].tolist() == ["2", "4"]
        assert raw.broken is None


def test_an_encoding_that_was_wrong_is_not_advised_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"COD,NAME\n1,\x81\n")
    with pytest.raises(
        UnreadableSource, match="is not CP1252; say which with --encoding ROLE=utf-8"
    ):
        read_layer(str(path), "registrations", encoding="cp1252")
    with pytest.raises(
        UnreadableSource, match="is not UTF-8; say which with --encoding ROLE=cp1252"
    ):
        read_layer(str(path), "registrations", encoding="utf-8")
