"""Which rights and registrations of the baseline a measure is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.amendments.stated import Measure, Scenario, Where
from geoasm.codes import (
    AsmClass,
    ConcessionStatus,
    Flag,
    HolderActivity,
    LeftAlone,
    MeasureKind,
    Role,
    TitleRelation,
)
from geoasm.dossier import find_holder
from geoasm.errors import GeoasmError
from geoasm.model import Result
from geoasm.parsing.text import fold, fold_series
from geoasm.profile import Profile
from geoasm.schema import LIST_SEPARATOR

Mask = npt.NDArray[np.bool_]

_CODED = ("status", "holder_activity", "holder_stratum", "substance")
# Titles in force on which a contract would open the way.
_CONTRACTED = (AsmClass.ON_LSM_MSM, AsmClass.ON_SMALL_SCALE, AsmClass.ON_UNKNOWN_HOLDER)


@dataclass(frozen=True)
class Chosen:
    """
    A measure with the rights of the baseline that it is about, by code, sorted.

    `registration_ids` are those on them; for contracts, those whose registrants sign. `left_alone`
    counts what the conditions name and the measure leaves as it is. `signs_for` is the right of each
    contract, in the order of the registrations.
    """

    measure: Measure
    concession_ids: tuple[str, ...]
    area_ha: float
    registration_ids: tuple[str, ...]
    left_alone: Mapping[LeftAlone, int] = field(default_factory=dict)
    signs_for: tuple[str, ...] = ()


def choose(scenario: Scenario, baseline: Result, profile: Profile) -> tuple[Chosen, ...]:
    """
    Bring each measure of a scenario to rights and registrations of the baseline.

    Parameters
    ----------
    profile
        Of the baseline: how names of holders are read, and whether the register has persons.

    Raises
    ------
    OptionError
        A condition names a right, region or holder that the baseline does not have; the text names
        file and key, and the nearest.
    """
    return tuple(
        _choose(i, measure, scenario, baseline, profile)
        for i, measure in enumerate(scenario.measures)
    )


def _choose(
    i: int, measure: Measure, scenario: Scenario, baseline: Result, profile: Profile
) -> Chosen:
    rights = baseline.concessions
    met = _meeting(f"measure[{i}].where", measure.where, scenario, baseline, profile)
    left: dict[LeftAlone, int] = {}
    if measure.kind is not MeasureKind.GROUND_RESERVED:
        in_force = rights["status"].eq(ConcessionStatus.TITLED).to_numpy(dtype=bool)
        left[LeftAlone.NOT_IN_FORCE] = int((met & ~in_force).sum())
        met &= in_force
    if measure.kind is MeasureKind.CONTRACTS_SIGNED:
        idle = rights["holder_activity"].eq(HolderActivity.IDLE).to_numpy(dtype=bool)
        left[LeftAlone.IDLE] = int((met & idle).sum())
        met &= ~idle
    ids = rights.loc[met, "concession_id"]
    signs_for: tuple[str, ...] = ()
    if measure.kind is MeasureKind.CONTRACTS_SIGNED:
        signing, spared = _signing(ids, baseline.registrations)
        left |= spared
        registrations = signing["registration_id"]
        signs_for = tuple(signing["concession_id"].astype(str))
    else:
        pairs = baseline.pairs
        on = pairs["covered"].fillna(False).astype(bool) & pairs["concession_id"].isin(ids)
        registered = baseline.registrations
        placed = registered.loc[registered["concession_id"].isin(ids), "registration_id"]
        found = pd.concat([pairs.loc[on, "registration_id"], placed])  # by declaration, too
        registrations = found.drop_duplicates().sort_values()
    return Chosen(
        measure,
        tuple(sorted(ids.astype(str))),
        float(rights.loc[met, "area_ha"].sum()),
        tuple(registrations.astype(str)),
        {reason: n for reason, n in left.items() if n},
        signs_for,
    )


def _signing(ids: pd.Series, registered: pd.DataFrame) -> tuple[pd.DataFrame, dict[LeftAlone, int]]:
    """Find whose registrants sign: another's title in force decided, and there is no contract yet."""
    on = registered["concession_id"].isin(ids) & registered["asm_class"].isin(_CONTRACTED)
    flags = registered["flags"].fillna("").astype(object).str.split(LIST_SEPARATOR)
    signed = flags.map(lambda found: Flag.HAS_CONTRACT in found).astype(bool)
    other = registered["title_relation"].eq(TitleRelation.THIRD_PARTY)
    spared = {
        LeftAlone.SIGNED: int((on & signed).sum()),
        LeftAlone.UNKNOWN_PARTY: int((on & ~signed & ~other).sum()),
    }
    found = registered.loc[on & ~signed & other, ["registration_id", "concession_id"]]
    return found.sort_values("registration_id"), spared


