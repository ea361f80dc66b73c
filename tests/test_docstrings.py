"""Public names explain themselves, and speak only of parameters that they have."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import geoasm

PACKAGE = Path(__file__).parents[1] / "geoasm"
SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", re.M | re.S)
CALLABLE = [name for name in geoasm.__all__ if inspect.isfunction(getattr(geoasm, name))]

Definition = ast.FunctionDef | ast.ClassDef


def documented(docstring: str) -> list[str]:
    """Names under Parameters, several of one line told apart."""
    section = SECTION.search(docstring)
    lines = re.findall(r"^(\*{0,2}\w.*)$", section[1], re.M) if section else []
    return [name.strip().lstrip("*") for line in lines for name in line.split(",")]


def public(tree: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """Functions and classes that others may name, and the methods of these classes."""
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def faults(source: str) -> list[str]:
    """What public names of a module, given as text, leave unsaid or say of what they do not have."""
    tree = ast.parse(source)
    found = [] if ast.get_docstring(tree) else ["the module says nothing"]
    for node in public(tree):
        text = ast.get_docstring(node)
        if not text:
            found.append(f"{node.name} says nothing")
        elif isinstance(node, ast.FunctionDef):
            given = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
            found += [
                f"{node.name} has no {name}" for name in documented(text) if name not in given
            ]
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_public_names_of_a_module_explain_themselves(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", CALLABLE)
def test_what_notebooks_call_explains_every_parameter_and_its_result(name: str) -> None:
    function = getattr(geoasm, name)
    text = inspect.getdoc(function) or ""
    assert set(documented(text)) >= set(inspect.signature(function).parameters)
    assert re.search(r"^Returns\n-+$", text, re.M)


def test_what_notebooks_call_is_known() -> None:
    assert {"analyze", "screen", "try_scenario"} <= set(CALLABLE)


@pytest.mark.parametrize(
    "source",
    [
        "def f(): ...",
        '"""M."""\ndef f(): ...',
        '"""M."""\nclass C:\n    """C."""\n    def f(self): ...',
        '"""M."""\ndef f(x):\n    """\n    F.\n\n    Parameters\n    ----------\n    x, y\n        Two.\n    """',
    ],
)
def test_planted_silence_is_caught(source: str) -> None:
    assert faults(source)


def test_a_documented_module_passes() -> None:
    text = '"""M."""\ndef f(x):\n    """\n    F.\n\n    Parameters\n    ----------\n    x\n        One.\n    """'
    assert faults(text) == []
