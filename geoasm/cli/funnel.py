"""What a run says on the terminal: the funnel, what to mind, and where the files are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoasm.cli import terminal
from geoasm.model import Result
from geoasm.render import shell
from geoasm.render.labels import Labels
from geoasm.render.report_figures import FUNNEL_DEPTH

Line = tuple[str, Mapping[str, Any]]


def report_run(result: Result, folder: Path) -> None:
    """Print the funnel and the warnings to stderr, and the paths of the result to stdout."""
    labels = Labels(str(result.summary["language"]))
    if terminal.verbosity() is not terminal.Verbosity.QUIET:
        terminal.say("\n".join(funnel_lines(result, labels)), err=True)
    for fault in shell.failed(result.summary, labels):
        terminal.say(f"geoasm: {fault}", err=True)
    terminal.say(folder)
    for page in ("map.html", "report.html"):
        if (folder / page).exists():
            terminal.say(folder / page)


def funnel_lines(result: Result, labels: Labels) -> list[str]:
    """Lay out the funnel and the classes: count, share, and of what."""
    found = {row["step"]: row for row in result.summary["funnel"]}
    steps = [
        ("  " * depth + labels.text(f"step.{step}"), found[step])
        for step, depth in FUNNEL_DEPTH.items()
        if step in found
    ]
    classes = [
        (labels.class_name(row["asm_class"]), row) for row in result.summary["tables"]["by_class"]
    ]
    width = max(len(name) for name, _ in steps + classes)
    return [
        "",
        *_block(steps, width, labels, with_denominator=True),
        "",
        *_block(classes, width, labels, with_denominator=False),
        "",
    ]


def _block(lines: list[Line], width: int, labels: Labels, *, with_denominator: bool) -> list[str]:
    out = []
    for name, row in lines:
        count, share = labels.number(row["registrations"]), labels.percent(row["share"])
        text = f"{name:<{width}}  {count:>9}  {share:>8}"
        if with_denominator:
            text += "  " + labels.text(f"denominator.{row['denominator']}")
        out.append(text.rstrip())
    return out