def _meeting(
    key: str, where: Where, scenario: Scenario, baseline: Result, profile: Profile
) -> Mask:
    """Tell which rights meet every condition."""
    rights = baseline.concessions
    if not any(getattr(where, f.name) not in ((), None) for f in fields(Where)):
        raise scenario.fault(
            key, f"states no condition; give one of {', '.join(f.name for f in fields(Where))}"
        )
    met = np.ones(len(rights), dtype=bool)
    for name in _CODED:
        if getattr(where, name):
            for value in (
                set(where.substance) - set(rights["substance"]) if name == "substance" else ()
            ):
                found = rights["substance"].dropna().astype(str)
                raise scenario.unknown(f"{key}.{name}", value, found, "the run has no substance")
            met &= rights[name].isin(getattr(where, name)).to_numpy(dtype=bool)
    if where.min_registrations is not None:
        met &= rights["n_registrations"].fillna(0).ge(where.min_registrations).to_numpy(dtype=bool)
    if where.candidate is not None:
        is_one = rights["concession_id"].isin(baseline.candidates["concession_id"])
        met &= (is_one == where.candidate).to_numpy(dtype=bool)
    if where.own_title is not None:
        met &= _own(where.own_title, baseline, profile)
    if where.concession_id:
        known = set(rights["concession_id"])
        for code in where.concession_id:
            if code not in known:
                raise scenario.unknown(f"{key}.concession_id", code, known, "the run has no right")
        met &= rights["concession_id"].isin(where.concession_id).to_numpy(dtype=bool)
    if where.holder:
        met &= _held(f"{key}.holder", where.holder, scenario, baseline, profile)
    if where.admin_1:
        met &= _inside(f"{key}.admin_1", where.admin_1, scenario, baseline)
    return met


def _own(wanted: bool, baseline: Result, profile: Profile) -> Mask:
    """Tell which rights have their holder registered on them; or, not wanted, nobody who may be it."""
    registered = baseline.registrations
    asked = [TitleRelation.OWN]
    if not wanted and profile.registrants != "none":
        asked.append(TitleRelation.UNKNOWN)
    codes = registered.loc[registered["title_relation"].isin(asked), "concession_id"]
    own: Mask = baseline.concessions["concession_id"].isin(codes).to_numpy(dtype=bool)
    return own if wanted else ~own


def _held(
    key: str, asked: tuple[str, ...], scenario: Scenario, baseline: Result, profile: Profile
) -> Mask:
    numbers: set[int] = set()
    for name in asked:
        try:
            found = find_holder(baseline, name, profile.parties)
        except GeoasmError as err:
            # Persons may be asked for, and are never told of: the error lists names that are public.
            fault = scenario.fault(key, str(err).removeprefix(f"--holder {name!r}: "))
            try:
                found = find_holder(baseline, name, profile.parties, with_private=True)
            except GeoasmError:
                raise fault from None
        numbers |= set(found.holder_ids)
    held: Mask = baseline.concessions["holder_id"].isin(numbers).to_numpy(dtype=bool)
    return held


def _inside(key: str, asked: tuple[str, ...], scenario: Scenario, baseline: Result) -> Mask:
    rights = baseline.concessions
    regions = baseline.context.get(Role.ADMIN.value)
    if regions is not None and "admin_1" in regions:
        right, names = _middles(rights, regions)
    else:
        on = baseline.pairs[baseline.pairs["covered"].fillna(False).astype(bool)]
        place = pd.Series(np.arange(len(rights)), index=rights["concession_id"])
        region = baseline.registrations.set_index("registration_id")["admin_1"]
        right = on["concession_id"].map(place).to_numpy(dtype=np.intp)
        names = on["registration_id"].map(region).reset_index(drop=True)
    folded = fold_series(names.astype("str"))
    for name in asked:
        if not (folded == fold(name)).any():
            known = names.dropna().astype(str)
            raise scenario.unknown(key, name, known, "no right of the run lies in a region")
    inside = np.zeros(len(rights), dtype=bool)
    inside[right[folded.isin([fold(name) for name in asked]).to_numpy(dtype=bool)]] = True
    return inside


def _middles(rights: pd.DataFrame, regions: pd.DataFrame) -> tuple[npt.NDArray[np.intp], pd.Series]:
    """Pair each right with the regions in which a point inside it lies."""
    middles = shapely.point_on_surface(gpd.GeoSeries(rights["geometry"]).to_numpy())
    tree = shapely.STRtree(regions["geometry"].to_numpy())
    right, region = tree.query(middles, predicate="intersects")
    return right, regions["admin_1"].iloc[region].reset_index(drop=True)
