"""The declared right against the rights at the point."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from geoasm import pipeline
from geoasm.codes import Role
from geoasm.declared import doubt_codes, nearest_codes, relate
from geoasm.io.profiles import load_profile
from geoasm.link import Points, link
from geoasm.model import Options, RawLayer, Result, Source
from tests.cells import JUAN, ZONE, whole_world

PLAN = load_profile("pe").crs
X, Y = 500_000.0, 8_900_000.0
NEAR_M = 300.0
DEGREES = pyproj.Transformer.from_crs(ZONE, "EPSG:4326", always_xy=True)


def cadastre(n: int = 3) -> pd.DataFrame:
    """Give squares of a kilometre, one each two: a title, an extinct right, a title of zone 17."""
    squares = [box(X + i * 2000, Y, X + i * 2000 + 1000, Y + 1000) for i in range(2)]
    to_17 = pyproj.Transformer.from_crs(ZONE, "EPSG:32717", always_xy=True)
    x17, y17 = to_17.transform(X + 4000, Y)
    shapes = [*squares, box(x17, y17, x17 + 1000, y17 + 1000)]
    zones = [ZONE, ZONE, "EPSG:32717"]
    frame = pd.DataFrame({"concession_id": pd.Series(["T", "E", "Z"], dtype="str")})
    frame["status"] = pd.Series(["titled", "extinct", "titled"], dtype="str")
    for column in ("drawn", "planar"):
        frame[column] = pd.Series(shapes, dtype=object)
    for column in ("crs_used", "planar_crs"):
        frame[column] = pd.Series(zones, dtype="str")
    return frame.iloc[:n]


def relation(declared: str | None, east: float | None, rights: pd.DataFrame | None = None) -> tuple:
    """Relate a registration that stands so many metres east of the first right's corner."""
    rights = cadastre() if rights is None else rights
    at = None if east is None else Point(*DEGREES.transform(X + east, Y + 500))
    points = Points(np.array([at], dtype=object), PLAN)
    pairs = link(points, rights, reach_m=NEAR_M)
    row = relate(pd.Series([declared], dtype="str"), points, pairs, rights, near_m=NEAR_M).iloc[0]
    return tuple(None if pd.isna(v) else v for v in row)


@pytest.mark.parametrize(
    ("declared", "east", "expected"),
    [
        ("T", 500, ("agrees", 0)),
        ("T", 999.999, ("agrees", 0)),
        ("T", 1250, ("near", 250)),
        ("T", 1350, ("elsewhere", 350)),
        ("T", 2500, ("elsewhere", 1500)),
        ("E", 2500, ("agrees", 0)),
        ("E", 500, ("extinct", 1500)),
        ("Z", 500, ("elsewhere", 3500)),
        ("Q", 500, ("unknown_code", None)),
        (None, 500, ("none", None)),
        ("T", None, (None, None)),
        ("E", None, ("extinct", None)),
        ("Q", None, ("unknown_code", None)),
        (None, None, ("none", None)),
    ],
)
def test_relation(declared: str | None, east: float | None, expected: tuple) -> None:
    name, distance = relation(declared, east)
    assert name == expected[0]
    tolerance = {"rel": 4e-3, "abs": 1e-3}  # lengths stretch in a zone that is not the point's
    assert distance == (None if expected[1] is None else pytest.approx(expected[1], **tolerance))


def test_an_empty_cadastre_knows_no_code() -> None:
    assert relation("T", 500, cadastre(0)) == ("unknown_code", None)
    assert relation(None, 500, cadastre(0)) == ("none", None)


def test_answers_stand_at_their_registrations() -> None:
    rights = cadastre()
    at = [Point(*DEGREES.transform(X + east, Y + 500)) for east in (500, 2500, 500)]
    points = Points(np.array([*at, None], dtype=object), PLAN)
    pairs = link(points, rights, reach_m=NEAR_M)
    declared = pd.Series(["T", "T", None, "T"], dtype="str")
    out = relate(declared, points, pairs, rights, near_m=NEAR_M)
    assert out["declared_relation"].fillna("?").tolist() == ["agrees", "elsewhere", "none", "?"]


# --- codes that the cadastre lacks


def nearest(wrong: list[str], known: list[str]) -> dict[str, tuple]:
    codes = (pd.Series(values, dtype="str") for values in (wrong, known))
    found = nearest_codes(*codes)
    near = found["nearest"].astype(object).where(found["nearest"].notna(), None)
    return dict(zip(found.index, zip(found["count"], near, strict=True), strict=True))


@pytest.mark.parametrize(
    ("wrong", "known", "expected"),
    [
        ("010033716", ["010033717", "010099999"], (1, "010033717")),
        ("0l0033716", ["010033716"], (1, "010033716")),
        ("01003716", ["010033716"], (1, "010033716")),
        ("0100337716", ["010033716"], (1, "010033716")),
        ("P30023407", ["030023407"], (1, "030023407")),
        ("010033716", ["010033717", "010033718"], (2, None)),
        ("010033716", ["010033717", "01003371"], (2, None)),
        ("1111", ["111"], (1, "111")),
        ("7", ["8"], (1, "8")),
    ],
)
def test_a_code_one_character_away_is_found_where_it_is_the_only_one(
    wrong: str, known: list[str], expected: tuple
) -> None:
    assert nearest([wrong], known) == {wrong: expected}


