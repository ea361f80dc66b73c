"""Classify artisanal mining registrations against mining rights, by the law of a day."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoasm.api import analyze as analyze
    from geoasm.api import compare_rights as compare_rights
    from geoasm.api import run_study as run_study
    from geoasm.codes import AsmClass as AsmClass
    from geoasm.compare import compare_runs as compare_runs
    from geoasm.disturbed import measure_disturbance as measure_disturbance
    from geoasm.errors import GeoasmError as GeoasmError
    from geoasm.io.profiles import load_profile as load_profile
    from geoasm.io.results import load_result as load_result
    from geoasm.io.samples import sample_folder as sample_folder
    from geoasm.io.study import read_study as read_study
    from geoasm.linking import link_files as link_files
    from geoasm.model import Result as Result
    from geoasm.openings import seek_openings as seek_openings
    from geoasm.scenario import try_scenario as try_scenario
    from geoasm.screening import screen as screen
    from geoasm.series import draw_series as draw_series

__version__ = "0.1.0"

# Loaded on first use: the command line must answer --help without loading the geographic stack.
_HOMES = {
    "AsmClass": "geoasm.codes",
    "GeoasmError": "geoasm.errors",
    "Result": "geoasm.model",
    "analyze": "geoasm.api",
    "compare_rights": "geoasm.api",
    "compare_runs": "geoasm.compare",
    "draw_series": "geoasm.series",
    "link_files": "geoasm.linking",
    "load_profile": "geoasm.io.profiles",
    "load_result": "geoasm.io.results",
    "measure_disturbance": "geoasm.disturbed",
    "read_study": "geoasm.io.study",
    "run_study": "geoasm.api",
    "sample_folder": "geoasm.io.samples",
    "screen": "geoasm.screening",
    "seek_openings": "geoasm.openings",
    "try_scenario": "geoasm.scenario",
}

__all__ = [
    "AsmClass",
    "GeoasmError",
    "Result",
    "__version__",
    "analyze",
    "compare_rights",
    "compare_runs",
    "draw_series",
    "link_files",
    "load_profile",
    "load_result",
    "measure_disturbance",
    "read_study",
    "run_study",
    "sample_folder",
    "screen",
    "seek_openings",
    "try_scenario",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'geoasm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
