"""The gallery says what geoasm answers today: its notebooks run, and their words fit their figures."""

from __future__ import annotations

import base64
import io
import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from PIL import Image

from geoasm.codes import AsmClass
from geoasm.render.styles import CLASS_STYLES

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "gallery"
NOTEBOOKS = sorted(GALLERY.glob("*.ipynb"))
MOST_BYTES = 64 * 1024
MOST_LINES_OF_A_CELL = 14
LEAST_PAINTED = 0.01
NUMBER = re.compile(r"\d+(?:\.\d+)?")

ON_THE_MAP = (
    AsmClass.ON_SMALL_SCALE,
    AsmClass.ON_LSM_MSM,
    AsmClass.ON_IDLE_CLAIM,
    AsmClass.OPEN_GROUND,
    AsmClass.IN_ASM_ZONE,
    AsmClass.OWN_TITLE,
)

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def maker() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "make_gallery.py"))


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "hooks" / "notebooks.py"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all notebooks, so that the first makes the run and the others read it."""
    return tmp_path_factory.mktemp("gallery")


def stored(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def pictures(notebook: Any) -> list[Image.Image]:
    shown = [
        output.data["image/png"]
        for output in outputs(notebook)
        if "data" in output and "image/png" in output.data
    ]
    return [Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB") for png in shown]


def painted(picture: Image.Image) -> float:
    """Share of the pixels that have not the colour of most."""
    counts = sorted(count for count, _ in picture.getcolors(picture.width * picture.height))
    return sum(counts[:-1]) / sum(counts)


def colours(picture: Image.Image) -> set[str]:
    found = picture.getcolors(picture.width * picture.height)
    return {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in found}


@pytest.mark.slow
@each
def test_notebook_runs_and_says_what_is_stored(
    path: Path, maker: dict[str, Any], folder: Path
) -> None:
    fresh = maker["execute"](path, folder)
    warned = [o.text for o in outputs(fresh) if o.output_type == "stream" and o.name == "stderr"]
    assert not warned
    assert maker["texts"](fresh) == maker["texts"](stored(path)), "run `make gallery`"
    assert len(pictures(fresh)) == len(pictures(stored(path)))
    assert all(painted(picture) > LEAST_PAINTED for picture in pictures(fresh))


@each
def test_stored_pictures_are_not_blank(path: Path) -> None:
    found = pictures(stored(path))
    assert found
    assert all(painted(picture) > LEAST_PAINTED for picture in found)


def test_a_blank_picture_would_be_told() -> None:
    assert painted(Image.new("RGB", (400, 300), "white")) < LEAST_PAINTED


def test_classes_keep_their_colours_in_stored_pictures() -> None:
    bars, map_ = pictures(stored(GALLERY / "01_classify.ipynb"))
    assert {style.color for style in CLASS_STYLES.values()} <= colours(bars)
    assert {CLASS_STYLES[code].color for code in ON_THE_MAP} <= colours(map_)


@each
def test_numbers_in_an_answer_stand_in_what_the_notebook_shows(
    path: Path, maker: dict[str, Any]
) -> None:
    notebook = stored(path)
    seen: set[str] = set()
    answers = 0
    for cell, said in zip(notebook.cells, maker["texts"](notebook), strict=True):
        if cell.cell_type == "code":
            seen |= {number for text in said for number in NUMBER.findall(text)}
        elif cell.source.startswith("**Answer.**"):
            answers += 1
            numbers = NUMBER.findall(cell.source)
            assert not [n for n in numbers if not {n, f"{n}.0"} & seen], cell.source
    assert answers >= 2


@each
def test_notebook_is_short_and_stores_nothing_of_the_machine(
    path: Path, maker: dict[str, Any]
) -> None:
    notebook = stored(path)
    assert path.stat().st_size < MOST_BYTES
    assert not [
        c.source
        for c in notebook.cells
        if c.cell_type == "code" and len(c.source.splitlines()) > MOST_LINES_OF_A_CELL
    ]
    assert notebook.cells[0].source.startswith("# ")
    assert "## Limits" in notebook.cells[-1].source
    assert nbformat.writes(maker["stripped"](stored(path))) == nbformat.writes(notebook)
    assert not any(cell.metadata for cell in notebook.cells)
    assert not re.search(r"/(?:home|tmp|root|work|Users)/", str(maker["texts"](notebook)))


@each
def test_page_of_a_notebook_shows_its_words_code_tables_and_figures(
    path: Path, hook: dict[str, Any]
) -> None:
    notebook = stored(path)
    text, files = hook["page"](notebook, path.stem)
    assert len(files) == len(pictures(notebook))
    assert all(
        f"]({name})" in text and content[:4] == b"\x89PNG" for name, content in files.items()
    )
    assert all(cell.source in text for cell in notebook.cells)
    framed = [o for o in outputs(notebook) if "text/html" in o.get("data", ())]
    assert text.count("<table>") == len(framed)
    assert "<style" not in text
    assert text.count("```") % 2 == 0


def test_site_has_a_page_for_every_notebook(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(GALLERY, docs / "gallery", ignore=shutil.ignore_patterns("run", "*.md"))
    (docs / "gallery" / "run" / "private").mkdir(parents=True)
    (docs / "gallery" / "run" / "private" / "parties.parquet").touch()
    links = [f"[{path.stem}](gallery/{path.name})" for path in NOTEBOOKS]
    (docs / "index.md").write_text("\n".join(links), encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: gallery\nplugins: []\n", encoding="utf-8")
    hooks = [str(ROOT / "docs" / "hooks" / "notebooks.py")]
    build(load_config(str(tmp_path / "mkdocs.yml"), hooks=hooks, use_directory_urls=False))
    site = tmp_path / "site" / "gallery"
    index = (site.parent / "index.html").read_text(encoding="utf-8")
    assert not (site / "run").exists()
    for path in NOTEBOOKS:
        html = (site / f"{path.stem}.html").read_text(encoding="utf-8")
        shown = re.findall(r'<img[^>]* src="([^"]+)"', html)
        assert len(shown) == len(pictures(stored(path)))
        assert all((site / name).is_file() for name in shown)
        assert f'href="gallery/{path.stem}.html"' in index
        assert f'href="{path.name}"' in html
        assert (site / path.name).is_file()


def test_index_of_the_gallery_names_every_notebook() -> None:
    text = (GALLERY / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\d\d_\w+\.ipynb)\)", text) == [path.name for path in NOTEBOOKS]
