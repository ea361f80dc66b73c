"""The [candidates] table of a profile: what is weighed, how much, and by which source."""

from __future__ import annotations

from geoasm.codes import EvidenceScope, FactorName, Precedent
from geoasm.model import CandidateRules, Factor
from geoasm.profile.sections import Section

_KM = 1000.0
# Factors whose value depends on a code need a value for each.
_VALUED = {
    FactorName.ACTIVE_HOLDER: (
        EvidenceScope.RIGHT,
        EvidenceScope.PRODUCTION_UNIT,
        EvidenceScope.UNIT_RADIUS,
    ),
    FactorName.PRECEDENT: tuple(Precedent),
}
_NUMBER = (int, float)


def parse_candidates(section: Section) -> CandidateRules | None:
    """
    Read the rules by which candidates are ranked; None where the profile has none.

    Raises
    ------
    ProfileError
        A key is missing or impossible, a factor is named twice or no weight is above nought.
    """
    if not section.has("factor"):
        section.done()
        return None
    factors = tuple(_factor(part) for part in section.sections("factor"))
    names = [factor.name for factor in factors]
    again = next((name for name in names if names.count(name) > 1), None)
    if again is not None:
        raise section.fault("factor", f"{str(again)!r} is weighed twice")
    if not sum(factor.weight for factor in factors) > 0:
        raise section.fault("factor", "no weight is above nought")
    rules = CandidateRules(
        factors=factors,
        reason_share=_share(section, "reason_share"),
        near_m=_positive(section, "near_m"),
        cluster_radius_m=_positive(section, "cluster_radius_m"),
        cluster_fewest=_count(section, "cluster_fewest"),
        crowd=_count(section, "crowd"),
        top=_count(section, "top"),
        draws=_count(section, "draws"),
        spread=_share(section, "spread"),
        seed=section.take("seed", int),
        reference=section.reference()[0],
    )
    section.done()
    return rules


def _factor(section: Section) -> Factor:
    name = FactorName(section.one_of("name", FactorName))
    weight = float(section.take("weight", _NUMBER))
    if weight < 0:
        raise section.fault("weight", "cannot be below nought; risks are known by their names")
    reference, verified = section.reference()
    bands = []
    if name is FactorName.OWN_PLANT:
        for band in section.sections("band"):
            bands.append((_positive(band, "up_to_km") * _KM, _share(band, "value")))
            band.done()
        if not bands or bands != sorted(bands):
            raise section.fault("band", "needs distances, the nearest first")
    values = {}
    if name in _VALUED:
        given = section.section("values")
        values = {str(code): _share(given, str(code)) for code in _VALUED[name]}
        given.done()
    section.done()
    return Factor(name, weight, reference, verified, tuple(bands), values)


def _positive(section: Section, key: str) -> float:
    value = float(section.take(key, _NUMBER))
    if not value > 0:
        raise section.fault(key, "must be above nought")
    return value


def _share(section: Section, key: str) -> float:
    value = float(section.take(key, _NUMBER))
    if not 0 <= value <= 1:
        raise section.fault(key, "must be from 0 to 1")
    return value


def _count(section: Section, key: str) -> int:
    value: int = section.take(key, int)
    if value < 1:
        raise section.fault(key, "must be 1 or more")
    return value
