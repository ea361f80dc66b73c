"""What an answer rests on: how sure it is, what would change it, what to check first."""

from __future__ import annotations

from geoasm.codes import (
    SHAKEN_FLAGS,
    TABLE_ROLES,
    Action,
    AsmClass,
    ConcessionStatus,
    DeclaredRelation,
    Flag,
    HolderActivity,
    HolderStratum,
    PairRole,
    Role,
    StratumBasis,
    TitleRelation,
)
from geoasm.render.answer import Answer, Right, restricted_codes
from geoasm.render.labels import Labels
from geoasm.render.reasons import contested_by
from geoasm.schema import LIST_SEPARATOR

NO_CLAIMS = "ANAP"
_ON_ANOTHERS = (AsmClass.ON_LSM_MSM, AsmClass.ON_SMALL_SCALE)
_CHECKED_FLAGS = {
    Flag.ACTIVITY_CONFLICT: "conflict",
    Flag.CO_HOLDER: "co_holder",
    Flag.MOBILE_OPERATOR: "mobile",
}
_APART = (DeclaredRelation.ELSEWHERE, DeclaredRelation.EXTINCT, DeclaredRelation.UNKNOWN_CODE)


def doubts(answer: Answer, labels: Labels) -> list[str]:
    """Say how sure the class is."""
    row, say = answer.row, labels.text
    if answer.by_declared_right:
        lines = [say("explain_sure.declared")]
    elif not answer.is_located:
        lines = [say("explain_sure.unlocatable")]
    else:
        lines = [*_probability(answer, labels), _edge(answer, labels)]
    lines += [say(f"explain_sure.{flag}") for flag in SHAKEN_FLAGS if flag in answer.flags]
    if answer.is_located and _is_mended(answer):
        lines.append(say("explain_sure.mended"))
    if row["asm_class"] == AsmClass.ON_IDLE_CLAIM:
        lines.append(say("explain_sure.inferred"))
    if row["stratum_basis"] == StratumBasis.PRESUMED_SMALL:
        lines.append(say("explain_sure.presumed"))
    said_elsewhere = {*SHAKEN_FLAGS, Flag.STACKED, Flag.DECLARED_MISMATCH}
    rest = [flag for flag in answer.flags if flag not in said_elsewhere]
    if rest:
        lines.append(say("explain_sure.flags", flags=labels.flags(LIST_SEPARATOR.join(rest))))
    return lines


def _probability(answer: Answer, labels: Labels) -> list[str]:
    row, say = answer.row, labels.text
    if row["class_probability"] is None:
        return [say("explain_sure.none")]
    sigma = row["position_sigma_m"]
    if row["class_probability"] >= 1:
        if sigma is None:
            return [say("explain_sure.certain")]
        return [say("explain_sure.certain_sigma", sigma=labels.metres(sigma))]
    share = labels.percent(row["class_probability"])
    if sigma is None:
        lines = [say("explain_sure.probability", share=share)]
    else:
        lines = [say("explain_sure.probability_sigma", share=share, sigma=labels.metres(sigma))]
    if row["second_class"] and row["second_probability"]:
        name = labels.class_name(row["second_class"])
        second = labels.percent(row["second_probability"])
        key = "likelier" if row["second_probability"] > row["class_probability"] else "second"
        lines.append(say(f"explain_sure.{key}", name=name, share=second))
    return lines


def _edge(answer: Answer, labels: Labels) -> str:
    edge = answer.row["edge_distance_m"]
    if edge is not None:
        return labels.text("explain_sure.edge", distance=labels.metres(edge))
    reach = answer.parameters.get("link_reach_m")
    return labels.text("explain_sure.edge_none", reach=labels.metres(reach))


def _is_mended(answer: Answer) -> bool:
    return any(
        issue.source == Role.REGISTRATIONS
        and issue.action == Action.MENDED
        and issue.field == "position"
        for issue in answer.issues
    )


def prospects(answer: Answer, labels: Labels) -> list[str]:
    """Say what would change the answer: another position, another fact, a layer not given."""
    lines = [
        *_if_point_moved(answer, labels),
        *_if_more_were_known(answer, labels),
        *_if_facts_changed(answer, labels),
    ]
    # Without a point no layer could be tested, given or not; tables speak of holders all the same.
    missing = [r for r in answer.untested if answer.is_located or r in TABLE_ROLES]
    if missing and (answer.is_located or answer.by_declared_right):
        roles = ", ".join(labels.role(role) for role in missing)
        lines.append(labels.text("explain_change.untested", roles=roles))
    return lines


def _if_point_moved(answer: Answer, labels: Labels) -> list[str]:
    if answer.by_declared_right:
        return [labels.text("explain_change.position_declared")]
    if not answer.is_located:
        return [labels.text("explain_change.position")]
    lines = []
    first, reach = answer.decider, answer.parameters.get("link_reach_m")
    if first is not None and first.edge_m is not None and (reach is None or first.edge_m <= reach):
        distance = labels.metres(first.edge_m)
        lines.append(labels.text("explain_change.leaves", code=first.code, distance=distance))
    # On closed ground no right counts, whichever it is.
    is_closed = answer.row["asm_class"] == AsmClass.PROHIBITED_AREA
    for right in () if is_closed else answer.neighbours:
        facts = [labels.code("concession_status", right.status).lower()]
        if right.status == ConcessionStatus.TITLED:
            facts.append(labels.code("holder_stratum", right.stratum))
        if right.own:
            facts.append(labels.text("explain.own"))
        lines.append(
            labels.text(
                "explain_change.neighbour",
                code=right.code,
                distance=labels.metres(right.edge_m),
                facts=", ".join(facts),
            )
        )
    return lines


