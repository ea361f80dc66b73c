"""Whatever ends an export, the tables in the database are those of before or all new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Database
from tests.faults.boxes import SAYS, Stage
from tests.faults.stage import Order

OF_THE_FORMER = "COMMENT ON TABLE geoasm.registrations IS 'of the former'"


def state(database: Database) -> list[Any]:
    """Name, rows and remark of every table in the schema."""
    names = database.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'geoasm' ORDER BY 1")
    count = "SELECT count(*), obj_description('geoasm.{0}'::regclass) FROM geoasm.{0}"
    return [(name, database.ask(count.format(name))[0]) for (name,) in names]


@pytest.mark.slow
def test_tables_of_the_former_stand_or_all_are_new(
    stage: Stage, database: Database, tmp_path: Path
) -> None:
    plain = Order(["export", str(stage.run), database.url(), "--overwrite"], str(tmp_path))
    points = stage.order(replace(plain, where="lines")).points
    new = state(database)
    assert len(new) > 5
    broken = []
    for share, blow in ((0.6, "kill"), (0.9, "starve")):
        database.run(OF_THE_FORMER)
        old = state(database)
        ending = stage.order(replace(plain, where="lines", at=int(share * points), blow=blow))
        code, words = SAYS.get(blow, (-9, ""))
        if state(database) not in (old, new) or ending.code != code or words not in ending.said:
            broken.append((share, blow, ending, state(database)))
    assert not broken
