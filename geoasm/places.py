"""Places of which only is known what covers them, answered by the same law as registrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import areas, link
from geoasm.codes import ClosureLevel, Role
from geoasm.decisions import RELATIONS, Answered, answer, axes_of_holder
from geoasm.geometry import Geometries
from geoasm.index import Index, pack, unpack
from geoasm.law import LawAt
from geoasm.link import Points
from geoasm.model import CrsPlan
from geoasm.parsing.text import fold, fold_series
from geoasm.seniority import rank_stacks
from geoasm.situations import (
    CLASSES,
    Standing,
    lay_out,
    number_ground,
    read_standing,
    truth_codes,
)

Positions = npt.NDArray[np.intp]
Keys = npt.NDArray[np.uint64]

AXES = [
    *("asm_class", "title_relation", "holder_stratum", "stratum_basis"),
    *("n_rights", "n_titles"),
]


@dataclass(frozen=True)
class World:
    """
    Everything whose edges part classes: rights, then areas by role, as one numbered list of shapes.

    `same_holder` tells of pairs of registrations and rights (positions) whether the registrant
    holds the right. `layers` need hold no more than what decides, see `decisive_layers`.
    """

    concessions: pd.DataFrame
    layers: Mapping[Role, pd.DataFrame]
    law: LawAt
    plan: CrsPlan
    same_holder: Callable[[pd.DataFrame], pd.Series]
    registrants: str = "persons"
    stacked: str = "seniority"

    @cached_property
    def starts(self) -> Mapping[Role, int]:
        """Give the number of each role's first shape."""
        sizes = [len(self.concessions), *(len(frame) for frame in self.layers.values())]
        roles = (Role.CONCESSIONS, *self.layers)
        return dict(zip(roles, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))

    @cached_property
    def shapes(self) -> Geometries:
        """Give every shape as drawn."""
        return self._column("drawn")

    @cached_property
    def systems(self) -> npt.NDArray[np.object_]:
        """Give the system in which each shape is drawn."""
        return self._column("crs_used")

    @cached_property
    def system_numbers(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_]]:
        """Give the position of each shape's system among the distinct ones, and those."""
        numbers, systems = pd.factorize(self.systems)
        return numbers, np.asarray(systems, dtype=object)

    @cached_property
    def standing(self) -> Standing:
        """Give what the law asks of each right."""
        return read_standing(self.concessions, self.law)

    @cached_property
    def indexed(self) -> Mapping[Role, Index]:
        """Give each role's shapes, laid out for joins."""
        frames = {Role.CONCESSIONS: self.concessions, **self.layers}
        return {role: Index(frame) for role, frame in frames.items()}

    def numbered(self, rows: Positions) -> World:
        """Give the same world for registrations that are numbered anew: `rows[i]` is now i."""
        for name in ("starts", "shapes", "systems", "system_numbers", "standing", "indexed"):
            getattr(self, name)  # made before the copy: else every part made it anew

        def same_holder(pairs: pd.DataFrame) -> pd.Series:
            return self.same_holder(pairs.assign(registration=rows[pairs["registration"]]))

        other = object.__new__(World)
        other.__dict__.update(self.__dict__, same_holder=same_holder)
        return other

    def __getstate__(self) -> dict[str, Any]:
        """Give what another process needs to make the same world."""
        state = {f.name: getattr(self, f.name) for f in fields(self)}
        layers = {role: pack(frame) for role, frame in self.layers.items()}
        return {**state, "concessions": pack(self.concessions), "layers": layers}

    def __setstate__(self, state: dict[str, Any]) -> None:
        layers = {role: unpack(frame) for role, frame in state["layers"].items()}
        self.__dict__.update(state, concessions=unpack(state["concessions"]), layers=layers)

    def _column(self, name: str) -> npt.NDArray[np.object_]:
        frames = [self.concessions, *self.layers.values()]
        return np.concatenate([frame[name].to_numpy(dtype=object) for frame in frames])


def decisive_layers(layers: Mapping[Role, pd.DataFrame], law: LawAt) -> dict[Role, pd.DataFrame]:
    """Keep of the layers the areas that can change a class: hard ones, ASM zones, the corridor."""
    kept = {
        role: layers[role][layers[role]["level"] == ClosureLevel.HARD]
        for role in areas.LEVELLED_ROLES
        if role in layers
    }
    if Role.ASM_ZONES in layers:
        kept[Role.ASM_ZONES] = layers[Role.ASM_ZONES]
    name = law.parameters.get("corridor_region")
    if name is not None and {Role.MINING_CORRIDOR, Role.ADMIN} <= set(layers):
        admin = layers[Role.ADMIN]
        kept[Role.MINING_CORRIDOR] = layers[Role.MINING_CORRIDOR]
        kept[Role.ADMIN] = admin[(fold_series(admin["admin_1"]) == fold(name)).to_numpy(bool)]
    return {role: frame.reset_index(drop=True) for role, frame in kept.items()}


