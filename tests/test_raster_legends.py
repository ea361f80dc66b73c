"""What values of an activity raster mean is told by a legend that knows them all, or by the user."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.codes import Role
from geoasm.disturbance import Disturbance, measure
from geoasm.errors import InputError, OptionError
from geoasm.io.profiles import load_profile
from geoasm.model import Grid, Legend
from geoasm.raster_legends import choose, count, is_disturbed, is_known, wrong_nodata
from geoasm.zonal import Outlines
from tests.grids import PIXEL_M, X, Y, raster
from tests.rights import cadastre

PROFILE = load_profile("pe")
BINARY, MASK, MAPBIOMAS = LEGENDS = PROFILE.legends[Role.ACTIVITY]


def outlines(grid: Grid) -> Outlines:
    rows, columns = grid.shape
    box = shapely.box(X, Y, X + PIXEL_M * columns, Y + PIXEL_M * rows)
    return Outlines(np.array([box], dtype=object), grid.transform)


def chosen(*grids: Grid, name: str | None = None) -> list[str]:
    return [one.name for one in choose(grids, [outlines(g) for g in grids], LEGENDS, name)[0]]


def doubts(*grids: Grid) -> pd.DataFrame:
    return choose(grids, [outlines(g) for g in grids], LEGENDS)[1]


@pytest.mark.parametrize(
    ("values", "legend"),
    [([0, 1], "binary"), ([0, 255], "mask"), ([3, 30, 75], "mapbiomas"), ([0, 0], "binary")],
)
def test_the_first_legend_that_knows_every_value_holds(values: list[int], legend: str) -> None:
    for dtype in ("uint8", "uint16", "float32"):
        assert chosen(raster(np.array([values], dtype=dtype))) == [legend]


def test_one_pixel_of_many_tells_a_mask_of_255_from_one_of_1() -> None:
    sparse = np.zeros((900, 900), dtype=np.uint8)
    sparse[811, 17] = 255
    assert chosen(raster(sparse)) == ["mask"]


def test_a_year_that_shows_nothing_has_the_legend_of_the_others() -> None:
    assert chosen(raster([[0, 0]], 2010), raster([[0, 255]], 2020)) == ["mask", "mask"]


def test_products_of_different_kinds_have_each_its_own() -> None:
    assert chosen(raster([[0, 255]], 2010), raster([[3, 30]], 2020)) == ["mask", "mapbiomas"]


def test_pixels_that_are_not_valid_need_no_meaning() -> None:
    assert chosen(raster([[0, 1, 99]], nodata=99)) == ["binary"]


def test_pixels_away_from_every_right_need_none() -> None:
    grid = raster([[0, 1, 99, 99]])
    west = np.array([shapely.box(X, Y, X + 150, Y + 90)], dtype=object)
    assert choose([grid], [Outlines(west, grid.transform)], LEGENDS)[0] == [BINARY]


def test_values_in_no_legend_are_listed_with_the_ways_out() -> None:
    with pytest.raises(InputError) as error:
        chosen(raster([[30, 3, 99, 99, 77]]))
    text = str(error.value)
    assert "mining_2020.tif has values that no legend knows (99: 2 px, 77: 1 px)" in text
    assert "--assume activity.nodata=VALUE" in text
    assert "--assume activity.legend=NAME (binary, mask, mapbiomas)" in text


@pytest.mark.parametrize("values", [[0, 0.37], [0, 0.37, 99]])
def test_probabilities_are_no_classes_of_any_legend(values: list[float]) -> None:
    grid = raster(np.array([values], dtype=np.float32))
    with pytest.raises(InputError) as error:
        chosen(grid)
    text = str(error.value)
    assert "mining_2020.tif has values between whole numbers (such as 0.37)" in text
    assert "write a raster of classes first (1 where ground is disturbed, 0 elsewhere)" in text
    shares = replace(MAPBIOMAS, name="shares", fractions=True, known=((0.0, 99.0),))
    assert choose([grid], [outlines(grid)], (*LEGENDS, shares))[0] == [shares]


def test_of_measurements_the_first_window_is_enough() -> None:
    read: list[Any] = []
    measured = np.random.default_rng(1).random((900, 900)).astype(np.float32)
    with pytest.raises(InputError, match="between whole numbers"):
        chosen(raster(measured, read=read, block=(10, 10)))
    assert len(read) == 1


def test_of_endless_values_no_more_are_counted_than_a_list_can_use() -> None:
    counts: Counter[float] = Counter()
    for start in (0, 50_000):
        count(np.arange(start, start + 50_000), counts)
    count(np.array([7, 7]), counts)
    assert len(counts) == 10_000
    assert counts[7.0] == 3


def test_a_named_legend_holds_whatever_the_values() -> None:
    grids = raster([[0, 1]], 2010), raster([[9, 9]], 2020)
    assert chosen(*grids, name="mapbiomas") == ["mapbiomas", "mapbiomas"]


def test_a_name_of_no_legend_is_an_error() -> None:
    with pytest.raises(
        OptionError, match=r"activity\.legend=corine is no legend; legends: binary, mask"
    ):
        chosen(raster([[0, 1]]), name="corine")


def test_a_country_without_legends_is_told_to_add_one() -> None:
    with pytest.raises(OptionError, match=r"add \[\[rasters.activity.legend\]\]"):
        choose([raster([[0, 1]])], [outlines(raster([[0, 1]]))], ())


# --- No data


@pytest.mark.parametrize(("values", "nodata"), [([0, 1, 30], 30), ([0, 255, 255], 0), ([0, 1], 0)])
def test_a_nodata_that_leaves_only_one_side_is_wrong(values: list[int], nodata: float) -> None:
    name = "mapbiomas" if nodata == 30 else None
    message = rf"declares {nodata} as no data, but legend .*--assume activity.nodata=VALUE \(none"
    with pytest.raises(InputError, match=message):
        chosen(raster([values], nodata=nodata), name=name)


def test_what_is_wrong_with_a_nodata() -> None:
    assert wrong_nodata(30, MAPBIOMAS) == "legend mapbiomas calls it disturbed"
    assert wrong_nodata(0, MASK) == "legend mask has no other value of ground that is not disturbed"
    assert wrong_nodata(0, BINARY) is not None
    for nodata in (None, 0, 255, 65535, -9999.5):
        assert wrong_nodata(nodata, MAPBIOMAS) is None
    assert wrong_nodata(255, BINARY) is None
    wide = Legend("wide", (1.0,), ((0.0, 65535.0),), "")
    assert wrong_nodata(0, wide) is None


def test_a_nodata_that_may_be_all_the_disturbed_ground_is_doubted() -> None:
    found = doubts(raster([[0, 0, 255]], nodata=255))
    assert found[["problem", "action", "field", "value"]].values.tolist() == [
        ["unknown_class", "doubted", "nodata", "255"]
    ]
    assert "--assume activity.nodata=none" in found.loc[0, "detail"]
    assert not len(doubts(raster([[0, 1, 255]], nodata=255)))
    assert not len(doubts(raster([[0, 0, 255]], 2010, nodata=255), raster([[0, 1]], 2020)))
    assert not len(doubts(raster([[0, 0, 9]], nodata=9)))


# --- Values that the legend does not know


def seen(grid: Grid, legend: str | None = None) -> Disturbance:
    rows, columns = grid.shape
    box = shapely.box(X, Y, X + PIXEL_M * columns, Y + PIXEL_M * rows)
    law = PROFILE.law.at(date(2024, 6, 1))
    return measure(cadastre(PROFILE.crs, {"R": box}), [grid], LEGENDS, law, PROFILE.crs, legend)


def test_unknown_values_are_not_valid_and_are_told_once() -> None:
    found = seen(raster([[30, 3, 3, 77, 77, 99, 3, 3]]), legend="mapbiomas")
    assert found.frame.loc[0, "disturbed_valid_share"] == pytest.approx(5 / 8)
    assert found.frame.loc[0, "disturbed_share"] == pytest.approx(1 / 5)
    assert found.legends == {2020: "mapbiomas"}
    told = found.issues[found.issues["problem"] == "unknown_class"]
    assert told[["action", "value"]].values.tolist() == [["set_aside", "77: 2 px, 99: 1 px"]]
    assert "mining_2020.tif: legend mapbiomas" in told["detail"].item()


def test_a_long_list_of_values_is_cut() -> None:
    found = seen(raster([[1] * 30, list(range(100, 130))]), legend="binary")
    (value,) = found.issues.loc[found.issues["problem"] == "unknown_class", "value"]
    assert value.startswith("100: 1 px, 101: 1 px")
    assert value.endswith("109: 1 px, …")


# --- Comparing values


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32", "float64"])
def test_ranges_are_closed_whatever_the_type(dtype: str) -> None:
    legend = Legend("l", (2.0, 3.5), ((1.5, 3.5), (300.0, 300.0)), "", fractions=True)
    values: Any = np.array([0, 1, 2, 3, 4], dtype=dtype)
    assert is_known(values, legend).tolist() == [False, False, True, True, False]
    assert is_disturbed(values, legend).tolist() == [False, False, True, False, False]
    if dtype.startswith("float"):
        parts = np.array([1.49, 1.5, 3.5, 3.51], dtype=dtype)
        assert is_known(parts, legend).tolist() == [False, True, True, False]
        assert is_disturbed(parts, legend).tolist() == [False, False, True, False]


def test_a_legend_knows_whole_numbers_only_unless_it_says_otherwise() -> None:
    values = np.array([0, 0.37, 1, np.nan], dtype=np.float32)
    assert is_known(values, BINARY).tolist() == [True, False, True, False]
    assert is_known(values, replace(BINARY, fractions=True)).tolist() == [True, True, True, False]


def test_values_that_a_type_cannot_hold_do_not_wrap() -> None:
    legend = Legend("l", (256.0, -1.0), ((256.0, 300.0), (-1.0, -1.0)), "")
    values = np.array([0, 1, 255], dtype=np.uint8)
    assert not is_known(values, legend).any()
    assert not is_disturbed(values, legend).any()


def test_the_reference_is_no_part_of_the_choice() -> None:
    again = tuple(replace(legend, reference="") for legend in LEGENDS)
    grid = raster([[0, 255]])
    assert choose([grid], [outlines(grid)], again)[0][0].name == "mask"
