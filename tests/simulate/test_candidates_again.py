"""Candidates of the sample once more, from its files: factor by factor, cluster by cluster, plainly."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from pyproj import Geod

from geoasm.cli.main import cli
from geoasm.profile import Profile
from tests.simulate.comparison import run_study
from tests.simulate.reread import Files, letters

ON = "2026-01-01"
GEOD = Geod(ellps="WGS84")
RISKS = {
    "many_registrations",
    "declared_elsewhere",
    "conflict_area",
    "buffer_zone",
    "community",
}


class Sample:
    """Files of a simulation and the tables of its run; `on` are the registrations that count on a right."""

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder, self.files = folder, Files(folder)
        self.candidates = pd.read_parquet(out / "candidates.parquet").set_index("concession_id")
        self.clusters = pd.read_parquet(out / "clusters.parquet").set_index("cluster_id")
        run = pd.read_parquet(out / "registrations.parquet")
        truth = pd.read_parquet(folder / "truth.parquet")
        source = pd.read_csv(folder / "registrations.csv", dtype=str)
        rows = truth.join(source[["M_RUC", "NOMBRE_MIN", "ESTADO", "TIPO_ACT", "ID_UNIDAD"]])
        rows = rows[rows["fault_outcome"] != "set_aside"]
        told = run[["registration_id", "registrant_id", "cluster_id", "not_counted", "flags"]]
        self.rows = rows.merge(told, on="registration_id", suffixes=("", "_run"))
        # A setting may be a close call: who counts has been compared where it is none.
        counts = self.rows["not_counted_run"].isna()
        self.on = dict(iter(self.rows[counts].groupby("concession_id")))

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / f"{name}.csv", dtype=str)

    def layer(self, name: str) -> pd.DataFrame:
        return pyogrio.read_dataframe(self.folder / f"{name}.gpkg")

    def owners(self, code: str) -> set[str]:
        return self.files.owners(self.files.rights[code])


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A world ten times as large."""
    place = tmp_path_factory.mktemp("again_region")
    args = ["simulate", "--profile", "pe", "--scale", "region", "--out", str(place / "data"), "-q"]
    assert CliRunner().invoke(cli, args).exit_code == 0
    return Sample(place / "data", run_study(place / "data", place / "run"))


