"""How large a simulated world is, and in which shares things stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Protocol

from geoasm.codes import AsmClass, Role
from geoasm.errors import OptionError
from geoasm.law import Law
from geoasm.model import CrsPlan, Legend, PartyRules, RoleSpec

DEFAULT_ON = date(2026, 1, 1)

# Shares of registrations by the class that their place gives them; they sum to one.
CLASS_SHARES: Mapping[AsmClass, float] = MappingProxyType(
    {
        AsmClass.OWN_TITLE: 0.07,
        AsmClass.ON_LSM_MSM: 0.16,
        AsmClass.ON_SMALL_SCALE: 0.36,
        AsmClass.ON_UNKNOWN_HOLDER: 0.06,
        AsmClass.ON_IDLE_CLAIM: 0.07,
        AsmClass.ON_PENDING_CLAIM: 0.05,
        AsmClass.ON_EXTINCT_CLAIM: 0.04,
        AsmClass.ON_OTHER_RIGHT: 0.02,
        AsmClass.IN_ASM_ZONE: 0.04,
        AsmClass.OPEN_GROUND: 0.06,
        AsmClass.PROHIBITED_AREA: 0.03,
        AsmClass.AMBIGUOUS: 0.02,
        AsmClass.UNLOCATABLE: 0.02,
    }
)


class Country(Protocol):
    """What a simulation needs of a country profile."""

    @property
    def code(self) -> str:
        """Name of the profile."""
        ...

    @property
    def crs(self) -> CrsPlan:
        """Systems and zones."""
        ...

    @property
    def roles(self) -> Mapping[Role, RoleSpec]:
        """Columns and codes of each role."""
        ...

    @property
    def parties(self) -> PartyRules:
        """How names are told apart."""
        ...

    @property
    def law(self) -> Law:
        """Law over time."""
        ...

    @property
    def legends(self) -> Mapping[Role, tuple[Legend, ...]]:
        """What values of rasters mean."""
        ...


@dataclass(frozen=True)
class Scale:
    """
    Size of a world; each zone of the country gets one block of ground.

    `block_deg` is a block's width and height (degrees); `lattice` its districts across and up,
    `province` and `region` how many districts make one of these. Of the rights off the grid
    `right_angled_share` have right angles only (of Cajamarca's, six in ten): the sample has none,
    so that its few shapes are as odd as they can be.
    """

    name: str
    rights: int  # in force, pending and other
    extinct: int
    registrations: int
    block_deg: tuple[float, float]
    lattice: tuple[int, int]
    province: tuple[int, int]
    region: tuple[int, int]
    centres: int  # mining centres in a block
    fault_share: float = 0.04
    right_angled_share: float = 0.6
    extinct_grid_share: float = 0.7
    shares: Mapping[AsmClass, float] = field(default_factory=lambda: CLASS_SHARES)


SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        s.name: s
        for s in (
            Scale(
                "sample",
                380,
                40,
                600,
                (0.36, 0.36),
                (2, 1),
                (1, 1),
                (2, 1),
                3,
                right_angled_share=0.0,
                extinct_grid_share=0.5,
            ),
            Scale("region", 3_800, 300, 8_000, (1.2, 1.2), (6, 6), (3, 2), (6, 6), 9),
            Scale("national", 60_000, 4_000, 90_000, (3.2, 7.0), (16, 32), (4, 4), (8, 8), 120),
        )
    }
)


def scale(
    name: str,
    *,
    registrations: int | None = None,
    extinct: int | None = None,
    fault_share: float | None = None,
) -> Scale:
    """
    Give a named scale, with other counts where asked.

    Raises
    ------
    OptionError
        No such scale, or a count that cannot be.
    """
    if name not in SCALES:
        raise OptionError(f"--scale {name}: is none of {', '.join(SCALES)}")
    found = SCALES[name]
    if registrations is not None:
        if registrations < 1:
            raise OptionError(f"--registrations {registrations}: must be 1 or more")
        found = replace(found, registrations=registrations)
    if extinct is not None:
        if extinct < 0:
            raise OptionError(f"--extinct {extinct}: must be 0 or more")
        found = replace(found, extinct=extinct)
    if fault_share is not None:
        if not 0 <= fault_share <= 0.5:
            raise OptionError(f"--faults {fault_share}: must be between 0 and 0.5")
        found = replace(found, fault_share=fault_share)
    return found
