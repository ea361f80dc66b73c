"""Pages that show commands at work show what these print today, and leave none out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from docs import make_pages
from docs.pages import reference
from docs.pages.examples import EXAMPLES
from docs.pages.session import SHOWN, Session

BLOCK = re.compile(r"^```(?:sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.fixture(scope="module")
def played() -> dict[Path, str]:
    return make_pages.played()


@pytest.mark.slow
@pytest.mark.parametrize("page", [make_pages.GUIDE, make_pages.COMMANDS], ids=lambda p: p.name)
def test_page_shows_what_its_commands_print_today(played: dict[Path, str], page: Path) -> None:
    assert page.read_text(encoding="utf-8") == played[page], "run `make docs`"


def test_every_command_has_an_example_that_runs_it() -> None:
    names = [name for name, _ in reference.commands()]
    assert sorted(EXAMPLES) == sorted(names)
    assert not [name for name in names if f"geoasm {name}" not in EXAMPLES[name].commands]


def unplayed(page: str) -> Iterator[str]:
    """Give the blocks of a page that are followed by no answer."""
    played = [found["said"] for found in SHOWN.finditer(page)]
    return (said for said in BLOCK.findall(page) if said not in played)


def test_guide_shows_an_answer_to_all_but_what_sets_up_and_a_readers_own_files() -> None:
    guide = make_pages.GUIDE.read_text(encoding="utf-8")
    first, last = unplayed(guide)
    assert first.startswith("make demo")
    assert last in guide.partition("## Your own files")[2]
    assert "planned" in "".join(unplayed("```sh\nplanned\n```\n"))


def test_answer_stands_below_its_command_and_other_blocks_stay(session: Session) -> None:
    page = "```sh\nls data\n```\n\n```text\nold\n```\n\n```sh\nmake x\n```\n\ntext\n"
    assert session.fill(page) == page.replace("old", "sample")


def test_python_of_a_page_is_run_in_the_folder_of_its_commands(session: Session) -> None:
    said = "from pathlib import Path\n\nprint(*Path('data').iterdir())\n"
    assert session.answer(said, "python") == "data/sample\n"


def test_command_that_is_shown_twice_runs_once(session: Session) -> None:
    (session.folder / "new").touch()
    before = session.answer("ls")
    (session.folder / "newer").touch()
    assert session.answer("ls") == before == "data\nnew\n"


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ("touch new\n", "sh", "geoasm, cat, head, ls and Python alone"),
        ("import os\nprint(os.getcwd())\n", "python", "name files relatively"),
    ],
)
def test_what_no_page_may_show_is_refused(
    session: Session, said: str, kind: str, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        session.answer(said, kind)


def test_what_a_page_does_wrong_is_not_shown_as_an_answer(session: Session) -> None:
    with pytest.raises(ValueError, match="ends with 2: geoasm: error: nowhere"):
        session.answer("geoasm explain nowhere 1\n")
    with pytest.raises(CalledProcessError):
        session.answer("print(unknown)\n", "python")
