"""
Run the national job with geoasm: what `geoasm run` does, less the pages.

Usage: python -m pipelines.own STUDY RASTER OUT [--whole] [--compiled]

Takes cadastre, register and protected areas of a study, and the raster in the place of the study's; with
`--whole` all that the study declares. `--compiled` has loops compiled however small the study is.
Writes the run folder OUT/run, and what stages took to OUT/own.json.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from geoasm import __version__, api, clock
from geoasm.codes import Role
from geoasm.io.paths import RasterFile
from geoasm.io.results import save_result
from geoasm.io.study import Study, read_study
from geoasm.kernels import engine
from geoasm.memory import hold_little
from pipelines.stages import Stages

SAME_FILES = (Role.CONCESSIONS, Role.REGISTRATIONS, Role.PROTECTED_AREAS)


class Clock(clock.Clock):
    """The pipeline's clock, which measures more than seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = Stages()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure one stage."""
        with self.stages.stage(name), super().stage(name):
            yield


def chosen(study: Study, raster: str, whole: bool) -> Study:
    """Give the study with the planted raster, and with the files that the peer reads unless `whole`."""
    activity = {Role.ACTIVITY: (RasterFile(raster),)}
    if whole:
        return replace(study, rasters={**study.rasters, **activity})
    files = {role: path for role, path in study.files.items() if role in SAME_FILES}
    return replace(study, files=files, rasters=activity)


def main() -> None:
    """Run the job and tell what it took."""
    hold_little()
    watch = Clock()
    study, raster, out = sys.argv[1:4]
    if "--compiled" in sys.argv:
        engine.choose("numba")
    asked = chosen(read_study(Path(study)), raster, "--whole" in sys.argv)
    result = api.run_study(asked, clock=watch)
    with watch.stage("write"):
        save_result(result, Path(out) / "run", overwrite=True)
    watch.stages.tell(Path(out) / "own.json", version=f"geoasm {__version__}")


if __name__ == "__main__":
    main()
