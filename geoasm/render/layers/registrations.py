"""Registrations, grouped by their class."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from geoasm.codes import AsmClass, DeclaredRelation, HolderActivity, TitleRelation
from geoasm.render import styles
from geoasm.render.labels import Labels
from geoasm.render.layers import fields as field
from geoasm.render.layers import rights as concessions
from geoasm.render.parties import Names
from geoasm.render.payload import Column, Group, Layer, Parts, Reference, words
from geoasm.schema import LIST_SEPARATOR

ID = "registrations"
# A claim or extinct right has a holder, but no title whose stratum could decide anything.
_OF_A_TITLE = (TitleRelation.OWN, TitleRelation.THIRD_PARTY, TitleRelation.UNKNOWN)


def registrations_layer(
    located: pd.DataFrame, every: pd.DataFrame, rights: pd.DataFrame, labels: Labels, names: Names
) -> Layer:
    """Make the layer of registrations that have a place; `every` are counted."""
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
        id=ID,
        title=labels.text("map.registrations"),
        here=labels.text("map.registrations_here", n="{n}"),
        kind="point",
        groups=groups,
        members=located["asm_class"].map(place).to_numpy(),
        names=located["registration_id"],
        subtitles=pd.Series([None] * len(located), dtype=object),
        geometry=located.geometry.to_numpy(),
        fields=field.labelled(_fields(located, rights, labels, names), labels),
        stack=words(located["right_ids"], stack),  # type: ignore[arg-type]
        searched=True,
    )


def _fields(
    rows: pd.DataFrame, rights: pd.DataFrame, labels: Labels, names: Names
) -> tuple[tuple[str, Column | Parts], ...]:
    row_of = pd.Series(np.arange(len(rights)), index=rights["concession_id"])

    def there(codes: pd.Series) -> np.ndarray:
        found: np.ndarray = codes.map(row_of).fillna(-1).to_numpy(dtype=np.intp)
        return found

    activity = rows["holder_activity"].where(rows["holder_activity"] != HolderActivity.NO_EVIDENCE)
    of_title = rows["title_relation"].isin(_OF_A_TITLE)
    second = field.codes(rows["second_class"], "asm_class", labels)
    return (
        ("pathway", field.codes(rows["pathway"], "pathway", labels)),
        ("precondition", field.codes(rows["precondition"], "precondition", labels)),
        ("missing_check", field.codes(rows["missing_check"], "missing_check", labels)),
        ("rule", rows["rule_id"]),
        ("reference", rows["reference"]),
        ("decided_by", Parts([Reference(concessions.ID, there(rows["concession_id"]))], " · ")),
        ("title_relation", field.codes(rows["title_relation"], "title_relation", labels)),
        ("stratum", field.stratum(rows.where(of_title), labels)),
        ("holder_activity", field.codes(activity, "holder_activity", labels)),
        (
            "registration",
            Parts(
                [
                    field.codes(rows["status"], "registration_status", labels),
                    field.codes(rows["activity"], "activity", labels),
                ],
                " · ",
            ),
        ),
        ("registrant", names.registrant_parts(rows["registrant_id"], rows["registrant_kind"])),
        ("declared_right", _declared(rows, there(rows["declared_right_id"]), labels)),
        ("probability", field.shares(rows["class_probability"], labels)),
        (
            "second_class",
            Parts([second, field.shares(rows["second_probability"], labels)], " · "),
        ),
        ("edge", field.metres(rows["edge_distance_m"], labels)),
        (
            "located_by",
            field.codes(rows["basis"].where(rows["basis"] != "spatial"), "basis", labels),
        ),
        ("flags", words(rows["flags"], labels.flags)),
        ("place", Parts([rows[f"admin_{i}"] for i in (1, 2, 3)], " › ")),
    )


def _declared(rows: pd.DataFrame, right: np.ndarray, labels: Labels) -> Parts:
    """Give the declared right, by its code where it is not on the map, and how the point lies to it."""
    relation = rows["declared_relation"].where(rows["declared_relation"] != DeclaredRelation.NONE)
    columns = [
        Reference(concessions.ID, right),
        rows["declared_right_id"].where(right < 0),
        field.codes(relation, "declared_relation", labels),
        field.metres(rows["declared_distance_m"], labels),
    ]
    return Parts(columns, " · ")


def references(rows: pd.DataFrame, unverified: Collection[str], labels: Labels) -> pd.Series:
    """Give the article behind each rule, and say where nobody has verified it."""
    doubt = labels.text("common.unverified")
    reference = field.filled(rows["reference"])
    doubted = rows["rule_id"].isin(list(unverified)) & reference.notna()
    return reference.where(~doubted, reference + f" ({doubt})").fillna(doubt)
