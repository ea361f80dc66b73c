"""What comes in from outside is pinned, what runs is written here, and only `fetch` asks the network."""

from __future__ import annotations

import ast
import re
import runpy
import socket
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from geoasm.cli.main import cli

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[\w,-]+\])?==([^\s;]+)(?:\s*;.*)?")
DIGEST = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def requirements(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give each requirement of a lock file with its options."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for entry in re.sub(r"\\\n", " ", plain).splitlines():
        if entry.strip():
            head, *options = re.split(r"\s+(?=--)", entry.strip())
            yield head, options


def faults_of_lock(text: str) -> list[str]:
    found = []
    for head, options in requirements(text):
        if not PINNED.fullmatch(head):
            found.append(f"{head}: not pinned to one version of an index")
        if not options or not all(DIGEST.fullmatch(option) for option in options):
            found.append(f"{head}: not held by hashes alone")
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_and_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(list(requirements(text))) > 20
    assert faults_of_lock(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "click>=8\n    --hash=sha256:" + "0" * 64,
        "click==8.1",
        "click==8.1 \\\n    --hash=md5:" + "0" * 32,
        "click @ https://example.org/click.whl \\\n    --hash=sha256:" + "0" * 64,
        "--index-url https://example.org/simple",
        "-e .",
    ],
)
def test_planted_requirement_that_is_not_held_is_caught(text: str) -> None:
    assert faults_of_lock(text)


def test_lock_files_hold_every_dependency_that_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {
        PINNED.fullmatch(head)[1].lower()  # type: ignore[index]
        for head, _ in requirements((ROOT / LOCKS[0]).read_text(encoding="utf-8"))
    }
    declared = {re.split(r"[\s\[<>=!~;]", d)[0].lower() for d in project["dependencies"]}
    assert {d.replace("_", "-") for d in declared} <= {n.replace("_", "-") for n in locked}


# What runs or builds what a text says, or guards only where Python does not optimise.
FORBIDDEN_CALLS = frozenset(
    {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "marshal.loads"}
    | {"pickle.load", "pickle.loads", "pd.read_pickle", "shelve.open", "joblib.load", "input"}
)
FORBIDDEN_MODULES = frozenset(
    {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "yaml"}
)


def faults_of_source(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Assert):
            found.append(f"line {line}: assert")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [a.name for a in node.names]
            )
            found += [f"line {line}: {n}" for n in names if n.split(".")[0] in FORBIDDEN_MODULES]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in FORBIDDEN_CALLS or called.split(".")[-1] in ("read_pickle", "to_pickle"):
                found.append(f"line {line}: {called}")
            for keyword in node.keywords:
                value = getattr(keyword.value, "value", None)
                if keyword.arg == "shell" and value is not False:
                    found.append(f"line {line}: shell")
                if keyword.arg == "allow_pickle" and value is not False:
                    found.append(f"line {line}: allow_pickle")
                if keyword.arg == "verify" and value is False:
                    found.append(f"line {line}: certificates are not checked")
    return found


