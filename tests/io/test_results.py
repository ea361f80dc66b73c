"""Run folders: what is in them, what is public, and that they read back as they were."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import fiona
import geopandas as gpd
import geopandas.testing
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, Polygon

from geoasm import issues, schema
from geoasm.errors import OutputError, OutputExists, RunNotFound, SchemaError
from geoasm.io import results
from geoasm.model import Result

from .conftest import HOSTILE, frame_of, raw_issues

MakeResult = Callable[..., Result]
STYLE = {
    "f_table_name": "registrations",
    "f_geometry_column": "geom",
    "styleName": "classes",
    "styleQML": "<qgis/>",
    "description": "",
    "useAsDefault": True,
}


@pytest.fixture
def run(result: Result, tmp_path: Path) -> Path:
    """Folder of a run with a page and a style."""
    return results.save_result(
        result, tmp_path / "run", pages={"map.html": "<p>mapa</p>"}, styles=[STYLE]
    )


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    if isinstance(expected, gpd.GeoDataFrame):
        geopandas.testing.assert_geodataframe_equal(found, expected)
    else:
        pd.testing.assert_frame_equal(found, expected)


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_run_reads_back_as_it_was(result: Result, run: Path) -> None:
    back = results.load_result(run)
    for table in (*results.PUBLIC_TABLES, schema.PARTIES):
        assert_same(getattr(back, table.name), getattr(result, table.name))
    assert back.summary == result.summary
    assert back.manifest == result.manifest
    assert_same(back.issues[schema.ISSUES.names], _sorted_issues(result.issues))
    assert back.issues["private"].tolist() == [False, True, False]
    assert list(back.context) == ["admin"]
    assert back.context["admin"]["admin_1"].tolist() == ["ANCASH", "LIMA"]
    assert shapely.area(back.context["admin"].geometry.to_numpy()).tolist() == [0.25, 2.0]


def _sorted_issues(frame: pd.DataFrame) -> pd.DataFrame:
    key = list(schema.ISSUES.key)
    return frame.sort_values(key, na_position="first", ignore_index=True)[schema.ISSUES.names]


def test_a_run_read_back_is_written_the_same(run: Path, tmp_path: Path) -> None:
    again = results.save_result(results.load_result(run), tmp_path / "again", styles=[STYLE])
    expected = all_bytes(run)
    del expected["map.html"]
    # polygons of one part come back from context.gpkg as multi-part, and go out as such again
    assert all_bytes(again) == expected


def test_row_order_reaches_no_file(result: Result, run: Path, tmp_path: Path) -> None:
    names = [t.name for t in (*results.PUBLIC_TABLES, schema.PARTIES, schema.ISSUES)]
    shuffled = replace(
        result,
        **{name: getattr(result, name).sample(frac=1, random_state=3) for name in names},
        context={"admin": result.context["admin"].iloc[::-1]},
    )
    other = results.save_result(
        shuffled, tmp_path / "other", pages={"map.html": "<p>mapa</p>"}, styles=[STYLE]
    )
    assert all_bytes(other) == all_bytes(run)


def test_the_folder_holds_what_the_contract_names(run: Path) -> None:
    expected = {
        *("manifest.json", "geoasm.gpkg", "context.gpkg", "summary.json", "summary.csv"),
        *("registrations.parquet", "concessions.parquet", "pairs.parquet", "candidates.parquet"),
        *("overlaps.parquet", "holders.parquet", "territory.parquet", "issues.csv", "map.html"),
        *("candidates_rejected.parquet", "private/parties.parquet", "private/issues.parquet"),
        *("verify_first.parquet", "clusters.parquet", "near_outside.parquet", "signs.parquet"),
        *("evidence.parquet", "disturbance.parquet", "private/review/holders.csv"),
    }
    assert set(all_bytes(run)) == expected
    assert (run / "private").stat().st_mode & 0o777 == 0o700


def test_no_name_or_number_of_a_person_leaves_private(result: Result, run: Path) -> None:
    shutil.rmtree(run / "private")
    secret = ["PEÑA ROSA", "PEÃ‘A ROSA", *result.parties["ruc"]]
    public = all_bytes(run)
    frames = [pd.read_parquet(p).to_csv() for p in run.glob("*.parquet")]
    public |= {f"{i}.csv": text.encode() for i, text in enumerate(frames)}
    leaks = [(name, s) for name, data in public.items() for s in secret if s.encode() in data]
    assert leaks == []
    assert b"[private]" in public["issues.csv"]


def test_without_private_the_run_still_reads(run: Path) -> None:
    shutil.rmtree(run / "private")
    back = results.load_result(run)
    assert_same(back.parties, schema.empty(schema.PARTIES))
    assert_same(back.issues, issues.publish(raw_issues()))


def test_raw_issues_may_come_apart(result: Result, make_result: MakeResult, tmp_path: Path) -> None:
    masked = make_result(issues=issues.publish(raw_issues()))
    folder = results.save_result(masked, tmp_path / "a", raw_issues=raw_issues())
    assert all_bytes(folder) == all_bytes(results.save_result(result, tmp_path / "b"))


def test_masked_issues_alone_claim_no_raw_values(make_result: MakeResult, tmp_path: Path) -> None:
    masked = make_result(issues=issues.publish(raw_issues()))
    folder = results.save_result(masked, tmp_path / "a")
    assert not (folder / "private" / "issues.parquet").exists()
    assert_same(results.load_result(folder).issues, masked.issues)


def test_hostile_text_comes_back(make_result: MakeResult, tmp_path: Path) -> None:
    n = len(HOSTILE)
    holders = frame_of(schema.HOLDERS, n, holder_id=range(n), name=list(HOSTILE))
    notes = issues.make("admin", "unknown_type", "doubted", range(n), detail=list(HOSTILE))
    folder = results.save_result(make_result(holders=holders, issues=notes), tmp_path / "run")
    back = results.load_result(folder)
    assert back.holders["name"].tolist() == list(HOSTILE)
    assert back.issues["detail"].tolist() == list(HOSTILE)
    layer = pyogrio.read_dataframe(folder / "geoasm.gpkg", layer="issues")
    signs = (("\n", r"\n"), ("\t", r"\t"), ("\u2028", r"\u2028"))
    written_out = [reduce(lambda t, sign: t.replace(*sign), signs, text) for text in HOSTILE]
    assert layer["detail"].tolist() == written_out  # in public an issue is one line


def test_lone_surrogates_break_nothing(result: Result, tmp_path: Path) -> None:
    names = pd.Series(["a\ud800", None, "b\udfff"], dtype=object)
    holders = result.holders.assign(name=names)
    broken = replace(result, holders=holders, summary={**result.summary, "title": "x\ud800"})
    folder = results.save_result(broken, tmp_path / "run", pages={"map.html": "\udc00"})
    back = results.load_result(folder)
    assert back.holders["name"].tolist()[::2] == ["a\ufffd", "b\ufffd"]
    assert back.summary["title"] == "x\ufffd"
    assert (folder / "map.html").read_text(encoding="utf-8") == "\ufffd"


def test_a_run_that_is_replaced_while_it_is_read_is_told(
    make_result: MakeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = results.save_result(make_result(), tmp_path / "run")
    read = results._read_context

    def overtaken(place: Path) -> Any:
        results.save_result(make_result(), place, overwrite=True)
        return read(place)

    monkeypatch.setattr(results, "_read_context", overtaken)
    with pytest.raises(RunNotFound, match="replaced while it was read"):
        results.load_result(folder)


# --- The GeoPackage ---


def test_geopackage_layers_have_type_system_and_schema_even_when_empty(run: Path) -> None:
    layers = dict(pyogrio.list_layers(run / "geoasm.gpkg"))
    assert layers == {
        "registrations": "Point",
        "concessions": "MultiPolygon",
        "candidates": "MultiPolygon",
        "verify_first": "MultiPolygon",
        "clusters": "MultiPolygon",
        "near_outside": "Point",
        "overlaps": "MultiPolygon",
        "issues": None,
        "layer_styles": None,
    }
    with fiona.open(run / "geoasm.gpkg", layer="overlaps") as layer:
        assert len(layer) == 0
        assert layer.crs.to_epsg() == 4326
        assert list(layer.schema["properties"]) == schema.OVERLAPS.names[:-1]


def test_geopackage_keeps_days_missing_values_and_points_without_position(run: Path) -> None:
    with fiona.open(run / "geoasm.gpkg", layer="concessions") as layer:
        rows = list(layer)
        assert layer.schema["properties"]["filed_on"] == "date"
        assert layer.schema["geometry"] == "MultiPolygon"
    assert [r.properties["filed_on"] for r in rows] == ["2001-02-03", None, "1889-12-31"]
    assert {r.geometry.type for r in rows} == {"MultiPolygon"}
    with fiona.open(run / "geoasm.gpkg", layer="registrations") as layer:
        lost = [r for r in layer if r.geometry is None]
    assert [r.properties["registration_id"] for r in lost] == ["R-4"]
    assert lost[0].properties["n_rights"] is None


def query(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_geopackage_carries_styles_where_qgis_looks_for_them(run: Path) -> None:
    path = run / "geoasm.gpkg"
    wanted = (
        "SELECT styleQML, useAsDefault FROM layer_styles WHERE f_table_catalog = '' "
        "AND f_table_schema = '' AND f_table_name = 'registrations' AND f_geometry_column = 'geom'"
    )
    assert query(path, wanted) == [("<qgis/>", 1)]
    kinds = dict(query(path, "SELECT table_name, data_type FROM gpkg_contents"))
    assert kinds["layer_styles"] == kinds["issues"] == "attributes"
    assert kinds["registrations"] == "features"
    column = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = 'registrations'"
    assert query(path, column) == [("geom",)]


def test_geopackage_says_what_its_columns_mean(run: Path) -> None:
    told = query(
        run / "geoasm.gpkg",
        "SELECT description FROM gpkg_data_columns "
        "WHERE table_name = 'concessions' AND column_name = 'area_ha'",
    )
    assert told[0][0].endswith("(ha)")
    assert query(run / "geoasm.gpkg", "PRAGMA integrity_check") == [("ok",)]
    assert query(run / "geoasm.gpkg", "PRAGMA foreign_key_check") == []


def test_gdal_options_are_left_as_they_were(run: Path) -> None:
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_context_keeps_ground_and_names_but_no_holders(
    make_result: MakeResult, tmp_path: Path
) -> None:
    def area(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=shapes, crs=schema.OUTPUT_CRS)

    square = Polygon([(0, 0), (1, 0), (1, 1)])
    day = pd.to_datetime(["1975-07-01"]).astype("datetime64[s]")
    given = {
        "protected_areas": area([square], name=["X"], area_type=["PN"], established_on=day),
        "rivers": area([LineString([(0, 0), (1, 1)])], name=["R"]),
        "mining_units": area([Point(0, 0)], name=["U"], holder_name=["ROSA"]),
        "communities": area([square, LineString([(0, 0), (1, 1)])], name=["A", "B"]),
        "plants": area([Point(0, 0), MultiPoint([(0, 0), (1, 1)])], name=["A", "B"]),
        "roads": area([], name=[]),
    }
    folder = results.save_result(make_result(context=given), tmp_path / "run")
    back = results.load_result(folder).context
    assert set(back) == set(given)
    assert back["protected_areas"]["established_on"].tolist() == day.tolist()
    assert back["protected_areas"]["area_type"].tolist() == ["PN"]
    assert list(back["mining_units"].columns) == ["name", "geometry"]
    assert sorted(back["communities"].geom_type) == ["LineString", "Polygon"]
    assert back["rivers"].geom_type.tolist() == ["MultiLineString"]
    assert sorted(back["plants"].geom_type) == ["MultiPoint", "Point"]
    assert len(back["roads"]) == 0
    assert all(frame.crs == schema.OUTPUT_CRS for frame in back.values())
    assert b"ROSA" not in (folder / "context.gpkg").read_bytes()


def test_a_run_without_context_has_no_such_file(make_result: MakeResult, tmp_path: Path) -> None:
    folder = results.save_result(make_result(context={}), tmp_path / "run")
    assert not (folder / "context.gpkg").exists()
    assert results.load_result(folder).context == {}


# --- Whole or not at all ---


class Interrupted(Mapping[str, str]):
    """Pages whose reader is interrupted when all else is written."""

    def __getitem__(self, key: str) -> str:
        raise KeyboardInterrupt

    def __iter__(self) -> Iterator[str]:
        return iter(["map.html"])

    def __len__(self) -> int:
        return 1


def test_an_interrupt_leaves_no_folder(result: Result, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        results.save_result(result, tmp_path / "run", pages=Interrupted())
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_breaks_its_schema_leaves_the_former_run(result: Result, run: Path) -> None:
    before = all_bytes(run)
    broken = replace(result, pairs=result.pairs.drop(columns="role"))
    with pytest.raises(SchemaError, match="table pairs: no column role"):
        results.save_result(broken, run, overwrite=True)
    assert all_bytes(run) == before


def test_an_existing_run_is_replaced_only_when_asked(result: Result, run: Path) -> None:
    with pytest.raises(OutputExists, match="--overwrite"):
        results.save_result(result, run)
    with pytest.raises(OutputExists, match="--overwrite"):
        results.RUN.check(run, overwrite=False)
    results.RUN.check(run, overwrite=True)
    results.save_result(result, run, overwrite=True)
    assert not (run / "map.html").exists()


@pytest.mark.parametrize("manifest", [None, '{"name": "a web page"}', "[]", "not json"])
def test_a_folder_that_is_no_run_is_never_replaced(
    manifest: str | None, result: Result, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("x")
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    before = all_bytes(folder)
    with pytest.raises(OutputError, match="is not a run of geoasm"):
        results.save_result(result, folder, overwrite=True)
    assert all_bytes(folder) == before


@pytest.mark.parametrize("name", ["../map.html", "a/b.html", "manifest/../x", "geoasm.gpkg", ""])
def test_a_page_cannot_leave_the_folder_or_replace_a_file(
    name: str, result: Result, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="a page cannot be called"):
        results.save_result(result, tmp_path / "run", pages={name: "x"})
    assert list(tmp_path.iterdir()) == []


# --- What is no run ---


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match=r"nowhere: no such folder"):
        results.load_result(tmp_path / "nowhere")


def test_a_folder_without_manifest_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match=r"it has no manifest\.json"):
        results.load_result(tmp_path)


@pytest.mark.parametrize("name", ["pairs.parquet", "summary.json", "geoasm.gpkg"])
def test_an_incomplete_run_says_what_is_missing(name: str, run: Path) -> None:
    (run / name).unlink()
    with pytest.raises(RunNotFound, match=f"{name} is missing"):
        results.load_result(run)


@pytest.mark.parametrize(
    "name",
    ["pairs.parquet", "registrations.parquet", "summary.json", "context.gpkg", "manifest.json"],
)
def test_a_damaged_file_is_named(name: str, run: Path) -> None:
    (run / name).write_bytes(b"damaged")
    with pytest.raises(RunNotFound, match=f"{name} cannot be read") as caught:
        results.load_result(run)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("stamp", "message"),
    [
        ({"format": {"name": "geoasm-run", "version": 99}}, "another version of geoasm"),
        ({"name": "a web page"}, "is of another kind"),
    ],
)
def test_a_manifest_of_another_kind_is_told(
    stamp: Mapping[str, Any], message: str, run: Path
) -> None:
    (run / "manifest.json").write_text(json.dumps(stamp))
    with pytest.raises(RunNotFound, match=message):
        results.load_result(run)
