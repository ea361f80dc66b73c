"""What a PostgreSQL server knows of a table: where it is, its columns and their types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from geoasm.errors import OptionError, SourceNotFound, UnreadableSource

if TYPE_CHECKING:
    from psycopg import Cursor

SPATIAL = ("geometry", "geography")

_SHOWN = 12  # names of tables in a message
_TYPES = {
    **dict.fromkeys(("int2", "int4", "int8"), pa.int64()),
    **dict.fromkeys(("float4", "float8", "numeric"), pa.float64()),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
}
_MOST_DIGITS = 18  # of a whole number that 64 bits hold, whatever the digits
_FLOAT_DIGITS = 15  # that a float of 64 bits keeps, whatever the digits
_DEGREES = 4326  # of geography that states no SRID

_FIND = """
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
  AND (n.nspname || '.' || c.relname = %(name)s
       OR c.relname = %(name)s AND pg_table_is_visible(c.oid))
ORDER BY pg_table_is_visible(c.oid) DESC, n.nspname LIMIT 1"""
_NAMES = """
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname !~ '^pg_|^information_schema$'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1"""
# Of a domain, and of a domain over it, the type at the bottom.
_COLUMNS = """
SELECT a.attname, base.typname, base.modifier, array_position(key.indkey::int2[], a.attnum)
FROM pg_attribute a
CROSS JOIN LATERAL (
  WITH RECURSIVE chain(type, modifier) AS (
    SELECT a.atttypid, a.atttypmod
    UNION ALL
    SELECT d.typbasetype, CASE WHEN modifier < 0 THEN d.typtypmod ELSE modifier END
    FROM chain JOIN pg_type d ON d.oid = type WHERE d.typtype = 'd')
  SELECT t.typname, modifier FROM chain JOIN pg_type t ON t.oid = type WHERE t.typtype <> 'd'
) base
LEFT JOIN pg_index key ON key.indrelid = a.attrelid AND key.indisprimary
WHERE a.attrelid = %(oid)s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""


@dataclass(frozen=True)
class Column:
    """A column: `kind` is the type's name in PostgreSQL, of a domain that of its base."""

    name: str
    kind: str
    modifier: int
    key_place: int | None  # in the primary key

    @property
    def type(self) -> pa.DataType:
        """Type as which the server's text is parsed, unless the values ask for another."""
        if self.kind == "numeric" and self.modifier >= 4 and not (self.modifier - 4) & 0x7FF:
            return pa.int64() if self._digits <= _MOST_DIGITS else pa.string()
        return _TYPES.get(self.kind, pa.string())

    @property
    def is_exact(self) -> bool:
        """Whether it may hold numbers of more digits than a float keeps."""
        return self.kind == "numeric" and (
            self.modifier < 4 or (self._digits > _FLOAT_DIGITS and self.type != pa.int64())
        )

    @property
    def srid(self) -> int:
        """SRID that a geometry column states for all its rows; 0 where it states none."""
        stated = 0
        if self.modifier >= 0:
            # PostGIS keeps it, signed, in these bits of the modifier
            stated = ((self.modifier & 0x0FFFFF00) - (self.modifier & 0x10000000)) >> 8
        return _DEGREES if self.kind == "geography" and not stated else stated

    @property
    def _digits(self) -> int:
        return (self.modifier - 4) >> 16


def find_table(cursor: Cursor[Any], name: str | None) -> tuple[int, str, str]:
    """
    Find a table, and give its number, schema and name.

    Raises
    ------
    OptionError, SourceNotFound
        No table is named; there is none of that name.
    """
    found = cursor.execute(_FIND, {"name": name}).fetchone()
    if found is not None:
        oid, schema, relation = found
        return oid, schema, relation
    names = [str(row[0]) for row in cursor.execute(_NAMES)]
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    has = f"the database has {', '.join(names[:_SHOWN]) or 'no table at all'}{rest}"
    if name is None:
        raise OptionError(f"a database URL must name its table, as in ?table=schema.name; {has}")
    folded = {n.lower(): n for n in names} | {n.lower().rpartition(".")[2]: n for n in names}
    near = dict.fromkeys(folded[n] for n in get_close_matches(name.lower(), folded, n=3))
    hint = f"did you mean {' or '.join(near)}?" if near else has
    raise SourceNotFound(f"no such table: {name}; {hint}")


def list_columns(cursor: Cursor[Any], oid: int, name: str) -> list[Column]:
    """
    List a table's columns in their order.

    Raises
    ------
    UnreadableSource
        It has none.
    """
    columns = [Column(*row) for row in cursor.execute(_COLUMNS, {"oid": oid})]
    if not columns:
        raise UnreadableSource(f"table {name} has no columns; name another table")
    return columns


def choose_geometry(columns: Sequence[Column], name: str, wanted: str | None) -> Column | None:
    """
    Choose the geometry column; None where a table has none.

    Raises
    ------
    SourceNotFound, UnreadableSource
        There is none of that name; there are several, or one that only is called so.
    """
    spatial = [c.name for c in columns if c.kind in SPATIAL]
    if wanted is not None and wanted not in spatial:
        has = f"it has {', '.join(spatial)}" if spatial else "it has none; leave &geometry= out"
        raise SourceNotFound(f"table {name} has no geometry column {wanted}: {has}")
    if wanted is None and len(spatial) > 1:
        raise UnreadableSource(
            f"table {name} has {len(spatial)} geometry columns: {', '.join(spatial)}; "
            f"name one, as in &geometry={spatial[0]}"
        )
    if spatial and any(c.name == "geometry" and c.kind not in SPATIAL for c in columns):
        raise UnreadableSource(
            f"table {name} has a column geometry that is none; "
            "make a view that calls it otherwise, and name the view"
        )
    chosen = wanted or next(iter(spatial), None)
    return next((c for c in columns if c.name == chosen), None)
