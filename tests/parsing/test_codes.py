"""Codes stay text; zeros come back only where they are proven; identity numbers are checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from stdnum.pe import ruc

from geoasm.parsing.codes import read_codes, read_rucs, read_text, restore_zeros

LENGTHS = (9, 11)
VALID = ["20131312955", "20100017491", "20137025354"]


def codes(*values: object) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def test_text_is_stripped_and_the_words_for_null_are_missing() -> None:
    read = read_text(codes(" T ", "", "  ", "NULL", "<Null>", "nan", "None", None, "-"))
    assert read.isna().tolist() == [False, *[True] * 7, False]
    assert read[0] == "T"


def test_a_numeric_reader_leaves_no_trace_but_the_zeros() -> None:
    assert read_codes(pd.Series([10033716.0, np.nan])).tolist()[0] == "10033716"
    assert read_codes(codes("10033716.0", "010033716")).tolist() == ["10033716", "010033716"]
    assert read_codes(pd.Series([10033716])).tolist() == ["10033716"]
    assert read_codes(codes("01004567X01")).tolist() == ["01004567X01"]


def test_a_lost_zero_comes_back_where_the_column_shows_the_full_length() -> None:
    out, restored = restore_zeros(codes("10033716", "150033716", "01004567X01"), LENGTHS)
    assert out.tolist() == ["010033716", "150033716", "01004567X01"]
    assert restored.tolist() == [True, False, False]


def test_nothing_comes_back_where_nothing_proves_it() -> None:
    alone = codes("10033716")
    out, restored = restore_zeros(alone, LENGTHS)
    assert out.tolist() == ["10033716"]
    assert not restored.any()
    assert not restore_zeros(codes("10033716", "150033716"), ())[1].any()


def test_codes_with_letters_prove_nothing_and_get_nothing() -> None:
    out, restored = restore_zeros(codes("1004567X01", "1234567890", "01004567X01"), LENGTHS)
    assert not restored.any()
    assert out.tolist() == ["1004567X01", "1234567890", "01004567X01"]


def test_the_column_proves_as_many_zeros_as_its_codes_begin_with() -> None:
    assert restore_zeros(codes("1234567", "150033716"), LENGTHS)[0][0] == "1234567"
    assert restore_zeros(codes("1234567", "000033716"), LENGTHS)[0][0] == "001234567"


def test_known_codes_prove_any_number_of_zeros() -> None:
    out, restored = restore_zeros(codes("716", "717"), LENGTHS, {"000000716"})
    assert out.tolist() == ["000000716", "717"]
    assert restored.tolist() == [True, False]


def test_identity_numbers_are_checked_and_missing_is_not_invalid() -> None:
    numbers, invalid = read_rucs(codes(*VALID, "20131312956", "2013131295", "S/R", None))
    assert numbers.tolist()[:3] == VALID
    assert numbers[3:].isna().all()
    assert invalid.tolist() == [False] * 3 + [True] * 3 + [False]


def test_identity_numbers_are_judged_as_the_reference_does() -> None:
    rng = np.random.default_rng(11)
    kinds = rng.choice(["10", "15", "16", "17", "20", "99", "1", "200"], 4000)
    numbers = [
        f"{kind}{rest:09d}"
        for kind, rest in zip(kinds, rng.integers(10**9, size=4000), strict=True)
    ]
    told = [ruc.is_valid(number) for number in numbers]
    assert 100 < sum(told) < 1000
    assert read_rucs(codes(*numbers))[0].notna().tolist() == told


def test_identity_numbers_survive_spreadsheets() -> None:
    numbers, invalid = read_rucs(pd.Series([20131312955.0, np.nan]))
    assert numbers[0] == VALID[0]
    assert not invalid.any()
    assert read_rucs(codes("20-13131295-5 "))[0][0] == VALID[0]


def test_cells_of_any_type_are_read_each_by_itself() -> None:
    cells = pd.Series([[1], {}, b"x", 1, True, 1.0, "a\ud800", pd.NaT], dtype=object)
    assert read_text(cells)[:7].tolist() == ["[1]", "{}", "x", "1", "True", "1", "a\ufffd"]
    assert read_text(cells[::-1])[::-1].equals(read_text(cells))
    assert read_text(cells).isna().tolist() == [False] * 7 + [True]


def test_half_a_character_is_lost_and_shown_as_such() -> None:
    assert read_text(pd.Series(["ROSA \udcd1A"], dtype=object)).tolist() == ["ROSA \ufffdA"]