def sources() -> list[Path]:
    return sorted(
        p for folder in ("geoasm", "scripts", ".ci", "docs") for p in (ROOT / folder).rglob("*.py")
    )


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_source_runs_nothing_that_it_does_not_hold(path: Path) -> None:
    assert faults_of_source(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "import os\nos.system('ls')",
        "import pickle",
        "from pickle import loads",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import yaml\nyaml.load('a')",
        "def f(x):\n    assert x\n    return x",
        "import numpy as np\nnp.load('a', allow_pickle=True)",
        "import pandas as pd\npd.read_pickle('a')",
        "import httpx\nhttpx.get('https://x', verify=False)",
        "exec(compile('1', 'a', 'exec'))",
    ],
)
def test_planted_call_is_caught(source: str) -> None:
    assert faults_of_source(source)


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Refuse every socket and every name; give what was asked for."""
    asked: list[str] = []

    def refuse(*arguments: object, **_: object) -> None:
        asked.append(repr(arguments))
        raise OSError("no network here")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    return asked


OFFLINE = {
    "demo": [["demo", "--out", "{out}/run"]],
    "run": [["run", "{sample}/study.toml", "--out", "{out}/run"]],
    "inspect": [["inspect", "{sample}/concessions.gpkg", "{sample}/registrations.csv"]],
    "overlaps": [["overlaps", "{sample}/concessions.gpkg", "--profile", "pe", "--out", "{out}/o"]],
    "partition": [["partition", "{sample}/registrations.csv", "--profile", "pe", "--out", "{out}/p"]],
    "link": [
        ["partition", "{sample}/registrations.csv", "--profile", "pe", "--out", "{out}/p"],
        ["partition", "{sample}/concessions.gpkg", "--out", "{out}/r"],
        ["link", "{out}/p", "{out}/r", "--out", "{out}/pairs.parquet"],
    ],
    "simulate": [["simulate", "--profile", "pe", "--out", "{out}/s"]],
    "profiles": [
        ["profiles", "list"],
        ["profiles", "show", "pe"],
        ["profiles", "new", "bo", "--from", "{sample}/concessions.gpkg", "--out", "{out}/bo"],
    ],
    "explain": [["explain", "{run}", "{code}"]],
    "map": [["map", "{run}", "--out", "{out}/map.html"]],
    "report": [["report", "{run}", "--out", "{out}/report.html"]],
    "screen": [["screen", "{run}", "--all", "--min-registrations", "5", "--out", "{out}/s"]],
    "openings": [["openings", "{run}", "--out", "{out}/o"]],
    "compare": [["compare", "{run}", "{run}", "--out", "{out}/c"]],
    "series": [["series", "{runs}", "--out", "{out}/s"]],
    "scenario": [["scenario", "{run}", "title_reform", "--out", "{out}/s"]],
}  # fmt: skip
ASKS = {"fetch", "export"}  # the web, and a server that the user names


@pytest.fixture(scope="module")
def run(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("offline") / "runs" / "a"
    out.parent.mkdir()
    for place, flags in ((out, []), (out.with_name("b"), ["--on", "2026-06-30"])):
        call = ["run", str(sample / "study.toml"), "--out", str(place), *flags]
        done = CliRunner().invoke(cli, call)
        assert done.exit_code == 0, done.output
    return out


def test_every_command_is_tried_without_a_network() -> None:
    assert isinstance(cli, click.Group)
    assert set(cli.list_commands(click.Context(cli))) == {*OFFLINE, *ASKS}


@pytest.mark.parametrize("command", OFFLINE)
def test_command_works_without_a_network_and_asks_for_none(
    command: str, run: Path, sample: Path, tmp_path: Path, no_sockets: list[str]
) -> None:
    code = pd.read_parquet(run / "registrations.parquet", columns=["registration_id"]).iloc[0, 0]
    places = {"sample": sample, "run": run, "runs": run.parent, "out": tmp_path, "code": code}
    for call in OFFLINE[command]:
        done = CliRunner().invoke(cli, [a.format(**places) for a in call])
        assert done.exit_code == 0, done.output
    assert no_sockets == []


def test_guard_of_sockets_sees_who_asks(no_sockets: list[str], tmp_path: Path) -> None:
    out = tmp_path / "x.gpkg"
    done = CliRunner().invoke(
        cli, ["fetch", "cadastre-zones", "--max-minutes", "0.01", "--out", str(out)]
    )
    assert done.exit_code == 2, done.output
    assert no_sockets
    assert "Traceback" not in done.output


def test_interpreter_is_one_of_those_that_are_locked() -> None:
    assert (3, 11) <= sys.version_info[:2] <= (3, 13)


@pytest.fixture(scope="module")
def auditor() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / ".ci" / "audit.py"))


def test_audit_tells_vulnerabilities_that_are_not_withdrawn(
    auditor: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text(
        "a-b==1.0 ; python_version > '3' \\\n    --hash=sha256:0\nc[x]==2\n", encoding="utf-8"
    )
    bad = {"id": "PYSEC-1", "fixed_in": ["1.1"]}

    def answer(url: str) -> Any:
        return {
            "vulnerabilities": [bad, {**bad, "withdrawn": "2020"}] if "/a-b/1.0/" in url else []
        }

    assert auditor["main"]([str(lock)], answer) == 1
    assert capsys.readouterr().out == "a-b 1.0: PYSEC-1, mended in 1.1\n"
    assert auditor["main"]([str(lock)], lambda _: {}) == 0
    assert "2 locked packages" in capsys.readouterr().out


def test_audit_says_so_and_ends_well_where_the_index_does_not_answer(
    auditor: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(url: str) -> Any:
        raise OSError("no route")

    assert auditor["main"]([str(ROOT / LOCKS[0])], refuse) == 0
    assert "does not answer (no route): nothing was checked" in capsys.readouterr().out


def test_checks_of_every_commit_ask_no_index_for_vulnerabilities() -> None:
    assert "audit" not in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
