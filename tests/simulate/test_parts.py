"""The pieces: names of nobody, columns of a country, positions as registers write them."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stdnum.pe import ruc

from geoasm.codes import Problem, Role
from geoasm.errors import OptionError
from geoasm.parsing.text import fold, unscramble
from geoasm.profile import Profile
from geoasm.simulate import SCALES, holders, joint, names, positions, reading, scale, simulate
from geoasm.simulate.columns import to_source

PACKAGE = Path(names.__file__).parent
TESTED = {"link", "overlaps", "parties", "strata", "evidence", "sites", "activity", "classify"}
TESTED |= {"disturbance", "terrain", "zonal", "raster_legends", "holdings", "holdership", "given"}
TESTED |= {"confidence", "normalize", "seniority", "areas", "declared", "territory", "rights"}
TESTED |= {"side_tables", "surroundings", "assemble", "summarize", "pipeline", "predicates"}
TESTED |= {"candidates", "clusters", "neighbours", "signs", "pathways", "prospects"}


def test_the_oracle_imports_nothing_of_what_it_tests() -> None:
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("geoasm"):
                parts = str(node.module).split(".")[1:]
                used = {parts[0]} if parts else {a.name for a in node.names}
                assert not used & TESTED, f"{path.name} imports {used & TESTED}"


def test_names_are_all_different_and_numbers_valid() -> None:
    parties = names.people_and_firms(np.random.default_rng(3), 300, 200, first=40)
    assert parties["name"].map(lambda v: " ".join(sorted(fold(v).split()))).is_unique
    assert parties["ruc"].is_unique
    assert all(ruc.is_valid(n) for n in parties["ruc"])
    firms = parties["kind"] == "legal"
    assert parties.loc[firms, "ruc"].str.startswith("20").all()
    assert parties.loc[~firms, "ruc"].str.startswith("10").all()


@pytest.mark.parametrize("name", ["COMPAÑÍA MINERA ÑAMZATÚ", "Í", "É à Ý"])
def test_scrambled_names_can_be_mended_for_certain(name: str) -> None:
    spoilt = names.scramble(name)
    assert spoilt != name
    assert unscramble(spoilt) == name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Minera Ñandú S.A.C.", "MINERA  NANDU SAC", True),
        (" a b ", "A-B", True),
        ("MINERA X S.A.", "MINERA X S.A.C.", False),
        (None, "", True),
    ],
)
def test_names_compare_without_case_accents_and_stops(
    one: str | None, other: str, same: bool
) -> None:
    assert (reading.name_key(one) == reading.name_key(other)) is same


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("MINERA ABETO S.A.C.", True),
        ("TULA BRENDO OFILIO", True),
        ("TULA BRENDO Y RUMAN ELVO", False),
        ("MINERA ABETO S.A. / OTRA S.A.", False),
        ("z> AREA EXTINGUIDA", False),
        ("TULA BRENDO Y OTROS", False),
        (None, False),
    ],
)
def test_names_of_several_parties_are_no_plain_names(name: str | None, plain: bool) -> None:
    assert reading.is_plain(name) is plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CIA. MINERA X S.A.", "COMPAÑÍA MINERA X S.A.C."),
        ("Compañia Minera X S.R.L.", "MINERA X COMPANY INCORPORATED"),
        ("PEREZ LOPEZ JUAN", "Juan Pérez López"),
        ("COOP. MINERA ÑAM", "COOPERATIVA MINERA NAM LIMITADA"),
    ],
)
def test_spellings_of_one_firm_or_person_share_a_key(one: str, other: str, peru: Profile) -> None:
    assert reading.firm_key(one, peru.parties) == reading.firm_key(other, peru.parties)
    assert reading.firm_key(one, peru.parties) != reading.firm_key("MINERA Y S.A.", peru.parties)


@pytest.mark.parametrize(
    ("name", "natural"),
    [
        ("TULA BRENDO OFILIO", True),
        ("TULA BRENDO", False),  # too few words to be sure
        ("TULA BRENDO S.A.C.", False),
        ("MINERA TULA BRENDO", False),
        ("S.M.R.L. TULA DE BRENDO", False),
        ("TULA BRENDO O 2", False),
        (None, False),
    ],
)
def test_who_looks_like_a_person(name: str | None, natural: bool, peru: Profile) -> None:
    assert reading.looks_natural(name, peru.parties) is natural


def test_texts_in_the_place_of_a_name_name_nobody(peru: Profile) -> None:
    assert reading.says_nobody("SIN TITULAR", peru.parties)
    assert reading.says_nobody("S/N", peru.parties)
    assert not reading.says_nobody("TULA SIN BRENDO", peru.parties)


def test_holders_who_may_stand_in_a_joint_name_are_found_in_any_order(peru: Profile) -> None:
    firms = ["ABETO MINERA", "BRENDO OFILIO TULA", "CEDRO"]
    texts = ["OFILIO TULA BRENDO Y OTROS", "MINERA ABETO S.A.C. / X", None]
    assert reading.stand_in(firms, texts) == {"ABETO MINERA", "BRENDO OFILIO TULA"}


def test_forms_that_the_law_presumes_small_are_invented_as_well(peru: Profile) -> None:
    firms = names.people_and_firms(np.random.default_rng(3), 0, 300)["name"]
    forms = firms.map(lambda n: reading.forms_of(n, peru.parties))
    assert forms.map(bool).all()
    for form in ("SMRL", "COOPERATIVA"):
        assert 10 < forms.map(lambda some, form=form: form in some).sum() < 100


@pytest.mark.parametrize("how", range(4))
def test_respelt_names_mean_the_same_and_mistyped_ones_do_not(how: int, peru: Profile) -> None:
    name = "COMPAÑÍA MINERA ÑAMZATÚ GUENRRIZZA S.R.L."
    assert names.respell(name, how) != name
    assert reading.name_key(names.respell(name, how)) == reading.name_key(name)
    wrong = holders.mistype(np.random.default_rng(how), name, peru.parties)
    assert sorted(wrong) == sorted(name)
    assert [a == b for a, b in zip(wrong.split(), name.split(), strict=True)].count(False) == 1
    assert wrong.startswith("COMPAÑÍA MINERA ")
    assert reading.name_key(wrong) != reading.name_key(name)


def test_joint_holders_stand_in_one_text_as_cadastres_write_them(peru: Profile) -> None:
    parties = names.people_and_firms(np.random.default_rng(2), 30, 20)
    frame = pd.DataFrame({"holder": np.arange(400) % 50, "status": "titled"})
    shared = joint.share_out(np.random.default_rng(3), frame, parties, peru.parties)
    for row in shared.itertuples():
        own = [str(parties["name"][m]) for m in row.members]
        assert all(name in row.holder_name for name in own)
        assert row.is_open == row.holder_name.endswith(" Y OTROS")
        assert len(row.holder_name) < 100
        if len(own) == 3:
            assert row.holder_name == f"{own[0]}, {own[1]} Y {own[2]}"
    counts = shared["members"].map(len).value_counts()
    assert set(counts.index) == {1, 2, 3}
    assert shared["is_open"].sum() >= 4


def test_every_code_written_means_the_value_it_was_written_for(peru: Profile) -> None:
    spec = peru.roles[Role.CONCESSIONS]
    status = ["titled", "titled", "pending", "extinct", "other", "other", "other", "unknown"]
    types = ["mining"] * 4 + ["plant", "tailings", "quarry", "mining"]
    frame = pd.DataFrame({"status": status, "right_type": types, "concession_id": list("abcdefgh")})
    source = to_source(frame, spec, np.array([0, 1, 0, 6, 0, 0, 0, 0]))
    assert source["ESTADO"].tolist()[:7] == ["T", "N", "P", "X", "B", "R", "A"]
    known = spec.fields["status"].sources[0].vocabulary
    assert known is not None
    assert source["ESTADO"].iloc[7] not in known.values
    assert source["LEYENDA"].tolist()[:4] == ["TITULADO", "TITULADO", "TRAMITE", "EXTINGUIDO"]
    assert pd.isna(source["LEYENDA"].iloc[7])
    assert source["CODIGOU"].tolist() == list("abcdefgh")


def test_fields_that_a_role_lacks_are_not_written(peru: Profile) -> None:
    frame = pd.DataFrame({"holder_name": ["X"], "stratum": ["lsm_msm"], "mood": ["good"]})
    source = to_source(frame, peru.roles[Role.STRATA])
    assert source.columns.tolist() == ["holder", "stratum"]


def spoil(
    problem: Problem, peru: Profile, form: str = "plain", seed: int = 0
) -> tuple[str | None, ...]:
    row = {"form": form, "x": "-75.123456", "y": "-12.345678", "zone": None}
    if form == "utm":
        row = {"form": form, "x": "512345.00", "y": "9123456.00", "zone": "18S"}
    return positions.spoil(np.random.default_rng(seed), problem, row, peru.crs)


def test_each_slip_of_position_is_the_slip_it_says(peru: Profile) -> None:
    assert spoil(Problem.SWAPPED_AXES, peru) == ("-12.345678", "-75.123456", None)
    assert spoil(Problem.WRONG_SIGN, peru) == ("75.123456", "-12.345678", None)
    assert spoil(Problem.WRONG_ZONE, peru)[0] in ("-81.123456", "-69.123456")
    assert spoil(Problem.WRONG_ZONE, peru, "utm")[2] in ("17", "19")
    assert spoil(Problem.MISSING_FALSE_NORTHING, peru, "utm")[1] == "-876544.00"
    lon, lat, _ = spoil(Problem.OUTSIDE_COUNTRY, peru)
    assert float(str(lon)) > peru.crs.bounds[2]
    assert float(str(lat)) > peru.crs.bounds[3]
    assert spoil(Problem.NULL_POSITION, peru, "utm") == (None, None, None)


@pytest.mark.parametrize(
    ("form", "whole"),
    [("plain", ("-75.123456", "-12.345678")), ("utm", ("512345.00", "9123456.00"))],
)
def test_a_lost_digit_is_one_digit_before_the_decimals_of_either_axis(
    form: str, whole: tuple[str, str], peru: Profile
) -> None:
    shortened = set()
    for seed in range(12):
        found = spoil(Problem.LOST_DIGIT, peru, form, seed)[:2]
        axis = 0 if found[1] == whole[1] else 1
        assert found[1 - axis] == whole[1 - axis]
        assert str(found[axis])[-6:] == whole[axis][-6:]
        assert len(str(found[axis])) == len(whole[axis]) - 1
        shortened.add(axis)
    assert shortened == {0, 1}


def test_a_scale_says_what_it_cannot_be() -> None:
    assert scale("sample", registrations=50).registrations == 50
    assert scale("national", extinct=100_000).extinct == 100_000
    with pytest.raises(OptionError, match="--scale town: is none of sample"):
        scale("town")
    with pytest.raises(OptionError, match="--registrations 0"):
        scale("sample", registrations=0)
    with pytest.raises(OptionError, match=r"--faults 0\.9"):
        scale("sample", fault_share=0.9)


def test_without_faults_every_row_is_kept_or_planned_to_be_lost(peru: Profile) -> None:
    made = simulate(peru, scale("sample", registrations=120, fault_share=0.0), seed=5)
    spoilt = made.truth[made.truth["fault"] != "none"]
    assert (spoilt["planned"] == "unlocatable").all()
    assert len(made.truth) == 120


def test_a_country_that_draws_in_degrees_is_refused(peru: Profile) -> None:
    other = replace(peru, crs=replace(peru.crs, drawn_in="geographic"))
    with pytest.raises(OptionError, match="UTM zones"):
        simulate(other, SCALES["sample"], seed=1)


def test_a_country_without_tables_of_holders_is_refused(peru: Profile) -> None:
    roles = {r: s for r, s in peru.roles.items() if r not in (Role.STRATA, Role.PENALTIES)}
    with pytest.raises(OptionError, match="strata and penalties"):
        simulate(replace(peru, roles=roles), SCALES["sample"], seed=1)


def test_the_day_of_the_study_moves_the_penalties(peru: Profile) -> None:
    made = simulate(peru, scale("sample", registrations=60), seed=1, on=date(2022, 6, 1))
    paid = made.tables[Role.PENALTIES]["year"]
    assert paid[paid <= 2022].max() == 2021
    assert (paid > 2022).any()
    assert (made.truth_concessions["holder_activity"] == "idle").any()
    assert [r.year for r in made.rasters] == [2016, 2019, 2021, None]
