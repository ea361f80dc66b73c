"""Figures of a report: what the tables count, drawn to scale, in ink that a printer keeps."""

from __future__ import annotations

import re

import pytest

from geoasm.codes import AsmClass
from geoasm.model import Result
from geoasm.render.figures import INK, PLAIN, contrast
from geoasm.render.labels import LANGUAGES, Labels
from geoasm.render.report import report_html
from geoasm.render.report_figures import (
    class_figure,
    dates_figure,
    funnel_figure,
    pathway_figure,
    published_percent,
    region_figure,
    stratum_figure,
)
from geoasm.render.styles import CLASS_STYLES
from tests.render.drawings import parsed, rects, texts, widths
from tests.screened import sample_run

EN = Labels("en")


def drawn(figure: object) -> str:
    assert figure is not None
    return str(figure.svg)  # type: ignore[attr-defined]


def test_steps_are_as_long_as_their_share_of_all(result: Result) -> None:
    rows = result.summary["funnel"]
    found = widths(parsed(drawn(funnel_figure(rows, EN))), PLAIN)
    assert len(found) == len(rows)
    counts = [row["registrations"] / rows[0]["registrations"] for row in rows]
    assert sorted(width / found[0] for width in found) == pytest.approx(sorted(counts), abs=0.01)


def test_each_step_says_its_share_and_of_how_many(result: Result) -> None:
    row = next(r for r in result.summary["funnel"] if r["step"] == "third_party")
    said = (
        f"{row['registrations']} · {EN.percent(row['share'])} of {row['denominator_registrations']}"
    )
    assert said in texts(parsed(drawn(funnel_figure(result.summary["funnel"], EN))))


def test_classes_and_pathways_stand_in_order_with_all_their_numbers(result: Result) -> None:
    tables = result.summary["tables"]
    for figure, rows in (
        (class_figure(tables["by_class"], EN), tables["by_class"]),
        (pathway_figure(tables["by_pathway"], EN), tables["by_pathway"]),
    ):
        said = [t for t in texts(parsed(drawn(figure))) if "·" in t]
        counts = [int(text.split(" ")[0]) for text in said]
        assert counts == sorted(counts, reverse=True)
        assert sorted(counts) == sorted(row["registrations"] for row in rows)


MANY = ("own_title", "on_lsm_msm", "on_small_scale", "on_unknown_holder", "on_pending_claim")
MANY += ("on_extinct_claim", "open_ground", "prohibited_area")
FEW = ("ambiguous", "in_asm_zone")


def region_rows(n: int) -> list[dict[str, object]]:
    return [
        {"admin_1": f"R{i:02d}", "admin_2": "", "admin_3": "", "asm_class": asm_class,
         "registrations": (10 if asm_class in MANY else 5) * (n - i)}
        for i in range(n)
        for asm_class in (*MANY, *FEW)
    ]  # fmt: skip


def test_regions_beyond_the_largest_are_one_row_that_says_how_many() -> None:
    rows = region_rows(28)
    rows.append({**rows[0], "admin_1": "", "registrations": 3})
    names = [
        t for t in texts(parsed(drawn(region_figure(rows, EN)))) if re.match(r"[A-Z]|3 other", t)
    ]
    assert names[:2] == ["All", "R00"]
    assert names[-3:] == ["R24", "3 other regions", "No region"]


def test_a_region_is_cut_into_its_largest_classes_and_the_rest() -> None:
    figure = region_figure(region_rows(3), EN)
    told = [name for _, name in figure.legend]
    assert told == [*(EN.class_name(c) for c in AsmClass if c in MANY), "Other classes"]
    root = parsed(drawn(figure))
    (_, own, *_), (_, lsm, *_) = (
        widths(root, CLASS_STYLES[c].color) for c in ("own_title", "on_lsm_msm")
    )
    rest = [float(r.attrib["width"]) for r in rects(root) if r.attrib["fill"] == "none"]
    assert own == pytest.approx(lsm, abs=0.2)
    assert rest[1] == pytest.approx(own, abs=1.5)


def test_one_region_alone_is_no_figure() -> None:
    assert region_figure(region_rows(1), EN) is None
    assert region_figure([], EN) is None


def test_strata_stand_under_what_was_published(result: Result) -> None:
    root = parsed(drawn(stratum_figure(result.summary, EN)))
    names = [t for t in texts(root) if "%" not in t]
    assert names[0].startswith("Published: Malone & Martínez 2022")
    assert names[1] == EN.text("report.not_said")
    third = next(r for r in result.summary["funnel"] if r["step"] == "third_party")
    assert names[2].endswith(f"({third['registrations']})")


