"""The [comparison] table of a profile: what two runs may differ in and still mean the same."""

from __future__ import annotations

from geoasm.model import ComparisonRules
from geoasm.profile.sections import Section

_LENGTHS = ("same_point_m", "same_outline_m", "same_site_m")
_SHARES = ("same_ground_share", "certainty_step")


def parse_comparison(section: Section) -> ComparisonRules | None:
    """
    Read by how much two runs may differ in the same; None where the profile does not say.

    Raises
    ------
    ProfileError
        A key is missing or impossible.
    """
    if not section.has(_LENGTHS[0]):
        section.done()
        return None
    values = {key: float(section.take(key, (int, float))) for key in (*_LENGTHS, *_SHARES)}
    for key in _LENGTHS:
        if not values[key] > 0:
            raise section.fault(key, "must be above nought")
    for key in _SHARES:
        if not 0 < values[key] <= 1:
            raise section.fault(key, "must be a share above 0, at most 1")
    rules = ComparisonRules(**values, reference=section.reference()[0])
    section.done()
    return rules
