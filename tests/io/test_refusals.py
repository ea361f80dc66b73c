"""What a disk, a library or the memory refuses is told in one line that says what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio.errors
import pytest

from geoasm.errors import InputError
from geoasm.io.refusals import NO_MEMORY, NO_SPACE, describe_refusal, is_memory


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number), "run/x.parquet")


@pytest.mark.parametrize(
    "error",
    [
        system(errno.ENOSPC),
        OSError(errno.ENOSPC, "No queda espacio en el dispositivo"),
        OSError("[Errno 28] Error writing bytes to file. Detail: No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
        pyogrio.errors.FeatureError("failed to prepare SQL: database or disk is full"),
    ],
)
def test_a_full_disk_is_told_alike_whoever_found_it(error: Exception) -> None:
    assert describe_refusal(error) == NO_SPACE


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EDQUOT, "quota"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EROFS, "read-only; choose another --out"),
        (errno.EACCES, "permission denied; choose another --out"),
        (errno.EBUSY, "mount point"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ENOENT, "No such file"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_refusal_of_the_system_names_the_next_step(number: int, says: str) -> None:
    assert says in describe_refusal(system(number))


def test_what_sqlite_calls_an_error_of_the_disk_may_be_a_limit() -> None:
    said = describe_refusal(sqlite3.OperationalError("disk I/O error"))
    assert "ulimit -f" in said


def test_a_limit_of_files_is_named_where_a_library_tells_only_what_broke_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = pyogrio.errors.DataSourceError("no such table: gpkg_contents")
    assert describe_refusal(error, tmp_path) == "no such table: gpkg_contents"
    monkeypatch.setattr("geoasm.io.refusals.resource.getrlimit", lambda _: (8192, 8192))
    assert describe_refusal(error, tmp_path).endswith(
        "(a file may have 8,192 bytes here: see ulimit -f)"
    )


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        np._core._exceptions._ArrayMemoryError((10**9,), np.dtype("f8")),
        pa.lib.ArrowMemoryError("malloc of size 64 failed"),
        ImportError("libx.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        system(errno.ENOMEM),
    ],
)
def test_memory_that_ran_out_is_told_alike_whoever_asked_for_it(error: Exception) -> None:
    assert is_memory(error)
    assert describe_refusal(error) == NO_MEMORY


def test_memory_is_the_cause_of_what_was_raised_from_it() -> None:
    error = InputError("x.gpkg: the file is damaged")
    error.__cause__ = MemoryError()
    assert is_memory(error)


@pytest.mark.parametrize("error", [InputError("bad_alloc"), ValueError("no"), KeyError("k")])
def test_other_errors_are_not_taken_for_memory(error: Exception) -> None:
    assert not is_memory(error)


def test_causes_that_go_round_in_a_circle_end() -> None:
    one, other = ValueError("a"), ValueError("b")
    one.__cause__, other.__cause__ = other, one
    assert not is_memory(one)


def test_a_text_of_several_lines_becomes_one() -> None:
    assert describe_refusal(ValueError("one\n  two")) == "one two"
    assert describe_refusal(ValueError()) == "ValueError"
