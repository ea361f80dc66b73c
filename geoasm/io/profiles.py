"""Country profiles from the package, or from a user's own folder."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from geoasm.errors import OutputExists, ProfileError, UnknownProfile
from geoasm.io import atomic
from geoasm.io.kinds import check_place
from geoasm.io.paths import expanded, is_there
from geoasm.profile import FILES, OPTIONAL_FILES, Profile, parse_profile

TEMPLATE = "profile_template"  # beside the profiles, so that it is none of them
_COLUMNS = "columns.toml"  # what a draft looks for in files


def list_profiles() -> list[str]:
    """Name the profiles that come with the package, sorted."""
    return sorted(p.name for p in _shipped().iterdir() if _is_profile(p))


def load_profile(name: str) -> Profile:
    """
    Load a profile and check it whole.

    Parameters
    ----------
    name
        Name of a profile of the package ("pe"), or the path of a folder with the same four files.

    Returns
    -------
    profile
        The country, whole and checked.

    Raises
    ------
    UnknownProfile
        There is none of that name.
    ProfileError
        A file is missing or wrong; the text names file and key, or file and line.
    """
    if name in list_profiles():
        return _load_shipped(name)
    return _load(_folder(name))


def read_template() -> tuple[dict[str, str], dict[str, Any]]:
    """Give the texts from which profiles are drafted, and what a draft looks for in files."""
    folder = files("geoasm") / TEMPLATE
    texts = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.is_file()}
    return texts, tomllib.loads(texts.pop(_COLUMNS))


def check_new(folder: Path) -> None:
    """
    Make sure that nothing stands where a new profile is to be.

    Raises
    ------
    OutputExists, OutputError
        Something does: a profile is a person's work and never replaced; or it would lie in a finished run.
    """
    check_place(folder)
    if os.path.lexists(folder):
        raise OutputExists(
            f"{folder} exists, and a profile is somebody's work that is never overwritten: name another "
            "place with --out, or move the folder away first"
        )


def save_profile(texts: Mapping[str, str], folder: Path) -> Path:
    """
    Write the files of a new profile, whole or not at all.

    Raises
    ------
    OutputExists, OutputError
        The folder exists, lies in a finished run, or the disk refuses.
    """
    check_new(folder)
    with atomic.whole_folder(
        folder, overwrite=False, replaceable=lambda _: False, what="a new profile"
    ) as fresh:
        for name, text in texts.items():
            atomic.write_text(fresh / name, text)
    return folder


@cache
def _load_shipped(name: str) -> Profile:
    return replace(_load(_shipped() / name), is_shipped=True)


def _load(folder: Traversable) -> Profile:
    given = [file for file in OPTIONAL_FILES if (folder / file).is_file()]
    documents = {file: _parsed(folder, file) for file in (*FILES, *given)}
    return parse_profile(folder.name, documents)


def _shipped() -> Traversable:
    return files("geoasm") / "profiles"


def _is_profile(folder: Traversable) -> bool:
    return folder.is_dir() and (folder / FILES[0]).is_file()


def _folder(name: str) -> Traversable:
    own = expanded(name)
    if name.strip() and is_there(own) and own.is_dir():
        return own.resolve()
    known = ", ".join(list_profiles())
    if "/" in name or os.sep in name:
        raise UnknownProfile(
            f"no folder {name}, so no profile either: put it there, or name one of {known}"
        )
    raise UnknownProfile(
        f"no profile {name!r}; there are {known}, and --profile takes the path of a folder too"
    )


def _parsed(folder: Traversable, file: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads((folder / file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProfileError(
            f"profile {folder.name} has no {file}; a profile is {', '.join(FILES)}"
        ) from None
    except UnicodeDecodeError:
        raise ProfileError(f"{folder.name}/{file} is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as err:
        raise ProfileError(f"{folder.name}/{file}: {err}") from None
