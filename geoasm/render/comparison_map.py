"""map.html of a comparison: rights and registrations that changed, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.changes import Changes
from geoasm.codes import AsmClass, RegistrationChange
from geoasm.model import Result
from geoasm.render import shell, styles
from geoasm.render.comparison import side_names
from geoasm.render.labels import Labels
from geoasm.render.layers import Drawing, depths
from geoasm.render.layers import fields as field
from geoasm.render.map import Head, draw_map, source_line
from geoasm.render.payload import Column, Field, Group, Layer, Parts, words
from geoasm.schema import LIST_SEPARATOR

_ABSENT = styles.PointStyle("#5d6470", "ring")


def comparison_map_html(
    changes: Changes, before: Result, after: Result, labels: Labels, *, internal: bool = False
) -> str:
    """Give the map of what changed as text; same changes, same bytes."""
    days = dict(zip("ab", side_names(before, after, labels), strict=True))
    rows = changes.registrations
    is_located = rows.geometry.notna() & ~rows.geometry.is_empty
    made = [_rights_layer(changes.rights, labels)]
    made.append(_registrations_layer(rows[is_located].reset_index(drop=True), labels))
    drawing = Drawing(
        tuple(layer for layer in made if layer.groups), int((~is_located).sum()), simplified=False
    )
    unplaced = labels.text("map.not_drawn", n=labels.number(drawing.not_drawn))
    head = Head(
        title=labels.text("comparison.map_title", **days),
        dated=labels.text("comparison.map_dated"),
        on=str(after.summary["on"])[:10],
        notes=[
            *(note for run in (before, after) for note in shell.supposed(run.summary, labels)),
            *([unplaced] if drawing.not_drawn else []),
        ],
        sources=[
            f"{day}: {source_line(row, labels)}"
            for day, run in zip(days.values(), (before, after), strict=True)
            for row in run.summary["sources"]
        ],
        internal=internal,
    )
    page = draw_map(drawing, head, labels, str(after.summary["profile"]))
    text: str = page.get_root().render()
    return text


def _registrations_layer(rows: pd.DataFrame, labels: Labels) -> Layer:
    """Make the layer of registrations, grouped by their later class."""
    later = rows["class_b"].astype(object).where(rows["class_b"].notna(), "")
    counts = later.value_counts()
    groups = [
        Group(
            f"class:{code}", labels.class_name(code), int(counts[code]), styles.CLASS_STYLES[code]
        )
        for code in AsmClass
        if counts.get(code)
    ]
    if counts.get(""):
        absent = labels.text("comparison.not_in_b")
        groups.append(Group("class:", absent, int(counts[""]), _ABSENT))
    place = {group.id.partition(":")[2]: i for i, group in enumerate(groups)}

    def listed(text: str) -> str:
        codes = [RegistrationChange(code) for code in text.split(LIST_SEPARATOR)]
        return ", ".join(labels.code("registration_change", code) for code in codes)

    told: tuple[tuple[str, Column | Parts], ...] = (
        ("class_a", field.codes(rows["class_a"], "asm_class", labels)),
        ("class_b", field.codes(rows["class_b"], "asm_class", labels)),
        (
            "cause",
            Parts([field.codes(rows["cause"], "cause", labels), rows["cause_right_id"]], " · "),
        ),
        ("changes", words(rows["changes"], listed)),
        ("decided_a", rows["decided_by_a"]),
        ("decided_b", rows["decided_by_b"]),
        ("moved", field.metres(rows["distance_m"], labels)),
    )
    return Layer(
        id="registrations",
        title=labels.text("comparison.layer_registrations"),
        here=labels.text("map.registrations_here", n="{n}"),
        kind="point",
        groups=groups,
        members=later.map(place).to_numpy(),
        names=rows["registration_id"],
        subtitles=pd.Series([None] * len(rows), dtype=object),
        geometry=rows.geometry.to_numpy(),
        fields=_labelled(told, labels),
        searched=True,
    )


def _labelled(told: tuple[tuple[str, Column | Parts], ...], labels: Labels) -> tuple[Field, ...]:
    return tuple(
        Field(
            labels.text(f"comparison.field_{key}"),
            part if isinstance(part, Parts) else Parts([part], ""),
            main=True,
        )
        for key, part in told
    )


def _rights_layer(changes: pd.DataFrame, labels: Labels) -> Layer:
    """Make the layer of rights, one each, grouped by the foremost of its changes."""
    has_ground = changes.geometry.notna() & ~changes.geometry.is_empty
    rank = {change.value: i for i, change in enumerate(styles.RIGHT_CHANGE_STYLES)}
    rows = changes[has_ground].assign(rank=changes["change"].map(rank))
    rows = rows.sort_values(["concession_id", "rank"], kind="stable")
    every = rows.groupby("concession_id")["change"].agg(list)
    rows = rows.drop_duplicates("concession_id").reset_index(drop=True)
    counts = rows["change"].value_counts()
    groups = [
        Group(
            f"right:{change}",
            labels.code("right_change", change),
            int(counts[change]),
            styles.RIGHT_CHANGE_STYLES[change],
        )
        for change in styles.RIGHT_CHANGE_STYLES
        if counts.get(change)
    ]
    place = {group.id.partition(":")[2]: i for i, group in enumerate(groups)}
    spoken = every.map(lambda some: ", ".join(labels.code("right_change", code) for code in some))
    told: tuple[tuple[str, Column | Parts], ...] = (
        ("changes", pd.Series(rows["concession_id"].map(spoken), dtype=object)),
        ("status_a", field.codes(rows["status_a"], "concession_status", labels)),
        ("status_b", field.codes(rows["status_b"], "concession_status", labels)),
        ("area_a", field.hectares(rows["area_ha_a"], labels)),
        ("area_b", field.hectares(rows["area_ha_b"], labels)),
    )
    shapes = rows.geometry.to_numpy()
    return Layer(
        id="concessions",
        title=labels.text("comparison.layer_rights"),
        here=labels.text("map.rights_here", n="{n}"),
        kind="polygon",
        groups=groups,
        members=rows["change"].map(place).to_numpy(),
        names=rows["concession_id"],
        subtitles=rows["name"].astype(object).where(rows["name"].notna(), None),
        geometry=shapes,
        fields=_labelled(told, labels),
        searched=True,
        depths=depths(shapes) if len(shapes) else np.zeros(0, dtype=np.int64),
    )
