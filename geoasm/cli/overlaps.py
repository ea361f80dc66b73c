"""`geoasm overlaps`: rights against rights, without any register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from geoasm.cli import completion, options, terminal
from geoasm.codes import Role
from geoasm.render import shell
from geoasm.render.labels import Labels

_READ = (Role.CONCESSIONS,)


@click.command(name="overlaps", short_help="Compare the rights of a cadastre with each other.")
@click.argument("file", metavar="FILE", shell_complete=completion.files)
@options.profile(required=True)
@options.on
@click.option("--planarize", is_flag=True, help="Write the disjoint pieces of the rights, too.")
@options.crs(one_file=True)
@options.encoding(one_file=True)
@options.assume(one_file=True)
@options.lang()
@options.out()
@options.overwrite
@options.verbosity
@click.pass_context
def overlaps_command(
    ctx: click.Context,
    file: str,
    profile: str,
    on: date,
    planarize: bool,
    crs: Mapping[Role | None, str],
    encoding: Mapping[Role | None, str],
    assume: Mapping[tuple[Role | None, str], str],
    lang: str | None,
    out: Path,
    overwrite: bool,
) -> None:
    """
    Find every pair of rights that overlaps, the senior one, and ground counted twice.

    FILE is the cadastre: path, path:layer, a zip, or postgresql://user@host/database?table=schema.name.
    """
    from geoasm import api
    from geoasm.io.rights_folder import RIGHTS, save_rights
    from geoasm.render.pages import layer_styles

    RIGHTS.check(out, overwrite=overwrite)
    result = api.compare_rights(
        file,
        profile=profile,
        on=on,
        planarize=planarize,
        crs=options.of_one_file("--crs", crs, _READ),
        encoding=options.of_one_file("--encoding", encoding, _READ),
        assume=_assumed(assume),
        language=lang,
    )
    language = str(result.summary["language"])
    labels = Labels(language)
    folder = save_rights(result, out, overwrite=overwrite, styles=layer_styles(language))
    if terminal.verbosity() is not terminal.Verbosity.QUIET:
        terminal.say("\n".join(ground_lines(result.summary["ground"], labels)), err=True)
    for fault in shell.failed(result.summary, labels):
        terminal.say(f"geoasm: {fault}", err=True)
    terminal.say(folder)
    terminal.say(folder / "overlaps.gpkg")
    if result.summary["failed"]:
        ctx.exit(1)


def _assumed(given: Mapping[tuple[Role | None, str], str]) -> dict[str, str]:
    by_field: dict[str, dict[Role | None, str]] = {}
    for (role, field), value in given.items():
        by_field.setdefault(field, {})[role] = value
    said = {f: options.of_one_file(f"--assume {f}", v, _READ) for f, v in by_field.items()}
    return {field: value for field, value in said.items() if value is not None}


def ground_lines(ground: Mapping[str, Any], labels: Labels) -> list[str]:
    """Lay the report of ground out: hectares by depth, then pairs by status and by relation."""

    def pairs(row: Mapping[str, Any], name: str) -> tuple[str, str, str]:
        return name, labels.number(row["pairs"]), labels.hectares(row["overlap_ha"])

    def hectares(name: str) -> tuple[str, str, str]:
        return labels.text(f"overlaps.{name}"), "", labels.hectares(ground[f"{name}_ha"])

    status = [
        pairs(row, " / ".join(labels.code("concession_status", row[f"status_{s}"]) for s in "ab"))
        for row in ground["by_status"]
    ]
    relation = [
        pairs(row, labels.code("relation", row["relation"])) for row in ground["by_relation"]
    ]
    slivers = {"pairs": ground["slivers"], "overlap_ha": ground["slivers_ha"]}
    blocks = [
        [hectares(n) for n in ("rights", "union", "double_counted", "once", "twice", "more")],
        [
            pairs(ground, labels.text("overlaps.pairs")),
            pairs(
                slivers, labels.text("overlaps.slivers", m2=labels.number(ground["tolerance_m2"]))
            ),
        ],
        status,
        relation,
    ]
    width = max(len(name) for block in blocks for name, _, _ in block)
    lines = [""]
    for block in blocks:
        lines += [f"{name:<{width}}  {n:>9}  {ha:>18}" for name, n, ha in block]
        lines += [""] if block else []
    return lines
