"""The frozen records that pass between layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import (
    ClosureLevel,
    EvidenceKind,
    EvidenceSays,
    EvidenceScope,
    FactorName,
    FieldKind,
    Role,
)
from geoasm.held import Shaped


@dataclass(frozen=True)
class Vocabulary:
    """Known codes of one column and what they mean; keys are folded (upper case, no accents)."""

    name: str
    reference: str
    values: Mapping[str, str]
    prefixes: tuple[tuple[str, str], ...] = ()
    doubtful: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FieldSource:
    """Column spellings that may supply a field, first found first; case is ignored."""

    columns: tuple[str, ...]
    vocabulary: Vocabulary | None = None


@dataclass(frozen=True)
class FieldSpec:
    """One canonical field of a role, and where its values come from."""

    name: str
    kind: FieldKind
    sources: tuple[FieldSource, ...]
    required: bool = False
    unit: str = ""
    code_lengths: tuple[int, ...] = ()  # CODE: lengths that a code may have
    default: str | None = None  # VOCABULARY: value where the column itself is absent


@dataclass(frozen=True)
class PositionSpec:
    """One way in which a table states positions: columns of easting/longitude, northing/latitude."""

    kind: str  # "lonlat" or "utm"
    x_columns: tuple[str, ...]
    y_columns: tuple[str, ...]
    crs: str | None = None  # of a lonlat spec
    zone_columns: tuple[str, ...] = ()  # of a utm spec; zones are those of the CrsPlan


@dataclass(frozen=True)
class RoleSpec:
    """How one role's files look in one country."""

    role: Role
    geometry: str  # "polygon", "line", "point", "any" or "none"
    fields: Mapping[str, FieldSpec]
    positions: tuple[PositionSpec, ...] = ()
    need_one_of: tuple[tuple[str, ...], ...] = ()
    ignored: frozenset[str] = frozenset()  # columns known and out of scope, folded
    latest_by: str | None = None  # several rows per id: the latest by this date field is kept
    merge_parts: bool = False  # rows of one id are parts of one feature


@dataclass(frozen=True)
class Zone:
    """A projected zone of the country: its code in the data, its EPSG code, its meridians (degrees)."""

    code: str
    epsg: int
    west: float
    east: float

    @property
    def crs(self) -> str:
        """The zone's system as EPSG text."""
        return f"EPSG:{self.epsg}"


@dataclass(frozen=True)
class DatumOperation:
    """A pinned datum shift between two geographic systems, and its stated accuracy."""

    source: str
    target: str
    operation: str  # "EPSG:1208"
    accuracy_m: float
    reference: str


@dataclass(frozen=True)
class CrsPlan:
    """The systems of a country: in which polygons were drawn, how zones divide it, which shifts hold."""

    geographic: str
    drawn_in: str  # "zone": the UTM zone of the right; "geographic": degrees
    zones: tuple[Zone, ...]
    equal_area: str
    bounds: tuple[float, float, float, float]  # west, south, east, north in degrees
    operations: tuple[DatumOperation, ...] = ()
    legacy_zones: tuple[Zone, ...] = ()  # the same zones in the former datum


@dataclass(frozen=True)
class PartyRules:
    """How a country tells firms from persons and one holder from another by their names."""

    legal_forms: tuple[tuple[str, str], ...] = ()  # folded spelling, canonical form
    closing_forms: frozenset[str] = frozenset()  # forms that end a firm's name
    trader_forms: frozenset[str] = frozenset()  # forms that one person trading alone bears as well
    legal_prefixes: tuple[str, ...] = ()  # of the identity number
    natural_prefixes: tuple[str, ...] = ()
    firm_words: frozenset[str] = frozenset()  # words that no person's name has; folded
    person_words: int | None = (
        None  # fewest words of a name that is surely a person's; None: unknown
    )
    particles: frozenset[str] = (
        frozenset()
    )  # words that no name is made of: of, the, junior; folded
    and_word: str = "Y"  # joins words of a name, and holders
    and_joins_surnames: bool = False  # also of one person, however many follow
    others: tuple[str, ...] = ()  # folded endings that say: and further holders
    no_names: tuple[str, ...] = ()  # folded texts that stand in the place of a name
    name_width: int | None = None  # characters at which the cadastre cuts a name
    review_score: float = 85.0  # likeness (0 to 100) from which two names go to review
    review_rest_score: float = 60.0  # and likeness of the words that they do not share
    numerals: Mapping[str, int] = field(default_factory=dict)  # words of a number; folded
    succession_words: frozenset[str] = frozenset()  # that say: not the person, the heirs; folded


@dataclass(frozen=True)
class Legend:
    """What the values of an activity raster mean."""

    name: str
    disturbed: tuple[float, ...]  # values of ground that is mined
    known: tuple[tuple[float, float], ...]  # closed ranges of the values that may occur
    reference: str
    verified: bool = True
    fractions: bool = False  # values between whole numbers have a meaning, too


@dataclass(frozen=True)
class EvidenceRule:
    """What one kind of evidence says of a right, in which places, and for how long."""

    kind: EvidenceKind
    says: EvidenceSays
    scopes: tuple[EvidenceScope, ...]  # where it counts; elsewhere it is listed only
    within: str | None  # parameter with the years for which it counts; None: it never grows old
    reference: str
    verified: bool = True


