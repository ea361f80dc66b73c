"""What every page shares: what a run must own up to, in the words of the page."""

from __future__ import annotations

import pytest

from geoasm.codes import Fault
from geoasm.planar import ground_faults
from geoasm.render import shell
from geoasm.render.labels import LANGUAGES, Labels

FILE = {"role": "concessions", "file": "a.geojson"}
ROWS = [
    {"fault": "min_located_share", "floor": 0.5, "found": 0.125},
    {"fault": "min_known_status_share", "floor": 0.5, "found": 0.125},
    {"fault": "min_read_share", **FILE, "floor": 0.95, "found": 0.94},
    {"fault": "min_within_share", "floor": 0.5, "found": 0.02},
    {"fault": "min_known_declared_share", "floor": 0.5, "found": 0.03},
    {"fault": "cut_short", **FILE},
    {"fault": "rows_lost", "role": "registrations", "read": 600, "kept": 590, "set_aside": 8},
    {"fault": "not_counted", "role": "concessions", "counts": "concessions_kept"},
    {"fault": "ground_lost", "rights_ha": 150.0, "pieces_ha": 149.5},
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_is_said_with_its_figures(language: str) -> None:
    assert [row["fault"] for row in ROWS] == list(Fault)
    said = shell.failed({"failed": ROWS}, Labels(language))
    wanted = ["12.5\u00a0%", "12.5\u00a0%", "94.0\u00a0%", "2.0\u00a0%", "3.0\u00a0%"]
    wanted += ["a.geojson", "590", "concessions_kept"]
    for text, part in zip(said, [*wanted, "149.5000 ha"], strict=True):
        assert part in text


def test_faults_are_said_in_the_language_of_the_page() -> None:
    (es,), (en,) = (shell.failed({"failed": ROWS[:1]}, Labels(name)) for name in ("es", "en"))
    assert es.startswith("solo 12.5")
    assert en.startswith("only 12.5")


def test_ground_that_does_not_balance_is_said_to_a_square_metre() -> None:
    counts = {"by_depth": [{"n_rights": 1, "area_ha": 10.0}], "rights_ha": 10.5}
    (said,) = shell.failed({"failed": ground_faults(counts)}, Labels("en"))
    assert "10.5000 ha" in said
