"""The right that a registrant declared, against the rights at the registered point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import issues
from geoasm.codes import Action, ConcessionStatus, DeclaredRelation, PairRole, Problem, Role
from geoasm.geometry import Floats
from geoasm.link import Points
from geoasm.parsing.text import is_among
from geoasm.parties import Parties
from geoasm.parties import same_holder as compare_parties
from geoasm.schema import LIST_SEPARATOR

NO_RIGHT = -1


def places(declared: pd.Series, concessions: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Give the position of each declared code in the cadastre; `NO_RIGHT` where it has none."""
    place = pd.Series(concessions.index, index=concessions["concession_id"])
    found: npt.NDArray[np.intp] = (
        declared.map(place).astype("Int64").fillna(NO_RIGHT).to_numpy(dtype=np.intp)
    )
    return found


def relate(
    declared: pd.Series,
    points: Points,
    pairs: pd.DataFrame,
    concessions: pd.DataFrame,
    *,
    near_m: Floats | float,
) -> pd.DataFrame:
    """
    Compare each declared right with the rights that cover the point.

    Parameters
    ----------
    declared
        Declared code per registration, RangeIndex.
    near_m
        Up to this distance (metres; one, or one a registration) position error may have parted a
        point from its declared right: it is near.

    Returns
    -------
    relation
        `declared_relation` (missing where the point is unusable and the right is not extinct),
        `declared_distance_m` (0 inside).
    """
    place_of = places(declared, concessions)
    known = place_of != NO_RIGHT
    distance = np.full(len(declared), np.nan)
    rows = np.flatnonzero(known & points.located)
    target = place_of[rows]
    systems = concessions["planar_crs"].to_numpy(dtype=object)[target]
    planar = concessions["planar"].to_numpy(dtype=object)[target]
    for crs in np.unique(systems.astype(str)):
        here = systems == crs
        x, y = points.in_system(crs)
        at = shapely.points(x[rows[here]], y[rows[here]])
        distance[rows[here]] = shapely.distance(planar[here], at)
    stack = pairs.loc[pairs["covered"].to_numpy(dtype=bool), ["registration", "concession"]]
    covering = pd.MultiIndex.from_frame(stack)
    asked = pd.MultiIndex.from_arrays([np.arange(len(declared)), place_of])
    agrees = asked.isin(covering)
    extinct = concessions.loc[concessions["status"] == ConcessionStatus.EXTINCT, "concession_id"]
    is_extinct = is_among(declared, extinct).to_numpy()
    relation = np.select(
        [
            declared.isna().to_numpy(),
            ~known,
            agrees,
            is_extinct,
            distance <= near_m,
            distance > near_m,
        ],
        [
            DeclaredRelation.NONE.value,
            DeclaredRelation.UNKNOWN_CODE.value,
            DeclaredRelation.AGREES.value,
            DeclaredRelation.EXTINCT.value,
            DeclaredRelation.NEAR.value,
            DeclaredRelation.ELSEWHERE.value,
        ],
        "",
    )
    text = pd.Series(relation, index=declared.index)
    return pd.DataFrame(
        {
            "declared_relation": text.where(text != "").astype("str"),
            "declared_distance_m": np.where(agrees, 0.0, distance),
        },
        index=declared.index,
    )


def stand_ins(
    declared: pd.Series, located: npt.NDArray[np.bool_], concessions: pd.DataFrame
) -> pd.DataFrame:
    """
    Pair each registration without a usable position with its declared right in force.

    Such a registration is classified as if that one right covered it. Applications and extinct
    rights place nobody.

    Returns
    -------
    pairs
        Columns of ordered pairs: `registration`, `concession` (positions), `covered` (True),
        `edge_distance_m` (NaN), `seniority` (1), `role`.
    """
    place_of = places(declared, concessions)
    in_force = np.append(
        (concessions["status"] == ConcessionStatus.TITLED).to_numpy(dtype=bool), False
    )
    rows = np.flatnonzero(~located & in_force[place_of])
    return pd.DataFrame(
        {
            "registration": rows,
            "concession": place_of[rows],
            "covered": np.ones(len(rows), dtype=bool),
            "edge_distance_m": np.full(len(rows), np.nan),
            "seniority": pd.array([1] * len(rows), dtype="Int64"),
            "role": pd.Series([PairRole.PRIOR.value] * len(rows), dtype="str"),
        }
    )


