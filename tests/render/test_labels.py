"""The catalogues: complete in both languages, used, and the only place where words stand."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from geoasm import codes, dossier
from geoasm.errors import OptionError
from geoasm.io.results import save_result
from geoasm.languages import CATALOGUE, LANGUAGES
from geoasm.render import labels as labels_module
from geoasm.render.labels import Labels, catalogue
from tests.render import synthetic

PACKAGE = Path(__file__).parents[2] / "geoasm"
RENDER = PACKAGE / "render"
# A language that is still being written says whose words fill its gaps.
COMPLETE = [name for name in LANGUAGES if "fallback" not in catalogue(name)["locale"]]
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
    codes.Fault: ("fault",),
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
    codes.MeasureKind: ("measure",),
    codes.LeftAlone: ("left_alone",),
    codes.MoveReason: ("move_reason",),
    codes.CandidateMove: ("candidate_move",),
    codes.OpeningGround: ("opening_ground",),
    codes.OpeningUse: ("opening_use",),
    codes.BlockedBy: ("blocked_by",),
    codes.MethodChange: ("method_change",),
    codes.Cause: ("cause", "cause_note"),
    codes.RightChange: ("right_change",),
    codes.RegistrationChange: ("registration_change",),
    dossier.Part: ("dossier_part",),
    dossier.Place: ("dossier_place",),
    dossier.Senior: ("dossier_senior",),
    dossier.CountsFor: ("dossier_counts_for",),
}
# Sections that templates and modules take from by name, one key at a time.
NAMED = ("common", "map", "report", "field", "column", "table", "qgis", "scenario", "comparison")


def keys(language: str) -> set[str]:
    return {f"{section}.{name}" for section, words in catalogue(language).items() for name in words}


def placeholders(text: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", str(text)))


@pytest.mark.parametrize("language", [name for name in COMPLETE if name != "es"])
def test_complete_languages_say_the_same_things(language: str) -> None:
    assert keys("es") == keys(language)
    lists = {f"{page}.{name}" for page in ("report", "dossier") for name in ("method", "limits")}
    lists |= {"dossier.method_weighed", "dossier.limits_weighed"}
    lists |= {"scenario.method", "scenario.limits", "comparison.method", "comparison.limits"}
    for key in sorted(keys("es") - lists):
        section, _, name = key.partition(".")
        one, other = (catalogue(x)[section][name] for x in ("es", language))
        assert placeholders(one) == placeholders(other), key
        assert one.strip(), key
        assert other.strip(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_locale_and_no_words_that_the_first_lacks(language: str) -> None:
    assert {"html", "babel"} <= set(catalogue(language)["locale"])
    assert keys(language) - {"locale.fallback"} == keys("es")


def test_all_languages_have_the_method_in_ten_lines() -> None:
    assert {len(Labels(language).texts("report.method")) for language in LANGUAGES} == {10}


@pytest.mark.parametrize("vocabulary", SECTION_OF, ids=lambda v: v.__name__)
def test_every_code_has_a_name(vocabulary: type[StrEnum]) -> None:
    for section in SECTION_OF[vocabulary]:
        named = set(catalogue("es")[section])
        assert {str(code) for code in vocabulary} <= named


def test_two_classes_never_share_a_name() -> None:
    for language in LANGUAGES:
        names = [Labels(language).class_name(c) for c in codes.AsmClass]
        assert len(set(names)) == len(names)


def built_keys(source: str) -> list[str]:
    """Patterns of keys that are put together: `f"map.{name}_here"`, where a part of them stands."""
    written = re.findall(r'f"(\w+\.[\w{}]*)"', source)
    parted = [key for key in written if re.sub(r"^\w+\.|\{\w+\}", "", key)]
    return [re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(key)) for key in parted]


def test_every_text_is_used() -> None:
    files = [*RENDER.rglob("*.py"), *RENDER.glob("templates/*"), *RENDER.glob("static/**/*.js")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    built = built_keys(source)
    unused = [
        f"{section}.{name}"
        for section in NAMED
        for name in catalogue("es")[section]
        if not re.search(rf'{section}\.{name}\b|"{name}"|words\.{name}\b', source)
        and not any(re.fullmatch(pattern, f"{section}.{name}") for pattern in built)
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


# What these are called with are selectors and names of events.
_CODE_CALLS = r"""\.(?:on|off|once|querySelector(?:All)?|closest|matches)\(\s*"[^"\n]*\""""


def script_sentences(source: str) -> set[str]:
    """Literals with two words side by side that are no selector, no events and no classes."""
    code = re.sub(r"^\s*//.*$", "", source, flags=re.MULTILINE)
    literals = re.findall(r'"([^"\n]*)"', re.sub(_CODE_CALLS, "", code))
    spoken = (s for s in literals if re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}|[^\x00-\x7f]\w", s))
    return {s for s in spoken if not set(s.split()) <= CLASSES} - {"use strict"}


CLASSES = {
    name
    for path in RENDER.glob("static/**/*.css")
    for name in re.findall(r"\.([a-z][\w-]*)", path.read_text(encoding="utf-8"))
}


def test_a_sentence_is_found_in_a_script_and_a_selector_is_not() -> None:
    assert script_sentences('x.textContent = "Nothing found";') == {"Nothing found"}
    assert script_sentences('map.on("zoomend moveend", f); $.querySelector(".a b cd");') == set()


@pytest.mark.parametrize("path", sorted(RENDER.glob("static/**/*.js")), ids=lambda p: p.name)
def test_scripts_have_no_sentences_of_their_own(path: Path) -> None:
    assert script_sentences(path.read_text(encoding="utf-8")) == set()


# English that is no part of a page: the meaning of columns and layers, and the texts of errors.
_ENGLISH_CALLS = frozenset(("Column", "specs", "Template"))
_ENGLISH_NAMES = frozenset(
    ("_DESCRIPTIONS", "_NO_NAME", "_NEAREST", "_near", "_ruc_fault", "_suggest")
)


def silent_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, errors, and what is named above."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.Raise):
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if is_docstring or isinstance(node, ast.Raise):
                yield from ast.walk(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in _ENGLISH_CALLS:
                yield from ast.walk(node)
        else:
            named = node.targets[0] if isinstance(node, ast.Assign) else node
            if {getattr(named, "id", ""), getattr(named, "name", "")} & _ENGLISH_NAMES:
                yield from ast.walk(node)


def sentences(source: str) -> list[str]:
    """Literals with two words side by side that are not markup."""
    tree = ast.parse(source)
    silent = set(silent_nodes(tree))
    literals = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent
    ]
    plain = [re.sub(r"<[^>]*(>|$)", "", text) for text in literals]
    return [text for text in plain if re.search(r"[^\W\d_]{2,}[,;:.]? [^\W\d_]{2,}", text)]


def test_a_sentence_is_found_in_a_module_and_its_markup_and_docstrings_are_not() -> None:
    assert sentences('x = f"<b class=red>Own title {n}</b>"') == ["Own title "]
    assert sentences('def f():\n    """Say so much."""\n    raise ValueError("not so much")') == []


@pytest.mark.parametrize(
    "path",
    sorted([*RENDER.rglob("*.py"), *(PACKAGE / "dossier").rglob("*.py")]),
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_modules_of_pages_have_no_sentences_of_their_own(path: Path) -> None:
    assert sentences(path.read_text(encoding="utf-8")) == []


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


@pytest.mark.parametrize("values", [(-0.0, 0.0), (0.0, -0.0)])
def test_a_nought_has_no_sign_whichever_is_written_first(values: tuple[float, float]) -> None:
    labels_module._decimal.cache_clear()
    labels_module._percent.cache_clear()
    en = Labels("en")
    assert [en.number(value, 1) for value in values] == ["0.0", "0.0"]
    assert [en.percent(value) for value in values] == ["0.0\u00a0%", "0.0\u00a0%"]


def test_what_rounds_to_nothing_is_not_less_than_nothing() -> None:
    en = Labels("en")
    assert (en.number(-0.4), en.number(-0.5), en.number(-0.6)) == ("0", "0", "-1")
    assert (en.number(-0.05, 1), en.number(-0.06, 1)) == ("0.0", "-0.1")
    assert (en.percent(-0.0004), en.percent(-0.0006)) == ("0.0\u00a0%", "-0.1\u00a0%")
    assert en.hectares(-0.04) == "0.0 ha"
    assert en.metres(-0.2) == "0 m"


def test_halves_are_rounded_to_the_even_digit_as_they_are_written() -> None:
    en = Labels("en")
    assert (en.number(2.675, 2), en.number(2.665, 2), en.number(0.5)) == ("2.68", "2.66", "0")
    assert (en.number(0.45, 1), en.percent(0.1235)) == ("0.4", "12.4\u00a0%")


def test_a_number_without_end_is_written() -> None:
    assert Labels("en").number(float("inf")) == "∞"


def test_flags_with_a_tail_are_said_with_it() -> None:
    said = Labels("en").flags("stacked;restricted:RN;untested:anap")
    assert said == (
        "several rights overlap; restricted area: RN; not tested: areas closed to new claims (ANAP)"
    )
    assert Labels("en").flags("") is None


def test_unknown_language_is_an_error_that_names_the_others() -> None:
    with pytest.raises(OptionError, match=rf"--lang xq: .* {', '.join(LANGUAGES)}$"):
        Labels("xq")


QUECHUA = """
[locale]
html = "qu"
babel = "qu_PE"
fallback = "es"

