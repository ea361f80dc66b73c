"""The pages of docs/contributing, as tests follow them."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "contributing"


def blocks(page: str, language: str) -> list[str]:
    """Fenced blocks of a language on a page, in their order."""
    text = (FOLDER / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def put(text: str, block: str) -> str:
    """Put a block of TOML in the place of the table that it begins with, and of all tables below."""
    head = re.match(r"\[+([^\]]+)\]", block)
    assert head is not None, block
    own = re.compile(rf"\[+{re.escape(head[1])}[.\]]")
    tables = re.split(r"(?m)^(?=\[)", text)
    mine = [i for i, table in enumerate(tables) if own.match(table)]
    assert mine, f"no table [{head[1]}]"
    others = [table for i, table in enumerate(tables) if i not in mine]
    return "".join([*others[: mine[0]], block + "\n", *others[mine[0] :]])