def _if_more_were_known(answer: Answer, labels: Labels) -> list[str]:
    first, row, say = answer.decider, answer.row, labels.text
    if row["asm_class"] == AsmClass.AMBIGUOUS:
        return _if_order_were_known(answer, labels)
    if first is None or first.status != ConcessionStatus.TITLED:
        return []
    lines = []
    if not first.is_held:
        lines.append(say("explain_change.holder", code=first.code))
    if row["registrant_id"] is None:
        lines.append(say("explain_change.registrant"))
    elif first.is_held and row["title_relation"] == TitleRelation.UNKNOWN:
        lines.append(say("explain_change.identity"))
    if first.stratum == HolderStratum.UNKNOWN and row["asm_class"] == AsmClass.ON_UNKNOWN_HOLDER:
        lines.append(say("explain_change.stratum", code=first.code))
    return lines + _missing_dates(answer, labels)


def _if_order_were_known(answer: Answer, labels: Labels) -> list[str]:
    unsure = answer.of_status(ConcessionStatus.UNKNOWN)
    if unsure:
        return [labels.text("explain_change.status", codes=_codes(unsure))]
    titles = answer.of_status(ConcessionStatus.TITLED)
    tied = [right for right in titles if right.role == PairRole.SIMULTANEOUS]
    key, codes = ("tie", _codes(tied)) if len(tied) > 1 else ("order", _codes(titles))
    return [labels.text(f"explain_change.{key}", codes=codes), *_missing_dates(answer, labels)]


def _missing_dates(answer: Answer, labels: Labels) -> list[str]:
    titles = answer.of_status(ConcessionStatus.TITLED)
    undated = [right for right in titles if right.filed_on is None]
    if len(titles) < 2 or not undated:
        return []
    return [labels.text("explain_change.date", codes=_codes(undated))]


def _if_facts_changed(answer: Answer, labels: Labels) -> list[str]:
    asm_class, say = AsmClass(answer.row["asm_class"]), labels.text
    first = answer.decider
    lines = []
    if asm_class is AsmClass.ON_IDLE_CLAIM and first is not None:
        lines.append(say("explain_change.idle", evidence=labels.evidence(first.evidence)))
    if asm_class in _ON_ANOTHERS and first is not None:
        worked = first.activity == HolderActivity.ACTIVE
        lines.append(say(f"explain_change.{'active' if worked else 'not_idle'}"))
    if asm_class in {*_ON_ANOTHERS, AsmClass.ON_IDLE_CLAIM} and not _has_contract(answer):
        lines.append(say("explain_change.contract"))
    if asm_class is AsmClass.ON_PENDING_CLAIM and first is not None:
        key = "pending_own" if first.own else "pending"
        lines.append(say(f"explain_change.{key}", code=first.code))
    if asm_class in {AsmClass.OPEN_GROUND, AsmClass.ON_EXTINCT_CLAIM, AsmClass.ON_OTHER_RIGHT}:
        lines.append(say("explain_change.claimed"))
    if asm_class is AsmClass.IN_ASM_ZONE:
        lines.append(say("explain_change.zone"))
    if asm_class is AsmClass.PROHIBITED_AREA:
        lines.append(say("explain_change.area"))
        if Flag.RIGHT_OLDER_THAN_AREA in answer.flags:
            lines.append(say("explain_change.older"))
    return lines


def checks(answer: Answer, labels: Labels) -> list[str]:
    """Say what to check, the check that matters most first."""
    row, say = answer.row, labels.text
    asm_class = row["asm_class"]
    lines = []
    if answer.by_declared_right:
        lines.append(say("explain_check.basis_declared"))
    elif answer.is_located and (_is_mended(answer) or {*answer.flags} & {*SHAKEN_FLAGS}):
        lines.append(say("explain_check.position"))
    if rivals := contested_by(answer):
        lines.append(say("explain_check.contested", code=_codes(rivals)))
    code = answer.decider.code if answer.decider else ""
    key = "extinct_free" if Flag.EXTINCT_FREE in answer.flags else asm_class
    if _has_contract(answer):
        key = "title_with_contract"
    lines.append(say(f"explain_check.{key}", code=code, codes=_codes([*answer.stack])))
    if _has_contract(answer):
        lines.append(say("explain_check.contract"))
    for flag, said in _CHECKED_FLAGS.items():
        if flag in answer.flags:
            lines.append(say(f"explain_check.{said}", code=code))
    may_be_claimed = asm_class in {AsmClass.OPEN_GROUND, AsmClass.ON_EXTINCT_CLAIM}
    if NO_CLAIMS in restricted_codes(answer.flags) and may_be_claimed:
        lines.append(say("explain_check.no_claims"))
    if row["declared_relation"] in _APART:
        lines.append(say("explain_check.declared", code=row["declared_right_id"]))
    return lines


def _has_contract(answer: Answer) -> bool:
    return Flag.HAS_CONTRACT in answer.flags


def _codes(rights: list[Right]) -> str:
    return ", ".join(right.code for right in rights)
