"""Registers and layers as files, and runs written down: what is read back is what was answered."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geoasm import api, compare, linking
from geoasm.codes import Role
from geoasm.io.results import load_result
from tests.fuzz_frames import frames
from tests.fuzz_frames.promises import answer_or_refusal, check_run
from tests.fuzz_frames.values import dose

ON = date(2024, 6, 1)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "cp850")


def run(concessions: Any, registrations: Any, **more: Any) -> Any:
    return answer_or_refusal(
        lambda: api.analyze(concessions=concessions, registrations=registrations, on=ON, **more)
    )


@dose(3)
@given(
    rights=frames.layers(Role.CONCESSIONS, good=True),
    register=frames.registers(),
    tables=frames.several(frames.TABLES, 1),
    audience=st.sampled_from(["public", "internal"]),
    language=st.sampled_from(["es", "en"]),
)
def test_any_run_is_written_whole_and_reads_back(
    rights: Any, register: Any, tables: Any, audience: str, language: str
) -> None:
    result = run(rights, register, tables=tables, audience=audience, language=language)
    if result is None:
        return
    with TemporaryDirectory() as place:
        folder = answer_or_refusal(lambda: result.save(Path(place) / "run"))
        again = load_result(folder)
        columns = ["registration_id", "asm_class", "rule_id", "flags", "source_row"]
        written, answered = (
            pd.DataFrame(r.registrations[columns]).sort_values("source_row").reset_index(drop=True)
            for r in (again, result)
        )
        assert_frame_equal(written, answered)
        assert len(again.concessions) == len(result.concessions)
        assert len(again.issues) == len(result.issues)
        assert len(gpd.read_file(folder / "geoasm.gpkg", layer="registrations")) == len(
            result.registrations
        )
        listed = pd.read_csv(folder / "issues.csv", dtype=str, keep_default_na=False)
        assert len(listed) == len(result.issues)


@dose(3)
@given(
    rights=frames.layers(Role.CONCESSIONS, good=True, objects=False),
    register=frames.registers(objects=False),
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoted=st.booleans(),
)
def test_any_register_in_any_encoding_gives_answers_that_balance_or_one_line(
    rights: Any, register: Any, encoding: str, separator: str, quoted: bool
) -> None:
    with TemporaryDirectory() as place:
        file = Path(place) / "register.csv"
        plain = pd.DataFrame(register.drop(columns="geometry", errors="ignore"))
        quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        lines = plain.to_csv(index=False, sep=separator, quoting=quoting)
        file.write_bytes(lines.encode(encoding, errors="replace"))
        result = run(rights, file, encoding={"registrations": encoding})
        if result is not None:
            read = result.manifest["counts"]["registrations_read"]
            assert read == len(register) or not quoted  # a bare return may end a line
            check_run(result, read, len(rights))


@dose(2)
@given(
    rights=frames.layers(Role.CONCESSIONS, good=True),
    registers=st.tuples(frames.registers(), frames.registers()),
)
def test_any_two_runs_are_compared_row_by_row(rights: Any, registers: Any) -> None:
    before, after = (run(rights, register) for register in registers)
    if before is None or after is None:
        return
    found = answer_or_refusal(lambda: compare.compare_runs(before, after))
    assert found is not None
    changed = found.changes.registrations
    known = set(before.registrations["registration_id"]) | set(
        after.registrations["registration_id"]
    )
    assert set(changed["registration_id"].dropna()) <= known
    with TemporaryDirectory() as place:
        assert answer_or_refusal(lambda: found.save(Path(place) / "changes"))


@dose(8)
@given(
    rights=frames.layers(Role.CONCESSIONS, good=True, objects=False),
    points=frames.layers(Role.REGISTRATIONS, good=True, objects=False),
)
def test_any_points_are_linked_to_any_rights_or_refused_in_one_line(
    rights: Any, points: Any
) -> None:
    with TemporaryDirectory() as place:
        files = [Path(place) / f"{name}.parquet" for name in ("points", "rights", "pairs")]
        points[["geometry"]].to_parquet(files[0])
        rights[["geometry"]].to_parquet(files[1])
        linked = answer_or_refusal(
            lambda: linking.link_files(str(files[0]), str(files[1]), files[2], profile="pe")
        )
        if linked is not None:
            assert linked.points == len(points)
            assert linked.rights == len(rights)
            assert len(pd.read_parquet(files[2])) == linked.pairs
