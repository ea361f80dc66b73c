"""Cycles of unreachable objects are looked for later, and then again as before."""

from __future__ import annotations

import gc

import pytest

from geoasm.memory import collected_later


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
