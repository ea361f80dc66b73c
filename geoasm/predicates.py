"""
Facts that a rule may name, each a vectorised nullable boolean.

A fact looks at *situations*: one row per registration and right that covers it, and one row without
a right per registration. NA means that the sources should say and do not. A layer or table that was
not given makes its facts False, never NA.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from geoasm.codes import ConcessionStatus, HolderActivity, HolderStratum

Fact = Callable[[pd.DataFrame], pd.Series]

SITUATION_COLUMNS: Final = {
    "located": "boolean",
    "in_closed_area": "boolean",
    "outside_corridor": "boolean",
    "in_asm_zone": "boolean",
    "right_status": "str",  # missing where no right covers the point
    "same_holder": "boolean",
    "holder_stratum": "str",  # missing where no strata source was given
    "holder_activity": "str",
}

_FACTS: dict[str, Fact] = {}


def predicate(function: Fact) -> Fact:
    """Register a fact under its function's name."""
    _FACTS[function.__name__] = function
    return function


def facts() -> Mapping[str, Fact]:
    """Give every fact that a rule may name."""
    return _FACTS


def _is(situations: pd.DataFrame, column: str, value: str) -> pd.Series:
    return (situations[column] == value).fillna(False).astype("boolean")


@predicate
def unlocated(situations: pd.DataFrame) -> pd.Series:
    """The registration has no usable position."""
    return ~situations["located"].astype("boolean")


@predicate
def in_closed_area(situations: pd.DataFrame) -> pd.Series:
    """An area that the profile calls hard covers the point."""
    return situations["in_closed_area"].astype("boolean")


@predicate
def outside_corridor(situations: pd.DataFrame) -> pd.Series:
    """The point is in the corridor's region and not in the corridor; False unless both are given."""
    return situations["outside_corridor"].astype("boolean")


@predicate
def in_asm_zone(situations: pd.DataFrame) -> pd.Series:
    """Ground set aside for ASM covers the point."""
    return situations["in_asm_zone"].astype("boolean")


@predicate
def no_right(situations: pd.DataFrame) -> pd.Series:
    """The situation has no right: it speaks of the ground alone."""
    return situations["right_status"].isna().astype("boolean")


@predicate
def status_unknown(situations: pd.DataFrame) -> pd.Series:
    """A right covers the point and nobody can say whether it is in force."""
    return _is(situations, "right_status", ConcessionStatus.UNKNOWN)


@predicate
def in_force(situations: pd.DataFrame) -> pd.Series:
    """The right is a title in force."""
    return _is(situations, "right_status", ConcessionStatus.TITLED)


@predicate
def pending(situations: pd.DataFrame) -> pd.Series:
    """The right is an application."""
    return _is(situations, "right_status", ConcessionStatus.PENDING)


@predicate
def extinct(situations: pd.DataFrame) -> pd.Series:
    """The right is extinct."""
    return _is(situations, "right_status", ConcessionStatus.EXTINCT)


@predicate
def other_right(situations: pd.DataFrame) -> pd.Series:
    """The right is a quarry, plant, tailings or transport right."""
    return _is(situations, "right_status", ConcessionStatus.OTHER)


@predicate
def same_holder(situations: pd.DataFrame) -> pd.Series:
    """The registrant holds the right; NA where holder or registrant is not known."""
    return situations["same_holder"].astype("boolean")


@predicate
def idle(situations: pd.DataFrame) -> pd.Series:
    """Evidence says that the holder does not work the right; never NA, absence proves nothing."""
    return _is(situations, "holder_activity", HolderActivity.IDLE)


@predicate
def holder_lsm_msm(situations: pd.DataFrame) -> pd.Series:
    """The holder is large or medium-scale; NA where strata are given and do not say."""
    return _stratum(situations, HolderStratum.LSM_MSM)


@predicate
def holder_small_scale(situations: pd.DataFrame) -> pd.Series:
    """The holder is small-scale or artisanal; NA where strata are given and do not say."""
    return _stratum(situations, HolderStratum.SMALL_SCALE)


def _stratum(situations: pd.DataFrame, stratum: HolderStratum) -> pd.Series:
    column = situations["holder_stratum"]
    known = _is(situations, "holder_stratum", stratum)
    return known.mask(column == HolderStratum.UNKNOWN, pd.NA)
