"""Several rows under one id: which one stays, by content and never by the order of rows."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import Action, Problem
from geoasm.model import RoleSpec
from geoasm.normalize.columns import ID_FIELD
from geoasm.normalize.fields import PRIVATE_KINDS
from geoasm.normalize.findings import Findings
from geoasm.normalize.shapes import tell_self_overlaps

_BETWEEN = "\x1f"
_SAME_GROUND = 0.5  # nature of the question: two drawings of one place share most of the smaller


def content(frame: pd.DataFrame, shapes: geometry.Geometries | None) -> pd.Series:
    """Write each row as one text: its fields in order, then its shape."""
    out = pd.Series("", index=frame.index, dtype="str")
    for name in sorted(frame.columns):
        if name != "source_row":
            out = out + frame[name].astype("str").fillna("") + _BETWEEN
    if shapes is not None:
        out = out + pd.Series(
            shapely.to_wkb(shapely.normalize(shapes), hex=True), index=frame.index
        ).astype("str").fillna("")
    return out.astype("str")


def name_the_nameless(
    frame: pd.DataFrame, shapes: geometry.Geometries | None, spec: RoleSpec
) -> pd.DataFrame:
    """
    Give rows without an id one that follows from what they say.

    Names and identity numbers do not enter into it: an id is public.
    """
    id_field = ID_FIELD[spec.role]
    nameless = frame[id_field].isna()
    if not nameless.any():
        return frame
    rows = frame[nameless]
    kept_shapes = None if shapes is None else shapes[nameless.to_numpy()]
    private = [n for n, f in spec.fields.items() if f.kind in PRIVATE_KINDS]
    public = content(rows.drop(columns=[id_field, *private]), kept_shapes)
    ids = public.map(lambda t: "unnamed-" + hashlib.sha256(t.encode()).hexdigest()[:10])
    whole = content(rows, kept_shapes)
    rank = whole.groupby(ids).rank(method="dense").astype(int)
    ids = ids.where(rank == 1, ids + "-" + rank.astype("str"))
    return frame.assign(**{id_field: frame[id_field].mask(nameless, ids.reindex(frame.index))})


class Repeats(NamedTuple):
    """Rows whose id stands more than once, the best of each id first; their content as text."""

    rows: pd.DataFrame
    shapes: geometry.Geometries | None
    content: pd.Series


def repeats(
    frame: pd.DataFrame,
    shapes: geometry.Geometries | None,
    spec: RoleSpec,
    findings: Findings,
    latest_by: str | None = None,
) -> Repeats:
    """
    Find the rows of ids that stand more than once, and set aside those that repeat another wholly.

    They come in order of preference: the latest by `latest_by`, then the most complete, the latest
    snapshot, the smallest text.
    """
    id_field = ID_FIELD[spec.role]
    several = frame[id_field].duplicated(keep=False)
    rows = frame[several]
    own = None if shapes is None else shapes[several.to_numpy()]
    text = content(rows, own)
    order = (
        rows.assign(
            _late=_descending(rows, latest_by),
            _full=-rows.notna().sum(axis=1),
            _snap=_descending(rows, "snapshot_on"),
            _text=text,
        )
        .sort_values([id_field, "_late", "_full", "_snap", "_text", "source_row"], kind="stable")
        .index
    )
    rows, text = rows.loc[order], text.loc[order]
    again = text.duplicated()
    findings.add(
        Problem.DUPLICATE_RECORD,
        Action.SET_ASIDE,
        again,
        detail="another record says the same in every field that is read",
    )
    keep = order[~again]
    place = pd.Series(np.arange(len(frame)), index=frame.index)
    kept_shapes = None if shapes is None else shapes[place.loc[keep].to_numpy()]
    return Repeats(rows.loc[keep], kept_shapes, text.loc[keep])


def _descending(rows: pd.DataFrame, field: str | None) -> pd.Series:
    if field is None or field not in rows.columns:
        return pd.Series(0, index=rows.index)
    days = rows[field]
    # The later the smaller; nothing given comes last.
    return (-days.rank(method="dense")).fillna(1)


def one_of_each(repeated: Repeats, spec: RoleSpec, findings: Findings) -> None:
    """Keep the first row of each id and set the others aside."""
    rows = repeated.rows
    ids = rows[ID_FIELD[spec.role]]
    others = ids.duplicated()
    earlier = pd.Series(False, index=rows.index)
    if spec.latest_by:
        latest = rows.groupby(ids)[spec.latest_by].transform("max")
        earlier = others & (rows[spec.latest_by] < latest)
        findings.add(
            Problem.EARLIER_VISIT,
            Action.SET_ASIDE,
            earlier,
            field=spec.latest_by,
            values=rows[spec.latest_by].dt.strftime("%Y-%m-%d"),
            detail="the latest of this id is " + latest.dt.strftime("%Y-%m-%d"),
        )
    findings.add(
        Problem.DUPLICATE_ID,
        Action.SET_ASIDE,
        others & ~earlier,
        field=str(ids.name),
        values=ids,
        detail="another record of this id is kept: the most complete, then the latest snapshot",
    )


def merge(
    repeated: Repeats,
    shapes: geometry.Geometries,
    place: pd.Series,
    spec: RoleSpec,
    findings: Findings,
) -> geometry.Geometries:
    """
    Settle several polygons of one id: versions of one place are reduced to the best, parts joined.

    Parameters
    ----------
    shapes
        Polygons of the whole frame; a changed copy is returned.
    place
        Position in `shapes` of each row label.
    """
    rows, own = repeated.rows, repeated.shapes
    if not len(rows) or own is None:
        return shapes
    rival = _rivals(rows[ID_FIELD[spec.role]].to_numpy(), own)
    ids = rows[ID_FIELD[spec.role]]
    findings.add(
        Problem.DUPLICATE_ID,
        Action.SET_ASIDE,
        rows.index[rival],
        field=ids.name,
        values=ids,
        detail="another record of this id covers the same ground and is kept",
    )
    parts, part_shapes = rows[~rival], own[~rival]
    part_ids = parts[ids.name]
    many = part_ids.duplicated(keep=False)
    lead = many & ~part_ids.duplicated()
    findings.add(
        Problem.MERGED_PARTS,
        Action.SET_ASIDE,
        many & ~lead,
        detail="part of " + part_ids + "; its ground is kept there",
    )
    fields = parts.drop(columns=["source_row"])
    differ = (content(fields, None).groupby(part_ids).transform("nunique") > 1) & lead
    findings.add(Problem.MERGED_PARTS, Action.MENDED, lead & ~differ, detail="parts joined")
    findings.add(
        Problem.MERGED_PARTS,
        Action.DOUBTED,
        differ,
        detail="parts joined though their fields differ; those of the most complete record are kept",
    )
    out = shapes.copy()
    groups = pd.Series(np.arange(len(parts)), index=parts.index)[many].groupby(part_ids[many])
    for _, numbers in groups:
        out[place[numbers.index[0]]] = shapely.union_all(part_shapes[numbers.to_numpy()])
    first = parts.index.to_series().groupby(part_ids).transform("first")[many]
    heads = first.unique()
    joined = pd.Series(out[place[heads].to_numpy()], index=heads, dtype=object)
    tell_self_overlaps(pd.Index(first), part_shapes[many.to_numpy()], joined, findings)
    return out


def _rivals(ids: np.ndarray, shapes: geometry.Geometries) -> np.ndarray:
    """Tell which rows cover the same ground as an earlier row of their id that stays."""
    tree = shapely.STRtree(shapes)
    a, b = tree.query(shapes, predicate="intersects")
    pair = (a < b) & (ids[a] == ids[b])
    a, b = a[pair], b[pair]
    shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    smaller = np.minimum(shapely.area(shapes[a]), shapely.area(shapes[b]))
    same = shared > _SAME_GROUND * smaller
    gone = np.zeros(len(shapes), dtype=bool)
    order = np.lexsort((b[same], a[same]))
    for first, second in zip(a[same][order], b[same][order], strict=True):
        if not gone[first]:
            gone[second] = True
    return gone
