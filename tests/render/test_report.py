"""report.html: every figure with its denominator, escaped, closed to the network."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from geoasm import schema
from geoasm.codes import AsmClass, Pathway
from geoasm.model import Result
from geoasm.render.labels import Labels
from geoasm.render.report import report_html
from tests.render import synthetic

ES = Labels("es")


class _Tables(HTMLParser):
    """Reads a page into tables of rows of cell texts, and notes what lacks a scope."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.unscoped = 0
        self.captions = 0
        self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"th", "td"}:
            self.unscoped += tag == "th" and "scope" not in dict(attrs)
            self.tables[-1][-1].append("")
            self._cell = True
        self.captions += tag == "caption"

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in {"th", "td"}

    def handle_data(self, data: str) -> None:
        if self._cell:
            row = self.tables[-1][-1]
            row[-1] = " ".join(f"{row[-1]} {data}".split())


def read(page: str) -> _Tables:
    parser = _Tables()
    parser.feed(page)
    return parser


@pytest.fixture(scope="module")
def page(result: Result) -> str:
    return report_html(result, ES)


def test_funnel_has_every_step_with_its_denominator_in_words(page: str, result: Result) -> None:
    rows = read(page).tables[0][1:]
    assert len(rows) == len(result.summary["funnel"])
    found = {row["step"]: row for row in result.summary["funnel"]}["third_party_lsm_msm"]
    row = next(r for r in rows if r[0] == "de gran o mediana minería")
    assert row[1:4] == [str(found[k]) for k in ("registrations", "registrants", "points")]
    assert row[4] == (
        f"{ES.percent(found['share'])} de las que no son plantas, en concesión de otro titular "
        f"({found['denominator_registrations']})".replace("\u00a0", " ")
    )


def test_what_follows_a_step_stands_under_it(page: str) -> None:
    steps = [row[0] for row in read(page).tables[0][1:]]
    third = steps.index("en concesión de otro titular")
    assert steps[third + 1] == "de gran o mediana minería"


def test_classes_stand_with_pathway_and_add_up(page: str, result: Result) -> None:
    rows = read(page).tables[1][1:]
    assert len(rows) == 13
    assert sum(int(row[2]) for row in rows) == len(result.registrations)
    assert rows[-1][0].startswith("Sin ubicación utilizable")
    assert rows[-1][1].startswith("Verificar la ubicación Referencia: ")


def test_regions_add_up_to_their_department(page: str, result: Result) -> None:
    table = next(t for t in read(page).tables if t[0][:2] == ["Región", "Total"])
    assert [row[0] for row in table[1:]] == ["CAJAMARCA", synthetic.HOSTILE[0], "HUALGAYOC"]
    totals = [int(row[1]) for row in table[1:]]
    assert totals[0] == len(result.registrations)
    assert sum(totals[1:]) == totals[0]
    assert all(sum(map(int, row[2:])) == int(row[1]) for row in table[1:])


def test_registrations_without_a_region_are_not_called_the_whole(result: Result) -> None:
    nowhere = {"admin_1": "", "admin_2": "", "admin_3": "", "asm_class": "unlocatable"}
    rows = [*result.summary["tables"]["by_admin"], {**nowhere, "registrations": 7}]
    tables = {**result.summary["tables"], "by_admin": rows}
    page = report_html(replace(result, summary={**result.summary, "tables": tables}), ES)
    table = next(t for t in read(page).tables if t[0][:2] == ["Región", "Total"])
    assert table[1][:2] == ["Sin región", "7"]


def test_ground_is_counted_once_and_without_regions_it_is_said(result: Result) -> None:
    first, table = (t for t in read(report_html(result, ES)).tables if t[0][1] == "Área")
    assert first == table[:2]
    assert [row[0] for row in table[1:]][:2] == ["Toda el área de estudio", "CAJAMARCA"]
    assert table[1][1:4] == ["2,100", "0 0.0 %", "100 4.8 %"]
    whole = result.territory[result.territory["admin_1"] == ""].assign(
        region_ha=np.nan, net_share=np.nan
    )
    page = report_html(replace(result, territory=whole), ES)
    assert ES.text("report.territory_whole") in page
    assert "sin dato" in next(t for t in read(page).tables if t[0][1] == "Área")[1][1]


def test_ground_left_over_of_a_subtraction_is_none(result: Result) -> None:
    ground = result.territory.assign(net_ha=-1e-7, net_share=-1e-15)
    table = next(
        t
        for t in read(report_html(replace(result, territory=ground), ES)).tables
        if t[0][1] == "Área"
    )
    assert set(table[1][2:]) == {"0 0.0 %"}


