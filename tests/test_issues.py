"""The list of doubtful rows: one line a row, in a stable order, private values masked."""

from __future__ import annotations

import pandas as pd

from geoasm import issues
from geoasm.codes import Action, Problem
from geoasm.schema import ISSUES


def set_aside(source: str, rows: list[int]) -> pd.DataFrame:
    return issues.make(source, Problem.DUPLICATE_ID, Action.SET_ASIDE, rows)


def test_one_row_an_issue_with_its_own_id_and_value() -> None:
    out = issues.make(
        "registrations",
        Problem.UNKNOWN_CODE,
        Action.DOUBTED,
        [3, 1],
        ids=["A", "B"],
        field="status",
        values=["?", 9],
        detail="left unknown",
    )
    assert out["row"].tolist() == [3, 1]
    assert out["id"].tolist() == ["A", "B"]
    assert out["value"].tolist() == ["?", "9"]
    assert out["detail"].tolist() == ["left unknown"] * 2
    assert out["problem"].tolist() == ["unknown_code"] * 2


def test_an_issue_about_the_whole_file_has_no_row() -> None:
    out = issues.make("concessions", Problem.UNUSED_COLUMN, Action.DOUBTED, values="COLOR")
    assert len(out) == 1
    assert out["row"].isna().all()


def test_no_issues_and_some_have_the_same_columns_and_types() -> None:
    some = set_aside("concessions", [1])
    assert issues.none().dtypes.equals(some.dtypes)
    assert len(issues.join([])) == 0
    assert issues.join([issues.none(), some, issues.none()]).equals(some)


def test_published_values_of_persons_are_masked_and_others_are_not() -> None:
    named = issues.make(
        "concessions", Problem.MOJIBAKE, Action.MENDED, [1], values="SURNAME NAME", private=True
    )
    unnamed = issues.make(
        "concessions", Problem.MISSING_HOLDER, Action.DOUBTED, [2], values=None, private=True
    )
    code = issues.make("concessions", Problem.UNKNOWN_CODE, Action.DOUBTED, [3], values="W")
    raw = issues.join([named, unnamed, code])
    public = issues.publish(raw)
    assert list(public.columns) == ISSUES.names
    by_row = public.set_index("row")["value"]
    assert by_row[1] == "[private]"
    assert pd.isna(by_row[2])
    assert by_row[3] == "W"
    assert "SURNAME" not in public.to_csv()
    assert raw["value"][0] == "SURNAME NAME"


def test_published_order_does_not_depend_on_the_order_given() -> None:
    rows = issues.join([set_aside("registrations", [9, 2, 5]), set_aside("concessions", [4])])
    backwards = rows.iloc[::-1].reset_index(drop=True)
    assert issues.publish(rows).equals(issues.publish(backwards))


def test_a_row_set_aside_for_two_reasons_is_one_row_gone() -> None:
    rows = issues.join(
        [
            set_aside("registrations", [1, 2]),
            issues.make("registrations", Problem.MISSING_ID, Action.SET_ASIDE, [2]),
            issues.make("registrations", Problem.MISSING_DATE, Action.DOUBTED, [3]),
            set_aside("concessions", [4]),
            issues.make("registrations", Problem.UNUSED_COLUMN, Action.SET_ASIDE),
        ]
    )
    assert issues.count_set_aside(rows, "registrations") == 2
    assert issues.count_set_aside(rows, "concessions") == 1


def test_an_issue_is_one_line_whatever_it_quotes() -> None:
    odd = "a\rb\nc\x00\u2028"
    said = {"ids": odd, "field": odd, "values": odd, "detail": odd}
    made = issues.make("registrations", Problem.UNUSED_COLUMN, Action.DOUBTED, **said)
    public = issues.publish(made)
    texts = ["id", "field", "value", "detail"]
    assert public[texts].to_numpy().tolist() == [[r"a\rb\nc\x00\u2028"] * 4]
    assert made[texts].to_numpy().tolist() == [[odd] * 4]
