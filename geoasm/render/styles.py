"""How things look: one table for map, report and QGIS, so that a colour means one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geoasm.codes import AsmClass, ConcessionStatus, OpeningGround, RightChange, Role

BACKGROUND = "#fbfaf6"


@dataclass(frozen=True)
class Shape:
    """A marker as an SVG path in a box from -1 to 1; holes run against their outline."""

    path: str


@dataclass(frozen=True)
class PointStyle:
    """A marker: `shape` is a key of SHAPES."""

    color: str
    shape: str


@dataclass(frozen=True)
class AreaStyle:
    """
    An outline, pixels; `dash` is empty for a solid line.

    `fill` is the opacity of the plain filling. Ground that is no right is hatched instead: `hatch`
    gives the angle of the lines in degrees from the horizontal (0, 45, 90 or 135), None for none.
    A `line` has no inside.
    """

    color: str
    dash: tuple[int, ...] = ()
    width: float = 1.5
    fill: float = 0.0
    hatch: int | None = None
    line: bool = False


SHAPES: Mapping[str, Shape] = {
    "circle": Shape("M-.85 0a.85 .85 0 1 0 1.7 0a.85 .85 0 1 0 -1.7 0Z"),
    "square": Shape("M-.78 -.78H.78V.78H-.78Z"),
    "diamond": Shape("M0 -1L.85 0L0 1L-.85 0Z"),
    "ring": Shape(
        "M-.9 0a.9 .9 0 1 0 1.8 0a.9 .9 0 1 0 -1.8 0Z"
        "M-.42 0a.42 .42 0 1 1 .84 0a.42 .42 0 1 1 -.84 0Z"
    ),
    "triangle_down": Shape("M-.95 -.75H.95L0 .95Z"),
    "triangle_up": Shape("M0 -.95L.95 .75H-.95Z"),
    "cross": Shape(
        "M-.9 -.5L-.5 -.9L0 -.4L.5 -.9L.9 -.5L.4 0L.9 .5L.5 .9L0 .4L-.5 .9L-.9 .5L-.4 0Z"
    ),
    "plus": Shape("M-.3 -.95H.3V-.3H.95V.3H.3V.95H-.3V.3H-.95V-.3H-.3Z"),
    "star": Shape(
        "M0 -1L.25 -.34L.95 -.31L.4 .13L.59 .81L0 .42L-.59 .81L-.4 .13L-.95 -.31L-.25 -.34Z"
    ),
    "frame": Shape("M-.85 -.85H.85V.85H-.85ZM-.38 -.38V.38H.38V-.38Z"),
    # The bar keeps it apart from a circle, which red and green alone would not.
    "no_entry": Shape("M-.4 -.95H.4L.95 -.4V.4L.4 .95H-.4L-.95 .4V-.4ZM-.58 -.21V.21H.58V-.21Z"),
    "hourglass": Shape("M-.85 -.9H.85L.2 0L.85 .9H-.85L-.2 0Z"),
    "bar": Shape("M-.95 -.32H.95V.32H-.95Z"),
    "house": Shape("M0 -.95L.8 -.2V.85H-.8V-.2Z"),
    "shield": Shape("M-.8 -.85H.8V.1L0 .95L-.8 .1Z"),
}

CLASS_STYLES: Mapping[AsmClass, PointStyle] = {
    AsmClass.OWN_TITLE: PointStyle("#00785a", "circle"),
    AsmClass.ON_LSM_MSM: PointStyle("#0072b2", "square"),
    AsmClass.ON_SMALL_SCALE: PointStyle("#d55e00", "diamond"),
    AsmClass.ON_UNKNOWN_HOLDER: PointStyle("#6e6e6e", "ring"),
    AsmClass.ON_IDLE_CLAIM: PointStyle("#a8527f", "triangle_down"),
    AsmClass.ON_PENDING_CLAIM: PointStyle("#b37400", "triangle_up"),
    AsmClass.ON_EXTINCT_CLAIM: PointStyle("#1a1a1a", "cross"),
    AsmClass.ON_OTHER_RIGHT: PointStyle("#8a4b12", "plus"),
    AsmClass.IN_ASM_ZONE: PointStyle("#005f73", "star"),
    AsmClass.OPEN_GROUND: PointStyle("#2b8cc4", "frame"),
    AsmClass.PROHIBITED_AREA: PointStyle("#b2182b", "no_entry"),
    AsmClass.AMBIGUOUS: PointStyle("#7a4fa3", "hourglass"),
    AsmClass.UNLOCATABLE: PointStyle("#6e6e6e", "bar"),
}

# The cadastre's own habit: blue titled, green pending, black extinct, brown everything else.
STATUS_STYLES: Mapping[ConcessionStatus, AreaStyle] = {
    ConcessionStatus.TITLED: AreaStyle("#0072b2", (), 1.6, fill=0.08),
    ConcessionStatus.PENDING: AreaStyle("#00785a", (7, 4), 1.6, fill=0.08),
    ConcessionStatus.EXTINCT: AreaStyle("#1a1a1a", (2, 3), 1.3, fill=0.05),
    ConcessionStatus.OTHER: AreaStyle("#8a4b12", (9, 3, 2, 3), 1.5, fill=0.08),
    ConcessionStatus.UNKNOWN: AreaStyle("#858585", (6, 3, 2, 3, 2, 3), 1.3, fill=0.06),
}

# Titles in force are drawn last, over what is weaker.
STATUS_ORDER = (
    ConcessionStatus.EXTINCT,
    ConcessionStatus.UNKNOWN,
    ConcessionStatus.OTHER,
    ConcessionStatus.PENDING,
    ConcessionStatus.TITLED,
)

# What the eye finds first: the widest line, the fullest colour, the only fill that covers.
CANDIDATE_STYLE = AreaStyle("#e0007a", (), 4.0, fill=0.12)
VERIFY_STYLE = AreaStyle("#c4007a", (2, 3), 2.0, fill=0.03)
OVERLAP_STYLE = AreaStyle("#7a4fa3", (1, 2), 1.2, fill=0.1)
PIECE_STYLE = AreaStyle("#7a4fa3", (), 0.8, fill=0.1)
CLUSTER_STYLE = AreaStyle("#23241f", (4, 2), 1.2, fill=0.08)

CLOSED_STYLE = AreaStyle("#b2182b", (6, 2), 1.2, fill=0.12)
# Openings cover, as they are what is asked for: full where anybody may claim, faint where not yet.
OPENING_STYLES: Mapping[OpeningGround, AreaStyle] = {
    OpeningGround.FREE: AreaStyle("#2b8cc4", (), 1.4, fill=0.45),
    OpeningGround.EXTINCT_FREE: AreaStyle("#00785a", (), 2.4, fill=0.45),
    OpeningGround.EXTINCT_UNTIL: AreaStyle("#b37400", (6, 3), 2.0, fill=0.25),
    OpeningGround.EXTINCT_UNKNOWN: AreaStyle("#4a4b45", (2, 3), 2.0, fill=0.2),
    OpeningGround.ANAP: AreaStyle("#7a4fa3", (7, 2, 2, 2), 2.0, fill=0.25),
}

CONTEXT_STYLES: Mapping[Role, AreaStyle] = {
    Role.ADMIN: AreaStyle("#6e6e6e", (14, 4), 1.0),
    Role.PROTECTED_AREAS: AreaStyle("#4d7c0f", (), 1.4, hatch=45),
    Role.BUFFER_ZONES: AreaStyle("#4d7c0f", (3, 3), 1.0, hatch=135),
    Role.ASM_ZONES: AreaStyle("#005f73", (), 1.4, hatch=90),
    Role.MINING_CORRIDOR: AreaStyle("#b37400", (12, 4), 1.6, hatch=0),
    Role.COMMUNITIES: AreaStyle("#a8527f", (1, 3), 1.2, hatch=90),
    Role.RESTRICTED_AREAS: AreaStyle("#b2182b", (6, 2), 1.2, hatch=45),
    Role.ANAP: AreaStyle("#7a4fa3", (6, 2, 2, 2), 1.2, hatch=0),
    Role.CONFLICT_AREAS: AreaStyle("#a34700", (8, 3, 2, 3), 1.4, hatch=135),
    Role.RIVERS: AreaStyle("#2b8cc4", (), 2.5, line=True),
    Role.ROADS: AreaStyle("#3a3a3a", (), 1.5, line=True),
}

CONTEXT_POINTS: Mapping[Role, PointStyle] = {
    Role.MINING_UNITS: PointStyle("#1a1a1a", "shield"),
    Role.PLANTS: PointStyle("#1a1a1a", "house"),
}
CONTEXT_POINT = PointStyle("#6e6e6e", "shield")
CONTEXT_AREA = AreaStyle("#6e6e6e", (4, 2), 1.0)

_OF_GROUND = AreaStyle("#a34700", (5, 3), 2.0, fill=0.08)
_OF_FACTS = AreaStyle("#5d6470", (3, 3), 1.6, fill=0.05)
# Of a right that changed in several ways the first of these is shown.
RIGHT_CHANGE_STYLES: Mapping[RightChange, AreaStyle] = {
    RightChange.APPEARED: AreaStyle("#00785a", (), 2.4, fill=0.12),
    RightChange.VANISHED: AreaStyle("#1a1a1a", (2, 3), 2.0, fill=0.1),
    RightChange.SPLIT: AreaStyle("#7a4fa3", (7, 3), 2.2, fill=0.08),
    RightChange.MERGED: AreaStyle("#7a4fa3", (), 2.2, fill=0.08),
    RightChange.STATUS: AreaStyle("#0072b2", (), 2.4, fill=0.12),
    RightChange.HOLDER: AreaStyle("#c4007a", (9, 3), 2.2, fill=0.1),
    **dict.fromkeys(
        (RightChange.MOVED, RightChange.GREW, RightChange.SHRANK, RightChange.RESHAPED), _OF_GROUND
    ),
    **dict.fromkeys(
        (RightChange.STRATUM, RightChange.ACTIVITY, RightChange.FILING, RightChange.RECODED),
        _OF_FACTS,
    ),
}
