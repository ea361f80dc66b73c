"""Reads a drawing back."""

from __future__ import annotations

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(
        str(text).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def rects(root: ElementTree.Element) -> list[ElementTree.Element]:
    return list(root.iter(f"{SVG}rect"))


def widths(root: ElementTree.Element, color: str) -> list[float]:
    return [float(r.attrib["width"]) for r in rects(root) if r.attrib["fill"] == color]


def texts(root: ElementTree.Element) -> list[str]:
    return [t.text or "" for t in root.iter(f"{SVG}text")]
