"""A planted register: who registers where, and what the entry declares."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import Activity, AsmClass, ConcessionStatus, PartyKind, RegistrationStatus
from geoasm.parsing.text import fold
from geoasm.simulate import truth
from geoasm.simulate.names import people_and_firms
from geoasm.simulate.placement import Sites, World
from geoasm.simulate.reading import name_key
from geoasm.simulate.spellings import Fault, misspell

_PER_REGISTRANT = 1.57  # registrations of one registrant
_NATURAL = 0.77
_ACTIVE = 0.27
_EXTRACTION = 0.88
_FEMALE = 0.22
_SPELT: Final = {  # of the own titles, by how the name is spelt
    Fault.NONE: 0.6,
    Fault.RESPELT: 0.2,
    Fault.REORDERED: 0.12,
    Fault.REMARK: 0.08,
}
_NO_NUMBER, _NO_NAME = 0.03, 0.02
_MISSPELT_FIRST = 0.5  # how often a holder who spells his name wrongly goes before others
_CONTRACTS = 0.05  # of the registrations on another's title
_DECLARED = {"agrees": 0.80, "elsewhere": 0.06, "extinct": 0.03, "mistyped": 0.04, "none": 0.07}


def register(
    rng: np.random.Generator,
    world: World,
    records: list[truth.Right],
    sites: Sites,
    *,
    sex: bool = False,
) -> pd.DataFrame:
    """
    Register somebody at every site.

    Returns
    -------
    register
        One row a registration, RangeIndex: canonical fields of registrations, the true `lon` and
        `lat`, `planned` class, `declared` (agrees, elsewhere, extinct, mistyped, none), and
        `signed_on` where the registrant has a contract for the right, `known_as`: the name however
        it is spelt, `is_misspelt`: a holder who spells its own name wrongly.
    """
    n = len(sites.lon)
    frame = pd.DataFrame(
        {
            "lon": sites.lon,
            "lat": sites.lat,
            "planned": pd.array(sites.planned, dtype="str"),
            "site": np.arange(n),
        }
    )
    frame = pd.concat([frame, _registrants(rng, world, records, sites)], axis=1)
    frame = pd.concat([frame, _declared(rng, world, records, sites)], axis=1)
    serial = rng.permutation(n) + 1
    frame["registration_id"] = [f"{1 + s % 24:02d}{s:07d}" for s in serial]
    frame["status"] = np.where(
        rng.random(n) < _ACTIVE, str(RegistrationStatus.ACTIVE), str(RegistrationStatus.SUSPENDED)
    )
    frame["activity"] = np.where(
        rng.random(n) < _EXTRACTION, str(Activity.EXTRACTION), str(Activity.PROCESSING)
    )
    day = world.law.on
    frame["registered_year"] = rng.integers(day.year - 14, day.year - 2, n)
    if world.admin is not None:
        for column in ("admin_1", "admin_2", "admin_3"):
            if column in world.admin.columns:
                frame[f"declared_{column}"] = world.admin[column].to_numpy(dtype=object)[sites.tile]
    if sex:
        drawn = np.where(rng.random(n) < _FEMALE, "female", "male")
        natural = frame["registrant_kind"] == PartyKind.NATURAL
        frame["sex"] = pd.Series(drawn, dtype="str").where(natural)
    signed = rng.random(n) < _CONTRACTS
    days = rng.integers(1, 900, n).astype("timedelta64[D]")
    on = np.datetime64(world.law.on, "D") - days
    frame["signed_on"] = pd.Series(on.astype("datetime64[s]")).where(signed)
    return frame


def _registrants(
    rng: np.random.Generator, world: World, records: list[truth.Right], sites: Sites
) -> pd.DataFrame:
    """Own titles go to their holders; everybody else is new, with several entries for some."""
    n = len(sites.lon)
    holders = world.holders
    count = round(n / _PER_REGISTRANT) + 1
    people = round(_NATURAL * count)
    # Serials run on from where those of holders stop: nobody has two numbers by accident. Nor does
    # anybody bear a name that is much like a holder's.
    taken = {word for name in holders["name"] for word in fold(name).split()}
    new = people_and_firms(rng, people, count - people, first=len(holders), avoid=taken)
    new = new.iloc[rng.permutation(len(new))].reset_index(drop=True)
    sizes = rng.geometric(1 / _PER_REGISTRANT, n + len(new))
    who = np.repeat(np.arange(len(sizes)), sizes)[:n] % len(new)
    # Entries of one registrant lie in one district, as they mostly do.
    who = who[np.argsort(np.lexsort((rng.random(n), sites.tile)), kind="stable")]
    found = new.iloc[who].reset_index(drop=True)
    own = sites.planned == AsmClass.OWN_TITLE
    row = _owners(rng, world, records, sites, own)
    names, rucs, kinds = (
        np.where(own, holders[c].to_numpy(dtype=object)[row], found[c].to_numpy(dtype=object))
        for c in ("name", "ruc", "kind")
    )
    provable = own & holders["listed"].to_numpy(dtype=bool)[row]
    misspelt = own & holders["spelling"].notna().to_numpy()[row]
    known_as = np.where(misspelt, holders["spelling"].to_numpy(dtype=object)[row], names)
    names = np.where(own, _spell(rng, known_as, kinds, own), known_as)
    keys = [name_key(name) for name in holders["name"].to_numpy(dtype=object)[row]]
    nameless, numberless = _withheld(rng, records, sites, own, provable, misspelt, keys, who)
    return pd.DataFrame(
        {
            "registrant_name": pd.array(_blank(names, nameless), dtype="str"),
            "ruc": pd.array(_blank(rucs, numberless), dtype="str"),
            "known_as": pd.array(_blank(known_as, nameless), dtype="str"),
            "registrant_kind": pd.array(kinds, dtype="str"),
            "is_misspelt": misspelt,
        }
    )


def _spell(
    rng: np.random.Generator,
    names: npt.NDArray[np.object_],
    kinds: npt.NDArray[np.object_],
    own: npt.NDArray[np.bool_],
) -> npt.NDArray[np.object_]:
    """Spell the names of some registrants on their own titles in other ways that mean the same."""
    out = names.copy()
    fault = rng.choice(list(_SPELT), len(names), p=list(_SPELT.values()))
    for some in _SPELT:
        rows = np.flatnonzero(own & (fault == some))
        told = pd.Series(names[rows], dtype="str")
        spelt = misspell(rng, told, kinds[rows] == PartyKind.LEGAL, some)
        out[rows] = spelt.fillna(told).to_numpy(dtype=object)
    return out


def _blank(values: npt.NDArray[np.object_], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    out = values.copy()
    out[mask] = None
    return out


def _owners(
    rng: np.random.Generator,
    world: World,
    records: list[truth.Right],
    sites: Sites,
    own: npt.NDArray[np.bool_],
) -> npt.NDArray[np.intp]:
    """Choose for each place whose own title it is to be (row of holders), every other time one misspelt."""
    members = world.rights["members"].tolist()
    unclear = world.rights["unclear"].to_numpy(dtype=bool)
    misspelt = world.holders["spelling"].notna().to_numpy()
    row = np.zeros(len(own), dtype=np.intp)
    for i in np.flatnonzero(own):
        titled = [r for r in sites.stack[i] if records[r].status == ConcessionStatus.TITLED]
        mine = [m for r in titled if not unclear[r] for m in members[r]]
        wrong = [m for m in mine if misspelt[m]]
        row[i] = int(rng.choice(wrong if wrong and rng.random() < _MISSPELT_FIRST else mine))
    return row


def _withheld(
    rng: np.random.Generator,
    records: list[truth.Right],
    sites: Sites,
    own: npt.NDArray[np.bool_],
    provable: npt.NDArray[np.bool_],
    misspelt: npt.NDArray[np.bool_],
    keys: list[str | None],
    who: npt.NDArray[np.intp],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell which entries leave out the name, and which the number."""
    n = len(own)
    # What a registrant leaves out is left out of all entries: no other one tells who it is.
    leaves_out = rng.random(int(who.max()) + 1)[who]
    nameless = np.where(own, provable & (rng.random(n) < _NO_NAME), leaves_out < _NO_NAME)
    numberless = ~own & (leaves_out > 1 - _NO_NUMBER)
    numberless |= own & ~provable & (rng.random(n) < _NO_NUMBER * 10)
    nameless, numberless = nameless & ~misspelt, numberless & ~misspelt
    # A holder whose number only its own entry tells: whether that number counts is no plain case.
    told = {keys[i] for i in np.flatnonzero(own & ~provable & ~numberless)}
    meets = [any(h.key in told for r in stack for h in records[r].holders) for stack in sites.stack]
    nameless &= own | ~np.isin(who, who[~own & np.array(meets, dtype=bool)])
    return nameless, numberless


