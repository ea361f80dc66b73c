"""The reliability page: every promise cites a test that is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"


def promises() -> list[tuple[str, list[str]]]:
    """Rows of the page's tables: what is promised, and the tests that hold it."""
    rows = re.findall(r"^\| (?!---)([^|]+) \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    told = [(left, re.findall(r"`([\w/]+\.py)::(\w+)`", right)) for left, right in rows]
    return [(left, [f"{file}::{name}" for file, name in tests]) for left, tests in told]


def defined(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


HELD = [(left, tests) for left, tests in promises() if left != "Promise"]


def test_the_page_promises() -> None:
    assert len(HELD) > 30


@pytest.mark.parametrize(("promise", "tests"), HELD)
def test_a_promise_cites_tests_that_are_there(promise: str, tests: list[str]) -> None:
    assert tests, f"{promise}: no test is cited"
    for cited in tests:
        file, _, name = cited.partition("::")
        assert (ROOT / "tests" / file).is_file(), cited
        assert name in defined(ROOT / "tests" / file), cited
