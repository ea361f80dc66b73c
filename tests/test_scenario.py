"""A scenario beside its run: the moves that were planted, and the same as the files edited by hand."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import geoasm
from geoasm import api
from geoasm.amendments import Effects
from geoasm.codes import Role
from geoasm.errors import OptionError
from geoasm.flows import balance_faults
from geoasm.io import profiles
from geoasm.io.results import load_result
from geoasm.io.scenarios import find_scenario, list_scenarios, read_scenario
from geoasm.io.study import read_study
from geoasm.model import Result
from geoasm.scenario import Trial, try_scenario
from tests.baselines import ON, run_files, write_scenario, write_world
from tests.cells import BIG, CLASSES, JUAN, cell, concessions, polygons, whole_world

IDLE, LARGE = "010000005", "010000002"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Role, Path]:
    return write_world(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def run(files: dict[Role, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_files(files).save(tmp_path_factory.mktemp("runs") / "run")


def suppose(run: Path, folder: Path, text: str) -> Trial:
    return try_scenario(run, write_scenario(folder, text))


def measure(kind: str, where: str, more: str = "") -> str:
    return f'[[measure]]\nkind = "{kind}"\nwhere = {{ {where} }}\n{more}\n'


def moved(effects: Effects) -> dict[str, tuple[str, str, str]]:
    """Class, pathway and reason of what moved, by number of the cell."""
    rows = effects.registrations.dropna(subset=["reason"])
    return {
        code.removeprefix("REG"): (row.class_b, row.pathway_b, row.reason)
        for code, row in zip(rows.index, rows.itertuples(), strict=True)
    }


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def same_answers(one: Result, other: Result) -> None:
    """Two runs answer alike; how the source writes a status is not an answer."""
    for name in ("registrations", "concessions", "holders", "overlaps"):
        a, b = (
            pd.DataFrame(getattr(result, name)).drop(
                columns=["status_code", "source_row", "row"], errors="ignore"
            )
            for result in (one, other)
        )
        pd.testing.assert_frame_equal(a, b)


def test_the_baseline_is_what_the_cells_say(run: Path) -> None:
    found = load_result(run).registrations.set_index("registration_id")["asm_class"]
    assert found.to_dict() == {f"REG{c:02}": name for c, name in CLASSES.items()}


@pytest.fixture(scope="module")
def measured(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """All three kinds of measures at once."""
    text = (
        measure("rights_lapse", 'holder_activity = "idle"', "free = true")
        + measure("rights_lapse", 'concession_id = "010000003"')
        + measure("ground_reserved", 'status = "extinct", min_registrations = 1')
        + measure("contracts_signed", f'holder = "{BIG.title()}", holder_stratum = "lsm_msm"')
    )
    return suppose(run, tmp_path_factory.mktemp("scenario"), text)


def test_measures_move_what_they_touch_and_nothing_else(measured: Trial) -> None:
    assert moved(measured.effects) == {
        "01": ("on_lsm_msm", "complete_formalization", "contracts_signed"),
        "02": ("on_extinct_claim", "state_acquisition", "rights_lapse"),
        "04": ("on_extinct_claim", "claim_ground", "rights_lapse"),
        "06": ("in_asm_zone", "complete_formalization", "ground_reserved"),
    }
    assert measured.effects.faults == ()
    assert measured.numbers["moved"] == 4
    assert measured.numbers["completion"] == {"gained": 2, "lost": 0}
    flows = measured.effects.flows
    assert flows["registrations"].sum() == len(CLASSES)
    assert flows.loc[flows["reason"].notna(), "registrations"].sum() == 4


def test_flows_add_up_with_both_runs(measured: Trial) -> None:
    for side, result in (("a", measured.baseline), ("b", measured.analysis)):
        for name, column in (("class", "asm_class"), ("pathway", "pathway")):
            counted = measured.effects.flows.groupby(f"{name}_{side}")["registrations"].sum()
            assert counted.to_dict() == result.registrations[column].value_counts().to_dict()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[parameters]\nidle_penalty_years = 3",
            {"04": ("on_lsm_msm", "coexistence_agreement", "parameters")},
        ),
        (
            '[rules."pe.asm_zone"]\noff = true\n[rules.pe.idle]\nthen = "on_extinct_claim"',
            {
                "04": ("on_extinct_claim", "state_acquisition", "rules"),
                "08": ("open_ground", "claim_ground", "rules"),
            },
        ),
        (
            '[[area_level]]\ncode = "PN"\nlevel = "soft"\n[options]\nstacked = "ambiguous"',
            {
                "10": ("on_lsm_msm", "coexistence_agreement", "several"),
                "13": ("ambiguous", "verify_rights", "several"),
                "14": ("ambiguous", "verify_rights", "several"),
            },
        ),
        ("[options]\nposition_sigma_m = 250", {}),
    ],
)
def test_other_law_moves_what_was_planted_and_nothing_else(
    run: Path, tmp_path: Path, text: str, expected: dict[str, tuple[str, str, str]]
) -> None:
    trial = suppose(run, tmp_path, text)
    assert moved(trial.effects) == expected
    assert trial.effects.faults == ()


def test_another_day_is_a_part_of_a_scenario(run: Path, tmp_path: Path) -> None:
    head = '[scenario]\nname = "x"\non = 2008-06-01\n'
    path = tmp_path / "day.toml"
    path.write_text(head, encoding="utf-8")
    trial = try_scenario(run, path)
    assert moved(trial.effects)["04"] == ("on_unknown_holder", "verify_holder", "day")
    assert trial.analysis.summary["on"] == "2008-06-01"


def test_a_holder_below_the_limit_is_a_knock_on(tmp_path: Path) -> None:
    """Without 25 km2 that lapse, nothing says any more that the holder is large."""
    shapes = [cell(0), polygons({}, [cell(4)]).buffer(2600, join_style="mitre").iloc[0]]
    rights = polygons(
        {
            "CODIGOU": ["010000001", "010000002"],
            "CONCESION": ["A", "B"],
            "TIT_CONCES": ["MINERA NUEVA S.A.C."] * 2,
            "FEC_DENU": pd.to_datetime(["2001-01-01"] * 2),
            "ESTADO": ["T", "T"],
            "ZONA": ["18", "18"],
            "SUSTANCIA": ["M", "M"],
        },
        shapes,
    )
    files = write_world(tmp_path / "files", concessions=rights)
    del files[Role.PENALTIES], files[Role.STRATA], files[Role.MINING_UNITS]
    run = run_files(files).save(tmp_path / "run")
    trial = suppose(run, tmp_path, measure("rights_lapse", 'concession_id = "010000002"'))
    found = moved(trial.effects)
    assert found["00"] == ("on_unknown_holder", "verify_holder", "knock_on")
    assert found["04"][2] == "rights_lapse"


class TestAgainstFilesEditedByHand:
    """A run of files in which somebody wrote what the scenario supposes."""

    def test_measures(self, measured: Trial, tmp_path: Path) -> None:
        rights = concessions()
        rights.loc[rights["CODIGOU"].isin([IDLE, "010000003"]), "ESTADO"] = "F"
        rights["FEC_LIB"] = pd.Series(pd.NaT, index=rights.index, dtype="datetime64[s]")
        rights.loc[rights["CODIGOU"] == IDLE, "FEC_LIB"] = pd.Timestamp(ON)
        zones = whole_world()[Role.ASM_ZONES]
        more = polygons({"CODIGO": ["Z2"], "NOMBRE": ["RESERVA"]}, [cell(6)])
        both = gpd.GeoDataFrame(pd.concat([zones, more], ignore_index=True), crs=zones.crs)
        table = pd.DataFrame({"CODIGOU": [LARGE], "ruc": [JUAN], "date": ["2024-06-01"]})
        files = write_world(tmp_path / "files", concessions=rights, asm_zones=both, contracts=table)
        same_answers(measured.analysis, run_files(files))

    def test_a_parameter(self, files: dict[Role, Path], run: Path, tmp_path: Path) -> None:
        shipped = Path(profiles.__file__).parents[1] / "profiles" / "pe"
        own = shutil.copytree(shipped, tmp_path / "pe")
        law = (own / "law.toml").read_text(encoding="utf-8")
        before = "history = [{ from = 2002-01-01, value = 2 }]"
        assert law.count(before) == 1
        (own / "law.toml").write_text(law.replace(before, before.replace("2 }", "3 }")), "utf-8")
        by_hand = run_files(files, profile=str(own))
        trial = suppose(run, tmp_path, "[parameters]\nidle_penalty_years = 3")
        same_answers(trial.analysis, by_hand)


def test_a_supposed_contract_lifts_no_score(measured: Trial) -> None:
    before, after = (r.candidates.iloc[0] for r in (measured.baseline, measured.analysis))
    assert before["concession_id"] == after["concession_id"] == LARGE
    assert before["score_low"] == after["score_low"]
    assert pd.isna(after["factor_precedent"])


def test_a_layer_that_only_a_scenario_has_stays_untested(tmp_path: Path) -> None:
    files = write_world(tmp_path / "files")
    del files[Role.ASM_ZONES]
    run = run_files(files).save(tmp_path / "run")
    trial = suppose(run, tmp_path, measure("ground_reserved", 'status = "extinct"'))
    assert moved(trial.effects)["06"][0] == "in_asm_zone"
    flags = trial.analysis.registrations["flags"].str.split(";")
    assert flags.map(lambda found: "untested:asm_zones" in found).all()
    assert "asm_zones" in trial.analysis.summary["untested"]


def test_nobody_signs_with_an_idle_holder_and_it_is_said(run: Path, tmp_path: Path) -> None:
    codes = f'concession_id = ["{IDLE}", "{LARGE}", "010000006"]'
    trial = suppose(run, tmp_path, measure("contracts_signed", codes))
    assert set(moved(trial.effects)) == {"01"}
    told = trial.numbers["supposed"]["measures"][0]
    assert told["left_alone"] == {"not_in_force": 1, "idle": 1}
    assert (told["rights"], told["registrations"]) == (1, 1)


def test_a_registrant_without_a_number_is_counted_as_such(tmp_path: Path) -> None:
    register = whole_world()[Role.REGISTRATIONS]
    register.loc[register["COD_REINFO"] == "REG01", "M_RUC"] = None
    register.loc[register["COD_REINFO"] == "REG01", "NOMBRE_MIN"] = "TORRES VEGA LUIS"
    run = run_files(write_world(tmp_path / "files", registrations=register)).save(tmp_path / "run")
    trial = suppose(run, tmp_path, measure("contracts_signed", f'concession_id = "{LARGE}"'))
    told = trial.numbers["supposed"]["measures"][0]
    assert (told["registrations"], told["left_alone"]) == (0, {"no_number": 1})
    assert moved(trial.effects) == {}


def test_the_baseline_is_not_touched(run: Path, tmp_path: Path) -> None:
    before = fingerprint(run)
    suppose(run, tmp_path, "").save(tmp_path / "out")
    assert fingerprint(run) == before


def test_a_scenario_that_changes_nothing_is_the_run_again(run: Path, tmp_path: Path) -> None:
    trial = suppose(run, tmp_path, "")
    same_answers(trial.analysis, run_files_of(run))
    assert moved(trial.effects) == {}
    assert set(trial.effects.candidates["move"]) <= {"kept"}
    assert trial.effects.candidates["reason"].isna().all()


def run_files_of(run: Path) -> api.Analysis:
    return api.run_study(read_study(run / "private" / "study.toml"))


def test_the_study_of_a_run_repeats_it(run: Path, tmp_path: Path) -> None:
    again = run_files_of(run).save(tmp_path / "again")
    one, other = fingerprint(run), fingerprint(again)
    assert {n for n in one if one[n] != other.get(n)} == {"manifest.json"}  # its timings
    assert set(one) == set(other)


def test_the_order_in_which_files_are_named_does_not_reach_the_run(
    files: dict[Role, Path], run: Path
) -> None:
    backwards = run_files(dict(reversed(files.items())))
    assert backwards.summary["sources"] == load_result(run).summary["sources"]


def test_a_run_of_frames_has_no_study(tmp_path: Path) -> None:
    world = whole_world()
    made = api.analyze(
        concessions=world[Role.CONCESSIONS], registrations=world[Role.REGISTRATIONS], on=ON
    )
    folder = made.save(tmp_path / "run")
    assert not (folder / "private" / "study.toml").exists()
    with pytest.raises(OptionError, match=r"private/study.toml is missing\); .*--study FILE"):
        suppose(folder, tmp_path, "")


def test_without_the_private_part_the_study_can_be_named(run: Path, tmp_path: Path) -> None:
    public = shutil.copytree(run, tmp_path / "public")
    study = shutil.copy(run / "private" / "study.toml", tmp_path / "mine.toml")
    shutil.rmtree(public / "private")
    path = write_scenario(tmp_path, measure("rights_lapse", 'holder_activity = "idle"'))
    with pytest.raises(OptionError, match="--study FILE"):
        try_scenario(public, path)
    trial = try_scenario(public, path, study=study)
    assert set(moved(trial.effects)) == {"04"}


class TestRefuses:
    """What would make the difference mean something else than the scenario."""

    def test_a_file_that_changed_since(self, tmp_path: Path) -> None:
        files = write_world(tmp_path / "files")
        run = run_files(files).save(tmp_path / "run")
        register = pd.read_csv(files[Role.REGISTRATIONS], dtype=str)
        register.iloc[:-1].to_csv(files[Role.REGISTRATIONS], index=False)
        with pytest.raises(
            OptionError, match=r"^registrations\.csv \(registrations\) is not .*run"
        ):
            suppose(run, tmp_path, "")

    def test_a_study_that_names_fewer_files(self, run: Path, tmp_path: Path) -> None:
        text = (run / "private" / "study.toml").read_text(encoding="utf-8")
        lines = [x for x in text.splitlines() if not x.startswith("asm_zones")]
        (tmp_path / "fewer.toml").write_text("\n".join(lines), encoding="utf-8")
        with pytest.raises(OptionError, match=r"asm_zones\.gpkg \(asm_zones\), too"):
            try_scenario(run, write_scenario(tmp_path, ""), study=tmp_path / "fewer.toml")

    def test_another_geoasm(
        self, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(geoasm, "__version__", "99.0")
        with pytest.raises(OptionError, match=r"made by geoasm .*99\.0: run it again"):
            suppose(run, tmp_path, "")

    def test_another_law(self, files: dict[Role, Path], tmp_path: Path) -> None:
        shipped = Path(profiles.__file__).parents[1] / "profiles" / "pe"
        own = shutil.copytree(shipped, tmp_path / "pe")
        run = run_files(files, profile=str(own)).save(tmp_path / "run")
        assert moved(suppose(run, tmp_path, "").effects) == {}
        law = (own / "law.toml").read_text(encoding="utf-8")
        (own / "law.toml").write_text(law.replace("value = 300.0", "value = 301.0"), "utf-8")
        with pytest.raises(OptionError, match="profile pe is not what it was"):
            suppose(run, tmp_path, "")

    def test_a_scenario_as_a_baseline(self, run: Path, tmp_path: Path) -> None:
        folder = suppose(run, tmp_path, "").save(tmp_path / "out")
        with pytest.raises(OptionError, match="is a scenario itself"):
            suppose(folder / "run", tmp_path, "")


def test_names_of_persons_stay_in_the_private_part(run: Path, tmp_path: Path) -> None:
    text = measure("rights_lapse", 'holder = "ROSA QUISPE MAMANI"')
    folder = suppose(run, tmp_path, text).save(tmp_path / "out")
    assert (folder / "run" / "private" / "scenario.toml").is_file()
    public = [p for p in folder.rglob("*") if p.is_file() and "private" not in p.parts]
    assert public
    for path in public:
        assert b"QUISPE" not in path.read_bytes(), path


@pytest.mark.parametrize("name", list_scenarios())
def test_the_scenarios_of_the_package_run_on_the_sample(
    sample_run_folder: Path, name: str, tmp_path: Path
) -> None:
    trial = try_scenario(sample_run_folder, name)
    before, after = (
        r.registrations.set_index("registration_id")["asm_class"]
        for r in (trial.baseline, trial.analysis)
    )
    assert balance_faults(trial.effects.flows, before, after) == []
    assert trial.numbers["moved"] > 10
    assert trial.effects.flows["registrations"].sum() == 600
    assert {"es", "en"} <= set(read_scenario(find_scenario(name)).names)


@pytest.fixture(scope="module")
def sample_run_folder(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    made = api.run_study(read_study(sample / "study.toml"))
    return made.save(tmp_path_factory.mktemp("sample") / "run")


def test_the_scenario_says_on_its_pages_that_it_is_one(measured: Trial, tmp_path: Path) -> None:
    folder = measured.save(tmp_path / "out")
    for page in ("map.html", "report.html"):
        text = (folder / "run" / page).read_text(encoding="utf-8")
        assert "No es la situación actual" in text
        assert "Escenario: Prueba" in text
    record = dict(load_result(folder / "run").manifest["scenario"])
    assert [m["kind"] for m in record["measures"]].count("rights_lapse") == 2
    assert not (folder / "run" / "private" / "study.toml").exists()