def test_published_figures_stand_beside_ours_with_a_warning(page: str, result: Result) -> None:
    table = next(t for t in read(page).tables if t[0][0] == "Cifra")
    ours = ES.percent(result.summary["published"][0]["ours"]).replace("\u00a0", " ")
    assert table[1][1].startswith("27 %")
    assert table[1][3] == "Malone & Martínez 2022 §2.2"
    assert table[1][4] == f"{ours} de las que no son plantas, en concesión de otro titular (20)"
    assert ES.text("report.warning_shares") in page
    other = {**result.summary, "published": ()}
    assert ES.text("report.warning_shares") not in report_html(replace(result, summary=other), ES)


def test_report_owns_up_to_what_was_not_tested(page: str) -> None:
    assert "comunidades, contratos de explotación" in page
    assert "Valor supuesto: concessions.status = titled." in page
    assert "De 81 inscripciones leídas, 78 quedaron clasificadas y 3 se apartaron" in page


def test_whole_run_says_that_nothing_is_missing(result: Result) -> None:
    summary = {**result.summary, "untested": [], "assumed": {}, "issues": {}}
    page = report_html(replace(result, summary=summary), ES)
    for key in ("report.none_untested", "report.no_assumed", "report.no_issues"):
        assert ES.text(key) in page


def test_hostile_names_are_escaped(page: str, result: Result) -> None:
    assert "<img" not in page
    assert "&lt;img src=x" in page
    title = {**result.summary, "title": synthetic.HOSTILE[1]}
    assert "<script" not in report_html(replace(result, summary=title), ES)


def test_no_person_is_named_for_any_audience(result: Result) -> None:
    internal = report_html(result, ES, audience="internal")
    assert "QUISPE" not in internal
    assert ES.text("common.internal") in internal


def test_page_is_closed_and_its_tables_can_be_read_aloud(page: str) -> None:
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    parser = read(page)
    assert parser.unscoped == 0
    assert parser.captions == len(parser.tables)
    assert '<html lang="es">' in page
    assert page.count("<h1>") == 1


def test_english_page_is_english(result: Result) -> None:
    page = report_html(result, Labels("en"))
    assert "From all registrations to whose title" in page
    assert "inscripciones" not in page


def test_same_run_same_bytes(page: str, result: Result) -> None:
    assert report_html(result, ES) == page


def test_run_without_ground_or_strata_leaves_the_sections_out(result: Result) -> None:
    tables = {**result.summary["tables"], "by_stratum": [], "by_admin": []}
    bare = replace(
        result,
        summary={**result.summary, "tables": tables},
        territory=schema.empty(schema.TERRITORY),
    )
    page = report_html(bare, ES)
    assert 'id="territory"' not in page
    assert 'id="strata"' not in page
    assert 'id="regions"' not in page


def test_declared_rights_stand_by_region_with_their_rate_of_disagreement(result: Result) -> None:
    rows = result.registrations.copy()
    rows["declared_relation"] = ["agrees", "elsewhere", "unknown_code"] * 26
    summary = {**result.summary, **synthetic.summary_of(rows, result.concessions)}
    whole, table = (
        t
        for t in read(report_html(replace(result, summary=summary), ES)).tables
        if t[0][-1] == "No concuerdan"
    )
    assert whole == table[:2]
    assert table[0][1:5] == [
        "Declaran un derecho",
        ES.code("declared_relation", "agrees"),
        ES.code("declared_relation", "elsewhere"),
        ES.code("declared_relation", "unknown_code"),
    ]
    assert table[1] == ["Toda el área de estudio", "78", "26", "26", "26", "66.7 %"]
    assert table[2][:2] == ["CAJAMARCA", "78"]
    assert sum(int(row[1]) for row in table[3:]) == 78


def test_a_register_that_declares_nothing_has_no_such_section(result: Result) -> None:
    rows = result.registrations.assign(declared_right_id=pd.NA, declared_relation="none")
    bare = replace(result, summary=synthetic.summary_of(rows, result.concessions))
    assert 'id="declared"' not in report_html(bare, ES)


def test_overlaps_stand_with_their_hectares_and_what_counts_twice(result: Result) -> None:
    ground = {
        "pairs": 3, "overlap_ha": 12.5,
        "by_status": [{"status_a": "extinct", "status_b": "titled", "pairs": 3, "overlap_ha": 12.5}],
    }  # fmt: skip
    page = report_html(replace(result, summary={**result.summary, "ground": ground}), ES)
    section = page[page.index('id="overlaps"') :]
    assert "Extinguido / Titulado" in section
    assert "12.5 ha" in section
    assert "Contado de más" not in section
    once = {
        **ground,
        **{f"{n}_ha": 1.0 for n in ("rights", "union", "double_counted", "once", "twice", "more")},
    }
    page = report_html(replace(result, summary={**result.summary, "ground": once}), ES)
    assert "Contado de más" in page


