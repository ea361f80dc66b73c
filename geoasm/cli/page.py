"""What `map` and `report` share: a run is read, a page of it written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from geoasm.cli import terminal
from geoasm.errors import OptionError
from geoasm.io import atomic
from geoasm.io.kinds import unreplaced
from geoasm.io.results import PRIVATE, load_result
from geoasm.render.labels import Labels
from geoasm.screening import told_in

Drawer = Callable[..., str]


def write_page(
    run: Path,
    name: str,
    draw: Drawer,
    *,
    out: Path | None,
    lang: str | None,
    audience: str,
    overwrite: bool,
) -> None:
    """
    Write a page of a run and print where it is.

    Without `out` a public page goes into the run folder, an internal one into its `private/`.

    Raises
    ------
    OptionError
        A page with names would lie in the part of the run that may be published.
    """
    with unreplaced(run):
        result = load_result(run)
        if out is None:
            out = (run / PRIVATE if audience == "internal" else run) / name
        if audience == "internal":
            check_place(run, out)
        atomic.check_file(out, overwrite=overwrite)
        labels = Labels(lang or result.summary["language"])
        if labels.language != result.summary["language"]:
            result = told_in(result, labels, run)
        page = draw(result, labels, audience=audience)
    atomic.write_text(out, page, overwrite=overwrite)
    terminal.say(out)


def check_place(run: Path, out: Path) -> None:
    """
    Make sure that a file or folder with names does not lie in the part of a run that may be published.

    Raises
    ------
    OptionError
        It does.
    """
    place = out.resolve().parent
    if place.is_relative_to(run.resolve()) and not place.is_relative_to((run / PRIVATE).resolve()):
        raise OptionError(
            f"--out {out}: everything outside {PRIVATE}/ may be published; "
            f"put what is internal into {run / PRIVATE} or outside the run"
        )
