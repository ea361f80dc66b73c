"""Modules import only what lies below them, and only the outer layers touch files or the network."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "geoasm"

# From the ground up. Modules of one row do not know each other; a package counts as one module.
TABLE = tomllib.loads((PACKAGE.parent / "docs" / "layers.toml").read_text(encoding="utf-8"))["band"]
LAYERS = tuple(row for band in TABLE for row in band["rows"])
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row.split()}
(TOUCHES_FILES,) = (band for band in TABLE if band.get("touches_files"))
FIRST_WITH_FILES = RANK[TOUCHES_FILES["rows"][0].split()[0]]

FILE_MODULES = frozenset(
    {
        *("ctypes", "glob", "importlib.resources", "io", "mmap", "os", "pathlib", "shutil"),
        *("subprocess", "tempfile", "tomllib", "zipfile", "sqlite3"),
        *("ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib", "urllib3"),
        *("geoalchemy2", "psycopg", "sqlalchemy"),
        *("fiona", "folium", "jinja2", "openpyxl", "pyogrio", "rasterio", "xlsxwriter", "xstatic"),
        # columns in memory are Arrow's own business, its files are not
        *(
            f"pyarrow.{name}"
            for name in ("csv", "dataset", "feather", "fs", "ipc", "orc", "parquet")
        ),
    }
)
FILE_CALLS = frozenset(
    {
        *("open", "read_bytes", "read_text", "write_bytes", "write_text", "fromfile", "tofile"),
        *("read_csv", "read_excel", "read_feather", "read_file", "read_json", "read_parquet"),
        *("to_csv", "to_excel", "to_feather", "to_file", "to_parquet", "to_pickle"),
        *("loadtxt", "savetxt", "savefig", "read_pickle"),
    }
)
# The allocator of the system has no other door.
DOORS = frozenset({("memory", "ctypes")})

# The web is for `geoasm fetch` alone, which nothing but its command asks.
WEB = frozenset(
    {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "tenacity"}
    | {"urllib.request", "urllib3"}
)
MAY_ASK_THE_WEB = PACKAGE / "io" / "fetch"


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Dotted names that a module imports, wherever in it, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield base, node.lineno
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def faults(source: str, module: str) -> list[str]:
    """What a module of geoasm, given as text, does that its layer may not."""
    if module not in RANK:
        return [f"{module} stands in no layer: add it to docs/layers.toml"]
    tree = ast.parse(source)
    found = []
    for name, line in imported(tree):
        top, _, rest = name.partition(".")
        if top == "geoasm" and rest:
            target = rest.split(".")[0]
            if target in RANK and target != module and RANK[target] >= RANK[module]:
                found.append(f"line {line}: {module} imports geoasm.{target}, which is not below")
        elif (module, name) in DOORS:
            continue
        elif RANK[module] < FIRST_WITH_FILES and (top in FILE_MODULES or name in FILE_MODULES):
            found.append(f"line {line}: {module} imports {name}")
        elif RANK[module] < RANK["cli"] and top == "click":
            found.append(f"line {line}: {module} imports click")
    if RANK[module] < FIRST_WITH_FILES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", "")
                if getattr(node.func, "id", "") == "open":
                    called = "open"
                if called in FILE_CALLS:
                    found.append(f"line {node.lineno}: {module} calls {called}()")
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_module_keeps_to_its_layer(path: Path) -> None:
    found = faults(path.read_text(encoding="utf-8"), module_of(path))
    assert not found, f"{path.name}: " + "; ".join(found)


def uses_web(source: str) -> set[str]:
    """Name what a module, given as text, imports to ask the web, or of the downloads."""
    names = {name for name, _ in imported(ast.parse(source))}
    reached = {n for n in names if n in WEB or n.split(".")[0] in WEB}
    return reached | {n for n in names if f"{n}.".startswith("geoasm.io.fetch.")}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_only_downloads_ask_the_web(path: Path) -> None:
    if path.is_relative_to(MAY_ASK_THE_WEB) or path == PACKAGE / "cli" / "fetch.py":
        return
    assert uses_web(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "import httpx",
        "def late():\n    import requests.adapters",
        "from urllib.request import urlopen",
        "from geoasm.io import fetch",
        "from geoasm.io.fetch.client import Client",
    ],
)
def test_planted_use_of_the_web_is_caught(source: str) -> None:
    assert uses_web(source)
    assert not uses_web("from urllib.parse import urlsplit")


def test_table_of_layers_names_only_what_exists() -> None:
    named = [name for row in LAYERS for name in row.split()]
    assert sorted(named) == sorted({module_of(path) for path in PACKAGE.rglob("*.py")})


def test_picture_of_the_house_is_drawn_from_the_table_of_today() -> None:
    maker = runpy.run_path(str(PACKAGE.parent / "docs" / "draw_house.py"))
    assert maker["PICTURE"].read_text(encoding="utf-8") == maker["picture"](), "run `make docs`"
    shown = re.findall(r'class="row"[^>]*>([^<]*)<', maker["picture"]())
    assert sorted(re.findall(r"\w+", " ".join(shown))) == sorted(RANK)


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from geoasm.pipeline import run", "classify"),
        ("def late():\n    import geoasm.io.layers", "profile"),
        ("from geoasm import render", "io"),
        ("from geoasm.link import link", "profile"),
        ("import pyogrio", "normalize"),
        ("from pathlib import Path", "summarize"),
        ("def peek(f):\n    return open(f)", "link"),
        ("import geopandas as gpd\ngpd.read_file('x')", "classify"),
        ("import click", "api"),
        ("", "newcomer"),
    ],
)
def test_planted_violation_is_caught(source: str, module: str) -> None:
    assert faults(source, module)


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from geoasm.codes import Role", "model"),
        ("from geoasm.io.paths import split", "io"),
        ("from geoasm import __version__", "api"),
        ("import pyogrio", "io"),
        ("import folium", "render"),
    ],
)
def test_lawful_import_passes(source: str, module: str) -> None:
    assert not faults(source, module)
