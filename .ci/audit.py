"""Ask the package index which known vulnerabilities the locked versions have: `make audit`."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

INDEX = os.environ.get("GEOASM_AUDIT_INDEX", "https://pypi.org/pypi")
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[\w,-]+\])?==([^\s;\\]+)", re.MULTILINE)
TIMEOUT_S = 20
Ask = Callable[[str], Any]


def locked(files: Iterable[Path]) -> list[tuple[str, str]]:
    """Name and version of every requirement of some lock files, each once."""
    return sorted(
        {pair for file in files for pair in PINNED.findall(file.read_text(encoding="utf-8"))}
    )


def ask_index(url: str) -> Any:
    """What the index says at an address, which is of the web."""
    if not url.startswith(("https://", "http://")):
        raise OSError(f"{url}: not an address of an index")
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 (looked at above)
        return json.load(answer)


def audit(pairs: Iterable[tuple[str, str]], ask: Ask) -> list[str]:
    """A line for each known vulnerability that is not withdrawn."""
    found = []
    for name, version in pairs:
        told = ask(f"{INDEX}/{name}/{version}/json").get("vulnerabilities", ())
        for one in (v for v in told if not v.get("withdrawn")):
            mended = ", ".join(one.get("fixed_in") or ()) or "no version yet"
            found.append(f"{name} {version}: {one['id']}, mended in {mended}")
    return found


def main(names: list[str], ask: Ask = ask_index) -> int:
    """0: none is known, or the index does not answer, which is said; 1: some are known."""
    pairs = locked(map(Path, names))
    try:
        found = audit(pairs, ask)
    except (OSError, ValueError) as err:
        print(f"audit: {INDEX} does not answer ({err}): nothing was checked")
        return 0
    print("\n".join(found) or f"audit: no known vulnerability in {len(pairs)} locked packages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
