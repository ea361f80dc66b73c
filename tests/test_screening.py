"""Dossiers of a run: their numbers are the run's, and a public one names no natural person."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest

import geoasm
from geoasm import schema
from geoasm.errors import OptionError, OutputError, OutputExists
from geoasm.model import Result
from geoasm.render.labels import Labels
from geoasm.screening import Screening, screen_all
from tests.screened import (
    HOLDER,
    HOSTILE,
    contents,
    hostile_run,
    number_of,
    sample_run,
    unweighed_run,
)

ES = Labels("es")


@pytest.fixture(scope="module")
def made() -> Screening:
    return geoasm.screen(sample_run(), holder=HOLDER)


@pytest.fixture(scope="module")
def folder(made: Screening, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.save(tmp_path_factory.mktemp("screened") / "dossier")


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return unescape((folder / "dossier.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def book(folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "dossier.xlsx")


def column(book: openpyxl.Workbook, sheet: str, head: str) -> list[object]:
    """Values under a head; both by their keys in the catalogue."""
    page = book[ES.text(f"dossier_sheet.{sheet}")]
    heads = [cell.value for cell in page[1]]
    at = heads.index(ES.text(f"dossier_column.{head}")) + 1
    return [page.cell(row, at).value for row in range(2, page.max_row + 1)]


def mine(name: str, key: str = "concession_id") -> list[int]:
    """Rows of a table of the run that are the holder's: their positions."""
    result = sample_run()
    numbers = geoasm.screen(result, holder=HOLDER).dossier.subject.holder_ids
    codes = result.concessions.loc[result.concessions["holder_id"].isin(numbers), "concession_id"]
    return list(getattr(result, name).index[getattr(result, name)[key].isin(codes)])


def test_key_figures_of_the_page_are_those_of_the_run(page: str) -> None:
    result = sample_run()
    numbers = geoasm.screen(result, holder=HOLDER).dossier.subject.holder_ids
    holders = result.holders[result.holders["holder_id"].isin(numbers)]
    near = result.near_outside[result.near_outside["holder_id"].isin(numbers)]
    expected = {
        "in_force": ES.number(holders["n_in_force"].sum()),
        "in_force_ha": ES.hectares(holders["in_force_ha"].sum()),
        "pending": ES.number(holders["n_pending"].sum()),
        "hosted": ES.number(holders["n_hosted"].sum()),
        "near": ES.number(near["registration_id"].nunique()),
        "candidates": ES.number(len(mine("candidates"))),
        "verify": ES.number(len(mine("verify_first"))),
    }
    shown = dict(re.findall(r"<div><dt>([^<]*)</dt><dd>([^<]*)</dd></div>", page))
    assert {name: shown[ES.text(f"dossier.key_{name}")] for name in expected} == expected


def test_sheets_hold_the_numbers_of_the_run(book: openpyxl.Workbook) -> None:
    result = sample_run()
    rights = result.concessions.loc[mine("concessions")]
    assert sorted(
        zip(column(book, "rights", "concession_id"), column(book, "rights", "area_ha"), strict=True)
    ) == [
        (code, pytest.approx(ha))
        for code, ha in sorted(zip(rights["concession_id"], rights["area_ha"], strict=True))
    ]
    assert sum(column(book, "rights", "n_registrations")) == rights["n_registrations"].sum()  # type: ignore[arg-type]
    candidates = result.candidates.loc[mine("candidates")]
    for name in ("score_low", "score_high", "coverage", "top_share", "rank"):
        assert column(book, "candidates", name) == pytest.approx(list(candidates[name]))
    for sheet, table in (("evidence", "evidence"), ("rejected", "candidates_rejected"), ("verify_first", "verify_first")):  # fmt: skip
        assert len(column(book, sheet, "concession_id")) == len(mine(table)) > 0
    overlaps = {*mine("overlaps", "concession_id_a"), *mine("overlaps", "concession_id_b")}
    assert len(column(book, "overlaps", "own_id")) == len(overlaps) > 0
    assert sum(column(book, "overlaps", "overlap_ha")) == pytest.approx(  # type: ignore[arg-type]
        result.overlaps.loc[sorted(overlaps), "overlap_ha"].sum()
    )


