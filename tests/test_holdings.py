"""What each holder has and whom it hosts: dissolved hectares, hosted counts, registered or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Polygon, box

from geoasm import issues, schema
from geoasm.holdings import list_holders, total_ha
from geoasm.parties import Parties


def square(east: float, north: float = 0, side: float = 1000) -> Polygon:
    return box(east, north, east + side, north + side)


def cadastre(*rows: tuple) -> tuple[pd.DataFrame, pd.Series]:
    """Give rights as (holder, status, polygon, zone, activity); the second value is the holders."""
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 5
    holder, status, planar, zone, activity = (list(c) for c in columns)
    frame = pd.DataFrame({"status": pd.Series(status, dtype="str")})
    frame["planar"] = pd.Series(planar, dtype=object)
    frame["planar_crs"] = pd.Series(zone, dtype="str")
    frame["holder_activity"] = pd.Series(activity, dtype="str")
    frame["holder_stratum"] = pd.Series("lsm_msm", index=frame.index, dtype="str")
    frame["stratum_basis"] = pd.Series("official", index=frame.index, dtype="str")
    frame["area_ha"] = shapely.area(np.array(planar, dtype=object)) / 1e4 if rows else []
    frame["holder_total_ha"] = frame["area_ha"].astype("float64")
    return frame, pd.Series(holder, dtype="Int64")


def titled(holder: int | None, planar: Polygon, zone: str = "EPSG:32718", **over: str) -> tuple:
    return (holder, over.get("status", "titled"), planar, zone, over.get("activity", "no_evidence"))


def total(*rows: tuple) -> dict:
    frame, holder = cadastre(*rows)
    at = np.flatnonzero((frame["status"] == "titled") & holder.notna())
    return total_ha(frame, at, holder.iloc[at]).to_dict()


# --- hectares


def test_ground_under_two_rights_of_one_holder_counts_once() -> None:
    assert total(titled(1, square(0)), titled(1, square(500))) == {1: pytest.approx(150)}
    assert total(titled(1, square(0)), titled(1, square(0))) == {1: pytest.approx(100)}


def test_neighbours_and_strangers_keep_their_ground() -> None:
    assert total(titled(1, square(0)), titled(1, square(1000)), titled(2, square(500))) == {
        1: pytest.approx(200),
        2: pytest.approx(100),
    }


def test_the_same_coordinates_in_another_zone_are_another_place() -> None:
    rows = titled(1, square(0)), titled(1, square(0), "EPSG:32719")
    assert total(*rows) == {1: pytest.approx(200)}


def test_only_the_chosen_rights_of_known_holders_count() -> None:
    rows = (
        titled(1, square(0)),
        titled(1, square(500), status="pending"),
        titled(None, square(0)),
        titled(2, square(0), status="extinct"),
    )
    assert total(*rows) == {1: pytest.approx(100)}
    assert total() == {}


def test_a_union_of_each_holder_s_rights_agrees() -> None:
    rng = np.random.default_rng(6)
    rows = [
        titled(
            int(rng.integers(1, 6)),
            shapely.Point(*rng.uniform(0, 9000, 2)).buffer(rng.uniform(200, 2500), quad_segs=3),
            str(rng.choice(["EPSG:32717", "EPSG:32718"])),
        )
        for _ in range(60)
    ]
    expected: dict[int, float] = {}
    for key in {(r[0], r[3]) for r in rows}:
        ground = shapely.union_all([r[2] for r in rows if (r[0], r[3]) == key]).area / 1e4
        expected[key[0]] = expected.get(key[0], 0) + ground
    assert total(*rows) == {k: pytest.approx(v, rel=1e-9) for k, v in expected.items()}
    assert total(*rows[::-1]) == pytest.approx(total(*rows), rel=1e-12)


# --- the list


def parties_of(kinds: dict[int, str], ambiguous: tuple[int, ...] = ()) -> pd.DataFrame:
    frame = pd.DataFrame({"party_id": list(kinds), "kind": list(kinds.values())})
    frame["name"] = [f"NAME {i}" for i in kinds]
    frame["is_ambiguous"] = frame["party_id"].isin(ambiguous)
    return frame


def answers_of(*rows: tuple[int, str, str]) -> pd.DataFrame:
    """Give answers as (position of the right that decided, class, title relation)."""
    columns = ["decided_by", "asm_class", "title_relation"]
    return pd.DataFrame(list(rows), columns=columns).astype({"decided_by": "int64"})


def listed(rights: tuple, answers: pd.DataFrame, **given: object) -> pd.DataFrame:
    frame, holder = cadastre(*rights)
    if "strata" in given:
        frame[["holder_stratum", "stratum_basis"]] = given["strata"]
    info = given.get("parties", parties_of({1: "legal", 2: "natural"}))
    alone = [(h, h) for h in sorted(holder.dropna().unique())]
    members = pd.DataFrame(given.get("members", alone), columns=["holder_id", "member_id"])
    parties = Parties(
        info,
        pd.Series(given.get("registrant", []), dtype="Int64"),
        holder,
        pd.Series(dtype="bool"),
        members.astype("int64"),
        issues.none(),
    )
    out = list_holders(
        frame,
        parties,
        answers,
        groups=given.get("groups", pd.Series(dtype="str")),
        registrants=given.get("registrants", "persons"),
    )
    return schema.conform(out, schema.HOLDERS).set_index("holder_id")


RIGHTS = (
    titled(2, square(0)),
    titled(1, square(1000), activity="idle"),
    titled(1, square(1500), activity="active"),
    titled(1, square(5000), status="pending"),
    titled(None, square(9000)),
    titled(1, square(0), status="extinct"),
)


def test_titles_applications_and_idle_ground_are_kept_apart() -> None:
    out = listed(RIGHTS, answers_of())
    assert out.index.tolist() == [1, 2]
    first = out.loc[1]
    assert (first["n_in_force"], first["n_pending"], first["n_active"]) == (2, 1, 1)
    assert first["in_force_ha"] == pytest.approx(150)
    assert first["idle_ha"] == pytest.approx(100)
    assert out.loc[2, ["n_in_force", "in_force_ha", "idle_ha"]].tolist() == [1, 100, 0]


@pytest.mark.parametrize(
    ("strata", "expected"),
    [
        (["small_scale licence_type", "small_scale licence_type"], "small_scale licence_type"),
        (["small_scale licence_type", "unknown none"], "unknown none"),
        (["unknown none", "small_scale licence_type"], "unknown none"),
        (["small_scale licence_type", "lsm_msm licence_type"], "unknown none"),
        (["lsm_msm licence_type", "small_scale presumed_small"], "unknown none"),
        (["small_scale licence_type", "small_scale presumed_small"], "small_scale presumed_small"),
        (
            ["small_scale licence_type", "lsm_msm hectares_over_limit"],
            "lsm_msm hectares_over_limit",
        ),
        (["lsm_msm official", "lsm_msm official"], "lsm_msm official"),
        (["unknown none", "unknown none"], "unknown none"),
    ],
)
def test_a_holder_has_the_stratum_that_is_known_of_itself_and_not_of_one_right(
    strata: list[str], expected: str
) -> None:
    rights = (titled(1, square(0)), titled(1, square(2000)), titled(2, square(4000)))
    told = [text.split() for text in [*strata, "lsm_msm licence_type"]]
    out = listed(rights, answers_of(), strata=told)
    assert out.loc[1, ["stratum", "stratum_basis"]].tolist() == expected.split()
    assert out.loc[2, ["stratum", "stratum_basis"]].tolist() == ["lsm_msm", "licence_type"]


def test_only_firms_are_named() -> None:
    out = listed(RIGHTS, answers_of())
    assert out["name"].fillna("").tolist() == ["NAME 1", ""]
    assert out["holder_kind"].tolist() == ["legal", "natural"]


def test_hosts_are_those_whose_title_decided_for_another() -> None:
    answers = answers_of(
        (1, "on_idle_claim", "third_party"),
        (2, "on_lsm_msm", "third_party"),
        (2, "on_lsm_msm", "third_party"),
        (0, "own_title", "own"),
        (3, "on_pending_claim", "pending"),
        (4, "on_unknown_holder", "unknown"),
        (5, "on_extinct_claim", "extinct"),
        (-1, "open_ground", "none"),
        (-1, "prohibited_area", "third_party"),
    )
    out = listed(RIGHTS, answers)
    assert out["n_hosted"].tolist() == [3, 0]
    assert out["hosted_by_class"].tolist() == ["on_idle_claim=1;on_lsm_msm=2", ""]


def test_a_holder_in_the_register_is_registered() -> None:
    out = listed(RIGHTS, answers_of(), registrant=[2, 7, None])
    assert out["is_registered"].tolist() == [False, True]


def test_ground_that_two_own_counts_for_each() -> None:
    frame, _ = cadastre(titled(1, square(0)))
    found = total_ha(frame, np.array([0, 0]), pd.Series(["A", "B"]))
    assert found.to_dict() == {"A": pytest.approx(100), "B": pytest.approx(100)}


def test_joint_holders_are_registered_where_one_of_them_is() -> None:
    members = [(1, 7), (1, 8), (2, 2)]
    out = listed(RIGHTS, answers_of(), registrant=[8], members=members)
    assert out["is_registered"].tolist() == [True, False]
    assert out["n_members"].tolist() == [2, 1]


def test_a_homonym_s_registration_is_unknown() -> None:
    parties = parties_of({1: "legal", 2: "natural"}, ambiguous=(2,))
    assert listed(RIGHTS, answers_of(), parties=parties)["is_registered"].isna().tolist() == [
        False,
        True,
    ]


def test_a_register_without_persons_cannot_say_who_is_registered() -> None:
    out = listed(RIGHTS, answers_of(), registrant=[2], registrants="none")
    assert out["is_registered"].isna().all()


def test_groups_come_from_the_table() -> None:
    groups = pd.Series({1: "GROUP", 9: "OTHER"})
    assert listed(RIGHTS, answers_of(), groups=groups)["group"].fillna("").tolist() == ["GROUP", ""]


@pytest.mark.parametrize("rights", [(), (titled(None, square(0)),)])
def test_no_known_holder_at_all(rights: tuple) -> None:
    assert len(listed(rights, answers_of())) == 0
