"""Folders of `geoasm overlaps`: a comparison of rights as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from geoasm import issues, schema
from geoasm.cadastre import RightsResult
from geoasm.held import as_held
from geoasm.io import geopackage, writers
from geoasm.io.geopackage import Layer
from geoasm.io.kinds import FolderKind, write_json

MANIFEST, GEOPACKAGE = "manifest.json", "overlaps.gpkg"
RIGHTS = FolderKind("geoasm-overlaps", 1, MANIFEST, "a comparison of rights")


def save_rights(
    result: RightsResult,
    folder: Path,
    *,
    overwrite: bool = False,
    styles: Sequence[Mapping[str, object]] = (),
) -> Path:
    """
    Write a comparison of rights, whole or not at all.

    Parameters
    ----------
    styles
        Rows of `layer_styles`; those of layers that are not written are left out.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    overlaps = writers.arrange(as_held(result, "overlaps"), schema.OVERLAPS)
    concessions = writers.arrange(result.concessions, schema.CONCESSIONS)
    doubts = writers.arrange(issues.publish(result.issues), schema.ISSUES, unique=False)
    layers = [
        Layer(overlaps, schema.OVERLAPS, "Polygon", "Ground that two rights share"),
        Layer(concessions, schema.CONCESSIONS, "Polygon", "Mining rights of every status"),
    ]
    if len(result.pieces):
        pieces = writers.arrange(result.pieces, schema.PIECES)
        layers.append(Layer(pieces, schema.PIECES, "Polygon", "Disjoint pieces of the rights"))
    written = {layer.table.name for layer in layers}
    with RIGHTS.written(folder, overwrite=overwrite) as fresh:
        for layer in layers:
            if layer.table is not schema.CONCESSIONS:
                path = fresh / f"{layer.table.name}.parquet"
                writers.write_parquet(layer.frame, layer.table, path)
        geopackage.write_layers(
            fresh / GEOPACKAGE,
            layers,
            changed_on=str(result.summary["on"]),
            styles=[row for row in styles if row["f_table_name"] in written],
        )
        writers.write_csv(doubts, fresh / "issues.csv")
        write_json(result.summary, fresh / "summary.json")
        RIGHTS.write_record(result.manifest, fresh)
    return folder
