"""A folder is complete or absent, whatever happens while it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geoasm.errors import OutputError, OutputExists
from geoasm.io import atomic, moves


def ours(folder: Path) -> bool:
    return (folder / "mark").is_file()


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def fill(target: Path, text: str, *, overwrite: bool = False, fail: BaseException | None = None):
    with atomic.whole_folder(target, overwrite=overwrite, replaceable=ours, what="ours") as fresh:
        (fresh / "mark").write_text(text)
        assert not ours(target) or (target / "mark").read_text() != text
        if fail:
            raise fail


def test_a_folder_appears_with_its_parents(tmp_path: Path) -> None:
    fill(tmp_path / "a" / "run", "one")
    assert (tmp_path / "a" / "run" / "mark").read_text() == "one"
    assert names(tmp_path / "a") == ["run"]


@pytest.mark.parametrize("fail", [KeyboardInterrupt(), ValueError("x"), MemoryError()])
def test_failure_leaves_nothing(tmp_path: Path, fail: BaseException) -> None:
    with pytest.raises(type(fail)):
        fill(tmp_path / "run", "one", fail=fail)
    assert names(tmp_path) == []


@pytest.mark.parametrize("fail", [KeyboardInterrupt(), ValueError("x")])
def test_failure_leaves_the_former_folder(tmp_path: Path, fail: BaseException) -> None:
    fill(tmp_path / "run", "one")
    with pytest.raises(type(fail)):
        fill(tmp_path / "run", "two", overwrite=True, fail=fail)
    assert (tmp_path / "run" / "mark").read_text() == "one"
    assert names(tmp_path) == ["run"]


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that knows only the plain rename: two moves instead of one."""
    monkeypatch.setattr(moves, "_system_call", lambda: None)


@pytest.mark.usefixtures("no_exchange")
def test_without_an_exchange_a_folder_is_replaced_in_two_moves(tmp_path: Path) -> None:
    fill(tmp_path / "run", "one")
    fill(tmp_path / "run", "two", overwrite=True)
    assert (tmp_path / "run" / "mark").read_text() == "two"
    assert names(tmp_path) == ["run"]


@pytest.mark.usefixtures("no_exchange")
@pytest.mark.parametrize("fail", [OSError(28, "x"), KeyboardInterrupt(), MemoryError()])
def test_failure_between_the_two_moves_puts_the_former_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: BaseException
) -> None:
    fill(tmp_path / "run", "one")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise fail
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises((OutputError, KeyboardInterrupt, MemoryError)):
        fill(tmp_path / "run", "two", overwrite=True)
    assert (tmp_path / "run" / "mark").read_text() == "one"
    assert names(tmp_path) == ["run"]


@pytest.mark.usefixtures("no_exchange")
def test_without_an_exchange_a_folder_that_came_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "run", "one")
    move_new = moves.move_new

    def late(source: Path, target: Path) -> None:
        target.mkdir()
        (target / "mark").write_text("theirs")
        move_new(source, target)

    monkeypatch.setattr(moves, "move_new", late)
    with pytest.raises(OutputError, match="another process wrote it meanwhile"):
        fill(tmp_path / "run", "two", overwrite=True)
    assert (tmp_path / "run" / "mark").read_text() == "theirs"
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_folder_that_comes_at_the_last_moment_is_replaced_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    move_new, came = moves.move_new, []

    def late(source: Path, target: Path) -> None:
        if not came:
            came.append(target)
            target.mkdir()
            (target / "mark").write_text("theirs")
        move_new(source, target)

    monkeypatch.setattr(moves, "move_new", late)
    if overwrite:
        fill(tmp_path / "run", "two", overwrite=True)
    else:
        with pytest.raises(OutputExists):
            fill(tmp_path / "run", "two")
    assert (tmp_path / "run" / "mark").read_text() == ("two" if overwrite else "theirs")
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_folder_that_comes_right_after_the_check_is_not_taken_for_the_checked_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    check, asked = atomic.check_target, []

    def late(target: Path, **how: Any) -> None:
        check(target, **how)
        asked.append(target)
        if len(asked) == 2:  # the one before the move
            target.mkdir()
            (target / "thesis.txt").write_text("years of work")

    monkeypatch.setattr(atomic, "check_target", late)
    with pytest.raises(OutputError):
        fill(tmp_path / "run", "two", overwrite=overwrite)
    assert names(tmp_path / "run") == ["thesis.txt"]
    assert names(tmp_path) == ["run"]


