"""The catalogues: complete in both languages, used, and the only place where words stand."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from geoasm import codes, dossier
from geoasm.errors import OptionError
from geoasm.render.labels import LANGUAGES, Labels, catalogue

RENDER = Path(__file__).parents[2] / "geoasm" / "render"
SECTION_OF = {
    codes.AsmClass: ("asm_class", "asm_class_note"),
    codes.Pathway: ("pathway",),
    codes.TitleRelation: ("title_relation",),
    codes.HolderStratum: ("holder_stratum",),
    codes.StratumBasis: ("stratum_basis",),
    codes.HolderActivity: ("holder_activity",),
    codes.ConcessionStatus: ("concession_status",),
    codes.RegistrationStatus: ("registration_status",),
    codes.Activity: ("activity",),
    codes.PartyKind: ("party_kind",),
    codes.DeclaredRelation: ("declared_relation",),
    codes.Flag: ("flag",),
    codes.ClosureLevel: ("closure_level",),
    codes.Action: ("action",),
    codes.Problem: ("problem",),
    codes.Role: ("role",),
    codes.NotCounted: ("not_counted",),
    codes.Gate: ("gate",),
    codes.VerifyFirst: ("verify_first",),
    codes.HolderScale: ("holder_scale",),
    codes.Hinge: ("hinge",),
    codes.FactorName: ("factor", "reason_against"),
    codes.SignKind: ("sign",),
    codes.Precondition: ("precondition",),
    codes.MissingCheck: ("missing_check",),
    dossier.Part: ("dossier_part",),
    dossier.Place: ("dossier_place",),
    dossier.Senior: ("dossier_senior",),
    dossier.CountsFor: ("dossier_counts_for",),
}
# Sections that templates and modules take from by name, one key at a time.
NAMED = ("common", "map", "report", "field", "column", "table", "qgis")


def keys(language: str) -> set[str]:
    return {f"{section}.{name}" for section, words in catalogue(language).items() for name in words}


def placeholders(text: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", str(text)))


def test_both_languages_say_the_same_things() -> None:
    assert keys("es") == keys("en")
    lists = {f"{page}.{name}" for page in ("report", "dossier") for name in ("method", "limits")}
    lists |= {"dossier.method_weighed", "dossier.limits_weighed"}
    for key in sorted(keys("es") - lists):
        section, _, name = key.partition(".")
        es, en = (catalogue(language)[section][name] for language in LANGUAGES)
        assert placeholders(es) == placeholders(en), key
        assert es.strip(), key
        assert en.strip(), key


def test_both_languages_have_the_method_in_ten_lines() -> None:
    assert [len(Labels(language).texts("report.method")) for language in LANGUAGES] == [10, 10]


@pytest.mark.parametrize("vocabulary", SECTION_OF, ids=lambda v: v.__name__)
def test_every_code_has_a_name(vocabulary: type[StrEnum]) -> None:
    for section in SECTION_OF[vocabulary]:
        named = set(catalogue("es")[section])
        assert {str(code) for code in vocabulary} <= named


def test_two_classes_never_share_a_name() -> None:
    for language in LANGUAGES:
        names = [Labels(language).class_name(c) for c in codes.AsmClass]
        assert len(set(names)) == len(names)


def test_every_text_is_used() -> None:
    files = [*RENDER.glob("*.py"), *RENDER.glob("templates/*"), *RENDER.glob("static/**/*.js")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    unused = [
        f"{section}.{name}"
        for section in NAMED
        for name in catalogue("es")[section]
        if not re.search(rf'{section}\.{name}\b|"{name}"|words\.{name}\b', source)
    ]
    assert unused == []


class _Texts(HTMLParser):
    """Collects what a reader of a page would read, and attributes that speak."""

    SPOKEN = frozenset(("title", "alt", "placeholder", "aria-label", "aria-description"))

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        self.found += [value or "" for name, value in attrs if name in self.SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


@pytest.mark.parametrize("path", sorted(RENDER.glob("templates/*")), ids=lambda p: p.name)
def test_templates_have_no_words_of_their_own(path: Path) -> None:
    parser = _Texts()
    source = path.read_text(encoding="utf-8")
    parser.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL))
    assert [text for text in parser.found if re.search(r"[^\W\d_]", text)] == []


@pytest.mark.parametrize("path", sorted(RENDER.glob("static/**/*.js")), ids=lambda p: p.name)
def test_scripts_have_no_sentences_of_their_own(path: Path) -> None:
    code = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    literals = re.findall(r'"([^"\n]*)"', code)
    sentences = [s for s in literals if re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}|[^\x00-\x7f]\w", s)]
    assert set(sentences) <= {"use strict"}


def test_values_are_put_in_and_never_read_as_a_template() -> None:
    said = Labels("es").text("map.assumed", field="{value}", value="{{7*7}}{field}")
    assert said == "Valor supuesto: {value} = {{7*7}}{field}."


def test_unknown_code_stands_for_itself_and_a_missing_one_is_said_to_be_missing() -> None:
    labels = Labels("es")
    assert labels.code("asm_class", "new_class") == "new_class"
    assert labels.code("asm_class", None) == "sin dato"


def test_numbers_and_dates_are_written_as_each_language_does() -> None:
    es, en = Labels("es"), Labels("en")
    assert (es.day("2025-09-03"), en.day(date(2025, 9, 3))) == ("3 set. 2025", "Sep 3, 2025")
    assert (es.day(pd.NaT), en.day(None)) == ("sin dato", "no data")
    assert es.number(1234567) == "1,234,567"
    assert es.percent(0.27, 2) == "27.00\u00a0%"
    assert es.hectares(899.98) == "900.0 ha"
    assert es.metres(float("nan")) == "sin dato"


def test_flags_with_a_tail_are_said_with_it() -> None:
    said = Labels("en").flags("stacked;restricted:RN;untested:anap")
    assert said == (
        "several rights overlap; restricted area: RN; not tested: areas closed to new claims (ANAP)"
    )
    assert Labels("en").flags("") is None


def test_unknown_language_is_an_error_that_names_the_others() -> None:
    with pytest.raises(OptionError, match=r"--lang qu: .* es, en"):
        Labels("qu")
