"""The layers of a map: frames of a run, in words, grouped as the legend groups them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import (
    AsmClass,
    ClosureLevel,
    ConcessionStatus,
    DeclaredRelation,
    HolderActivity,
    Role,
)
from geoasm.model import Result
from geoasm.render import styles
from geoasm.render.coexistence import score_span
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from geoasm.render.payload import Field, Group, Layer, Parts, Reference, joined, words
from geoasm.schema import LIST_SEPARATOR
from geoasm.seniority import sort_key

FEATURE_LIMIT = 250_000  # what a browser draws and searches without stalling
SIMPLIFIED_DEGREES = 0.0001  # of context outlines: one pixel at the scale of a district
SIMPLIFIED_METRES = 11
_TOUCHING_DEGREES = 1e-6  # boxes that share no more than this lie beside each other

ADMIN_LAYER = f"context:{Role.ADMIN}:polygon"
_UNDER = (Role.ADMIN, Role.COMMUNITIES, Role.BUFFER_ZONES, Role.PROTECTED_AREAS)
# Titles in force are drawn last, over what is weaker.
_STATUS_ORDER = ("extinct", "unknown", "other", "pending", "titled")
_MAIN_FIELDS = frozenset(
    ("filed_on", "holder", "stratum", "pathway", "rule", "reference", "decided_by", "registration")
) | frozenset(("probability", "second_class", "located_by", "score", "next_step", "level"))
_POINT, _LINE, _POLYGON = "point", "line", "polygon"
_KIND_OF_DIMENSION = {0: _POINT, 1: _LINE, 2: _POLYGON}


@dataclass(frozen=True)
class Drawing:
    """Layers from the ground up, and how many features a map leaves out."""

    layers: tuple[Layer, ...]
    extinct_left_out: int
    not_drawn: int
    simplified: bool


def draw(result: Result, labels: Labels, names: Names) -> Drawing:
    """Make the layers of a run; beyond FEATURE_LIMIT features extinct rights are left out."""
    rights = result.concessions.loc[
        sort_key(result.concessions).sort_values(kind="stable").index
    ].reset_index(drop=True)
    registrations = result.registrations.sort_values("registration_id", ignore_index=True)
    unverified = result.summary["unverified_rules"]
    registrations["reference"] = _references(registrations, unverified, labels)
    left_out = 0
    if len(rights) + len(registrations) > FEATURE_LIMIT:
        is_extinct = rights["status"] == ConcessionStatus.EXTINCT
        left_out = int(is_extinct.sum())
        rights = rights[~is_extinct].reset_index(drop=True)
    has_place = registrations.geometry.notna() & ~registrations.geometry.is_empty
    located = registrations[has_place].reset_index(drop=True)
    context = list(_context(result, labels))
    layers = [
        *(c for c in context if c.kind != _POINT),
        _rights(rights, labels, names),
        *_candidates(result.candidates, labels),
        *(c for c in context if c.kind == _POINT),
        _registrations(located, registrations, rights, labels, names),
    ]
    return Drawing(
        tuple(layer for layer in layers if layer.groups),
        left_out,
        len(registrations) - len(located),
        any(layer.kind != _POINT for layer in context),
    )


def _rights(rights: pd.DataFrame, labels: Labels, names: Names) -> Layer:
    counts = rights["status"].value_counts()
    groups = [
        Group(
            f"right:{status}",
            labels.code("concession_status", status),
            int(counts[status]),
            styles.STATUS_STYLES[ConcessionStatus(status)],
        )
        for status in _STATUS_ORDER
        if counts.get(status)
    ]
    place = {group.id.partition(":")[2]: i for i, group in enumerate(groups)}
    holder = names.holders(rights["holder_id"])
    activity = rights["holder_activity"]
    fields = (
        ("status_code", rights["status_code"]),
        ("filed_on", words(rights["filed_on"], labels.day)),
        ("holder", holder),
        ("stratum", _stratum(rights, labels)),
        ("holder_total_ha", words(rights["holder_total_ha"].round(1), labels.hectares)),
        ("holder_activity", _codes(activity, "holder_activity", labels)),
        ("evidence", words(_filled(rights["activity_evidence"]), labels.evidence)),
        ("substance", _codes(rights["substance"], "substance", labels)),
        ("area", words(rights["area_ha"].round(1), labels.hectares)),
        ("hosted", words(rights["n_registrations"], labels.number)),
    )
    return Layer(
        id="concessions",
        title=labels.text("map.concessions"),
        here=labels.text("map.rights_here", n="{n}"),
        kind=_POLYGON,
        groups=groups,
        members=rights["status"].map(place).to_numpy(),
        names=rights["concession_id"],
        subtitles=rights["name"],
        geometry=rights.geometry.to_numpy(),
        fields=_labelled(fields, labels),
        searched=True,
        search_by=holder,
        depths=depths(rights.geometry.to_numpy()),
    )


def _registrations(
    located: pd.DataFrame, every: pd.DataFrame, rights: pd.DataFrame, labels: Labels, names: Names
) -> Layer:
    counts = every["asm_class"].value_counts()
    drawn = located["asm_class"].value_counts()
    groups = [
        Group(
            f"class:{asm_class}",
            labels.class_name(asm_class),
            int(counts[asm_class]),
            styles.CLASS_STYLES[asm_class],
            shown=bool(drawn.get(asm_class)),
            note=labels.text(f"asm_class_note.{asm_class}"),
        )
        for asm_class in AsmClass
        if counts.get(asm_class)
    ]
    place = {group.id.partition(":")[2]: i for i, group in enumerate(groups)}
    rows = {code: i for i, code in enumerate(rights["concession_id"])}

    def stack(ids: str) -> tuple[int, ...]:
        return tuple(rows[code] for code in ids.split(LIST_SEPARATOR) if code in rows)

    return Layer(
        id="registrations",
        title=labels.text("map.registrations"),
        here=labels.text("map.registrations_here", n="{n}"),
        kind=_POINT,
        groups=groups,
        members=located["asm_class"].map(place).to_numpy(),
        names=located["registration_id"],
        subtitles=pd.Series([None] * len(located), dtype=object),
        geometry=located.geometry.to_numpy(),
        fields=_labelled(_registration_fields(located, rights, labels, names), labels),
        stack=words(located["right_ids"], stack),  # type: ignore[arg-type]
        searched=True,
    )


def _registration_fields(
    rows: pd.DataFrame, rights: pd.DataFrame, labels: Labels, names: Names
) -> tuple[tuple[str, pd.Series | Parts], ...]:
    row_of = pd.Series(np.arange(len(rights)), index=rights["concession_id"])
    decided_by = rows["concession_id"].map(row_of).fillna(-1).to_numpy(dtype=np.intp)
    relation = rows["declared_relation"].where(rows["declared_relation"] != DeclaredRelation.NONE)
    activity = rows["holder_activity"].where(rows["holder_activity"] != HolderActivity.NO_EVIDENCE)
    second = _codes(rows["second_class"], "asm_class", labels)
    return (
        ("pathway", _codes(rows["pathway"], "pathway", labels)),
        ("precondition", _codes(rows["precondition"], "precondition", labels)),
        ("missing_check", _codes(rows["missing_check"], "missing_check", labels)),
        ("rule", rows["rule_id"]),
        ("reference", rows["reference"]),
        ("decided_by", Parts([Reference("concessions", decided_by)], " · ")),
        ("title_relation", _codes(rows["title_relation"], "title_relation", labels)),
        ("stratum", _stratum(rows, labels)),
        ("holder_activity", _codes(activity, "holder_activity", labels)),
        (
            "registration",
            Parts(
                [
                    _codes(rows["status"], "registration_status", labels),
                    _codes(rows["activity"], "activity", labels),
                ],
                " · ",
            ),
        ),
        ("registrant", names.registrants(rows["registrant_id"], rows["registrant_kind"])),
        (
            "declared_right",
            Parts(
                [
                    rows["declared_right_id"],
                    _codes(relation, "declared_relation", labels),
                    words(rows["declared_distance_m"].round(), labels.metres),
                ],
                " · ",
            ),
        ),
        ("probability", words(rows["class_probability"], labels.percent)),
        (
            "second_class",
            Parts([second, words(rows["second_probability"], labels.percent)], " · "),
        ),
        ("edge", words(rows["edge_distance_m"].round(), labels.metres)),
        ("located_by", _codes(rows["basis"].where(rows["basis"] != "spatial"), "basis", labels)),
        ("flags", words(rows["flags"], labels.flags)),
        ("place", Parts([rows[f"admin_{i}"] for i in (1, 2, 3)], " › ")),
    )


def _references(rows: pd.DataFrame, unverified: Collection[str], labels: Labels) -> pd.Series:
    """Give the article behind each rule, and say where nobody has verified it."""
    doubt = labels.text("common.unverified")
    reference = _filled(rows["reference"])
    doubted = rows["rule_id"].isin(list(unverified)) & reference.notna()
    return reference.where(~doubted, reference + f" ({doubt})").fillna(doubt)


def _candidates(candidates: pd.DataFrame, labels: Labels) -> Iterator[Layer]:
    if candidates.empty:
        return
    rows = candidates.sort_values("concession_id", ignore_index=True)
    score = pd.Series(score_span(rows, labels), dtype=object)
    fields = (
        ("score", score),
        ("coverage", words(rows["coverage"], labels.percent)),
        ("hosted", words(rows["n_registrations"], labels.number)),
        ("for", _filled(rows["reasons_for"])),
        ("against", _filled(rows["reasons_against"])),
        ("next_step", _filled(rows["next_step"])),
    )
    yield Layer(
        id="candidates",
        title=labels.text("map.candidates"),
        here=labels.text("map.candidates_here", n="{n}"),
        kind=_POLYGON,
        groups=[
            Group("candidate", labels.text("map.candidate"), len(rows), styles.CANDIDATE_STYLE)
        ],
        members=np.zeros(len(rows), dtype=int),
        names=rows["concession_id"],
        subtitles=pd.Series([None] * len(rows), dtype=object),
        geometry=rows.geometry.to_numpy(),
        fields=_labelled(fields, labels),
    )


def _context(result: Result, labels: Labels) -> Iterator[Layer]:
    given = sorted(result.context, key=lambda r: (r not in _UNDER, list(Role).index(Role(r))))
    for name in given:
        role = Role(name)
        frame = result.context[name]
        frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
        dimension = shapely.get_dimensions(frame.geometry.to_numpy())
        for number, kind in _KIND_OF_DIMENSION.items():
            if (dimension == number).any():
                yield _context_layer(role, kind, frame[dimension == number], labels)


def _context_layer(role: Role, kind: str, frame: pd.DataFrame, labels: Labels) -> Layer:
    title, detail = _title_of(frame, role)
    box = frame.geometry.bounds
    order = (
        pd.DataFrame({"title": title, "detail": detail, "x": box["minx"], "y": box["miny"]})
        .sort_values(["title", "detail", "x", "y"], kind="stable")
        .index
    )
    frame, title, detail = (x.loc[order].reset_index(drop=True) for x in (frame, title, detail))
    style = (
        styles.CONTEXT_POINTS.get(role, styles.CONTEXT_POINT)
        if kind == _POINT
        else styles.CONTEXT_STYLES.get(role, styles.CONTEXT_AREA)
    )
    name = labels.role(role)
    fields = []
    if "level" in frame:
        levels = frame["level"].where(frame["level"].isin(list(ClosureLevel)))
        fields.append(("level", _codes(levels, "closure_level", labels)))
    if "area_code" in frame:
        fields.append(("code", frame["area_code"]))
    return Layer(
        id=f"context:{role}:{kind}",
        title=labels.text("map.context"),
        here=labels.text("map.areas_here", n="{n}"),
        kind=kind,
        groups=[Group(f"context:{role}:{kind}", name[:1].upper() + name[1:], len(frame), style)],
        members=np.zeros(len(frame), dtype=int),
        names=title,
        subtitles=detail,
        geometry=_simplified(frame.geometry.to_numpy(), role, kind),
        fields=_labelled(tuple(fields), labels),
        searched=True,
    )


def _title_of(frame: pd.DataFrame, role: Role) -> tuple[pd.Series, pd.Series]:
    """Name a feature of context: by its name and type, an administrative region by its levels."""
    nothing = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    if role is Role.ADMIN:
        levels = [frame[c] for c in ("admin_3", "admin_2", "admin_1") if c in frame]
        given = [c for c in levels if c.notna().any()]
        above = joined(given[1:][::-1], " › ").set_axis(frame.index) if given[1:] else nothing
        return (given[0] if given else nothing), above
    return frame.get("name", nothing), frame.get("area_type", nothing)


def _simplified(geometry: np.ndarray, role: Role, kind: str) -> np.ndarray:
    if kind == _POINT:
        return geometry
    if role is Role.ADMIN and kind == _POLYGON:
        simple = shapely.coverage_simplify(geometry, SIMPLIFIED_DEGREES)  # neighbours stay joined
    else:
        simple = shapely.simplify(geometry, SIMPLIFIED_DEGREES)
    return np.where(shapely.is_empty(simple), geometry, simple)


def _stratum(rows: pd.DataFrame, labels: Labels) -> Parts:
    basis = rows["stratum_basis"].where(rows["stratum_basis"] != "none")
    return Parts(
        [
            _codes(rows["holder_stratum"], "holder_stratum", labels),
            _codes(basis, "stratum_basis", labels),
        ],
        " · ",
    )


def _codes(values: pd.Series, section: str, labels: Labels) -> pd.Series:
    return words(values, lambda code: labels.code(section, code))


def _filled(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna() & (values != ""), None)


def _labelled(
    fields: tuple[tuple[str, pd.Series | Parts], ...], labels: Labels
) -> tuple[Field, ...]:
    told = [(key, f if isinstance(f, Parts) else Parts([f], "")) for key, f in fields]
    return tuple(
        Field(labels.text(f"field.{key}"), parts, key in _MAIN_FIELDS)
        for key, parts in told
        if any(_says_something(part) for part in parts.columns)
    )


def _says_something(part: pd.Series | Reference) -> bool:
    if isinstance(part, Reference):
        return bool((part.rows >= 0).any())
    return bool(part.notna().any())


def depths(geometry: np.ndarray) -> np.ndarray:
    """
    Tell of shapes listed in their order how many of those before them lie one upon another beneath each.

    Of two whose boxes overlap the later one is deeper: the order of any stack follows from small numbers.
    """
    boxes = shapely.bounds(geometry)
    tree = shapely.STRtree(shapely.box(*boxes.T))
    before, after = tree.query(shapely.box(*boxes.T), predicate="intersects")
    pairs = before < after
    before, after = before[pairs], after[pairs]
    apart = (
        np.minimum(boxes[before, 2:], boxes[after, 2:])
        - np.maximum(boxes[before, :2], boxes[after, :2])
    ).min(axis=1) <= _TOUCHING_DEGREES
    before, after = before[~apart], after[~apart]
    out = np.zeros(len(geometry), dtype=np.int64)
    while True:
        deeper = out.copy()
        np.maximum.at(deeper, after, out[before] + 1)
        if (deeper == out).all():
            return out
        out = deeper
