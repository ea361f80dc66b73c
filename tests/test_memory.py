"""Memory goes back to the system; cycles of unreachable objects are looked for later."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import textwrap

import pytest

from geoasm.memory import collected_later

gnu = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of the GNU library")


def test_nothing_is_collected_inside_and_everything_as_before_after() -> None:
    with collected_later():
        assert not gc.isenabled()
        with collected_later():
            assert not gc.isenabled()
        assert not gc.isenabled()

    assert gc.isenabled()


def test_an_error_lets_collecting_go_on() -> None:
    with pytest.raises(ValueError, match="spoilt"), collected_later():
        raise ValueError("spoilt")

    assert gc.isenabled()


def test_what_was_off_before_stays_off() -> None:
    gc.disable()
    try:
        with collected_later():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def resident_mb(script: str) -> list[float]:
    """Run a script that shows its resident memory, and read what it shows."""
    show = (
        "def show():\n"
        "    with open('/proc/self/statm') as file:\n"
        "        print(int(file.read().split()[1]) * 4096 / 2**20)\n"
    )
    command = [sys.executable, "-c", show + textwrap.dedent(script)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(line) for line in said.stdout.split()]


@gnu
def test_what_lies_free_between_what_is_held_goes_back_to_the_system() -> None:
    full, freed, given_back = resident_mb(
        """
        from geoasm.memory import give_back
        pieces = [bytearray(60_000) for _ in range(3000)]
        show()
        pieces = pieces[-1:]
        show()
        give_back()
        show()
        """
    )

    assert freed > full - 20
    assert given_back < full - 150


ARRAYS = """
    learnt = np.ones(30 * 2**20, np.uint8)
    del learnt
    held = [np.ones(20 * 2**20, np.uint8) for _ in range(10)]
"""
COLUMNS = """
    values = np.ones(2**21)
    held = [pa.array(values).cast(pa.int64()) for _ in range(12)]
"""


@gnu
@pytest.mark.parametrize("take", [ARRAYS, COLUMNS], ids=["arrays", "columns"])
def test_a_program_that_holds_little_gives_back_at_once_what_it_freed(take: str) -> None:
    begin = "import numpy as np\nimport pyarrow as pa\n"
    end = "show()\nheld = held[-1:]\nshow()\n"
    frugal = "from geoasm.memory import hold_little\nhold_little()\n"

    full, freed = resident_mb(begin + frugal + textwrap.dedent(take) + end)
    assert freed < full - 150
