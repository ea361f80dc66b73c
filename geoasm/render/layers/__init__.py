"""The layers of a map: frames of a run, in words, grouped as the legend groups them."""

from __future__ import annotations

from dataclasses import dataclass

from geoasm.codes import ConcessionStatus
from geoasm.held import as_held
from geoasm.model import Result
from geoasm.render.labels import Labels
from geoasm.render.layers.context import (
    ADMIN_LAYER,
    SIMPLIFIED_DEGREES,
    SIMPLIFIED_METRES,
    context_layers,
)
from geoasm.render.layers.prospects import prospects_layers
from geoasm.render.layers.registrations import references, registrations_layer
from geoasm.render.layers.rights import depths, rights_layer
from geoasm.render.parties import Names
from geoasm.render.payload import Layer
from geoasm.seniority import sort_key

__all__ = ["ADMIN_LAYER", "SIMPLIFIED_DEGREES", "SIMPLIFIED_METRES", "Drawing", "depths", "draw"]


@dataclass(frozen=True)
class Drawing:
    """Layers from the ground up, and how many registrations have no place on a map."""

    layers: tuple[Layer, ...]
    not_drawn: int
    simplified: bool


def draw(result: Result, labels: Labels, names: Names) -> Drawing:
    """Make the layers of a run."""
    rights = result.concessions.loc[
        sort_key(result.concessions).sort_values(kind="stable").index
    ].reset_index(drop=True)
    registrations = result.registrations.sort_values("registration_id", ignore_index=True)
    unverified = result.summary["unverified_rules"]
    registrations["reference"] = references(registrations, unverified, labels)
    has_place = registrations.geometry.notna() & ~registrations.geometry.is_empty
    located = registrations[has_place].reset_index(drop=True)
    context = list(context_layers(result, labels))
    layers = [
        *(c for c in context if c.kind != "point"),
        rights_layer(rights, labels, names, _living_pairs(result)),
        *prospects_layers(result, labels, names),
        *(c for c in context if c.kind == "point"),
        registrations_layer(located, registrations, rights, labels, names),
    ]
    return Drawing(
        tuple(layer for layer in layers if layer.groups),
        len(registrations) - len(located),
        any(layer.kind != "point" for layer in context),
    )


def _living_pairs(result: Result) -> int:
    """Count overlaps of rights that are not extinct."""
    status = result.concessions.set_index("concession_id")["status"]
    pairs = as_held(result, "overlaps")[["concession_id_a", "concession_id_b"]]
    is_extinct = pairs.apply(lambda side: side.map(status)) == ConcessionStatus.EXTINCT
    return int((~is_extinct.any(axis=1)).sum())
