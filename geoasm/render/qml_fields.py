"""What a style of QGIS says of the columns of a layer: names, codes in words, the tip of a feature."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from geoasm.render.labels import Labels

# Section of the catalogue with the words for the codes of a column.
SECTIONS: Mapping[str, str] = {
    "action": "action",
    "activity": "activity",
    "asm_class": "asm_class",
    "basis": "basis",
    "cause": "cause",
    "change": "right_change",
    "class_a": "asm_class",
    "class_b": "asm_class",
    "counts_for": "dossier_counts_for",
    "declared_relation": "declared_relation",
    "holder_activity": "holder_activity",
    "holder_scale": "holder_scale",
    "holder_stratum": "holder_stratum",
    "level": "closure_level",
    "ground": "opening_ground",
    "missing_check": "missing_check",
    "not_counted": "not_counted",
    "own_basis": "own_basis",
    "pathway": "pathway",
    "pathway_a": "pathway",
    "pathway_b": "pathway",
    "possible": "opening_use",
    "pivot_down": "factor",
    "pivot_up": "factor",
    "place": "dossier_place",
    "precondition": "precondition",
    "problem": "problem",
    "registrant_kind": "party_kind",
    "relation": "relation",
    "second_class": "asm_class",
    "setting": "setting",
    "source": "role",
    "status_a": "concession_status",
    "status_b": "concession_status",
    "stratum_basis": "stratum_basis",
    "substance": "substance",
    "title_relation": "title_relation",
    "verify": "verify_first",
}
_FACTOR_PREFIXES = ("factor", "known")


def alias(column: str, labels: Labels) -> str:
    """Give the name of a column as a reader reads it."""
    prefix, _, factor = column.partition("_")
    factors = labels.section("factor")
    if prefix in _FACTOR_PREFIXES and factor in factors:
        return labels.text(f"qgis.{prefix}", name=factors[factor])
    return labels.text(f"qgis_field.{column}")


def add_fields(
    root: Element, columns: Sequence[str], status_section: str | None, labels: Labels
) -> None:
    """
    Name the columns of a layer, and show the words for their codes.

    Parameters
    ----------
    status_section
        Section of the catalogue for the codes of `status`.
    """
    sections = {**SECTIONS, **({"status": status_section} if status_section else {})}
    configuration = SubElement(root, "fieldConfiguration")
    for column in columns:
        if column in sections:
            _add_words(configuration, column, labels.section(sections[column]))
    aliases = SubElement(root, "aliases")
    for i, column in enumerate(columns):
        SubElement(
            aliases, "alias", {"index": str(i), "field": column, "name": alias(column, labels)}
        )


def add_tip(root: Element, title: str, columns: Iterable[str], labels: Labels) -> None:
    """Say what a feature is called, and what a tip tells of it."""
    SubElement(root, "previewExpression").text = quoted(title)
    lines = [f"<b>{_value(quoted(title))}</b>"]
    for column in columns:
        name = html.escape(alias(column, labels))
        lines.append(f"{name}: {_value(f'represent_value({quoted(column)})')}")
    SubElement(root, "mapTip").text = "<br>".join(lines)


def add_place_tip(root: Element, columns: Iterable[str]) -> None:
    """Call a place by the first of columns that its layer has and that says something."""
    name = first_of(columns)
    SubElement(root, "previewExpression").text = name
    SubElement(root, "mapTip").text = f"<b>{_value(name)}</b>"


def quoted(column: str) -> str:
    """Name a column in an expression."""
    return f'"{column}"'


def first_of(columns: Iterable[str]) -> str:
    """Take, in an expression, the first of columns that the layer has and that says something."""
    told = (f"attribute('{column}')" for column in columns)
    return f"coalesce({', '.join(told)})"


def _value(expression: str) -> str:
    """Put a value into a tip, as text: what looks like HTML came with the data."""
    text = f"coalesce(to_string({expression}), '')"
    return f"[% replace(replace({text}, '&', '&amp;'), '<', '&lt;') %]"


def _add_words(configuration: Element, column: str, words: Mapping[str, str]) -> None:
    field = SubElement(configuration, "field", {"name": column, "configurationFlags": "None"})
    widget = SubElement(field, "editWidget", {"type": "ValueMap"})
    options = SubElement(SubElement(widget, "config"), "Option", {"type": "Map"})
    pairs = SubElement(options, "Option", {"name": "map", "type": "List"})
    for code, text in words.items():
        pair = SubElement(pairs, "Option", {"type": "Map"})
        SubElement(pair, "Option", {"name": text, "type": "QString", "value": code})
