"""`geoasm inspect`: what a file holds, what it fits, what looks wrong."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from geoasm.cli import completion, options, terminal
from geoasm.errors import GeoasmError
from geoasm.io.database_url import scrub
from geoasm.io.inspection import Finding, LayerReport, inspect_file, unmet
from geoasm.io.paths import is_raster
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.raster_inspection import RasterReport, inspect_raster
from geoasm.profile import Profile

_PLAIN_WIDTH = 200  # of lines that no terminal reads


@click.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", shell_complete=completion.files
)
@options.profile()
@click.option("--encoding", metavar="ENCODING", help="Encoding of the text, as in cp1252.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@options.verbosity
@click.pass_context
def inspect(
    ctx: click.Context,
    files: tuple[str, ...],
    profile: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """
    Say what each FILE holds, which role it fits, what looks wrong and the flag that mends it.

    FILE is path, path:layer, a zip, postgresql://…/database?table=name, or a raster, path:band too. Values are shown only of columns that cannot hold names.
    """
    profiles = [load_profile(name) for name in ([profile] if profile else list_profiles())]
    reports: list[LayerReport | RasterReport] = []
    failed = False
    for file in files:
        found, errors = _look(file, profiles, encoding)
        reports += found
        if not as_json:
            for report in found:
                _show(terminal.shown_deep(report))
        for error in errors:
            failed = True
            terminal.say(f"geoasm: error: {scrub(str(error))}", err=True)
    if as_json:
        text = json.dumps([_plain(r) for r in reports], ensure_ascii=False, indent=2)
        terminal.say(terminal.escaped(text))
    if failed:
        ctx.exit(2)


def _look(
    file: str, profiles: list[Profile], encoding: str | None
) -> tuple[list[LayerReport] | list[RasterReport], list[GeoasmError]]:
    if not is_raster(file):
        return inspect_file(file, profiles, encoding=encoding)
    try:
        return [inspect_raster(file, profiles)], []
    except GeoasmError as err:
        return [], [err]


def _plain(report: LayerReport | RasterReport) -> dict[str, Any]:
    out = asdict(report)
    if isinstance(report, RasterReport):
        return out
    for match, kept in zip(out["matches"], report.matches, strict=True):
        match["fits"] = kept.fits
    return out


def _show(report: LayerReport | RasterReport) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=_PLAIN_WIDTH)
    if isinstance(report, RasterReport):
        part = str(report.band or "") if report.bands > 1 else ""
        facts = _raster_facts(report)
    else:
        part, facts = report.layer or "", _facts(report)
    console.print(report.file + (f":{part}" if part else ""), style="bold")
    for label, value in facts:
        console.print(f"  {label:<10}{value}", soft_wrap=True)
    if isinstance(report, LayerReport):
        console.print(_columns(report))
    _show_findings(console, report.findings)


def _show_findings(console: Console, findings: tuple[Finding, ...]) -> None:
    if not findings:
        console.print("  nothing looks wrong", style="green")
    for finding in findings:
        console.print(f"  ! {finding.problem}", style="yellow", soft_wrap=True)
        console.print(f"    -> {finding.remedy}", soft_wrap=True)
    console.print()


def _facts(report: LayerReport) -> list[tuple[str, str]]:
    kinds = ", ".join(f"{n:,} {name}" for name, n in report.geometry.items())
    facts = [("rows", f"{report.rows:,}"), ("geometry", kinds or "none, a table")]
    if report.geometry:
        facts.append(("CRS", report.crs or "not stated"))
    if report.bounds:
        facts.append(("bounds", _bounds(report.bounds)))
    if report.encoding:
        facts.append(("encoding", report.encoding))
    facts.append(("fits", _fit(report)))
    return facts


def _bounds(bounds: tuple[float, float, float, float]) -> str:
    digits = 4 if max(map(abs, bounds)) <= 360 else 0
    return " ".join(f"{v:.{digits}f}" for v in bounds)


def _raster_facts(report: RasterReport) -> list[tuple[str, str]]:
    rows, columns = report.shape
    unit = report.unit or "units of an unknown system"
    facts = [
        ("raster", f"{rows:,} rows x {columns:,} columns, {report.bands} x {report.dtype}"),
        ("CRS", report.crs or "not stated"),
        ("pixel", f"{report.pixel[0]:.7g} x {report.pixel[1]:.7g} {unit}"),
        ("bounds", _bounds(report.bounds)),
        ("nodata", "not stated" if report.nodata is None else f"{report.nodata:g}"),
    ]
    if report.masked:
        facts.append(("mask", "a mask or alpha band tells which pixels are valid"))
    if report.year is not None:
        facts.append(("year", str(report.year)))
    if report.value_range is not None:
        low, high = report.value_range
        some = ", ".join(f"{v:g}" for v in report.values)
        facts.append(("values", some or f"{low:g} to {high:g}"))
    if report.band is not None:
        legends = ", ".join(report.legends)
        facts.append(
            ("fits", f"activity: {legends}" if legends else "elevation, if its values are heights")
        )
    return facts


def _fit(report: LayerReport) -> str:
    best = report.best
    if best is not None:
        others = [m for m in report.matches[1:] if m.fits and m.explained == best.explained]
        also = "".join(f", or {m.role} of {m.profile}" for m in others)
        return f"{best.role} of profile {best.profile}{also}"
    if not report.matches or report.matches[0].misplaced:
        return "no role of any profile"
    near = report.matches[0]
    return f"no role; nearest {near.role} of profile {near.profile}, which lacks {unmet(near)}"


def _columns(report: LayerReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="bold")
    for name in ("  column", "type", "empty", "distinct", "read as", "example"):
        table.add_column(name, justify="right" if name in ("empty", "distinct") else "left")
    for column in report.columns:
        table.add_row(
            f"  {column.name}",
            column.dtype,
            _share(column.empty_share),
            f"{column.distinct:,}",
            column.field or "",
            "" if column.example is None else column.example,
        )
    return table


def _share(share: float) -> str:
    """Write a share so that 0% means none and 100% means all."""
    text = f"{share:.0%}"
    if text == "0%" and share > 0:
        return "<1%"
    return ">99%" if text == "100%" and share < 1 else text