def rows_of_a_country(code: str, codes: list[str]) -> list[dict[str, object]]:
    """Count in 25 departments, their 8 provinces each, and the 9 districts of these."""
    places = [
        (
            f"DEPARTAMENTO {i}",
            f"PROVINCIA {i}.{j}" if j else "",
            f"DISTRITO {i}.{j}.{k}" if k else "",
        )
        for i in range(25)
        for j in range(9)
        for k in range(10)
        if j or not k
    ]
    return [
        {"admin_1": one, "admin_2": two, "admin_3": three, code: name, "registrations": 12_345}
        for one, two, three in places
        for name in codes
    ]


def test_page_of_a_country_is_short_and_goes_down_to_provinces(result: Result) -> None:
    tables = {
        **result.summary["tables"],
        "by_admin": rows_of_a_country("asm_class", [str(c) for c in AsmClass]),
        "by_admin_pathway": rows_of_a_country("pathway", [str(p) for p in Pathway]),
        "by_declared": rows_of_a_country("declared_relation", ["agrees", "near", "elsewhere"]),
    }
    kinds = ("closed", "titled", "pending", "extinct", "other", "unknown", "free")
    ground = pd.DataFrame(rows_of_a_country("ground", list(kinds)))
    ground = ground.assign(area_ha=1e6, share=0.1, net_ha=1e6, net_share=0.1, region_ha=1e7)
    run = replace(
        result,
        summary={**result.summary, "tables": tables},
        territory=schema.conform(ground.drop(columns="registrations"), schema.TERRITORY),
    )
    page = report_html(run, ES)
    assert len(page.encode()) < 300_000
    assert page.count("PROVINCIA 7.3<") == 1
    assert "DISTRITO" not in page
    for file in ("summary.csv", "summary.json", "territory.parquet"):
        assert file in page


def test_a_run_with_a_single_department_shows_its_provinces_at_once(page: str) -> None:
    assert ES.text("report.finer_regions") not in page
    assert "HUALGAYOC" in page


def test_contents_lead_to_every_section_in_the_order_of_a_reader(page: str) -> None:
    names = re.findall(r'<li><a href="#(\w+)">', page)
    assert names == re.findall(r'<h2 id="(\w+)">', page)
    assert names[:3] == ["summary", "funnel", "classes"]
    assert names[-3:] == ["sources", "method", "limits"]


def test_counts_that_lose_nothing_say_so(result: Result) -> None:
    counts = {**result.summary["counts"], "registrations_read": 78, "registrations_set_aside": 0}
    page = report_html(replace(result, summary={**result.summary, "counts": counts}), ES)
    assert "Las 78 inscripciones leídas quedaron clasificadas." in page


def test_small_scale_that_is_all_presumed_is_said_to_be_so(page: str, result: Result) -> None:
    assert ES.text("report.all_presumed") in page
    rows = result.registrations.assign(
        stratum_basis=result.registrations["stratum_basis"].replace("presumed_small", "official")
    )
    sure = replace(result, summary=synthetic.summary_of(rows, result.concessions))
    assert ES.text("report.all_presumed") not in report_html(sure, ES)


def test_strata_that_nobody_knows_are_not_told_as_a_share_of_none(result: Result) -> None:
    rows = result.registrations.assign(holder_stratum="unknown", stratum_basis="none")
    page = report_html(replace(result, summary=synthetic.summary_of(rows, result.concessions)), ES)
    third = int((rows["title_relation"] == "third_party").sum())
    assert "gran o mediana minería (0 de" not in page
    told = re.search(
        r"<strong>100\.0\s%</strong> de las que están en concesión de otro.*?\((\d+) de (\d+)\)",
        page,
    )
    assert told
    assert int(told[1]) == int(told[2]) <= third


def test_a_share_among_others_titles_says_how_many_strata_are_unknown(result: Result) -> None:
    rows = result.registrations
    third = rows["title_relation"] == "third_party"
    some = rows.index[third][:3]
    stratum = rows["holder_stratum"].mask(rows.index.isin(some), "unknown")
    found = replace(
        result,
        summary=synthetic.summary_of(rows.assign(holder_stratum=stratum), result.concessions),
    )
    steps = {row["step"]: row for row in found.summary["funnel"]}
    n = steps["third_party_unknown"]["registrations"]
    assert n
    assert f"de {n} el estrato del titular está por verificar." in report_html(found, ES)
