"""Text: folded for comparison, and mojibake undone only where that is certain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoasm.parsing.text import (
    fold,
    fold_all,
    fold_series,
    is_among,
    join_groups,
    unscramble,
    unscramble_series,
)


def test_folding_removes_case_accents_and_spaces() -> None:
    assert fold("  Compañía   de\tMinas ") == "COMPANIA DE MINAS"
    folded = fold_series(pd.Series(["Áncash", None, "ANCASH"], index=[3, 1, 2]))
    assert folded.loc[[3, 2]].tolist() == ["ANCASH", "ANCASH"]
    assert folded.isna().tolist() == [False, True, False]


def test_many_texts_fold_as_each_of_them_does() -> None:
    marks = "".join(chr(c) for c in range(0x300, 0x370))
    texts = ["", " ", "a\nb", "x\r\ny", "é\u2028è", "ß ŉ ﬁ ①", f"e{marks}", marks, "İı", "\x1c a"]
    assert fold_all(texts) == [fold(t) for t in texts]
    assert fold_all([]) == []


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp850", "cp437"])
@pytest.mark.parametrize("text", ["COMPAÑIA", "Trámite", "NEVADO Nº 2", "SEÑORA DE LÓPEZ"])
def test_utf8_read_as_a_single_byte_encoding_is_undone(text: str, encoding: str) -> None:
    assert unscramble(text.encode().decode(encoding)) == text


def test_the_empty_places_of_windows_1252_do_not_stop_it() -> None:
    # The second byte of Í has no character in Windows-1252, that of Ñ has one.
    assert unscramble("COMPA\u00c3\u2018\u00c3\u008dA") == "COMPAÑÍA"


def test_mojibake_of_mojibake_is_undone() -> None:
    once = "SEÑORA".encode().decode("cp1252")
    assert unscramble(once.encode().decode("cp1252")) == "SEÑORA"


@pytest.mark.parametrize("encoding", ["latin-1", "cp850", "cp437"])
@pytest.mark.parametrize("text", ["TÍÑEZ", "NUÑEZ ÍÑIGO", "ÓÑATE"])
def test_a_mended_name_that_is_itself_utf8_by_chance_is_not_mended_again(
    text: str, encoding: str
) -> None:
    # Í and Ñ side by side are the bytes of a Hebrew accent in the DOS code pages.
    assert unscramble(text.encode().decode(encoding)) == text


@pytest.mark.parametrize(
    "text", ["COMPAÑIA", "SÃO PAULO", "COMPAÃ", "Â", "ÂNGELA", "Ñ y Ã‘", "plain"]
)
def test_what_does_not_read_as_utf8_stays(text: str) -> None:
    assert unscramble(text) is None


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["Cc", "Cs"]))
)
def test_text_of_one_byte_letters_is_never_harmed_unless_it_reads_as_utf8(text: str) -> None:
    mended = unscramble(text)
    if mended is not None:
        assert len(mended) < len(text)


def test_a_column_keeps_its_index_and_what_needs_no_mending() -> None:
    column = pd.Series(["LA TOÃ‘I", None, "LA TOÑA"], index=[7, 8, 9], dtype="str")
    mended = unscramble_series(column)
    assert mended.loc[[7, 9]].tolist() == ["LA TOÑI", "LA TOÑA"]
    assert mended.isna().tolist() == [False, True, False]
    assert list(mended.index) == [7, 8, 9]


@pytest.mark.parametrize("known", [{"A", "C"}, pd.Series(["C", None, "A", "A"], dtype="str")])
def test_texts_are_among_known_ones_and_a_missing_one_never(known: set[str] | pd.Series) -> None:
    column = pd.Series(["A", None, "B"], index=[7, 8, 9], dtype="str")
    assert is_among(column, known).to_dict() == {7: True, 8: False, 9: False}
    assert not is_among(column, ()).any()


@pytest.mark.parametrize("dtype", ["Int64", "float64", "str"])
def test_texts_of_a_group_are_joined_in_their_order_as_pandas_would(dtype: str) -> None:
    rng = np.random.default_rng(3)
    by = pd.Series(rng.integers(0, 40, 300), name="owner").astype(dtype)
    texts = pd.Series(
        [f"{n}{'ñ' * (n % 3)}" for n in rng.permutation(300)], name="code", dtype="str"
    )
    expected = texts.groupby(by).agg("; ".join)
    pd.testing.assert_series_equal(join_groups(texts, by, "; "), expected)
    twice = pd.concat([texts[:100], texts[100:]])  # in two pieces
    pd.testing.assert_series_equal(join_groups(twice, by, "; "), expected)
    assert not len(join_groups(texts[:0], by[:0], ";"))
    assert not len(join_groups(pd.Series([], dtype=object), pd.Series([], dtype=object), ";"))
