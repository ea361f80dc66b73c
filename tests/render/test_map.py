"""map.html as text: what is in it, what is not, and that nothing in it can act."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Polygon

from geoasm import schema
from geoasm.codes import AsmClass
from geoasm.errors import OptionError
from geoasm.model import Result
from geoasm.render import online
from geoasm.render.labels import Labels
from geoasm.render.layers import rights
from geoasm.render.map import build_map, map_html, source_line
from tests.render import synthetic, unpacked
from tests.render.unpacked import Unpacked

ES = Labels("es")


@pytest.fixture(scope="module")
def page(result: Result) -> str:
    return map_html(result, ES)


def layer(page: str, name: str) -> Unpacked:
    return unpacked.layers(page)[name]


def panel(page: str) -> str:
    return re.sub(r"<script.*?</script>", "", page[page.index("<body>") :], flags=re.DOTALL)


def test_page_reaches_for_nothing(page: str) -> None:
    outside_leaflet = re.sub(r"<script>/\* @preserve.*?</script>", "", page, flags=re.DOTALL)
    outside_leaflet = re.sub(r"/\*.*?\*/", "", outside_leaflet, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?!#)\w", panel(page))
    assert not re.search(r"url\((?!data:|#)", page)
    # But for the one server that a reader may ask to be asked.
    assert "https:" not in outside_leaflet.replace(online.TILE_HOST, "")
    assert "sourceMappingURL" not in page


def test_scripts_are_allowed_by_their_digest_and_no_other(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    scripts = re.findall(r"<script(?: id=\"geoasm-decode\")?>(.*?)</script>", page, flags=re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    allowed = re.search(r"script-src ([^;]*);", policy[1])
    assert allowed is not None
    assert allowed[1].split() == [f"'sha256-{d}'" for d in digests]
    assert policy[1].startswith("default-src 'none'")


def test_no_two_scripts_give_one_name_to_two_things(page: str) -> None:
    names = re.findall(r"^geoasm\.(\w+) = ", page, flags=re.MULTILINE)
    assert sorted(set(names)) == sorted(names)


def test_hostile_texts_arrive_to_the_letter_and_do_nothing(page: str, result: Result) -> None:
    assert set(synthetic.HOSTILE) <= set(layer(page, "concessions").subtitles)
    assert "document.title" not in panel(page)
    assert "catastro &lt;2025&gt;&#34;.zip" in panel(page)
    words = re.search(r'id="geoasm-data">(.*?)</script>', page)
    assert words is not None
    for data in (words[1], *unpacked.blocks(page)):
        assert not set("<>&\u2028\u2029") & set(data)
        assert data.isascii()


def test_words_of_the_catalogue_end_no_element_and_stay_what_they_were(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    section, word = Labels.section, "</script><!-- & ñ"
    monkeypatch.setattr(Labels, "section", lambda self, name: {**section(self, name), "x": word})
    words = re.search(r'id="geoasm-data">(.*?)</script>', map_html(result, ES))
    assert words is not None
    assert json.loads(words[1])["words"]["x"] == word


def test_title_of_the_run_is_escaped(result: Result) -> None:
    hostile = synthetic.HOSTILE[1] + synthetic.HOSTILE[2]
    page = map_html(replace(result, summary={**result.summary, "title": hostile}), ES)
    assert "</script><script>document" not in page
    assert "{{7*7}}" in page
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", page)[0]


def test_page_says_its_language_and_everything_it_must_own_up_to(page: str) -> None:
    assert '<html lang="es">' in page
    said = panel(page)
    for text in (
        "Ley vigente al 31 dic. 2025",
        "comunidades, contratos de explotación",
        "Valor supuesto: concessions.status = titled.",
        "datos al 30 nov. 2025",
        "fecha de los datos no declarada",
        "6 inscripciones no tienen posición utilizable y no se dibujan.",
        "No es una certificación",
    ):
        assert text in said
    assert "<noscript>" in said


def test_english_page_has_no_spanish_text(result: Result) -> None:
    page = map_html(result, Labels("en"))
    assert '<html lang="en">' in page
    assert "Law in force on Dec 31, 2025" in page
    assert ES.class_name("open_ground") not in page + unpacked.text_of(page)


def test_legend_counts_every_registration_once(page: str, result: Result) -> None:
    pattern = r'data-group="class:(\w+)".*?class="count"[^>]*>(\d+)<'
    counts = dict(re.findall(pattern, panel(page)))
    expected = result.registrations["asm_class"].value_counts()
    assert {k: int(v) for k, v in counts.items()} == expected.to_dict()


def test_legend_reads_titles_first_and_context_last(page: str) -> None:
    groups = re.findall(r'data-group="([\w:]+)"', panel(page))
    assert groups.index("right:titled") < groups.index("right:extinct")
    assert groups[0] == "class:own_title"
    assert groups[-1].startswith("context:")


def test_coordinates_come_back_to_a_tenth_of_a_metre(page: str, result: Result) -> None:
    drawn = layer(page, "registrations")
    frame = result.registrations.set_index("registration_id").geometry.loc[drawn.names]
    assert np.abs(np.array(drawn.points) - frame.get_coordinates().to_numpy()).max() <= 5.1e-7


def test_of_rights_that_overlap_the_senior_one_is_the_shallower(page: str, result: Result) -> None:
    drawn = layer(page, "concessions")
    depth = dict(zip(drawn.names, drawn.depth, strict=True))
    codes = result.concessions["concession_id"].tolist()
    assert depth[codes[0]] < depth[codes[1]]  # the second lies over the first and is younger


def test_stacks_point_at_the_rights_of_the_point_senior_first(page: str, result: Result) -> None:
    names, drawn = layer(page, "concessions").names, layer(page, "registrations")
    ids = result.registrations.set_index("registration_id")["right_ids"].loc[drawn.names]
    assert [";".join(str(names[i]) for i in stack) for stack in drawn.stacks] == ids.tolist()
    assert max(map(len, drawn.stacks)) == 2


def test_reference_that_is_missing_or_unverified_is_said_to_be(page: str) -> None:
    assert set(layer(page, "registrations").fields["Referencia"]) == {
        "TUO art. 91",
        "TUO art. 91 (referencia por verificar)",
        "referencia por verificar",
    }


def test_public_page_names_firms_and_no_person(page: str) -> None:
    assert "MINERA SUR S.A.C." in layer(page, "concessions").search
    assert "titular n.º 4, persona natural" in layer(page, "concessions").search
    for secret in ("QUISPE", "HUAM", "10412345678", "20100017491"):
        assert secret not in page + unpacked.text_of(page)


def test_internal_page_names_everybody_and_says_so(result: Result) -> None:
    page = map_html(result, ES, audience="internal")
    assert f"{synthetic.SECRET} (RUC 10412345678)" in unpacked.text_of(page)
    assert ES.text("common.internal") in page
    assert ES.text("common.internal") not in map_html(result, ES)


def test_internal_page_needs_the_private_part(result: Result) -> None:
    public = replace(result, parties=schema.empty(schema.PARTIES))
    with pytest.raises(OptionError, match=r"private/parties\.parquet"):
        map_html(public, ES, audience="internal")


def test_same_run_same_bytes_in_any_order_of_rows(page: str, result: Result) -> None:
    def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.sample(frac=1, random_state=5)

    other = replace(
        result,
        registrations=shuffled(result.registrations),
        concessions=shuffled(result.concessions),
        holders=shuffled(result.holders),
        context={role: shuffled(frame) for role, frame in reversed(result.context.items())},
    )
    assert map_html(other, ES) == page
    assert re.findall(r"\bmap_[0-9a-f]{32}\b", page) == []


def test_many_extinct_rights_come_last_and_are_off_until_asked_for(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "MANY_EXTINCT", 2)
    page = map_html(result, ES)
    drawn = layer(page, "concessions")
    is_extinct = [drawn.groups[m]["id"] == "right:extinct" for m in drawn.member]
    soon = drawn.header["soon"]
    assert soon == len(is_extinct) - sum(is_extinct)
    assert is_extinct == [False] * soon + [True] * sum(is_extinct)
    box = re.search(r'<input[^>]*data-group="right:extinct"[^>]*>', page)
    assert box is not None
    assert "checked" not in box[0]
    assert "disabled" not in box[0]


def test_run_without_registrations_rights_or_context_still_draws(result: Result) -> None:
    empty = replace(
        result,
        registrations=result.registrations.iloc[:0],
        concessions=result.concessions.iloc[:0],
        **{table.name: schema.empty(table) for table in schema.PROSPECTS},
        context={},
    )
    assert unpacked.layers(map_html(empty, ES)) == {}


def test_every_class_is_drawn_but_the_unlocatable(page: str) -> None:
    drawn = layer(page, "registrations")
    ids = [drawn.groups[m]["id"] for m in drawn.member]
    assert set(ids) == {f"class:{c}" for c in AsmClass if c is not AsmClass.UNLOCATABLE}
    box = re.search(r'<input[^>]*data-group="class:unlocatable"[^>]*>', page)
    assert box is not None
    assert "disabled" in box[0]


def test_outlines_of_context_keep_neighbours_joined_and_are_small(
    result: Result,
) -> None:
    wave = np.linspace(0, 40, 4000)
    edge = list(zip(-78.5 + 1e-5 * np.sin(wave), np.linspace(-7.3, -6.9, 4000), strict=True))
    west = Polygon([(-78.7, -7.3), *edge, (-78.7, -6.9)])
    east = Polygon([(-78.3, -7.3), *edge, (-78.3, -6.9)])
    admin = synthetic.layer([west, east], admin_1=["A", "B"])
    drawn = layer(map_html(replace(result, context={"admin": admin}), ES), "context:admin:polygon")
    first, second = (feature[0] for feature in drawn.rings)
    assert len(first) + len(second) < 100
    shared = {tuple(np.round(v, 6)) for v in first} & {tuple(np.round(v, 6)) for v in second}
    assert len(shared) == len(first) - 2  # all but the two outer corners


def test_it_is_a_folium_map_that_takes_more_layers(result: Result) -> None:
    drawn = build_map(result, ES)
    folium.CircleMarker([-7.1, -78.5], radius=5).add_to(drawn)
    page = drawn.get_root().render()
    assert "L.circleMarker" in page
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[-1].encode()).digest()).decode()
    assert digest in page


def test_a_candidate_names_its_right_and_its_holder(page: str, result: Result) -> None:
    found = layer(page, "candidates")
    assert found.names == result.candidates["concession_id"].tolist()
    rights = result.concessions.set_index("concession_id")["name"]
    assert found.subtitles == [rights[code] for code in found.names]
    assert found.fields[ES.text("field.holder")] == ["titular n.º 4, persona natural"]


def test_a_stratum_is_told_only_of_the_holder_of_a_title(result: Result) -> None:
    stated = result.registrations.assign(holder_stratum="lsm_msm", stratum_basis="official")
    found = layer(map_html(replace(result, registrations=stated), ES), "registrations")
    told = dict(zip(found.names, found.fields[ES.text("field.stratum")], strict=True))
    relation = result.registrations.set_index("registration_id")["title_relation"]
    without = {"pending", "extinct", "other_right", "none"}
    shown = {relation[code] for code, text in told.items() if text}
    assert shown == {"own", "third_party", "unknown"}
    assert {relation[code] for code, text in told.items() if not text} >= without


def test_a_role_with_lines_and_areas_has_two_names(result: Result) -> None:
    shapes = [LineString([(-78, -7), (-77.9, -7)]), Polygon([(-78, -7), (-77.9, -7), (-78, -6.9)])]
    rivers = gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=shapes, crs="EPSG:4326")
    found = unpacked.layers(map_html(replace(result, context={"rivers": rivers}), ES))
    names = {g["label"] for name, one in found.items() if "rivers" in name for g in one.groups}
    assert names == {"Ríos (líneas)", "Ríos (áreas)"}


def test_a_raster_among_the_sources_has_no_rows() -> None:
    row = {"role": "elevation", "name": "dem.tif", "rows": 0, "data_on": None}
    assert "dem.tif" in source_line(row, ES)
    assert ES.number(0) not in source_line(row, ES)
    assert ES.number(3) in source_line({**row, "rows": 3}, ES)
