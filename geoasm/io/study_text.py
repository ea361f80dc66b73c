"""A study written down so that the run can be repeated from anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from geoasm.codes import LAYER_ROLES, MAIN_ROLES, TABLE_ROLES, Role
from geoasm.io.database_url import without_password
from geoasm.io.inputs import Layer
from geoasm.io.paths import RasterFile, expanded
from geoasm.io.profiles import list_profiles
from geoasm.io.study import Study
from geoasm.model import Options

STUDY = "study.toml"

_FILES = {"files": MAIN_ROLES, "layers": LAYER_ROLES, "tables": TABLE_ROLES}
_OPTIONS = ("audience", "language", "stacked", "planarize", "position_sigma_m")


def study_text(study: Study) -> str:
    """
    Write a study as TOML that `read_study` takes, wherever it lies: paths are absolute.

    Passwords of databases are left out; they come from the user's own settings.
    """
    head = {"profile": study.profile and _profile(study.profile), "on": study.on}
    sections: dict[str, Mapping[Any, Any]] = {"study": {**head, "title": study.title}}
    for name, roles in _FILES.items():
        sections[name] = {r: _absolute(study.files[r]) for r in roles if r in study.files}
    sections["rasters"] = {
        role: [_raster(file) for file in files] for role, files in sorted(study.rasters.items())
    }
    sections["crs"] = study.crs
    sections["encoding"] = study.encoding
    sections["assume"] = {f"{role}.{name}": v for (role, name), v in study.assumptions.items()}
    sections["options"] = {name: getattr(study, name) for name in _OPTIONS}
    return "\n\n".join(filter(None, (_section(*item) for item in sections.items()))) + "\n"


def study_of(
    profile: str | None,
    given: Mapping[Role, Layer],
    rasters: Mapping[Role, Sequence[RasterFile]],
    options: Options,
    *,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
    title: str,
) -> Study | None:
    """Give the study that repeats a run; None where files and a profile by name are not all of it."""
    if profile is None or not all(isinstance(layer, str | Path) for layer in given.values()):
        return None
    return Study(
        profile=profile,
        on=options.on,
        title=title or None,
        files={role: str(layer) for role, layer in given.items()},
        rasters={role: tuple(files) for role, files in rasters.items()},
        crs=crs,
        encoding=encoding,
        assumptions=options.assumptions,
        audience=options.audience,
        language=options.language,
        stacked=options.stacked,
        planarize=options.planarize,
        position_sigma_m=options.position_sigma_m,
    )


def _section(name: str, entries: Mapping[Any, Any]) -> str:
    lines = [f"{_key(key)} = {toml_value(v)}" for key, v in entries.items() if v not in (None, "")]
    return "\n".join([f"[{name}]", *lines]) if lines else ""


def _key(name: str) -> str:
    return str(name) if str(name).isidentifier() else toml_value(str(name))


def toml_value(value: Any) -> str:
    """Write a value; what JSON makes of texts, numbers and truths is TOML as well, but for DEL."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _raster(file: RasterFile) -> str | dict[str, Any]:
    where = _absolute(file.text)
    return where if file.year is None else {"file": where, "year": file.year}


def _profile(name: str) -> str:
    return name if name in list_profiles() else str(expanded(name).absolute())


def _absolute(where: str) -> str:
    # made absolute as text, as a layer name may follow the path after a colon
    return without_password(where) if "://" in where else str(expanded(where).absolute())
