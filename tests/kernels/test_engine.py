"""Which way loops run: by size, as asked, and never the compiler for small work."""

from __future__ import annotations

import subprocess
import sys

import pytest

from geoasm.errors import InputError
from geoasm.kernels import engine


def test_large_work_is_compiled_and_small_work_is_not() -> None:
    assert engine.compiled(engine.WORTH_COMPILING)
    assert not engine.compiled(engine.WORTH_COMPILING - 1)


def test_without_numba_everything_goes_through_shapely(monkeypatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    engine.can_compile.cache_clear()

    assert not engine.compiled(10**9)
    with pytest.raises(InputError, match="install numba"), engine.use("numba"):
        pass
    monkeypatch.undo()
    engine.can_compile.cache_clear()


def test_without_a_folder_for_compiled_loops_everything_goes_through_shapely() -> None:
    code = (
        "from numba.core import caching; "
        "caching.CacheImpl._locator_classes = []; "  # as where no folder can be written
        "from geoasm.kernels import engine; print(engine.compiled(10**9)); engine.choose('numba')"
    )

    told = run(code)

    assert told.stdout.strip() == "False"
    assert "NUMBA_CACHE_DIR" in told.stderr


@pytest.mark.parametrize(("way", "compiled"), [("numba", True), ("shapely", False)])
def test_a_way_that_was_chosen_holds_at_any_size_and_ends(way, compiled) -> None:
    with engine.use(way):
        assert engine.compiled(1) is compiled
        assert engine.compiled(10**9) is compiled

    assert engine.compiled(10**9)
    assert not engine.compiled(1)


def test_a_way_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="auto, numba, shapely"), engine.use("cuda"):
        pass

    assert not engine.compiled(1)


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", **environment},
    )


def test_the_command_line_takes_the_way_from_the_environment() -> None:
    code = "import sys; sys.argv = ['geoasm', 'profiles', 'list']; from geoasm.cli.main import main; main()"

    refused = run(code, GEOASM_KERNELS="cuda")

    assert refused.returncode == 2
    assert refused.stderr.startswith("geoasm: error: no way 'cuda' to run loops")
    assert run(code, GEOASM_KERNELS="shapely").returncode == 0


def test_asking_for_small_work_does_not_load_the_compiler() -> None:
    code = "import sys; from geoasm.kernels import engine; engine.compiled(10**4); print('numba' in sys.modules)"

    assert run(code).stdout.strip() == "False"
