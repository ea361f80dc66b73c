"""Causes that need a world of their own, and facts that must not be taken for causes."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geoasm.changes import Changes, find_changes
from geoasm.codes import Role
from geoasm.io.profiles import load_profile
from geoasm.model import Result
from tests import cells
from tests.changes import snapshots

PE = load_profile("pe")
FIRM = cells.ruc("20", 41)


def compare(before: Result, after: Result) -> Changes:
    assert PE.comparison is not None
    return find_changes(before, after, PE.parties, PE.comparison)


def cause(changes: Changes, code: str) -> tuple[Any, ...]:
    row = changes.registrations.set_index("registration_id").loc[code]
    return row["class_a"], row["class_b"], row["cause"]


def world(**register: tuple[str, Any]) -> snapshots.Frames:
    """The world of cells, with values in the register: column=(registration, value)."""
    frames = cells.whole_world()
    rows = frames[Role.REGISTRATIONS]
    for column, (code, value) in register.items():
        rows.loc[rows["COD_REINFO"] == code, column] = value
    return frames


def test_another_option_is_a_rule() -> None:
    frames = cells.whole_world()
    found = compare(snapshots.run(frames), snapshots.run(frames, stacked="ambiguous"))
    assert cause(found, "REG13") == ("on_small_scale", "ambiguous", "rule")
    assert set(found.registrations["cause"].dropna()) == {"rule"}
    assert found.rights.empty


def test_a_table_that_tells_who_the_holder_is_is_no_other_holder() -> None:
    frames = world(M_RUC=("REG02", FIRM), NOMBRE_MIN=("REG02", "LA CHICA"))
    told = dict(frames)
    told[Role.HOLDERS] = pd.DataFrame({"holder": [cells.SMALL], "ruc": [FIRM]}).astype("str")
    found = compare(snapshots.run(frames), snapshots.run(told))
    assert cause(found, "REG02") == ("on_small_scale", "own_title", "given")
    assert "holder" not in set(found.rights["change"])


def test_another_declared_right_counts_where_it_gave_the_class() -> None:
    before, after = (world(ID_UNIDAD=("REG12", code)) for code in ("010000002", "010000003"))
    found = compare(snapshots.run(before), snapshots.run(after))
    assert cause(found, "REG12") == ("on_lsm_msm", "on_small_scale", "declared")


def test_another_declared_right_is_no_cause_where_the_point_gave_the_class() -> None:
    frames, after = cells.whole_world(), world(ID_UNIDAD=("REG01", "010000003"))
    rights = after[Role.CONCESSIONS]
    rights.loc[rights["CODIGOU"] == "010000002", "ESTADO"] = "F"
    found = compare(snapshots.run(frames), snapshots.run(after))
    assert cause(found, "REG01") == ("on_lsm_msm", "on_extinct_claim", "status")


@pytest.mark.parametrize(
    ("filed_on", "holder", "changes"),
    [
        ("1995-01-01", cells.BIG, {"recoded", "holder", "stratum"}),
        ("2024-01-01", cells.SMALL, {"vanished", "appeared"}),
        (None, cells.SMALL, {"recoded", "filing"}),
        (None, cells.BIG, {"vanished", "appeared"}),
    ],
)
def test_ground_alone_does_not_make_a_new_code_the_old_right(
    filed_on: str | None, holder: str, changes: set[str]
) -> None:
    after = cells.whole_world()
    rights = after[Role.CONCESSIONS]
    row = rights["CODIGOU"] == "010000007"
    rights.loc[row, ["CODIGOU", "TIT_CONCES"]] = ["019999999", holder]
    rights.loc[row, "FEC_DENU"] = pd.Timestamp(filed_on) if filed_on else pd.NaT
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after)).rights
    assert set(found["change"]) == changes
    assert set(found["concession_id"]) <= {"010000007", "019999999"}


def test_a_holder_written_otherwise_is_the_same_holder() -> None:
    after = cells.whole_world()
    rights = after[Role.CONCESSIONS]
    rights["TIT_CONCES"] = rights["TIT_CONCES"].replace(
        {cells.BIG: "Minera  Grande, S. A.", "QUISPE MAMANI, ROSA": "rosa quispe mamani"}
    )
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after))
    assert found.rights.empty
    assert found.registrations.empty


def test_the_right_that_decided_is_asked_before_its_neighbours_in_the_stack() -> None:
    """A new application lies over the title whose holder changed: the class follows the title."""
    after = cells.whole_world()
    rights = after[Role.CONCESSIONS]
    rights.loc[rights["CODIGOU"] == "010000002", "TIT_CONCES"] = cells.SMALL
    claim = rights[rights["CODIGOU"] == "010000006"].assign(CODIGOU="010000031")
    claim = claim.set_geometry([cells.cell(1)], crs=cells.ZONE)
    after[Role.CONCESSIONS] = pd.concat([rights, claim], ignore_index=True)
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after))
    assert cause(found, "REG01") == ("on_lsm_msm", "on_small_scale", "holder")


def test_rights_that_were_merged_are_told() -> None:
    before, after = cells.whole_world(), cells.whole_world()
    west, south, east, north = cells.cell(9).bounds
    halves = [box(west, south, west + 400, north), box(west + 400, south, east, north)]
    template = before[Role.CONCESSIONS].iloc[[1]]
    parts = [
        template.assign(CODIGOU=f"02000000{i}").set_geometry([half], crs=cells.ZONE)
        for i, half in enumerate(halves)
    ]
    whole = template.assign(CODIGOU="020000009").set_geometry([cells.cell(9)], crs=cells.ZONE)
    for frames, rows in ((before, parts), (after, [whole])):
        frames[Role.CONCESSIONS] = pd.concat([frames[Role.CONCESSIONS], *rows], ignore_index=True)
    found = compare(snapshots.run(before), snapshots.run(after)).rights
    row = found[found["change"] == "merged"].iloc[0]
    assert (row["concession_id"], row["related_ids"]) == ("020000009", "020000000;020000001")


def test_an_application_on_the_ground_of_extinct_rights_merges_nothing() -> None:
    before, after = cells.whole_world(), cells.whole_world()
    west, south, east, north = cells.cell(9).bounds
    template = before[Role.CONCESSIONS].iloc[[6]]
    parts = [
        template.assign(CODIGOU=f"02000000{i}").set_geometry([half], crs=cells.ZONE)
        for i, half in enumerate(
            [box(west, south, west + 400, north), box(west + 400, south, east, north)]
        )
    ]
    claim = template.assign(CODIGOU="020000009", ESTADO="P", FEC_DENU=pd.Timestamp("2024-01-01"))
    for frames, rows in (
        (before, parts),
        (after, [claim.set_geometry([cells.cell(9)], crs=cells.ZONE)]),
    ):
        frames[Role.CONCESSIONS] = pd.concat([frames[Role.CONCESSIONS], *rows], ignore_index=True)
    found = compare(snapshots.run(before), snapshots.run(after)).rights
    assert set(found["change"]) == {"vanished", "appeared"}


def test_a_registration_under_another_code_is_the_same_only_at_its_site() -> None:
    before = cells.whole_world()
    x, y = cells.DEGREES.transform(cells.X + 6 * 2000 + 500 + 60, cells.Y + 500)
    away = world(LONGITUD_G84=("REG06", f"{x:.7f}"), LATITUD_G84=("REG06", f"{y:.7f}"))
    rows = away[Role.REGISTRATIONS]
    rows.loc[rows["COD_REINFO"] == "REG06", "COD_REINFO"] = "REG66"
    found = compare(snapshots.run(before), snapshots.run(away)).registrations
    assert set(found["changes"]) == {"appeared", "vanished"}


def test_another_position_error_changes_certainty_and_no_class() -> None:
    frames = cells.whole_world()
    found = compare(snapshots.run(frames), snapshots.run(frames, position_sigma_m=400.0))
    assert set(found.registrations["changes"]) == {"certainty"}
    assert found.registrations["cause"].isna().all()


def holders(**numbers: str) -> pd.DataFrame:
    """A table of holders and their numbers, by name with underscores."""
    names = [name.replace("_", " ") for name in numbers]
    return pd.DataFrame({"holder": names, "ruc": list(numbers.values())}).astype("str")


def renamed(name: str) -> snapshots.Frames:
    frames = cells.whole_world()
    rights = frames[Role.CONCESSIONS]
    rights["TIT_CONCES"] = rights["TIT_CONCES"].replace({cells.SMALL: name})
    return frames


def test_a_firm_that_took_another_name_is_the_same_holder_by_its_number() -> None:
    before, after = cells.whole_world(), renamed("ANDES DORADO SAC")
    before[Role.HOLDERS] = holders(MINERA_CHICA_EIRL=FIRM)
    after[Role.HOLDERS] = holders(ANDES_DORADO_SAC=FIRM)
    found = compare(snapshots.run(before), snapshots.run(after))
    assert "holder" not in set(found.rights["change"])


def test_a_name_borne_by_another_number_is_another_holder() -> None:
    before, after = cells.whole_world(), cells.whole_world()
    before[Role.HOLDERS] = holders(MINERA_CHICA_EIRL=FIRM)
    after[Role.HOLDERS] = holders(MINERA_CHICA_EIRL=cells.ruc("20", 55))
    found = compare(snapshots.run(before), snapshots.run(after)).rights
    rows = cells.concessions()
    held = set(rows.loc[rows["TIT_CONCES"] == cells.SMALL, "CODIGOU"])
    assert set(found.loc[found["change"] == "holder", "concession_id"]) == held


def test_joint_holders_in_another_order_are_the_same() -> None:
    before, after = (
        renamed("PEREZ LOPEZ JUAN / GOMEZ RUIZ LUIS"),
        renamed("GOMEZ RUIZ LUIS / PEREZ LOPEZ JUAN"),
    )
    found = compare(snapshots.run(before), snapshots.run(after))
    assert found.rights.empty


def test_a_holder_that_only_one_run_names_is_not_known_to_be_another() -> None:
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(renamed("")))
    assert "holder" not in set(found.rights["change"])
    small = [right for right in cells.RIGHTS if right[2] == cells.SMALL]
    assert found.summary["holders_not_compared"] == len(small)


def test_another_table_of_holders_tells_otherwise_who_somebody_is() -> None:
    frames = world(M_RUC=("REG02", FIRM), NOMBRE_MIN=("REG02", "LA CHICA"))
    before, after = dict(frames), dict(frames)
    before[Role.HOLDERS] = holders(MINERA_GRANDE_SA=cells.ruc("20", 55))
    after[Role.HOLDERS] = holders(MINERA_GRANDE_SA=cells.ruc("20", 55), MINERA_CHICA_EIRL=FIRM)
    found = compare(snapshots.run(before), snapshots.run(after))
    assert cause(found, "REG02") == ("on_small_scale", "own_title", "identity")


def test_a_registrant_that_only_one_run_names_is_unknown_and_no_other() -> None:
    after = world(M_RUC=("REG01", ""), NOMBRE_MIN=("REG01", ""))
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after))
    assert cause(found, "REG01") == ("on_lsm_msm", "on_unknown_holder", "identity")
    marks = found.registrations.set_index("registration_id")["changes"]
    assert "registrant" not in marks["REG01"].split(";")


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.STRATA, "REG02"),
        (Role.PENALTIES, "REG04"),
        (Role.PROTECTED_AREAS, "REG10"),
        (Role.ASM_ZONES, "REG08"),
    ],
)
def test_a_table_or_layer_that_one_run_lacks_is_no_change_of_the_world(
    role: Role, code: str
) -> None:
    frames = cells.whole_world()
    without = {key: frame for key, frame in frames.items() if key is not role}
    found = compare(snapshots.run(frames), snapshots.run(without))
    assert cause(found, code)[2] == "given"
    assert set(found.registrations["cause"].dropna()) == {"given"}
    assert found.summary["only_a"] == [role.value]


def test_a_layer_that_decides_nothing_is_no_cause() -> None:
    frames, after = cells.whole_world(), cells.whole_world()
    rights = after[Role.CONCESSIONS]
    for world_of, status in ((frames, "F"), (after, "T")):
        rights = world_of[Role.CONCESSIONS]
        rights.loc[rights["CODIGOU"] == "010000009", "ESTADO"] = status
        world_of[Role.PROTECTED_AREAS] = world_of[Role.PROTECTED_AREAS].assign(
            anp_cate="Reserva Nacional", anp_codi="RN99"
        )
    after[Role.BUFFER_ZONES] = gpd.GeoDataFrame(
        {"za_nomb": ["ZA"]}, geometry=[cells.cell(10, 100)], crs=cells.ZONE
    )
    found = compare(snapshots.run(frames), snapshots.run(after))
    assert cause(found, "REG10") == ("on_extinct_claim", "on_lsm_msm", "status")


def test_evidence_that_grew_old_is_no_other_evidence() -> None:
    frames = cells.whole_world()
    later = snapshots.run(frames, date(2028, 6, 1))
    found = compare(snapshots.run(frames), later)
    assert cause(found, "REG04") == ("on_idle_claim", "on_lsm_msm", "rule")


def test_a_title_that_lapsed_is_the_cause_and_not_the_claim_on_its_ground() -> None:
    after = cells.whole_world()
    rights = after[Role.CONCESSIONS]
    rights.loc[rights["CODIGOU"] == "010000002", "ESTADO"] = "F"
    claim = rights[rights["CODIGOU"] == "010000006"].assign(CODIGOU="010000031")
    claim = claim.set_geometry([cells.cell(1)], crs=cells.ZONE)
    after[Role.CONCESSIONS] = pd.concat([rights, claim], ignore_index=True)
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after))
    assert cause(found, "REG01") == ("on_lsm_msm", "on_pending_claim", "status")
    assert found.registrations.set_index("registration_id").loc["REG01", "cause_right_id"] == (
        "010000002"
    )


def test_a_declared_code_that_is_no_longer_there_is_the_right() -> None:
    frames = world(ID_UNIDAD=("REG12", "010000003"))
    after = {**frames, Role.CONCESSIONS: frames[Role.CONCESSIONS].copy()}
    rights = after[Role.CONCESSIONS]
    rights.loc[rights["CODIGOU"] == "010000003", "CODIGOU"] = "10000003X"
    found = compare(snapshots.run(frames), snapshots.run(after))
    assert cause(found, "REG12") == ("on_small_scale", "unlocatable", "right")


def test_registrations_of_one_registrant_at_one_place_are_matched_one_to_one() -> None:
    def register(prefix: str) -> snapshots.Frames:
        frames = cells.whole_world()
        row = frames[Role.REGISTRATIONS].iloc[[2]]
        rows = pd.concat([row.assign(COD_REINFO=f"{prefix}{i:02}") for i in range(12)])
        frames[Role.REGISTRATIONS] = rows.reset_index(drop=True)
        return frames

    found = compare(snapshots.run(register("A")), snapshots.run(register("B"))).registrations
    assert found["changes"].tolist() == ["renumbered"] * 12
    assert found["registration_id_a"].is_unique


def test_without_a_point_the_declared_right_tells_a_site() -> None:
    before, after = (world(ID_UNIDAD=("REG12", "010000002")) for _ in range(2))
    rows = after[Role.REGISTRATIONS]
    rows.loc[rows["COD_REINFO"] == "REG12", "COD_REINFO"] = "REG77"
    found = compare(snapshots.run(before), snapshots.run(after)).registrations
    assert found["changes"].tolist() == ["renumbered"]


def test_the_words_of_a_name_in_another_order_are_the_same_name() -> None:
    before, after = renamed("QUISPE MAMANI ROSA"), renamed("ROSA MAMANI QUISPE")
    found = compare(snapshots.run(before), snapshots.run(after))
    assert "holder" not in set(found.rights["change"])


def test_rights_upon_each_other_in_a_larger_one_are_not_merged_into_it() -> None:
    before, after = cells.whole_world(), cells.whole_world()
    west, south, _, north = cells.cell(9).bounds
    inner = box(west, south, west + 500, north)
    template = before[Role.CONCESSIONS].iloc[[1]]
    stacked = [
        template.assign(CODIGOU=f"02000000{i}").set_geometry([inner], crs=cells.ZONE)
        for i in range(2)
    ]
    whole = template.assign(CODIGOU="020000009").set_geometry([cells.cell(9)], crs=cells.ZONE)
    for frames, rows in ((before, stacked), (after, [whole])):
        frames[Role.CONCESSIONS] = pd.concat([frames[Role.CONCESSIONS], *rows], ignore_index=True)
    found = compare(snapshots.run(before), snapshots.run(after)).rights
    assert set(found["change"]) == {"appeared", "vanished"}
