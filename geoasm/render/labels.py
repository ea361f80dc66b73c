"""The words and number forms of one language, from its catalogue."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import pandas as pd
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent, parse_pattern

from geoasm.codes import RESTRICTED_FLAG, UNTESTED_FLAG
from geoasm.errors import OptionError
from geoasm.languages import CATALOGUE, LANGUAGES
from geoasm.schema import LIST_SEPARATOR

_MEMO = 20_000


@cache
def catalogue(language: str) -> Mapping[str, Mapping[str, Any]]:
    """
    Load the catalogue of a language: the sections of all files in its folder.

    A language that is still being written names another as its `fallback`, whose words fill the gaps.

    Raises
    ------
    OptionError
        There is none, or a file of its folder cannot be read.
    """
    if language not in LANGUAGES:
        raise OptionError(f"--lang {language}: no such language; there are {', '.join(LANGUAGES)}")
    own: dict[str, Mapping[str, Any]] = {}
    for file in sorted(CATALOGUE.joinpath(language).iterdir(), key=lambda file: file.name):
        try:
            own |= tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
            raise OptionError(f"--lang {language}: {language}/{file.name}: {err}") from err
    fallback = own["locale"].get("fallback")
    if fallback is None:
        return own
    filled = {s: {**words, **own.get(s, {})} for s, words in catalogue(fallback).items()}
    return {**filled, "locale": own["locale"]}


def _chain(language: str) -> tuple[str, ...]:
    """Name a language and those that fill its gaps."""
    fallback = catalogue(language)["locale"].get("fallback")
    return (language, *_chain(fallback)) if fallback else (language,)


class Labels:
    """Texts, codes, numbers and dates as one language writes them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.languages = _chain(language)
        self._words = catalogue(language)
        try:
            self._locale = Locale.parse(self._words["locale"]["babel"])
        except (UnknownLocaleError, ValueError) as err:
            raise OptionError(f"--lang {language}: {language}/locale.toml: babel: {err}") from err

    @property
    def locales(self) -> list[str]:
        """Locales for a browser, the own first: one that it does not know leads to the next."""
        return [catalogue(name)["locale"]["babel"].replace("_", "-") for name in self.languages]

    @property
    def ways(self) -> dict[str, Any]:
        """How a page writes numbers and dates itself: signs, short names of months, pattern of a day."""
        symbols = self._locale.number_symbols["latn"]
        months = self._locale.months["format"]["abbreviated"]
        return {
            "group": symbols["group"],
            "point": symbols["decimal"],
            "minus": symbols["minusSign"],
            "months": [months[i] for i in range(1, 13)],
            "day": self._locale.date_formats["medium"].pattern,
        }

    def text(self, key: str, **values: object) -> str:
        """Give the text `section.name`, with values put in; they are never read as a template."""
        section, _, name = key.partition(".")
        text: str = self._words[section][name]
        return re.sub(r"\{(\w+)\}", lambda m: str(values[m[1]]), text)

    def texts(self, key: str) -> list[str]:
        """Give a list of texts."""
        section, _, name = key.partition(".")
        return list(self._words[section][name])

    def section(self, name: str) -> Mapping[str, str]:
        """Give all texts of a section."""
        return self._words[name]

    def code(self, section: str, code: object) -> str:
        """Give the label of a code; a code that the catalogue lacks stands for itself."""
        if not isinstance(code, str):
            return self.text("common.missing")
        return str(self._words.get(section, {}).get(code, code))

    def class_name(self, asm_class: str) -> str:
        """Give the name of a class."""
        return self.code("asm_class", asm_class)

    def evidence(self, text: str | None) -> str:
        """Put evidence that counts, as `activity_evidence` lists it, into words."""
        told = []
        for item in filter(None, (text or "").split(LIST_SEPARATOR)):
            kind, *rest = item.split(" ")
            years = [word for word in rest if word.isdigit()]
            places = [self.code("evidence_scope", word) for word in rest if not word.isdigit()]
            named = " ".join([self.code("evidence_kind", kind), *years])
            told.append(f"{named} ({places[0]})" if places else named)
        return ", ".join(told) or self.text("common.missing")

    def flags(self, joined: object) -> str | None:
        """Give the flags of a row in words; None where it has none."""
        if not isinstance(joined, str) or not joined:
            return None
        return "; ".join(self._flag(flag) for flag in joined.split(LIST_SEPARATOR))

    def _flag(self, flag: str) -> str:
        if flag.startswith(RESTRICTED_FLAG):
            return self.text("flag.restricted", type=flag.removeprefix(RESTRICTED_FLAG))
        if flag.startswith(UNTESTED_FLAG):
            return self.text("flag.untested", role=self.role(flag.removeprefix(UNTESTED_FLAG)))
        return self.code("flag", flag)

    def pick(self, texts: Mapping[str, str], default: str = "") -> str:
        """Choose the text of this language, or of those that fill its gaps, by language."""
        return next((texts[name] for name in self.languages if name in texts), default)

    def country(self, code: str) -> str | None:
        """Give the name of a country by its two letters; None where the language knows none."""
        name: str | None = self._locale.territories.get(code)
        return name

    def role(self, role: str) -> str:
        """Give the name of a role."""
        return self.code("role", role)

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Write a number."""
        if value is None or pd.isna(value):
            return self.text("common.missing")
        return _decimal(value, decimals, self._locale)

    def signed(self, difference: int) -> str:
        """Write a difference with its sign; none is a nought."""
        return f"+{self.number(difference)}" if difference > 0 else self.number(difference)

    def percent(self, share: float | None, decimals: int = 1) -> str:
        """Write a share (1 = everything) as a percentage."""
        if share is None or pd.isna(share):
            return self.text("common.missing")
        return _percent(share, decimals, self._locale)

    def hectares(self, value: float | None, decimals: int = 1) -> str:
        """Write an area."""
        if value is None or pd.isna(value):
            return self.text("common.missing")
        return self.text("common.hectares", value=self.number(value, decimals))

    def metres(self, value: float | None) -> str:
        """Write a distance."""
        if value is None or pd.isna(value):
            return self.text("common.missing")
        return self.text("common.metres", value=self.number(value))

    def day(self, value: Any) -> str:
        """Write a date (a date, an ISO text, a Timestamp)."""
        if value is None or pd.isna(value):
            return self.text("common.missing")
        day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
        return _date(day, self._locale)


# Few values make up a page: each is written once.
@lru_cache(maxsize=_MEMO)
def _decimal(value: float, decimals: int, locale: Locale) -> str:
    return str(format_decimal(_rounded(value, decimals), _pattern(decimals), locale=locale))


@lru_cache(maxsize=_MEMO)
def _percent(share: float, decimals: int, locale: Locale) -> str:
    rounded = _rounded(share, decimals + 2)
    return str(format_percent(rounded, _pattern(decimals, "\u00a0%"), locale=locale))


def _rounded(value: float, decimals: int) -> float | Decimal:
    """Round what may be a nought as Babel would, and take its sign, which the memo does not tell apart."""
    return round(Decimal(str(value)), decimals) + 0 if abs(value) < 1 else value


@lru_cache(maxsize=_MEMO)
def _date(day: date, locale: Locale) -> str:
    return str(format_date(day, format="medium", locale=locale))


@cache
def _pattern(decimals: int, suffix: str = "") -> Any:
    return parse_pattern(("#,##0." + "0" * decimals).rstrip(".") + suffix)
