"""The sample's run for tests of dossiers, as it is and with hostile texts, and what a dossier may not say."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from geoasm import api
from geoasm.codes import Role
from geoasm.io.profiles import load_profile
from geoasm.io.samples import sample_folder
from geoasm.io.study import read_study
from geoasm.model import Result

HOSTILE = (
    '"><img src=x onerror="document.title=\'hacked\'">',
    "</script><script>document.title='hacked'</script>",
    "{{7*7}}",
    "=cmd()|' /C calc'!A0",
    "@SUM(1+1)",
    "X" * 120,
)
HOLDER = "EXPLORACIONES GUENSTREQUIRI TUÑISTRELVA S.A."  # with rights of every kind, and joint ones


@cache
def sample_run() -> Result:
    """Run the sample."""
    return api.run_study(read_study(sample_folder() / "study.toml"))


@cache
def unweighed_run() -> Result:
    """Run rights and registrations of the sample with a profile that weighs no candidates."""
    study = read_study(sample_folder() / "study.toml")
    return api.analyze(
        concessions=study.files[Role.CONCESSIONS],
        registrations=study.files[Role.REGISTRATIONS],
        tables={role: study.files[role] for role in (Role.GROUPS, Role.PENALTIES)},
        profile=replace(load_profile("pe"), candidates=None),
        on=study.on,
    )


@cache
def hostile_run() -> Result:
    """Run the sample, its texts exchanged for hostile ones."""
    result = sample_run()
    holders = result.holders.copy()
    legal = holders.index[holders["name"].notna()]
    holders.loc[legal, "name"] = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(len(legal))]
    holders["group"] = holders["group"].where(holders["group"].isna(), "=1+1 <b>")
    rights = result.concessions.copy()
    rights["name"] = [HOSTILE[i % len(HOSTILE)] for i in range(len(rights))]
    registrations = result.registrations.copy()
    registrations["admin_3"] = HOSTILE[0]
    clusters = result.clusters.copy()
    clusters["admin_3"] = HOSTILE[5]
    signs = result.signs.copy()
    signs["subject"] = signs["subject"].where(signs["subject"].isna(), HOSTILE[0])
    evidence = result.evidence.copy()
    evidence["subject"] = HOSTILE[3]
    return replace(
        result,
        holders=holders,
        concessions=rights,
        registrations=registrations,
        clusters=clusters,
        signs=signs,
        evidence=evidence,
    )


def number_of(name: str, result: Result | None = None) -> int:
    """Give the number of a holder in the run."""
    holders = (result or sample_run()).holders
    return int(holders.loc[holders["name"] == name, "holder_id"].iloc[0])


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file of a folder with its bytes, those inside a workbook too."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield path.name, path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield f"{path.name}/{name}", book.read(name)
