"""What files are to a run, how their columns are read, and what can be wrong with a row."""

from __future__ import annotations

from enum import StrEnum


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
    MIN_WITHIN_SHARE = "min_within_share"  # of the registrations, where the cadastre reaches
    MIN_KNOWN_DECLARED_SHARE = "min_known_declared_share"  # of the rights that are declared


class Fault(StrEnum):
    """What can be wrong with a run as a whole; any of it ends with exit code 1."""

    MIN_LOCATED_SHARE = "min_located_share"
    MIN_KNOWN_STATUS_SHARE = "min_known_status_share"
    MIN_READ_SHARE = "min_read_share"
    MIN_WITHIN_SHARE = "min_within_share"
    MIN_KNOWN_DECLARED_SHARE = "min_known_declared_share"
    CUT_SHORT = "cut_short"
    ROWS_LOST = "rows_lost"
    NOT_COUNTED = "not_counted"
    GROUND_LOST = "ground_lost"


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
    LOST_CHARACTERS = "lost_characters"
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
    UNKNOWN_REGISTRATION = "unknown_registration"
    AMBIGUOUS_NAME = "ambiguous_name"
    TRUNCATED_NAME = "truncated_name"
    NO_NAME = "no_name"
    UNNAMED_HOLDERS = "unnamed_holders"
    SEVERAL_GROUPS = "several_groups"
    CONTRADICTORY_ALIAS = "contradictory_alias"
    STRATUM_CONFLICT = "stratum_conflict"
    IMPOSSIBLE_HEIGHT = "impossible_height"
    NEGATIVE_AMOUNT = "negative_amount"
    OUT_OF_RANGE = "out_of_range"
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
    CONFLICT_AREAS = "conflict_areas"
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
    ASSESSMENTS = "assessments"
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
    Role.ASSESSMENTS,
)
DRAFTED_ROLES = (*MAIN_ROLES, Role.PROTECTED_AREAS, Role.ASM_ZONES, Role.ADMIN)
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