def test_an_error_names_the_target_and_not_where_it_was_being_written(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError) as caught,
        atomic.whole_folder(
            tmp_path / "run", overwrite=False, replaceable=ours, what="ours"
        ) as fresh,
    ):
        atomic.write_text(fresh / "none" / "map.html", "x")
    assert f"cannot write {tmp_path / 'run'}/none/map.html: " in str(caught.value)


def test_a_text_that_comes_at_the_last_moment_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("theirs")
    with pytest.raises(OutputExists, match="--overwrite"):
        atomic.write_text(path, "ours", overwrite=False)
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["map.html"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_that_comes_while_another_is_written_stays_unless_overwriting(
    tmp_path: Path, overwrite: bool
) -> None:
    path = tmp_path / "pairs.parquet"
    writing = atomic.whole_file(path, overwrite=overwrite)
    writing.__enter__().write_text("ours")
    path.write_text("theirs")
    if overwrite:
        writing.__exit__(None, None, None)
    else:
        with pytest.raises(OutputExists):
            writing.__exit__(None, None, None)
    assert path.read_text() == ("ours" if overwrite else "theirs")
    assert names(tmp_path) == ["pairs.parquet"]


def test_a_page_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.html").write_text("one")
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    atomic.write_text(tmp_path / "link.html", "two")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_text() == "two"


def test_a_folder_that_is_there_stays_unless_overwriting(tmp_path: Path) -> None:
    fill(tmp_path / "run", "one")
    with pytest.raises(OutputExists, match="--overwrite"):
        fill(tmp_path / "run", "two")
    assert (tmp_path / "run" / "mark").read_text() == "one"
    fill(tmp_path / "run", "two", overwrite=True)
    assert (tmp_path / "run" / "mark").read_text() == "two"
    assert names(tmp_path) == ["run"]


def test_overwriting_leaves_nothing_of_the_former_folder(tmp_path: Path) -> None:
    fill(tmp_path / "run", "one")
    (tmp_path / "run" / "stale.html").write_text("old")
    fill(tmp_path / "run", "two", overwrite=True)
    assert names(tmp_path / "run") == ["mark"]


def test_an_empty_folder_is_replaced_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(OutputExists, match="--overwrite"):
        fill(tmp_path / "run", "one")
    fill(tmp_path / "run", "one", overwrite=True)
    assert ours(tmp_path / "run")


def test_a_folder_of_another_kind_is_never_destroyed(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="is not ours, so --overwrite does not replace it"):
        fill(tmp_path, "one", overwrite=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    with pytest.raises(OutputError, match="is a file"):
        fill(tmp_path / "run", "one", overwrite=True)


def test_a_target_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "run"
    writing = atomic.whole_folder(target, overwrite=False, replaceable=ours, what="ours")
    writing.__enter__()
    target.mkdir()
    (target / "theirs").write_text("x")
    with pytest.raises(OutputExists):
        writing.__exit__(None, None, None)
    assert names(target) == ["theirs"]


def test_a_link_is_followed_and_kept(tmp_path: Path) -> None:
    fill(tmp_path / "real", "one")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fill(tmp_path / "link", "two", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "mark").read_text() == "two"


def test_the_folder_has_the_rights_of_any_new_folder(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    fill(tmp_path / "run", "one")
    assert (tmp_path / "run").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot write .*run"):
        fill(tmp_path / "file" / "run", "one")


def test_a_text_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    atomic.write_text(path, "one\n")
    atomic.write_text(path, "dos \ud800 ñ\n")
    assert path.read_bytes() == "dos \ufffd ñ\n".encode()
    assert names(tmp_path) == ["map.html"]


def test_a_text_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*map\.html"):
        atomic.write_text(tmp_path / "none" / "map.html", "x")


def test_a_place_in_a_file_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot write .*map\.html"):
        atomic.write_text(tmp_path / "file" / "map.html", "x")


def test_a_file_that_exists_is_kept_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    atomic.check_file(path, overwrite=False)
    path.write_text("first")
    with pytest.raises(OutputExists, match="--overwrite"):
        atomic.check_file(path, overwrite=False)
    atomic.check_file(path, overwrite=True)


@pytest.mark.parametrize("name", [".", "n" * 300])
def test_what_can_be_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"is a folder|too long"):
        atomic.check_file(tmp_path / name, overwrite=True)
