"""Where the embedded sample is: in the package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

import geoasm
from geoasm.errors import SourceNotFound


def sample_folder() -> Path:
    """
    Find the sample's folder.

    Returns
    -------
    folder
        Where its `study.toml` is.

    Raises
    ------
    SourceNotFound
        The installation lacks it.
    """
    package = Path(geoasm.__file__).parent
    for folder in (package / "data" / "sample", package.parent / "data" / "sample"):
        if (folder / "study.toml").exists():
            return folder
    raise SourceNotFound(f"{package.name}: the sample is not installed; reinstall the package")