def _declared(
    rng: np.random.Generator, world: World, records: list[truth.Right], sites: Sites
) -> pd.DataFrame:
    """Declare a right: mostly one at the point, else another, an extinct one, a mistyped code, none."""
    n = len(sites.lon)
    kinds = rng.choice(list(_DECLARED), n, p=list(_DECLARED.values()))
    kinds = np.where(sites.planned == AsmClass.UNLOCATABLE, "none", kinds)
    status = world.rights["status"].to_numpy(dtype=object)
    known = {r.id for r in records}
    pools = {
        "elsewhere": np.flatnonzero(status == ConcessionStatus.TITLED),
        "extinct": np.flatnonzero(status == ConcessionStatus.EXTINCT),
    }
    codes: list[str | None] = []
    labels: list[str | None] = []
    names = world.rights["name"].to_numpy(dtype=object)
    for i, stack in enumerate(sites.stack):
        kind, row = str(kinds[i]), -1
        if kind in ("agrees", "mistyped"):
            row = int(rng.choice(stack)) if stack else -1
        elif kind in pools and len(pools[kind]):
            row = int(rng.choice(pools[kind]))
            row = -1 if row in stack else row
        if row < 0:
            kinds[i] = "none"
            codes.append(None)
            labels.append(None)
            continue
        code = records[row].id
        codes.append(_mistyped(rng, code, known) if kind == "mistyped" else code)
        labels.append(names[row])
    return pd.DataFrame(
        {
            "declared_right_id": pd.array(codes, dtype="str"),
            "declared_right_name": pd.array(labels, dtype="str"),
            "declared": pd.array(kinds, dtype="str"),
        }
    )


def _mistyped(rng: np.random.Generator, code: str, known: set[str]) -> str:
    """Change one digit so that no right has the code."""
    places = [i for i, c in enumerate(code) if c.isdigit() and i >= 2]
    while True:
        at = int(rng.choice(places))
        wrong = f"{code[:at]}{(int(code[at]) + int(rng.integers(1, 10))) % 10}{code[at + 1 :]}"
        if wrong not in known:
            return wrong
