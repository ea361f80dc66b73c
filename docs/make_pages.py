"""Write what the documents take from the program: `make docs`."""

from __future__ import annotations

import re
import tempfile
from enum import EnumType
from pathlib import Path

from click.testing import CliRunner

from geoasm import codes
from geoasm.cli.main import cli
from geoasm.io.profiles import load_profile
from geoasm.schema import TABLES, Table

DICTIONARY = Path(__file__).with_name("data-dictionary.md")
README = Path(__file__).parents[1] / "README.md"
CANDIDATES = Path(__file__).with_name("candidates.md")
FACTORS = re.compile(r"(?<=^<!-- factors -->\n).*?(?=^<!-- /factors -->)", re.MULTILINE | re.DOTALL)
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
        meaning = column.meaning + (" (private)" if column.private else "")
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


if __name__ == "__main__":
    DICTIONARY.write_text(dictionary(), encoding="utf-8")
    CANDIDATES.write_text(candidates(), encoding="utf-8")
    README.write_text(readme(), encoding="utf-8")
