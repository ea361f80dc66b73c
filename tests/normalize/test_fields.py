"""Columns to fields: every spelling, every kind, and an issue for each value that is not as it should be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from geoasm import normalize
from geoasm.codes import Role
from geoasm.errors import MissingColumn, OptionError
from geoasm.io.profiles import load_profile


def run(country: Any, raw: Any, **more: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    return normalize.concessions(raw, country.concessions, country.plan, on=country.on, **more)


def test_columns_are_found_in_any_case_and_cut_by_a_shapefile(country: Any) -> None:
    raw = country.rights(
        CODIGOU=None, Codigou=["010000016"], ESTADO=None, estado=["P"],
        FECHA_ACTU=["2026-05-01"],
    )  # fmt: skip
    rights, issues = run(country, raw)
    assert rights["concession_id"].tolist() == ["010000016"]
    assert rights["status"].tolist() == ["pending"]
    assert str(rights["snapshot_on"][0].date()) == "2026-05-01"
    assert issues.empty


def test_every_field_is_there_with_its_type_even_where_the_file_lacks_it(country: Any) -> None:
    rights, _ = run(country, country.rights(2))
    assert set(country.concessions.fields) <= set(rights.columns)
    dtypes = rights.dtypes.astype("str")
    assert dtypes["name"] == dtypes["zone"] == "str"
    assert dtypes["filed_on"] == dtypes["snapshot_on"] == "datetime64[s]"
    assert dtypes["declared_area_ha"] == "float64"
    assert rights["zone"].isna().all()
    assert rights["source_row"].tolist() == [1, 2]


def test_the_first_column_that_has_a_value_gives_it(country: Any) -> None:
    spec = country.concessions
    both = country.field("name", spec.fields["name"].kind, "CONCESION", "NOMBRE")
    spec = replace(spec, fields={**spec.fields, "name": both})
    raw = country.rights(2, CONCESION=["A", None], NOMBRE=["B", "C"])
    rights, issues = normalize.concessions(raw, spec, country.plan, on=country.on)
    assert rights["name"].tolist() == ["A", "C"]
    assert issues.empty


def test_a_needed_column_that_is_missing_names_the_file_the_spellings_and_the_way_out(
    country: Any,
) -> None:
    raw = country.rights(ESTADO=None, FEC_DENU=None)
    with pytest.raises(MissingColumn) as fault:
        run(country, raw)
    text = str(fault.value)
    assert "file.gpkg" in text
    assert "ESTADO, D_ESTADO" in text
    assert "--assume concessions.status=VALUE" in text
    assert "--assume concessions.filed_on=VALUE" in text
    assert "\n" not in text


def test_a_missing_id_column_cannot_be_assumed(country: Any) -> None:
    with pytest.raises(MissingColumn, match="CODIGOU") as fault:
        run(country, country.rights(CODIGOU=None))
    assert "--assume" not in str(fault.value)
    with pytest.raises(OptionError, match="id of its own"):
        run(country, country.rights(CODIGOU=None), assumptions={"concession_id": "1"})


def test_one_of_a_group_of_columns_is_enough(country: Any) -> None:
    def register(raw: Any) -> Any:
        return normalize.registrations(raw, country.registrations, country.plan, on=country.on)

    with pytest.raises(MissingColumn, match="ruc or registrant_name"):
        register(country.register(RUC=None))
    found, issues = register(country.register(2, RUC=None, NOMBRE=["ANA", None]))
    assert len(found) == 2
    assert country.problems(issues, "missing_holder")["row"].tolist() == [2]


def test_an_assumption_fills_the_whole_column_and_is_told_once(country: Any) -> None:
    raw = country.rights(2, ESTADO=None, FEC_DENU=None)
    rights, issues = run(country, raw, assumptions={"status": "titled", "filed_on": "2001-02-03"})
    assert rights["status"].tolist() == ["titled", "titled"]
    assert rights["filed_on"].dt.year.tolist() == [2001, 2001]
    told = country.problems(issues, "assumed_value")
    assert told["row"].isna().all()
    assert dict(zip(told["field"], told["value"], strict=True)) == {
        "status": "titled",
        "filed_on": "2001-02-03",
    }


@pytest.mark.parametrize(
    ("assumptions", "reason"),
    [
        ({"colour": "red"}, "no such field"),
        ({"status": "granted"}, "titled"),
        ({"filed_on": "long ago"}, "date"),
        ({"name": "X"}, "CONCESION"),
    ],
)
def test_assumptions_that_cannot_be_used(
    country: Any, assumptions: dict[str, str], reason: str
) -> None:
    raw = country.rights(ESTADO=None, FEC_DENU=None)
    sound = {"status": "titled", "filed_on": "2001-02-03"}
    with pytest.raises(OptionError, match=reason):
        run(country, raw, assumptions=sound | assumptions)


def test_columns_that_nothing_reads_are_told_and_known_ones_are_not(country: Any) -> None:
    raw = country.rights(COLOUR=["red"], OBJECTID=[7], CODIGO_ANTIGUO=["X"])
    _, issues = run(country, raw)
    told = country.problems(issues, "unused_column")
    assert told["field"].tolist() == ["COLOUR", "CODIGO_ANTIGUO"]
    assert told["row"].isna().all()


def test_a_code_has_the_first_meaning_that_a_column_gives_it(country: Any) -> None:
    raw = country.rights(
        6,
        ESTADO=["T", " p ", "?", None, None, "X"],
        D_ESTADO=[None, "D.M. en trámite", "D.M. Titulado D.L. 708", "planta", None, "D.M. Tit."],
    )
    rights, issues = run(country, raw)
    assert rights["status"].tolist() == [
        "titled", "pending", "titled", "other", "unknown", "extinct",
    ]  # fmt: skip
    conflict = country.problems(issues, "status_conflict")
    assert conflict["row"].tolist() == [6]
    assert conflict["value"].tolist() == ["X | D.M. Tit."]
    assert country.problems(issues, "missing_status")["row"].tolist() == [5]


def test_every_row_with_an_unknown_code_is_told_once(country: Any) -> None:
    rights, issues = run(country, country.rights(3, ESTADO=["Z", "Z", "T"]))
    assert rights["status"].tolist() == ["unknown", "unknown", "titled"]
    assert rights["right_type"].tolist() == ["unknown", "unknown", "mining"]
    told = country.problems(issues, "unknown_code")
    assert told["row"].tolist() == [1, 2]
    assert set(told["field"]) == {"status"}
    assert set(told["value"]) == {"Z"}


def test_the_longest_prefix_wins_and_doubtful_codes_are_doubted(country: Any) -> None:
    raw = country.rights(3, ESTADO=["E", "T", None], D_ESTADO=[None, None, "D.M. TITULADO"])
    rights, issues = run(country, raw)
    assert rights["status"].tolist() == ["titled"] * 3
    assert country.problems(issues, "doubtful_status")["row"].tolist() == [1]


def test_a_doubtful_code_of_a_column_that_does_not_decide_is_no_doubt(country: Any) -> None:
    spec = country.concessions
    status = replace(spec.fields["status"], sources=spec.fields["status"].sources[::-1])
    spec = replace(spec, fields={**spec.fields, "status": status})
    raw = country.rights(2, ESTADO=["E", "E"], D_ESTADO=["D.M. Titulado", None])
    _, issues = normalize.concessions(raw, spec, country.plan, on=country.on)
    assert country.problems(issues, "doubtful_status")["row"].tolist() == [2]


def test_missing_holder_date_and_id_are_doubted_and_the_row_stays(country: Any) -> None:
    raw = country.rights(3, TIT_CONCES=[None, "A", "B"], FEC_DENU=["2001-01-01", "", "x"],
                         CODIGOU=["010000016", "010000116", None])  # fmt: skip
    rights, issues = run(country, raw)
    assert len(rights) == 3
    by_problem = issues.groupby("problem")["row"].agg(list).to_dict()
    assert by_problem == {
        "missing_holder": [1],
        "missing_date": [2],
        "unreadable_date": [3],
        "missing_id": [3],
    }
    assert set(issues["action"]) == {"doubted"}
    assert rights["concession_id"][2].startswith("unnamed-")
    assert issues.loc[issues["row"] == 3, "id"].eq(rights["concession_id"][2]).all()


def test_future_and_placeholder_dates(country: Any) -> None:
    raw = country.rights(2, FEC_DENU=["2027-01-01", "1900-01-01"])
    rights, issues = run(country, raw)
    assert rights["filed_on"].notna().tolist() == [True, False]
    future = country.problems(issues, "future_date")
    assert future["row"].tolist() == [1]
    assert future["detail"].item() == f"after {country.on.isoformat()}; kept"
    assert country.problems(issues, "unreadable_date")["row"].tolist() == [2]


def test_dates_that_only_read_month_first_are_told_row_by_row(country: Any) -> None:
    raw = country.rights(2, FEC_DENU=["03/04/2016", "12/25/2016"])
    rights, issues = run(country, raw)
    assert rights["filed_on"].dt.month.tolist() == [3, 12]
    assert country.problems(issues, "month_first_date")["row"].tolist() == [1, 2]


def test_mojibake_is_undone_counted_and_private_in_names(country: Any) -> None:
    raw = country.rights(2, TIT_CONCES=["COMPAÃ‘IA X", "Y"], CONCESION=["LA TOÃ‘I", "LA TOÑA"])
    rights, issues = run(country, raw)
    assert rights["holder_name"][0] == "COMPAÑIA X"
    assert rights["name"].tolist() == ["LA TOÑI", "LA TOÑA"]
    told = country.problems(issues, "mojibake").set_index("field")
    assert told["row"].to_dict() == {"TIT_CONCES": 1, "CONCESION": 1}
    assert told["private"].to_dict() == {"TIT_CONCES": True, "CONCESION": False}
    assert set(told["action"]) == {"mended"}


def test_a_column_that_feeds_a_name_is_private_whatever_else_it_feeds(country: Any) -> None:
    spec = country.concessions
    shared = country.field("name", spec.fields["name"].kind, "TIT_CONCES")
    spec = replace(spec, fields={**spec.fields, "name": shared})
    raw = country.rights(1, TIT_CONCES=["COMPAÃ‘IA X"])
    _, issues = normalize.concessions(raw, spec, country.plan, on=country.on)
    assert country.problems(issues, "mojibake")["private"].tolist() == [True]


def test_scrambled_column_names_are_understood(country: Any) -> None:
    raw = country.layer({"derecho": ["010000016"], "aÃ±o": ["2019"]})
    rows, issues = normalize.table(raw, country.penalties, on=country.on)
    assert rows["year"].tolist() == [2019]
    assert issues.empty


def test_identity_numbers_that_fail_their_check_are_not_used_and_stay_private(
    country: Any,
) -> None:
    raw = country.register(2, RUC=["20131312955", "20131312956"])
    found, issues = normalize.registrations(raw, country.registrations, country.plan, on=country.on)
    assert found["ruc"].notna().tolist() == [True, False]
    told = country.problems(issues, "invalid_ruc")
    assert told["row"].tolist() == [2]
    assert told["value"].tolist() == ["20131312956"]
    assert told["private"].all()


def test_zeros_come_back_in_ids_and_in_what_refers_to_them(country: Any) -> None:
    rights, issues = run(country, country.rights(2, CODIGOU=["10000016", "150000116"]))
    assert rights["concession_id"].tolist() == ["010000016", "150000116"]
    assert country.problems(issues, "restored_zeros")["value"].tolist() == ["10000016"]
    raw = country.register(2, ID_UNIDAD=["10000016", "77"])
    found, issues = normalize.registrations(
        raw, country.registrations, country.plan, on=country.on, known_rights={"010000016"}
    )
    assert found["declared_right_id"].tolist() == ["010000016", "77"]
    assert country.problems(issues, "restored_zeros")["row"].tolist() == [1]
    table, _ = normalize.table(
        country.layer({"derecho": ["10000016"], "año": ["2019"]}),
        country.penalties, on=country.on, known_rights={"010000016"},
    )  # fmt: skip
    assert table["concession_id"].tolist() == ["010000016"]


def test_tables_read_years_and_doubt_what_is_none(country: Any) -> None:
    raw = country.layer({"derecho": ["010000016"] * 4, "año": ["2019", "2019.0", "MMXIX", "2031"]})
    rows, issues = normalize.table(raw, country.penalties, on=country.on)
    assert rows["year"].dtype == "Int64"
    assert rows["year"].fillna(0).tolist() == [2019, 2019, 0, 2031]
    assert issues.groupby("problem")["row"].agg(list).to_dict() == {
        "unreadable_date": [3],
        "future_date": [4],
    }
    (detail,) = issues.loc[issues["row"] == 4, "detail"]
    assert detail == f"after {country.on.isoformat()}: it counts for nothing on that day"
    assert set(issues["id"]) == {"010000016"}


def test_a_table_has_a_quantity_only_where_its_file_has_the_column(country: Any) -> None:
    spec = load_profile("pe").roles[Role.PRODUCTION]
    columns = {"derecho": ["010000016"] * 2, "año": ["2019"] * 2, "cantidad": ["n.d.", None]}
    rows, issues = normalize.table(country.layer(columns), spec, on=country.on)
    assert rows["amount"].isna().all()
    assert country.problems(issues, "unreadable_number")["row"].tolist() == [1]
    assert "ore_t" not in rows
    said = {"ore_t": "400"}
    rows, _ = normalize.table(country.layer(columns), spec, on=country.on, assumptions=said)
    assert rows["ore_t"].tolist() == [400, 400]


def test_a_year_in_digits_of_another_script_is_left_empty_and_told(country: Any) -> None:
    raw = country.layer({"derecho": ["010000016"] * 2, "año": ["٢٠٢٣", "2023"]})
    rows, issues = normalize.table(raw, country.penalties, on=country.on)
    assert rows["year"].tolist() == [pd.NA, 2023]
    assert issues["problem"].tolist() == ["unreadable_date"]


def test_lost_characters_are_told_and_kept_private_in_names(country: Any) -> None:
    names = pd.Series(["MINERA \ud800 S.A.", "B S.A."], dtype=object)
    zones = pd.Series(["18\udcff", None], dtype=object)
    rights, issues = run(country, country.rights(2, TIT_CONCES=names, ZONA=zones))
    assert rights["holder_name"].tolist() == ["MINERA \ufffd S.A.", "B S.A."]
    told = country.problems(issues, "lost_characters").sort_values("field")
    assert told["row"].tolist() == [1, 1]
    assert told["field"].tolist() == ["TIT_CONCES", "ZONA"]
    assert told["private"].tolist() == [True, False]
