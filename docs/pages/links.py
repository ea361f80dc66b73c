"""
Hooks of MkDocs, for links that leave `docs/`.

They work where the repository is read. The site holds no source: pictures and pages that are linked
go into it, and of every other link the text stays, with the path.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COPIED = {".html", ".png", ".svg"}
LINK = re.compile(
    r"(?P<mark>!?)\[(?P<text>[^]]*)\]\((?P<target>\.\./[^)#\s]+)(?P<anchor>#[^)\s]*)?\)"
)


def _outside(page: str, target: str) -> Path | None:
    """Give the file of the repository that a page links to, if it lies outside `docs/`."""
    path = Path(os.path.normpath((DOCS / page).parent / target))
    return None if path.is_relative_to(DOCS) else path.relative_to(ROOT)


def on_files(files: Files, config: Any) -> Files:
    """Put pictures and pages from outside into the site."""
    for page in files.documentation_pages():
        for found in LINK.finditer(page.content_string):
            path = _outside(page.src_uri, found["target"])
            known = path is None or path.suffix not in COPIED or path.as_posix() in files.src_uris
            if path is not None and not known:
                copy = File.generated(config, path.as_posix(), abs_src_path=str(ROOT / path))
                files.append(copy)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn links that leave `docs/` to the copy in the site, or into their text and a path."""

    def turned(found: re.Match[str]) -> str:
        path = _outside(page.file.src_uri, found["target"])
        if path is None:
            return found[0]
        if path.suffix in COPIED:
            here = os.path.relpath(path, Path(page.file.src_uri).parent)
            return f"{found['mark']}[{found['text']}]({here}{found['anchor'] or ''})"
        return f"{found['text']} (`{path.as_posix()}`)"

    return LINK.sub(turned, markdown)
