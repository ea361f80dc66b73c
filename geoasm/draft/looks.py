"""What the values of a column look like."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import pandas as pd

from geoasm.parsing.angles import read_angles
from geoasm.parsing.codes import read_text
from geoasm.parsing.dates import read_dates
from geoasm.parsing.numbers import read_numbers
from geoasm.parsing.text import fold_all

_LOOKED_AT = 2_000  # rows, for what takes the reading of each
_MOST = 0.8  # of the values, from which a column is what they are
_CODES = 0.5  # distinct among the given: visits name a site several times
_FEW, _FEW_SHARE, _MOST_CODES = 12, 0.2, 150
_FIRMS, _NAMES = 0.2, 0.3
_FIRST_YEAR, _LAST_YEAR = 1850, 2100


@dataclass(frozen=True)
class Look:
    """Shares of the values given in a column, and how many there are."""

    given: int
    distinct: int
    dates: float
    years: float
    numbers: float
    spaced: float  # have several words
    firms: float  # end in a legal form
    states: float  # are said by a word of a status

    @property
    def distinct_share(self) -> float:
        """Distinct values among those given."""
        return self.distinct / self.given if self.given else 0.0

    def fits(self, values: str) -> bool:
        """Tell whether the values can be what a field wants."""
        if not self.given:
            return False
        if values == "unique":
            return self.distinct_share >= _CODES and self.spaced <= 1 - _MOST
        if values == "date":
            return self.dates >= _MOST
        if values == "year":
            return self.years >= _MOST
        if values == "number":
            return self.numbers >= _MOST
        if values == "name":
            return self.is_of_firms or (self.spaced >= _NAMES and self.dates < _MOST)
        if values == "few":
            few = max(_FEW, _FEW_SHARE * self.given)
            return self.distinct <= min(few, _MOST_CODES) and self.dates < _MOST
        if values == "place":
            return not self.is_of_statuses
        return True

    @property
    def is_of_statuses(self) -> bool:
        """Whether most values are surely statuses, whatever the column is called."""
        return self.states >= _MOST

    @property
    def is_of_firms(self) -> bool:
        """Whether many values are surely names of firms; the others may then be persons'."""
        return self.firms >= _FIRMS


def look_at(
    values: pd.Series, legal_forms: Collection[str], states: Collection[str], on: date
) -> Look:
    """Look at a column; `legal_forms`, folded, end the names of firms, `states` are in statuses."""
    text = read_text(values).dropna()
    some = text.iloc[:: max(1, len(text) // _LOOKED_AT)]
    if not len(some):
        return Look(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    numbers = read_numbers(some)
    years = numbers.between(_FIRST_YEAR, _LAST_YEAR) & some.str.fullmatch(r"\d{4}")
    days = read_dates(values.loc[some.index], on).days.notna() & ~years
    ends, said = tuple(f" {form}" for form in legal_forms), frozenset(states)
    folded = [t.replace(".", "").rstrip() for t in fold_all(some)]
    return Look(
        given=len(text),
        distinct=int(text.nunique()),
        dates=float(days.mean()),
        years=float(years.mean()),
        numbers=float(numbers.notna().mean()),
        spaced=float(some.str.contains(r"\S\s+\S").mean()),
        firms=sum(t.endswith(ends) for t in folded) / len(folded),
        states=sum(not said.isdisjoint(t.split()) for t in folded) / len(folded),
    )


def degrees_of(values: pd.Series) -> pd.Series:
    """Give a column as degrees; NaN where it states none."""
    return read_angles(values).degrees
