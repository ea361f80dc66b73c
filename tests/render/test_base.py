"""The base map: what it holds for each profile, how small it is, and what it may not do to a page."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from geoasm.model import Result
from geoasm.render import styles
from geoasm.render.base import ABROAD, FILE, SEA, base_layers
from geoasm.render.labels import LANGUAGES, Labels
from geoasm.render.map import map_html
from geoasm.render.payload import Layer
from tests.render import unpacked
from tests.render.vision import contrast

ROOT = Path(__file__).parents[2]
PROFILES = sorted(path.parent.name for path in ROOT.glob(f"geoasm/profiles/*/{FILE}"))
ES = Labels("es")
MOST_BYTES_OF_A_PAGE = 50_000
BASE_BLOCK = re.compile(r'class="geoasm-base">(.*?)</script>', re.DOTALL)


def layer(profile: str, name: str, labels: Labels = ES) -> Layer:
    return next(found for found in base_layers(profile, labels) if found.id == f"base:{name}")


def page_of(result: Result, profile: str, labels: Labels = ES) -> str:
    return map_html(replace(result, summary={**result.summary, "profile": profile}), labels)


def panel(page: str) -> str:
    return re.sub(r"<script.*?</script>", "", page[page.index("<body>") :], flags=re.DOTALL)


def test_the_profiles_of_the_table_are_those_that_have_a_base_map() -> None:
    table = tomllib.loads((ROOT / "data" / "base_map" / "base_map.toml").read_text("utf-8"))
    assert sorted(table["profile"]) == PROFILES
    assert "pe" in PROFILES


@pytest.mark.parametrize("profile", PROFILES)
def test_a_base_map_names_its_source_and_licence(profile: str) -> None:
    packed = (ROOT / "geoasm" / "profiles" / profile / FILE).read_bytes()
    collection = json.loads(gzip.decompress(packed))
    assert "Natural Earth" in collection["source"]
    assert collection["license"] == "public domain"
    assert packed[4:8] == bytes(4)  # no time of writing: the same files give the same bytes


@pytest.mark.parametrize("profile", PROFILES)
def test_layers_come_from_the_ground_up(profile: str) -> None:
    names = ("world", "countries", "regions", "lakes", "rivers", "towns")
    layers = base_layers(profile, ES)
    assert [found.id for found in layers] == [f"base:{name}" for name in names]
    for found in layers:
        assert len(found.geometry) == len(found.names) == len(found.members)
        assert shapely.is_valid(found.geometry).all(), found.id
        west, south, east, north = shapely.total_bounds(found.geometry)
        assert -180 <= west < east <= 180, found.id
        assert -85 <= south < north <= 85, found.id


@pytest.mark.parametrize("profile", PROFILES)
def test_neighbours_share_their_borders(profile: str) -> None:
    shapes = [*layer(profile, "regions").geometry, *layer(profile, "countries").geometry]
    both = shapely.area(shapes).sum() - shapely.area(shapely.union_all(shapes))
    own = shapely.area(layer(profile, "regions").geometry).sum()
    assert both < 0.002 * own
    country = shapely.union_all(layer(profile, "regions").geometry)
    rings = shapely.get_rings(shapely.get_parts(country))
    holes = shapely.area(shapely.polygons(rings)).sum() - shapely.area(country)
    assert holes < 0.005 * own


def test_regions_of_peru_stand_in_their_own_spelling() -> None:
    named = set(layer("pe", "regions").names)
    assert {"Áncash", "Junín", "Huánuco", "Lima", "Madre de Dios", "Callao"} <= named
    assert len(named) == len(layer("pe", "regions").names) == 25


def test_where_the_source_is_out_of_date_a_country_has_no_regions() -> None:
    assert list(layer("cd", "regions").names) == [None]


@pytest.mark.parametrize(("language", "name"), [("es", "Brasil"), ("en", "Brazil")])
def test_neighbours_are_named_in_the_language_of_the_page(language: str, name: str) -> None:
    named = set(layer("pe", "countries", Labels(language)).names)
    assert name in named
    assert {"Peru", "Perú"}.isdisjoint(named)


def test_towns_lie_in_their_regions_and_know_their_rank() -> None:
    regions, towns = layer("pe", "regions"), layer("pe", "towns")
    place = dict(zip(towns.names, towns.geometry, strict=True))
    shape = dict(zip(regions.names, regions.geometry, strict=True))
    for town, region in [("Lima", "Lima"), ("Huánuco", "Huánuco"), ("Tingo María", "Huánuco")]:
        assert shapely.covers(shape[region], place[town]), town
    assert shapely.distance(place["Trujillo"], shape["La Libertad"]) < 0.05
    rank = dict(zip(towns.names, [int(towns.groups[m].label) for m in towns.members], strict=True))
    assert rank["Lima"] < rank["Trujillo"] < rank["Huaraz"] < rank["Puquio"]
    assert len(rank) == len(towns.names)


@pytest.mark.parametrize("profile", PROFILES)
def test_great_rivers_come_before_small_ones(profile: str) -> None:
    ranks = [int(group.label) for group in layer(profile, "rivers").groups]
    assert ranks == sorted(ranks)
    assert len(ranks) > 3


@pytest.mark.parametrize("profile", PROFILES)
def test_base_map_of_a_page_is_small(result: Result, profile: str) -> None:
    blocks = BASE_BLOCK.findall(page_of(result, profile))
    assert len(blocks) == 6
    assert sum(map(len, blocks)) <= MOST_BYTES_OF_A_PAGE


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_says_whose_boundaries_it_shows(result: Result, language: str) -> None:
    labels = Labels(language)
    page = page_of(result, "pe", labels)
    assert labels.text("map.base_source") in panel(page)
    assert "Natural Earth" in labels.text("map.base_source")
    assert "Natural Earth" in labels.text("map.base_note")


def test_legend_and_data_know_nothing_of_it(result: Result) -> None:
    with_base, without = (page_of(result, profile) for profile in ("pe", "nowhere"))
    assert "base:" not in panel(with_base)
    assert unpacked.blocks(with_base) == unpacked.blocks(without)


@pytest.mark.parametrize(("country", "host"), [("bo", "pe"), ("uy", "br"), ("rw", "cd")])
def test_a_country_without_a_base_map_stands_on_its_neighbours(country: str, host: str) -> None:
    drawn = [found.id for found in base_layers(country, ES)]
    assert drawn == [found.id for found in base_layers(host, ES)]
    assert ES.country(country.upper()) in set(layer(country, "countries").names)


def test_a_profile_without_a_base_map_has_none(result: Result) -> None:
    assert base_layers("nowhere", ES) == []
    page = page_of(result, "nowhere")
    assert 'class="geoasm-base"' not in page
    assert ES.text("map.base_source") not in panel(page)


@pytest.mark.parametrize("ground", [SEA, ABROAD, styles.BACKGROUND])
def test_whatever_is_drawn_on_it_can_be_seen(ground: str) -> None:
    tables = (
        styles.CLASS_STYLES,
        styles.STATUS_STYLES,
        styles.CONTEXT_STYLES,
        styles.CONTEXT_POINTS,
    )
    colors = {style.color for table in tables for style in table.values()}
    faint = {color: contrast(color, ground) for color in colors if contrast(color, ground) < 3}
    assert not faint


def test_own_ground_is_the_lightest() -> None:
    own = contrast(styles.BACKGROUND, "#000000")
    assert own > max(contrast(SEA, "#000000"), contrast(ABROAD, "#000000"))
    assert np.all([contrast(styles.BACKGROUND, other) < 1.25 for other in (SEA, ABROAD)])
