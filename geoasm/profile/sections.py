"""A TOML table that knows where it stands, so that a fault names file and key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from geoasm.errors import ProfileError


class Section:
    """A TOML table that knows its file and key, hands out values, and refuses leftovers."""

    def __init__(self, data: object, file: str, key: str = "") -> None:
        self.file, self.key = file, key
        if not isinstance(data, Mapping):
            raise self.fault("", "must be a table")
        self._data: dict[str, Any] = dict(data)

    def fault(self, key: str, message: str) -> ProfileError:
        """Make the error for a key of this table."""
        where = ".".join(k for k in (self.key, key) if k)
        return ProfileError(f"{self.file}: {where}: {message}")

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        """Take a value of a kind; a key without a default must be there."""
        if key not in self._data:
            if default is ...:
                raise self.fault(key, "is missing")
            return default
        value = self._data.pop(key)
        if isinstance(value, bool) and kind is not bool:
            raise self.fault(key, f"cannot be {value!r}")
        if not isinstance(value, kind):
            raise self.fault(key, f"cannot be {value!r}")
        return value

    def has(self, key: str) -> bool:
        """Tell whether a key is there and not yet taken."""
        return key in self._data

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        """Take a list of texts."""
        values = self.take(key, list, default)
        if not all(isinstance(v, str) for v in values):
            raise self.fault(key, "must be a list of texts")
        return tuple(values)

    def day(self, key: str, default: Any = ...) -> Any:
        """Take a day."""
        value = self.take(key, date, default)
        return value.date() if isinstance(value, datetime) else value

    def section(self, key: str) -> Section:
        """Take a table; an absent one is empty."""
        return Section(self._data.pop(key, {}), self.file, f"{self.key}.{key}".strip("."))

    def sections(self, key: str) -> list[Section]:
        """Take an array of tables."""
        rows = self.take(key, list, [])
        return [
            Section(r, self.file, f"{self.key}.{key}[{i}]".strip(".")) for i, r in enumerate(rows)
        ]

    def items(self) -> Iterable[tuple[str, Section]]:
        """Take every table in this one, with its name."""
        names = list(self._data)
        return [(name, self.section(name)) for name in names]

    def left(self) -> tuple[str, ...]:
        """Name the values that are left."""
        return tuple(self._data)

    def rest(self) -> dict[str, Any]:
        """Take all that is left."""
        data, self._data = self._data, {}
        return data

    def one_of(self, key: str, allowed: Iterable[str], default: Any = ...) -> Any:
        """Take a text that must be one of some."""
        value = self.take(key, str, default)
        choices = [str(a) for a in allowed]
        if value is not None and value not in choices:
            raise self.fault(key, f"{value!r} is none of {', '.join(choices)}")
        return value

    def some_of(self, key: str, allowed: Iterable[str], default: Any = ...) -> tuple[str, ...]:
        """Take a list of texts, each one of some."""
        values = self.texts(key, list(default) if default is not ... else ...)
        choices = [str(a) for a in allowed]
        for value in values:
            if value not in choices:
                raise self.fault(key, f"{value!r} is none of {', '.join(choices)}")
        return values

    def numbers(self, key: str, default: Any = ...) -> tuple[float, ...]:
        """Take a list of numbers."""
        values = self.take(key, list, default)
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            raise self.fault(key, "must be a list of numbers")
        return tuple(float(v) for v in values)

    def reference(self) -> tuple[str, bool]:
        """Read `reference` and `verified`: a reference may be empty only where it says unverified."""
        reference = self.take("reference", str)
        verified = self.take("verified", bool, True)
        if verified and not reference.strip():
            raise self.fault("reference", "is empty; state the source, or verified = false")
        return reference, verified

    def done(self) -> None:
        """Refuse what nobody took."""
        if self._data:
            raise self.fault(next(iter(self._data)), "is no key of this table")
