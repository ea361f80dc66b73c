"""What every page shares: the template environment, package files, and what a run must own up to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from geoasm.errors import OutputError, OutputExists
from geoasm.render.labels import Labels


@cache
def environment() -> jinja2.Environment:
    """Give the template environment: everything is escaped, a missing name is an error."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: package_text("templates", name)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def package_text(*parts: str) -> str:
    """Read a text file of this package."""
    return resources.files("geoasm.render").joinpath(*parts).read_text(encoding="utf-8")


def package_names(*parts: str) -> list[str]:
    """Name the files of a folder of this package, in order."""
    return sorted(file.name for file in resources.files("geoasm.render").joinpath(*parts).iterdir())


def title(summary: Mapping[str, Any], labels: Labels, fallback: str) -> str:
    """Give the run's own title, or the page's with the country."""
    own = summary.get("title")
    if own:
        return str(own)
    country = labels.pick(summary["profile_name"], summary["profile"])
    return f"{labels.text(fallback)} · {country}"


def untested(summary: Mapping[str, Any], labels: Labels) -> str | None:
    """Say which layers and tables were not given; None where all were."""
    roles = summary["untested"]
    if not roles:
        return None
    return labels.text("map.untested", roles=", ".join(labels.role(role) for role in roles))


def assumed(summary: Mapping[str, Any], labels: Labels) -> list[str]:
    """Say which values were assumed."""
    return [
        labels.text("map.assumed", field=field, value=value)
        for field, value in sorted(summary["assumed"].items())
    ]


def write(text: str, path: Path, *, overwrite: bool = False) -> None:
    """
    Write a page whole or not at all.

    Raises
    ------
    OutputExists
        The file exists and `overwrite` is not set.
    OutputError
        The folder does not exist or cannot be written.
    """
    partial = path.parent / f".{path.name}.partial"
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file with --out")
        if path.exists() and not overwrite:
            raise OutputExists(
                f"{path}: exists; add --overwrite to replace it, or choose another --out"
            )
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    except OSError as err:
        with suppress(OSError):  # a place that is no folder has none
            partial.unlink()
        raise OutputError(
            f"{path}: cannot be written ({err.strerror}); choose another --out"
        ) from err
