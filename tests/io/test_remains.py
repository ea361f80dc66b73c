"""What killed processes left beside a target is cleared or put back; what a living one holds stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from geoasm.io import atomic, remains

ROOT = Path(__file__).parents[2]
LEFT = f".run.partial-4242-{'0' * 16}"


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def write(target: Path) -> None:
    with atomic.whole_folder(
        target, overwrite=True, replaceable=lambda _: True, what="ours"
    ) as fresh:
        (fresh / "mark").write_text("new")


def leave(folder: Path, name: str = LEFT) -> Path:
    left = folder / name
    (left / remains.FRESH).mkdir(parents=True)
    (left / remains.FRESH / "mark").write_text("half")
    return left


def test_what_a_killed_process_left_is_gone_after_the_next_write(tmp_path: Path) -> None:
    leave(tmp_path)
    write(tmp_path / "run")
    assert names(tmp_path) == ["run"]


def test_a_killed_file_is_gone_after_the_next_write(tmp_path: Path) -> None:
    (tmp_path / f".map.html.partial-1-{'f' * 16}").write_text("half")
    atomic.write_text(tmp_path / "map.html", "whole")
    assert names(tmp_path) == ["map.html"]


def test_a_folder_that_had_made_way_goes_back_to_its_place(tmp_path: Path) -> None:
    left = leave(tmp_path)
    (left / remains.FORMER).mkdir()
    (left / remains.FORMER / "mark").write_text("former")
    remains.clear(tmp_path / "run")
    assert (tmp_path / "run" / "mark").read_text() == "former"
    assert names(tmp_path) == ["run"]


def test_a_folder_that_made_way_does_not_replace_its_successor(tmp_path: Path) -> None:
    left = leave(tmp_path)
    (left / remains.FORMER).mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mark").write_text("successor")
    remains.clear(tmp_path / "run")
    assert (tmp_path / "run" / "mark").read_text() == "successor"
    assert names(tmp_path) == ["run"]


def test_what_a_living_process_writes_stays(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom geoasm.io import remains\n"
        "with remains.workshop(Path(sys.argv[1]), Path.mkdir) as scratch:\n"
        "    print(scratch, flush=True)\n    input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        write(tmp_path / "run")
        assert names(tmp_path) == [theirs.name, "run"]
        other.kill()
    write(tmp_path / "run")
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize(
    "name",
    [
        f".other.partial-1-{'0' * 16}",
        f".run.partial-x-{'0' * 16}",
        ".run.partial-1-0000",
        ".run.partial-1.gpkg",
        f".run.partial-1-{'0' * 16}.txt",
        f"run.partial-1-{'0' * 16}",
    ],
)
def test_what_has_another_name_is_nobody_s_remains(tmp_path: Path, name: str) -> None:
    leave(tmp_path, name)
    write(tmp_path / "run")
    assert names(tmp_path) == sorted(["run", name])


def test_a_link_with_such_a_name_leads_to_no_loss(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / LEFT).symlink_to(tmp_path / "thesis")
    write(tmp_path / "run")
    assert names(tmp_path / "thesis") == []
    assert names(tmp_path) == [LEFT, "run", "thesis"]


def test_an_interrupt_while_clearing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rmtree, struck = remains.shutil.rmtree, []

    def strike(*args: object, **kwargs: object) -> None:
        if not struck:
            struck.append(1)
            raise KeyboardInterrupt
        rmtree(*args, **kwargs)

    monkeypatch.setattr(remains.shutil, "rmtree", strike)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "run")
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "mark").read_text() == "new"


@pytest.mark.parametrize("number", remains._LOCKLESS)
def test_a_disk_without_locks_is_written_and_never_cleared(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(remains.fcntl, "flock", refuse)
    leave(tmp_path)
    write(tmp_path / "run")
    assert names(tmp_path) == [LEFT, "run"]


def test_one_who_is_cleared_away_before_the_lock_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make(path: Path) -> None:
        path.mkdir()
        made.append(path)
        if len(made) == 1:
            path.rmdir()  # as another process that took it for remains

    with remains.workshop(tmp_path / "run", make) as scratch:
        assert scratch == made[1]
        assert scratch.is_dir()
    assert names(tmp_path) == []


def test_a_lock_on_what_others_have_put_another_in_the_place_of_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking a folder, another process may clear it and a third one make its own."""
    left, theirs = leave(tmp_path), tmp_path / "theirs"
    (theirs / remains.FRESH).mkdir(parents=True)
    flock = remains.fcntl.flock

    def late(handle: int, how: int) -> None:
        if theirs.exists():
            left.rename(tmp_path / "cleared")
            theirs.rename(left)
        flock(handle, how)

    monkeypatch.setattr(remains.fcntl, "flock", late)
    remains.clear(tmp_path / "run")
    assert names(tmp_path) == sorted([LEFT, "cleared"])
    assert (left / remains.FRESH).is_dir()
