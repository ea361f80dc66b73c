"""Hook of mkdocs: each notebook of the gallery becomes a page with its figures; the site runs nothing."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
_LINK = re.compile(r"(?<=\]\()((?:gallery/)?\d\d_\w+)\.ipynb(?=\))")
_WRITTEN = re.compile(r"gallery/[^/]+/")  # by notebooks run in place: run folders, names with them
_PICTURE = "image/png"


def on_files(files: Any, config: Any) -> Any:
    """Add pages and pictures; the notebooks stay as files to download, what they wrote stays out."""
    from mkdocs.structure.files import File

    for written in [file for file in files if _WRITTEN.match(file.src_uri)]:
        files.remove(written)
    for source in [file for file in files if file.src_uri.endswith(".ipynb")]:
        notebook = Path(source.abs_src_path)
        text, pictures = page(json.loads(notebook.read_text(encoding="utf-8")), notebook.stem)
        folder = source.src_uri.rpartition("/")[0]
        for name, content in {f"{notebook.stem}.md": text, **pictures}.items():
            files.append(File.generated(config, f"{folder}/{name}", content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead from other pages to a notebook's page; on the forge the same links show the notebook."""
    made_here = page.file.generated_by is not None
    return markdown if made_here else _LINK.sub(r"\1.md", markdown)


def page(notebook: dict[str, Any], stem: str) -> tuple[str, dict[str, bytes]]:
    """
    Put a stored notebook into Markdown.

    Returns
    -------
    text, pictures
        The page, and the files that it shows by name.
    """
    blocks: list[str] = []
    pictures: dict[str, bytes] = {}
    heading = ""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heading = next(iter(re.findall(r"^#+ (.+)$", source, re.MULTILINE)), heading)
            blocks.append(source)
            continue
        blocks.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            data = output.get("data", {"text/plain": output.get("text", "")})
            if _PICTURE in data:
                name = f"{stem}_{len(pictures) + 1}.png"
                pictures[name] = base64.b64decode("".join(data[_PICTURE]))
                blocks.append(f"![Figure: {heading}]({name})")
            else:
                blocks.append(_said(data))
    blocks.append(f"[This page as a notebook]({stem}.ipynb)")
    return "\n\n".join(blocks) + "\n", pictures


def _said(data: dict[str, Any]) -> str:
    """A frame as a table, without pandas' own style; else text as it was printed."""
    table = _TABLE.search("".join(data.get("text/html", "")))
    if table is None:
        return "```text\n" + "".join(data["text/plain"]).rstrip("\n") + "\n```"
    rows = [line.strip() for line in table[0].splitlines()]
    return re.sub(r"<table[^>]*>", "<table>", "".join(rows))
