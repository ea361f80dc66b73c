"""Scenario files: what a run supposes, in a small TOML of the user's or one that comes with the package."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from geoasm.amendments import LevelChange, Measure, RuleChange, Scenario, Where
from geoasm.codes import (
    AsmClass,
    ClosureLevel,
    ConcessionStatus,
    HolderActivity,
    HolderStratum,
    MeasureKind,
)
from geoasm.errors import SourceNotFound
from geoasm.io.paths import expanded, is_there
from geoasm.io.study import CHOICES
from geoasm.io.toml_reader import TomlReader, is_table, read_toml
from geoasm.languages import LANGUAGES
from geoasm.law import Value

_TOP = ("scenario", "options", "parameters", "rules", "area_level", "measure")
_HEAD = ("name", "why", "reference", "verified", "on")
_CODES: Mapping[str, type[StrEnum] | None] = {
    "status": ConcessionStatus,
    "holder_activity": HolderActivity,
    "holder_stratum": HolderStratum,
    "substance": None,
    "admin_1": None,
    "concession_id": None,
    "holder": None,
}
_TRUTHS = ("candidate", "own_title")
_WHERE = (*_CODES, "min_registrations", *_TRUTHS)


def list_scenarios() -> list[str]:
    """Name the scenarios that come with the package, sorted."""
    folder = files("geoasm") / "scenarios"
    return sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name[-5:] == ".toml")


def find_scenario(name: str | Path) -> Path:
    """
    Find a scenario by its name in the package, or by its path; a file of that name goes before.

    Raises
    ------
    SourceNotFound
        There is neither.
    """
    own = expanded(name)
    if is_there(own) and own.is_file():
        return own
    if str(name) in list_scenarios():
        return Path(str(files("geoasm") / "scenarios" / f"{name}.toml"))
    raise SourceNotFound(
        f"no scenario {str(name)!r}: give the path of a TOML file, or one of the package: "
        f"{', '.join(list_scenarios())}"
    )


def read_scenario(path: Path) -> Scenario:
    """
    Read a scenario file.

    Raises
    ------
    SourceNotFound
        There is no such file.
    OptionError
        It is no TOML, or says something that no scenario can; the text names file and key.
    """
    return _Reader(path.name, read_toml(path, "scenario file")).scenario()


class _Reader(TomlReader):
    """Takes a parsed scenario file apart."""

    def scenario(self) -> Scenario:
        self._known("", self._content, _TOP)
        head, options = self._table("scenario"), self._table("options")
        self._known("scenario.", head, _HEAD)
        self._known("options.", options, ("position_sigma_m", "stacked"))
        if "name" not in head:
            raise self._fault("scenario.name", "is missing: what is the scenario called?")
        reference = head.get("reference", "")
        if not isinstance(reference, str):
            raise self._fault("scenario.reference", f"must be a text in quotes, not {reference!r}")
        return Scenario(
            file=self._name,
            names=self._texts("scenario.name", head["name"]),
            why=self._texts("scenario.why", head["why"]) if "why" in head else {},
            reference=reference,
            verified=self._yes("scenario.verified", head.get("verified", False)),
            on=self._day("scenario.on", head["on"]) if "on" in head else None,
            position_sigma_m=self._number("options.position_sigma_m", options["position_sigma_m"])
            if "position_sigma_m" in options
            else None,
            stacked=self._choice("options.stacked", options["stacked"], CHOICES["stacked"])
            if "stacked" in options
            else None,
            parameters={n: self._parameter(n, v) for n, v in self._table("parameters").items()},
            rules=self._rules(),
            area_levels=tuple(self._level(*row) for row in self._rows("area_level")),
            measures=tuple(self._measure(*row) for row in self._rows("measure")),
        )

    def _texts(self, key: str, value: object) -> dict[str, str]:
        """Read one text for all languages, or a table of texts by language."""
        if not is_table(value):
            return dict.fromkeys(LANGUAGES, self._text(key, value))
        table: Mapping[str, object] = value  # type: ignore[assignment]
        self._known(f"{key}.", table, LANGUAGES)
        if not table:
            raise self._fault(key, "says nothing")
        return {name: self._text(f"{key}.{name}", text) for name, text in table.items()}

    def _parameter(self, name: str, value: object) -> Value:
        key = f"parameters.{name}"
        if isinstance(value, list):
            return tuple(self._text(key, item) for item in value)
        if isinstance(value, str):
            return self._text(key, value)
        number = self._number(key, value)
        return value if isinstance(value, int) else number

    def _rules(self) -> dict[str, RuleChange]:
        """Read `[rules."pe.idle"]`, and the same with the name left unquoted."""
        found: dict[str, Mapping[str, Any]] = {}
        for name, value in self._table("rules").items():
            if not is_table(value):
                raise self._fault(f"rules.{name}", "must be a table: write off = true in it")
            nested = value and all(is_table(v) for v in value.values())
            found |= {f"{name}.{k}": v for k, v in value.items()} if nested else {name: value}
        return {name: self._rule(f"rules.{name}", change) for name, change in found.items()}

    def _rule(self, key: str, change: Mapping[str, Any]) -> RuleChange:
        self._known(f"{key}.", change, ("off", "then", "unknown"))
        classes = {
            name: AsmClass(self._choice(f"{key}.{name}", change[name], AsmClass))
            for name in ("then", "unknown")
            if name in change
        }
        off = self._yes(f"{key}.off", change.get("off", False))
        if not off and not classes:
            raise self._fault(key, "changes nothing: write off = true, then = … or unknown = …")
        return RuleChange(off=off, **classes)

    def _level(self, key: str, row: Mapping[str, Any]) -> LevelChange:
        self._known(f"{key}.", row, ("code", "level"))
        code = self._text(f"{key}.code", row.get("code"))
        level = self._choice(f"{key}.level", row.get("level"), ClosureLevel)
        return LevelChange(code, ClosureLevel(level))

    def _measure(self, key: str, row: Mapping[str, Any]) -> Measure:
        self._known(f"{key}.", row, ("kind", "where", "free"))
        kind = MeasureKind(self._choice(f"{key}.kind", row.get("kind"), MeasureKind))
        if "free" in row and kind is not MeasureKind.RIGHTS_LAPSE:
            raise self._fault(f"{key}.free", f"goes with kind = {MeasureKind.RIGHTS_LAPSE.value!r}")
        where = row.get("where", {})
        if not is_table(where):
            raise self._fault(f"{key}.where", 'must be a table: { holder_activity = "idle" }')
        return Measure(
            kind,
            self._where(f"{key}.where", where),
            self._yes(f"{key}.free", row.get("free", False)),
        )

    def _where(self, key: str, table: Mapping[str, Any]) -> Where:
        self._known(f"{key}.", table, _WHERE)
        chosen: dict[str, Any] = {}
        for name, value in table.items():
            where = f"{key}.{name}"
            if name in _TRUTHS:
                chosen[name] = self._yes(where, value)
            elif name == "min_registrations":
                if self._number(where, value) < 1 or not isinstance(value, int):
                    raise self._fault(where, f"must be a whole number from 1, not {value!r}")
                chosen[name] = value
            else:
                several, codes = value if isinstance(value, list) else [value], _CODES[name]
                if not several:
                    raise self._fault(where, "names nothing; leave it out")
                chosen[name] = tuple(
                    self._text(where, v) if codes is None else self._choice(where, v, codes)
                    for v in several
                )
        return Where(**chosen)

    def _rows(self, key: str) -> list[tuple[str, Mapping[str, Any]]]:
        value = self._content.get(key, [])
        if not isinstance(value, list) or not all(is_table(row) for row in value):
            raise self._fault(key, f"must be tables: write [[{key}]] above each")
        return [(f"{key}[{i}]", row) for i, row in enumerate(value)]
