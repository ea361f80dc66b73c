"""A run against the truth of a simulation, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from click.testing import CliRunner

from geoasm.cli.main import cli

# Hectares of a raster in degrees follow edges that are straight there, those of the truth edges in metres.
SHARE, LEAST_HA = 0.01, 0.01
ENTRY_COLUMNS = (
    "asm_class",
    "title_relation",
    "concession_id",
    "right_ids",
    "holder_stratum",
    "stratum_basis",
    "holder_activity",
    "own_basis",
    "setting",
)
CLOSE_CALL = "close_call"  # of registrations that may count or not
ENTRY_FLAGS = ("co_holder", "activity_conflict", "own_title_contested", "has_contract")
RIGHT_COLUMNS = (
    "status",
    "holder_stratum",
    "stratum_basis",
    "holder_activity",
    "activity_conflict",
    "holder_scale",
)
PROSPECTS = ("candidates", "candidates_rejected", "verify_first")


@dataclass(frozen=True)
class Comparison:
    """Rows of the truth beside rows of the run; columns end in `_true` and `_run`."""

    entries: pd.DataFrame  # registrations without a fault of position, none set aside
    rights: pd.DataFrame
    years: pd.DataFrame
    reached: pd.DataFrame  # rights: how far each gets, and how many registrations count on it

    def wrong_entries(self, column: str) -> list[tuple[str, object, object]]:
        """Registrations of which the run says something else than the truth, where there is one."""
        return _differing(self.entries, "registration_id", column)

    def wrong_flags(self, flag: str) -> list[tuple[str, bool]]:
        """Registrations that carry a flag and should not, or the other way round."""
        told = self.entries["flags"].fillna("").str.split(";").map(lambda some: flag in some)
        differ = told != self.entries[flag].astype(bool)
        return list(zip(self.entries["registration_id"][differ], told[differ], strict=True))

    def wrong_rights(self, column: str) -> list[tuple[str, object, object]]:
        """Rights of which the run says something else than the truth, where there is one."""
        return _differing(self.rights, "concession_id", column)

    def wrong_counting(self) -> list[tuple[str, object, object]]:
        """Registrations that count and should not, the other way round, or for another reason."""
        frame = self.entries
        plain = frame[frame["not_counted_true"] != CLOSE_CALL]
        true, run = (plain[f"not_counted_{side}"].fillna("") for side in ("true", "run"))
        differ = true != run
        return list(zip(plain["registration_id"][differ], true[differ], run[differ], strict=True))

    def wrong_prospects(self) -> list[tuple[str, object, object]]:
        """Rights that get farther or less far than the truth says, or of which it says nothing at all."""
        frame = self.reached[self.reached["is_plain"]]
        true, run = (frame[f"prospect_{side}"].fillna("") for side in ("true", "run"))
        differ = true != run
        return list(zip(frame["concession_id"][differ], true[differ], run[differ], strict=True))


def _differing(frame: pd.DataFrame, code: str, column: str) -> list[tuple[str, object, object]]:
    true, run = frame[f"{column}_true"], frame[f"{column}_run"]
    known = true.notna() & (frame["_merge"] == "both")
    differ = known & (true.astype(object) != run.astype(object))
    return list(zip(frame[code][differ], true[differ], run[differ], strict=True))


def off(true: pd.Series, run: pd.Series) -> pd.Series:
    """Tell which hectares are off by more than the tolerance, or lacking."""
    near = (run - true).abs() <= np.maximum(SHARE * true.abs(), LEAST_HA)
    return true.notna() & ~near


def run_study(folder: Path, out: Path) -> Path:
    """Run the study of a simulation through the command line, to the end."""
    result = CliRunner().invoke(cli, ["run", str(folder / "study.toml"), "--out", str(out), "-q"])
    assert result.exit_code == 0, result.output
    return out


def prospects(out: Path) -> pd.DataFrame:
    """How far the run in `out` says that each right gets: a row each, however often it is named."""
    found = [pd.read_parquet(out / f"{name}.parquet") for name in PROSPECTS]
    candidates, rejected, waiting = found
    rows = [
        candidates.assign(prospect="candidate", n_counted=candidates["n_registrations"]),
        rejected.assign(prospect=rejected["gate"]),
        waiting.assign(
            prospect="verify:" + waiting["verify"], n_counted=waiting["n_registrations"]
        ),
    ]
    columns = ["concession_id", "prospect", "n_counted"]
    return pd.concat([frame[columns] for frame in rows], ignore_index=True)


def _reached(truth: pd.DataFrame, rights: pd.DataFrame, out: Path) -> pd.DataFrame:
    """
    Put prospects side by side; `is_plain` where the truth can say one.

    It cannot where the holder, the activity or the setting is a close call, nor where the run read a
    mended position as another place.
    """
    both = rights.merge(prospects(out), "left", on="concession_id", suffixes=("_true", "_run"))
    register = pd.read_parquet(out / "registrations.parquet")
    entries = truth[truth["fault_outcome"] == "mended"].merge(
        register, on="registration_id", suffixes=("_true", "_run")
    )
    sides = [entries[f"right_ids_{side}"].fillna("") for side in ("true", "run")]
    moved = [side[sides[0] != sides[1]] for side in sides]
    touched = {code for side in moved for ids in side for code in ids.split(";")}
    in_force = both["status"] == "titled"
    unsure = in_force & (both["holder_activity"].isna() | both["stratum_basis"].isna())
    unsure |= in_force & both["prospect_true"].isna() & both["n_counted_true"].isna()
    return both.assign(
        is_plain=~(unsure | both["concession_id"].isin(touched)),
        is_sure=~both["concession_id"].isin(touched),
    )


def compare(folder: Path, out: Path) -> Comparison:
    """Put the run in `out` beside the truth in `folder`."""
    every = pd.read_parquet(folder / "truth.parquet")
    truth = every[every["fault_outcome"] == "kept"]
    rights = pd.read_parquet(folder / "truth_concessions.parquet")
    years = pd.read_parquet(folder / "truth_disturbance.parquet")
    by_year = pd.read_parquet(out / "disturbance.parquet")

    def beside(true: pd.DataFrame, run: pd.DataFrame, *on: str) -> pd.DataFrame:
        run = run.drop(columns="geometry", errors="ignore")
        suffixes = ("_true", "_run")
        return true.merge(run, on=list(on), how="left", suffixes=suffixes, indicator=True)

    return Comparison(
        beside(truth, pd.read_parquet(out / "registrations.parquet"), "registration_id"),
        beside(rights, pd.read_parquet(out / "concessions.parquet"), "concession_id"),
        beside(years, by_year, "concession_id", "year"),
        _reached(every, rights, out),
    )
