"""Size and manners of the source: small files, small functions, nothing that points outside."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_BYTES = 50_000
MAY_BE_LARGE = re.compile(
    r"maps/sample/.*|.*\.lock|data/sample/.*|docs/gallery/\w+\.ipynb|geoasm/profiles/\w+/cases\.toml"
)
TEXT = {".py", ".toml", ".md", ".yml", ".html", ".js", ".css", ".csv", ".json", ""}
# Put together so that this file does not hold what it looks for.
OUTSIDE = re.compile("|".join(["/" + "work/", "/" + "tmp/brief", "/" + "root/", "/" + "home/"]))


def tracked() -> list[Path]:
    """Files that are in git, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def sources() -> list[Path]:
    folders = ("geoasm", "tests", "scripts", "benchmarks", "docs")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring: explaining at length is no fault."""
    last = function.end_lineno or function.lineno
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    explained = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return last - function.lineno + 1 - explained


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_file_and_its_functions_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES
    long = {
        f"{function.name}: {length} lines"
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := code_lines(function)) >= MOST_LINES_OF_A_FUNCTION
    }
    assert not long


def test_no_large_file_is_committed() -> None:
    large = {
        relative(p): size
        for p in tracked()
        if (size := p.stat().st_size) > MOST_BYTES and not MAY_BE_LARGE.fullmatch(relative(p))
    }
    assert not large


def test_sample_stays_under_a_megabyte() -> None:
    assert sum(p.stat().st_size for p in (ROOT / "data" / "sample").rglob("*")) < 1_000_000


def test_no_file_points_outside_the_repository() -> None:
    found = {
        f"{relative(p)}: {hit[0]}"
        for p in tracked()
        if p.suffix in TEXT
        and p.name != "LICENSE"
        and (hit := OUTSIDE.search(p.read_text(encoding="utf-8", errors="replace")))
    }
    assert not found


def test_tests_cannot_reach_the_network() -> None:
    with socket.socket() as probe, pytest.raises(AssertionError, match="reached for the network"):
        probe.connect(("192.0.2.1", 80))