def test_what_is_only_presumed_to_be_small_is_a_part_of_its_own_in_every_bar() -> None:
    summary = sample_run().summary
    said = next(iter(parsed(drawn(stratum_figure(summary, EN))).iter())).find(
        "{http://www.w3.org/2000/svg}title"
    )
    assert said is not None
    assert said.text is not None
    steps = {row["step"]: row["share"] for row in summary["funnel"]}
    split = {
        (row["counted"], row["holder_stratum"]): row for row in summary["tables"]["stratum_split"]
    }
    whole, small = split["with_presumed", "small_scale"], steps["third_party_small_scale"]
    stated = split["without_presumed", "small_scale"]["registrations"]
    known = stated / whole["denominator_registrations"]
    presumed = EN.text("step.third_party_small_scale_presumed")
    stratum = EN.code("holder_stratum", "small_scale")
    for sure, all_small in (
        (small - steps["third_party_small_scale_presumed"], small),
        (known, whole["share"]),
    ):
        assert (
            f"{EN.percent(sure)} {stratum}, {EN.percent(all_small - sure)} {presumed}" in said.text
        )


def test_what_is_only_presumed_is_hollow_in_bars_and_legend(result: Result) -> None:
    figure = stratum_figure(result.summary, EN)  # whatever is small in this run is presumed to be
    color, root = CLASS_STYLES[AsmClass.ON_SMALL_SCALE].color, parsed(drawn(figure))
    assert widths(root, color) == []
    assert [r.attrib["fill"] for r in rects(root) if r.attrib.get("stroke") == color] == [
        "none"
    ] * 2
    swatches = {name: str(picture) for picture, name in figure.legend}
    assert 'fill-opacity="0.0"' in swatches[EN.text("step.third_party_small_scale_presumed")]


def test_a_split_without_the_presumed_that_leaves_one_stratum_is_not_drawn(result: Result) -> None:
    said = texts(parsed(drawn(stratum_figure(result.summary, EN))))
    assert not any("without the presumed" in text for text in said)
    assert any("Known strata" in text for text in said)


def source(role: str, day: str | None) -> dict[str, object]:
    return {"role": role, "data_on": day}


def test_dates_are_told_from_the_day_of_the_run_and_the_undated_named() -> None:
    rows = [
        source("registrations", "2025-12-12"),
        source("concessions", "2025-12-12"),
        source("rivers", "2019-01-01"),
        source("plants", "2026-01-01"),
        source("strata", None),
        source("activity", None),
        source("activity", None),
    ]
    figure, undated = dates_figure(rows, "2026-01-01", EN)
    said = texts(parsed(drawn(figure)))
    assert said[0] == "rivers: Jan 1, 2019, 7.0 years before"
    assert said[1] == "registrations, mining rights: Dec 12, 2025, 20 days before"
    assert said[2].endswith("the same day")
    assert said[3] == "Asked for: Jan 1, 2026"
    assert undated.startswith("2 sources do not state their date")


def test_without_a_single_date_there_is_no_line_of_time() -> None:
    figure, undated = dates_figure([source("rivers", None)], "2026-01-01", EN)
    assert figure is None
    assert "rivers" in undated


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ink_of_every_figure_stands_out_on_paper(result: Result, language: str) -> None:
    page = report_html(result, Labels(language))
    figures = re.findall(r'<svg class="figure".*?</svg>', page, flags=re.DOTALL)
    assert len(figures) >= 6
    for svg in figures:
        for tag, color in re.findall(r'<(rect|path|text)[^>]*?fill="(#\w+)"', svg):
            if tag == "text":
                assert color in {INK, "#000000", "#ffffff"}
            elif color not in {"#fff", "#ffffff"}:  # paper itself
                assert contrast(color, "#fff") >= 3, color
        for color in re.findall(r'stroke="(#\w+)"', svg):
            assert color == "#fff" or contrast(color, "#fff") >= 3, color


def test_every_figure_says_in_words_what_it_shows(result: Result) -> None:
    page = report_html(result, EN)
    figures = re.findall(r'<svg class="figure".*?</svg>', page, flags=re.DOTALL)
    names = re.findall(r'aria-labelledby="([\w-]+)" viewBox', page)
    assert len(names) == len(set(names)) == len(figures)
    for svg in figures:
        title = re.search(r"<title[^>]*>(.*?)</title>", svg, flags=re.DOTALL)
        assert title is not None
        assert len(re.findall(r"\d", title[1])) >= 3


@pytest.mark.parametrize(("share", "text"), [(0.27, "27 %"), (0.077, "7.7 %"), (0.3, "30 %")])
def test_a_published_share_has_the_decimals_of_its_source(share: float, text: str) -> None:
    assert published_percent(share, Labels("es")).replace("\xa0", " ") == text
