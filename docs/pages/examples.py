"""One example of every command, on the embedded sample: each may use what those before it wrote."""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    """What is typed, and what should be known of it."""

    commands: str
    note: str = ""


# The guide shows this run as well, in these very words.
RUN = "geoasm run data/sample/study.toml --lang en --out out/runs/2026-01"
EARLIER = (
    "geoasm run data/sample/study.toml --lang en --on 2024-06-30 --out out/runs/2024-06 --quiet"
)

EXAMPLES = {
    "demo": Example("geoasm demo --lang en --out out/demo"),
    "inspect": Example("geoasm inspect data/sample/registrations.csv"),
    "partition": Example(
        "geoasm partition data/sample/registrations.csv --profile pe --rows 200 --out out/parts"
    ),
    "run": Example(RUN, "A study file names all files and options, so that a run can be repeated:"),
    "explain": Example("geoasm explain out/runs/2026-01 010000024 --lang en"),
    "overlaps": Example(
        "geoasm overlaps data/sample/concessions.gpkg --profile pe --lang en --out out/overlaps"
    ),
    "link": Example(
        "geoasm link out/runs/2026-01/registrations.parquet out/runs/2026-01/concessions.parquet"
        " \\\n    --point-id registration_id --right-id concession_id --out out/pairs.parquet"
    ),
    "map": Example("geoasm map out/runs/2026-01 --lang es --out out/mapa.html"),
    "report": Example("geoasm report out/runs/2026-01 --lang es --out out/informe.html"),
    "screen": Example(
        'geoasm screen out/runs/2026-01 --group "GRUPO GUENNUZZA" --lang en --out out/group'
    ),
    "export": Example(
        "geoasm export out/runs/2026-01 out/geoasm.db",
        "This needs a PostGIS database, and these pages are made without one. The example shows what"
        " another target is told; [databases](databases.md) shows how a database is named.",
    ),
    "openings": Example("geoasm openings out/runs/2026-01 --lang en --out out/free"),
    "compare": Example(
        f"{EARLIER}\ngeoasm compare out/runs/2024-06 out/runs/2026-01 --lang en --out out/changes",
        "The same files under the law and the evidence of two days:",
    ),
    "scenario": Example("geoasm scenario out/runs/2026-01 title_reform --lang en --out out/reform"),
    "series": Example("geoasm series out/runs --lang en --out out/over-time"),
    "simulate": Example("geoasm simulate --profile pe --scale sample --seed 7 --out out/planted"),
    "fetch": Example(
        "geoasm fetch --list",
        "A download needs the network, and these pages are made without one. The list does not.",
    ),
    "profiles list": Example("geoasm profiles list"),
    "profiles show": Example("geoasm profiles show pe --on 2026-01-01"),
    "profiles test": Example("geoasm profiles test pe"),
    "profiles new": Example(
        "geoasm profiles new xx --from data/sample/concessions.gpkg --from data/sample/registrations.csv"
        " \\\n    --on 2026-01-01 --out out/xx",
        "A folder to go on from, drafted here from the sample as if nobody knew Peru's files:",
    ),
}
