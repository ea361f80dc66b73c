"""Registrants and holders side by side, as numbers: each name, key and identity number is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.model import PartyRules
from geoasm.parties import names

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

REGISTRANT, HOLDER, TABLE = range(3)  # on which side people stand


@dataclass(frozen=True)
class Held:
    """
    Who holds each right, a row each.

    `told` describes their distinct names, in the columns of `People.told`, and `row` is the place in it.
    `right` gives the position of the right, `nth` which of its holders it is; `is_open` tells of each
    right whether there are more.
    """

    told: pd.DataFrame
    row: Ints
    right: Ints
    nth: Ints
    is_open: Flags


@dataclass(frozen=True)
class People:
    """
    Registrants, then holders, then those of the tables, a row each.

    `told` describes distinct names: `name`, `text` (the whole that it stood in), `key`, `bare`,
    `is_legal`, `is_person`, `forms`, `is_cut`, `is_piece`, `by_alias`; `row` is the place of each in it.
    `key` numbers the keys, `ruc` the identity numbers and those lent to a name by others; both are
    sorted, -1 is none. `by_number` tells which holders' number the
    cadastre or a table states, `is_ambiguous` whose name several
    numbers bear.
    """

    told: pd.DataFrame
    side: npt.NDArray[np.int8]
    row: Ints
    key: Ints
    ruc: Ints
    keys: pd.Index
    rucs: pd.Index
    by_number: Flags
    is_ambiguous: Flags


def read_holders(written: pd.Series, texts: pd.DataFrame, rules: PartyRules) -> Held:
    """
    Lay out the holders of each right as its text names them.

    A text that somebody else bears whole as a name is one party's, however many it seems to name.
    """
    codes, distinct = pd.factorize(written)
    readings = names.read_names(distinct, rules, rules.name_width)
    borne = set(texts["key"].to_numpy(dtype=object))
    parts: list[Sequence[names.Name | None]] = [
        (r.whole,) if r.whole is not None and len(r.parts) > 1 and r.whole.key in borne else r.parts
        for r in readings
    ]
    named = [name for part in (*parts, ()) for name in part or (None,)]
    count = np.array([max(len(part), 1) for part in (*parts, ())])
    written_out = np.asarray(distinct, dtype=object).tolist()
    text = np.repeat(np.array([*written_out, None], dtype=object), count)
    told = names.describe(named, rules)
    told["is_cut"] = [name is not None and name.is_cut for name in named]
    told["is_piece"] = [
        name is not None and name.text != whole for name, whole in zip(named, text, strict=True)
    ]
    told["text"] = pd.array(text, dtype="str")
    own = [whole if name is None else name.text for name, whole in zip(named, text, strict=True)]
    told["name"] = pd.array(own, dtype="str")
    n = count[codes]
    right = np.repeat(np.arange(len(codes)), n)
    nth = np.arange(len(right)) - np.repeat(np.cumsum(n) - n, n)
    at = (np.cumsum(count) - count)[codes][right] + nth
    return Held(told, at, right, nth, np.array([r.is_open for r in readings] + [False])[codes])


def gather(
    registered: pd.DataFrame,
    held: Held,
    held_ruc: pd.Series,
    table: pd.DataFrame,
    texts: pd.DataFrame,
    renamed: pd.Series,
) -> People:
    """
    Bring the people of a run together, and lend identity numbers by names that one alone bears.

    Parameters
    ----------
    registered, table
        `name` and `ruc` of registrants and of the user's tables.
    held_ruc
        Identity number that each right states of its holder.
    texts
        Every name in `registered` and `table`, as `names.describe_texts` gives them.
    renamed
        Keys that a person said to stand for others.
    """
    told = _told(texts, held.told, renamed)
    # What no text has is described by the last row.
    sides = [_found(side["name"], texts, len(told) - 1) for side in (registered, table)]
    at = np.concatenate([sides[0], held.row + len(texts), sides[1]])
    size = [len(registered), len(held.row), len(table)]
    side = np.repeat(np.array([REGISTRANT, HOLDER, TABLE], dtype=np.int8), size)
    key_of, keys = pd.factorize(told["key"], sort=True)
    stated, rucs = pd.factorize(
        pd.concat([registered["ruc"], held_ruc, table["ruc"]], ignore_index=True), sort=True
    )
    last = len(registered) + len(held_ruc)
    ruc = np.concatenate([stated[: size[0]], stated[size[0] : last][held.right], stated[last:]])
    key = key_of[at]
    by_number = (side == HOLDER) & (ruc >= 0)
    is_known = (side != HOLDER) & (key >= 0) & (ruc >= 0)
    n_bearing, sole = _bearers(key[is_known], ruc[is_known], len(keys))
    of_table = is_known & (side == TABLE)
    lent = np.where(side == HOLDER, _bearers(key[of_table], ruc[of_table], len(keys))[1][key], -1)
    by_number |= lent >= 0
    ruc = np.where(ruc >= 0, ruc, lent)
    ruc = np.where(ruc >= 0, ruc, sole[key])
    is_ambiguous = (ruc < 0) & (n_bearing[key] > 1)
    return People(told, side, at, key, ruc, keys, rucs, by_number, is_ambiguous)


def _told(texts: pd.DataFrame, held: pd.DataFrame, renamed: pd.Series) -> pd.DataFrame:
    """Put the distinct names of all sides under each other; the last is nobody's."""
    spelt = pd.array(texts.index, dtype="str")
    plain = texts.assign(is_cut=False, is_piece=False, text=spelt, name=spelt)
    told = pd.concat([plain, held], ignore_index=True)
    other = told["key"].map(renamed)
    told["by_alias"] = other.notna()
    told["key"] = other.where(other.notna(), told["key"]).astype("str")
    told["bare"] = told["bare"].mask(told["by_alias"])
    return told


def _found(written: pd.Series, texts: pd.DataFrame, blank: int) -> Ints:
    codes, distinct = pd.factorize(written)
    found: Ints = np.append(texts.index.get_indexer(distinct), blank)[codes]
    return found


def _bearers(key: Ints, ruc: Ints, n: int) -> tuple[Ints, Ints]:
    """Count the numbers that bear each of `n` keys, and give the one that alone does; -1 asks for none."""
    borne = pd.DataFrame({"key": key, "ruc": ruc}).drop_duplicates()
    count = np.bincount(borne["key"], minlength=n + 1)
    sole = np.full(n + 1, -1)
    sole[borne["key"]] = borne["ruc"]
    return count, np.where(count == 1, sole, -1)
