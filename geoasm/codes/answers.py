"""What is said of a registration: class, relation, flags and the way that is open."""

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
    """Whose title covers a point, whatever its class."""

    OWN = "own"
    THIRD_PARTY = "third_party"
    PENDING = "pending"
    EXTINCT = "extinct"
    OTHER_RIGHT = "other_right"
    NONE = "none"
    UNKNOWN = "unknown"


class DeclaredRelation(StrEnum):
    """How the declared right lies to the registered point."""

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
    """Facts that stand beside a class; some flags carry a role or a type after a colon."""

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


# Under the error of its position, or read in another system, a registration has another class.
SHAKEN_FLAGS = (Flag.EDGE_UNCERTAIN, Flag.DATUM_SENSITIVE, Flag.ZONE_SENSITIVE)
RESTRICTED_FLAG = "restricted:"  # followed by the type of the soft area
UNTESTED_FLAG = "untested:"  # followed by the role that was not given
