"""Scenarios: a finished run beside the same run under other rules or facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import geoasm
from geoasm import api
from geoasm.amendments import (
    Chosen,
    Effects,
    Scenario,
    amend,
    amend_profile,
    choose,
    measure,
    tally,
)
from geoasm.clock import Clock
from geoasm.errors import OptionError
from geoasm.io.profiles import load_profile
from geoasm.io.results import PRIVATE, load_result
from geoasm.io.scenario_folder import TRIAL, TrialFiles, save_trial
from geoasm.io.scenarios import find_scenario, read_scenario
from geoasm.io.study import Study, read_study
from geoasm.io.study_text import STUDY
from geoasm.manifest import digest
from geoasm.model import Result, Source
from geoasm.profile import Profile
from geoasm.render.labels import Labels
from geoasm.render.scenario import scenario_html


@dataclass(frozen=True)
class Trial:
    """
    A baseline beside a scenario.

    `analysis` is the run of the scenario; `effects` what moved, see `amendments.Effects`; `numbers`
    the outcome as `scenario.json` has it; `text` the scenario's file.
    """

    scenario: Scenario
    chosen: tuple[Chosen, ...]
    baseline: Result
    analysis: api.Analysis
    effects: Effects
    numbers: dict[str, Any]
    text: str

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """
        Write the run, the report, the flows and the candidates into a folder, whole or not at all.

        Raises
        ------
        OutputExists
            The folder exists and `overwrite` is not set.
        """
        target = Path(folder)
        TRIAL.check(target, overwrite=overwrite)
        labels = Labels(str(self.analysis.summary["language"]))
        page = scenario_html(
            self.scenario, self.numbers, self.effects, self.baseline, self.analysis, labels
        )
        files = TrialFiles(
            page=page,
            flows=self.effects.flows,
            candidates=self.effects.candidates,
            numbers=self.numbers,
            text=self.text,
            is_private=any(one.measure.where.holder for one in self.chosen),
        )
        return save_trial(files, self.analysis.save, target, overwrite=overwrite)


def try_scenario(
    run: str | Path,
    scenario: str | Path,
    *,
    study: str | Path | None = None,
    language: str | None = None,
    clock: Clock | None = None,
) -> Trial:
    """
    Run a scenario beside the run that it starts from, which is not changed.

    Parameters
    ----------
    run
        Folder of the run.
    scenario
        Path of a scenario file, or name of one that comes with the package.
    study
        Names the run's files where its private part is gone, or they have moved.
    language
        That of the run where not given.
    clock
        Times the stages, where the caller wants to read it.

    Returns
    -------
    trial
        The run, the run under the scenario, and what moved between them; `save(folder)`.

    Raises
    ------
    OptionError
        The files, the law or geoasm are not those of the run, or the scenario asks for what the run
        does not have; the text names file and key.
    GeoasmError
        The run or a file cannot be read.
    """
    folder, path = Path(run), find_scenario(scenario)
    asked, baseline = read_scenario(path), load_result(folder)
    if "scenario" in baseline.manifest:
        raise OptionError(f"{folder} is a scenario itself; name the run that it started from")
    stated = _of_baseline(_study(folder, study), baseline, language)
    profile = _same_law(folder, stated, baseline)
    before = stated.on or date.today()
    on = asked.on or before
    amended = amend_profile(profile, asked, on)
    chosen = choose(asked, baseline, profile)
    result = api.run_study(
        replace(
            stated,
            on=on,
            title=_title(asked, stated, profile),
            stacked=asked.stacked or stated.stacked,
            position_sigma_m=asked.position_sigma_m or stated.position_sigma_m,
        ),
        clock=clock,
        profile=amended,
        check=partial(_check_sources, folder, baseline),
        amend=partial(amend, chosen=chosen, on=on),
    )
    effects = measure(asked, chosen, baseline, result)
    laws = (profile.law.at(before), amended.law.at(on))
    numbers = tally(asked, chosen, laws, (baseline, result), effects)
    said: dict[str, Any] = {
        "name": dict(asked.names),
        "why": dict(asked.why),
        "reference": asked.reference,
    }
    said |= {"verified": asked.verified, "file": asked.file}
    text = path.read_text(encoding="utf-8")
    said["sha256"] = hashlib.sha256(text.encode("utf-8")).hexdigest()
    record = {**said, **numbers["supposed"]}
    return Trial(
        scenario=asked,
        chosen=chosen,
        baseline=baseline,
        analysis=replace(
            result,
            summary={**result.summary, "scenario": said},
            manifest={**result.manifest, "scenario": record},
        ),
        effects=effects,
        numbers={"scenario": said, "baseline": _origin(baseline), **numbers},
        text=text,
    )


def _study(folder: Path, study: str | Path | None) -> Study:
    place = folder / PRIVATE / STUDY if study is None else Path(study)
    if study is None and not place.is_file():
        raise OptionError(
            f"{folder} does not say where its files are ({PRIVATE}/{STUDY} is missing); "
            "name them with --study FILE"
        )
    return read_study(place)


def _of_baseline(study: Study, baseline: Result, language: str | None) -> Study:
    """Take the files of a study, and all else as the run was asked for."""
    options = baseline.manifest["options"]
    return replace(
        study,
        profile=study.profile or str(baseline.manifest["profile"]),
        on=date.fromisoformat(options["on"]),
        title=str(baseline.manifest.get("title") or ""),
        audience="public",
        language=language or str(baseline.summary["language"]),
        stacked=options["stacked"],
        planarize=options["planarize"],
        position_sigma_m=options["position_sigma_m"],
        assumptions={
            (role, name): value
            for key, value in options["assumptions"].items()
            for role, _, name in [key.partition(".")]
        },
    )


def _same_law(folder: Path, study: Study, baseline: Result) -> Profile:
    """Load the profile, and make sure that nothing but the scenario can differ."""
    made_by = baseline.manifest["versions"].get("geoasm")
    if made_by != geoasm.__version__:
        raise OptionError(
            f"{folder} was made by geoasm {made_by}, this is {geoasm.__version__}: run it again first"
        )
    profile = load_profile(str(study.profile))
    if profile.code != baseline.manifest["profile"]:
        raise OptionError(
            f"{folder} is of profile {baseline.manifest['profile']}, the study of {profile.code}"
        )
    if digest(profile) != baseline.manifest.get("profile_sha256"):
        raise OptionError(
            f"profile {profile.code} is not what it was when {folder} was made: run it again first"
        )
    return profile


def _check_sources(folder: Path, baseline: Result, sources: Sequence[Source]) -> None:
    """Refuse other files than those of the baseline, wherever they are now."""
    left = list(baseline.manifest["inputs"])
    for source in sources:
        same = next((row for row in left if _is_same(source, row)), None)
        if same is None:
            raise OptionError(
                f"{source.name} ({source.role}) is not the file that {folder} was made of, or is read "
                "otherwise: run it again first, or name the file of then with --study FILE"
            )
        left.remove(same)
    if left:
        missing = ", ".join(sorted(f"{row['name']} ({row['role']})" for row in left))
        raise OptionError(f"{folder} was made of {missing}, too, which the study does not name")


def _is_same(source: Source, row: Mapping[str, Any]) -> bool:
    """Tell whether a file is the one of a manifest's row, and was read the same way."""
    named = {source.layer, row["layer"]} - {None}  # of a file's only layer the name may be left out
    return len(named) < 2 and all(
        getattr(source, name) == row[name] for name in ("role", "sha256", "crs_read", "encoding")
    )


def _title(scenario: Scenario, study: Study, profile: Profile) -> str:
    labels = Labels(study.language or profile.language)
    name, title = labels.pick(scenario.names), study.title
    return labels.text("scenario.run_title", name=name) + (f" · {title}" if title else "")


def _origin(baseline: Result) -> dict[str, Any]:
    kept = ("title", "profile", "on", "sources")
    return {
        **{name: baseline.summary.get(name) for name in kept},
        "versions": baseline.manifest["versions"],
    }