@dataclass(frozen=True)
class Factor:
    """
    One thing weighed of a candidate.

    `bands` are distances, nearest first, each with the value up to it (own plant); `values` the value
    of each code (evidence scopes, precedents). Values run from 0 to 1; of a risk, 1 is the greatest.
    """

    name: FactorName
    weight: float
    reference: str
    verified: bool = True
    bands: tuple[tuple[float, float], ...] = ()  # metres, value
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CandidateRules:
    """How candidates are found, weighed and ranked, and what raises a question."""

    factors: tuple[Factor, ...]
    reason_share: float  # share of a factor's weight from which it speaks for a candidate
    near_m: float  # outside an active holder's rights, and still a neighbour
    cluster_radius_m: float
    cluster_fewest: int  # registrations that make a cluster
    crowd: int  # registrations of one registrant above which it is asked about
    top: int  # places of the ranking whose stability is told
    draws: int  # of weights
    spread: float  # of each weight in a draw, up and down, as a share
    seed: int
    reference: str


@dataclass(frozen=True)
class ComparisonRules:
    """How far two runs may differ in what is still the same."""

    same_point_m: float  # a registration that stands nearer has not moved
    same_outline_m: float  # an outline that runs nearer has not changed
    same_site_m: (
        float  # within which one registrant's registration may have been given another code
    )
    same_ground_share: float  # of two shapes in what they cover together: they are one
    certainty_step: float  # of the probability of a class, from which its certainty changed
    reference: str


@dataclass(frozen=True)
class ClaimGrid:
    """The official grid on which claims are drawn, in the UTM of each zone, and how it is searched."""

    cell_m: float
    origin_m: tuple[float, float]  # easting and northing of a vertex, the same in each zone
    starts_on: date
    least_ha: float  # of a claim
    most_ha: float
    ring_cells: int  # cells around the one of a registration that are looked at
    blocking: tuple[str, ...]  # statuses of rights that leave no room for a claim
    border_gap_m: float  # narrower gaps between regions are no border
    references: Mapping[str, tuple[str, bool]]  # of grid, claim, search: source, and if verified


@dataclass(frozen=True)
class AreaLevel:
    """What ground of one type means for mining: hard, soft or info, by which reference."""

    role: Role
    types: tuple[str, ...]  # folded
    code: str
    level: ClosureLevel
    reference: str
    verified: bool = True


@dataclass(frozen=True)
class Source:
    """Where a layer came from, as the manifest records it."""

    role: str
    name: str  # as shown to users: file name, never a path
    sha256: str | None = None
    layer: str | None = None
    rows: int = 0
    crs_read: str | None = None
    encoding: str | None = None
    data_on: date | None = None
    legend: str | None = None  # of an activity raster: what its values were taken to mean


@dataclass(frozen=True)
class RawLayer:
    """
    One file as read: nothing renamed, nothing converted.

    `frame` has a RangeIndex and a column `source_row` (1-based record number in the file); it is
    a GeoDataFrame where the file has geometry. `broken` lists records that no reader could read:
    columns `source_row`, `reason`. `curved` tells that the reader made straight segments of arcs,
    `cut_short` that the file ends early, so that nobody knows how many records are lost.
    """

    frame: pd.DataFrame
    source: Source
    broken: pd.DataFrame | None = None
    curved: bool = False
    cut_short: bool = False

    def without_rows(self) -> RawLayer:
        """Give what the file says of itself: as many rows, in the same system, without a value."""
        bare = pd.DataFrame(index=self.frame.index)
        if isinstance(self.frame, gpd.GeoDataFrame) and self.frame.crs is not None:
            bare = gpd.GeoDataFrame(bare, geometry=[None] * len(bare), crs=self.frame.crs)
        return replace(self, frame=bare)


Window = tuple[int, int, int, int]  # first row, first column, rows, columns


@dataclass(frozen=True)
class Grid:
    """
    One band of a raster, read window by window; never whole.

    `transform` is affine: x = a·column + b·row + c and y = d·column + e·row + f, of pixel corners.
    `read` gives the values of a window and which of them are valid, both rows × columns. `block` is
    the rows and columns of the blocks in which the file is stored. A value is what the file stores,
    times `scale`, plus `offset`.
    """

    source: Source
    crs: str
    transform: tuple[float, float, float, float, float, float]
    shape: tuple[int, int]  # rows, columns
    block: tuple[int, int]
    nodata: float | None
    read: Callable[[Window], tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]]
    year: int | None = None
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Options:
    """What a user asked of one run."""

    on: date
    audience: str = "public"
    language: str | None = None
    stacked: str = "seniority"
    assumptions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    planarize: bool = False  # disjoint pieces are wanted, too
    position_sigma_m: float | None = None  # against the law's own, where the register says nothing


@dataclass(frozen=True)
class Result:
    """
    A finished run in memory: every frame of it, its summary and its manifest.

    `overlaps` may be held without shapes, which are made when it is asked for; see `held.as_held`.
    """

    registrations: pd.DataFrame
    concessions: pd.DataFrame
    pairs: pd.DataFrame
    overlaps: pd.DataFrame
    candidates: pd.DataFrame
    candidates_rejected: pd.DataFrame
    verify_first: pd.DataFrame
    clusters: pd.DataFrame
    near_outside: pd.DataFrame
    signs: pd.DataFrame
    holders: pd.DataFrame
    evidence: pd.DataFrame
    disturbance: pd.DataFrame
    territory: pd.DataFrame
    issues: pd.DataFrame
    parties: pd.DataFrame
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    context: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pieces: pd.DataFrame = field(default_factory=pd.DataFrame)  # empty unless asked for
    review: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # private lists to answer

    @property
    def lacks_private(self) -> bool:
        """Whether tables number parties of whom none is told, as in a run without its `private/`."""
        numbered = len(self.holders) > 0 or self.registrations["registrant_id"].notna().any()
        return self.parties.empty and bool(numbered)


Result.overlaps = Shaped("overlaps")
