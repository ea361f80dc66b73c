"""The sample holds what it promises: every class, every fault, grids of two datums, nobody real."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from stdnum.pe import ruc

from geoasm.codes import AsmClass, Problem, Role
from geoasm.geometry import operation
from geoasm.io.simulations import save_simulation
from geoasm.parsing.text import unscramble
from geoasm.profile import Profile
from geoasm.simulate import SCALES, Simulation, simulate
from tests.simulate.conftest import TITLE

POSITION_FAULTS = [
    "null_position",
    "zero_position",
    "unreadable_position",
    "outside_country",
    "swapped_axes",
    "wrong_zone",
    "lost_digit",
    "missing_false_northing",
    "wrong_sign",
]
ENTRY_FAULTS = ["duplicate_record", "duplicate_id", "mojibake", "restored_zeros", "invalid_ruc"]
RIGHT_FAULTS = [
    "unknown_code",
    "missing_holder",
    "missing_date",
    "invalid_geometry",
    "merged_parts",
    "restored_zeros",
    "mojibake",
    "duplicate_record",
]


def faulty(made: Simulation, fault: str) -> pd.DataFrame:
    rows = made.truth.index[made.truth["fault"] == fault]
    return made.registrations.loc[rows]


def on_grid(shape: shapely.Geometry) -> bool:
    corners = shapely.get_coordinates(shape) / 1_000
    return bool(np.abs(corners - np.round(corners)).max() < 1e-4)


def drawn(made: Simulation, peru: Profile, kind: str, *, former: bool) -> list[shapely.Geometry]:
    truth = made.truth_concessions.query("kind == @kind and fault == 'none'")
    source = made.concessions.drop_duplicates("CODIGOU").set_index("CODIGOU")
    found = []
    for row in truth.itertuples():
        zone = next(z for z in peru.crs.zones if z.crs == row.crs_used)
        old = next(z for z in peru.crs.legacy_zones if z.code == zone.code)
        shift = operation("EPSG:4326", (old if former else zone).crs, peru.crs)
        found.append(shift.geometries(np.array([source.geometry[row.concession_id]]))[0])
    return found


def test_every_class_stands_in_the_sample(made: Simulation) -> None:
    counts = made.truth["asm_class"].value_counts()
    assert set(counts.index) == {str(c) for c in AsmClass}
    assert counts.min() >= 8
    assert abs((made.truth["asm_class"] == "own_title").mean() - 0.07) < 0.02
    assert not made.shortfalls


@pytest.mark.parametrize("fault", POSITION_FAULTS + ENTRY_FAULTS)
def test_every_fault_of_entries_is_planted_at_least_twice(made: Simulation, fault: str) -> None:
    assert (made.truth["fault"] == fault).sum() >= 2


@pytest.mark.parametrize("fault", RIGHT_FAULTS)
def test_every_fault_of_rights_is_planted_at_least_twice(made: Simulation, fault: str) -> None:
    assert (made.truth_concessions["fault"] == fault).sum() >= 2


def test_faults_say_what_becomes_of_their_rows(made: Simulation) -> None:
    outcome = made.truth.groupby("fault")["fault_outcome"].agg(lambda v: "/".join(sorted(set(v))))
    assert outcome["none"] == outcome["mojibake"] == outcome["invalid_ruc"] == "kept"
    assert outcome["duplicate_id"] == outcome["duplicate_record"] == "set_aside"
    assert outcome["zero_position"] == outcome["outside_country"] == "unlocatable"
    assert outcome["wrong_zone"] == outcome["missing_false_northing"] == "mended"


def test_declared_rights_agree_mostly_and_fail_in_each_way(made: Simulation) -> None:
    truth = made.truth[made.truth["fault_outcome"] != "set_aside"]
    known = set(made.truth_concessions["concession_id"])
    for row in truth.itertuples():
        at_place = str(row.right_ids).split(";")
        match row.declared:
            case "agrees":
                assert row.declared_right_id in at_place or row.fault_outcome == "unlocatable"
            case "elsewhere" | "extinct":
                assert row.declared_right_id in known
                assert row.declared_right_id not in at_place
            case "mistyped":
                assert row.declared_right_id not in known
            case _:
                assert pd.isna(row.declared_right_id)
    counts = truth["declared"].value_counts()
    assert set(counts.index) == {"agrees", "elsewhere", "extinct", "mistyped", "none"}
    assert counts.min() >= 5


def test_unknown_holders_and_ambiguity_come_about_in_every_way(made: Simulation) -> None:
    truth = made.truth[made.truth["fault_outcome"] == "kept"]
    rights = made.truth_concessions.set_index("concession_id")
    unknown = truth[truth["asm_class"] == "on_unknown_holder"]
    assert {"third_party", "unknown"} <= set(unknown["title_relation"])
    unclear = truth[truth["asm_class"] == "ambiguous"]
    reasons = set()
    for ids in unclear["right_ids"].str.split(";"):
        stack = rights.loc[ids]
        titles = stack[stack["status"].isin(["titled", "unknown"])]
        reasons |= {"status"} if "unknown" in set(titles["status"]) else set()
        tied = titles[titles["filed_on"].duplicated(keep=False) & titles["filed_on"].notna()]
        reasons |= {"same day"} if len(tied) else set()
        reasons |= {"no hour"} if tied["filed_hour"].isna().any() else set()
        reasons |= {"no date"} if titles["filed_on"].isna().any() else set()
    assert {"status", "same day", "no hour"} <= reasons
    assert truth["own_title_contested"].any()


RIVALS = {
    "twin": "modern",
    "same_day": "modern",
    "no_hour": "modern",
    "late_former": "modern",
    "refiled": "old",
}


@pytest.mark.parametrize("kind", RIVALS)
def test_each_criterion_of_seniority_decides_at_some_points(made: Simulation, kind: str) -> None:
    rights = made.truth_concessions.set_index("concession_id")
    found = 0
    for ids in made.truth["right_ids"].dropna().str.split(";"):
        stack = rights.loc[ids].assign(place=range(len(ids)))
        above, below = stack[stack["kind"] == kind], stack[stack["kind"] == RIVALS[kind]]
        same_ground = below[below["area_ha"].isin(above["area_ha"])]
        if len(above) != 1 or len(same_ground) != 1 or (stack["fault"] != "none").any():
            continue
        rival, base = above.iloc[0], same_ground.iloc[0]
        found += 1
        if kind == "same_day" and base["filed_hour"] is not None:
            assert rival["filed_on"] == base["filed_on"]
            earlier = rival["filed_hour"].replace(":", "") < base["filed_hour"].replace(":", "")
            assert (rival["place"] < base["place"]) == earlier
        if kind == "late_former" and {rival["datum"], base["datum"]} == {"psad56", "wgs84"}:
            assert rival["filed_on"] > base["filed_on"]
            assert rival["place"] < base["place"]
        if kind == "refiled":
            assert rival["filed_on"] < base["filed_on"]
            assert rival["place"] > base["place"]
    assert found >= 3


def test_the_cadastre_states_hour_datum_and_origin(made: Simulation) -> None:
    source = made.concessions
    assert set(source["DATUM"].dropna()) == {"01", "1", "02", "PSAD56"}
    assert set(source["TIPO_EX"].dropna()) == {"PE", "DN", "RD", "AC"}
    assert set(source.loc[source["IDENTI"].notna(), "TIPO_EX"]) == {"RD"}
    assert set(source.loc[source["TIPO_EX"] == "AC", "ESTADO"]) <= {"Q", "I", "C"}
    assert source["HOR_DENU"].str.fullmatch(r"\d\d:?\d\d").mean() > 0.7
    assert source[["DATUM", "HOR_DENU"]].isna().any().all()


def test_ground_is_closed_by_areas_and_outside_the_corridor(
    made: Simulation, peru: Profile
) -> None:
    truth = made.truth[made.truth["asm_class"] == "prohibited_area"]
    points = shapely.points(truth["lon"], truth["lat"])
    areas = made.layers[Role.PROTECTED_AREAS]
    hard = areas[areas["anp_cate"].str.contains("PARQUE|SANTUARIO")].geometry.to_numpy()
    in_area = shapely.covers(shapely.union_all(hard), points)
    region = str(made.truth["admin_1"][made.truth["admin_1"] == "MADRE DE DIOS"].iloc[0])
    corridor = made.layers[Role.MINING_CORRIDOR].geometry.iloc[0]
    outside = (truth["admin_1"] == region) & ~shapely.covers(corridor, points)
    assert (in_area | outside).all()
    assert in_area.any()
    assert (outside & ~in_area).any()


def test_modern_titles_lie_on_whole_kilometres(made: Simulation, peru: Profile) -> None:
    shapes = drawn(made, peru, "modern", former=False)
    assert len(shapes) > 80
    assert all(on_grid(s) for s in shapes)


def test_titles_born_in_the_former_datum_lie_on_its_kilometres_only(
    made: Simulation, peru: Profile
) -> None:
    assert all(on_grid(s) for s in drawn(made, peru, "legacy", former=True))
    assert not any(on_grid(s) for s in drawn(made, peru, "legacy", former=False))


def test_old_titles_are_irregular_and_carry_the_long_code(made: Simulation, peru: Profile) -> None:
    old = made.truth_concessions.query("kind == 'old'")
    assert old["concession_id"].str.fullmatch(r"\d{8}X\d\d").all()
    assert old["concession_id"].str.startswith("0").any()
    corners = [len(shapely.get_coordinates(s)) - 1 for s in drawn(made, peru, "old", former=False)]
    assert min(corners) >= 4
    assert max(corners) >= 10
    source = made.concessions.set_index("CODIGOU")["ESTADO"]
    assert set(source[old["concession_id"]]) <= {"N", "E", "I", "C"}


def test_some_rights_have_holes_and_some_several_parts(made: Simulation) -> None:
    shapes = made.concessions.geometry.to_numpy()
    shapes = shapes[~shapely.is_missing(shapes)]
    holes = [sum(shapely.get_num_interior_rings(shapely.get_parts(s))) for s in shapes]
    assert sum(h > 0 for h in holes) >= 1
    assert (shapely.get_num_geometries(shapes) > 1).sum() >= 2


def test_rows_spoilt_in_the_cadastre_look_spoilt(made: Simulation, peru: Profile) -> None:
    source = made.concessions
    shapes = source.geometry.to_numpy()
    nothing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    assert nothing.sum() >= 2
    assert (~shapely.is_valid(shapes) & ~nothing).sum() >= 2
    assert (source["CODIGOU"].str.len() == 8).sum() >= 2
    assert source["CODIGOU"].duplicated().sum() >= 4
    known = peru.roles[Role.CONCESSIONS].fields["status"].sources[0].vocabulary
    assert known is not None
    assert (~source["ESTADO"].isin(known.values)).sum() >= 2
    assert source["TIT_CONCES"].map(lambda v: unscramble(str(v)) is not None).sum() >= 2


def test_spoilt_positions_look_spoilt(made: Simulation) -> None:
    def numbers(fault: str) -> pd.DataFrame:
        rows = faulty(made, fault)
        columns = [["LONGITUD_G84", "LATITUD_G84"], ["ESTE", "NORTE"]]
        lonlat, utm = (rows[c].set_axis(["x", "y"], axis=1) for c in columns)
        return lonlat.fillna(utm)

    assert numbers("null_position").isna().all(axis=None)
    assert (numbers("zero_position") == "0").all(axis=None)
    assert pd.to_numeric(numbers("unreadable_position")["x"], errors="coerce").isna().all()
    swapped = numbers("swapped_axes").astype(float)
    assert ((swapped["x"].abs() < swapped["y"].abs()) ^ (swapped["x"] > 1e6)).all()
    assert (numbers("missing_false_northing")["y"].astype(float) < 0).all()
    assert (numbers("wrong_sign")["x"].astype(float) > 60).all()
    assert (faulty(made, "missing_false_northing")["ZONA"].notna()).all()


def test_untouched_positions_read_back_to_the_true_point(made: Simulation, peru: Profile) -> None:
    read = 0
    for truth, row in zip(made.truth.itertuples(), made.registrations.itertuples(), strict=True):
        if truth.fault_outcome != "kept":
            continue
        if isinstance(row.ESTE, str):
            crs = f"EPSG:327{row.ZONA[:2]}"
            shift = operation(crs, "EPSG:4326", peru.crs)
            lon, lat = shift.points(np.array([float(row.ESTE)]), np.array([float(row.NORTE)]))
            lon, lat = lon[0], lat[0]
        else:
            lon, lat = _degrees(row.LONGITUD_G84), _degrees(row.LATITUD_G84)
        assert abs(lon - truth.lon) < 2e-7
        assert abs(lat - truth.lat) < 2e-7
        read += 1
    assert read > 500
    forms = made.registrations["LONGITUD_G84"].fillna("utm").str.extract(r"(°|,|utm)")[0]
    assert forms.value_counts().min() >= 5


def _degrees(text: str) -> float:
    if "°" not in text:
        return float(text.replace(",", "."))
    degrees, minutes, seconds, letter = re.fullmatch(r"(\d+)°(\d+)'([\d.]+)\"(\w)", text).groups()  # type: ignore[union-attr]
    value = int(degrees) + int(minutes) / 60 + float(seconds) / 3600
    return -value if letter in "SW" else value


def test_identity_numbers_are_valid_and_nobodys(made: Simulation) -> None:
    numbers = pd.concat([made.registrations["M_RUC"], made.tables[Role.HOLDERS]["ruc"]]).dropna()
    wrong = set(faulty(made, "invalid_ruc")["M_RUC"])
    assert all(ruc.is_valid(n) for n in set(numbers) - wrong)
    assert not any(ruc.is_valid(n) for n in wrong)
    assert numbers.str[2:4].eq("99").all()
    natural = made.registrations["M_RUC"].str.startswith("10")
    assert abs(natural.mean() - 0.77) < 0.1


def test_several_entries_share_a_registrant_and_only_strangers_share_a_point(
    made: Simulation,
) -> None:
    whole = made.truth[made.truth["fault_outcome"] != "set_aside"]
    shared = whole[whole.duplicated(["lon", "lat"], keep=False)]
    sizes = shared.groupby(["lon", "lat"]).size()
    assert sorted(sizes) == [2, 3]
    source = made.registrations.loc[shared.index]
    assert source["M_RUC"].is_unique
    form = source[["LONGITUD_G84", "LATITUD_G84", "ESTE", "NORTE"]].fillna("")
    assert len(form.drop_duplicates()) == len(sizes)
    numbers = made.registrations["M_RUC"].dropna()
    assert 1.3 < len(numbers) / numbers.nunique() < 1.9


def test_points_keep_a_metre_off_every_edge(made: Simulation, peru: Profile) -> None:
    for zone in peru.crs.zones:
        shift = operation("EPSG:4326", zone.crs, peru.crs)
        shapes = made.concessions.geometry[made.concessions["ZONA"] == zone.code].to_numpy()
        shapes = shapes[shapely.is_valid(shapes) & ~shapely.is_empty(shapes)]
        edges = shapely.boundary(shift.geometries(shapes))
        x, y = shift.points(made.truth["lon"].to_numpy(), made.truth["lat"].to_numpy())
        tree = shapely.STRtree(edges)
        _, gap = tree.query_nearest(shapely.points(x, y), return_distance=True)
        assert gap.min() >= 1.0


def test_admin_regions_tile_their_blocks(made: Simulation) -> None:
    tiles = made.layers[Role.ADMIN]
    shapes = tiles.geometry.to_numpy()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())
    at = shapely.STRtree(shapes).query(
        shapely.points(made.truth["lon"], made.truth["lat"]), predicate="covered_by"
    )
    assert at.shape[1] == len(made.truth)
    assert (tiles["NOMBDIST"].to_numpy()[at[1]] == made.truth["admin_3"].to_numpy()[at[0]]).all()
    assert (made.registrations["DISTRITO"] == made.truth["admin_3"]).all()


def test_one_seed_gives_one_set_of_bytes(
    folder: Path, made: Simulation, peru: Profile, tmp_path: Path
) -> None:
    again = save_simulation(
        simulate(peru, SCALES["sample"], seed=1), tmp_path / "b", title=TITLE
    ).parent
    names = sorted(p.name for p in folder.iterdir())
    assert sorted(p.name for p in again.iterdir()) == names
    for name in names:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name
    other = simulate(peru, SCALES["sample"], seed=2)
    assert not other.registrations.equals(made.registrations)


def test_the_committed_sample_is_the_one_that_is_made(sample: Path, folder: Path) -> None:
    assert sum(p.stat().st_size for p in sample.iterdir()) < 1_000_000
    assert {p.name for p in sample.iterdir()} == {p.name for p in folder.iterdir()}
    for path in sorted(folder.iterdir()):
        if path.suffix in (".toml", ".csv"):
            assert (sample / path.name).read_bytes() == path.read_bytes(), path.name
        elif path.suffix == ".parquet":
            pd.testing.assert_frame_equal(
                pd.read_parquet(sample / path.name), pd.read_parquet(path), rtol=1e-9
            )
        elif path.suffix == ".tif":
            with rasterio.open(sample / path.name) as kept, rasterio.open(path) as new:
                assert kept.transform == new.transform
                np.testing.assert_array_equal(kept.read(1), new.read(1))
    rights = [pyogrio.read_dataframe(p / "concessions.gpkg") for p in (sample, folder)]
    assert rights[0]["CODIGOU"].tolist() == rights[1]["CODIGOU"].tolist()


def test_the_register_says_the_sex_of_natural_persons_only_when_asked(
    made: Simulation, peru: Profile
) -> None:
    assert "SEXO" not in made.registrations
    told = simulate(peru, SCALES["sample"], seed=1, sex=True).registrations
    person = told["M_RUC"].str.startswith("10").fillna(False)
    assert told.loc[person, "SEXO"].isin(["F", "M"]).all()
    assert told.loc[told["M_RUC"].str.startswith("20").fillna(False), "SEXO"].isna().all()


def test_fault_labels_are_problems_that_issues_know(made: Simulation) -> None:
    labels = set(made.truth["fault"]) | set(made.truth_concessions["fault"])
    assert labels - {"none"} <= {str(p) for p in Problem}