@pytest.fixture(scope="module")
def again(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(folder, run_study(folder, tmp_path_factory.mktemp("again") / "run"))


def share(flags: list[bool | None]) -> float | None:
    known = [flag for flag in flags if flag is not None]
    return sum(known) / len(known) if known else None


def on_ground(again: Sample, rows: pd.DataFrame, *layers: str) -> float | None:
    """Share of those who stand in some layer; who has no position stands nowhere."""
    shapes = [shape for name in layers for shape in again.layer(name).geometry]
    lost = (rows["fault_outcome"] == "unlocatable").tolist()
    places = [shapely.Point(x, y) for x, y in zip(rows["lon"], rows["lat"], strict=True)]
    return share(
        [
            not gone and any(s.covers(p) for s in shapes)
            for gone, p in zip(lost, places, strict=True)
        ]
    )


def igafom(again: Sample, code: str, rows: pd.DataFrame) -> float | None:
    table = again.table("igafom")
    filed = set(table.loc[table["date"] <= ON, "registration_id"])
    return share([r in filed for r in rows["registration_id"]])


def precedent(again: Sample, code: str, rows: pd.DataFrame) -> float | None:
    table = again.table("contracts")
    signed = set(table.loc[table["date"] <= ON, "concession_id"])
    if code in signed:
        return 1.0
    behind = {owner for other in signed for owner in again.owners(other)}
    return 0.5 if behind & again.owners(code) else 0.0


def medium_scale(again: Sample, code: str, rows: pd.DataFrame) -> float | None:
    title = again.files.rights[code]
    table = again.files.who.strata
    said = []
    for name in title.holders:
        own = table[(table["who"] == name) & (table["date"] <= ON)]
        last = set(own.loc[own["date"] == own["date"].max(), "stratum"])
        said.append(last.pop() if len(last) == 1 else "")
    if "GRAN MINERIA" in said:
        return 0.0
    return 1.0 if said and not title.is_open and set(said) == {"MEDIANA MINERIA"} else None


def assessed(factor: str) -> Callable[[Sample, str, pd.DataFrame], float | None]:
    def value(again: Sample, code: str, rows: pd.DataFrame) -> float | None:
        table = again.table("assessments")
        table = table[(table["factor"] == factor) & (table["date"] <= ON)]
        own = table[table["concession_id"] == code]
        behind = again.owners(code)
        of_holders = table["holder"].map(
            lambda n: isinstance(n, str) and again.files.who.affiliate(letters(n)) in behind
        )
        for said in (own, table[of_holders]):
            if len(said):
                return float(said.loc[said["date"] == said["date"].max(), "value"].min())
        return None

    return value


def many(again: Sample, code: str, rows: pd.DataFrame) -> float | None:
    numbers = again.rows["M_RUC"].value_counts()
    return share([numbers.get(r, 0) > 10 if isinstance(r, str) else False for r in rows["M_RUC"]])


def declared_elsewhere(again: Sample, code: str, rows: pd.DataFrame) -> float | None:
    told: list[bool | None] = []
    for row in rows.itertuples():
        declared = row.ID_UNIDAD.rjust(9, "0") if isinstance(row.ID_UNIDAD, str) else ""
        if declared not in again.files.rights:
            told.append(None)
            continue
        here = str(row.right_ids).split(";")
        told.append(declared not in here and row.fault_outcome != "unlocatable")
    return share(told)


def legal(again: Sample, code: str, rows: pd.DataFrame) -> float | None:
    form = re.compile(r"(\bS\.A\.|S\.A\.C\.|E\.I\.R\.L\.|S\.R\.L\.|EIRL|SAC|SRL|\bSA)$")
    kinds = []
    for ruc, name in zip(rows["M_RUC"], rows["NOMBRE_MIN"], strict=True):
        told = form.search(name.strip()) is not None if isinstance(name, str) else None
        kinds.append(ruc.startswith("20") if isinstance(ruc, str) else told)
    return share(kinds)


FACTORS: dict[str, Callable[[Sample, str, pd.DataFrame], float | None]] = {
    "igafom": igafom,
    "precedent": precedent,
    "medium_scale": medium_scale,
    "company_commitment": assessed("COMPANY_COMMITMENT"),
    "geology": assessed("GEOLOGY"),
    "many_registrations": many,
    "declared_elsewhere": declared_elsewhere,
    "legal_entities": legal,
    "active_registrations": lambda a, c, rows: share([e[0] == "V" for e in rows["ESTADO"]]),
    "conflict_area": lambda a, c, rows: on_ground(a, rows, "conflict_areas"),
    "community": lambda a, c, rows: on_ground(a, rows, "communities"),
}


@pytest.mark.parametrize("size", ["again", pytest.param("region", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", FACTORS)
def test_factors_come_out_the_same(name: str, size: str, request: pytest.FixtureRequest) -> None:
    again: Sample = request.getfixturevalue(size)
    told = again.candidates[f"factor_{name}"]
    assert len(told) >= 7
    for code, value in told.items():
        expected = FACTORS[name](again, str(code), again.on[str(code)])
        assert (None if pd.isna(value) else value) == (
            None if expected is None else pytest.approx(expected)
        ), code


def test_the_factors_of_the_sample_are_no_formality(again: Sample) -> None:
    values = [again.candidates[f"factor_{name}"] for name in FACTORS]
    assert sum(len(set(told.dropna())) > 1 for told in values) >= 7
    assert sum(told.isna().any() for told in values) >= 2


def test_scores_and_places_come_out_the_same(again: Sample, peru: Profile) -> None:
    assert peru.candidates is not None
    weights = {str(f.name): f.weight for f in peru.candidates.factors}
    low, high, cover = {}, {}, {}
    for code, row in again.candidates.iterrows():
        sums = np.zeros(3)
        for name, weight in weights.items():
            known, value = row[f"known_{name}"], row[f"factor_{name}"]
            good = 0.0 if pd.isna(value) else (1 - value if name in RISKS else value)
            sums += weight * np.array([good * known, good * known + 1 - known, known])
        low[code], high[code], cover[code] = sums / sum(weights.values()) * [100, 100, 1]
    for column, told in (("score_low", low), ("score_high", high), ("coverage", cover)):
        assert again.candidates[column].to_dict() == pytest.approx(told)
    order = sorted(low.values(), reverse=True)
    places = {code: 1 + order.index(value) for code, value in low.items()}
    assert again.candidates["rank"].to_dict() == places


def test_counts_come_out_the_same(again: Sample) -> None:
    for code, row in again.candidates.iterrows():
        rows = again.on[str(code)]
        assert row["n_registrations"] == len(rows)
        assert row["n_active"] == (rows["ESTADO"].str[0] == "V").sum()
        assert row["n_registrants"] == rows["registrant_id"].nunique()
        assert row["n_clusters"] == rows["cluster_id"].nunique()


def test_clusters_come_out_the_same(again: Sample, peru: Profile) -> None:
    """Grow each cluster from its cores, by the distance from everybody to everybody."""
    assert peru.candidates is not None
    radius, fewest = peru.candidates.cluster_radius_m, peru.candidates.cluster_fewest
    rows = again.rows[again.rows["fault_outcome"] == "kept"]
    rows = rows[(rows["ESTADO"].str[0] != "E") & (rows["TIPO_ACT"].str[0] != "B")]
    rows = rows.sort_values("registration_id", ignore_index=True)
    lon, lat = (rows[c].to_numpy() for c in ("lon", "lat"))
    n = len(rows)
    first, second = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n)))
    gap = GEOD.inv(lon[first], lat[first], lon[second], lat[second])[2].reshape(n, n)
    assert np.abs(gap - radius).min() > 0.01  # no close call
    # Mended positions are those of others as well: let them stand where they are told to stand.
    other = again.rows[again.rows["fault_outcome"] == "mended"]
    touched = {
        i
        for i in range(n)
        for o in other.itertuples()
        if GEOD.inv(lon[i], lat[i], o.lon, o.lat)[2] <= 2 * radius
    }
    near = [set(np.flatnonzero(row <= radius)) for row in gap]
    cores = [i for i in range(n) if len(near[i]) >= fewest]
    left, grown = set(cores), []
    while left:
        cluster, edge = set(), {min(left)}
        while edge:
            cluster |= edge
            edge = {j for i in edge for j in near[i] if j in left} - cluster
        left -= cluster
        grown.append(cluster)
    assert len(grown) > 5
    number = rows["cluster_id"]
    for cluster in grown:
        if cluster & touched:
            continue
        assert len(set(number[list(cluster)])) == 1, rows["registration_id"][list(cluster)]
        assert number[list(cluster)].notna().all()
    alone = [i for i in range(n) if not near[i] & set(cores) and i not in touched]
    assert number[alone].isna().all()
    assert len(alone) > 100


def test_the_table_of_clusters_counts_who_stands_in_them(again: Sample) -> None:
    rows = again.rows.dropna(subset=["cluster_id"])
    sizes: Any = rows["cluster_id"].value_counts()
    assert again.clusters["n_registrations"].to_dict() == sizes.to_dict()
