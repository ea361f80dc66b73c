"""What a column and a table of the output are."""

from __future__ import annotations

from dataclasses import dataclass

from geoasm.held import CRS

OUTPUT_CRS = CRS
LIST_SEPARATOR = ";"
HIDDEN = "[private]"  # stands in public for what tells a natural person


@dataclass(frozen=True)
class Column:
    """
    One column: `dtype` is `text`, `integer`, `number`, `boolean`, `date` or `geometry`.

    `private` columns are never published. Of those that are `said`, a source wrote the text freely:
    what tells a natural person in it is hidden.
    """

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    private: bool = False
    said: bool = False


@dataclass(frozen=True)
class Table:
    """One output table; `key` columns identify a row and give the order in which rows are written."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    private: bool = False

    @property
    def geometry(self) -> str | None:
        """Name of the geometry column."""
        return next((c.name for c in self.columns if c.dtype == "geometry"), None)

    @property
    def said(self) -> bool:
        """Whether a column holds what a source wrote freely."""
        return any(c.said for c in self.columns)

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [c.name for c in self.columns]


def columns(
    *rows: tuple[str, ...], private: bool = False, said: tuple[str, ...] = ()
) -> tuple[Column, ...]:
    """Make columns of rows of name, dtype, meaning and, where there is one, unit."""
    return tuple(
        Column(row[0], row[1], row[2], "".join(row[3:]), private, row[0] in said) for row in rows
    )
