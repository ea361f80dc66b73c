"""The closed vocabularies: every code that a column, a rule or an issue may carry."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class AsmClass(StrEnum):
    """Where a registration stands in law: one per registration, a fact and never a verdict."""

    OWN_TITLE = "own_title"
    ON_LSM_MSM = "on_lsm_msm"
    ON_SMALL_SCALE = "on_small_scale"
    ON_UNKNOWN_HOLDER = "on_unknown_holder"
    ON_IDLE_CLAIM = "on_idle_claim"
    ON_PENDING_CLAIM = "on_pending_claim"
    ON_EXTINCT_CLAIM = "on_extinct_claim"
    ON_OTHER_RIGHT = "on_other_right"
    IN_ASM_ZONE = "in_asm_zone"
    OPEN_GROUND = "open_ground"
    PROHIBITED_AREA = "prohibited_area"
    AMBIGUOUS = "ambiguous"
    UNLOCATABLE = "unlocatable"


class Pathway(StrEnum):
    """The way to formality that is open from a class."""

    COMPLETE_FORMALIZATION = "complete_formalization"
    COEXISTENCE_AGREEMENT = "coexistence_agreement"
    ACCESS_CONTRACT = "access_contract"
    VERIFY_HOLDER = "verify_holder"
    TITLE_REFORM = "title_reform"
    AWAIT_TITLE = "await_title"
    STATE_ACQUISITION = "state_acquisition"
    VERIFY_RIGHT = "verify_right"
    CLAIM_GROUND = "claim_ground"
    NONE_PROHIBITED = "none_prohibited"
    VERIFY_RIGHTS = "verify_rights"
    VERIFY_LOCATION = "verify_location"


PATHWAY_OF_CLASS: Mapping[AsmClass, Pathway] = {
    AsmClass.OWN_TITLE: Pathway.COMPLETE_FORMALIZATION,
    AsmClass.ON_LSM_MSM: Pathway.COEXISTENCE_AGREEMENT,
    AsmClass.ON_SMALL_SCALE: Pathway.ACCESS_CONTRACT,
    AsmClass.ON_UNKNOWN_HOLDER: Pathway.VERIFY_HOLDER,
    AsmClass.ON_IDLE_CLAIM: Pathway.TITLE_REFORM,
    AsmClass.ON_PENDING_CLAIM: Pathway.AWAIT_TITLE,
    AsmClass.ON_EXTINCT_CLAIM: Pathway.STATE_ACQUISITION,
    AsmClass.ON_OTHER_RIGHT: Pathway.VERIFY_RIGHT,
    AsmClass.IN_ASM_ZONE: Pathway.COMPLETE_FORMALIZATION,
    AsmClass.OPEN_GROUND: Pathway.CLAIM_GROUND,
    AsmClass.PROHIBITED_AREA: Pathway.NONE_PROHIBITED,
    AsmClass.AMBIGUOUS: Pathway.VERIFY_RIGHTS,
    AsmClass.UNLOCATABLE: Pathway.VERIFY_LOCATION,
}


class TitleRelation(StrEnum):
    OWN = "own"
    THIRD_PARTY = "third_party"
    PENDING = "pending"
    EXTINCT = "extinct"
    OTHER_RIGHT = "other_right"
    NONE = "none"
    UNKNOWN = "unknown"


class HolderStratum(StrEnum):
    LSM_MSM = "lsm_msm"
    SMALL_SCALE = "small_scale"
    UNKNOWN = "unknown"


class StratumBasis(StrEnum):
    OFFICIAL = "official"
    PRODUCTION = "production"
    HECTARES_OVER_LIMIT = "hectares_over_limit"
    PRESUMED_SMALL = "presumed_small"
    LICENCE_TYPE = "licence_type"
    NONE = "none"


class HolderActivity(StrEnum):
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
    HARD_ROCK = "hard_rock"
    ALLUVIAL = "alluvial"
    UNKNOWN = "unknown"


class OwnBasis(StrEnum):
    """What says that registrant and holder are the same."""

    RUC = "ruc"
    NAME = "name"
    ALIAS = "alias"


class ConcessionStatus(StrEnum):
    TITLED = "titled"
    PENDING = "pending"
    EXTINCT = "extinct"
    OTHER = "other"
    UNKNOWN = "unknown"


class RegistrationStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


class Activity(StrEnum):
    EXTRACTION = "extraction"
    PROCESSING = "processing"
    UNKNOWN = "unknown"


class PartyKind(StrEnum):
    NATURAL = "natural"
    LEGAL = "legal"
    UNKNOWN = "unknown"


class DeclaredRelation(StrEnum):
    AGREES = "agrees"
    NEAR = "near"
    ELSEWHERE = "elsewhere"
    EXTINCT = "extinct"
    UNKNOWN_CODE = "unknown_code"
    NONE = "none"


class Basis(StrEnum):
    """Which locator gave the class: the point, or the declared right where no point is usable."""

    SPATIAL = "spatial"
    DECLARED = "declared"


class PairRole(StrEnum):
    """Place of a right in the stack at a point; `adjoining`: near the point, not over it."""

    PRIOR = "prior"
    LATER = "later"
    SIMULTANEOUS = "simultaneous"
    EXTINCT = "extinct"
    ADJOINING = "adjoining"
    UNKNOWN = "unknown"


class Flag(StrEnum):
    EDGE_UNCERTAIN = "edge_uncertain"
    DATUM_SENSITIVE = "datum_sensitive"
    ZONE_SENSITIVE = "zone_sensitive"
    STACKED = "stacked"
    OWN_TITLE_CONTESTED = "own_title_contested"
    CO_HOLDER = "co_holder"
    SUBSTANCE_MISMATCH = "substance_mismatch"
    SURFACE_COMMUNITY = "surface_community"
    EXTINCT_FREE = "extinct_free"
    EXTINCT_NOT_FREE = "extinct_not_free"
    EXTINCT_ANAP = "extinct_anap"
    OWN_PENDING = "own_pending"
    HAS_CONTRACT = "has_contract"
    MOBILE_OPERATOR = "mobile_operator"
    RIGHT_OLDER_THAN_AREA = "right_older_than_area"
    ACTIVITY_CONFLICT = "activity_conflict"
    DECLARED_MISMATCH = "declared_mismatch"


RESTRICTED_FLAG = "restricted:"  # followed by the type of the soft area
UNTESTED_FLAG = "untested:"  # followed by the role that was not given


class ClosureLevel(StrEnum):
    """`hard` closes the ground to mining, `soft` restricts it, `info` only informs."""

    HARD = "hard"
    SOFT = "soft"
    INFO = "info"


class Expectation(StrEnum):
    """Floors that a profile may state of a run; one missed ends it with exit code 1."""

    MIN_LOCATED_SHARE = "min_located_share"  # of the registrations
    MIN_KNOWN_STATUS_SHARE = "min_known_status_share"  # of the rights
    MIN_READ_SHARE = "min_read_share"  # of the records of every file


class Action(StrEnum):
    """What became of a doubtful row."""

    MENDED = "mended"
    DOUBTED = "doubted"
    SET_ASIDE = "set_aside"


class Problem(StrEnum):
    """Everything that an issue row can say is wrong."""

    UNREADABLE_RECORD = "unreadable_record"
    DUPLICATE_RECORD = "duplicate_record"
    DUPLICATE_ID = "duplicate_id"
    MERGED_PARTS = "merged_parts"
    EARLIER_VISIT = "earlier_visit"
    MISSING_ID = "missing_id"
    RESTORED_ZEROS = "restored_zeros"
    MOJIBAKE = "mojibake"
    UNKNOWN_CODE = "unknown_code"
    DOUBTFUL_STATUS = "doubtful_status"
    STATUS_CONFLICT = "status_conflict"
    MISSING_STATUS = "missing_status"
    MISSING_HOLDER = "missing_holder"
    MISSING_DATE = "missing_date"
    MISSING_VALUE = "missing_value"
    UNREADABLE_DATE = "unreadable_date"
    FUTURE_DATE = "future_date"
    MONTH_FIRST_DATE = "month_first_date"
    UNREADABLE_NUMBER = "unreadable_number"
    INVALID_RUC = "invalid_ruc"
    UNUSED_COLUMN = "unused_column"
    ASSUMED_VALUE = "assumed_value"
    UNKNOWN_TYPE = "unknown_type"
    EMPTY_GEOMETRY = "empty_geometry"
    INVALID_GEOMETRY = "invalid_geometry"
    SELF_OVERLAP = "self_overlap"
    HEIGHTS_DROPPED = "heights_dropped"
    WRONG_GEOMETRY_TYPE = "wrong_geometry_type"
    CURVED_GEOMETRY = "curved_geometry"
    ZONE_MISMATCH = "zone_mismatch"
    AREA_MISMATCH = "area_mismatch"
    OUTSIDE_COUNTRY = "outside_country"
    NULL_POSITION = "null_position"
    ZERO_POSITION = "zero_position"
    UNREADABLE_POSITION = "unreadable_position"
    SWAPPED_AXES = "swapped_axes"
    WRONG_SIGN = "wrong_sign"
    WRONG_ZONE = "wrong_zone"
    LOST_DIGIT = "lost_digit"
    MISSING_FALSE_NORTHING = "missing_false_northing"
    SEVERAL_READINGS = "several_readings"
    ELSEWHERE_THAN_DECLARED = "elsewhere_than_declared"
    UNKNOWN_RIGHT = "unknown_right"
    UNKNOWN_HOLDER = "unknown_holder"
    AMBIGUOUS_NAME = "ambiguous_name"
    TRUNCATED_NAME = "truncated_name"
    NO_NAME = "no_name"
    UNNAMED_HOLDERS = "unnamed_holders"
    SEVERAL_GROUPS = "several_groups"
    STRATUM_CONFLICT = "stratum_conflict"
    NEGATIVE_AMOUNT = "negative_amount"
    LATER_FACT = "later_fact"
    UNKNOWN_CLASS = "unknown_class"
    OUTSIDE_RASTER = "outside_raster"
    OTHER_GRID = "other_grid"


class Role(StrEnum):
    """What a file is to a run; the option names of the command line."""

    CONCESSIONS = "concessions"
    REGISTRATIONS = "registrations"
    PROTECTED_AREAS = "protected_areas"
    BUFFER_ZONES = "buffer_zones"
    ASM_ZONES = "asm_zones"
    MINING_CORRIDOR = "mining_corridor"
    COMMUNITIES = "communities"
    ADMIN = "admin"
    MINING_UNITS = "mining_units"
    PLANTS = "plants"
    RIVERS = "rivers"
    RESTRICTED_AREAS = "restricted_areas"
    ANAP = "anap"
    ROADS = "roads"
    STRATA = "strata"
    GROUPS = "groups"
    PRODUCTION = "production"
    PENALTIES = "penalties"
    CONTRACTS = "contracts"
    IGAFOM = "igafom"
    HOLDERS = "holders"
    ALIASES = "aliases"
    PRODUCTION_UNITS = "production_units"
    PERMITS = "permits"
    ACTIVITY = "activity"
    ELEVATION = "elevation"


MAIN_ROLES = (Role.CONCESSIONS, Role.REGISTRATIONS)
TABLE_ROLES = (
    Role.STRATA,
    Role.GROUPS,
    Role.PRODUCTION,
    Role.PENALTIES,
    Role.CONTRACTS,
    Role.IGAFOM,
    Role.HOLDERS,
    Role.ALIASES,
    Role.PRODUCTION_UNITS,
    Role.PERMITS,
)
RASTER_ROLES = (Role.ACTIVITY, Role.ELEVATION)
LAYER_ROLES = tuple(r for r in Role if r not in (*MAIN_ROLES, *TABLE_ROLES, *RASTER_ROLES))


class FieldKind(StrEnum):
    """How the values of a source column are read."""

    CODE = "code"  # text kept to the letter, leading zeros restored where provable
    TEXT = "text"
    NAME = "name"  # a person's or firm's name: private
    RUC = "ruc"  # an identity number of a person or firm: private
    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    VOCABULARY = "vocabulary"
