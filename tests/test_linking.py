"""Files of points against a file of rights: batches, order and threads change nothing."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from geoasm import bulk, link, linking
from geoasm.errors import (
    BrokenGeometry,
    CRSError,
    EmptySource,
    GeoasmError,
    InputError,
    MissingColumn,
    NotPoints,
    NotPolygons,
    OutputError,
    OutputExists,
    SourceNotFound,
    UnreadableSource,
)
from geoasm.io import arrow_shapes

pytestmark = pytest.mark.usefixtures("way")

CRS = "EPSG:32718"
X0, Y0 = 300_000.0, 8_900_000.0
BOW = shapely.Polygon(
    [(X0, Y0 + 5e4), (X0 + 2e3, Y0 + 5.2e4), (X0 + 2e3, Y0 + 5e4), (X0, Y0 + 5.2e4)]
)


def drawn(seed=1, n=60):
    """Rights that overlap and touch, one with a hole, one missing; points on edges and between."""
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 30, (n, 2)) * 1000.0 + [X0, Y0]
    rights = np.empty(n + 2, dtype=object)
    rights[:n] = shapely.box(*low.T, *(low + rng.integers(1, 5, (n, 2)) * 1000.0).T)
    rights[3] = shapely.Polygon([(X0, Y0), (X0 + 9e3, Y0 + 1e3), (X0 + 5e3, Y0 + 9e3)])
    rights[n] = shapely.box(X0, Y0, X0 + 9e3, Y0 + 9e3).difference(
        shapely.box(X0 + 2e3, Y0 + 2e3, X0 + 4e3, Y0 + 4e3)
    )
    spots = rng.integers(0, 70, (900, 2)) * 500.0 + [X0, Y0]
    points = shapely.points(spots)
    points[10], points[500] = None, shapely.Point()
    return rights, points


def saved(path, shapes, crs=CRS, row_group=None, **columns):
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs).to_parquet(
        path, row_group_size=row_group
    )
    return str(path)


def read(path):
    return pq.read_table(path).to_pandas()


@pytest.fixture
def files(tmp_path):
    rights, points = drawn()
    return saved(tmp_path / "points.parquet", points, row_group=70), saved(
        tmp_path / "rights.parquet", rights, row_group=11
    )


def places(points):
    """X and y, NaN of what is missing or empty."""
    located = np.array([None if p is None or p.is_empty else p for p in points])
    return shapely.get_x(located), shapely.get_y(located)


def expected(rights, points):
    point, right = link.covers(rights, *places(points))
    return sorted(zip((point + 1).tolist(), (right + 1).tolist(), strict=True))


@pytest.mark.parametrize("batch", [1, 7, 70, 333, 10_000])
@pytest.mark.parametrize("workers", [1, 3])
def test_neither_batches_nor_workers_change_a_pair_or_its_place(
    files, tmp_path, batch, workers
) -> None:
    rights, points = drawn()
    out = tmp_path / "pairs.parquet"

    found = linking.link_files(*files, out, batch=batch, workers=workers)

    pairs = read(out)
    assert list(pairs.itertuples(index=False, name=None)) == expected(rights, points)
    assert found.points == len(points)
    assert found.without_position == 2
    assert found.pairs == len(pairs)
    told = pairs["point"].value_counts()
    assert (found.in_one, found.in_several) == ((told == 1).sum(), (told > 1).sum())


def test_another_order_of_points_gives_the_same_pairs(tmp_path) -> None:
    rights, points = drawn()
    titles = saved(tmp_path / "r.parquet", rights)
    order = np.random.default_rng(2).permutation(len(points))
    out = tmp_path / "pairs.parquet"

    linking.link_files(
        saved(tmp_path / "p.parquet", points[order], key=order + 1),
        titles,
        out,
        ids={"points": "key"},
    )

    assert sorted(read(out).itertuples(index=False, name=None)) == expected(rights, points)


def test_a_point_on_an_edge_belongs_to_both_sides(tmp_path) -> None:
    sides = shapely.box([X0, X0 + 1e3], Y0, [X0 + 1e3, X0 + 2e3], Y0 + 1e3)
    spots = shapely.points([X0 + 1e3, X0 + 500, X0 + 5e3], Y0 + 500)
    out = tmp_path / "pairs.parquet"

    found = linking.link_files(
        saved(tmp_path / "p.parquet", spots), saved(tmp_path / "r.parquet", sides), out
    )

    assert read(out).values.tolist() == [[1, 1], [1, 2], [2, 1]]
    assert (found.in_one, found.in_several, found.in_none) == (1, 1, 1)


def test_parts_of_a_folder_are_one_file(files, tmp_path) -> None:
    _, points = drawn()
    folder = tmp_path / "parts"
    folder.mkdir()
    for i, cut in enumerate(np.array_split(points, 4)):
        saved(folder / f"part-{i}.parquet", cut)
    whole, parted = tmp_path / "a.parquet", tmp_path / "b.parquet"

    linking.link_files(*files, whole)
    linking.link_files(str(folder), files[1], parted, batch=100)

    assert read(whole).equals(read(parted))


def test_points_come_into_the_rights_system(tmp_path) -> None:
    rights, points = drawn()
    there = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    inner = np.array(
        [None if p is None or p.is_empty else shapely.Point(p.x + 3.0, p.y + 3.0) for p in points]
    )
    degrees = np.array(
        [None if p is None else shapely.Point(there.transform(p.x, p.y)) for p in inner]
    )
    titles = saved(tmp_path / "r.parquet", rights)
    out = tmp_path / "pairs.parquet"

    found = linking.link_files(saved(tmp_path / "p.parquet", degrees, "EPSG:4326"), titles, out)

    assert found.operation is not None
    assert list(read(out).itertuples(index=False, name=None)) == expected(rights, inner)


def test_a_system_that_is_not_stated_is_an_error_with_its_flag(files, tmp_path) -> None:
    _, points = drawn()
    bare = saved(tmp_path / "bare.parquet", points, None)
    out = tmp_path / "pairs.parquet"

    with pytest.raises(CRSError, match="--crs points="):
        linking.link_files(bare, files[1], out)
    assert not out.exists()
    assert linking.link_files(bare, files[1], out, crs={"points": CRS}).pairs
    with pytest.raises(CRSError, match=r"rights\.parquet: it says EPSG:4326, which is degrees"):
        linking.link_files(*files, tmp_path / "x.parquet", crs={"rights": "EPSG:4326"})


def test_rows_are_named_as_asked(tmp_path) -> None:
    rights, points = drawn()
    codes = [f"R{i}" for i in range(len(rights))]
    titles = saved(tmp_path / "r.parquet", rights, concession_id=pd.Categorical(codes))
    spots = saved(
        tmp_path / "p.parquet", points, registration_id=np.arange(len(points)) + 5, other=1
    )
    out = tmp_path / "pairs.parquet"

    linking.link_files(spots, titles, out, batch=100)

    named = [(p + 4, f"R{r - 1}") for p, r in expected(rights, points)]
    assert list(read(out).itertuples(index=False, name=None)) == named
    with pytest.raises(MissingColumn, match="--point-id, of registration_id, other"):
        linking.link_files(spots, titles, out, ids={"points": "nonsense"}, overwrite=True)


def test_rows_without_a_name_are_an_error(files, tmp_path) -> None:
    rights, _ = drawn()
    names = [None, *map(str, range(len(rights) - 1))]
    titles = saved(tmp_path / "named.parquet", rights, concession_id=names)

    with pytest.raises(InputError, match="1 rows have no concession_id"):
        linking.link_files(files[0], titles, tmp_path / "pairs.parquet")


def test_rights_that_are_not_valid_are_mended_and_listed(tmp_path) -> None:
    broken = shapely.Polygon([(X0, Y0), (np.inf, Y0), (X0, Y0 + 9)])
    titles = saved(tmp_path / "r.parquet", [BOW, None, shapely.box(X0, Y0, X0 + 1, Y0 + 1), broken])
    spots = shapely.points([X0 + 1e3, X0 + 100, X0 + 1.9e3], [Y0 + 5.02e4, Y0 + 5.1e4, Y0 + 5.1e4])
    out = tmp_path / "pairs.parquet"

    found = linking.link_files(saved(tmp_path / "p.parquet", spots), titles, out)

    assert (found.rights, found.rights_mended, found.rights_set_aside) == (4, 1, 2)
    listed = pd.read_csv(out.with_name("pairs.parquet.issues.csv"))
    assert listed["row"].tolist() == [1, 2, 4]
    assert set(listed["action"]) == {"mended", "set_aside"}
    mended = shapely.make_valid(BOW, method="structure")
    inside = shapely.covers(mended, spots)
    assert read(out)["point"].tolist() == (np.flatnonzero(inside) + 1).tolist()
    sound = saved(tmp_path / "s.parquet", [mended])
    assert (
        linking.link_files(str(tmp_path / "p.parquet"), sound, out, overwrite=True).issues is None
    )
    assert not out.with_name("pairs.parquet.issues.csv").exists()


def test_a_result_is_whole_or_absent_and_never_replaced_unasked(files, tmp_path) -> None:
    out = tmp_path / "pairs.parquet"
    linking.link_files(*files, out)
    before = out.read_bytes()
    lines = saved(
        tmp_path / "lines.parquet",
        [shapely.Point(X0, Y0), shapely.LineString([(X0, Y0), (X0 + 1, Y0)])],
    )

    with pytest.raises(OutputExists):
        linking.link_files(*files, out)
    with pytest.raises(NotPoints, match=r"lines.parquet: .*row 2"):
        linking.link_files(lines, files[1], out, overwrite=True, batch=1)
    assert out.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []
    linking.link_files(*files, out, overwrite=True)
    assert out.read_bytes() == before


def raw(path, values, **column):
    told = {
        "encoding": "WKB",
        "geometry_types": [],
        "crs": json.loads(pyproj.CRS(CRS).to_json()),
        **column,
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": told}}
    table = pa.table({"geometry": pa.array(values)})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return str(path)


def test_points_may_lie_in_columns_of_numbers(files, tmp_path) -> None:
    _, points = drawn()
    x, y = places(points)
    spots = [None if np.isnan(a) else {"x": a, "y": b} for a, b in zip(x, y, strict=True)]
    wkb, numbers = tmp_path / "a.parquet", tmp_path / "b.parquet"

    linking.link_files(*files, wkb)
    linking.link_files(raw(tmp_path / "n.parquet", spots, encoding="point"), files[1], numbers)

    assert read(wkb).equals(read(numbers))


def test_lists_of_numbers_and_slices_of_columns_are_points_too() -> None:
    lists = pa.array([[1.0, 2.0], None, [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float64(), 2))
    structs = pa.array([{"x": 1.0, "y": 2.0}, None, {"x": 3.0, "y": 4.0}, {"x": 5.0, "y": 6.0}])
    wkb = pa.array([p and shapely.to_wkb(shapely.Point(p)) for p in lists.to_pylist()])
    for column in (lists, structs, wkb, wkb.cast(pa.large_binary()), wkb.cast(pa.binary_view())):
        x, y = arrow_shapes.points(column.slice(1, 2))
        assert np.array_equal(x, [np.nan, 3.0], equal_nan=True)
        assert np.array_equal(y, [np.nan, 4.0], equal_nan=True)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda p: str(p / "none.parquet"), SourceNotFound, "no such file"),
        (lambda p: str(p), SourceNotFound, "holds no part"),
        (lambda p: saved(p / "e.parquet", []), EmptySource, "no rows"),
        (lambda p: raw(p / "n.parquet", [None], encoding="polygon"), UnreadableSource, "'polygon'"),
        (
            lambda p: saved(p / "t.parquet", [shapely.Point(X0, Y0)]),
            NotPolygons,
            "t.parquet: .*row 1",
        ),
        (lambda p: raw(p / "b.parquet", [b"\x01\x03\x00"]), BrokenGeometry, "b.parquet: row 1"),
    ],
)
def test_what_is_wrong_with_rights_is_said_in_one_line(files, tmp_path, make, error, says) -> None:
    empty = tmp_path / "other"
    empty.mkdir()

    with pytest.raises(error, match=says) as told:
        linking.link_files(files[0], make(empty), tmp_path / "pairs.parquet")

    assert isinstance(told.value, GeoasmError)
    assert "\n" not in str(told.value)


def test_other_formats_are_told_how_to_convert(files, tmp_path) -> None:
    plain, text = tmp_path / "plain.parquet", tmp_path / "points.csv"
    pd.DataFrame({"x": [1]}).to_parquet(plain)
    text.write_text("x,y\n1,2\n")
    for file in (plain, text):
        with pytest.raises(UnreadableSource, match="ogr2ogr"):
            linking.link_files(str(file), files[1], tmp_path / "pairs.parquet")


def test_a_task_needs_its_shared_rights_and_arrays_alone() -> None:
    rights, points = drawn()
    part = bulk.Part(*places(points))

    found = bulk.task(bulk.Shared(rights), part)

    assert sorted(
        zip((found.point + 1).tolist(), (found.right + 1).tolist(), strict=True)
    ) == expected(rights, points)
    assert (found.counts == -1).sum() == 2


@pytest.mark.parametrize(
    ("values", "encoding", "says"),
    [
        (["POINT (1 2)"], "WKB", "a column of string"),
        ([1], "WKB", "a column of int64"),
        ([[1.0, 2.0]], "point", "a column of list"),
        ([{"lon": 1.0, "lat": 2.0}], "point", "a column of struct"),
        ([{"x": "a", "y": "b"}], "point", "a column of struct"),
    ],
)
def test_a_column_of_something_else_is_told_with_its_file(
    files, tmp_path, values, encoding, says
) -> None:
    odd = raw(tmp_path / "odd.parquet", values, encoding=encoding)

    with pytest.raises(UnreadableSource, match=f"odd.parquet: {says}"):
        linking.link_files(odd, files[1], tmp_path / "pairs.parquet")


def test_binary_of_one_length_and_nothing_at_all_are_read_either_way() -> None:
    spots = pa.array([shapely.to_wkb(shapely.Point(1, 2))], pa.binary(21))
    for compiled in (True, False):
        assert np.concatenate(arrow_shapes.points(spots, compiled=compiled)).tolist() == [1, 2]
        assert np.isnan(arrow_shapes.points(pa.nulls(2), compiled=compiled)).all()


def test_ids_may_be_views_of_text(files, tmp_path) -> None:
    out = tmp_path / "pairs.parquet"
    table = pq.read_table(files[1])
    ids = pa.array([f"r{i}" for i in range(len(table))], pa.string_view())
    pq.write_table(table.append_column("code", ids), files[1])

    linking.link_files(*files, out, ids={"rights": "code"})

    assert set(read(out)["right"]) <= set(ids.to_pylist())


def test_two_columns_of_one_name_are_an_error(files, tmp_path) -> None:
    table = pq.read_table(files[1])
    pq.write_table(table.append_column("geometry", table["geometry"]), files[1])

    with pytest.raises(UnreadableSource, match="more than one column 'geometry'"):
        linking.link_files(*files, tmp_path / "pairs.parquet")


@pytest.mark.parametrize("name", ["points.parquet", "rights.parquet", "parts/pairs.parquet"])
def test_what_is_read_is_not_written_over(files, tmp_path, name) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    saved(parts / "a.parquet", [shapely.Point(X0, Y0)])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}

    points = str(parts) if "/" in name else files[0]
    with pytest.raises(OutputError, match="which is read: choose another --out"):
        linking.link_files(points, files[1], tmp_path / name, overwrite=True)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == before


def test_what_was_never_finished_is_no_part_of_a_folder(files, tmp_path) -> None:
    folder = tmp_path / "parts"
    half = folder / ".points.partial-12-ab" / "new"
    half.mkdir(parents=True)
    saved(folder / "a.parquet", [shapely.Point(X0, Y0)])
    saved(half / "part-0000.parquet", [shapely.Point(X0, Y0)])

    done = linking.link_files(str(folder), files[1], tmp_path / "pairs.parquet")

    assert done.points == 1
