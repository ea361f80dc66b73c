"""The synthetic run, made once."""

from __future__ import annotations

import pytest

from geoasm.model import Result
from tests.render import synthetic


@pytest.fixture(scope="session")
def result() -> Result:
    return synthetic.result()
