"""The main job as a story: frames in, result out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoasm import (
    areas,
    assemble,
    confidence,
    declared,
    holdership,
    holdings,
    issues,
    prospects,
    ranges,
    schema,
    territory,
    veil,
)
from geoasm.classify import classify
from geoasm.clock import Clock
from geoasm.codes import Basis, HolderStratum, Role
from geoasm.given import (
    Given,
    dated_sources,
    list_operations,
    normalize_all,
    raster_sources,
    untested_roles,
)
from geoasm.holdership import People
from geoasm.law import LawAt
from geoasm.manifest import balance_faults, build_manifest, digest, reading_faults
from geoasm.model import Grid, Options, RawLayer, Result
from geoasm.overlaps import find_overlaps
from geoasm.places import World, decisive_layers
from geoasm.planar import count_ground, count_pairs, ground_faults, planarize
from geoasm.position_error import CUT, sigmas
from geoasm.profile import Profile
from geoasm.summarize import failed_expectations, summarize
from geoasm.surroundings import Linked, Seen, link_all, look, name_legends
from geoasm.workers import Workers


def run(
    raw: MutableMapping[Role, RawLayer],
    profile: Profile,
    options: Options,
    *,
    rasters: Mapping[Role, Sequence[Grid]] | None = None,
    versions: Mapping[str, str] | None = None,
    title: str = "",
    clock: Clock | None = None,
    amend: Callable[[Given, People], Given] | None = None,
    workers: Workers | None = None,
    consume: bool = False,
) -> Result:
    """
    Classify every registration of a register against a cadastre by the law of a day.

    Parameters
    ----------
    raw
        Files as read, by role; concessions and registrations at least.
    profile
        The country.
    options
        Day of the law, assumptions, and how stacks are decided.
    rasters
        Activity by year and elevation, open for reading.
    versions
        Versions of the software, for the manifest.
    clock
        Times what was done before, too.
    amend
        Gives other facts in the place of those that were given: a scenario.
    workers
        Who does what falls into parts, by neighbourhood; this process where not given. The answers
        are the same.
    consume
        Take the rows out of `raw` when they are normalised, so that none is held twice.

    Raises
    ------
    InputError
        A file cannot be used: a needed column is missing, a system is unknown…
    """
    clock = clock or Clock()
    law = profile.law.at(options.on)
    with clock.stage("normalize"):
        given = normalize_all(raw, profile, law, options)
        if consume:
            raw.update({role: layer.without_rows() for role, layer in raw.items()})
    with clock.stage("holders"):
        people = holdership.meet(given.registrations, given.concessions, given.tables, profile)
        given = amend(given, people) if amend else given
    with clock.stage("link"):
        linked = link_all(given, people, profile, law, workers)
    with clock.stage("rasters"):
        seen = look(given, rasters or {}, profile, law, options)
        rasters = name_legends(rasters or {}, seen.disturbed)
    with clock.stage("evidence"):
        judged = _judge(given, people, linked, seen, profile, law)
        concessions = judged.concessions
    with clock.stage("classify"):
        facts, answers = _answer(given, concessions, people, linked, seen, profile, law, options)
    with clock.stage("certainty"):
        certainty = _weigh(
            given, concessions, people, linked, answers, profile, law, options, workers
        )
        registered = assemble.lay_out(facts.join(certainty.frame), linked.pairs, people.parties)
    with clock.stage("overlaps"):
        compared, ground = _compare_rights(concessions, profile, law, options)
    with clock.stage("candidates"):
        known = prospects.Known(given, judged, people, linked, compared["overlaps"])
        found = prospects.find_all(registered, answers["decided_by"], known, profile, law)
        registered = found.registrations
    with clock.stage("summarize"):
        frames = _frames(given, judged, people, linked, seen, registered, answers, profile)
        frames |= compared | found.frames
        counts = assemble.count_rows(raw, registered, concessions, frames["issues"])
        summary = ranges.add_ranges(
            _summary(raw, given, rasters, frames, counts, profile, law, options),
            registered,
            certainty.possible,
            profile.registrants,
        )
    summary |= {"ground": ground, "failed": [*summary["failed"], *ground_faults(ground)]}
    manifest = _manifest(
        raw, given, rasters, frames, counts, profile, law, options,
        timings=clock.seconds, versions=versions or {}, title=title,
    )  # fmt: skip
    return _covered(frames, {**summary, "title": title}, manifest, given, people, profile)


def _covered(
    frames: Mapping[str, Any],
    summary: Mapping[str, Any],
    manifest: Mapping[str, Any],
    given: Given,
    people: People,
    profile: Profile,
) -> Result:
    """Make the result, persons hidden in what the files say freely."""
    shown = {role.value: assemble.keep_for_map(frame) for role, frame in given.layers.items()}
    made = Result(**frames, summary=summary, manifest=manifest, context=shown)
    return veil.cover(made, veil.weave(given.by_role, frames["issues"], profile, people.parties))


def _manifest(
    raw: Mapping[Role, RawLayer],
    given: Given,
    rasters: Mapping[Role, Sequence[Grid]],
    frames: Mapping[str, Any],
    counts: Mapping[str, int],
    profile: Profile,
    law: LawAt,
    options: Options,
    *,
    timings: Mapping[str, float],
    versions: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    return build_manifest(
        sources=[*dated_sources(raw, given), *raster_sources(rasters)],
        profile=profile.code,
        law=law,
        options=options,
        operations=list_operations(raw, given, rasters, profile),
        counts=counts,
        timings=timings,
        versions=versions,
        crs_used={
            Role.CONCESSIONS: frames["concessions"]["crs_used"],
            Role.REGISTRATIONS: frames["registrations"]["crs_used"].dropna(),
        },
        title=title,
        profile_sha256=digest(profile),
        profile_is_shipped=profile.is_shipped,
    )


def _compare_rights(
    concessions: pd.DataFrame, profile: Profile, law: LawAt, options: Options
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Find the overlaps between rights, and their disjoint pieces where these are asked for."""
    found = find_overlaps(concessions, profile.crs, law)
    ground = count_pairs(found, concessions)
    if not options.planarize:
        return {"overlaps": found.held, "pieces": schema.empty(schema.PIECES)}, ground
    net = planarize(concessions, found, profile.crs, law)
    return {"overlaps": found.held, "pieces": net.pieces}, {**ground, **count_ground(net)}


