"""Mining rights, grouped by their status."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import ConcessionStatus
from geoasm.render import styles
from geoasm.render.labels import Labels
from geoasm.render.layers import fields as field
from geoasm.render.parties import Names
from geoasm.render.payload import Days, Group, Layer, words

ID = "concessions"
MANY_EXTINCT = 20_000  # so many are drawn after the others, when a reader asks for them
_TOUCHING_DEGREES = 1e-6  # boxes that share no more than this lie beside each other


def rights_layer(rights: pd.DataFrame, labels: Labels, names: Names, overlaps: int) -> Layer:
    """Make the layer of rights, which come senior first; `overlaps` counts pairs that are not extinct."""
    counts = rights["status"].value_counts()
    groups = [
        Group(
            f"right:{status}",
            labels.code("concession_status", status),
            int(counts[status]),
            styles.STATUS_STYLES[status],
            on=not _is_late(status, int(counts[status])),
            late=_is_late(status, int(counts[status])),
        )
        for status in styles.STATUS_ORDER
        if counts.get(status)
    ]
    place = {group.id.partition(":")[2]: i for i, group in enumerate(groups)}
    holder = names.holders(rights["holder_id"])
    activity = rights["holder_activity"]
    fields = (
        ("status_code", rights["status_code"]),
        ("filed_on", Days(rights["filed_on"])),
        ("holder", holder),
        ("stratum", field.stratum(rights, labels)),
        ("holder_total_ha", field.hectares(rights["holder_total_ha"], labels)),
        ("holder_activity", field.codes(activity, "holder_activity", labels)),
        ("evidence", words(field.filled(rights["activity_evidence"]), labels.evidence)),
        ("substance", field.codes(rights["substance"], "substance", labels)),
        ("area", field.hectares(rights["area_ha"], labels, of_shape=True)),
        ("hosted", field.numbers(rights["n_registrations"])),
    )
    return Layer(
        id=ID,
        title=labels.text("map.concessions"),
        here=labels.text("map.rights_here", n="{n}"),
        kind="polygon",
        groups=groups,
        members=rights["status"].map(place).to_numpy(),
        names=rights["concession_id"],
        subtitles=rights["name"],
        geometry=rights.geometry.to_numpy(),
        fields=field.labelled(fields, labels),
        searched=True,
        search_by=holder,
        painted=[_overlap(overlaps, labels)] if overlaps else [],
        depths=depths(rights.geometry.to_numpy()),
        keys=rights["holder_id"].fillna(-1).to_numpy(dtype=np.int64),
    )


def _overlap(count: int, labels: Labels) -> Group:
    note = labels.text("map.overlap_note")
    label = labels.text("map.overlap")
    return Group("overlap", label, count, styles.OVERLAP_STYLE, on=False, note=note)


def _is_late(status: str, count: int) -> bool:
    return status == ConcessionStatus.EXTINCT and count >= MANY_EXTINCT


def depths(geometry: np.ndarray) -> np.ndarray:
    """
    Tell of shapes listed in their order how many of those before them lie one upon another beneath each.

    Of two whose boxes overlap the later one is deeper: the order of any stack follows from small numbers.
    """
    boxes = shapely.bounds(geometry)
    drawn = shapely.box(*boxes.T)
    before, after = shapely.STRtree(drawn).query(drawn)
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
