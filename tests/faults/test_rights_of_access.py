"""Folders that may not be written and files that may not be read are told in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.boxes import ROOT, contents
from tests.faults.commands import SAMPLE

NOBODY = 65534
# geoasm is loaded first: the checkout itself may not be open to others.
AS_ANOTHER = """
import os, sys
from geoasm.cli import main
for name in main.COMMANDS:
    main.cli.get_command(None, name)
from geoasm import api
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[1]))
    os.setuid(int(sys.argv[1]))
sys.argv = ["geoasm", *sys.argv[2:]]
main.main()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody reaches, with an input that everybody reads."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    shutil.copyfile(SAMPLE / "concessions.gpkg", folder / "rights.gpkg")
    (folder / "rights.gpkg").chmod(0o644)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o755)
    shutil.rmtree(folder)


def refusal(*arguments: object) -> str:
    """Give the line in which a command is refused to somebody who is not the owner."""
    if os.name == "nt":
        pytest.skip("rights of access are others here")
    ended = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, str(NOBODY), *map(str, arguments)],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if "Operation not permitted" in ended.stderr and "setgroups" in ended.stderr:
        pytest.skip("nobody else can be here")
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.splitlines()
    return line


@pytest.mark.slow
@pytest.mark.parametrize("below", ["", "deep/er"])
def test_a_folder_that_may_not_be_written_is_told(place: Path, below: str) -> None:
    closed = place / "closed"
    (closed / "target").mkdir(parents=True)
    closed.chmod(0o555)
    out = closed / (below or "fresh")
    said = refusal("partition", place / "rights.gpkg", "--out", out)
    assert said == (
        f"geoasm: error: cannot write {out}: permission denied; "
        "choose another --out, or ask for the right to write there"
    )
    assert [p.name for p in closed.iterdir()] == ["target"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "name"),
    [("partition", "rights.gpkg"), ("inspect", "shut.tif"), ("link", "shut.parquet")],
)
def test_an_input_that_may_not_be_read_is_told(place: Path, command: str, name: str) -> None:
    (place / "open").mkdir(mode=0o777)
    (place / "open").chmod(0o777)
    (place / name).write_bytes((place / "rights.gpkg").read_bytes())
    (place / name).chmod(0o000)
    out = [] if command == "inspect" else ["--profile", "pe", "--out", place / "open" / "out"]
    files = [place / name] * (2 if command == "link" else 1)
    said = refusal(command, *files, *out)
    assert f"{name} may not be read; ask its owner for the right to read it" in said
    assert contents(place / "open") == {}
