"""Of the rights at a point the one that decided is asked first, and only for what it can have done."""

from __future__ import annotations

from datetime import date

import pandas as pd
from shapely import box

from geoasm.codes import Role
from tests import cells
from tests.changes import snapshots
from tests.changes.test_causes import cause, compare


def edited(code: str, **values: object) -> snapshots.Frames:
    frames = cells.whole_world()
    rights = frames[Role.CONCESSIONS]
    for name, value in values.items():
        rights.loc[rights["CODIGOU"] == code, name] = value
    return frames


def test_where_no_right_decided_every_right_at_the_point_is_asked() -> None:
    after = cells.whole_world()
    rights = after[Role.CONCESSIONS]
    after[Role.CONCESSIONS] = rights[rights["CODIGOU"] != "010000010"].reset_index(drop=True)
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after))
    assert cause(found, "REG11") == ("ambiguous", "on_small_scale", "right")
    told = found.registrations.set_index("registration_id").loc["REG11"]
    assert told["cause_right_id"] == "010000010"


def test_penalties_that_lost_their_right_with_its_code_are_no_other_evidence() -> None:
    after = edited("010000005", CODIGOU="010000055")
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after))
    assert cause(found, "REG04") == ("on_idle_claim", "on_lsm_msm", "right")


def test_another_outline_that_still_covers_the_point_is_no_cause() -> None:
    after = edited("010000002", ESTADO="F")
    rights = after[Role.CONCESSIONS]
    row = rights.index[rights["CODIGOU"] == "010000002"]
    rights.loc[row, "geometry"] = rights.geometry[row].buffer(50, join_style="mitre")
    found = compare(snapshots.run(cells.whole_world()), snapshots.run(after))
    assert cause(found, "REG01") == ("on_lsm_msm", "on_extinct_claim", "status")
    assert found.registrations.set_index("registration_id").loc["REG01", "causes"] == "status"


def test_a_stratum_by_hectares_is_the_cadastres_doing_and_not_the_days() -> None:
    after = cells.whole_world()
    rights = after[Role.CONCESSIONS]
    west, south, *_ = cells.cell(40).bounds
    large = rights[rights["CODIGOU"] == "010000004"].assign(CODIGOU="010000044", HECTAREA=3600.0)
    large = large.set_geometry([box(west, south, west + 6000, south + 6000)], crs=cells.ZONE)
    after[Role.CONCESSIONS] = pd.concat([rights, large], ignore_index=True)
    before = snapshots.run(cells.whole_world())
    found = compare(before, snapshots.run(after, date(2024, 7, 1)))
    assert cause(found, "REG03") == ("on_unknown_holder", "on_lsm_msm", "stratum")