def is_one_character_away(a: str, b: str) -> bool:
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def test_codes_one_character_away_are_those_that_a_comparison_of_all_finds() -> None:
    rng = np.random.default_rng(7)
    codes = {"".join(rng.choice(list("01X"), size=rng.integers(1, 7))) for _ in range(300)}
    wrong, known = sorted(codes)[::3], [code for i, code in enumerate(sorted(codes)) if i % 3]
    expected = {}
    for code in wrong:
        near = [other for other in known if is_one_character_away(code, other)]
        if near:
            expected[code] = (len(near), near[0] if len(near) == 1 else None)
    assert nearest(wrong, known) == expected
    assert min(count for count, _ in expected.values()) == 1
    assert len(expected) < len(wrong)


@pytest.mark.parametrize("known", [["010033761"], ["010034617"], ["0100337"], [], ["0010033716X"]])
def test_a_code_two_characters_away_is_not_near(known: list[str]) -> None:
    assert nearest(["010033716"], known) == {}
    assert nearest([], known) == {}


def by_hand(one: str, other: str) -> bool:
    """Tell whether an edit of one character turns one code into the other."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return len(long) == len(short) + 1 and any(
        long[:i] + long[i + 1 :] == short for i in range(len(long))
    )


CODES = st.lists(st.text("012A", min_size=1, max_size=5), unique=True, max_size=12)


@settings(max_examples=40)
@given(CODES, CODES)
def test_the_fast_search_finds_what_a_slow_one_finds(wrong: list[str], known: list[str]) -> None:
    wrong = [code for code in wrong if code not in known]
    expected = {}
    for code in wrong:
        near = [other for other in known if by_hand(code, other)]
        if near:
            expected[code] = (len(near), near[0] if len(near) == 1 else None)
    assert nearest(wrong, known) == expected


def test_each_declared_code_that_the_cadastre_lacks_is_an_issue() -> None:
    declared = pd.Series(["010000001", "010000009", "999", None, "010000010"], dtype="str")
    register = pd.DataFrame(
        {"registration_id": [f"R{i}" for i in range(5)], "source_row": [5, 4, 3, 2, 1]}
    )
    rights = pd.DataFrame({"concession_id": ["010000001", "010000020", "010000030"]})
    out = doubt_codes(declared, register, rights.astype("str"))
    assert out["id"].tolist() == ["R1", "R2", "R4"]
    assert out["row"].tolist() == [4, 3, 1]
    assert out["value"].tolist() == ["010000009", "999", "010000010"]
    assert set(out["problem"]) == {"unknown_right"}
    assert set(out["action"]) == {"doubted"}
    details = out["detail"].tolist()
    assert details[0] == "one character from 010000001"
    assert details[1].startswith("the cadastre has no right")
    assert details[2] == "one character from several rights"


# --- where no position is usable


def world(**declared: str | None) -> dict[Role, pd.DataFrame]:
    """The world of cells; the named registrations lose their positions and declare a right."""
    frames = whole_world()
    rows = frames[Role.REGISTRATIONS].set_index("COD_REINFO")
    for code, right in declared.items():
        rows.loc[code, ["LONGITUD_G84", "LATITUD_G84"]] = None
        rows.loc[code, "ID_UNIDAD"] = right
    return {**frames, Role.REGISTRATIONS: rows.reset_index().astype("str")}


def run(frames: dict[Role, pd.DataFrame], **options: object) -> Result:
    raw = {}
    for role, frame in frames.items():
        crs = ZONE if isinstance(frame, gpd.GeoDataFrame) else None
        rows = frame.reset_index(drop=True)
        rows["source_row"] = range(1, len(rows) + 1)
        raw[role] = RawLayer(rows, Source(role.value, f"{role}.csv", rows=len(rows), crs_read=crs))
    return pipeline.run(raw, load_profile("pe"), Options(on=date(2024, 6, 1), **options))


@pytest.fixture(scope="module")
def lost() -> Result:
    return run(
        world(
            REG00="010000001",  # the registrant's own
            REG01="010000002",
            REG02="010000003",
            REG03="010000004",
            REG04="010000005",  # idle
            REG05="010000006",  # an application
            REG06="010000007",  # extinct
            REG07="010000008",  # another right
            REG08="010000099",  # in no cadastre
            REG09=None,
            REG10="010000009",  # in a park, which nobody can know without a point
            REG13="010000013",  # the junior title of a stack
        )
    )


@pytest.mark.parametrize(
    ("code", "asm_class", "right"),
    [
        ("REG00", "own_title", "010000001"),
        ("REG01", "on_lsm_msm", "010000002"),
        ("REG02", "on_small_scale", "010000003"),
        ("REG03", "on_unknown_holder", "010000004"),
        ("REG04", "on_idle_claim", "010000005"),
        ("REG10", "on_lsm_msm", "010000009"),
        ("REG13", "on_lsm_msm", "010000013"),
    ],
)
def test_a_declared_title_gives_the_class_of_a_registration_without_a_place(
    lost: Result, code: str, asm_class: str, right: str
) -> None:
    row = lost.registrations.set_index("registration_id").loc[code]
    assert (row["asm_class"], row["basis"]) == (asm_class, "declared")
    assert row["concession_id"] == right
    assert row["rule_id"].startswith("pe.")
    assert row["geometry"] is None
    assert (
        row[["class_probability", "edge_distance_m", "crs_used", "declared_relation"]].isna().all()
    )
    assert (row["n_rights"], row["n_titles"], row["right_ids"]) == (0, 0, "")
    assert pd.isna(row["declared_same_holder"])
    assert set(row["flags"].split(";")) <= {f"untested:{r}" for r in lost.summary["untested"]}


@pytest.mark.parametrize("code", ["REG05", "REG06", "REG07", "REG08", "REG09"])
def test_what_is_no_title_in_force_places_nobody(lost: Result, code: str) -> None:
    row = lost.registrations.set_index("registration_id").loc[code]
    assert (row["asm_class"], row["basis"]) == ("unlocatable", "spatial")
    assert row["pathway"] == "verify_location"
    assert pd.isna(row["concession_id"])


def test_the_place_of_others_does_not_change(lost: Result) -> None:
    whole = run(whole_world()).registrations.set_index("registration_id")
    kept = lost.registrations.set_index("registration_id").loc[["REG11", "REG14", "REG15"]]
    names = ["asm_class", "concession_id", "right_ids", "n_rights", "basis", "class_probability"]
    pd.testing.assert_frame_equal(kept[names], whole.loc[kept.index, names])


def test_classes_by_declaration_are_counted_apart_from_those_by_place(lost: Result) -> None:
    steps = {row["step"]: row["registrations"] for row in lost.summary["funnel"]}
    assert steps["extraction"] == 15
    assert steps["by_declared_right"] == 7
    assert steps["located"] == 2  # REG11 and REG14; REG15 is a plant
    assert steps["inside_any_right"] == 2
    assert steps["own_title"] == 1
    assert not set(lost.pairs["registration_id"]) & {"REG00", "REG01"}
    hosted = lost.concessions.set_index("concession_id")["n_registrations"]
    assert hosted["010000002"] == 0


def test_a_contract_for_the_declared_right_opens_its_pathway() -> None:
    frames = world(REG01="010000002")
    contract = {"concession_id": ["010000002"], "ruc": [JUAN], "date": ["2020-01-01"]}
    frames[Role.CONTRACTS] = pd.DataFrame(contract, dtype="str")
    row = run(frames).registrations.set_index("registration_id").loc["REG01"]
    assert row["asm_class"] == "on_lsm_msm"
    assert "has_contract" in row["flags"].split(";")
    assert row["pathway"] == "complete_formalization"


# --- near


@pytest.mark.parametrize(
    ("lon", "lat", "sigma_m", "expected"),
    [
        ("-75.0100000", "-9.9500000", 100.0, "elsewhere"),
        ("-75.0100000", "-9.9500000", 400.0, "near"),
        ("-75.0100000", "-9.9500000", 200.0, "elsewhere"),
        ("-75.01", "-9.95", 200.0, "near"),  # two decimals leave half a kilometre open
    ],
)
def test_near_is_what_the_error_of_the_position_explains(
    lon: str, lat: str, sigma_m: float, expected: str
) -> None:
    frames = whole_world()
    rows = frames[Role.REGISTRATIONS].set_index("COD_REINFO")
    place = ["LONGITUD_G84", "LATITUD_G84", "ID_UNIDAD"]
    rows.loc["REG09", place] = [lon, lat, "010000009"]
    out = run({**frames, Role.REGISTRATIONS: rows.reset_index()}, position_sigma_m=sigma_m)
    row = out.registrations.set_index("registration_id").loc["REG09"]
    assert row["declared_relation"] == expected
    assert row["declared_distance_m"] == pytest.approx(1096, abs=1)


# --- holder of the declared right


@pytest.mark.parametrize(
    ("code", "declared", "expected"),
    [
        ("REG01", "010000005", True),  # both of the large holder
        ("REG01", "010000003", False),
        ("REG01", "010000007", False),  # extinct, of another
        ("REG01", "010000002", True),  # the very right
        ("REG13", "010000003", True),  # the senior title of the stack decides, and is compared
        ("REG11", "010000002", True),  # nothing decided: the senior right at the point
        ("REG09", "010000002", None),  # open ground
        ("REG01", "010000099", None),  # in no cadastre
        ("REG01", None, None),
    ],
)
def test_holder_of_the_declared_right_is_that_of_the_right_at_the_point(
    code: str, declared: str | None, expected: bool | None
) -> None:
    frames = whole_world()
    rows = frames[Role.REGISTRATIONS]
    rows.loc[rows["COD_REINFO"] == code, "ID_UNIDAD"] = declared
    row = run(frames).registrations.set_index("registration_id").loc[code]
    same = row["declared_same_holder"]
    assert (None if pd.isna(same) else bool(same)) == expected
