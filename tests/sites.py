"""The documentation site, built as `make site` builds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def build(folder: Path, config: Path = ROOT / "mkdocs.yml") -> str:
    """Build the site into a folder, and give every complaint."""
    words = ("build", "--strict", "--config-file", config, "--site-dir", folder)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mkdocs", *words],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = [line for line in done.stdout.splitlines(True) if not line.startswith("INFO ")]
    return "".join(said) + (f"exit code {done.returncode}" if done.returncode else "")
