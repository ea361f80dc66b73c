"""Free ground around the clusters of a finished run: what notebooks and `geoasm openings` call."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from geoasm.errors import OptionError
from geoasm.free_ground import FreeGround, find_openings
from geoasm.io.openings import OpeningsFiles, save_openings
from geoasm.io.results import load_result
from geoasm.io.run_profile import profile_of
from geoasm.model import ClaimGrid, Result
from geoasm.render.labels import Labels
from geoasm.render.openings import openings_html
from geoasm.render.qml import opening_style_rows


@dataclass(frozen=True)
class Openings:
    """Free ground that can be saved as a folder; `found` holds its frames."""

    found: FreeGround
    files: OpeningsFiles

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """
        Write openings.html, openings.gpkg and tables into a folder, whole or not at all.

        Raises
        ------
        OutputExists
            The folder exists and `overwrite` is not set.
        """
        return save_openings(self.files, Path(folder), overwrite=overwrite)


def seek_openings(
    run: str | Path | Result, *, ring: int | None = None, language: str | None = None
) -> Openings:
    """
    Find the whole cells of the grid around a run's clusters that could be claimed or reserved.

    Parameters
    ----------
    run
        Folder of a run, or a result; of its private part only where its profile is, is read.
    ring
        Cells around the one of a registration that are looked at; the profile's where not given.
    language
        That of the run where not given.

    Returns
    -------
    openings
        Free cells and clusters in `found`; `save(folder)`.

    Raises
    ------
    OptionError
        The country has no grid of claims, or none yet on the run's day.
    UnknownProfile
        The run's profile was a folder that is not there any more.
    """
    result = run if isinstance(run, Result) else load_result(Path(run))
    summary = result.summary
    profile = profile_of(run, result)
    on = date.fromisoformat(str(summary["on"]))
    if profile.grid is None:
        raise OptionError(
            f"profile {profile.code} has no grid of claims: free cells are sought where profile.toml "
            "has a [grid]"
        )
    grid = profile.grid if ring is None else replace(profile.grid, ring_cells=ring)
    if on < grid.starts_on:
        raise OptionError(
            f"the run is of {on.isoformat()} and the grid of claims is in force from "
            f"{grid.starts_on.isoformat()}: run with a later --on"
        )
    law = profile.law.at(on)
    labels = Labels(language or str(summary["language"]))
    found = find_openings(
        result.registrations,
        result.concessions,
        result.clusters,
        result.context,
        grid,
        profile.crs,
        law,
    )
    files = OpeningsFiles(
        found=found,
        page=openings_html(found, result, grid, law.number("overlap_tolerance_m2"), labels),
        styles=opening_style_rows(labels),
        changed_on=on.isoformat(),
        manifest=_manifest(result, found, grid, labels.language),
    )
    return Openings(found, files)


def _manifest(result: Result, found: FreeGround, grid: ClaimGrid, language: str) -> dict[str, Any]:
    """Say where it came from, by which grid, and how much was found."""
    by_ground = found.cells.groupby("ground")["area_ha"].agg(["size", "sum"])
    return {
        "run": {key: result.summary.get(key) for key in ("title", "profile", "on", "sources")},
        "versions": result.manifest.get("versions", {}),
        "language": language,
        "grid": asdict(grid),
        "counts": {
            "clusters": len(found.clusters),
            "clusters_served": int((found.clusters["n_openings"] > 0).sum()),
            "cells_looked_at": found.looked,
            "openings": len(found.cells),
            "open_ha": float(found.cells["area_ha"].sum()),
            "registrations_alone": found.alone,
            "by_ground": {
                str(ground): {"cells": int(row["size"]), "area_ha": float(row["sum"])}
                for ground, row in by_ground.iterrows()
            },
        },
    }
