"""A dossier takes rows of the run's tables: all that concern its subject, none that do not."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geoasm import dossier, schema
from geoasm.codes import SignKind
from geoasm.dossier import Place, counts, gather, list_companies, of_group, of_holder
from geoasm.model import Result
from tests.screened import HOLDER, number_of, sample_run, unweighed_run


@pytest.fixture(scope="module")
def result() -> Result:
    return sample_run()


@pytest.fixture(scope="module")
def found(result: Result) -> dossier.Dossier:
    return gather(result, of_holder(result, number_of(HOLDER)))


def test_rights_are_those_of_the_holder_and_of_its_joint_holders(
    result: Result, found: dossier.Dossier
) -> None:
    party = number_of(HOLDER)
    joint = result.parties.dropna(subset=["members"])
    with_it = joint[joint["members"].str.split(";").map(lambda m: str(party) in m)]["party_id"]
    expected = result.concessions["holder_id"].isin([party, *with_it])
    assert len(with_it) > 0
    assert set(found.rights["concession_id"]) == set(
        result.concessions.loc[expected, "concession_id"]
    )
    assert dict(zip(found.holders["holder_id"], found.holders["part"], strict=True)) == {
        party: "itself",
        **dict.fromkeys(with_it, "joint"),
    }


def test_without_the_private_part_joint_holders_cannot_be_looked_for(result: Result) -> None:
    public = replace(result, parties=schema.empty(schema.PARTIES))
    subject = of_holder(public, number_of(HOLDER))
    assert not subject.knows_members
    assert subject.holder_ids == [number_of(HOLDER)]


def test_registrations_on_are_covered_or_decided_by_a_right(
    result: Result, found: dossier.Dossier
) -> None:
    codes = set(found.rights["concession_id"])
    covered = result.pairs[result.pairs["covered"] & result.pairs["concession_id"].isin(codes)]
    listed = (
        result.registrations["right_ids"]
        .str.split(";")
        .map(lambda ids: not codes.isdisjoint(ids) if isinstance(ids, list) else False)
    )
    decided = result.registrations["concession_id"].isin(codes)
    expected = set(result.registrations.loc[listed | decided, "registration_id"])
    assert set(found.on["registration_id"]) == expected
    assert set(covered["registration_id"]) <= expected
    assert expected


def test_registrations_near_are_those_of_the_run(result: Result, found: dossier.Dossier) -> None:
    near = result.near_outside[result.near_outside["holder_id"].isin(found.subject.holder_ids)]
    told = found.registrations[found.registrations["near_id"].notna()]
    assert len(near) == len(found.near) > 0
    assert set(told["registration_id"]) == set(near["registration_id"])
    assert (told["place"] != Place.ON_TITLE).all()


def test_hosted_equals_the_table_of_holders_and_the_classes(
    result: Result, found: dossier.Dossier
) -> None:
    titles = found.rights.loc[found.rights["status"] == "titled", "concession_id"]
    rows = result.registrations
    decided = rows["concession_id"].isin(titles) & (rows["title_relation"] != "own")
    decided &= rows["asm_class"] != "prohibited_area"  # no right decided there
    assert found.n_hosted == found.holders["n_hosted"].sum() == decided.sum() > 0


def test_an_overlap_is_turned_so_that_the_own_right_comes_first(
    result: Result, found: dossier.Dossier
) -> None:
    codes = found.rights["concession_id"]
    pairs = result.overlaps
    mine = pairs["concession_id_a"].isin(codes) | pairs["concession_id_b"].isin(codes)
    assert len(found.overlaps) == mine.sum() > 0
    assert found.overlaps["own_id"].isin(codes).all()
    assert found.overlaps["overlap_ha"].sum() == pytest.approx(pairs.loc[mine, "overlap_ha"].sum())
    turned = found.overlaps[found.overlaps["own_id"] == found.overlaps["concession_id_b"]]
    assert len(turned) > 0
    pd.testing.assert_series_equal(turned["share_of_own"], turned["share_of_b"], check_names=False)
    known = found.overlaps.dropna(subset=["senior_id"])
    own = known["senior_id"] == known["own_id"]
    assert own.any()
    assert not own.all()
    assert (known["senior"] == own.map({True: "own", False: "other"})).all()
    assert (found.overlaps.loc[found.overlaps["senior_id"].isna(), "senior"] == "unknown").all()


@pytest.mark.parametrize("name", ["candidates", "candidates_rejected", "verify_first", "evidence"])
def test_tables_of_rights_are_whole(result: Result, found: dossier.Dossier, name: str) -> None:
    table = getattr(result, name)
    mine = table[table["concession_id"].isin(found.rights["concession_id"])]
    taken = found.rejected if name == "candidates_rejected" else getattr(found, name)
    assert len(taken) == len(mine) > 0


def test_clusters_are_those_of_the_registrations(result: Result, found: dossier.Dossier) -> None:
    here = found.registrations["cluster_id"].dropna()
    assert set(found.clusters["cluster_id"]) == set(here)
    assert found.clusters["n_on"].sum() == found.on["cluster_id"].notna().sum() > 0
    assert (found.clusters["n_on"] <= found.clusters["n_registrations"]).all()


def test_signs_speak_of_its_rights_clusters_or_registrations(
    result: Result, found: dossier.Dossier
) -> None:
    codes, ids = set(found.rights["concession_id"]), set(found.registrations["registration_id"])
    competing = (result.signs["kind"] == SignKind.COMPETING) & result.signs["cluster_id"].isin(
        found.clusters["cluster_id"]
    )
    concerned = [
        row["concession_id"] in codes
        or bool(ids & set(row["registration_ids"].split(";")))
        or (row["kind"] == SignKind.DECLARED_ELSEWHERE and row["subject"] in codes)
        for row in result.signs.to_dict("records")
    ]
    assert len(found.signs) == (competing | pd.Series(concerned)).sum() > 0
    assert len(found.signs) < len(result.signs)
    here = [len(ids & set(text.split(";"))) for text in found.signs["registration_ids"]]
    assert list(found.signs["n_here"]) == here
    assert (found.signs["n_here"] < found.signs["n_registrations"]).any()


def test_counts_of_every_dimension_sum_to_all_registrations(found: dossier.Dossier) -> None:
    table = counts.count_registrations(found)
    sums = table.groupby("dimension")[["n_on", "n_on_title", "n_near"]].sum()
    assert set(sums.index) == set(counts.DIMENSIONS)
    assert (sums["n_on"] == len(found.on)).all()
    near = sums["n_near"].drop("not_counted")
    assert (near == found.registrations["near_id"].notna().sum()).all()


def test_what_counts_is_what_its_rights_were_weighed_with(result: Result) -> None:
    subjects = [*list_companies(result, 1), of_holder(result, number_of(HOLDER))]
    assert len(subjects) > 10
    of_others = 0
    for subject in subjects:
        found = gather(result, subject)
        rows = counts.count_registrations(found).set_index(["dimension", "code"])["n_on"]
        told = rows["not_counted"]
        weighed = (
            found.candidates["n_registrations"].sum()
            + found.verify_first["n_registrations"].sum()
            + found.rejected["n_counted"].sum()
        )
        assert told.get("own_right", 0) == weighed
        of_others += told.get("other_right", 0)
    assert of_others > 0


def test_a_registration_counts_for_the_holder_whose_right_decided(
    result: Result, found: dossier.Dossier
) -> None:
    codes = found.rights["concession_id"]
    rows = found.registrations
    counts_ = rows["not_counted"].isna()
    mine = rows["concession_id"].isin(codes)
    assert set(rows.loc[counts_ & mine, "counts_for"]) == {"own_right"}
    assert set(rows.loc[counts_ & ~mine, "counts_for"]) == {"other_right"}
    assert rows.loc[~counts_, "counts_for"].isna().all()
    of_another = rows[(rows["counts_for"] == "other_right") & rows["is_on"]]
    moved = result.registrations["registration_id"].isin(of_another["registration_id"])
    assert (result.registrations.loc[moved, "title_relation"] == "third_party").all()


def test_of_those_near_none_is_told_to_count(found: dossier.Dossier) -> None:
    table = counts.count_registrations(found)
    told = table[table["dimension"] == "not_counted"]
    assert told["n_near"].isna().all()
    assert (told["n_on"] > 0).all()
    assert list(told["code"].head(2)) == ["own_right", "other_right"]
    near_only = found.registrations[~found.registrations["is_on"]]
    assert len(near_only) > 0
    assert not (near_only["counts_for"] == "own_right").any()


def test_without_candidates_nothing_counts_and_nothing_is_near() -> None:
    found = gather(unweighed_run(), of_holder(unweighed_run(), number_of(HOLDER, unweighed_run())))
    assert not found.weighed
    assert len(found.on) > 0
    assert found.registrations["counts_for"].isna().all()
    assert "not_counted" not in set(counts.count_registrations(found)["dimension"])


def test_a_run_that_does_not_say_so_weighs_candidates() -> None:
    assert dossier.is_weighed({})
    assert dossier.is_weighed({"prospects": {"candidates": 0}})
    assert not dossier.is_weighed({"prospects": {"weighed": False}})


def test_a_group_is_every_holder_of_it(result: Result) -> None:
    group = result.holders["group"].value_counts().index[0]
    members = result.holders.loc[result.holders["group"] == group, "holder_id"]
    found = gather(result, of_group(result, group))
    assert set(members) <= set(found.subject.holder_ids)
    assert set(found.rights["holder_id"]) == set(found.subject.holder_ids)


def test_companies_are_groups_and_legal_entities_outside_of_them_that_host_enough(
    result: Result,
) -> None:
    companies = list_companies(result, 5)
    holders = result.holders
    hosted = [
        int(holders.loc[holders["holder_id"].isin(s.holder_ids), "n_hosted"].sum())
        for s in companies
    ]
    assert hosted == sorted(hosted, reverse=True)
    assert min(hosted) >= 5
    alone = {s.party for s in companies} - {None}
    assert set(holders.loc[holders["holder_id"].isin(alone), "holder_kind"]) == {"legal"}
    assert holders.loc[holders["holder_id"].isin(alone), "group"].isna().all()
    enough = (
        holders["group"].isna() & (holders["holder_kind"] == "legal") & (holders["n_hosted"] >= 5)
    )
    assert set(holders.loc[enough, "holder_id"]) <= alone
    assert len(list_companies(result, 6)) < len(companies)
