"""Which column of a file may supply which field, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import permutations

import pandas as pd

from geoasm.codes import MAIN_ROLES, FieldKind, Role
from geoasm.draft.looks import Look, degrees_of, look_at
from geoasm.draft.words import Catalogue, Wanted, first_word
from geoasm.io.matching import private_columns
from geoasm.model import PositionSpec, RoleSpec
from geoasm.normalize.columns import ColumnNames, supplies
from geoasm.normalize.fields import PRIVATE_KINDS
from geoasm.parsing.text import fold
from geoasm.profile import Profile
from geoasm.schema import OUTPUT_CRS

_DISTINCT = 0.95  # from which codes are known by their values alone
_FEW_DAYS = 5
_READABLE = 0.5  # of the degrees of a column
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Proposal:
    """Columns for a field, the surest first, and what speaks for them."""

    columns: tuple[str, ...]
    why: str


Way = Callable[[Role, Wanted, Collection[str]], Proposal | None]


class Columns:
    """
    The columns of one file, looked at once each.

    Parameters
    ----------
    profiles
        Countries whose spellings are known.
    """

    def __init__(
        self, frame: pd.DataFrame, catalogue: Catalogue, profiles: Sequence[Profile], on: date
    ) -> None:
        self.frame, self.names = frame, ColumnNames(frame)
        self._catalogue, self._profiles, self._on = catalogue, profiles, on
        self._forms = {spelling for p in profiles for spelling, _ in p.parties.legal_forms}
        self._looks: dict[str, Look] = {}
        self.identity = tuple(
            n for n in self.names.names if first_word(n, catalogue.identity, whole=True)
        )
        self.private = self._private()
        self.bare = frozenset(n for n in self.names.names if fold(n) in catalogue.bare)

    def look(self, name: str) -> Look:
        """Look at a column."""
        if name not in self._looks:
            self._looks[name] = look_at(
                self.frame[name], self._forms, self._catalogue.states, self._on
            )
        return self._looks[name]

    @property
    def telling(self) -> frozenset[str]:
        """Columns that may tell a person, those with a bare name among them."""
        return self.private | self.bare

    def _private(self) -> frozenset[str]:
        """Name the columns that may tell a person, by any sign: too many rather than one too few."""
        known = private_columns(self.frame, self._profiles)
        signs = (*self._catalogue.identity, *self._catalogue.names)
        return frozenset(
            name
            for name in self.names.names
            if name in known or first_word(name, signs) or self.look(name).is_of_firms
        )

    def propose(self, role: Role, places: Collection[str] = ()) -> dict[str, Proposal]:
        """
        Propose columns for the fields of a role.

        Spellings that profiles know go before words, words before values. A column serves one field,
        and no private one a public field.
        """
        found: dict[str, Proposal] = {}
        wanted = [w for w in self._catalogue.fields[role] if w.of is None]
        for way in (*self._spellings(role), self._worded, self._valued):
            for field in (f for f in wanted if f.name not in found):
                taken = {c for p in found.values() for c in p.columns} | set(places)
                proposal = way(role, field, taken)
                if proposal is not None:
                    found[field.name] = proposal
        for field in self._catalogue.fields[role]:
            if field.of in found:
                found[field.name] = found[str(field.of)]
        return found

    def _may(self, role: Role, name: str, field: Wanted, taken: Collection[str]) -> bool:
        if name in taken or name in self.identity:
            return False
        # A bare "name" is a place's on a map of areas; beside rights and miners it may be a person's.
        may_tell = self.telling if role in MAIN_ROLES else self.private - self.bare
        is_hidden = field.kind in PRIVATE_KINDS
        return (is_hidden or name not in may_tell) and self.look(name).fits(field.values)

    def _spellings(self, role: Role) -> list[Way]:
        """Give the spellings of each profile, of the one that knows most columns of the file first."""
        known = [p for p in self._profiles if role in p.roles]
        fits = {p.code: len(self._known_fields(p.roles[role])) for p in known}
        return [partial(self._spelled, p) for p in sorted(known, key=lambda p: -fits[p.code])]

    def _known_fields(self, spec: RoleSpec) -> list[str]:
        return [name for name, field in spec.fields.items() if supplies(self.names, field)]

    def _spelled(
        self, profile: Profile, role: Role, field: Wanted, taken: Collection[str]
    ) -> Proposal | None:
        spec = profile.roles[role].fields.get(field.name)
        if spec is None:
            return None
        spelled = dict.fromkeys(c for s in supplies(self.names, spec) for c in s.columns)
        columns = tuple(c for c in spelled if self._may(role, c, field, taken))
        return Proposal(columns, f"as profile {profile.code} spells it") if columns else None

    def _worded(self, role: Role, field: Wanted, taken: Collection[str]) -> Proposal | None:
        for word in field.words:
            for name in self.names.names:
                if first_word(name, (word,)) and self._may(role, name, field, taken):
                    return Proposal((name,), f"by the word {word.lower()}")
        return None

    def _valued(self, role: Role, field: Wanted, taken: Collection[str]) -> Proposal | None:
        """Go by the values alone, where they leave no doubt of what they are."""
        names = [n for n in self.names.names if self._may(role, n, field, taken)]
        if field.kind is FieldKind.CODE and field.required:
            names = [n for n in names if self._tells_rows_apart(n)]
            return Proposal((names[0],), "as it tells rows apart") if names else None
        if field.kind is FieldKind.NAME:
            names = [n for n in names if self.look(n).is_of_firms]
            return Proposal((names[0],), "as it has names of firms") if len(names) == 1 else None
        if field.kind is FieldKind.DATE:
            names = [n for n in names if self._is_of_events(n)]
            return Proposal((names[0],), "as the only dates") if len(names) == 1 else None
        if field.name == "status":
            names = [n for n in names if self.look(n).is_of_statuses]
            return Proposal((names[0],), "as its values are statuses") if len(names) == 1 else None
        return None

    def _is_of_events(self, name: str) -> bool:
        """Tell days on which something happened from the one day of a snapshot, and from codes."""
        look = self.look(name)
        return look.numbers < _READABLE and look.distinct > _FEW_DAYS

    def _tells_rows_apart(self, name: str) -> bool:
        look = self.look(name)
        return (
            look.distinct_share >= _DISTINCT
            and look.dates < _READABLE
            and not self._is_measure(name)
        )

    def _is_measure(self, name: str) -> bool:
        """Tell measures, positions too, from codes: they have digits behind the point."""
        return bool(self.frame[name].astype("str").str.contains(r"\d\.\d").mean() > _READABLE)

    def positions(self, ground: Bounds | None = None) -> list[PositionSpec]:
        """
        Find pairs of columns that state where a row is: degrees, and metres of a stated zone.

        Parameters
        ----------
        ground
            Where the country is, in degrees: pairs that no word tells are known by lying there.
        """
        words = self._catalogue.position
        found = []
        lon, lat = self._coordinate(words["lon"], 180), self._coordinate(words["lat"], 90)
        if not (lon and lat) and ground is not None:
            lon, lat = self._pair_within(ground)
        if lon and lat:
            found.append(PositionSpec("lonlat", (lon,), (lat,), crs=OUTPUT_CRS))
        east, north = (self._numeric(words[key]) for key in ("east", "north"))
        zone = self._named(words["zone"])
        if east and north and zone:
            found.append(PositionSpec("utm", (east,), (north,), zone_columns=(zone,)))
        return found

    def _pair_within(self, ground: Bounds) -> tuple[str | None, str | None]:
        west, south, east, north = ground
        measures = [n for n in self.names.names if n not in self.private and self._is_measure(n)]
        degrees = {name: degrees_of(self.frame[name]) for name in measures}
        within = [
            (lon, lat)
            for lon, lat in permutations(measures, 2)
            if (degrees[lon].between(west, east) & degrees[lat].between(south, north)).mean()
            > _READABLE
        ]
        return within[0] if len(within) == 1 else (None, None)  # which is which is not guessed

    def _named(self, words: Sequence[str]) -> str | None:
        hits: list[str] = [n for w in words for n in self.names.names if first_word(n, (w,))]
        return hits[0] if hits else None

    def _coordinate(self, words: Sequence[str], limit: float) -> str | None:
        for word in words:
            for name in self.names.names:
                if first_word(name, (word,)):
                    degrees = degrees_of(self.frame[name]).dropna()
                    if len(degrees) and float((degrees.abs() <= limit).mean()) > _READABLE:
                        return str(name)
        return None

    def _numeric(self, words: Sequence[str]) -> str | None:
        name = self._named(words)
        return name if name and self.look(name).numbers > _READABLE else None


def unread(
    columns: Columns, proposals: Mapping[str, Proposal], places: Sequence[PositionSpec]
) -> list[str]:
    """Name the columns that no field and no position reads, but for identity numbers."""
    used = {c for p in proposals.values() for c in p.columns} | set(columns.identity)
    for place in places:
        used |= {*place.x_columns, *place.y_columns, *place.zone_columns}
    return [name for name in columns.names.names if name not in used]
