"""What is said of rights where miners and a company could work together, and of the ways open to others."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from geoasm.codes.answers import Pathway


class NotCounted(StrEnum):
    """Why a registration does not count towards coexistence: the first of these that is true."""

    OWN_TITLE = "own_title"
    PROHIBITED = "prohibited"
    AMBIGUOUS = "ambiguous"
    UNLOCATABLE = "unlocatable"
    EXCLUDED = "excluded"
    PROCESSING = "processing"
    ALLUVIAL = "alluvial"
    NO_TITLE = "no_title"  # no title in force decided
    UNKNOWN_PARTY = "unknown_party"  # the registrant may be the holder


class Gate(StrEnum):
    """Where a right stops on the way to the candidates: the first that closes."""

    NOT_IN_FORCE = "not_in_force"
    IDLE = "idle"
    SMALL_SCALE = "small_scale"
    NONE_COUNTING = "none_counting"


class VerifyFirst(StrEnum):
    """What must be found out before a right can be ranked: the first that is open."""

    STRATUM = "stratum"
    CONFLICT = "conflict"  # penalties and work, both
    ACTIVITY = "activity"


class FactorName(StrEnum):
    """What is weighed of a candidate; the profile says how much."""

    ACTIVE_HOLDER = "active_holder"
    OWN_PLANT = "own_plant"
    ACTIVE_REGISTRATIONS = "active_registrations"
    IGAFOM = "igafom"
    LEGAL_ENTITIES = "legal_entities"
    CLUSTERED = "clustered"
    HARD_ROCK = "hard_rock"
    PRECEDENT = "precedent"
    MEDIUM_SCALE = "medium_scale"
    SIMPLE_TITLE = "simple_title"
    COMPANY_COMMITMENT = "company_commitment"
    GEOLOGY = "geology"
    MANY_REGISTRATIONS = "many_registrations"
    DECLARED_ELSEWHERE = "declared_elsewhere"
    CONFLICT_AREA = "conflict_area"
    BUFFER_ZONE = "buffer_zone"
    COMMUNITY = "community"


RISKS = frozenset(
    {
        FactorName.MANY_REGISTRATIONS,
        FactorName.DECLARED_ELSEWHERE,
        FactorName.CONFLICT_AREA,
        FactorName.BUFFER_ZONE,
        FactorName.COMMUNITY,
    }
)
# No public source tells these: an analyst does, or nobody.
ASSESSED = frozenset({FactorName.COMPANY_COMMITMENT, FactorName.GEOLOGY})


class Precedent(StrEnum):
    """Where miners and the holder have a contract already."""

    THIS_RIGHT = "this_right"
    SAME_HOLDER = "same_holder"  # on another right of the holder or its group


class HolderScale(StrEnum):
    """Large or medium-scale, where the table of strata tells them apart."""

    LSM = "lsm"
    MSM = "msm"
    UNKNOWN = "unknown"


class Hinge(StrEnum):
    """A single fact without which a right would be no candidate."""

    ONE_REGISTRATION = "one_registration"
    ONE_EVIDENCE = "one_evidence"  # of work in the right
    HECTARES = "hectares"  # the stratum follows from the size of the holder's ground alone
    POSITIONS = "positions"  # no counting registration is surely on the right


class SignKind(StrEnum):
    """What raises a question; never an accusation."""

    MANY_REGISTRATIONS = "many_registrations"
    SAME_PLACE = "same_place"
    DECLARED_ELSEWHERE = "declared_elsewhere"
    COMPETING = "competing"
    SURFACE_LAND = "surface_land"


class Precondition(StrEnum):
    """What must be so before the way that is open leads to formality."""

    NOTHING_MORE = "nothing_more"
    HOLDER_AGREES = "holder_agrees"
    HOLDER_KNOWN = "holder_known"
    TITLE_REFORMED = "title_reformed"
    TITLE_GRANTED = "title_granted"
    STATE_ACQUIRES = "state_acquires"
    RIGHT_KNOWN = "right_known"
    GROUND_FREE = "ground_free"
    OTHER_PLACE = "other_place"
    ORDER_KNOWN = "order_known"
    PLACE_KNOWN = "place_known"


PRECONDITION_OF_PATHWAY: Mapping[Pathway, Precondition] = {
    Pathway.COMPLETE_FORMALIZATION: Precondition.NOTHING_MORE,
    Pathway.COEXISTENCE_AGREEMENT: Precondition.HOLDER_AGREES,
    Pathway.ACCESS_CONTRACT: Precondition.HOLDER_AGREES,
    Pathway.VERIFY_HOLDER: Precondition.HOLDER_KNOWN,
    Pathway.TITLE_REFORM: Precondition.TITLE_REFORMED,
    Pathway.AWAIT_TITLE: Precondition.TITLE_GRANTED,
    Pathway.STATE_ACQUISITION: Precondition.STATE_ACQUIRES,
    Pathway.VERIFY_RIGHT: Precondition.RIGHT_KNOWN,
    Pathway.CLAIM_GROUND: Precondition.GROUND_FREE,
    Pathway.NONE_PROHIBITED: Precondition.OTHER_PLACE,
    Pathway.VERIFY_RIGHTS: Precondition.ORDER_KNOWN,
    Pathway.VERIFY_LOCATION: Precondition.PLACE_KNOWN,
}


class MissingCheck(StrEnum):
    """What to find out first about a registration: the first of these that is open."""

    LOCATION = "location"
    RIGHT_STATUS = "right_status"
    RIGHTS_ORDER = "rights_order"
    POSITION = "position"  # another class is possible within the position's error
    CLOSED_AREAS = "closed_areas"  # the layer of areas closed to mining was not given
    REGISTRANT = "registrant"  # who may be the holder
    HOLDER_STRATUM = "holder_stratum"
    DECLARED_RIGHT = "declared_right"
    HOLDER_ACTIVITY = "holder_activity"
    FREE_FOR_CLAIMING = "free_for_claiming"
    CONTRACT = "contract"  # none is known
    SURFACE_LAND = "surface_land"
    NOTHING = "nothing"
