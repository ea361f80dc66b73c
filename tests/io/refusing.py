"""Layers that are refused: the one line that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoasm.errors import UnreadableSource
from geoasm.io.layers import read_layer


def refused(path: Path) -> str:
    with pytest.raises(UnreadableSource) as caught:
        read_layer(str(path), "concessions")
    text = str(caught.value)
    assert "\n" not in text
    assert path.name in text
    return text
