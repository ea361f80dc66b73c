"""The whole job on a world of sixteen cells, one for each class and then some."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from geoasm import pipeline, schema
from geoasm.codes import AsmClass, Role
from geoasm.errors import InputError, OptionError
from geoasm.geometry import crs_label
from geoasm.io.profiles import load_profile
from geoasm.io.results import load_result, save_result
from geoasm.manifest import balance_faults
from geoasm.model import Options, RawLayer, Result, Source
from geoasm.workers import Workers
from tests.cells import (
    BIG,
    CLASSES,
    JUAN,
    RIGHTS,
    ROSA,
    ZONE,
    cell,
    concessions,
    polygons,
    registrations,
    whole_world,
)

PE = load_profile("pe")
ON = date(2024, 6, 1)


def raw(role: Role, frame: pd.DataFrame) -> RawLayer:
    frame = frame.reset_index(drop=True)
    crs = crs_label(frame.crs) if isinstance(frame, gpd.GeoDataFrame) else None
    frame = frame.assign(source_row=range(1, len(frame) + 1))
    return RawLayer(frame, Source(role.value, f"{role}.csv", rows=len(frame), crs_read=crs))


def run(
    frames: dict[Role, pd.DataFrame] | None = None,
    workers: Workers | None = None,
    **options: object,
) -> Result:
    world = frames if frames is not None else whole_world()
    read = {role: raw(role, frame) for role, frame in world.items()}
    return pipeline.run(read, PE, Options(on=ON, **options), workers=workers)


@pytest.fixture(scope="module")
def result() -> Result:
    return run()


def of(result: Result, number: int) -> pd.Series:
    return result.registrations.set_index("registration_id").loc[f"REG{number:02}"]


# --- what goes in


def test_rows_are_taken_only_where_that_is_asked_and_nothing_else_changes(result: Result) -> None:
    kept, taken = ({r: raw(r, f) for r, f in whole_world().items()} for _ in range(2))

    before = pipeline.run(kept, PE, Options(on=ON))
    after = pipeline.run(taken, PE, Options(on=ON), consume=True)

    for role, layer in kept.items():
        bare = taken[role].frame
        assert (len(bare), getattr(bare, "crs", None)) == (
            len(layer.frame),
            getattr(layer.frame, "crs", None),
        )
        assert "source_row" in layer.frame
        assert not bare.drop(columns="geometry", errors="ignore").columns.size
    pd.testing.assert_frame_equal(after.registrations, before.registrations)
    assert after.summary == before.summary == result.summary
    assert {**after.manifest, "timings_s": 0} == {**before.manifest, "timings_s": 0}


# --- what comes out


def test_every_class_comes_out_where_it_was_laid_out(result: Result) -> None:
    got = result.registrations.set_index("registration_id")["asm_class"]
    assert got.to_dict() == {f"REG{c:02}": name for c, name in CLASSES.items()}
    assert set(got) == {c.value for c in AsmClass}


def test_every_row_in_is_a_row_out(result: Result) -> None:
    counts = result.manifest["counts"]
    assert balance_faults(counts) == []
    assert counts["registrations_read"] == counts["registrations_classified"] == len(CLASSES)
    assert counts["concessions_read"] == counts["concessions_kept"] == len(RIGHTS)
    assert result.summary["failed"] == []
    assert result.manifest["balanced"]


def test_rows_that_are_set_aside_are_in_the_balance() -> None:
    world = whole_world()
    twice = world[Role.REGISTRATIONS].iloc[[0]].assign(COD_REINFO="REG03")
    broken = world[Role.CONCESSIONS].iloc[[0]].assign(CODIGOU="019999999")
    broken.geometry = [None]
    world[Role.REGISTRATIONS] = pd.concat([world[Role.REGISTRATIONS], twice])
    world[Role.CONCESSIONS] = pd.concat([world[Role.CONCESSIONS], broken])
    counts = run(world).manifest["counts"]
    assert balance_faults(counts) == []
    assert counts["registrations_set_aside"] == counts["concessions_set_aside"] == 1


@pytest.mark.parametrize("name", schema.RUN_TABLES)
def test_every_frame_fits_its_schema(result: Result, name: str) -> None:
    table = schema.RUN_TABLES[name]
    frame = getattr(result, name)
    assert schema.conform(frame, table).shape == (len(frame), len(table.names))
    if name != "issues":
        assert not frame.duplicated(list(table.key)).any()


def test_the_senior_title_decides_and_an_own_one_before_it(result: Result) -> None:
    assert of(result, 13)[["concession_id", "right_ids"]].tolist() == [
        "010000012",
        "010000012;010000013",
    ]
    own = of(result, 14)
    assert own["concession_id"] == "010000015"
    assert {"own_title_contested", "stacked"} <= set(own["flags"].split(";"))


def test_a_penalty_whose_code_lost_its_zero_is_evidence_all_the_same(result: Result) -> None:
    rights = result.concessions.set_index("concession_id")
    assert rights.loc["010000005", "activity_evidence"] == "penalty 2022;penalty 2023"
    assert rights["holder_activity"].value_counts().to_dict() == {"no_evidence": 14, "idle": 1}
    assert "restored_zeros" in set(result.issues["problem"])


def test_a_register_that_says_what_is_mined_shows_titles_that_are_not_for_it() -> None:
    frames = whole_world()
    frames[Role.CONCESSIONS] = frames[Role.CONCESSIONS].assign(SUSTANCIA="N")
    frames[Role.REGISTRATIONS] = frames[Role.REGISTRATIONS].assign(SUSTANCIA="M")
    rows = run(frames).registrations
    marked = rows["flags"].str.split(";").map(lambda f: "substance_mismatch" in f)
    titled = rows["title_relation"].isin(["own", "third_party"]) & rows["concession_id"].notna()
    assert marked.any()
    assert marked.tolist() == titled.tolist()


def test_axes_regions_and_systems_stand_on_the_rows(result: Result) -> None:
    idle = of(result, 4)
    names = ["title_relation", "holder_stratum", "stratum_basis", "holder_activity", "admin_1"]
    assert idle[names].tolist() == ["third_party", "lsm_msm", "official", "idle", "NORTE"]
    assert idle["crs_used"] == ZONE
    assert idle["edge_distance_m"] == pytest.approx(500, abs=0.1)
    lost = of(result, 12)
    assert lost[["crs_used", "edge_distance_m", "admin_1"]].isna().all()
    assert of(result, 9)["edge_distance_m"] is not None


def test_declared_rights_are_compared(result: Result) -> None:
    assert of(result, 1)["declared_relation"] == "agrees"
    far = of(result, 9)
    assert far["declared_relation"] == "elsewhere"
    assert far["declared_distance_m"] == pytest.approx(15_500, rel=1e-3)
    assert "declared_mismatch" in far["flags"].split(";")


def test_the_area_is_younger_than_the_right(result: Result) -> None:
    assert "right_older_than_area" in of(result, 10)["flags"].split(";")


def test_holders_host_and_hold(result: Result) -> None:
    by_name = result.holders.dropna(subset=["name"]).set_index("name")
    big = by_name.loc[BIG]
    assert (big["n_in_force"], big["n_pending"], big["n_hosted"]) == (6, 1, 2)
    assert big["in_force_ha"] == pytest.approx(600, rel=1e-6)
    assert big["idle_ha"] == pytest.approx(100, rel=1e-6)
    assert big["hosted_by_class"] == "on_idle_claim=1;on_lsm_msm=1"
    natural = result.holders[result.holders["holder_kind"] == "natural"]
    assert natural["is_registered"].tolist() == [True]


def test_names_of_persons_and_numbers_stay_in_the_private_frame(result: Result) -> None:
    assert {ROSA, JUAN} <= set(result.parties["ruc"].dropna())
    public = [f for n, f in schema.RUN_TABLES.items() if not f.private and n != "issues"]
    texts = " ".join(
        getattr(result, t.name).drop(columns="geometry", errors="ignore").to_csv() for t in public
    )
    for private in (ROSA, JUAN, "QUISPE", "PEREZ"):
        assert private not in texts
        assert private not in str(result.manifest)
        assert private not in str(result.summary)


def test_pairs_are_the_rights_at_and_beside_each_point(result: Result) -> None:
    pairs = result.pairs
    assert pairs["covered"].all()  # cells lie a kilometre apart
    listed = pairs.groupby("registration_id")["concession_id"].agg(set)
    rows = result.registrations.set_index("registration_id")["right_ids"]
    assert {i: set(v.split(";")) for i, v in rows.items() if v} == listed.to_dict()
    assert result.concessions["n_registrations"].sum() == len(pairs)


def test_territory_is_of_the_region(result: Result) -> None:
    region = result.territory[result.territory["admin_2"] == "NORTE"].set_index("ground")
    assert region.loc["titled", "area_ha"] == pytest.approx(900, rel=2e-3)
    assert region["net_share"].sum() == pytest.approx(1)


def test_the_manifest_names_the_law_the_options_and_the_operations(result: Result) -> None:
    assert result.manifest["law"]["on"] == "2024-06-01"
    assert result.manifest["profile"] == "pe"
    assert result.manifest["profile_is_shipped"]
    moves = {(m["from"], m["to"]) for m in result.manifest["operations"]}
    assert moves == {("EPSG:4326", ZONE), (ZONE, "EPSG:4326")}
    assert set(result.manifest["timings_s"]) == {
        "normalize",
        "holders",
        "link",
        "rasters",
        "evidence",
        "classify",
        "certainty",
        "overlaps",
        "summarize",
        "candidates",
    }


def test_a_shift_of_datum_is_recorded_with_its_accuracy() -> None:
    world = whole_world()
    world[Role.CONCESSIONS] = concessions().set_crs("EPSG:24878", allow_override=True)
    moves = {(m["from"], m["to"]): m for m in run(world).manifest["operations"]}
    shift = moves["EPSG:24878", ZONE]
    assert (shift["operation"], shift["accuracy_m"]) == ("EPSG:1208", 16)


# --- what was not given


def test_roles_that_were_not_given_are_said_on_every_row_and_once_in_the_summary() -> None:
    world = {Role.CONCESSIONS: concessions(), Role.REGISTRATIONS: registrations()}
    result = run(world)
    missing = [
        "protected_areas",
        "restricted_areas",
        "asm_zones",
        "mining_corridor",
        "strata",
        "penalties",
    ]
    assert result.summary["untested"] == missing
    flags = result.registrations["flags"].str.split(";")
    assert all({f"untested:{role}" for role in missing} <= set(row) for row in flags)
    assert of(result, 1)["asm_class"] == "on_unknown_holder"
    assert of(result, 8)["asm_class"] == "open_ground"
    assert of(result, 0)["asm_class"] == "own_title"
    assert of(result, 0)["admin_1"] == "NORTE"  # as declared


def test_stacks_may_be_left_undecided() -> None:
    assert of(run(stacked="ambiguous"), 13)["asm_class"] == "ambiguous"


def test_facts_of_a_later_day_do_not_count() -> None:
    world = whole_world()
    park = world[Role.PROTECTED_AREAS].assign(anp_felec=pd.to_datetime(["2024-06-02"]))
    strata = world[Role.STRATA].assign(date="2024-06-02")
    result = run({**world, Role.PROTECTED_AREAS: park, Role.STRATA: strata})
    assert of(result, 10)["asm_class"] == "on_unknown_holder"


def test_a_register_whose_persons_are_all_unknown() -> None:
    world = whole_world()
    nobody = world[Role.REGISTRATIONS].assign(M_RUC=None, NOMBRE_MIN=None)
    result = run({**world, Role.REGISTRATIONS: nobody.astype("str")})
    assert result.registrations["registrant_id"].isna().all()
    assert set(result.registrations["registrant_kind"]) == {"unknown"}
    assert of(result, 0)["asm_class"] == "on_unknown_holder"


def test_a_cadastre_of_which_nothing_can_be_used() -> None:
    world = whole_world()
    nowhere = concessions().set_geometry([Point(0, 0).buffer(1)] * len(RIGHTS)).set_crs(ZONE)
    result = run({**world, Role.CONCESSIONS: nowhere})
    assert len(result.concessions) == 0
    assert of(result, 1)["asm_class"] == "open_ground"
    assert of(result, 1)["declared_relation"] == "unknown_code"
    assert of(result, 8)["asm_class"] == "in_asm_zone"
    assert balance_faults(result.manifest["counts"]) == []


def test_a_register_of_one_without_position() -> None:
    world = whole_world()
    rows = world[Role.REGISTRATIONS]
    result = run({**world, Role.REGISTRATIONS: rows[rows["COD_REINFO"] == "REG12"]})
    assert result.registrations["asm_class"].tolist() == ["unlocatable"]
    assert len(result.pairs) == 0


def test_a_cadastre_without_a_single_date() -> None:
    world = whole_world()
    undated = concessions().assign(FEC_DENU=pd.Series(pd.NaT, index=range(len(RIGHTS))))
    result = run({**world, Role.CONCESSIONS: undated})
    assert of(result, 1)["asm_class"] == "on_lsm_msm"
    assert of(result, 13)["asm_class"] == "ambiguous"
    assert of(result, 14)["asm_class"] == "own_title"
    assert "own_title_contested" not in of(result, 14)["flags"]


# --- the same again


def comparable(frame: pd.DataFrame, table: schema.Table) -> pd.DataFrame:
    """Sort by key, and leave out what a row's place in its file decides."""
    out = frame.drop(columns=["source_row", "row"], errors="ignore")
    keys = [c for c in table.key if c in out]
    return out.sort_values(keys, kind="stable", ignore_index=True)


