"""
Hold the matching of holders and registrants against planted names.

Usage: python benchmarks/identity.py [--holders 60000] [--registrants 55000] [--seed 1] [--page docs/holders.md]

Plants rights whose holders bear invented names, as common and as rare as a country's, and a register in
which some of the holders stand under a misspelt name, some under their own, and strangers whose names are
like a holder's or even the same. Prints by kind of fault how many are matched exactly, put into the review
list, or lost, what of the review list is true by likeness, and the processor seconds. Ends with code 1
where a stranger is taken for a holder, homonyms without a known number apart, or where too few are found.
With --page it writes the tables into a page, between its markers.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import rapidfuzz

from geoasm.codes import PartyKind
from geoasm.io.profiles import load_profile
from geoasm.model import PartyRules
from geoasm.parties import Parties, identify, same_holder
from geoasm.parties.review import find_similar
from geoasm.simulate.names import identity_numbers
from geoasm.simulate.reading import name_key
from geoasm.simulate.spellings import (
    LIKE_NAME,
    OF_ANOTHER,
    SAME_NAME,
    WIDTH,
    Fault,
    misspell,
    population,
)

LEAST_FOUND = 0.95
BESIDE = "beside_homonym"  # a holder who is registered under the true name, and so is a namesake
BANDS = (0, 85, 90, 95, 100)

# How often a fault stands in a register, of the names that have one: slips of the hand first.
MIX = {
    Fault.TYPO: 28,
    Fault.RESPELT: 20,
    Fault.REORDERED: 12,
    Fault.DROPPED: 10,
    Fault.TWO_TYPOS: 8,
    Fault.JOINED: 8,
    Fault.FORM: 5,
    Fault.INITIAL: 4,
    Fault.REMARK: 2,
    Fault.DOUBTED_REMARK: 1,
    Fault.TRUNCATED: 2,
}

_PERSONS_OF_HOLDERS, _PERSONS_OF_REGISTRANTS = 0.6, 0.77
_KNOWN_SHARE = 0.3  # of the holders, in the table of numbers
_NUMBERLESS_SHARE = 0.03  # of the registrants
_PLANTED_SHARE = 1 / 50  # of the registrants, for each fault
# These stand in the cadastre's spelling; every other fault in the register's.
_BY_CADASTRE = (Fault.TRUNCATED, Fault.REMARK)
_MARKS = re.compile(r"(?<=<!-- identity -->\n).*?(?=<!-- /identity -->)", re.DOTALL)

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Planted:
    """
    Two sides and the truth.

    `truth` has a row for each planted pair: `registration`, `right` (positions), `fault`, `is_true`
    (one party), `known` (both sides tell the number).
    """

    registrations: pd.DataFrame
    concessions: pd.DataFrame
    table: pd.DataFrame
    truth: pd.DataFrame


@dataclass(frozen=True)
class Measured:
    """What became of the planted pairs (`outcome`: own, review, apart), and of all others."""

    truth: pd.DataFrame
    false_own: int  # pairs that are no planted homonyms
    review: pd.DataFrame  # `score`, `reason`, `is_true`
    cpu_s: dict[str, float]


def plant(rng: np.random.Generator, rules: PartyRules, holders: int, registrants: int) -> Planted:
    """Plant holders, registrants, and a table that tells the numbers of some holders."""
    people, held, others = _people(rng, rules, holders, registrants)
    ruc = people["ruc"].to_numpy()
    pairs = _pairs(rng, people, held, round(registrants * _PLANTED_SHARE))
    n = len(pairs)
    strangers = others[: registrants - n]
    # Who only bears a holder's name has the number of somebody who is not registered.
    numbers = np.where(pairs["is_true"], ruc[held[pairs["right"]]], ruc[others[::-1][:n]])
    order = rng.permutation(registrants)
    numberless = rng.random(registrants) < _NUMBERLESS_SHARE
    numberless[:n] &= ~pairs["right"].isin(pairs.loc[pairs["fault"] == BESIDE, "right"])
    register = pd.DataFrame(
        {
            "registrant_name": np.r_[pairs["spelling"], people["name"].to_numpy()[strangers]],
            "ruc": np.where(numberless, None, np.r_[numbers, ruc[strangers]]),
        },
        dtype="str",
    )
    spelt = people["name"].iloc[held].reset_index(drop=True)
    by_cadastre = pairs[pairs["fault"].isin(_BY_CADASTRE)]
    spelt[by_cadastre["right"]] = by_cadastre["cadastre"].to_numpy()
    listed = rng.permutation(holders)[: round(_KNOWN_SHARE * holders)]
    truth = pairs[["right", "fault", "is_true"]].assign(registration=np.argsort(order)[:n])
    # Of a name that the cadastre cut, no table tells whose it is.
    told = pairs["right"].isin(listed) & (pairs["fault"] != Fault.TRUNCATED)
    return Planted(
        _coded(register.iloc[order], "registration_id"),
        _coded(spelt.str.slice(0, WIDTH).rename("holder_name").to_frame(), "concession_id"),
        pd.DataFrame({"holder_name": people["name"].array[held[listed]], "ruc": ruc[held[listed]]}),
        truth.assign(known=told & ~numberless[:n]),
    )


def _people(
    rng: np.random.Generator, rules: PartyRules, holders: int, registrants: int
) -> tuple[pd.DataFrame, Positions, Positions]:
    """Invent people with numbers; give the positions of those who hold rights, and of the others."""
    counts = [
        [round(share * n), n - round(share * n)]
        for share, n in (
            (_PERSONS_OF_HOLDERS, holders),
            (_PERSONS_OF_REGISTRANTS, registrants),
        )
    ]
    taken = {w for spelling, _ in rules.legal_forms for w in spelling.split()} | rules.firm_words
    taken |= set(rules.numerals) | {w for some in rules.others for w in some.split()}
    people = population(rng, *map(sum, zip(*counts, strict=True)), taken)
    legal = (people["kind"] == PartyKind.LEGAL).to_numpy()
    serial = np.arange(len(people), dtype=np.int64)
    people["ruc"] = np.where(legal, identity_numbers("20", serial), identity_numbers("10", serial))
    sides = [rng.permutation(np.flatnonzero(legal == is_legal)) for is_legal in (False, True)]
    held, others = (
        rng.permutation(np.concatenate(parts))
        for parts in zip(
            *((s[:n], s[n:]) for s, n in zip(sides, counts[0], strict=True)), strict=True
        )
    )
    return people, held, others


def _pairs(rng: np.random.Generator, people: pd.DataFrame, held: Positions, n: int) -> pd.DataFrame:
    """Misspell the names of some holders for each fault, so that nobody else's name comes out."""
    borne = set(map(_letters, people["name"]))
    free = np.arange(len(held))
    parts = []
    for fault in Fault:
        names = people["name"].iloc[held[free]].set_axis(free)
        legal = (people["kind"].iloc[held[free]] == PartyKind.LEGAL).to_numpy()
        if fault == Fault.HOMONYM:  # of persons: two firms have two names
            names, legal = names[~legal], legal[~legal]
        spelt = misspell(rng, names, legal, fault).dropna()
        if fault != Fault.TRUNCATED:
            spelt = spelt[spelt.str.len() < WIDTH - 1]
        if fault not in (*SAME_NAME, Fault.HOMONYM):
            letters = spelt.map(_letters)
            spelt = spelt[~letters.isin(borne) & ~letters.duplicated()]
        spelt = spelt.sample(min(n, len(spelt)), random_state=rng)
        borne |= set(map(_letters, spelt))
        free = np.setdiff1d(free, spelt.index)
        part = pd.DataFrame({"right": spelt.index, "fault": str(fault), "cadastre": spelt.array})
        part["spelling"] = names[spelt.index].array if fault in _BY_CADASTRE else spelt.array
        parts.append(part.assign(is_true=fault not in OF_ANOTHER))
        if fault == Fault.HOMONYM:
            half = part.iloc[: len(part) // 2]
            parts.append(half.assign(fault=BESIDE, is_true=True))
    return pd.concat(parts, ignore_index=True)


def _letters(name: str) -> str:
    return " ".join(sorted((name_key(name) or "").split()))


def _coded(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    codes = pd.array([f"{i:06d}" for i in range(len(frame))], dtype="str")
    coded = frame.reset_index(drop=True)
    return coded.assign(**{code: codes}, source_row=np.arange(1, len(frame) + 1))


def measure(planted: Planted, rules: PartyRules) -> Measured:
    """Identify everybody, and see what became of the planted pairs."""
    start = time.process_time()
    parties = identify(planted.registrations, planted.concessions, rules, holders=planted.table)
    between = time.process_time()
    likely = find_similar(parties, rules)
    cpu = {"identify": between - start, "review": time.process_time() - between}
    truth = planted.truth.reset_index(drop=True)
    registrant = parties.registrant.take(truth["registration"]).reset_index(drop=True)
    holder = parties.holder.take(truth["right"]).reset_index(drop=True)
    own = same_holder(registrant, holder, parties, "persons", likely).fillna(False).astype(bool)
    asked = pd.MultiIndex.from_arrays([registrant.astype("int64"), holder.astype("int64")])
    listed = pd.MultiIndex.from_frame(likely[["registrant_id", "member_id"]])
    truth["outcome"] = np.select([own, asked.isin(listed)], ["own", "review"], "apart")
    review = likely[["score", "reason"]].assign(is_true=listed.isin(asked[truth["is_true"]]))
    return Measured(truth, _false_own(planted, parties, likely), review, cpu)


def _false_own(planted: Planted, parties: Parties, likely: pd.DataFrame) -> int:
    """Count own titles of strangers among all pairs, planted homonyms apart."""
    sides = [
        pd.DataFrame({"party": party.array, side: np.arange(len(party))}).dropna()
        for side, party in (("registration", parties.registrant), ("right", parties.holder))
    ]
    met = sides[0].merge(sides[1], on="party")
    same = same_holder(met["party"], met["party"], parties, "persons", likely)
    met = met[same.fillna(False).to_numpy(dtype=bool)]
    planned = planted.truth[planted.truth["is_true"] | (planted.truth["fault"] == Fault.HOMONYM)]
    pairs = pd.MultiIndex.from_frame(planned[["registration", "right"]])
    return int((~pd.MultiIndex.from_frame(met[["registration", "right"]]).isin(pairs)).sum())


def by_fault(truth: pd.DataFrame, faults: Iterable[str]) -> pd.DataFrame:
    """Count outcomes by fault, of pairs of which a number is not known."""
    counted = truth[~truth["known"]]
    table = pd.crosstab(counted["fault"], counted["outcome"])
    table = table.reindex([*map(str, faults)], columns=["own", "review", "apart"], fill_value=0)
    table.insert(0, "pairs", table.sum(axis=1))
    return table


def found(truth: pd.DataFrame, mix: dict[Fault, int] | None = None) -> float:
    """
    Give the share found, exactly or for review, over faults as often as registers show them.

    Faults of which no pair is planted are left out; NaN where that is all of them.
    """
    weights = mix or MIX
    table = by_fault(truth, weights).assign(weight=list(weights.values()))
    table = table[table["pairs"] > 0]
    if table.empty:
        return math.nan
    return float(np.average(1 - table["apart"] / table["pairs"], weights=table["weight"]))


def is_enough(measured: Measured) -> bool:
    """Tell whether nobody is taken for another, and enough are found; where none was planted, not."""
    return measured.false_own == 0 and found(measured.truth) >= LEAST_FOUND


def planted_homonyms(truth: pd.DataFrame) -> int:
    """Count strangers with a holder's very name whom no number tells apart."""
    beside = truth.loc[truth["fault"] == BESIDE, "right"]
    alike = (truth["fault"] == Fault.HOMONYM) & ~truth["right"].isin(beside)
    return int((alike & ~truth["known"]).sum())


def taken_homonyms(truth: pd.DataFrame) -> int:
    """Count strangers with a holder's very name who are taken for the holder."""
    return int(((truth["fault"] == Fault.HOMONYM) & (truth["outcome"] == "own")).sum())


def by_likeness(review: pd.DataFrame) -> pd.DataFrame:
    """Count pairs of the review list, and true ones, by score, by reason, and of all."""
    names = [f"{a} to {b}" for a, b in pairwise(BANDS)] + ["100"]
    band = np.digitize(review["score"], BANDS) - 1
    parts = [
        review.groupby(by)["is_true"].agg(pairs="size", true="sum")
        for by in (
            pd.Categorical.from_codes(band, names),
            review["reason"],
            np.full(len(review), "all"),
        )
    ]
    table = pd.concat([part.rename(index=str) for part in parts])
    return table.assign(precision=table["true"] / table["pairs"])


def markdown(table: pd.DataFrame, first: str) -> str:
    """Lay a table out; shares as per cent."""
    head = [first, *map(str, table.columns)]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    shares = [dtype.kind == "f" for dtype in table.dtypes]
    for name, *row in table.itertuples():
        cells = [f"{v:.1%}" if s else f"{v:,}" for v, s in zip(row, shares, strict=True)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def told(planted: Planted, measured: Measured) -> str:
    """Put the result into words and tables."""
    truth, cpu = measured.truth, measured.cpu_s
    known = truth[truth["known"] & truth["is_true"]]
    true = by_fault(truth, (*SAME_NAME, *LIKE_NAME, BESIDE))
    true.insert(0, "weight", [MIX.get(fault, 0) for fault in true.index])
    true = true.rename(columns={"own": "exactly", "apart": "lost"})
    true["found"] = 1 - true["lost"] / true["pairs"]
    parts = [
        f"{len(planted.concessions):,} holders, {len(planted.registrations):,} registrants, "
        f"{len(truth):,} planted pairs. Processor seconds: identify {cpu['identify']:.1f}, review list "
        f"{cpu['review']:.1f} (Python {platform.python_version()}, rapidfuzz {rapidfuzz.__version__}, "
        f"{platform.machine()}, {os.cpu_count()} processors).",
        f"Where both sides tell the number, {(known['outcome'] == 'own').sum():,} of {len(known):,} true "
        "pairs are matched, whatever the spelling. The other true pairs:",
        markdown(true, "fault"),
        f"Found over the mix: **{found(truth):.1%}**. The names of others:",
        markdown(by_fault(truth, OF_ANOTHER), "whose"),
        f"Strangers taken for a holder: **{measured.false_own}**, and {taken_homonyms(truth)} of the "
        f"{planted_homonyms(truth)} homonyms of whom no number is known. The review list:",
        markdown(by_likeness(measured.review), "score, reason"),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--holders", type=int, default=60_000)
    parser.add_argument("--registrants", type=int, default=55_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    rules = load_profile("pe").parties
    planted = plant(np.random.default_rng(given.seed), rules, given.holders, given.registrants)
    measured = measure(planted, rules)
    text = told(planted, measured)
    print(text)
    if given.page:
        page = given.page.read_text(encoding="utf-8")
        given.page.write_text(_MARKS.sub(lambda _: f"\n{text}\n", page), encoding="utf-8")
    if not is_enough(measured):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
