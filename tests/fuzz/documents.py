"""Spoilt texts: JSON, XML and delimited tables; and documents that only point to data elsewhere."""

from __future__ import annotations

import json
import random
import re
from typing import Any

WEB = "http://192.0.2.1/data"  # an address that answers nobody

POINTERS = tuple(
    text.encode()
    for text in (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{WEB}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
        '<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
        f'<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>/vsicurl/{WEB}.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>',
        f"<GDALTileIndexDataset><IndexDataset>/vsicurl/{WEB}</IndexDataset></GDALTileIndexDataset>",
        f'<GDAL_WMS><Service name="WMS"><ServerUrl>{WEB}?</ServerUrl></Service></GDAL_WMS>',
        f"<GDAL_WMTS><GetCapabilitiesUrl>{WEB}</GetCapabilitiesUrl></GDAL_WMTS>",
        f"<WCS_GDAL><ServiceURL>{WEB}?</ServiceURL></WCS_GDAL>",
        f"<OGRWFSDataSource><URL>{WEB}</URL></OGRWFSDataSource>",
        f"<OGRCSWDataSource><URL>{WEB}</URL></OGRCSWDataSource>",
        f'<qgis version="3"><projectlayers><maplayer><datasource>{WEB}</datasource></maplayer></projectlayers></qgis>',
        f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector convert {WEB} out.gpkg"}}',
        f'{{"type": "Feature", "stac_version": "1.0.0", "links": [], "assets": {{"a": {{"href": "{WEB}.tif"}}}}}}',
        f'{{"type": "FeatureCollection", "features": [], "links": [{{"rel": "next", "href": "{WEB}"}}]}}',
        f'{{"openapi": "3.0.0", "servers": [{{"url": "{WEB}"}}], "conformsTo": ["http://www.opengis.net/spec/ogcapi"]}}',
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>{WEB}.kml</href></Link></NetworkLink></Document></kml>',
        f'<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{WEB}.tif</MDI></Metadata></PAMDataset>',
        f'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a {WEB}?REQUEST=DescribeFeatureType"><gml:featureMember><a/></gml:featureMember></wfs:FeatureCollection>',
    )
)

_WORD = re.compile(rb'"[^"\\]{0,60}"|-?\d+\.?\d*|null|\[|\]|\{|\}')
_TAG = re.compile(rb"<[^<>]{1,200}>")


def nest_json(rng: random.Random, content: bytes) -> bytes:
    """Put a value of many brackets in the place of some word."""
    deep = rng.choice((20, 600, 10_000, 100_000))
    inner = rng.choice((b"[" * deep + b"]" * deep, b'{"a":' * deep + b"1" + b"}" * deep))
    return _replace(rng, _WORD, content, inner)


def replace_word(rng: random.Random, content: bytes) -> bytes:
    """Put a value of another type, or no value, in the place of some word."""
    other = rng.choice(
        (b"1e999", b"-1e308", b"NaN", b"Infinity", b"null", b"true", b'""', b"[]", b"{}", b"9" * 400,
         b'"\\ud800"', b'"\\u0000"', b"[[0,0]]", b'"Feature"', b'"features"', b"0.0000", b'"a\nb"')
    )  # fmt: skip
    return _replace(rng, _WORD, content, other)


def change_json(rng: random.Random, content: bytes) -> bytes:
    """Change a collection as a whole: keys twice, features of other types, odd systems."""
    data: dict[str, Any] = json.loads(content)
    features = data["features"]
    feature = features[rng.randrange(len(features))]
    how = rng.randrange(7)
    if how == 0:
        feature["properties"]["CODIGOU"] = rng.choice((None, 1, 1.5, [1], {"a": 1}, True))
    elif how == 1:
        feature["geometry"] = rng.choice((None, [], "POINT", {"type": "Point", "coordinates": []},
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]},
            {"type": "Polygon", "coordinates": [[[0, 0]] * 4]}))  # fmt: skip
    elif how == 2:
        data["crs"] = rng.choice((None, [], {"type": "name", "properties": {"name": "EPSG:32718"}},
            {"type": "link", "properties": {"href": "http://192.0.2.1/crs", "type": "proj4"}},
            {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}))  # fmt: skip
    elif how == 3:
        features.insert(rng.randrange(7), rng.choice((None, 1, "x", [], {}, {"type": "Point"})))
    elif how == 4:
        feature["id"] = rng.choice((-1, 0, 10**30, "x", None, 1.5, [1]))
    elif how == 5:
        feature["properties"] = rng.choice(
            (None, [], "x", {"geometry": 1}, {"source_row": "x"}, {"": ""})
        )
    else:
        text = json.dumps(feature)
        return json.dumps(data).replace(text, text[:-1] + ',"properties":{"CODIGOU":"2"}}').encode()
    return json.dumps(data).encode()


