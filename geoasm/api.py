"""What notebooks and the command line call: files or frames in, a result out."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd
import pandas as pd

import geoasm
from geoasm import cadastre, geometry, pipeline
from geoasm.codes import LAYER_ROLES, TABLE_ROLES, Role
from geoasm.errors import EmptySource, OptionError
from geoasm.io.crs_check import check_crs
from geoasm.io.layers import read_layer
from geoasm.io.matching import check_role
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.results import check_folder, save_result
from geoasm.io.study import CHOICES, Study
from geoasm.model import Options, RawLayer, Result, Source
from geoasm.profile import Profile
from geoasm.render.pages import draw_pages, layer_styles

Layer: TypeAlias = str | Path | pd.DataFrame

MAX_POSITION_SIGMA_M = 10_000.0  # beyond, three sigma leave the zone in which a plane holds
_REPORTED_VERSIONS = ("geopandas", "shapely", "pyproj", "pyogrio", "pandas", "numpy")


@dataclass(frozen=True)
class Analysis(Result):
    """A result that can be saved as a run folder."""

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """
        Write tables, map and report into a run folder, whole or not at all.

        An internal audience gets its pages, with names, beside the public ones, in `private/`.

        Raises
        ------
        OutputExists
            The folder exists and `overwrite` is not set.
        """
        target = Path(folder)
        check_folder(target, overwrite=overwrite)
        language = str(self.summary["language"])
        internal = self.manifest["options"]["audience"] == "internal"
        return save_result(
            self,
            target,
            overwrite=overwrite,
            pages=draw_pages(self, language),
            private_pages=draw_pages(self, language, audience="internal") if internal else None,
            styles=layer_styles(language),
        )


def analyze(
    *,
    concessions: Layer,
    registrations: Layer,
    profile: str | Profile = "pe",
    layers: Mapping[str, Layer] | None = None,
    tables: Mapping[str, Layer] | None = None,
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
        Standard deviation per axis of positions of which the register does not say it; the law's
        where not given.

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
    given |= _by_role("layers", layers, LAYER_ROLES) | _by_role("tables", tables, TABLE_ROLES)
    return _analyze(
        given,
        profile if isinstance(profile, Profile) else load_profile(profile),
        Options(
            on=on or date.today(),
            audience=audience,
            language=language,
            stacked=stacked,
            planarize=planarize,
            position_sigma_m=position_sigma_m,
            assumptions={_field(key): value for key, value in (assume or {}).items()},
        ),
        crs={_role(name): value for name, value in (crs or {}).items()},
        encoding={_role(name): value for name, value in (encoding or {}).items()},
        title=title,
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
    planarize
        Give the disjoint pieces of the rights, too.
    crs, encoding
        Against what the file says of itself.
    assume
        Values for columns that the file lacks: `{"status": "titled"}`.

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
    _check_options(options)
    raw = _read(Role.CONCESSIONS, concessions, country, options, crs, encoding)
    return cadastre.run(raw, country, options, versions=_versions())


def run_study(study: Study, *, clock: pipeline.Clock | None = None) -> Analysis:
    """
    Run what a study file and the command line say together.

    Parameters
    ----------
    study
        Files and options.
    clock
        Times the stages, where the caller wants to read it.

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
        load_profile(study.profile),
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
        clock=clock,
    )


def _analyze(
    given: Mapping[Role, Layer],
    profile: Profile,
    options: Options,
    *,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
    title: str,
    clock: pipeline.Clock | None = None,
) -> Analysis:
    _check_options(options)
    clock = clock or pipeline.Clock()
    with clock.stage("read"):
        raw = {
            role: _read(role, layer, profile, options, crs.get(role), encoding.get(role))
            for role, layer in given.items()
        }
    result = pipeline.run(raw, profile, options, versions=_versions(), title=title, clock=clock)
    return Analysis(**{f.name: getattr(result, f.name) for f in fields(Result)})


def _check_options(options: Options) -> None:
    for name, allowed in CHOICES.items():
        value = getattr(options, name)
        if value is not None and value not in allowed:
            raise OptionError(f"{name}: {value!r} is none of {', '.join(allowed)}")
    sigma_m = options.position_sigma_m
    if sigma_m is not None and not 0 < sigma_m <= MAX_POSITION_SIGMA_M:
        raise OptionError(
            f"position_sigma_m: {sigma_m} m is no position error that a class could survive; "
            f"give metres above 0 and up to {MAX_POSITION_SIGMA_M:,.0f}"
        )


def _read(
    role: Role,
    layer: Layer,
    profile: Profile,
    options: Options,
    crs: str | None,
    encoding: str | None,
) -> RawLayer:
    if isinstance(layer, pd.DataFrame):
        raw = _wrap(role, layer)
    else:
        raw = read_layer(str(layer), role, crs=crs, encoding=encoding)
    raw = check_crs(raw, profile.crs, crs)
    if role in profile.roles:
        assumed = {name: v for (owner, name), v in options.assumptions.items() if owner == role}
        others = [load_profile(name) for name in list_profiles() if name != profile.code]
        check_role(raw, profile, others, assumed)
    return raw


def _wrap(role: Role, frame: pd.DataFrame) -> RawLayer:
    if not len(frame):
        raise EmptySource(f"{role} frame has no rows: give a frame that has some, or leave it out")
    out = frame.reset_index(drop=True)
    out["source_row"] = range(1, len(out) + 1)
    label = None
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None:
        label = geometry.crs_label(frame.crs)
    return RawLayer(out, Source(role.value, f"{role} frame", rows=len(out), crs_read=label))


def _by_role(
    argument: str, given: Mapping[str, Layer] | None, allowed: tuple[Role, ...]
) -> dict[Role, Layer]:
    roles = {_role(name): layer for name, layer in (given or {}).items()}
    for role in roles:
        if role not in allowed:
            raise OptionError(f"{argument}: {role} does not belong here; {', '.join(allowed)} do")
    return roles


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as err:
        raise OptionError(f"{name!r} is no role; roles: {', '.join(Role)}") from err


def _field(key: str) -> tuple[str, str]:
    role, dot, name = key.partition(".")
    if not dot:
        raise OptionError(f"assume: {key!r} must be ROLE.FIELD, as in concessions.status")
    return _role(role).value, name


def _versions() -> dict[str, str]:
    versions: dict[str, Any] = {name: metadata.version(name) for name in _REPORTED_VERSIONS}
    return {"geoasm": geoasm.__version__, "python": platform.python_version(), **versions}
