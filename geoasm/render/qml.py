"""QGIS styles for the layers that geoasm writes, one set a language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from geoasm import schema
from geoasm.codes import LAYER_ROLES, Role
from geoasm.languages import LANGUAGES
from geoasm.render import styles
from geoasm.render.labels import Labels
from geoasm.render.qml_fields import add_fields, add_place_tip, add_tip, first_of, quoted
from geoasm.render.qml_renderers import (
    KINDS,
    Renderer,
    add_marks,
    alike,
    by_geometry,
    classes,
    grounds,
    later_classes,
    right_changes,
    statuses,
)

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_CATEGORIES = "Symbology|Labeling|Fields|Forms|MapTips"
_GEOMETRY_COLUMN = "geom"
_MARKED_FROM = 300_000  # scale from which there is room on a right
_MIXED = "Unknown"
_CONTEXT_COLUMNS = (
    *("name", "area_type", "area_code", "level", "level_code", "established_on"),
    *("admin_1", "admin_2", "admin_3", "stage", "unit_type"),
)
_PLACE_NAMES = ("name", "admin_3", "admin_2", "admin_1", "area_type", "unit_type")


@dataclass(frozen=True)
class _Layer:
    """
    A layer: its columns, how it is drawn, and what a tip tells of a feature.

    `title` is the column that names a feature, `marked` the one that is written on it, `status` the
    section with the codes of its `status`. A table without geometry has no renderer.
    """

    columns: Iterable[str]
    geometry_type: str | None
    renderer: Renderer | None
    title: str
    told: tuple[str, ...] = ()
    marked: str = ""
    status: str | None = None


def style_rows(labels: Labels) -> list[dict[str, object]]:
    """
    Give the rows of `layer_styles`, in which a GeoPackage keeps the styles that QGIS opens it with.

    Every layer has a style in every language; that of `labels` is the default.

    Returns
    -------
    rows
        `f_table_name`, `f_geometry_column`, `styleName`, `styleQML`, `useAsDefault`, `description`,
        and `geometry_type`: a layer of context may be of any, and takes the row of its own.
    """
    return [
        *_rows(_RUN, labels),
        *(row for said in _languages(labels) for row in _context_rows(said, said is labels)),
    ]


def dossier_style_rows(labels: Labels) -> list[dict[str, object]]:
    """Give the rows of `layer_styles` for the layers of a dossier."""
    return _rows(_DOSSIER, labels)


def change_style_rows(labels: Labels) -> list[dict[str, object]]:
    """Give the rows of `layer_styles` for what changed between two runs."""
    return _rows(_CHANGES, labels)


def opening_style_rows(labels: Labels) -> list[dict[str, object]]:
    """Give the rows of `layer_styles` for openings and the clusters that they serve."""
    return _rows(_OPENINGS, labels)


def _languages(labels: Labels) -> list[Labels]:
    return [labels, *(Labels(name) for name in LANGUAGES if name != labels.language)]


def _rows(layers: Mapping[str, _Layer], labels: Labels) -> list[dict[str, object]]:
    return [
        _row(
            name,
            layer.geometry_type,
            _document(layer, said),
            said.text(f"qgis.{name}"),
            said,
            said is labels,
        )
        for said in _languages(labels)
        for name, layer in layers.items()
    ]


def _context_rows(labels: Labels, is_default: bool) -> Iterator[dict[str, object]]:
    for role in LAYER_ROLES:
        name = labels.role(role)
        name = name[:1].upper() + name[1:]
        for kind in (*KINDS, _MIXED):
            yield _row(role, kind, _context(role, kind, name, labels), name, labels, is_default)


def _row(
    table: str,
    geometry_type: str | None,
    document: Element,
    description: str,
    labels: Labels,
    is_default: bool,
) -> dict[str, object]:
    return {
        "f_table_name": str(table),
        "f_geometry_column": _GEOMETRY_COLUMN if geometry_type else "",
        "styleName": f"geoasm ({labels.language})",
        "styleQML": _DOCTYPE + ElementTree.tostring(document, encoding="unicode"),
        "useAsDefault": int(is_default),
        "description": description,
        "geometry_type": geometry_type,
    }


def _document(layer: _Layer, labels: Labels) -> Element:
    root = _root(layer.geometry_type, marked=bool(layer.marked))
    if layer.renderer is not None and layer.geometry_type is not None:
        layer.renderer(root, layer.geometry_type, labels)
    if layer.marked:
        add_marks(root, quoted(layer.marked), styles.CANDIDATE_STYLE.color, from_scale=_MARKED_FROM)
    add_fields(root, list(layer.columns), layer.status, labels)
    add_tip(root, layer.title, layer.told, labels)
    return root


def _context(role: Role, geometry_type: str, name: str, labels: Labels) -> Element:
    root = _root(geometry_type, marked=role is Role.ADMIN)
    point = styles.CONTEXT_POINTS.get(role, styles.CONTEXT_POINT)
    area = styles.CONTEXT_STYLES.get(role, styles.CONTEXT_AREA)
    kinds = KINDS if geometry_type == _MIXED else (geometry_type,)
    by_geometry(root, name, {kind: point if kind == "Point" else area for kind in kinds})
    if role is Role.ADMIN:
        add_marks(root, first_of(_PLACE_NAMES), area.color)
    add_fields(root, _CONTEXT_COLUMNS, None, labels)
    add_place_tip(root, _PLACE_NAMES)
    return root


def _root(geometry_type: str | None, *, marked: bool) -> Element:
    root = Element(
        "qgis",
        {
            "version": "3.22",
            "styleCategories": _CATEGORIES,
            "labelsEnabled": str(int(marked)),
        },
    )
    if geometry_type is not None and geometry_type in KINDS:
        SubElement(root, "layerGeometryType").text = str(KINDS[geometry_type][1])
    return root


def _plain(table: schema.Table, *more: str) -> tuple[str, ...]:
    return (*(c.name for c in table.columns if c.dtype != "geometry"), *more)


_REGISTRATIONS = _Layer(
    columns=(
        *_plain(schema.REGISTRATIONS),
        *("place", "near_id", "near_distance_m", "counts_for", "registrant"),
    ),
    geometry_type="Point",
    renderer=classes,
    title="registration_id",
    told=("asm_class", "pathway", "concession_id"),
    status="registration_status",
)
_RIGHTS = _Layer(
    columns=_plain(schema.CONCESSIONS, "holder"),
    geometry_type="Polygon",
    renderer=statuses,
    title="concession_id",
    told=("name", "status", "filed_on", "area_ha"),
    status="concession_status",
)
_CANDIDATES = _Layer(
    columns=_plain(schema.CANDIDATES),
    geometry_type="Polygon",
    renderer=alike(styles.CANDIDATE_STYLE, "qgis.candidates"),
    title="concession_id",
    told=("rank", "score_low", "score_high", "n_registrations", "next_step"),
    marked="rank",
)
_CLUSTERS = _Layer(
    columns=_plain(schema.CLUSTERS, "n_on", "n_near"),
    geometry_type="Polygon",
    renderer=alike(styles.CLUSTER_STYLE, "qgis.clusters"),
    title="cluster_id",
    told=("n_registrations", "n_registrants", "n_concessions"),
)
_RUN: Mapping[str, _Layer] = {
    "registrations": _REGISTRATIONS,
    "concessions": _RIGHTS,
    "candidates": _CANDIDATES,
    "verify_first": _Layer(
        columns=_plain(schema.VERIFY_FIRST),
        geometry_type="Polygon",
        renderer=alike(styles.VERIFY_STYLE, "qgis.verify_first"),
        title="concession_id",
        told=("verify", "n_registrations"),
    ),
    "clusters": _CLUSTERS,
    "near_outside": _Layer(
        columns=_plain(schema.NEAR_OUTSIDE),
        geometry_type="Point",
        renderer=classes,
        title="registration_id",
        told=("asm_class", "concession_id", "distance_m"),
    ),
    "overlaps": _Layer(
        columns=_plain(schema.OVERLAPS),
        geometry_type="Polygon",
        renderer=alike(styles.OVERLAP_STYLE, "qgis.overlaps"),
        title="concession_id_a",
        told=("concession_id_b", "overlap_ha", "senior_id", "relation"),
    ),
    "pieces": _Layer(
        columns=_plain(schema.PIECES),
        geometry_type="Polygon",
        renderer=alike(styles.PIECE_STYLE, "qgis.pieces"),
        title="piece_id",
        told=("right_ids", "area_ha", "senior_id"),
    ),
    "issues": _Layer(
        columns=_plain(schema.ISSUES),
        geometry_type=None,
        renderer=None,
        title="id",
        told=("problem", "field", "value", "action"),
    ),
}
_DOSSIER: Mapping[str, _Layer] = {
    "rights": _RIGHTS,
    "registrations": _REGISTRATIONS,
    "clusters": _CLUSTERS,
    "candidates": _CANDIDATES,
}
_OPENINGS: Mapping[str, _Layer] = {
    "openings": _Layer(
        columns=_plain(schema.OPENINGS),
        geometry_type="Polygon",
        renderer=grounds,
        title="cell_id",
        told=("ground", "possible", "free_on", "area_ha", "n_registrations"),
    ),
    "opening_clusters": _Layer(
        columns=_plain(schema.OPENING_CLUSTERS),
        geometry_type="Polygon",
        renderer=alike(styles.CLUSTER_STYLE, "qgis.clusters"),
        title="cluster_id",
        told=("n_registrations", "n_standing", "n_openings", "claim_ha", "claim_block_ha"),
    ),
}
_CHANGES: Mapping[str, _Layer] = {
    "rights_changed": _Layer(
        columns=_plain(schema.RIGHTS_CHANGED),
        geometry_type="Polygon",
        renderer=right_changes,
        title="concession_id",
        told=("change", "before", "after", "status_a", "status_b"),
    ),
    "registrations_changed": _Layer(
        columns=_plain(schema.REGISTRATIONS_CHANGED),
        geometry_type="Point",
        renderer=later_classes,
        title="registration_id",
        told=("class_a", "class_b", "cause", "cause_right_id"),
    ),
}
