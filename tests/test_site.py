"""The documentation site builds without a word, leads nowhere wrong, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.sites import ROOT, build

LOADS = {"src", "srcset", "data", "poster"}
ELSEWHERE = re.compile(r"(?:https?:)?//")
STYLE = re.compile(r"""(?:@import\s+(?:url\()?|url\()\s*["']?(?:https?:)?//""", re.IGNORECASE)
SCRIPT = re.compile(r"""(?:importScripts|import)\s*\(\s*["'`](?:https?:)?//""")


class Addresses(HTMLParser):
    """What a page loads, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in LOADS or (tag == "link" and name == "href"):
                self.loaded.append(value or "")
            elif tag == "a" and name == "href":
                self.linked.append(value or "")


def loaded_from_elsewhere(name: str, text: str) -> list[str]:
    """Give what a file of the site would fetch from another host."""
    found = STYLE.findall(text)
    if name.endswith(".js"):
        return found + SCRIPT.findall(text)
    if name.endswith(".html"):
        found += [address for address in Addresses(text).loaded if ELSEWHERE.match(address)]
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert build(folder) == ""
    return folder


def test_site_builds_without_a_warning_and_holds_no_source(site: Path) -> None:
    names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {"index.html", "guide.html", "cli.html", "formats.html"} <= names
    assert not [name for name in names if name.endswith((".py", ".pyc", ".md", ".toml"))]


def test_nothing_of_the_site_is_loaded_from_elsewhere(site: Path) -> None:
    files = [p for p in site.rglob("*") if p.suffix in {".html", ".css", ".js"}]
    assert len(files) > 20
    found = {
        path.relative_to(site).as_posix(): elsewhere
        for path in files
        if (elsewhere := loaded_from_elsewhere(path.name, path.read_text(encoding="utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script src="https://example.org/a.js"></script>'),
        ("a.html", '<link rel="stylesheet" href="//example.org/a.css">'),
        ("a.html", '<img srcset="https://example.org/a.png 2x">'),
        ("a.html", "<style>a { background: url(https://example.org/a.png) }</style>"),
        ("a.css", '@import "https://example.org/a.css";'),
        ("a.js", "importScripts('https://example.org/a.js')"),
    ],
)
def test_planted_address_elsewhere_is_caught(name: str, text: str) -> None:
    assert loaded_from_elsewhere(name, text)


def test_links_and_pictures_of_the_site_lead_to_files_of_it(site: Path) -> None:
    lost = []
    for page in [p for p in site.glob("**/*.html") if p.name != "404.html"]:
        read = Addresses(page.read_text(encoding="utf-8"))
        for address in (*read.loaded, *read.linked):
            path = unquote(address.partition("#")[0].partition("?")[0])
            if path and ":" not in path and not (page.parent / path).exists():
                lost.append(f"{page.relative_to(site)}: {address}")
    assert not lost


def test_links_that_leave_the_documents_are_a_path_or_a_copy_in_the_site(site: Path) -> None:
    assert "<code>benchmarks/README.md</code>" in (site / "performance.html").read_text("utf-8")
    copied, source = (root / "maps" / "sample" / "map.html" for root in (site, ROOT))
    assert copied.read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    "planted",
    ["[gone](gone.md)", "[gone](guide.md#gone)", "[gone](/guide.md)", "![gone](gone.png)"],
)
def test_link_that_leads_nowhere_stops_the_build(tmp_path: Path, planted: str) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "maps").symlink_to(ROOT / "maps")
    config = shutil.copy(ROOT / "mkdocs.yml", tmp_path / "mkdocs.yml")
    page = tmp_path / "docs" / "languages.md"
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{planted}\n", encoding="utf-8")
    assert "languages.md" in build(tmp_path / "site", Path(config))
