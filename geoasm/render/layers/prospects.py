"""Candidates, rights to be verified first, and clusters of registrations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from geoasm.model import Result
from geoasm.render import styles
from geoasm.render.coexistence import score_span
from geoasm.render.labels import Labels
from geoasm.render.layers import fields as field
from geoasm.render.layers.context import simplified
from geoasm.render.parties import Names
from geoasm.render.payload import Field, Group, Layer, words
from geoasm.render.styles import AreaStyle

CANDIDATES = "candidates"


def prospects_layers(result: Result, labels: Labels, names: Names) -> Iterator[Layer]:
    """Make the layers of what coexistence is about, from the ground up."""
    if not result.clusters.empty:
        yield _clusters(result.clusters, labels)
    if not result.verify_first.empty:
        yield _verify_first(_with_rights(result.verify_first, result.concessions), labels)
    if not result.candidates.empty:
        yield _candidates(_with_rights(result.candidates, result.concessions), labels, names)


def _with_rights(rows: pd.DataFrame, concessions: pd.DataFrame) -> pd.DataFrame:
    rights = concessions.set_index("concession_id")[["name", "holder_id"]]
    return rows.drop(columns=list(rights.columns), errors="ignore").join(rights, on="concession_id")


def _candidates(candidates: pd.DataFrame, labels: Labels, names: Names) -> Layer:
    rows = candidates.sort_values("concession_id", ignore_index=True)
    fields = (
        ("holder", names.holders(rows["holder_id"])),
        ("score", pd.Series(score_span(rows, labels), dtype=object)),
        ("coverage", field.shares(rows["coverage"], labels)),
        ("hosted", field.numbers(rows["n_registrations"])),
        ("for", field.filled(rows["reasons_for"])),
        ("against", field.filled(rows["reasons_against"])),
        ("next_step", field.filled(rows["next_step"])),
    )
    told = field.labelled(fields, labels)
    return _layer("candidate", rows, rows["concession_id"], told, styles.CANDIDATE_STYLE, labels)


def _verify_first(verify_first: pd.DataFrame, labels: Labels) -> Layer:
    rows = verify_first.sort_values("concession_id", ignore_index=True)
    fields = (
        ("verify", field.codes(rows["verify"], "verify_first", labels)),
        ("hosted", field.numbers(rows["n_registrations"])),
    )
    told = field.labelled(fields, labels)
    return _layer("verify_first", rows, rows["concession_id"], told, styles.VERIFY_STYLE, labels)


def _clusters(clusters: pd.DataFrame, labels: Labels) -> Layer:
    rows = clusters[~clusters["geometry"].is_empty].sort_values("cluster_id", ignore_index=True)
    fields = (
        ("registrations", field.numbers(rows["n_registrations"])),
        ("registrants", field.numbers(rows["n_registrants"])),
        ("active_share", field.shares(rows["active_share"], labels)),
    )
    name = words(rows["cluster_id"], lambda n: labels.text("map.cluster_number", number=n))
    told = field.labelled(fields, labels)
    return _layer("cluster", rows, name, told, styles.CLUSTER_STYLE, labels)


def _layer(
    name: str,
    rows: pd.DataFrame,
    names: pd.Series,
    fields: tuple[Field, ...],
    style: AreaStyle,
    labels: Labels,
) -> Layer:
    is_candidate = name == "candidate"
    geometry = rows["geometry"].to_numpy()
    if name == "cluster":  # a hull says where they are, not where each one is
        geometry = simplified(geometry)
    return Layer(
        id=CANDIDATES if is_candidate else name,
        title=labels.text("map.candidates"),
        here=labels.text(f"map.{name}_here", n="{n}"),
        kind="polygon",
        groups=[Group(name, labels.text(f"map.{name}"), len(rows), style, on=is_candidate)],
        members=np.zeros(len(rows), dtype=int),
        names=names,
        subtitles=rows["name"] if "name" in rows else pd.Series([None] * len(rows), dtype=object),
        geometry=geometry,
        fields=fields,
    )
