"""Write what the documents take from the program: `make docs`."""

from __future__ import annotations

import re
import tempfile
from enum import EnumType
from pathlib import Path

from click.testing import CliRunner

from docs.pages.reference import reference
from docs.pages.session import Session
from geoasm import codes
from geoasm.cli.main import cli
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.results import RAW_ISSUES
from geoasm.normalize.fields import PRIVATE_KINDS
from geoasm.schema import TABLES, Table

DICTIONARY = Path(__file__).with_name("data-dictionary.md")
README = Path(__file__).parents[1] / "README.md"
CANDIDATES = Path(__file__).with_name("candidates.md")
PRIVACY = Path(__file__).with_name("privacy.md")
GUIDE = Path(__file__).with_name("guide.md")
COMMANDS = Path(__file__).with_name("cli.md")
FACTORS = re.compile(r"(?<=^<!-- factors -->\n).*?(?=^<!-- /factors -->)", re.MULTILINE | re.DOTALL)
PRIVATE = re.compile(r"(?<=^<!-- private -->\n).*?(?=^<!-- /private -->)", re.MULTILINE | re.DOTALL)
RESULT = re.compile(r"(?<=^```text\n).*?(?=^```)", re.MULTILINE | re.DOTALL)

HEAD = """# Data dictionary

Made from `geoasm/schema` by `make docs`; do not edit. Geometry is in EPSG:4326. Codes are text and
keep their zeros; dates are days; an empty value means that nothing is known.
"""


def section(table: Table) -> str:
    """One table as Markdown."""
    where = "private/" if table.private else ""
    lines = [
        f"## {table.name}",
        "",
        f"`{where}{table.name}`, one row per {', '.join(f'`{name}`' for name in table.key)}."
        + (" Personal data: never published." if table.private else ""),
        "",
        "| column | type | unit | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for column in table.columns:
        unit = "share, 0 to 1" if column.unit == "1" else column.unit
        mark = " (private)" if column.private else " (persons hidden)" if column.said else ""
        meaning = column.meaning + mark
        lines.append(f"| `{column.name}` | {column.dtype} | {unit} | {meaning} |")
    return "\n".join(lines) + "\n"


def vocabularies() -> str:
    """The closed sets of codes as Markdown."""
    lines = ["## Codes", "", "| set | codes |", "| --- | --- |"]
    for name, member in vars(codes).items():
        if isinstance(member, EnumType) and member.__module__.startswith(codes.__name__):
            lines.append(f"| {name} | {', '.join(f'`{code}`' for code in member)} |")
    return "\n".join(lines) + "\n"


def dictionary() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(section(table) for table in TABLES.values()), vocabularies()])


def factors() -> str:
    """What is weighed of a candidate in Peru, as Markdown."""
    rules = load_profile("pe").candidates
    if rules is None:
        raise ValueError("profile pe has no [candidates]")
    lines = ["| factor | weight | source |", "| --- | --- | --- |"]
    for factor in rules.factors:
        kind = " (risk)" if factor.name in codes.RISKS else ""
        reference = factor.reference or "none; a proposal to be verified"
        lines.append(f"| `{factor.name}`{kind} | {factor.weight:g} | {reference} |")
    return "\n".join(lines) + "\n"


def candidates() -> str:
    """The page on candidates with the weights of today."""
    return FACTORS.sub(lambda _: factors(), CANDIDATES.read_text(encoding="utf-8"), count=1)


def private_inputs() -> list[tuple[str, str, str, str]]:
    """List the private fields of every role of every profile: profile, role, field, columns."""
    return [
        (code, str(role), name, ", ".join(c for s in field.sources for c in s.columns))
        for code in list_profiles()
        for role, spec in load_profile(code).roles.items()
        for name, field in spec.fields.items()
        if field.kind in PRIVATE_KINDS
    ]


def private_outputs() -> list[tuple[str, str, str]]:
    """List the columns of the output that are private, or in which persons are hidden."""
    rows = []
    for table in (*TABLES.values(), RAW_ISSUES):
        where = f"`private/{table.name}`" if table.private else f"`{table.name}`"
        hidden = [f"`{c.name}`" for c in table.columns if c.said and not table.private]
        private = [f"`{c.name}`" for c in table.columns if c.private or table.private]
        if private:
            rows.append((where, ", ".join(private), "never published"))
        if hidden:
            rows.append((where, ", ".join(hidden), "published, persons hidden"))
    return rows


def private_columns() -> str:
    """The tables of private columns, of what goes in and what comes out, as Markdown."""
    lines = [
        "| profile | role | field | columns of the file: never published |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {a} | `{b}` | `{c}` | {d} |" for a, b, c, d in private_inputs()]
    lines += ["", "| table | columns | are |", "| --- | --- | --- |"]
    lines += [f"| {a} | {b} | {c} |" for a, b, c in private_outputs()]
    return "\n".join(lines) + "\n"


def privacy() -> str:
    """The page on personal data with the private columns of today."""
    return PRIVATE.sub(lambda _: private_columns(), PRIVACY.read_text(encoding="utf-8"), count=1)


def demo_output() -> str:
    """What the demo says in English, without the paths."""
    with tempfile.TemporaryDirectory() as folder:
        done = CliRunner().invoke(cli, ["demo", "--lang", "en", "--out", f"{folder}/demo"])
    if done.exception is not None:
        raise done.exception
    return "".join(f"{line.rstrip()}\n" for line in done.stderr.strip("\n").splitlines())


def readme() -> str:
    """The front page with the result of the demo of today."""
    return RESULT.sub(lambda _: demo_output(), README.read_text(encoding="utf-8"), count=1)


def played() -> dict[Path, str]:
    """Give the pages that show commands at work, with what these say today."""
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder))
        return {
            README: session.fill(readme()),
            GUIDE: session.fill(GUIDE.read_text(encoding="utf-8")),
            COMMANDS: reference(session),
        }


if __name__ == "__main__":
    DICTIONARY.write_text(dictionary(), encoding="utf-8")
    CANDIDATES.write_text(candidates(), encoding="utf-8")
    PRIVACY.write_text(privacy(), encoding="utf-8")
    for path, page in played().items():
        path.write_text(page, encoding="utf-8")
