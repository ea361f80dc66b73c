"""Causes that need a world of their own, and facts that must not be taken for causes."""

from __future__ import annotations

from typing import Any

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
    assert cause(found, "REG02") == ("on_small_scale", "own_title", "identity")
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


def test_a_holder_that_only_one_run_names_is_a_change() -> None:
    after = renamed("")
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after)).rights
    assert "holder" in set(found["change"])