def test_counts_of_page_sheet_and_layer_agree(
    page: str, book: openpyxl.Workbook, folder: Path
) -> None:
    layer = pyogrio.read_dataframe(folder / "dossier.gpkg", layer="registrations")
    on = layer[layer["place"].isin(["on_title", "on_other"])]
    names = column(book, "counts", "heading")
    classes = [i for i, name in enumerate(names) if name == ES.text("dossier.by_asm_class")]
    values, counted = column(book, "counts", "value"), column(book, "counts", "n_on")
    told = {values[i]: counted[i] for i in classes if counted[i]}
    by_class = on["asm_class"].value_counts()
    assert told == {ES.class_name(c): int(n) for c, n in by_class.items()}
    rows = dict(re.findall(r'<th scope="row">([^<]*)</th>\s*<td class="number">([^<]*)</td>', page))
    assert {name: rows[name] for name in told} == {n: ES.number(v) for n, v in told.items()}  # type: ignore[index, arg-type]


def test_the_geopackage_has_its_layers_and_a_style_for_each(folder: Path, made: Screening) -> None:
    path = folder / "dossier.gpkg"
    sizes = {
        "rights": len(made.dossier.rights),
        "registrations": len(made.dossier.registrations),
        "clusters": len(made.dossier.clusters),
        "candidates": len(made.dossier.candidates),
    }
    found = {name: pyogrio.read_info(path, layer=name) for name in sizes}
    assert {name: info["features"] for name, info in found.items()} == sizes
    assert found["clusters"]["geometry_type"] == "MultiPolygon"
    assert "holder" in found["rights"]["fields"]
    with closing(sqlite3.connect(path)) as db:
        styled = dict(db.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    assert set(styled) == set(sizes)
    assert 'attr="asm_class"' in styled["registrations"]
    assert 'attr="status"' in styled["rights"]


def private_texts(result: Result) -> list[str]:
    """Names and identity numbers of natural persons, of holders that are several too."""
    people = result.parties[result.parties["kind"] != "legal"]
    numbers = result.parties.loc[result.parties["kind"] != "legal", "ruc"]
    return [*people["name"].dropna(), *numbers.dropna()]


def found_in(folder: Path, texts: list[str]) -> set[str]:
    held = [unescape(content.decode("utf-8", errors="ignore")) for _, content in contents(folder)]
    return {text for text in texts if any(text in one for one in held)}


def test_no_file_of_a_public_dossier_names_a_natural_person(tmp_path: Path) -> None:
    result = sample_run()
    texts = private_texts(result)
    assert len(texts) > 500
    screen_all(result, tmp_path / "all", fewest=1)
    person = result.holders[result.holders["holder_kind"] == "natural"].nlargest(1, "n_hosted")
    geoasm.screen(result, holder=int(person["holder_id"].iloc[0])).save(tmp_path / "person")
    assert found_in(tmp_path, texts) == set()
    for path in tmp_path.rglob("*.gpkg"):
        fields = pyogrio.read_info(path, layer="registrations")["fields"]
        assert not {"registrant_id", "registrant"} & set(fields)


def test_an_internal_dossier_names_registrants_and_warns_of_it(tmp_path: Path) -> None:
    result = sample_run()
    made = geoasm.screen(result, holder=number_of(HOLDER), audience="internal", language="en")
    made.save(tmp_path / "internal")
    here = set(made.dossier.registrations["registrant_id"].dropna())
    natural = result.parties[(result.parties["kind"] == "natural") & result.parties["name"].notna()]
    names = list(natural.loc[natural["party_id"].isin(here), "name"])
    assert names
    assert found_in(tmp_path / "internal", names) == set(names)
    warning = Labels("en").text("common.internal")
    assert warning in (tmp_path / "internal" / "dossier.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(tmp_path / "internal" / "dossier.xlsx")
    cover = book[Labels("en").text("dossier_sheet.cover")]
    assert cover["A2"].value == warning
    fields = pyogrio.read_info(tmp_path / "internal" / "dossier.gpkg", layer="registrations")
    assert "registrant" in fields["fields"]


def test_internal_needs_the_private_part() -> None:
    public = replace(sample_run(), parties=schema.empty(schema.PARTIES))
    with pytest.raises(OptionError, match=r"private/parties\.parquet"):
        geoasm.screen(public, holder=HOLDER, audience="internal")
    assert "private/parties.parquet" in geoasm.screen(public, holder=HOLDER).files.page


def test_hostile_texts_are_shown_and_do_nothing(tmp_path: Path) -> None:
    result = hostile_run()
    screen_all(result, tmp_path / "all", fewest=1)
    pages = [p.read_text(encoding="utf-8") for p in (tmp_path / "all").rglob("*.html")]
    joined = "\n".join(pages)
    assert "<img" not in joined
    assert "<script" not in joined
    assert re.search(r"(?<!\d)49(?! )", re.sub(r"[\d,.]*\d[\d,.]*\d", "", joined)) is None
    assert {text for text in HOSTILE if text in unescape(joined)} == set(HOSTILE)
    for path in (tmp_path / "all").rglob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
        assert kinds <= {"s", "n", "d"}
    names = [p.name for p in (tmp_path / "all").iterdir() if p.is_dir()]
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)
    assert len(names) > 5


def test_a_page_asks_for_nothing(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
    assert "url(" not in page
    assert "@import" not in page


def test_all_writes_one_for_each_company_and_an_index_that_leads_to_them(tmp_path: Path) -> None:
    result = sample_run()
    names = screen_all(result, tmp_path / "all", fewest=8)
    folders = {p.name for p in (tmp_path / "all").iterdir() if p.is_dir()}
    assert set(names) == folders
    assert "exploraciones-guenstrequiri-tunistrelva-s-a" in folders
    index = (tmp_path / "all" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#]+)"', index)
    assert links == [f"{name}/dossier.html" for name in names]
    assert all((tmp_path / "all" / link).is_file() for link in links)
    hosted = [int(n) for n in re.findall(r"<td>[^<]*</td>\s*<td[^>]*>\d+</td>\s*<td[^>]*>(\d+)</td>", index)]  # fmt: skip
    assert hosted == sorted(hosted, reverse=True)
    assert min(hosted) >= 8
    with pytest.raises(OptionError, match="lower number"):
        screen_all(result, tmp_path / "none", fewest=10_000)
    assert not (tmp_path / "none").exists()


def test_the_same_run_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = geoasm.screen(sample_run(), holder=str(number_of(HOLDER))).save(tmp_path / "again")
    assert dict(contents(again)) == dict(contents(folder))


def test_reasons_are_in_the_language_of_the_dossier() -> None:
    made = geoasm.screen(sample_run(), holder=HOLDER, language="en")
    steps = set(made.shown.candidates["next_step"])
    assert steps
    assert steps <= set(Labels("en").section("next_step").values())
    assert '<html lang="en">' in made.files.page


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_card_says_how_firm_a_candidate_is_and_what_it_hangs_on(language: str) -> None:
    labels = Labels(language)
    result = sample_run()
    row = result.candidates[
        result.candidates["pivot_down"].notna() & (result.candidates["hinges"] != "")
    ].iloc[0]
    asked = {"holder": int(row["holder_id"]), "language": language}
    made = geoasm.screen(result, **asked)
    (card,) = [c for c in cards(made) if f" {row['concession_id']} " in c]
    total = len(result.candidates)
    assert labels.text("dossier.card_all", top=20, total=total) in card
    for code in row["hinges"].split(";"):
        assert labels.code("hinge", code) in card
    factor = labels.code("factor", row["pivot_down"])
    assert labels.text("dossier.pivot_down", factor=factor, rank=row["rank_down"]) in card
    more = pd.concat([result.candidates] * 3, ignore_index=True)
    more["concession_id"] = more["concession_id"].where(~more.duplicated(), "other")
    more["top_share"] = 0.25
    many = geoasm.screen(replace(result, candidates=more), **asked)
    (card,) = [c for c in cards(many) if f" {row['concession_id']} " in c]
    assert labels.text("dossier.card_stable", share=labels.percent(0.25, 0), top=20, total=3 * total) in card  # fmt: skip


def cards(made: Screening) -> list[str]:
    """Candidates of the page, each as its text."""
    found = re.findall(r'<article class="card">(.*?)</article>', made.files.page, flags=re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", card)) for card in found]


def test_those_near_are_listed_with_why_they_do_not_count(
    page: str, book: openpyxl.Workbook, made: Screening
) -> None:
    near = made.dossier.near.sort_values(["distance_m", "registration_id"])
    words = [ES.code("not_counted", c) if isinstance(c, str) else None for c in near["not_counted"]]
    assert set(words) - {None}
    told = dict(
        zip(
            column(book, "near", "registration_id"),
            column(book, "near", "not_counted"),
            strict=True,
        )
    )
    assert told == dict(zip(near["registration_id"], words, strict=True))
    table = page.split(ES.text("dossier.caption_near"))[-1].split("</table>")[0]
    codes = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', table)
    assert codes == list(near["registration_id"].head(60))
    first = table.split(codes[0])[1].split("</tr>")[0]
    assert (words[0] or "–") in first


@pytest.mark.parametrize("language", ["es", "en"])
def test_without_candidates_a_dossier_says_so_once_and_speaks_of_nothing_of_theirs(
    tmp_path: Path, language: str
) -> None:
    labels, result = Labels(language), unweighed_run()
    screen_all(result, tmp_path / "all", fewest=5, language=language)
    number = number_of(HOLDER, result)
    made = geoasm.screen(result, holder=number, language=language)
    made.save(tmp_path / "one")
    line = labels.text("dossier.not_weighed")
    absent = [
        *(labels.text(f"dossier.heading_{name}") for name in ("clusters", "candidates", "verify", "signs")),
        *(labels.text(f"dossier.key_{name}") for name in ("near", "clusters", "candidates", "verify")),
        *(labels.text(f"dossier.{name}") for name in ("by_not_counted", "caution", "map_note")),
        *(labels.texts("dossier.method_weighed") + labels.texts("dossier.limits_weighed")),
        *{"es": ("untaje", "iltro", "rden", "oexistencia"), "en": (" score", " gate", "rank", " order", "oexistence")}[language],
    ]  # fmt: skip
    pages = [tmp_path / "one" / "dossier.html", tmp_path / "all" / "index.html"]
    for text in (unescape(p.read_text(encoding="utf-8")) for p in pages):
        body = re.sub(r"<(style|svg)\b.*?</\1>", "", text, flags=re.DOTALL)
        assert body.count(line) == 1
        assert [words for words in absent if words in body.replace(line, "")] == []
    book = openpyxl.load_workbook(tmp_path / "one" / "dossier.xlsx")
    titles = {
        labels.text(f"dossier_sheet.{name}")
        for name in ("cover", "holders", "rights", "overlaps", "evidence", "counts", "registrations", "sources")
    }  # fmt: skip
    assert set(book.sheetnames) == titles
    heads = {cell.value for name in ("counts", "registrations") for cell in book[labels.text(f"dossier_sheet.{name}")][1]}  # fmt: skip
    lost = ("n_near", "near_id", "cluster_id", "counts_for", "not_counted")
    assert not heads & {labels.text(f"dossier_column.{name}") for name in lost}
    path = tmp_path / "one" / "dossier.gpkg"
    assert {name for name, _ in pyogrio.list_layers(path)} >= {"rights", "registrations"}
    assert not {name for name, _ in pyogrio.list_layers(path)} & {"clusters", "candidates"}
    with closing(sqlite3.connect(path)) as db:
        styled = {name for (name,) in db.execute("SELECT f_table_name FROM layer_styles")}
    assert styled == {"rights", "registrations"}


def test_a_folder_is_whole_or_absent(made: Screening, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    made.save(target)
    with pytest.raises(OutputExists):
        made.save(target)
    made.save(target, overwrite=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("kept")
    with pytest.raises(OutputError, match="not a dossier"):
        made.save(other, overwrite=True)
    broken = replace(
        made,
        files=replace(made.files, styles=[{"f_table_name": "rights", "description": object()}]),
    )
    with pytest.raises(OutputError):
        broken.save(tmp_path / "broken")
    assert not (tmp_path / "broken").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "other"]


def test_a_dossier_is_of_one_holder_or_of_one_group() -> None:
    for asked in ({}, {"holder": HOLDER, "group": "GRUPO VELZANDA"}):
        with pytest.raises(OptionError, match="--holder"):
            geoasm.screen(sample_run(), **asked)
