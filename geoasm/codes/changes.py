"""What changed from one run to another, and why a registration changed its class."""

from __future__ import annotations

from enum import StrEnum


class RightChange(StrEnum):
    """What became of a mining right between two runs; a right may have several."""

    APPEARED = "appeared"
    VANISHED = "vanished"
    RECODED = "recoded"  # the same right under another code
    SPLIT = "split"
    MERGED = "merged"
    MOVED = "moved"
    GREW = "grew"
    SHRANK = "shrank"
    RESHAPED = "reshaped"
    STATUS = "status"
    HOLDER = "holder"
    STRATUM = "stratum"
    ACTIVITY = "activity"
    FILING = "filing"  # its day of filing, which gives seniority


class RegistrationChange(StrEnum):
    """What became of a registration between two runs; a registration may have several."""

    APPEARED = "appeared"
    VANISHED = "vanished"
    RENUMBERED = "renumbered"  # the same site and registrant under another code
    MOVED = "moved"
    REGISTRANT = "registrant"
    STATUS = "status"
    DECLARED = "declared"  # another declared right
    CLASS = "class"
    PATHWAY = "pathway"
    CERTAINTY = "certainty"


class Cause(StrEnum):
    """Why the class of a registration differs between two runs; in the order in which they are asked."""

    NEW = "new"  # the registration is in the later run only
    GONE = "gone"  # in the earlier run only
    POINT = "point"
    DECLARED = "declared"
    CONTEXT = "context"
    RIGHT = "right"  # it appeared, vanished or has another shape
    STATUS = "status"
    ACTIVITY = "activity"
    REGISTRANT = "registrant"
    HOLDER = "holder"
    STRATUM = "stratum"
    ORDER = "order"  # days of filing, which give seniority
    GIVEN = "given"  # only one of the runs was given the table or layer that tells
    IDENTITY = "identity"  # who is who is known otherwise
    RULE = "rule"
    UNEXPLAINED = "unexplained"
