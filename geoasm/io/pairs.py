"""Pairs of point and right as Parquet, written batch after batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

POINT, RIGHT = "point", "right"
VIEWED = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}  # as written


class PairsWriter:
    """Writes pairs of ids; each `write` makes one row group at least."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self.rows = 0

    def write(self, points: Any, rights: Any) -> None:
        """Write two Arrow arrays of equal length."""
        table = pa.Table.from_arrays([points, rights], schema=self._writer.schema)
        self._writer.write_table(table, row_group_size=max(len(table), 1))
        self.rows += len(table)


@contextmanager
def written(path: Path, kinds: Sequence[Any], told: Sequence[str]) -> Iterator[PairsWriter]:
    """
    Give a writer of pairs to a file, which is whole when the block ends well.

    Parameters
    ----------
    kinds
        Arrow types of the ids of points and of rights.
    told
        What the ids are, for the fields' descriptions.
    """
    fields = [
        pa.field(name, kind, metadata={"description": meaning})
        for name, kind, meaning in zip((POINT, RIGHT), kinds, told, strict=True)
    ]
    # Whole numbers as differences: a third of the time that a dictionary of them takes.
    whole = [field.name for field in fields if pa.types.is_integer(field.type)]
    with pq.ParquetWriter(
        path,
        pa.schema(fields),
        use_dictionary=[field.name for field in fields if field.name not in whole] or False,
        column_encoding=dict.fromkeys(whole, "DELTA_BINARY_PACKED") or None,
    ) as writer:
        yield PairsWriter(writer)


def plain(chunks: Sequence[Any]) -> Any:
    """Give the chunks of a column of ids as one Arrow array of the type in which they are written."""
    decoded = [c if c.type == kind_of(c.type) else c.cast(kind_of(c.type)) for c in chunks]
    return decoded[0] if len(decoded) == 1 else pa.concat_arrays(decoded)


def kind_of(kind: Any) -> Any:
    """Give the Arrow type in which ids of a type are written; None stands for row numbers."""
    if kind is None:
        return pa.int64()
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return VIEWED.get(kind, kind)


def chosen(ids: Any, positions: npt.NDArray[np.intp], first: int = 0) -> Any:
    """Give the ids at positions; without ids the row numbers, from 1 after `first` rows."""
    if ids is None:
        return pa.array(positions.astype(np.int64) + (first + 1))
    if pa.types.is_integer(ids.type):
        return pa.array(ids.to_numpy()[positions])
    return ids.take(pa.array(positions))
