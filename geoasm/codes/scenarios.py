"""What a scenario may suppose, and why a registration stands elsewhere in it."""

from __future__ import annotations

from enum import StrEnum


class MeasureKind(StrEnum):
    """What a scenario may suppose of rights and of those who work on them."""

    RIGHTS_LAPSE = "rights_lapse"  # titles in force become extinct
    GROUND_RESERVED = "ground_reserved"  # ground of rights is set aside for ASM
    CONTRACTS_SIGNED = "contracts_signed"  # holders sign with the registrants on their titles


class LeftAlone(StrEnum):
    """Why a measure leaves alone a right or registration that its conditions name."""

    NOT_IN_FORCE = "not_in_force"  # rights: only a title in force can lapse, or be contracted for
    IDLE = "idle"  # rights: with an idle holder there is no coexistence
    SIGNED = "signed"  # registrations: they have a contract for the right already
    UNKNOWN_PARTY = "unknown_party"  # registrations: the registrant may be the holder
    NO_NUMBER = "no_number"  # registrations: no identity number to which a contract could be tied


class MoveReason(StrEnum):
    """Why a registration has another class or pathway in a scenario; the first that is true."""

    CONTRACTS_SIGNED = "contracts_signed"
    GROUND_RESERVED = "ground_reserved"
    RIGHTS_LAPSE = "rights_lapse"
    PARAMETERS = "parameters"
    RULES = "rules"
    AREA_LEVELS = "area_levels"
    DAY = "day"
    STACKED = "stacked"
    SEVERAL = "several"  # of what the scenario changes: which of it cannot be told
    KNOCK_ON = "knock_on"  # no measure touches it: the holder's other rights do


class CandidateMove(StrEnum):
    """What became of a candidate in a scenario."""

    GAINED = "gained"
    LOST = "lost"
    KEPT = "kept"
