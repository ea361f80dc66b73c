"""Study files: what a run takes, written down once in TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from geoasm.codes import LAYER_ROLES, MAIN_ROLES, RASTER_ROLES, TABLE_ROLES, Role
from geoasm.io.paths import RasterFile
from geoasm.io.toml_reader import TomlReader, is_table, read_toml
from geoasm.languages import LANGUAGES

_SECTIONS: Mapping[str, tuple[Role, ...]] = {
    "files": MAIN_ROLES,
    "layers": LAYER_ROLES,
    "tables": TABLE_ROLES,
    "rasters": RASTER_ROLES,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "audience": ("public", "internal"),
    "language": LANGUAGES,
    "stacked": ("seniority", "ambiguous"),
}
_TOP = ("study", *_SECTIONS, "crs", "encoding", "assume", "options")
_SIGMA, _PLANARIZE = "position_sigma_m", "planarize"


@dataclass(frozen=True)
class Study:
    """
    What a user says of one run; everything may be left out, to be said elsewhere.

    `files` are paths as `read_layer` takes them, by role; `rasters` as `open_rasters` does, several
    of one role for several years. `crs` and `encoding` override what a file says of itself. `assumptions` supply a field of a role: `("concessions", "status")`.
    """

    profile: str | None = None
    on: date | None = None
    title: str | None = None
    files: Mapping[Role, str] = field(default_factory=dict)
    rasters: Mapping[Role, tuple[RasterFile, ...]] = field(default_factory=dict)
    crs: Mapping[Role, str] = field(default_factory=dict)
    encoding: Mapping[Role, str] = field(default_factory=dict)
    assumptions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    audience: str | None = None
    language: str | None = None
    stacked: str | None = None
    planarize: bool | None = None
    position_sigma_m: float | None = None


def combine(study: Study, flags: Study) -> Study:
    """
    Put what the command line says over what a study file says.

    Where flags name another file for a role, what the study says of its own file (system,
    encoding, assumed values) goes with that file.
    """

    def stays(role: str) -> bool:
        return role not in flags.files and role not in flags.rasters

    single = ("profile", "on", "title", _PLANARIZE, _SIGMA, *CHOICES)
    said = {name: value for name in single if (value := getattr(flags, name)) is not None}
    return replace(
        study,
        **said,
        files={**study.files, **flags.files},
        rasters={**study.rasters, **flags.rasters},
        crs={**{r: v for r, v in study.crs.items() if stays(r)}, **flags.crs},
        encoding={**{r: v for r, v in study.encoding.items() if stays(r)}, **flags.encoding},
        assumptions={
            **{key: v for key, v in study.assumptions.items() if stays(key[0])},
            **flags.assumptions,
        },
    )


def read_study(path: str | Path) -> Study:
    """
    Read a study file; paths in it are relative to the file.

    Parameters
    ----------
    path
        A TOML file, as `study.toml` of the sample.

    Returns
    -------
    study
        Files, layers, tables, rasters and options of a run.

    Raises
    ------
    SourceNotFound
        There is no such file.
    OptionError
        It is no TOML, or says something that no run takes; the text names file and key.
    """
    file = Path(path)
    return _Reader(file, read_toml(file, "study file")).study()


class _Reader(TomlReader):
    """Takes a parsed study file apart."""

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        super().__init__(path.name, content)
        self._folder = path.parent

    def study(self) -> Study:
        self._known("", self._content, _TOP)
        head, options = self._table("study"), self._table("options")
        self._known("study.", head, ("profile", "on", "title"))
        self._known("options.", options, (*CHOICES, _SIGMA, _PLANARIZE))
        profile = self._text("study.profile", head["profile"]) if "profile" in head else None
        if profile and "/" in profile:  # a profile folder of the user's own
            profile = str(self._folder / profile)
        files = self._files()
        chosen: dict[str, Any] = {
            key: self._choice(f"options.{key}", value, CHOICES[key])
            for key, value in options.items()
            if key in CHOICES
        }
        if _SIGMA in options:
            chosen[_SIGMA] = self._number(f"options.{_SIGMA}", options[_SIGMA])
        if _PLANARIZE in options:
            chosen[_PLANARIZE] = self._yes(f"options.{_PLANARIZE}", options[_PLANARIZE])
        return Study(
            profile=profile,
            on=self._day("study.on", head["on"]) if "on" in head else None,
            title=self._text("study.title", head["title"]) if "title" in head else None,
            files=files,
            rasters=self._rasters(),
            crs=self._of_files("crs"),
            encoding=self._of_files("encoding"),
            assumptions=self._assumptions(),
            **chosen,
        )

    def _files(self) -> dict[Role, str]:
        files: dict[Role, str] = {}
        for section, roles in _SECTIONS.items():
            table = self._table(section)
            self._roles(section, table, roles)
            if section != "rasters":
                for key, value in table.items():
                    files[Role(key)] = self._path(f"{section}.{key}", value)
        return files

    def _path(self, key: str, value: object) -> str:
        where = self._text(key, value)
        # joined as text, as a layer name may follow the path after a colon
        return where if "://" in where else str(self._folder / where)

    def _rasters(self) -> dict[Role, tuple[RasterFile, ...]]:
        """Read a path, a table of `file` and `year`, or a list of such, for each role."""
        rasters = {}
        for name, value in self._table("rasters").items():
            key = f"rasters.{name}"
            several = value if isinstance(value, list) else [value]
            if not several:
                raise self._fault(key, "names no file; leave it out")
            rasters[Role(name)] = tuple(self._raster(key, one) for one in several)
        return rasters

    def _raster(self, key: str, value: Any) -> RasterFile:
        if not is_table(value):
            return RasterFile(self._path(key, value))
        self._known(f"{key}.", value, ("file", "year"))
        year = value.get("year")
        if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
            raise self._fault(f"{key}.year", f"must be a year without quotes, not {year!r}")
        if "file" not in value:
            raise self._fault(key, 'lacks its file: { file = "x.tif", year = 2020 }')
        return RasterFile(self._path(f"{key}.file", value["file"]), year)

    def _of_files(self, section: str) -> dict[Role, str]:
        table = self._table(section)
        self._roles(section, table, tuple(Role))
        return {Role(key): self._text(f"{section}.{key}", v) for key, v in table.items()}

    def _assumptions(self) -> dict[tuple[str, str], str]:
        """Read `"role.field" = "value"`, and the same with the key left unquoted."""
        flat: dict[str, Any] = {}
        for key, value in self._table("assume").items():
            flat |= {f"{key}.{k}": v for k, v in value.items()} if is_table(value) else {key: value}
        out = {}
        for key, value in flat.items():
            role, dot, name = key.partition(".")
            if not (dot and name):
                raise self._fault(f"assume.{key}", 'write it as "concessions.status" = "titled"')
            self._roles("assume", {role: value}, tuple(Role))
            out[role, name] = self._text(f"assume.{key}", value)
        return out

    def _roles(self, section: str, table: Mapping[str, Any], roles: tuple[Role, ...]) -> None:
        for key in table:
            for other, members in _SECTIONS.items():
                if key in members and key not in roles:
                    raise self._fault(f"{section}.{key}", f"belongs in [{other}]")
        self._known(f"{section}.", table, roles)
