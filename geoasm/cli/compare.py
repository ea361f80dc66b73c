"""`geoasm compare`: what changed from one run to another, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoasm.cli import options, terminal

if TYPE_CHECKING:
    from geoasm.render.labels import Labels


@click.command(name="compare", short_help="Say what changed from one run to another, and why.")
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@options.out()
@options.lang()
@options.audience
@options.overwrite
@options.verbosity
@click.pass_context
def compare_command(
    ctx: click.Context,
    run_a: Path,
    run_b: Path,
    out: Path,
    lang: str | None,
    audience: str,
    overwrite: bool,
) -> None:
    """
    Compare the run folder RUN_A with the later RUN_B.

    Rights that appeared, vanished, changed status, holder or shape; registrations that changed their class,
    with the cause of each; the flows between classes, as tables, layers, a report and a map.
    """
    from geoasm.cli.page import check_place
    from geoasm.compare import compare_runs
    from geoasm.io.comparisons import COMPARISON, MAP, PAGE

    if audience == "internal":
        for run in (run_a, run_b):
            check_place(run, out)
    COMPARISON.check(out, overwrite=overwrite)
    made = compare_runs(run_a, run_b, audience=audience, language=lang)
    made.save(out, overwrite=overwrite)
    if terminal.verbosity() is not terminal.Verbosity.QUIET:
        terminal.say("\n".join(brief(made.changes.summary, made.labels)), err=True)
    terminal.say(out)
    terminal.say(out / PAGE)
    terminal.say(out / MAP)
    for code in made.changes.summary["failed"]:
        name = made.labels.class_name(code)
        terminal.say(f"geoasm: {made.labels.text('comparison.failed', name=name)}", err=True)
    if made.changes.summary["failed"]:
        ctx.exit(1)


def brief(summary: Mapping[str, Any], labels: Labels) -> list[str]:
    """Lay the counts out: rights by change, registrations by the cause for which their class differs."""
    blocks = [
        (labels.text("comparison.heading_rights"), "right_change", summary["rights"]),
        (
            labels.text("comparison.heading_registrations"),
            "registration_change",
            summary["registrations"],
        ),
        (labels.text("comparison.table_causes"), "cause", summary["causes"]),
    ]
    lines = [""]
    for heading, section, counts in blocks:
        told = [(labels.code(section, code), n) for code, n in counts.items() if n]
        if told:
            lines.append(heading)
            lines += [f"  {name:<36} {labels.number(n):>9}" for name, n in told]
            lines.append("")
    return lines if len(lines) > 1 else ["", labels.text("comparison.nothing"), ""]
