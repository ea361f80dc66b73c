"""What does not change the facts does not change the answers, however odd the register is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geoasm import api
from geoasm.codes import Role
from geoasm.errors import GeoasmError
from tests.fuzz_frames import frames
from tests.fuzz_frames.values import dose

ON = date(2024, 6, 1)
# Run-local numbers follow the order of names, and rows that of the file.
_LOCAL = ["source_row", "registrant_id"]


def answers(concessions: Any, registrations: Any, **more: Any) -> Any:
    try:
        result = api.analyze(
            concessions=concessions, registrations=registrations, on=ON, **more
        ).registrations
    except GeoasmError:
        return None
    told = pd.DataFrame(result.drop(columns=_LOCAL)).sort_values("registration_id")
    return told.assign(geometry=result.geometry.to_wkt()).reset_index(drop=True)


def assert_alike(one: Any, other: Any) -> None:
    assert (one is None) == (other is None)
    if one is not None:
        assert_frame_equal(one, other, rtol=1e-6)


rights = frames.layers(Role.CONCESSIONS, good=True, objects=False)
registers = frames.registers(objects=False)


@dose(2)
@given(rights=rights, register=registers, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(rights: Any, register: Any, order: Any) -> None:
    turned = [
        frame.iloc[order.sample(range(len(frame)), len(frame))] for frame in (rights, register)
    ]
    assert_alike(answers(rights, register), answers(*turned))


@dose(2)
@given(rights=rights, register=registers, names=st.lists(st.text(max_size=5), max_size=3))
def test_columns_that_nobody_knows_decide_nothing(rights: Any, register: Any, names: Any) -> None:
    more = {f"sin uso {n}": range(len(register)) for n in names}
    assert_alike(answers(rights, register), answers(rights, register.assign(**more)))


@dose(2)
@given(rights=rights, register=registers)
def test_the_index_and_the_order_of_columns_decide_nothing(rights: Any, register: Any) -> None:
    turned = [
        frame[list(frame.columns)[::-1]].set_axis([7] * len(frame)) for frame in (rights, register)
    ]
    assert_alike(answers(rights, register), answers(*turned))


@dose(2)
@given(rights=rights, register=registers)
def test_a_register_twice_under_other_codes_gets_every_answer_twice(
    rights: Any, register: Any
) -> None:
    codes = next((c for c in register.columns if c in ("COD_REINFO", "CODIGO_REINFO")), None)
    if codes is None:
        return
    n = len(register)
    one = register.assign(**{codes: [f"A{i}" for i in range(n)]})
    other = register.assign(**{codes: [f"B{i}" for i in range(n)]})
    single, double = answers(rights, one), answers(rights, pd.concat([one, other]))
    assert (single is None) == (double is None)
    if single is not None:
        columns = ["asm_class", "rule_id", "concession_id", "title_relation", "class_probability"]
        assert double["registration_id"].str[0].tolist() == ["A"] * n + ["B"] * n
        for half in (double[:n], double[n:].reset_index(drop=True)):
            assert_frame_equal(half[columns], single[columns])


@dose(2)
@given(rights=rights, register=registers, encoding=st.sampled_from(["utf-8-sig", "utf-16"]))
def test_another_encoding_of_the_same_text_decides_nothing(
    rights: Any, register: Any, encoding: str
) -> None:
    plain = pd.DataFrame(register.drop(columns="geometry", errors="ignore"))
    text = plain.to_csv(index=False).encode("utf-8", "replace").decode()
    with TemporaryDirectory() as place:
        files = [Path(place) / f"{name}.csv" for name in ("one", "other")]
        files[0].write_text(text, encoding="utf-8", newline="")
        files[1].write_text(text, encoding=encoding, newline="")
        assert_alike(*(answers(rights, file) for file in files))
