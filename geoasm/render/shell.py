"""What every page shares: the template environment, package files, and what a run must own up to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import jinja2

from geoasm.render.labels import Labels

_HECTARE_DECIMALS = 4  # of ground that does not balance: it is little


@cache
def environment() -> jinja2.Environment:
    """Give the template environment: everything is escaped, a missing name is an error."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: package_text("templates", name)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def package_text(*parts: str) -> str:
    """Read a text file of this package."""
    return resources.files("geoasm.render").joinpath(*parts).read_text(encoding="utf-8")


def package_names(*parts: str) -> list[str]:
    """Name the files of a folder of this package, in order."""
    return sorted(file.name for file in resources.files("geoasm.render").joinpath(*parts).iterdir())


def title(summary: Mapping[str, Any], labels: Labels, fallback: str) -> str:
    """Give the run's own title, or the page's with the country."""
    own = summary.get("title")
    if own:
        return str(own)
    country = labels.pick(summary["profile_name"], summary["profile"])
    return f"{labels.text(fallback)} · {country}"


def untested(summary: Mapping[str, Any], labels: Labels) -> str | None:
    """Say which layers and tables were not given; None where all were."""
    roles = summary["untested"]
    if not roles:
        return None
    return labels.text("map.untested", roles=", ".join(labels.role(role) for role in roles))


def failed(summary: Mapping[str, Any], labels: Labels) -> list[str]:
    """Say what is wrong with a run as a whole."""
    return [_fault(row, labels) for row in summary["failed"]]


def _fault(row: Mapping[str, Any], labels: Labels) -> str:
    def told(name: str, value: Any) -> str:
        if name == "role":
            return labels.role(value)
        if name in {"floor", "found"}:
            return labels.percent(value)
        if name.endswith("_ha"):
            return labels.hectares(value, _HECTARE_DECIMALS)
        return labels.number(value) if isinstance(value, int) else str(value)

    values = {name: told(name, value) for name, value in row.items() if name != "fault"}
    return labels.text(f"fault.{row['fault']}", **values)


def assumed(summary: Mapping[str, Any], labels: Labels) -> list[str]:
    """Say of a scenario that it is one, and which values were assumed."""
    return supposed(summary, labels) + [
        labels.text("map.assumed", field=field, value=value)
        for field, value in sorted(summary["assumed"].items())
    ]


def supposed(summary: Mapping[str, Any], labels: Labels) -> list[str]:
    """Say of the run of a scenario that it is not what is."""
    scenario = summary.get("scenario")
    return [labels.text("scenario.note", name=labels.pick(scenario["name"]))] if scenario else []