[map]
search = "Maskay"
"""


@pytest.fixture
def quechua(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Labels]:
    """A language of which a few words are written."""
    folder = tmp_path / "catalogue"
    shutil.copytree(str(CATALOGUE), folder)
    (folder / "xq").mkdir()
    (folder / "xq" / "locale.toml").write_text(QUECHUA, encoding="utf-8")
    catalogue.cache_clear()
    monkeypatch.setattr(labels_module, "CATALOGUE", folder)
    monkeypatch.setattr(labels_module, "LANGUAGES", (*LANGUAGES, "xq"))
    yield Labels("xq")
    catalogue.cache_clear()


def test_words_that_a_language_lacks_come_from_its_fallback(quechua: Labels) -> None:
    assert quechua.text("map.search") == "Maskay"
    assert quechua.text("map.whole") == Labels("es").text("map.whole")
    assert quechua.text("locale.html") == "qu"
    assert quechua.languages == ("xq", "es")
    assert quechua.pick({"es": "Perú", "en": "Peru"}) == "Perú"
    assert quechua.pick({"en": "Peru"}, "pe") == "pe"


def test_numbers_and_dates_are_of_its_own_locale(quechua: Labels) -> None:
    assert quechua.locales == ["qu-PE", "es-PE"]
    assert quechua.number(1234567.5, 1) == "1,234,567.5"
    assert quechua.day("2025-09-03") != Labels("es").day("2025-09-03")


def test_a_map_is_drawn_in_a_language_that_is_still_being_written(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "geoasm", ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "geoasm" / "render" / "catalogue" / "xq"
    folder.mkdir()
    (folder / "locale.toml").write_text(QUECHUA, encoding="utf-8")
    run = save_result(synthetic.result(), tmp_path / "run")
    subprocess.run(
        [sys.executable, "-m", "geoasm", "map", run, "--lang", "xq", "--out", "map.html"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert '<html lang="qu"' in page
    assert "Maskay" in page
    assert Labels("es").text("map.whole") in page
    assert '"locales": ["qu-PE", "es-PE"]' in page


@pytest.mark.parametrize(
    ("name", "words", "fault"),
    [
        ("map.toml", "[map\n", r"xq/map\.toml: .*line 1"),
        (
            "locale.toml",
            '[locale]\nbabel = "xx_YY"\nfallback = "es"\n',
            r"xq/locale\.toml: babel: ",
        ),
    ],
)
def test_a_slip_in_a_language_is_named_by_its_file(
    quechua: Labels, name: str, words: str, fault: str
) -> None:
    assert quechua.language == "xq"
    (Path(str(labels_module.CATALOGUE)) / "xq" / name).write_text(words, encoding="utf-8")
    catalogue.cache_clear()
    with pytest.raises(OptionError, match=fault):
        Labels("xq")
