"""What two runs were told: which tables and layers, which law."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from geoasm.codes import LAYER_ROLES, RASTER_ROLES, TABLE_ROLES, Role
from geoasm.model import Result

# What the stratum of a holder, and the evidence of activity on a right, may rest on.
STRATUM_ROLES = (Role.STRATA, Role.PRODUCTION, Role.GROUPS, Role.HOLDERS, Role.ALIASES)
ACTIVITY_ROLES = (
    *(Role.PENALTIES, Role.PRODUCTION, Role.PRODUCTION_UNITS, Role.MINING_UNITS, Role.PLANTS),
    *(Role.PERMITS, Role.ACTIVITY, Role.GROUPS, Role.HOLDERS, Role.ALIASES),
)
WHO_ROLES = (Role.HOLDERS, Role.ALIASES)


class Inputs:
    """The inputs and the law of two runs, and in what they differ."""

    def __init__(self, before: Result, after: Result) -> None:
        self._files = [_inputs(run) for run in (before, after)]
        self.other_law = _law(before) != _law(after)
        self.other_day = before.summary["on"] != after.summary["on"]

    def only_in(self, side: int) -> list[str]:
        """Name the tables, layers and rasters that only the first (0) or second (1) run was given."""
        given = (*LAYER_ROLES, *TABLE_ROLES, *RASTER_ROLES)
        mine, other = self._files[side], self._files[1 - side]
        return [role.value for role in given if role in mine and role not in other]

    def lacks(self, roles: Collection[Role]) -> bool:
        """Tell whether one of the runs was given one of some roles, and the other was not."""
        return any((role in self._files[0]) != (role in self._files[1]) for role in roles)

    def is_same(self, roles: Collection[Role]) -> bool:
        """Tell whether the files of some roles are the same in both runs."""
        first, second = ({r: files.get(r) for r in roles} for files in self._files)
        return first == second


def _inputs(run: Result) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in run.manifest["inputs"]:
        print_of = row.get("sha256") or (row["name"], row["rows"])
        found.setdefault(row["role"], []).append((print_of,))
    return {role: sorted(files, key=str) for role, files in found.items()}


def _law(run: Result) -> dict[str, Any]:
    manifest = run.manifest
    return {
        "law": {key: value for key, value in manifest["law"].items() if key != "on"},
        "stacked": manifest["options"]["stacked"],
        "version": manifest["versions"].get("geoasm"),
    }
