"""Two finished runs side by side: what notebooks and `geoasm compare` call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoasm import schema
from geoasm.changes import Changes, find_changes
from geoasm.errors import OptionError, ProfileError
from geoasm.io.comparisons import COMPARISON, MAP, PAGE, save_comparison
from geoasm.io.results import PRIVATE, load_result
from geoasm.io.run_profile import profile_of
from geoasm.model import Result
from geoasm.render.comparison import comparison_html
from geoasm.render.comparison_map import comparison_map_html
from geoasm.render.labels import Labels
from geoasm.render.qml import change_style_rows

COMPARED = (schema.REGISTRATIONS, schema.CONCESSIONS, schema.PAIRS, schema.HOLDERS)


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to another, ready to be saved; `changes` holds its frames."""

    changes: Changes
    before: Result
    after: Result
    labels: Labels
    audience: str = "public"

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """
        Write tables, layers, report and map into a folder, whole or not at all.

        Raises
        ------
        OutputExists
            The folder exists and `overwrite` is not set.
        """
        COMPARISON.check(Path(folder), overwrite=overwrite)
        sides = (self.before, self.after)
        internal = self.audience == "internal"
        return save_comparison(
            self.changes,
            {
                PAGE: comparison_html(self.changes, *sides, self.labels, internal=internal),
                MAP: comparison_map_html(self.changes, *sides, self.labels, internal=internal),
            },
            {"a": _record(self.before), "b": _record(self.after)},
            Path(folder),
            changed_on=str(self.after.summary["on"]),
            styles=change_style_rows(self.labels),
            overwrite=overwrite,
        )


def compare_runs(
    run_a: str | Path | Result,
    run_b: str | Path | Result,
    *,
    audience: str = "public",
    language: str | None = None,
) -> Comparison:
    """
    Compare two runs of one country.

    Parameters
    ----------
    run_a, run_b
        Folders of runs, or results; the earlier first.
    audience
        `public`, in which no natural person is named; or `internal`.
    language
        Of the pages; that of the later run where not given.

    Returns
    -------
    comparison
        Frames of what changed, with pages; `save` writes them as a folder.

    Raises
    ------
    RunNotFound
        A folder is no complete run.
    OptionError
        The runs are of different countries, the later day comes first, or `internal` is asked of a run
        without its private part.
    UnknownProfile
        The later run's profile was a folder that is not there any more.
    ProfileError
        The country's profile does not say how runs are compared.
    """
    before, after = (
        run if isinstance(run, Result) else load_result(Path(run), only=COMPARED)
        for run in (run_a, run_b)
    )
    codes = [str(run.summary["profile"]) for run in (before, after)]
    if codes[0] != codes[1]:
        raise OptionError(
            f"the runs are of different profiles, {codes[0]} and {codes[1]}: compare runs of one"
        )
    days = [str(run.summary["on"])[:10] for run in (before, after)]
    if days[0] > days[1]:
        raise OptionError(
            f"the first run is of {days[0]}, the second of {days[1]}: name the earlier run first"
        )
    profile = profile_of(run_b, after)
    if profile.comparison is None:
        raise ProfileError(
            f"profile {codes[0]} does not say how far runs may differ: add [comparison] to its profile.toml"
        )
    internal = audience == "internal"
    if internal and (before.lacks_private or after.lacks_private):
        raise OptionError(
            f"--audience internal: one of the runs has no {PRIVATE}/: compare them without --audience internal"
        )
    labels = Labels(language or str(after.summary["language"]))
    changes = find_changes(before, after, profile.parties, profile.comparison, internal=internal)
    return Comparison(changes, before, after, labels, audience)


def _record(run: Result) -> dict[str, Any]:
    names = ("inputs", "law", "options", "versions", "profile")
    return {
        "on": run.summary["on"],
        "title": run.summary.get("title", ""),
        **{name: run.manifest[name] for name in names},
    }
