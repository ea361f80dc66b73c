"""Codes of free ground: what a cell of the grid is, what can be done with it, what blocks it."""

from __future__ import annotations

from enum import StrEnum


class OpeningGround(StrEnum):
    """What lies on a cell that no right in force, application or closed area takes."""

    FREE = "free"  # no right at all
    EXTINCT_FREE = "extinct_free"  # extinct rights, all of them free for claiming
    EXTINCT_UNTIL = "extinct_until"  # extinct rights, free for claiming from a later day
    EXTINCT_UNKNOWN = "extinct_unknown"  # extinct rights, of one at least no day is known
    ANAP = "anap"  # ground on which no claims are admitted


class OpeningUse(StrEnum):
    """What can be done with a cell on the day of the run."""

    CLAIM = "claim"  # whoever asks may claim it; the State may reserve it, too
    RESERVE = "reserve"  # nobody may claim it yet; only the State can set it aside


class BlockedBy(StrEnum):
    """Why a cell around a cluster is no opening; the first four are statuses of rights."""

    TITLED = "titled"
    PENDING = "pending"
    OTHER = "other"
    UNKNOWN = "unknown"
    CLOSED_AREA = "closed_area"
    OUTSIDE_CORRIDOR = "outside_corridor"
    OUTSIDE_REGIONS = "outside_regions"  # beyond the regions given: of rights there nobody knows


USE_OF_GROUND = {
    OpeningGround.FREE: OpeningUse.CLAIM,
    OpeningGround.EXTINCT_FREE: OpeningUse.CLAIM,
    OpeningGround.EXTINCT_UNTIL: OpeningUse.RESERVE,
    OpeningGround.EXTINCT_UNKNOWN: OpeningUse.RESERVE,
    OpeningGround.ANAP: OpeningUse.RESERVE,
}
