"""Spoilt zips: members that point outside, bombs, links, zips in zips; and workbooks."""

from __future__ import annotations

import io
import random
import re
import stat
import zipfile
from collections.abc import Callable, Iterator

from tests.fuzz import documents

BOMB_BYTES = 64 << 20  # of zeros: small packed, and enough to see that they were unpacked


def members(content: bytes) -> dict[str, bytes]:
    """Take a zip apart."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(items: Iterator[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    """Pack members as they are told, names that point outside and twice the same among them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in items:
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def rename_member(rng: random.Random, content: bytes) -> bytes:
    """Give a member a name that points outside, is far too long, or is no name at all."""
    found = members(content)
    chosen = rng.choice(list(found))
    suffix = chosen.rpartition(".")[2]
    other = rng.choice(
        (f"../{chosen}", f"/tmp/{chosen}", f"a/../../{chosen}", f"C:/{chosen}", f"..\\{chosen}", "/",
         f"{'x' * 300}.{suffix}", f"{'d/' * 500}{chosen}", f"a\nb.{suffix}", f"\x1b[31m.{suffix}",
         f".{suffix}", f"CON.{suffix}", f"./{chosen}", f"a//{chosen}", f"~/{chosen}", ".", "..")
    )  # fmt: skip
    return packed((other if name == chosen else name, data) for name, data in found.items())


def add_member(rng: random.Random, content: bytes) -> bytes:
    """Add a link, a bomb, a zip, a pointer or a second member of the same name."""
    found = members(content)
    name = rng.choice(
        ("m.kml", "m_2020.dbf", "m_2020.shp", "x.zip", "a.vrt", "b.csv", "m_2020.shp/x.csv")
    )
    info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
    how = rng.randrange(5)
    if how == 0:
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        data = rng.choice((b"/etc/passwd", b"..", b"m_2020.shp", b"/dev/zero"))
    elif how == 1:
        data = bytes(BOMB_BYTES)
    elif how == 2:
        data = content
        for _ in range(rng.choice((1, 2, 5))):
            data = packed(iter([("x.zip", data)]))
    elif how == 3:
        data = rng.choice(documents.POINTERS)
    else:
        data = rng.randbytes(500)
    return packed(iter([*found.items(), (info, data)]))


def spoil_directory(rng: random.Random, content: bytes) -> bytes:
    """Change sizes, flags, methods and sums where the zip states them."""
    out = bytearray(content)
    heads = [m.start() for m in re.finditer(rb"PK\x01\x02|PK\x03\x04", content)]
    for at in rng.sample(heads, rng.choice((1, len(heads)))):
        shift = 0 if content[at + 2] == 3 else 2
        field = at + shift + rng.choice((6, 8, 14, 18, 22, 26))
        out[field] = rng.choice((0, 1, 8, 9, 12, 14, 99, 255))
    return bytes(out)


def name_not_utf8(rng: random.Random, content: bytes) -> bytes:
    """Write bytes into the names that are no UTF-8, though the flag says so, or does not."""
    out = content.replace(b"m_2020", rng.choice((b"m_\xff\xfe20", b"\xd1\xd1_\x0020", b"m\\2020")))
    return out.replace(b"\x14\0\0\0", b"\x14\0\0\x08") if rng.random() < 0.5 else out


def nest_zip(rng: random.Random, content: bytes) -> bytes:
    for _ in range(rng.choice((1, 2, 3, 30))):
        content = packed(iter([("inner.zip", content)]))
    return content


def spoil_sheet(rng: random.Random, content: bytes) -> bytes:
    """Change the XML of one member of a workbook."""
    found = members(content)
    chosen = rng.choice([n for n in found if n.endswith((".xml", ".rels"))])
    spoil = rng.choice((*documents.OF_XML, *_SPOIL_CELLS))
    found[chosen] = spoil(rng, found[chosen])
    return packed(iter(found.items()))


def drop_member(rng: random.Random, content: bytes) -> bytes:
    found = members(content)
    del found[rng.choice(list(found))]
    return packed(iter(found.items()))


def _put_cell(rng: random.Random, content: bytes) -> bytes:
    other = rng.choice(
        (b'<c r="A2"><f>1/0</f><v>#DIV/0!</v></c>', b'<c r="XFD1048576"><v>1</v></c>',
         b'<c r="A2" t="s"><v>999999</v></c>', b'<c r="A2" t="d"><v>9999999</v></c>', b'<c r="?"/>',
         b'<c r="A2" t="n"><v>1e999</v></c>', b'<c r="A2" t="n"><v>x</v></c>', b'<c r="A2" t="b"><v>7</v></c>',
         b'<c r="A2" s="99"><v>1</v></c>', b"<c r='A2'><f>[1]Sheet1!A1</f><v>0</v></c>", b"<c/>",
         b'<c r="A2" t="inlineStr"><is><t>x</t></is></c>', b'<row r="99999999"/>', b'<row r="0"/>')
    )  # fmt: skip
    return re.sub(rb"<c r=[^>]*>.*?</c>", lambda _: other, content, count=rng.choice((1, 1, 30)))


def _link_outside(rng: random.Random, content: bytes) -> bytes:
    where = rng.choice(
        (b"http://192.0.2.1/a.xlsx", b"file:///etc/passwd", b"../../x.xml", b"/dev/zero")
    )
    return re.sub(rb'Target="[^"]*"', b'Target="' + where + b'" TargetMode="External"', content)


def _swell(rng: random.Random, content: bytes) -> bytes:
    return content.replace(b"<sheetData>", b"<sheetData>" + b" " * BOMB_BYTES)


_SPOIL_CELLS = (_put_cell, _put_cell, _put_cell, _link_outside, _swell)
Spoil = Callable[[random.Random, bytes], bytes]
OF_ZIP: tuple[Spoil, ...] = (
    rename_member, rename_member, add_member, add_member, spoil_directory, name_not_utf8, nest_zip,
)  # fmt: skip
OF_WORKBOOK: tuple[Spoil, ...] = (
    spoil_sheet, spoil_sheet, spoil_sheet, drop_member, spoil_directory, rename_member,
)  # fmt: skip