def unplace(answers: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """Take the stack from answers that rest on a declared right: nothing is known of their point."""
    return answers.assign(
        right_ids=_blank(answers["right_ids"], rows, ""),
        n_rights=_blank(answers["n_rights"], rows, 0),
        n_titles=_blank(answers["n_titles"], rows, 0),
    )


def _blank(values: pd.Series, rows: pd.Series, blank: object) -> pd.Series:
    out = values.copy()
    out[rows.to_numpy()] = blank
    return out


def same_holder(
    declared: pd.Series,
    answers: pd.DataFrame,
    concessions: pd.DataFrame,
    parties: Parties,
) -> pd.Series:
    """
    Tell whether the declared right has the holder of the right at the point.

    The right at the point is the one that decided, else the senior one there.

    Returns
    -------
    same
        Nullable boolean; NA without a declared right in the cadastre, without a right at the
        point, or where a holder is not known.
    """
    senior = answers["right_ids"].str.replace(f"{LIST_SEPARATOR}.*", "", regex=True)
    decided = answers["decided_by"].to_numpy(dtype=np.intp)
    found = np.where(decided == NO_RIGHT, places(senior, concessions), decided)
    meant = places(declared, concessions)
    holder = parties.holder.astype("Int64").array
    one, other = (
        pd.Series(holder.take(where, allow_fill=True), index=declared.index)
        for where in (meant, found)
    )
    # Both sides are persons of the cadastre, also where the register has none.
    same = compare_parties(one, other, parties, registrants="persons")
    return same.mask((answers["n_rights"] == 0).to_numpy(dtype=bool), pd.NA)


def doubt_codes(
    declared: pd.Series, registrations: pd.DataFrame, concessions: pd.DataFrame
) -> pd.DataFrame:
    """
    Make an issue of each declared code that the cadastre lacks.

    Where exactly one code of the cadastre differs from it by one character (another, one more or
    one less), the issue names that code. Nothing is decided by it.

    Parameters
    ----------
    declared
        Declared code per registration.
    registrations
        `registration_id`, `source_row`.
    """
    lacking = (declared.notna() & ~is_among(declared, concessions["concession_id"])).to_numpy()
    codes = declared[lacking]
    near = nearest_codes(codes.drop_duplicates(), concessions["concession_id"])
    told = "one character from " + codes.map(near["nearest"]).astype("str")
    several = codes.isin(near.index[near["count"] > 1])
    told = told.mask(several, "one character from several rights")
    return issues.make(
        Role.REGISTRATIONS,
        Problem.UNKNOWN_RIGHT,
        Action.DOUBTED,
        registrations.loc[lacking, "source_row"],
        ids=registrations.loc[lacking, "registration_id"],
        field="declared_right_id",
        values=codes,
        detail=told.fillna("the cadastre has no right of this code, nor one a character away"),
    )


def nearest_codes(wrong: pd.Series, known: pd.Series) -> pd.DataFrame:
    """
    Find the known codes that differ from each wrong code by one character.

    Parameters
    ----------
    wrong, known
        Distinct codes.

    Returns
    -------
    near
        Index `wrong`, those with any neighbour: `count`, and `nearest` where it is the only one.
    """
    shorter_wrong = _deletions(wrong)
    # Of the many that a cadastre has, those that can meet none of these are left out.
    shorter_known = _deletions(known, pd.concat([shorter_wrong["rest"], wrong]))
    exchanged = shorter_wrong.merge(shorter_known, on=["rest", "at", "length"])
    one_more = shorter_wrong.merge(
        known.rename("code_known"), left_on="rest", right_on="code_known"
    )
    one_less = shorter_known.merge(
        wrong.rename("code_wrong"), left_on="rest", right_on="code_wrong"
    )
    pairs = pd.concat(
        [
            exchanged.rename(columns={"code_x": "wrong", "code_y": "known"})[["wrong", "known"]],
            one_more.rename(columns={"code": "wrong", "code_known": "known"})[["wrong", "known"]],
            one_less.rename(columns={"code_wrong": "wrong", "code": "known"})[["wrong", "known"]],
        ]
    ).drop_duplicates()
    found = pairs.groupby("wrong")["known"].agg(count="size", nearest="min")
    found["nearest"] = found["nearest"].where(found["count"] == 1).astype("str")
    return found


def _deletions(codes: pd.Series, among: pd.Series | None = None) -> pd.DataFrame:
    """
    Give each code with one character left out: `code`, `at` (which), `rest`, `length`.

    Parameters
    ----------
    among
        Only what leaves one of these as its rest.
    """
    length = codes.str.len()
    parts = []
    for at in range(int(length.max()) if len(codes) else 0):
        part = pd.DataFrame({"code": codes, "at": at, "length": length})[length > at]
        part["rest"] = part["code"].str.slice_replace(at, at + 1, "")
        parts.append(part if among is None else part[is_among(part["rest"], among)])
    blank = pd.DataFrame({"code": codes[:0], "at": 0, "length": length[:0], "rest": codes[:0]})
    return pd.concat(parts or [blank], ignore_index=True)
