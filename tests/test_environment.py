"""One list of dependencies: pyproject, the conda environment, the locks and the imports agree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def bounds(requirements: list[str]) -> dict[str, str]:
    """Canonical name to version bound."""
    parts = (re.fullmatch(r"([\w.-]+)(.*)", text) for text in requirements)
    return {canonical(m[1]): m[2] for m in parts if m}


def pinned(lock: str) -> dict[str, str]:
    """Canonical name to version, of a lock."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {canonical(n): v for n, v in re.findall(r"^([\w.-]+)==([^ \\;]+)", text, re.MULTILINE)}


def conda_requirements() -> dict[str, str]:
    lines = re.findall(r"^ +- +([\w.-]+(?:[<>=].*)?)$", ENVIRONMENT, re.MULTILINE)
    return bounds([line for line in lines if line not in {"conda-forge", "nodefaults", "pip"}])


def version(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", text))


def test_conda_environment_asks_for_what_pyproject_asks_for() -> None:
    declared = bounds(PROJECT["project"]["dependencies"])
    declared |= bounds(PROJECT["build-system"]["requires"])
    declared["python"] = PROJECT["project"]["requires-python"]
    assert conda_requirements() == declared


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_dependency_at_or_above_its_bound(lock: str) -> None:
    wanted = bounds(PROJECT["project"]["dependencies"]) | bounds(
        PROJECT["dependency-groups"]["build"]
    )
    if lock != LOCKS[0]:
        wanted |= bounds([r for r in PROJECT["dependency-groups"]["dev"] if isinstance(r, str)])
    pins = pinned(lock)
    assert not wanted.keys() - pins.keys()
    assert not {n for n, bound in wanted.items() if version(pins[n]) < version(bound)}


def test_locks_agree() -> None:
    run, dev = map(pinned, LOCKS)
    assert run.items() <= dev.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_a_hash_for_every_pin_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not re.search(r"--(extra-)?index-url|--find-links|://", text)


def test_every_import_of_the_package_is_declared() -> None:
    declared = bounds(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        declared |= bounds(extra)
    homes = packages_distributions()
    undeclared = set()
    for path in (ROOT / "geoasm").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for top in {name.partition(".")[0] for name in names} - {"geoasm", ""}:
                known = {canonical(d) for d in homes.get(top, [])}
                if top not in sys.stdlib_module_names and not known & declared.keys():
                    undeclared.add((path.name, top))
    assert not undeclared


def test_makefile_refuses_an_unusable_python_with_the_way_out(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "demo", "PYTHON=/bin/false", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "PYTHON=/path/to/python3" in done.stderr