def add_entities(rng: random.Random, content: bytes) -> bytes:
    """Declare entities: a bomb, a file of this machine, or one on the web; and use them."""
    bomb = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    said = rng.choice(
        (f'<!ENTITY e0 "lol">{bomb}', '<!ENTITY e11 SYSTEM "file:///etc/hostname">',
         f'<!ENTITY e11 SYSTEM "{WEB}">', f'<!ENTITY % p SYSTEM "{WEB}.dtd"> %p;')
    )  # fmt: skip
    head, end, rest = content.partition(b"?>")
    kind = f"<!DOCTYPE kml [{said}]>".encode()
    used = re.sub(rb">([^<>\s]+)<", rb">&e11;<", rest, count=rng.choice((1, 5)))
    return head + end + kind + used


def nest_xml(rng: random.Random, content: bytes) -> bytes:
    """Open many elements in one another, closed or not."""
    deep = rng.choice((50, 3_000, 100_000))
    name = rng.choice((b"Folder", b"MultiGeometry", b"gml:MultiSurface", b"a"))
    inner = (b"<" + name + b">") * deep + rng.choice((b"", (b"</" + name + b">") * deep))
    return _replace(rng, _TAG, content, inner, keep=True)


def replace_tag(rng: random.Random, content: bytes) -> bytes:
    other = rng.choice((b"", b"<a>", b"</a>", b"<!--", b"<![CDATA[", b"&", b"<coordinates>1,2,nan 1e999,x",
                        b'<NetworkLink><Link><href>http://192.0.2.1/a.kml</href></Link></NetworkLink>',
                        b'<Style><IconStyle><Icon><href>http://192.0.2.1/a.png</href></Icon></IconStyle></Style>',
                        b"<styleUrl>http://192.0.2.1/a.kml#b</styleUrl>"))  # fmt: skip
    return _replace(rng, _TAG, content, other, keep=rng.random() < 0.5)


def spoil_cells(rng: random.Random, content: bytes) -> bytes:
    """Put an odd cell in the place of one of a table, or a mark between two."""
    other = rng.choice(
        (b"\0", b'"', b'""', b'"x', b"\r", b"\n", b"\xff\xfe", b"\x81", b"=1+1", b",,,,,,,,,,,,", b"'",
         b"A" * 1_000_000, b"1e999", b"nan", b"\xef\xbb\xbf", b"\x1a", b"-" * 5000, b'"a\nb"', b";", b"\t")
    )  # fmt: skip
    at = rng.randrange(len(content))
    return content[:at] + other + content[at + rng.choice((0, 1, 5)) :]


def recode(rng: random.Random, content: bytes) -> bytes:
    """Write a text in another encoding than it seems to have."""
    text = content.decode("utf-8", "replace")
    how = rng.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "utf-7", "cp1252", "cp437"))
    return text.encode(how, "replace")


def widen(rng: random.Random, content: bytes) -> bytes:
    """Give the header, or one row, very many fields."""
    lines = content.splitlines(keepends=True)
    row = rng.randrange(len(lines))
    lines[row] = rng.choice((b"X,", b",", b'"",')) * rng.choice((3, 300, 1_500)) + lines[row]
    return b"".join(lines)


def repeat_header(rng: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join([lines[0]] * rng.choice((2, 9)) + lines[1:])


def _replace(
    rng: random.Random, what: re.Pattern[bytes], content: bytes, other: bytes, keep: bool = False
) -> bytes:
    found = list(what.finditer(content))
    if not found:
        return content + other
    hit = rng.choice(found)
    return content[: hit.end() if keep else hit.start()] + other + content[hit.end() :]


OF_JSON = (nest_json, replace_word, replace_word, change_json, change_json)
OF_XML = (add_entities, nest_xml, replace_tag, replace_tag)
OF_TEXT = (spoil_cells, spoil_cells, recode, widen, repeat_header)
