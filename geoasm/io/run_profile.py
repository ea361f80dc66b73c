"""The country profile of a run that was made earlier: one of the package, or a folder of its maker's own."""

from __future__ import annotations

from pathlib import Path

from geoasm.errors import UnknownProfile
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.results import PRIVATE
from geoasm.io.study import read_study
from geoasm.io.study_text import STUDY
from geoasm.model import Result
from geoasm.profile import Profile


def profile_of(run: str | Path | Result, code: str) -> Profile:
    """
    Load the profile that a run was made with.

    Parameters
    ----------
    run
        Folder of a run, whose private part says where a profile of its maker's own lies; or a result.
    code
        Of the country, as the run's summary has it.

    Raises
    ------
    UnknownProfile
        It was a folder that is not there any more, or of which nothing says where it is.
    ProfileError
        The profile is wrong.
    """
    study = None if isinstance(run, Result) else Path(run) / PRIVATE / STUDY
    stated = read_study(study).profile if study is not None and study.is_file() else None
    name = stated or code
    if name in list_profiles() or Path(name).is_dir():
        return load_profile(name)
    if stated is not None:
        raise UnknownProfile(
            f"{run} was made with the profile in {name}, which is not there: put the folder back, or "
            "run again with --profile"
        )
    raise UnknownProfile(
        f"the run is of profile {code!r}, a folder of its maker's own, and does not say where that is "
        f"({PRIVATE}/{STUDY} is missing): run again with --profile FOLDER"
    )