def _judge(
    given: Given, people: People, linked: Linked, seen: Seen, profile: Profile, law: LawAt
) -> holdership.Judged:
    near = np.zeros(len(given.concessions), dtype=bool)
    for pairs in (
        linked.pairs,
        linked.declared,
    ):  # who has no place stands on the title it declares
        near[pairs["concession"].to_numpy()] = True
    return holdership.judge(
        given.concessions,
        people,
        given.tables,
        given.layers,
        profile,
        law,
        disturbed=None if seen.disturbed is None else seen.disturbed.frame,
        has_registrations=near,
    )


def _answer(
    given: Given,
    concessions: pd.DataFrame,
    people: People,
    linked: Linked,
    seen: Seen,
    profile: Profile,
    law: LawAt,
    options: Options,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Classify, and put the answers beside the register."""
    registrations = given.registrations
    regions = assemble.name_regions(
        registrations, given.layers.get(Role.ADMIN), linked.areas.get(Role.ADMIN)
    )
    ground = areas.describe_ground(
        len(registrations), given.layers, linked.areas, regions["admin_1"], law
    )
    untested = untested_roles(profile, given)
    by_code = registrations.index.isin(linked.declared["registration"])
    answers = classify(
        pd.Series(linked.points.located | by_code),
        _tested(concessions, untested),
        pd.concat([linked.pairs, linked.declared], ignore_index=True),
        ground,
        law,
        registrants=profile.registrants,
        stacked=options.stacked,
        untested=untested,
        mined=registrations.get("substance"),
    )
    answers = declared.unplace(answers, pd.Series(by_code))
    codes = assemble.column(registrations, "declared_right_id")
    near_m = CUT * sigmas(registrations, law, options.position_sigma_m)
    relation = declared.relate(codes, linked.points, linked.pairs, concessions, near_m=near_m)
    relation["declared_same_holder"] = declared.same_holder(
        codes, answers, concessions, people.parties
    )
    relation["basis"] = np.where(by_code, Basis.DECLARED.value, Basis.SPATIAL.value)
    facts = registrations.join(answers).join(relation).join(regions).join(seen.setting)
    facts["crs_used"] = assemble.name_systems(registrations, answers, concessions, profile)
    return facts, answers


def _tested(concessions: pd.DataFrame, untested: Sequence[str]) -> pd.DataFrame:
    """Blank unknown strata where no table was given: an untested fact is False, not unknown."""
    if Role.STRATA not in untested:
        return concessions
    stratum = concessions["holder_stratum"]
    return concessions.assign(holder_stratum=stratum.where(stratum != HolderStratum.UNKNOWN))


def _weigh(
    given: Given,
    concessions: pd.DataFrame,
    people: People,
    linked: Linked,
    answers: pd.DataFrame,
    profile: Profile,
    law: LawAt,
    options: Options,
    workers: Workers | None,
) -> confidence.Certainty:
    """Say how sure each answer is."""
    world = World(
        concessions=_tested(concessions, untested_roles(profile, given)),
        layers=decisive_layers(given.layers, law),
        law=law,
        plan=profile.crs,
        same_holder=people.same_holder,
        registrants=profile.registrants,
        stacked=options.stacked,
    )
    sigma_m = sigmas(given.registrations, law, options.position_sigma_m)
    admin = given.layers.get(Role.ADMIN)
    return confidence.measure(
        given.registrations, answers, linked.pairs, sigma_m, world, admin, workers
    )


def _frames(
    given: Given,
    judged: holdership.Judged,
    people: People,
    linked: Linked,
    seen: Seen,
    registered: pd.DataFrame,
    answers: pd.DataFrame,
    profile: Profile,
) -> dict[str, Any]:
    """Give every frame of the result; those that nothing fills yet are empty, with their schema."""
    concessions, parties = judged.concessions, people.parties
    held = holdings.list_holders(
        concessions,
        parties,
        answers,
        groups=people.groups.published,
        registrants=profile.registrants,
    )
    levelled = [given.layers[r] for r in areas.LEVELLED_ROLES if r in given.layers]
    ground = territory.measure(concessions, levelled, given.layers.get(Role.ADMIN), profile.crs)
    pairs = assemble.name_pairs(linked.pairs, registered, concessions)
    unmatched = declared.doubt_codes(registered["declared_right_id"], registered, concessions)
    found = [given.issues, people.issues, judged.issues, unmatched, seen.issues]
    return {
        "registrations": registered,
        "concessions": assemble.lay_out_rights(concessions, linked.pairs),
        "pairs": schema.conform(pairs, schema.PAIRS),
        "holders": schema.conform(held, schema.HOLDERS),
        "evidence": assemble.lay_out_ledger(judged.ledger, concessions),
        "disturbance": schema.empty(schema.DISTURBANCE)
        if seen.disturbed is None
        else schema.conform(seen.disturbed.years, schema.DISTURBANCE),
        "territory": schema.conform(ground, schema.TERRITORY),
        "issues": issues.join(found),
        "parties": assemble.lay_out_parties(parties, people.groups.of_party),
        "review": holdership.list_reviews(
            people, registered, concessions, linked.pairs, given.tables, profile
        ),
    }


def _summary(
    raw: Mapping[Role, RawLayer],
    given: Given,
    rasters: Mapping[Role, Sequence[Grid]],
    frames: Mapping[str, Any],
    counts: Mapping[str, int],
    profile: Profile,
    law: LawAt,
    options: Options,
) -> dict[str, Any]:
    registered = frames["registrations"]
    sex = given.registrations.get("sex")
    has_sex = sex is not None and bool((sex != "unknown").any())
    faults = balance_faults(counts) + reading_faults(raw.values(), profile.expect)
    faults += failed_expectations(registered, frames["concessions"], profile.expect)
    return {
        **summarize(
            registered,
            registrants=profile.registrants,
            sex=sex if has_sex else None,
            published=profile.published,
        ),
        "profile": profile.code,
        "profile_name": dict(profile.names),
        "on": law.on.isoformat(),
        "language": options.language or profile.language,
        "untested": untested_roles(profile, given),
        "assumed": {f"{role}.{name}": v for (role, name), v in options.assumptions.items()},
        "prospects": prospects.count(frames, profile),
        "unverified_rules": [
            *(rule.id for rule in law.rules if not rule.verified),
            law.order_unknown_id,
        ],
        "sources": [
            assemble.source_row(source)
            for source in (*dated_sources(raw, given), *raster_sources(rasters))
        ],
        "counts": dict(counts),
        "failed": faults,
        "territory": frames["territory"].to_dict("records"),
        "issues": assemble.tally(frames["issues"]),
    }
