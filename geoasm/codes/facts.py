"""What is known of rights, holders and registrants, and how."""

from __future__ import annotations

from enum import StrEnum


class HolderStratum(StrEnum):
    """Scale of a holder: the general regime, or small-scale and artisanal."""

    LSM_MSM = "lsm_msm"
    SMALL_SCALE = "small_scale"
    UNKNOWN = "unknown"


class StratumBasis(StrEnum):
    """What a stratum rests on, from the surest to the weakest."""

    OFFICIAL = "official"
    PRODUCTION = "production"
    LICENCE_TYPE = "licence_type"
    HECTARES_OVER_LIMIT = "hectares_over_limit"
    PRESUMED_SMALL = "presumed_small"
    NONE = "none"


class HolderActivity(StrEnum):
    """What the evidence on a right adds up to."""

    ACTIVE = "active"
    IDLE = "idle"
    NO_EVIDENCE = "no_evidence"


class EvidenceKind(StrEnum):
    """What speaks of whether a right is worked."""

    PRODUCTION = "production"
    MINING_UNIT = "mining_unit"
    EXPLORATION = "exploration"
    PLANT = "plant"
    PERMIT = "permit"
    PENALTY = "penalty"
    FOOTPRINT = "footprint"
    FILING = "filing"


class EvidenceSays(StrEnum):
    """What evidence means where it counts; `disputes`: against idleness, and no proof of work."""

    WORKED = "worked"
    NOT_WORKED = "not_worked"
    DISPUTES = "disputes"
    CONTEXT = "context"


class EvidenceScope(StrEnum):
    """Where evidence stands, seen from a right."""

    RIGHT = "right"
    PRODUCTION_UNIT = "production_unit"
    UNIT_RADIUS = "unit_radius"
    ELSEWHERE = "elsewhere"


class UnitStage(StrEnum):
    """What goes on at a mining unit or plant."""

    OPERATING = "operating"
    EXPLORING = "exploring"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class UnitSubstance(StrEnum):
    """What a unit produces, as far as the radius of a production unit depends on it."""

    METALLIC = "metallic"
    BULK = "bulk"  # iron, coal, non-metallic
    ALLUVIAL = "alluvial"
    UNKNOWN = "unknown"


class Setting(StrEnum):
    """Ground on which a registration stands."""

    HARD_ROCK = "hard_rock"
    ALLUVIAL = "alluvial"
    UNKNOWN = "unknown"


class OwnBasis(StrEnum):
    """What says that registrant and holder are the same."""

    RUC = "ruc"
    NAME = "name"
    ALIAS = "alias"


class ConcessionStatus(StrEnum):
    """What a right is worth on the day."""

    TITLED = "titled"
    PENDING = "pending"
    EXTINCT = "extinct"
    OTHER = "other"
    UNKNOWN = "unknown"


class RegistrationStatus(StrEnum):
    """Standing of an entry in the register."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


class Activity(StrEnum):
    """What a registration is for."""

    EXTRACTION = "extraction"
    PROCESSING = "processing"
    UNKNOWN = "unknown"


class PartyKind(StrEnum):
    """Whether a party is a person or a legal entity."""

    NATURAL = "natural"
    LEGAL = "legal"
    UNKNOWN = "unknown"


class Substance(StrEnum):
    """What a title was granted for, or a registrant says to mine."""

    METALLIC = "metallic"
    NON_METALLIC = "non_metallic"
    UNKNOWN = "unknown"
