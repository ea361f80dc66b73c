"""A planted register: who registers where, what the entry declares, and the truth of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import Activity, AsmClass, ConcessionStatus, PartyKind, RegistrationStatus
from geoasm.parsing.text import fold
from geoasm.simulate import truth
from geoasm.simulate.holders import name_key
from geoasm.simulate.names import letters_of, people_and_firms
from geoasm.simulate.placement import Sites, World

_PER_REGISTRANT = 1.57  # registrations of one registrant
_NATURAL = 0.77
_ACTIVE = 0.27
_EXTRACTION = 0.88
_FEMALE = 0.22
_NO_NUMBER, _NO_NAME = 0.03, 0.02
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
        `signed_on` where the registrant has a contract for the right.
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
    count = round(n / _PER_REGISTRANT) + 1
    people = round(_NATURAL * count)
    # Serials run on from where those of holders stop: nobody has two numbers by accident.
    new = people_and_firms(rng, people, count - people, first=len(world.holders))
    new = new[~new["name"].map(letters_of).isin(set(world.holders["name"].map(letters_of)))]
    new = new.iloc[rng.permutation(len(new))].reset_index(drop=True)
    sizes = rng.geometric(1 / _PER_REGISTRANT, n + len(new))
    who = np.repeat(np.arange(len(sizes)), sizes)[:n] % len(new)
    # Entries of one registrant lie in one district, as they mostly do.
    who = who[np.argsort(np.lexsort((rng.random(n), sites.tile)), kind="stable")]
    found = new.iloc[who].reset_index(drop=True)
    found.columns = pd.Index(["registrant_name", "ruc", "registrant_kind"])
    by_key = {name_key(h.name): h for h in world.holders.itertuples()}
    names, rucs, kinds = (found[c].to_numpy(dtype=object).copy() for c in found.columns)
    for i in np.flatnonzero(sites.planned == AsmClass.OWN_TITLE):
        titled = [r for r in sites.stack[i] if records[r].status == ConcessionStatus.TITLED]
        mine = [r for r in titled if records[r].holder.key in by_key]
        holder = by_key[records[int(rng.choice(mine))].holder.key]
        names[i], rucs[i], kinds[i] = holder.name, holder.ruc, holder.kind
    own = sites.planned == AsmClass.OWN_TITLE
    listed = dict(zip(world.holders["ruc"], world.holders["listed"], strict=True))
    provable = np.array([bool(listed.get(r, False)) for r in rucs], dtype=bool)
    varied = own & (rng.random(n) < 0.4)
    how = rng.integers(0, 4, n)
    for i in np.flatnonzero(varied):
        names[i] = _respelt(str(names[i]), int(how[i]))
    # What a registrant leaves out is left out of all entries: no other one tells who it is.
    leaves_out = rng.random(len(new))[who]
    nameless = np.where(own, provable & (rng.random(n) < _NO_NAME), leaves_out < _NO_NAME)
    numberless = ~own & (leaves_out > 1 - _NO_NUMBER)
    numberless |= own & ~provable & (rng.random(n) < _NO_NUMBER * 10)
    # A holder whose number only its own entry tells: whether that number counts is no plain case.
    told = {name_key(name) for name in names[own & ~provable & ~numberless]}
    meets = [any(records[r].holder.key in told for r in stack) for stack in sites.stack]
    nameless &= own | ~np.isin(who, who[~own & np.array(meets, dtype=bool)])
    return pd.DataFrame(
        {
            "registrant_name": pd.array(np.where(nameless, None, names), dtype="str"),
            "ruc": pd.array(np.where(numberless, None, rucs), dtype="str"),
            "registrant_kind": pd.array(kinds, dtype="str"),
        }
    )


def _respelt(name: str, how: int) -> str:
    """Spell a name in another way that means the same: case, accents, spaces, stops."""
    if how == 0:
        return name.lower()
    if how == 1:
        return fold(name)
    if how == 2:
        return f" {name.replace(' ', '  ', 1)}"
    return name.replace(".", "")


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


def answers(
    world: World, records: list[truth.Right], sites: Sites, frame: pd.DataFrame
) -> pd.DataFrame:
    """
    Work out the truth of every registration from its place and its registrant.

    Returns
    -------
    truth
        The index of `frame`: `asm_class`, `class_if_unlocated` (what remains when no position can
        be used: a declared right in force, or nothing), `title_relation`, `concession_id`,
        `right_ids` (senior first), `n_rights`, `holder_stratum`, `holder_activity`,
        `own_title_contested`, `has_contract`.
    """
    by_code = {r.id: r for r in records}
    rows = []
    columns = (frame["site"], frame["ruc"], frame["registrant_name"], frame["declared_right_id"])
    for site, ruc, name, declared in zip(*columns, strict=True):
        registrant = truth.Party(None if pd.isna(ruc) else str(ruc), name_key(name))
        stack = tuple(records[i] for i in sites.stack[site])
        found = truth.decide(registrant, stack, sites.closed[site], sites.asm_zone[site])
        right = None if pd.isna(declared) else by_code.get(declared)
        lost = AsmClass.UNLOCATABLE
        if right is not None and right.status == ConcessionStatus.TITLED:
            lost = truth.class_on_title(registrant, right)[0]
        titled = found.right is not None and found.right.status == ConcessionStatus.TITLED
        stratum = found.right.stratum or "unknown" if found.right is not None and titled else None
        rows.append(
            {
                "asm_class": str(found.asm_class),
                "class_if_unlocated": str(lost),
                "title_relation": str(found.title_relation),
                "concession_id": found.right.id if found.right else None,
                "right_ids": ";".join(r.id for r in found.stack) or None,
                "n_rights": len(stack),
                "holder_stratum": stratum,
                "holder_activity": truth.activity(found.right),
                "own_title_contested": found.contested,
            }
        )
    out = pd.DataFrame(rows, index=frame.index)
    third = (out["title_relation"] == "third_party") & out["concession_id"].notna()
    able = third & frame["ruc"].notna()
    of = pd.MultiIndex.from_arrays([out["concession_id"], frame["ruc"]])
    # One contract serves every entry of its registrant on that right.
    out["has_contract"] = able & of.isin(of[able & frame["signed_on"].notna()])
    text = [c for c in out.columns if out[c].dtype == object or str(out[c].dtype) == "str"]
    return out.astype(dict.fromkeys(text, "str"))
