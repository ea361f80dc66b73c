"""Persons in free texts are hidden, and nothing else is."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm import issues, veil
from geoasm.codes import Action, Problem, Role
from geoasm.errors import InputError
from geoasm.io.profiles import load_profile
from geoasm.parties import name_keys
from geoasm.schema import HIDDEN
from tests.people import table
from tests.privacy.planted import HOLDER, OWNER, numbered

PE = load_profile("pe")
NAME = OWNER.name


def over(*names: str, numbers: tuple[str, ...] = (OWNER.ruc,)) -> veil.Veil:
    keys = name_keys(pd.Series(names or (NAME,), dtype="str"), PE.parties)["key"]
    return veil.Veil(keys, numbers, PE.parties)


def hides(text: str, cover: veil.Veil | None = None, *, codes: bool = False) -> bool:
    found = (cover or over()).hide(pd.Series([text, None], dtype="str"), codes=codes)
    assert pd.isna(found[1])
    assert found[0] in (text, HIDDEN)
    return bool(found[0] == HIDDEN)


@pytest.mark.parametrize(
    "text",
    [
        NAME,
        f"Mina de {NAME.lower()} 2008",
        "WILMERINDO NAHUINCONDOR ZUNIGARAY",
        "«Zuñigaray, Wilmerindo ñahuincondor»",
        NAME.encode().decode("latin-1"),
        OWNER.ruc,
        f"RUC{OWNER.ruc}.",
        f"DNI {OWNER.dni}",
        f"{OWNER.dni[:2]}.{OWNER.dni[2:5]}.{OWNER.dni[5:]}",
        HOLDER.ruc,  # of nobody in the run, but a natural person's all the same
    ],
)
def test_text_that_tells_a_person_is_hidden(text: str) -> None:
    assert hides(text)


@pytest.mark.parametrize(
    "text",
    [
        "LAVADERO ZUNIGARAY 3",
        "ÑAHUINCÓNDOR ZÜÑIGARAY S.A.C.",
        "010013819",
        "2008-01-31",
        "20190231",
        numbered("2051234567"),
        f"{HOLDER.ruc[:-1]}{(int(HOLDER.ruc[-1]) + 1) % 10}",  # its check digit is wrong
        "a" * 32 + OWNER.dni + "b" * 24,
        "",
    ],
)
def test_what_tells_nobody_stays(text: str) -> None:
    assert not hides(text)


def test_number_in_a_code_is_a_person_s_only_where_a_table_says_so() -> None:
    assert hides(OWNER.ruc, codes=True)
    assert hides("0" + OWNER.dni, codes=True)  # as zeros are restored
    assert not hides(HOLDER.ruc, codes=True)


def test_code_of_a_right_that_happens_to_be_somebody_s_number_stays() -> None:
    code = "0" + OWNER.dni
    frames = {
        Role.CONCESSIONS: table(concession_id=[code], holder_name=["MINERA UNO S.A.C."]),
        Role.CONTRACTS: table(concession_id=[code], ruc=[OWNER.ruc]),
    }
    cover = veil.weave(frames, issues.none(), PE)
    assert not hides(code, cover, codes=True)
    assert hides(OWNER.dni, cover, codes=True)


@pytest.mark.parametrize("name", ["SANTA ROSA", "ROSA DE LIMA", "MARIA LA CRUZ"])
def test_short_names_hide_no_names_of_places(name: str) -> None:
    assert not hides(f"{name} 5", over(name))


def test_short_name_that_is_all_of_a_text_is_hidden() -> None:
    cover = over("KOFI BOATENG")
    assert hides("Boateng, Kofi", cover)
    assert not hides("Cerro Boateng", cover)
    assert not hides("Kofi", cover)


def test_nested_values_are_hidden_in_keys_too_and_others_stay_the_same() -> None:
    value = {"files": [f"{NAME}.csv", 3, None], NAME: {"a": (1.5, OWNER.ruc)}, "b": True}
    assert over().hide_deep(value) == {
        "files": [HIDDEN, 3, None],
        HIDDEN: {"a": (1.5, HIDDEN)},
        "b": True,
    }
    plain = {"a": ["x", 1]}
    assert over().hide_deep(plain) is plain


def listed(problem: Problem, *values: str, field: str = "status") -> pd.DataFrame:
    return issues.make(
        "registrations",
        problem,
        Action.DOUBTED,
        [*range(1, len(values) + 1)],
        field=field,
        values=values,
    )


@pytest.mark.parametrize(
    ("problem", "value"),
    [
        (Problem.UNKNOWN_CODE, "MAMANI CONDORI JUAN"),
        (Problem.UNKNOWN_CODE, "Juan Mamani"),
        (Problem.UNKNOWN_CODE, "45678901"),
        (Problem.UNREADABLE_DATE, "Juan Mamani"),
        (Problem.UNREADABLE_DATE, "45678901"),
        (Problem.UNREADABLE_NUMBER, "don Juan Mamani"),
        (Problem.UNREADABLE_POSITION, "MAMANI CONDORI"),
        (Problem.ZONE_MISMATCH, "MAMANI CONDORI JUAN"),
    ],
)
def test_value_that_slipped_into_the_wrong_column_is_private_whoever_it_tells(
    problem: Problem, value: str
) -> None:
    found = veil.cover_issues(listed(problem, value), over())
    assert found["value"].tolist() == [value]  # for private/, as it was
    assert issues.publish(found)["value"].tolist() == [HIDDEN]


@pytest.mark.parametrize(
    ("problem", "values"),
    [
        (Problem.UNKNOWN_CODE, ["SUSPENDIDO X"]),
        (Problem.UNKNOWN_CODE, ["EN TRAMITE DE REVISION"] * 3),
        (Problem.UNREADABLE_DATE, ["31/02/2019"]),
        (Problem.UNREADABLE_DATE, ["31 de febrero"]),
        (Problem.UNREADABLE_NUMBER, ["1,234"]),
        (Problem.RESTORED_ZEROS, ["10013819"]),
        (Problem.INVALID_GEOMETRY, ["Too few points in geometry component"]),
    ],
)
def test_value_that_helps_to_mend_a_file_is_published(problem: Problem, values: list[str]) -> None:
    found = veil.cover_issues(listed(problem, *values), over())
    assert issues.publish(found)["value"].tolist() == values


def test_id_and_detail_of_an_issue_tell_nobody() -> None:
    made = issues.make(
        "penalties",
        Problem.UNKNOWN_RIGHT,
        Action.SET_ASIDE,
        [1],
        ids=NAME,
        field=NAME,
        detail=f"as {NAME}",
    )
    found = veil.cover_issues(made, over())
    assert found[["id", "field", "detail"]].iloc[0].tolist() == [HIDDEN] * 3


def test_persons_of_every_file_are_known_and_firms_are_not() -> None:
    frames = {
        Role.ALIASES: table(spelling=[NAME], holder_name=["MINERA UNO S.A.C."]),
        Role.CONTRACTS: table(concession_id=["1"], ruc=[HOLDER.ruc]),
    }
    private = issues.make(
        "holders",
        Problem.INVALID_RUC,
        Action.DOUBTED,
        [1],
        field="ruc",
        values="12 345 678",
        private=True,
    )
    cover = veil.weave(frames, private, PE)
    assert hides(f"de {NAME}", cover)
    assert hides(f"DNI {HOLDER.dni}", cover)
    assert hides("de 12345678", cover)
    assert not hides("MINERA UNO S.A.C.", cover)


@pytest.mark.parametrize("code", [OWNER.ruc, OWNER.dni, "0" + OWNER.dni])
def test_registration_that_goes_by_its_registrant_s_number_is_refused(code: str) -> None:
    register = table(registration_id=["1", code], ruc=[HOLDER.ruc, OWNER.ruc])
    with pytest.raises(InputError, match="record 2 first") as caught:
        veil.check_codes(register, PE.parties)
    assert OWNER.dni not in str(caught.value)
    veil.check_codes(register.assign(ruc=[OWNER.ruc, HOLDER.ruc]), PE.parties)