def cover(points: Points, world: World, registration: Positions | None = None) -> pd.DataFrame:
    """
    Find every shape that covers each point.

    Parameters
    ----------
    registration
        Whose place each point is; its own position where not given.

    Returns
    -------
    cover
        `case` (position of the point), `shape`, `same_holder` (1, 0, -1 not known; 0 for areas).
    """
    rights = link.link_areas(points, world.indexed[Role.CONCESSIONS])
    pairs = rights.rename(columns={"area": "concession"})
    if registration is not None:
        pairs["registration"] = registration[pairs["registration"]]
    parts = [
        pd.DataFrame(
            {
                "case": rights["registration"],
                "shape": rights["area"],
                "same_holder": truth_codes(world.same_holder(pairs)),
            }
        )
    ]
    for role in world.layers:
        found = link.link_areas(points, world.indexed[role])
        shape = found["area"] + world.starts[role]
        parts.append(
            pd.DataFrame({"case": found["registration"], "shape": shape, "same_holder": 0})
        )
    return pd.concat(parts, ignore_index=True)


def keys(shape: Positions, same_holder: npt.NDArray[np.int8]) -> Keys:
    """
    Give each shape, as one registrant sees it, a number of 64 bits.

    The numbers of all that covers a place add up to one for the place: two places with one sum are
    covered by the same shapes, up to a chance of one in 10**19 a couple.
    """
    with np.errstate(over="ignore"):
        z = (shape.astype(np.uint64) << np.uint64(2)) | (same_holder + 1).astype(np.uint64)
        z = (z + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        out: Keys = z ^ (z >> np.uint64(31))
    return out


def sum_keys(case: Positions, key: Keys, n: int) -> Keys:
    """Add the numbers of the shapes of each case."""
    total = np.zeros(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        np.add.at(total, case, key)
    return total


class Judged(NamedTuple):
    """Answers in order of their AXES, each once, and which of them (position) each case has."""

    answers: pd.DataFrame
    which: Positions


def judge(covering: pd.DataFrame, n: int, world: World) -> Judged:
    """
    Answer `n` cases, each distinct one only once.

    Parameters
    ----------
    covering
        As `cover` gives it; a case without rows is open ground.
    """
    case, shape = covering["case"].to_numpy(), covering["shape"].to_numpy()
    own = covering["same_holder"].to_numpy(dtype=np.int8)
    shape = _stand_ins(case, shape, n, world)
    total = sum_keys(case, keys(shape, own), n)
    _, first, which = np.unique(total, return_index=True, return_inverse=True)
    number = np.full(n, -1)
    number[first] = np.arange(len(first))
    kept = number[case] >= 0
    found = _answer(number[case[kept]], shape[kept], own[kept], len(first), world)
    answers, of_case = _name_answers(found, world.standing)
    return Judged(answers, of_case[which])


def _stand_ins(case: Positions, shape: Positions, n: int, world: World) -> Positions:
    """Put for each right that is alone on a place the first one alike: few distinct cases are left."""
    is_right = shape < len(world.concessions)
    alone = is_right & (np.bincount(case[is_right], minlength=n) == 1)[case]
    out: Positions = shape.copy()
    out[alone] = world.standing.first[world.standing.kind[shape[alone]]]
    return out


def _answer(
    case: Positions, shape: Positions, own: npt.NDArray[np.int8], n: int, world: World
) -> Answered:
    """Lay out what covers each case, and decide."""
    is_right = shape < len(world.concessions)
    links = {}
    for role, layer in world.layers.items():
        area = shape - world.starts[role]
        mine = (area >= 0) & (area < len(layer))
        links[role] = pd.DataFrame({"registration": case[mine], "area": area[mine]})
    in_region = np.zeros(n, dtype=bool)
    if Role.ADMIN in links:
        in_region[links[Role.ADMIN]["registration"]] = True
    truths = areas.closed_or_set_aside(n, world.layers, links, in_region, world.law)
    ground = number_ground(np.ones(n, dtype=bool), *(t.astype(np.int8) for t in truths))
    case, right = case[is_right], shape[is_right]
    place, _ = rank_stacks(case, right, world.standing.order)
    situations, _ = lay_out(case, right, own[is_right], place, ground, world.standing)
    return answer(situations, world.standing, registrants=world.registrants, stacked=world.stacked)


def _name_answers(found: Answered, standing: Standing) -> Judged:
    """Write each distinct answer by its names."""
    decided = found.decided
    kind = standing.kind[found.title]
    columns = (decided.asm_class, found.relation, kind, found.n_rights, found.n_titles)
    together = np.zeros(len(found.title), dtype=np.intp)
    for column in columns:
        together = together * (column.max(initial=0) + 2) + column + 1
    _, first, which = np.unique(together, return_index=True, return_inverse=True)
    named = axes_of_holder(found.title[first], standing)
    named["asm_class"] = [CLASSES[i].value for i in decided.asm_class[first]]
    named["title_relation"] = [RELATIONS[i].value for i in found.relation[first]]
    for name, count in (("n_rights", found.n_rights), ("n_titles", found.n_titles)):
        named[name] = pd.array(count[first], dtype="Int64")
    # Titles of different kinds may have holders of one stratum.
    number = named.groupby(AXES).ngroup().to_numpy()
    _, first = np.unique(number, return_index=True)
    return Judged(named.iloc[first][AXES].reset_index(drop=True), number[which])
