"""The country profile of a run that was made earlier: one of the package, or a folder of its maker's own."""

from __future__ import annotations

from pathlib import Path

from geoasm.errors import UnknownProfile
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.results import PRIVATE
from geoasm.io.study import read_study
from geoasm.io.study_text import STUDY
from geoasm.manifest import digest
from geoasm.model import Result
from geoasm.profile import Profile


def profile_of(run: str | Path | Result, result: Result) -> Profile:
    """
    Load the profile that a run was made with.

    Parameters
    ----------
    run
        Folder of a run, whose private part says where a profile of its maker's own lies; or a result.
    result
        What the run found; its manifest says whose profile it was made with.

    Raises
    ------
    UnknownProfile
        It was a folder that is not there any more, or of which nothing says where it is.
    ProfileError
        The profile is wrong.
    """
    study = None if isinstance(run, Result) else Path(run) / PRIVATE / STUDY
    stated = read_study(study).profile if study is not None and study.is_file() else None
    if stated is not None:
        if stated in list_profiles() or Path(stated).is_dir():
            return load_profile(stated)
        raise UnknownProfile(
            f"{run} was made with the profile in {stated}, which is not there: put the folder back, or "
            "run again with --profile"
        )
    code = str(result.summary["profile"])
    if code in list_profiles():
        shipped = load_profile(code)
        # Another release's profile of the package serves; a folder that bears its code does not.
        if result.manifest.get("profile_is_shipped", True) or digest(
            shipped
        ) == result.manifest.get("profile_sha256"):
            return shipped
    raise UnknownProfile(
        f"the run is of profile {code!r}, a folder of its maker's own, and does not say where that is "
        f"({PRIVATE}/{STUDY} is missing): run again with --profile FOLDER"
    )
