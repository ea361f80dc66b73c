"""Two folders change places in one step, or nothing moves; a move never replaces."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from geoasm.io import moves


@pytest.fixture(params=["with the system's call", "without"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    able: bool = request.param != "without"
    if not able:
        monkeypatch.setattr(moves, "_system_call", lambda: None)
    return able


def folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "mark").write_text(text)
    return path


def test_folders_change_places_or_stay(tmp_path: Path, system: bool) -> None:
    one, other = folder(tmp_path / "ñ one", "1"), folder(tmp_path / "other", "2")
    assert moves.exchange(one, other) is system
    found = (one / "mark").read_text(), (other / "mark").read_text()
    assert found == (("2", "1") if system else ("1", "2"))


def test_what_is_not_there_cannot_change_places(tmp_path: Path) -> None:
    one = folder(tmp_path / "one", "1")
    with pytest.raises(FileNotFoundError):
        moves.exchange(one, tmp_path / "none")


@pytest.mark.usefixtures("system")
def test_a_move_to_nothing_arrives(tmp_path: Path) -> None:
    moves.move_new(folder(tmp_path / "one", "1"), tmp_path / "two")
    assert [p.name for p in tmp_path.iterdir()] == ["two"]


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize("empty", [True, False])
def test_a_move_replaces_nothing_not_even_an_empty_folder(tmp_path: Path, empty: bool) -> None:
    one = folder(tmp_path / "one", "1")
    other = tmp_path / "two"
    other.mkdir()
    if not empty:
        (other / "theirs").write_text("2")
    with pytest.raises(FileExistsError):
        moves.move_new(one, other)
    assert (one / "mark").is_file()
    assert not (other / "mark").exists()


@pytest.mark.parametrize("number", moves._UNKNOWN)
def test_a_disk_that_knows_no_exchange_says_so(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_system_call", lambda: lambda *_: -1)
    monkeypatch.setattr(moves.ctypes, "get_errno", lambda: number)
    assert moves.exchange(tmp_path / "a", tmp_path / "b") is False


def test_another_refusal_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "_system_call", lambda: lambda *_: -1)
    monkeypatch.setattr(moves.ctypes, "get_errno", lambda: errno.EACCES)
    with pytest.raises(PermissionError):
        moves.exchange(tmp_path / "a", tmp_path / "b")
