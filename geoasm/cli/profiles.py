"""`geoasm profiles`: what a country's profile says, and whether its law gives what its cases expect."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import click

from geoasm import cases
from geoasm.cli import completion, options, terminal
from geoasm.codes import DRAFTED_ROLES, MAIN_ROLES, Role
from geoasm.errors import OptionError
from geoasm.io.database_url import scrub
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.law import LawAt
from geoasm.model import RoleSpec, Vocabulary
from geoasm.profile import Profile

UNVERIFIED = "not verified"


@click.group()
@options.verbosity
def profiles() -> None:
    """List, show, test and draft country profiles."""


@profiles.command(name="list")
def list_command() -> None:
    """List the profiles: code, names, and the roles whose files they read."""
    for code in list_profiles():
        profile = load_profile(code)
        terminal.say(f"{code}  {_names(profile)}")
        terminal.say(f"    {', '.join(profile.roles)}")


@profiles.command()
@click.argument("name", shell_complete=completion.profiles)
@options.on
def show(name: str, on: date) -> None:
    """Show the law of a day, the codes and the columns that profile NAME knows."""
    profile = load_profile(name)
    law = profile.law.at(on)
    terminal.say(f"{profile.code}  {_names(profile)}, law of {on.isoformat()}")
    for title, lines in (
        ("Coordinate systems", _systems(profile)),
        ("Rules, of which the first that is not false gives a right's class", _rules(law)),
        ("Parameters", _parameters(profile, law)),
        ("Areas", _areas(law)),
        ("Files and columns", _roles(profile)),
        ("Codes", _vocabularies(profile)),
        ("Services, for `geoasm fetch`", _services(profile)),
    ):
        terminal.say(f"\n{title}")
        for line in lines:
            terminal.say(f"  {line}")


@profiles.command(name="test")
@click.argument("name", shell_complete=completion.profiles)
@click.pass_context
def test_command(ctx: click.Context, name: str) -> None:
    """Run the cases of profile NAME; exit 1 when the law gives another answer than one expects."""
    outcomes = cases.run_cases(load_profile(name))
    failed = [outcome for outcome in outcomes if not outcome.ok]
    for outcome in failed:
        terminal.say(f"FAILED {outcome.name}: {_difference(outcome)}")
    terminal.say(f"{name}: {len(outcomes) - len(failed)} cases passed, {len(failed)} failed")
    if failed:
        ctx.exit(1)


@profiles.command(name="new", short_help="Draft a profile from files of a country.")
@click.argument("code", metavar="CODE")
@click.option(
    "--from",
    "files",
    metavar="[ROLE=]FILE",
    type=options.role_value(DRAFTED_ROLES, one_file=True),
    multiple=True,
    required=True,
    help="Rights, registrations, other ground: path, path:layer, a zip, or a postgresql:// table.",
)
@options.out(required=False)
@options.on
@options.crs()
@options.encoding()
@options.verbosity
def new_command(
    code: str,
    files: tuple[tuple[Role | None, str], ...],
    out: Path | None,
    on: date,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
) -> None:
    """
    Draft a profile for the country CODE (two letters) from its files: a folder for --profile.

    Columns, systems and codes are proposed, each with what speaks for it. No law is guessed: every
    rule waits for a lawyer, every code of the files for a person who says what it means.
    """
    from geoasm import draft
    from geoasm.io.profiles import check_new

    draft.check_code(code)
    folder = Path(out or code)
    if folder.resolve().name != code:
        raise OptionError(
            f"--out {folder}: a profile's folder goes by its code: name a folder that ends in /{code}"
        )
    check_new(folder)
    drafted = draft.draft_profile(code, files, on=on, crs=crs, encoding=encoding)
    drafted.save(folder)
    if terminal.verbosity() is not terminal.Verbosity.QUIET:
        # A folder of one word goes by its path: a profile of the package may bear that name.
        path = folder if len(folder.parts) > 1 else f"./{folder}"
        for note in drafted.notes:
            terminal.say(note, err=True)
        terminal.say(
            "next: say in lookups.toml what the codes mean, go through profile.toml and law.toml, and "
            f"try it with `geoasm profiles test {path}` and `{_run_of(drafted.files, path)}`",
            err=True,
        )
    terminal.say(folder)


def _run_of(files: Mapping[Role, str], profile: Path | str) -> str:
    """Write the run that a drafted profile is for."""
    words = ["geoasm", "run", "--profile", str(profile)]
    for role in MAIN_ROLES:
        words += [f"--{role}", files.get(role, "FILE")]
    for role, file in files.items():
        if role not in MAIN_ROLES:
            words += ["--layer", f"{role}={file}"]
    return scrub(shlex.join([*words, "--out", "RUN"]))


def _difference(outcome: cases.Outcome) -> str:
    return "; ".join(
        f"{key} is {outcome.got[key]!r}, not {wanted!r}"
        for key, wanted in outcome.expected.items()
        if outcome.got[key] != wanted
    )


def _names(profile: Profile) -> str:
    return " / ".join(dict.fromkeys(profile.names.values()))


def _reference(text: str, verified: bool) -> str:
    return text if verified else f"{text} ({UNVERIFIED})".strip()


def _table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Align columns; the last is left ragged."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _systems(profile: Profile) -> Iterator[str]:
    plan = profile.crs
    drawn = {"zone": "each right drawn in its zone", "geographic": "rights drawn in degrees"}
    yield f"{plan.geographic}; {drawn[plan.drawn_in]}"
    yield from _table(
        (f"zone {z.code}", z.crs, f"{z.west:g} to {z.east:g} degrees east") for z in plan.zones
    )
    for shift in plan.operations:
        yield (
            f"{shift.source} to {shift.target} by {shift.operation},"
            f" {shift.accuracy_m:g} m: {shift.reference}"
        )


def _rules(law: LawAt) -> Iterator[str]:
    yield f"steps, the first outranks the next: {', '.join(law.steps)}"
    yield from _table(
        (
            rule.id,
            rule.step,
            " and ".join(rule.when),
            rule.then,
            f"unknown: {rule.unknown_class}",
            _reference(rule.reference, rule.verified),
        )
        for rule in law.rules
    )


def _parameters(profile: Profile, law: LawAt) -> Iterator[str]:
    known = profile.law.parameters
    return _table(
        (
            name,
            str(value),
            known[name].unit,
            _reference(known[name].reference, known[name].verified),
        )
        for name, value in law.parameters.items()
    )


def _areas(law: LawAt) -> Iterator[str]:
    return _table(
        (level.role, level.code, level.level, _reference(level.reference, level.verified))
        for level in law.area_levels
    )


def _roles(profile: Profile) -> Iterator[str]:
    for role, spec in profile.roles.items():
        yield f"{role} ({spec.geometry})"
        yield from (f"  {line}" for line in _table(_fields(spec)))


def _services(profile: Profile) -> Iterator[str]:
    if not profile.services:
        return iter(["none"])
    return _table(
        (
            s.name,
            s.role,
            s.paging if s.kind == "arcgis" else s.kind,
            s.out_crs,
            _reference(s.urls[0], s.verified),
        )
        for s in profile.services
    )


def _fields(spec: RoleSpec) -> Iterator[tuple[str, str, str]]:
    for field in spec.fields.values():
        spellings = (column for source in field.sources for column in source.columns)
        need = "required" if field.required else ""
        yield field.name, need, ", ".join(dict.fromkeys(spellings))
    for position in spec.positions:
        columns = (*position.x_columns, *position.y_columns, *position.zone_columns)
        yield f"position, {position.kind}", "", ", ".join(columns)


def _vocabularies(profile: Profile) -> Iterator[str]:
    known: dict[str, Vocabulary] = {}
    for spec in profile.roles.values():
        for field in spec.fields.values():
            known |= {s.vocabulary.name: s.vocabulary for s in field.sources if s.vocabulary}
    for name, vocabulary in sorted(known.items()):
        yield f"{name}: {vocabulary.reference}"
        for meaning in dict.fromkeys(
            [*vocabulary.values.values(), *dict(vocabulary.prefixes).values()]
        ):
            codes = [code for code, means in vocabulary.values.items() if means == meaning]
            starts = [f"{start}…" for start, means in vocabulary.prefixes if means == meaning]
            yield f"  {meaning}: {', '.join(codes + starts)}"
