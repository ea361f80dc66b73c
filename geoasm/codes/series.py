"""Codes of a series of runs: what differs between two of them beside the ground itself."""

from __future__ import annotations

from enum import StrEnum


class MethodChange(StrEnum):
    """What of a run is not as it was in the run before, so that a step may be no change on the ground."""

    VERSION = "version"  # of geoasm
    PROFILE = "profile"  # anything that the profile says
    LAW = "law"  # rules and parameters of the day
    OPTIONS = "options"
    INPUTS = "inputs"  # layers and tables given
    OLDER_DATA = "older_data"  # a file with data from before those of the run before
    SAME_FILE = "same_file"  # register or cadastre: the very file of the run before
    FAILED = "failed"  # the run itself says that something is wrong with it


# Those after which a share means something else; the others say what a share rests on.
BREAKS = (
    MethodChange.VERSION,
    MethodChange.PROFILE,
    MethodChange.LAW,
    MethodChange.OPTIONS,
    MethodChange.INPUTS,
)
