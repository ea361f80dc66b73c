"""The sample as somebody reads it who knows nothing of how it was made: right by right, no index."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyogrio
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

STATUS = {"P": "pending", "D": "pending", "A": "other", "B": "other", "R": "other", "S": "other"}
STATUS |= dict.fromkeys("TNEQ", "titled") | dict.fromkeys("FJLHY9X", "extinct")
DATUM = dict.fromkeys(["01", "1", "PSAD56"], "psad56") | dict.fromkeys(["02", "2"], "wgs84")
DATUM["WGS84"] = "wgs84"
ON = "2026-01-01"
PENALTY_YEARS, WINDOW = 2, (2024, 2026)
LIMIT_HA, LIMIT_T = 2_000.05, 350 * 365
RADIUS_M = {"METALICA": 5_000, "AU": 5_000, "NO METALICA": 10_000, "AU ALUVIAL": 20_000}
FORMS = {
    "SMRL": "S M R L|SOCIEDAD MINERA DE RESPONSABILIDAD LIMITADA",
    "EIRL": "E I R L|EMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA",
    "SRL": "S R L|SOCIEDAD DE RESPONSABILIDAD LIMITADA",
    "SAC": "S A C|SOCIEDAD ANONIMA CERRADA",
    "SA": "S A|SOCIEDAD ANONIMA",
    "CIA": "C I A|COMPANIA",
    "COOPERATIVA": "COOP",
}
LARGE, SMALL = "lsm_msm", "small_scale"
SAID = {"LSM_MSM": LARGE, "GRAN MINERIA": LARGE, "MEDIANA MINERIA": LARGE, "SMALL_SCALE": SMALL}
SURE = ["official", "production", "hectares_over_limit", "presumed_small", "none"]


def letters(name: object) -> str:
    """
    Keep the letters of a name, its words in the order of the alphabet; undo mojibake.

    Case, accents, stops, spaces, remarks and the spelling of legal forms do not count.
    """
    if not isinstance(name, str):
        return ""
    for encoding in ("cp1252", "latin-1"):
        try:
            name = name.encode(encoding).decode("utf-8")
            break
        except UnicodeError:
            continue
    bare = unicodedata.normalize("NFKD", name.split("(")[0].upper()).replace(".", "")
    plain = re.sub(r"[^A-Z0-9]+", " ", "".join(c for c in bare if not unicodedata.combining(c)))
    for form, spellings in FORMS.items():
        plain = re.sub(rf"\b({spellings})\b", form, plain)
    return "".join(sorted(plain.split()))


def holders_in(name: object) -> tuple[list[str], bool]:
    """Take the names of joint holders apart, and tell whether there are others."""
    text = name if isinstance(name, str) else ""
    open_text = text.removesuffix(" Y OTROS")
    parts = [letters(part) for part in re.split(r", | Y ", open_text)]
    return [part for part in parts if part], open_text != text


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass
class Title:
    status: str
    filed: str
    holders: list[str]
    is_open: bool
    zone: str
    name: str = ""
    text: str = ""
    hour: str = ""
    datum: str = ""
    origin: str = ""
    parts: list[BaseGeometry] = field(default_factory=list)

    @cached_property
    def shape(self) -> BaseGeometry:
        return shapely.union_all(self.parts)


class Holders:
    """What the tables say of holders, by the letters of their names."""

    def __init__(self, folder: Path) -> None:
        def table(name: str) -> pd.DataFrame:
            return pd.read_csv(folder / f"{name}.csv", dtype=str)

        holders, groups, aliases = table("holders"), table("groups"), table("aliases")
        self.number = dict(zip(holders["holder"].map(letters), holders["ruc"], strict=True))
        self.group = dict(zip(groups["holder"].map(letters), groups["group"], strict=True))
        self._stated: dict[str, tuple[str, str]] = {}
        self.means: dict[str, str] = {}
        self.denied: set[tuple[str, str]] = set()
        for row in aliases.itertuples():
            spelling, holder = letters(row.spelling), letters(row.holder)
            if row.same == "NO":
                self.denied.add((spelling, holder))
            elif text(row.ruc):
                self.number[holder] = row.ruc
            else:
                self.means[spelling] = holder
        self.named = {number: name for name, number in self.number.items()}
        self.strata, self.production = table("strata"), table("production")
        for frame in (self.strata, self.production):
            number = frame["ruc"] if "ruc" in frame else pd.Series(None, index=frame.index)
            name = frame["holder"].map(letters)
            frame["who"] = number.map(self.named).fillna(name)

    def affiliate(self, name: str) -> str:
        return self.group.get(name, name)

    def stated(self, name: str) -> tuple[str, str]:
        """Take what is stated of a holder: officially, else by production."""
        if name not in self._stated:
            self._stated[name] = self._look_up(name)
        return self._stated[name]

    def _look_up(self, name: str) -> tuple[str, str]:
        official = self.strata[(self.strata["who"] == name) & (self.strata["date"] <= ON)]
        last = official.loc[official["date"] == official["date"].max(), "stratum"]
        said = {SAID[text] for text in last}
        if len(said) == 1:
            return said.pop(), "official"
        made = self.production[
            (self.production["who"] == name) & (self.production["year"] <= ON[:4])
        ]
        told = made.dropna(subset=["stratum"])
        if len(told):
            return told.loc[told["year"].idxmax(), "stratum"].lower(), "production"
        ore = made.dropna(subset=["ore_t"])
        tonnes = ore["ore_t"].astype(float).groupby(ore["year"]).sum()
        if len(tonnes) and tonnes.sort_index().iloc[-1] > LIMIT_T:
            return LARGE, "production"
        return "unknown", "none"


class Files:
    """Every file of the sample, read plainly."""

    def __init__(self, folder: Path) -> None:
        self.rights = self._rights(pyogrio.read_dataframe(folder / "concessions.gpkg"))
        self.who = Holders(folder)
        self.total = self._totals()
        units = pyogrio.read_dataframe(folder / "mining_units.gpkg")
        self.units = [(letters(u.nombre), u) for u in units.itertuples()]
        members = pd.read_csv(folder / "production_units.csv", dtype=str)
        self.members = members.groupby(members["unit"].map(letters))["concession_id"].agg(set)
        paid = pd.read_csv(folder / "penalties.csv", dtype={"concession_id": str})
        paid = paid[paid["year"].between(*WINDOW)].drop_duplicates()
        counts = paid["concession_id"].value_counts()
        self.fined = set(counts.index[counts >= PENALTY_YEARS])

    @staticmethod
    def _rights(rows: pd.DataFrame) -> dict[str, Title]:
        rights: dict[str, Title] = {}
        for row in rows.itertuples():
            if row.geometry is None or row.geometry.is_empty:
                continue
            code = row.CODIGOU.rjust(9, "0")
            to_zone = Transformer.from_crs(4326, f"EPSG:327{row.ZONA}", always_xy=True)
            shape = shapely.transform(row.geometry, to_zone.transform, interleaved=False)
            if not shape.is_valid:
                shape = shapely.make_valid(shape)
            filed = "" if pd.isna(row.FEC_DENU) else str(row.FEC_DENU)[:10]
            title = Title(
                STATUS.get(row.ESTADO, "unknown"),
                filed,
                *holders_in(row.TIT_CONCES),
                row.ZONA,
                letters(row.CONCESION),
                text(row.TIT_CONCES),
                text(row.HOR_DENU).replace(":", ""),
                DATUM.get(text(row.DATUM), ""),
                text(row.TIPO_EX),
            )
            rights.setdefault(code, title).parts.append(shape)
        return rights

    def _totals(self) -> dict[str, float]:
        ground: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
        for title in self.rights.values():
            if title.status in ("titled", "pending"):
                for owner in self.owners(title):
                    ground[owner, title.zone].append(title.shape)
        total: dict[str, float] = defaultdict(float)
        for (owner, _), shapes in ground.items():
            total[owner] += shapely.union_all(shapes).area / 10_000
        return total

    def owners(self, title: Title) -> set[str]:
        return {self.who.affiliate(name) for name in title.holders}

    def stratum(self, title: Title) -> tuple[str, str]:
        """Judge the holders of a right together."""
        each = [self._of_holder(name) for name in title.holders]
        each.sort(key=lambda judged: SURE.index(judged[1]))
        for judged in each:
            if judged[0] == LARGE:
                return judged
        if each and not title.is_open and {stratum for stratum, _ in each} == {SMALL}:
            return each[-1]
        return "unknown", "none"

    @cached_property
    def firms(self) -> set[str]:
        """Give the holders whose name ends with the form of a firm that the law presumes nothing of."""
        texts = [part for t in self.rights.values() for part in t.text.split(", ")]
        texts = [part for some in texts for part in some.split(" Y ")]
        return {
            letters(t) for t in texts if re.search(r"S\.A\.C\.$|S\.A\.$|[SE]\.(I\.)?R\.L\.$", t)
        }

    @cached_property
    def large(self) -> set[str]:
        """Give the groups and lone holders of whom a member is stated to be large."""
        everybody = {name for title in self.rights.values() for name in title.holders}
        return {self.who.affiliate(n) for n in everybody if self.who.stated(n)[0] == LARGE}

    def _of_holder(self, name: str) -> tuple[str, str]:
        stated = self.who.stated(name)
        if stated[0] != "unknown":
            return stated
        own = self.who.affiliate(name)
        if self.total[own] > LIMIT_HA:
            return LARGE, "hectares_over_limit"
        if own not in self.large and name not in self.firms:
            return SMALL, "presumed_small"
        return "unknown", "none"

    def worked(self) -> set[str]:
        """Find the rights on which somebody works, as tables and units say."""
        here, around = set(), set()
        made = self.who.production
        made = made[made["year"].astype(int).between(*WINDOW) & (made["amount"].astype(float) > 0)]
        here |= set(made["concession_id"].dropna())
        for row in made[made["concession_id"].isna() & made["unit"].notna()].itertuples():
            name, whose = letters(row.unit), self.who.affiliate(row.who)
            around |= self.members.get(name, set())
            here |= {
                c for c, t in self.rights.items() if t.name == name and whose in self.owners(t)
            }
            for unit_name, unit in self.units:
                operator = self.who.affiliate(letters(unit.titular))
                if unit_name == name and whose in ("", operator):
                    here |= self._at(unit)
                    around |= self._around(unit, operator)
        for _, unit in self.units:
            day = str(unit.FECHA)[:10]
            if not f"{WINDOW[0]}" <= day <= ON:
                continue
            if unit.tipo == "EN PRODUCCION":
                here |= self._at(unit)
                around |= self._around(unit, self.who.affiliate(letters(unit.titular)))
            elif unit.tipo == "EN EXPLORACION":
                around |= self._at(unit)
        for together in self.members:
            around |= together if together & here else set()
        return here | around

    def _at(self, unit: object) -> set[str]:
        return set(self.over(unit.geometry.x, unit.geometry.y))  # type: ignore[attr-defined]

    def _around(self, unit: object, operator: str) -> set[str]:
        at = self.in_zones(unit.geometry.x, unit.geometry.y)  # type: ignore[attr-defined]
        reach = RADIUS_M[unit.sustancia]  # type: ignore[attr-defined]
        return {
            code
            for code, title in self.rights.items()
            if operator in self.owners(title) and title.shape.distance(at[title.zone]) <= reach
        }

    @staticmethod
    def in_zones(lon: float, lat: float) -> dict[str, shapely.Point]:
        at = {}
        for zone in ("17", "18", "19"):
            to_zone = Transformer.from_crs(4326, f"EPSG:327{zone}", always_xy=True)
            at[zone] = shapely.Point(to_zone.transform(lon, lat))
        return at

    def over(self, lon: float, lat: float) -> dict[str, Title]:
        """Give every right over a point."""
        at = self.in_zones(lon, lat)
        return {
            code: title
            for code, title in self.rights.items()
            if any(part.covers(at[title.zone]) for part in title.parts)
        }

    def is_own(self, title: Title, number: str, name: str) -> bool | None:
        """Tell whether a registrant is one of the holders of a right."""
        told = [
            self._is(holder, number, self.who.means.get(name, name)) for holder in title.holders
        ]
        if True in told:
            return True
        return None if not told or None in told or title.is_open else False

    def _is(self, holder: str, number: str, name: str) -> bool | None:
        known = self.who.number.get(holder, "")
        if number and known:
            return number == known
        if not name or name == holder:
            return True if name else None
        wrong = sorted(name) == sorted(holder) and (name, holder) not in self.who.denied
        return None if wrong else False
