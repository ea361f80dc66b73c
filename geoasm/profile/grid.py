"""The [grid] table of a profile: the official grid on which claims are drawn, and how it is searched."""

from __future__ import annotations

from geoasm.codes import ConcessionStatus
from geoasm.model import ClaimGrid
from geoasm.profile.sections import Section

# An extinct right never blocks for good: the day from which it is free decides.
_STATUSES = tuple(s for s in ConcessionStatus if s is not ConcessionStatus.EXTINCT)
_NUMBER = (int, float)


def parse_grid(section: Section) -> ClaimGrid | None:
    """
    Read the grid of claims; None where the country has none.

    Raises
    ------
    ProfileError
        A key is missing or impossible.
    """
    if not section.has("cell_m"):
        section.done()
        return None
    reference, verified = section.reference()
    claim, search = section.section("claim"), section.section("search")
    claim_reference, claim_verified = claim.reference()
    search_reference, search_verified = search.reference()
    origin = section.numbers("origin_m")
    if len(origin) != 2:
        raise section.fault("origin_m", "must be easting and northing of a vertex")
    grid = ClaimGrid(
        cell_m=_positive(section, "cell_m"),
        origin_m=(origin[0], origin[1]),
        starts_on=section.day("from"),
        least_ha=_positive(claim, "least_ha"),
        most_ha=_positive(claim, "most_ha"),
        ring_cells=search.take("ring_cells", int),
        blocking=tuple(search.some_of("blocking", _STATUSES)),
        border_gap_m=_positive(search, "border_gap_m"),
        references={
            "grid": (reference, verified),
            "claim": (claim_reference, claim_verified),
            "search": (search_reference, search_verified),
        },
    )
    if grid.most_ha < grid.least_ha:
        raise claim.fault("most_ha", "is below least_ha")
    if grid.ring_cells < 0:
        raise search.fault("ring_cells", "cannot be below nought")
    for part in (section, claim, search):
        part.done()
    return grid


def _positive(section: Section, key: str) -> float:
    value = float(section.take(key, _NUMBER))
    if not value > 0:
        raise section.fault(key, "must be above nought")
    return value