def test_running_twice_gives_equal_frames(result: Result) -> None:
    again = run()
    for name in schema.RUN_TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(result, name))
    timed = "timings_s"
    assert {**again.manifest, timed: 0} == {**result.manifest, timed: 0}
    assert again.summary == result.summary


def test_order_of_rows_does_not_matter(result: Result) -> None:
    """Registrant and holder numbers included: they follow identities, not rows."""
    rng = np.random.default_rng(1)
    world = {r: f.iloc[rng.permutation(len(f))] for r, f in whole_world().items()}
    again = run(dict(reversed(world.items())))
    for name, table in schema.RUN_TABLES.items():
        pd.testing.assert_frame_equal(
            comparable(getattr(again, name), table),
            comparable(getattr(result, name), table),
            rtol=1e-6,
        )
    assert again.summary["funnel"] == result.summary["funnel"]
    assert again.summary["tables"] == result.summary["tables"]


def test_what_is_saved_is_what_is_loaded(result: Result, tmp_path: Path) -> None:
    folder = save_result(result, tmp_path / "run")
    loaded = load_result(folder)
    for name, table in schema.RUN_TABLES.items():
        got = schema.conform(getattr(loaded, name), table)
        expected = schema.conform(getattr(result, name), table)
        keys = list(table.key)
        pd.testing.assert_frame_equal(
            got.sort_values(keys, ignore_index=True), expected.sort_values(keys, ignore_index=True)
        )
    assert loaded.summary["funnel"] == result.summary["funnel"]
    assert loaded.manifest["counts"] == result.manifest["counts"]
    assert set(loaded.context) == set(result.context)


# --- what cannot be used


def test_a_role_that_the_profile_lacks_is_named_with_the_way_out() -> None:
    roads = polygons({"NAME": ["R"]}, [cell(0)])
    with pytest.raises(OptionError, match=r"no role roads.*\[roles\.roads\]"):
        run({**whole_world(), Role.ROADS: roads})


def test_a_cadastre_without_geometry_is_an_input_error() -> None:
    plain = pd.DataFrame(concessions().drop(columns="geometry"))
    with pytest.raises(InputError, match="geometry"):
        run({**whole_world(), Role.CONCESSIONS: plain})
