"""Places of which only is known what covers them, answered by the same law as registrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import areas, link
from geoasm.classify import classify
from geoasm.codes import ClosureLevel, Role
from geoasm.geometry import Geometries
from geoasm.law import LawAt
from geoasm.link import Points
from geoasm.model import CrsPlan
from geoasm.parsing.text import fold, fold_series
from geoasm.seniority import order_stacks

Positions = npt.NDArray[np.intp]
Keys = npt.NDArray[np.uint64]

AXES = ["asm_class", "title_relation", "holder_stratum", "stratum_basis", "n_rights"]
UNKNOWN_HOLDER = -1
# What the law asks of a right beside its place in a stack: see `classify`.
TOLD_APART_BY = ("status", "holder_stratum", "stratum_basis", "holder_activity")


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
    def alike(self) -> Positions:
        """Give the first right that the law cannot tell from each, where it is alone on the ground."""
        kinds = [self.concessions[name].astype("category").cat.codes for name in TOLD_APART_BY]
        _, first, which = np.unique(
            np.column_stack(kinds), axis=0, return_index=True, return_inverse=True
        )
        alike: Positions = first[which.ravel()]
        return alike

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


def cover(points: Points, world: World) -> pd.DataFrame:
    """
    Find every shape that covers each point.

    Returns
    -------
    cover
        `case` (position of the point), `shape`, `same_holder` (1, 0, -1 not known; 0 for areas).
    """
    rights = link.link_areas(points, world.concessions)
    pairs = rights.rename(columns={"area": "concession"})
    parts = [
        pd.DataFrame(
            {
                "case": rights["registration"],
                "shape": rights["area"],
                "same_holder": holder_codes(world.same_holder(pairs)),
            }
        )
    ]
    for role, layer in world.layers.items():
        found = link.link_areas(points, layer)
        shape = found["area"] + world.starts[role]
        parts.append(
            pd.DataFrame({"case": found["registration"], "shape": shape, "same_holder": 0})
        )
    return pd.concat(parts, ignore_index=True)


def holder_codes(same_holder: pd.Series) -> npt.NDArray[np.int64]:
    """Write a nullable truth as 1, 0 and -1."""
    codes: npt.NDArray[np.int64] = (
        same_holder.astype("Int64").fillna(UNKNOWN_HOLDER).to_numpy(dtype=np.int64)
    )
    return codes


def keys(shape: Positions, same_holder: npt.NDArray[np.int64]) -> Keys:
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


def judge(covering: pd.DataFrame, n: int, world: World) -> pd.DataFrame:
    """
    Answer `n` cases, each distinct one only once.

    Parameters
    ----------
    covering
        As `cover` gives it; a case without rows is open ground.

    Returns
    -------
    answers
        RangeIndex of cases: the axes of `classify`.
    """
    covering = covering.assign(shape=_stand_ins(covering, n, world))
    case, shape = covering["case"].to_numpy(), covering["shape"].to_numpy()
    total = sum_keys(case, keys(shape, covering["same_holder"].to_numpy()), n)
    _, first, which = np.unique(total, return_index=True, return_inverse=True)
    number = np.full(n, -1)
    number[first] = np.arange(len(first))
    kept = covering[number[case] >= 0]
    answers = _classify(kept.assign(case=number[kept["case"]]), len(first), world)
    return answers.iloc[which].reset_index(drop=True)


def _stand_ins(covering: pd.DataFrame, n: int, world: World) -> Positions:
    """Put for each right that is alone on a place the first one alike: few distinct cases are left."""
    case, shape = covering["case"].to_numpy(), covering["shape"].to_numpy()
    is_right = shape < len(world.concessions)
    alone = is_right & (np.bincount(case[is_right], minlength=n) == 1)[case]
    out: Positions = shape.copy()
    out[alone] = world.alike[shape[alone]]
    return out


def _classify(covering: pd.DataFrame, n: int, world: World) -> pd.DataFrame:
    case, shape = covering["case"].to_numpy(), covering["shape"].to_numpy()
    links = {}
    for role, start in world.starts.items():
        size = len(world.concessions if role is Role.CONCESSIONS else world.layers[role])
        mine = (shape >= start) & (shape < start + size)
        links[role] = pd.DataFrame({"registration": case[mine], "area": shape[mine] - start})
    stack = links.pop(Role.CONCESSIONS).rename(columns={"area": "concession"})
    codes = covering["same_holder"].to_numpy()[shape < len(world.concessions)]
    stack["covered"] = True
    stack["same_holder"] = pd.array(
        np.where(codes == UNKNOWN_HOLDER, None, codes == 1), dtype="boolean"
    )
    region = pd.Series(pd.NA, index=pd.RangeIndex(n), dtype="str")
    if Role.ADMIN in links:
        inside = links[Role.ADMIN]["registration"].unique()
        region[inside] = str(world.law.parameters["corridor_region"])
    answers = classify(
        pd.Series(True, index=pd.RangeIndex(n)),
        world.concessions,
        order_stacks(stack, world.concessions, world.law),
        areas.describe_ground(n, world.layers, links, region, world.law),
        world.law,
        registrants=world.registrants,
        stacked=world.stacked,
    )
    return answers[AXES]
