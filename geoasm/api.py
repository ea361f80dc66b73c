"""What notebooks and the command line call: files or frames in, a result out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import geoasm
from geoasm import cadastre, held, pipeline
from geoasm.clock import Clock
from geoasm.codes import LAYER_ROLES, TABLE_ROLES, Role
from geoasm.errors import OptionError
from geoasm.given import Given
from geoasm.holdership import People
from geoasm.io.inputs import (
    Layer,
    Raster,
    assumed_field,
    by_role,
    check_options,
    open_inputs,
    rasters_by_role,
    read_input,
    role_of,
)  # fmt: skip
from geoasm.io.paths import RasterFile
from geoasm.io.profiles import load_profile
from geoasm.io.results import RUN, save_result
from geoasm.io.study import Study
from geoasm.io.study_text import STUDY, study_of, study_text
from geoasm.memory import collected_later
from geoasm.model import Options, Result, Source
from geoasm.profile import Profile
from geoasm.render.coexistence import put_into_words
from geoasm.render.labels import Labels
from geoasm.render.pages import draw_pages, layer_styles
from geoasm.workers import Workers

_REPORTED_VERSIONS = ("geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "pandas", "numpy")


@dataclass(frozen=True)
class Analysis(Result):
    """
    A result that can be saved as a run folder.

    `study` repeats the run; there is none of frames, of a loaded profile, or of a scenario.
    """

    study: Study | None = None

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """
        Write tables, map and report into a run folder, whole or not at all.

        A run of files has its study in `private/`. An internal audience gets its pages, with names, beside the public ones, in `private/`.

        Raises
        ------
        OutputExists
            The folder exists and `overwrite` is not set.
        """
        target = Path(folder)
        RUN.check(target, overwrite=overwrite)
        language = str(self.summary["language"])
        internal = self.manifest["options"]["audience"] == "internal"
        repeated = {STUDY: study_text(self.study)} if self.study else {}
        with collected_later():
            named = draw_pages(self, language, audience="internal") if internal else {}
            return save_result(
                self,
                target,
                overwrite=overwrite,
                pages=draw_pages(self, language),
                private_pages={**named, **repeated},
                styles=layer_styles(language),
            )


def analyze(
    *,
    concessions: Layer,
    registrations: Layer,
    profile: str | Profile = "pe",
    layers: Mapping[str, Layer] | None = None,
    tables: Mapping[str, Layer] | None = None,
    rasters: Mapping[str, Raster] | None = None,
    on: date | None = None,
    crs: Mapping[str, str] | None = None,
    encoding: Mapping[str, str] | None = None,
    assume: Mapping[str, str] | None = None,
    language: str | None = None,
    audience: str = "public",
    stacked: str = "seniority",
    planarize: bool = False,
    position_sigma_m: float | None = None,
    title: str = "",
    workers: Workers | None = None,
) -> Analysis:
    """
    Classify every registration of a register against a cadastre.

    Parameters
    ----------
    concessions, registrations
        Path (also `path:layer` or a zip) or a frame with the source's own columns.
    profile
        Name of a country profile, its folder, or a loaded profile.
    layers, tables
        Context layers and side tables by role: `{"protected_areas": "anp.gpkg"}`.
    rasters
        Rasters by role; activity of several years as a list of files whose names tell the year, or
        by year: `{"activity": {2019: "a.tif", 2024: "b.tif"}, "elevation": "dem.tif"}`.
    on
        Day whose law and evidence count; today where not given.
    crs, encoding
        By role, against what a file says of itself.
    assume
        Values for columns that a file lacks: `{"concessions.status": "titled"}`.
    stacked
        "seniority" or "ambiguous": what decides between titles of different classes.
    planarize
        Cut the rights into disjoint pieces, too.
    position_sigma_m
        Standard deviation per axis where the register says none of a position; else the law's.
    language, audience, title
        Of map and report; `internal` pages, with names of persons, go into `private/`.
    workers
        Who does what falls into parts, as `geoasm.io.cluster.connect` gives them; else this process.

    Returns
    -------
    analysis
        `registrations`, `concessions` and the other frames of `geoasm.Result`; `save(folder)`.

    Raises
    ------
    GeoasmError
        An input cannot be used; the text names file, row or field and the next step.
    """
    given = {Role.CONCESSIONS: concessions, Role.REGISTRATIONS: registrations}
    given |= by_role("layers", layers, LAYER_ROLES) | by_role("tables", tables, TABLE_ROLES)
    return _analyze(
        given,
        rasters_by_role(rasters),
        profile if isinstance(profile, Profile) else load_profile(profile),
        Options(
            on=on or date.today(),
            audience=audience,
            language=language,
            stacked=stacked,
            planarize=planarize,
            position_sigma_m=position_sigma_m,
            assumptions={assumed_field(key): value for key, value in (assume or {}).items()},
        ),
        crs={role_of(name): value for name, value in (crs or {}).items()},
        encoding={role_of(name): value for name, value in (encoding or {}).items()},
        title=title,
        named=None if isinstance(profile, Profile) else profile,
        workers=workers,
    )


def compare_rights(
    concessions: Layer,
    *,
    profile: str | Profile = "pe",
    on: date | None = None,
    planarize: bool = False,
    crs: str | None = None,
    encoding: str | None = None,
    assume: Mapping[str, str] | None = None,
    language: str | None = None,
) -> cadastre.RightsResult:
    """
    Compare the rights of a cadastre with each other; no register is needed.

    Parameters
    ----------
    concessions
        Path (also `path:layer` or a zip) or a frame with the source's own columns.
    profile
        Name of a country profile, its folder, or a loaded profile.
    on
        Day of the law; today where not given.
    planarize
        Give the disjoint pieces of the rights, too.
    crs, encoding
        Against what the file says of itself.
    assume
        Values for columns that the file lacks: `{"status": "titled"}`.
    language
        Of the summary; the profile's own where not given.

    Returns
    -------
    result
        `overlaps`, `pieces`, `concessions`, `issues`; `summary["ground"]` has the counts.

    Raises
    ------
    GeoasmError
        The input cannot be used; the text names file, row or field and the next step.
    """
    country = profile if isinstance(profile, Profile) else load_profile(profile)
    options = Options(
        on=on or date.today(),
        language=language,
        planarize=planarize,
        assumptions={(Role.CONCESSIONS.value, f): v for f, v in (assume or {}).items()},
    )
    check_options(options)
    raw = read_input(Role.CONCESSIONS, concessions, country, options, crs, encoding)
    return cadastre.run(raw, country, options, versions=_versions())


def run_study(
    study: Study,
    *,
    clock: Clock | None = None,
    profile: Profile | None = None,
    check: Callable[[Sequence[Source]], None] | None = None,
    amend: Callable[[Given, People], Given] | None = None,
    workers: Workers | None = None,
) -> Analysis:
    """
    Run what a study file and the command line say together.

    Parameters
    ----------
    study
        Files and options.
    clock
        Times the stages.
    profile
        In the place of the one that the study names.
    check
        Looks at the sources once they are read, and raises what is wrong with them.
    amend, workers
        See `pipeline.run`.

    Returns
    -------
    analysis
        The result, which can be saved as a run folder.

    Raises
    ------
    GeoasmError
        Something needed is not said, or an input cannot be used.
    """
    for role in (Role.CONCESSIONS, Role.REGISTRATIONS):
        if role not in study.files:
            raise OptionError(f"no file for {role}: give --{role} FILE, or a study that names it")
    if study.profile is None:
        raise OptionError("no country profile: give --profile NAME, or a study that names it")
    return _analyze(
        dict(study.files),
        study.rasters,
        profile or load_profile(study.profile),
        Options(
            on=study.on or date.today(),
            audience=study.audience or "public",
            language=study.language,
            stacked=study.stacked or "seniority",
            planarize=bool(study.planarize),
            position_sigma_m=study.position_sigma_m,
            assumptions=study.assumptions,
        ),
        crs=study.crs,
        encoding=study.encoding,
        title=study.title or "",
        named=None if profile or amend else study.profile,
        clock=clock, check=check, amend=amend, workers=workers,
    )  # fmt: skip


def _analyze(
    given: Mapping[Role, Layer],
    rasters: Mapping[Role, Sequence[RasterFile]],
    profile: Profile,
    options: Options,
    *,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
    title: str,
    named: str | None,
    clock: Clock | None = None,
    check: Callable[[Sequence[Source]], None] | None = None,
    amend: Callable[[Given, People], Given] | None = None,
    workers: Workers | None = None,
) -> Analysis:
    clock = clock or Clock()
    with collected_later(), ExitStack() as stack:
        with clock.stage("read"):
            opened = open_inputs(given, rasters, profile, options, crs=crs, encoding=encoding)
            raw, grids = stack.enter_context(opened)
        if check is not None:
            layers = [replace(layer.source, role=str(role)) for role, layer in raw.items()]
            check([*layers, *(grid.source for several in grids.values() for grid in several)])
        result = pipeline.run(
            raw, profile, options, rasters=grids, versions=_versions(), title=title, clock=clock,
            amend=amend, workers=workers, consume=True,
        )  # fmt: skip
    labels = Labels(str(result.summary["language"]))
    told = put_into_words(result.candidates, profile.candidates, labels)
    made = {f.name: held.as_held(result, f.name) for f in fields(Result)}
    return Analysis(
        **{**made, "candidates": told},
        study=study_of(named, given, rasters, options, crs=crs, encoding=encoding, title=title),
    )


def _versions() -> dict[str, str]:
    versions: dict[str, Any] = {name: metadata.version(name) for name in _REPORTED_VERSIONS}
    return {"geoasm": geoasm.__version__, "python": platform.python_version(), **versions}
