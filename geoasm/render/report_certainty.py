"""How sure the classes are, for a report: bands of probability and a table by class."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from geoasm.codes import AsmClass
from geoasm.render.labels import Labels
from geoasm.render.report_parts import loud
from geoasm.render.swatches import class_swatch
from geoasm.render.tables import Cell, Table

_BANDS = (0.99, 0.9, 0.7, 0.5, 0.0)  # lower ends
_SURE = 0.9
_ROUND_OFF = 1e-9


class Certainty(NamedTuple):
    """Registrations by band of the probability of their class, and what is said of them."""

    bands: list[tuple[str, int]]
    key: Markup
    flips: str
    without: str
    table: Table


def measure_certainty(registrations: pd.DataFrame, labels: Labels) -> Certainty | None:
    """Count registrations by how probable their class is under position error; None where it is unknown."""
    probable = registrations["class_probability"].astype("float64")
    located = probable.notna()
    if not located.any():
        return None
    own = probable[located] + _ROUND_OFF
    likelier = second_is_likelier(registrations)
    sure = int((own >= _SURE).sum())
    without = int((~located).sum())
    say = labels.text
    return Certainty(
        _bands(own, labels),
        loud(
            say(
                "report.key_sure",
                n=labels.number(sure),
                total=labels.number(located.sum()),
                sure=labels.percent(_SURE, 0),
            ),
            labels.percent(sure / located.sum()),
        ),
        say(
            "report.flips",
            n=labels.number(likelier.sum()),
            share=labels.percent(likelier.sum() / located.sum()),
        ),
        say("report.without_position", n=labels.number(without)) if without else "",
        _by_class(registrations[located], likelier[located], labels),
    )


def second_is_likelier(registrations: pd.DataFrame) -> pd.Series:
    """Tell where another class is more probable than the one counted."""
    own, other = registrations["class_probability"], registrations["second_probability"]
    return (other.astype("float64") > own.astype("float64") + _ROUND_OFF).fillna(False)


def _bands(own: pd.Series, labels: Labels) -> list[tuple[str, int]]:
    made, upper = [], 2.0
    for lower in _BANDS:
        count = int(((own >= lower) & (own < upper)).sum())
        ends = {"low": labels.percent(lower, 0), "high": labels.percent(min(upper, 1.0), 0)}
        key = "band_top" if upper > 1 else "band_low" if not lower else "band"
        made.append((labels.text(f"report.{key}", **ends), count))
        upper = lower
    return made


def _by_class(located: pd.DataFrame, likelier: pd.Series, labels: Labels) -> Table:
    own = located["class_probability"].astype("float64")
    body = []
    for asm_class in AsmClass:
        part = located["asm_class"] == asm_class
        if not part.any():
            continue
        doubted = part & (own + _ROUND_OFF < _SURE)
        body.append(
            [
                Cell(labels.class_name(asm_class), is_head=True, icon=class_swatch(asm_class)),
                Cell(labels.number(part.sum()), is_number=True),
                Cell(labels.percent(own[part].mean()), is_number=True),
                Cell(labels.number(doubted.sum()), is_number=True),
                Cell(labels.number((part & likelier).sum()), is_number=True),
                Cell(_usual(located.loc[doubted, "second_class"], labels)),
            ]
        )
    columns = ("asm_class", "located", "mean_probability", "doubted", "flipped", "second_class")
    return Table([labels.text(f"column.{c}") for c in columns], body)


def _usual(classes: pd.Series, labels: Labels) -> str:
    """Name the most frequent class; the first by code where two are as frequent."""
    counts = classes.dropna().value_counts().sort_index()
    if counts.empty:
        return ""
    return labels.class_name(str(counts.idxmax()))
