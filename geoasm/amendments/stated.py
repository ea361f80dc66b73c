"""A scenario as its file states it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from geoasm.codes import AsmClass, ClosureLevel, MeasureKind
from geoasm.errors import OptionError
from geoasm.law import Value


@dataclass(frozen=True)
class Where:
    """
    Which rights a measure is about: those of the baseline that meet every condition that is stated.

    Of several values of one condition any will do. A region is that of the right's middle, or of the
    registrations on it where the run has no layer of regions.
    """

    status: tuple[str, ...] = ()
    holder_activity: tuple[str, ...] = ()
    holder_stratum: tuple[str, ...] = ()
    substance: tuple[str, ...] = ()
    admin_1: tuple[str, ...] = ()
    concession_id: tuple[str, ...] = ()
    holder: tuple[str, ...] = ()  # names, numbers in the run, or identity numbers
    min_registrations: int | None = None
    candidate: bool | None = None
    own_title: bool | None = (
        None  # its holder is registered on it; not: nor may anybody there be it
    )


@dataclass(frozen=True)
class Measure:
    """One thing that is supposed of rights; `free`: lapsed ground may be claimed at once."""

    kind: MeasureKind
    where: Where
    free: bool = False


@dataclass(frozen=True)
class RuleChange:
    """A rule that is left out, or leads to other classes."""

    off: bool = False
    then: AsmClass | None = None
    unknown: AsmClass | None = None


@dataclass(frozen=True)
class LevelChange:
    """Another level for all ground of one code."""

    code: str
    level: ClosureLevel


@dataclass(frozen=True)
class Scenario:
    """
    What a run supposes in the place of what is.

    `file` is the name that errors give. Texts are by language.
    """

    file: str
    names: Mapping[str, str]
    why: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""
    verified: bool = False
    on: date | None = None
    position_sigma_m: float | None = None
    stacked: str | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    rules: Mapping[str, RuleChange] = field(default_factory=dict)
    area_levels: tuple[LevelChange, ...] = ()
    measures: tuple[Measure, ...] = ()

    def fault(self, key: str, message: str) -> OptionError:
        """Make the error for a key of the scenario's file."""
        return OptionError(f"{self.file}: {key}: {message}")

    def unknown(self, key: str, name: str, known: Iterable[str], what: str) -> OptionError:
        """Make the error for a name that the run or its law does not have, with the nearest."""
        choices = sorted(set(known))
        near = difflib.get_close_matches(name, choices, n=3)
        if near:
            hint = f"did you mean {' or '.join(near)}?"
        else:
            hint = f"there are {', '.join(choices)}" if len(choices) < 20 else "none is near"
        return self.fault(key, f"{what} {name!r}; {hint}")
