"""What TOML files of users are read with: every fault names file and key, and the nearest right one."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from geoasm.errors import OptionError, SourceNotFound


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """
    Read a TOML file.

    Parameters
    ----------
    what
        What such a file is called, for the message: "study file".

    Raises
    ------
    SourceNotFound
        There is no such file.
    OptionError
        It cannot be read, or is no TOML in UTF-8.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise SourceNotFound(f"{path}: no such {what}") from err
    except OSError as err:
        raise OptionError(f"{path}: not readable as a {what} ({err.strerror})") from err
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        named = (
            ""
            if path.suffix == ".toml"
            else f"; a {what} ends in .toml, other files have a flag each"
        )
        raise OptionError(
            f"{path.name}: not a TOML file in UTF-8: {str(err).splitlines()[0]}{named}"
        ) from err


def is_table(value: object) -> bool:
    """Tell whether a value is a table."""
    return isinstance(value, Mapping)


class TomlReader:
    """Takes a parsed file apart, and names file and key where something is wrong."""

    def __init__(self, name: str, content: Mapping[str, Any]) -> None:
        self._name, self._content = name, content

    def _table(self, key: str) -> Mapping[str, Any]:
        value = self._content.get(key, {})
        if not is_table(value):
            raise self._fault(key, f"must be a table: write [{key}]")
        table: Mapping[str, Any] = value
        return table

    def _known(self, prefix: str, table: Mapping[str, Any], names: Iterable[str]) -> None:
        for key in table:
            self._one_of(f"{prefix}{key}", key, names)

    def _one_of(self, where: str, name: str, names: Iterable[str]) -> None:
        choices = [str(n) for n in names]
        if name not in choices:
            near = difflib.get_close_matches(name, choices, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(choices)}"
            raise self._fault(where, f"is not known here; {hint}")

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._fault(key, f"must be a text in quotes, not {value!r}")
        return value

    def _choice(self, key: str, value: object, choices: Iterable[str]) -> str:
        text, names = self._text(key, value), [str(choice) for choice in choices]
        if text not in names:
            raise self._fault(key, f"{text!r} is none of {', '.join(names)}")
        return text

    def _number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._fault(key, f"must be a number without quotes, not {value!r}")
        return float(value)

    def _yes(self, key: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._fault(key, f"must be true or false without quotes, not {value!r}")
        return value

    def _day(self, key: str, value: object) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self._fault(key, f"must be a day without quotes, 2026-01-31: {value!r}")
        return value

    def _fault(self, key: str, message: str) -> OptionError:
        return OptionError(f"{self._name}: {key}: {message}")
