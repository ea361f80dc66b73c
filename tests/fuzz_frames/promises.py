"""What every run promises, whatever it was given."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd

from geoasm import issues as issue_list
from geoasm.codes import AsmClass
from geoasm.errors import GeoasmError
from geoasm.model import Result

SECONDS = 60


class Hung(BaseException):
    """A call that took too long; no handler of errors may take it for one of its own."""


@contextmanager
def in_time(seconds: int = SECONDS) -> Iterator[None]:
    """Stop what takes longer."""

    def stop(*_: object) -> None:
        raise Hung(f"no answer in {seconds} s")

    former = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)


def answer_or_refusal(call: Callable[[], Any]) -> Any:
    """What a call gives, None where it refuses in one line; anything else is a failure."""
    with in_time(), warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return call()
        except GeoasmError as refusal:
            check_refusal(refusal)
            return None


def check_refusal(refusal: GeoasmError) -> None:
    """One printable line of some length that says what is wrong."""
    text = str(refusal)
    assert len(text.splitlines()) == 1, f"not one line: {text!r}"
    assert text.isprintable(), f"not printable: {text!r}"
    assert len(text) > 20, f"says nothing: {text!r}"
    text.encode()


def check_rows(kept: pd.DataFrame, issues: pd.DataFrame, role: str, n: int) -> None:
    """Every row of the source once: in the output or set aside (rows joined into one, in one)."""
    gone = issue_list.count_set_aside(issues, role)
    assert n == len(kept) + gone, f"{role}: {n} read, {len(kept)} kept, {gone} set aside"
    aside = issues[(issues["source"] == role) & (issues["action"] == "set_aside")]["row"].dropna()
    rows = kept["source_row"].dropna()
    assert rows.is_unique
    assert not set(rows) & set(aside)
    assert set(rows) | set(aside) == set(range(1, n + 1))


def check_run(result: Result, n_registrations: int, n_concessions: int) -> None:
    """The balance, the closed set of classes, and probabilities that are some."""
    register, rights, issues = result.registrations, result.concessions, result.issues
    check_rows(register, issues, "registrations", n_registrations)
    gone = issue_list.count_set_aside(issues, "concessions")
    assert n_concessions == len(rights) + gone
    counts = result.manifest["counts"]
    assert counts["registrations_read"] == n_registrations
    assert counts["concessions_read"] == n_concessions
    assert not [f for f in result.summary["failed"] if f["fault"] in ("rows_lost", "not_counted")]
    assert set(register["asm_class"]) <= {c.value for c in AsmClass}
    assert register["registration_id"].is_unique
    assert rights["concession_id"].is_unique
    for name in ("class_probability", "second_probability"):
        stated = register[name].dropna()
        assert stated.between(0, 1).all()
