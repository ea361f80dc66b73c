"""What every page shares: a page is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoasm.errors import OutputError, OutputExists
from geoasm.render import shell


def test_writing_refuses_what_exists_unless_told(tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    shell.write("first", target)
    with pytest.raises(OutputExists, match="--overwrite"):
        shell.write("second", target)
    assert target.read_text(encoding="utf-8") == "first"
    shell.write("third", target, overwrite=True)
    assert target.read_text(encoding="utf-8") == "third"
    assert list(tmp_path.iterdir()) == [target]


def test_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere.*cannot be written"):
        shell.write("text", tmp_path / "nowhere" / "map.html")
