"""Run the gallery's notebooks and store them with what they show: `make gallery`."""

from __future__ import annotations

import base64
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import matplotlib.font_manager as _fonts  # noqa: F401  its cache is made here, not in a notebook
import nbformat
from nbclient import NotebookClient
from PIL import Image

GALLERY = Path(__file__).with_name("gallery")
PICTURE, TABLE = "image/png", "text/html"
_COLOURS = 256  # of a picture's palette; with fewer, two classes get one colour
_SECONDS = 300  # of a cell
_STYLE = re.compile(r"<style.*?</style>\n?", re.DOTALL)  # pandas' own, the same for every frame
_INDENT = re.compile(r"\n\s*")
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# Neither history nor settings of the user's change what is shown.
_APART = {"IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "jupyter"}


def notebooks() -> list[Path]:
    """The notebooks in the order of the gallery."""
    return sorted(GALLERY.glob("*.ipynb"))


def execute(path: Path, folder: Path) -> Any:
    """
    Run a notebook in a folder and give it as it would be stored.

    Raises
    ------
    CellExecutionError
        A cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    apart = {name: str(folder / part) for name, part in _APART.items()}
    # At its own level a kernel warns of its sockets, which never leave this machine.
    client = NotebookClient(
        notebook,
        extra_arguments=["--log-level=ERROR"],
        timeout=_SECONDS,
        resources={"metadata": {"path": folder}},
    )
    client.execute(env={**os.environ, **apart, "PROJ_NETWORK": "OFF"})
    return stripped(notebook)


def stripped(notebook: Any) -> Any:
    """Leave out what differs from one run to the next: times, versions, numbers of cells."""
    notebook.metadata = nbformat.from_dict(_METADATA)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id, cell.metadata = f"cell-{number:02}", nbformat.from_dict({})
        for output in cell.get("outputs", ()):
            output.pop("transient", None)
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
            data = output.get("data", {})
            if PICTURE in data:
                data[PICTURE] = small(data[PICTURE])
            if TABLE in data:
                data[TABLE] = _STYLE.sub("", _INDENT.sub("\n", data[TABLE]))
    return notebook


def small(picture: str) -> str:
    """Store a PNG with a palette and without what the program says of itself."""
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    if image.mode == "P":
        return picture
    written = io.BytesIO()
    image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(
        written, "PNG", optimize=True
    )
    return base64.b64encode(written.getvalue()).decode("ascii")


def texts(notebook: Any) -> list[list[str]]:
    """What each cell says: plain text and streams, without pictures."""
    return [
        [str(said) for output in cell.get("outputs", ()) for said in _said(output)]
        for cell in notebook.cells
    ]


def _said(output: Any) -> list[str]:
    if output.output_type == "stream":
        return [f"{output.name}: {output.text}"]
    return [text for kind, text in output.get("data", {}).items() if kind == "text/plain"]


def main() -> None:
    """Run all notebooks, or those named, in one folder, so that they share a run."""
    chosen = [Path(name) for name in sys.argv[1:]] or notebooks()
    with tempfile.TemporaryDirectory() as folder:
        for path in chosen:
            nbformat.write(execute(path, Path(folder)), path)
            print(path)


if __name__ == "__main__":
    main()
