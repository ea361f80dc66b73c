"""Why a registration has its class: what decided, what was ruled out, what was declared."""

from __future__ import annotations

from geoasm.codes import (
    PATHWAY_OF_CLASS,
    AsmClass,
    ConcessionStatus,
    DeclaredRelation,
    Flag,
    HolderStratum,
    Role,
    TitleRelation,
)
from geoasm.render.answer import Answer, Right
from geoasm.render.labels import Labels

LOCATION, OPEN = "location", "open"
# Step of the order of decision at which each class is given.
STEP_OF_CLASS = {
    AsmClass.UNLOCATABLE: LOCATION,
    AsmClass.PROHIBITED_AREA: "closed_area",
    AsmClass.OWN_TITLE: "own_title",
    AsmClass.ON_LSM_MSM: "title_in_force",
    AsmClass.ON_SMALL_SCALE: "title_in_force",
    AsmClass.ON_IDLE_CLAIM: "title_in_force",
    AsmClass.ON_UNKNOWN_HOLDER: "title_in_force",
    AsmClass.AMBIGUOUS: "title_in_force",
    AsmClass.IN_ASM_ZONE: "asm_zone",
    AsmClass.ON_PENDING_CLAIM: "pending",
    AsmClass.ON_EXTINCT_CLAIM: "extinct",
    AsmClass.ON_OTHER_RIGHT: "other_right",
    AsmClass.OPEN_GROUND: "open_ground",
}
STEPS = tuple(dict.fromkeys(STEP_OF_CLASS.values()))
_CLOSING_ROLES = (Role.PROTECTED_AREAS, Role.RESTRICTED_AREAS, Role.MINING_CORRIDOR)
_SAID_OF_TITLE = (AsmClass.ON_LSM_MSM, AsmClass.ON_SMALL_SCALE, AsmClass.ON_IDLE_CLAIM)
_NEAREST = "one character from "  # how an issue names the only code that is like an unknown one
_NOT_IN_FORCE = frozenset(ConcessionStatus) - {ConcessionStatus.TITLED}


def step_of(answer: Answer) -> str:
    """Name the step of the order of decision that gave the class."""
    return STEP_OF_CLASS[AsmClass(answer.row["asm_class"])]


def decision(answer: Answer, labels: Labels) -> list[str]:
    """Say which rule decided, why, and by which article."""
    step = key = step_of(answer)
    if answer.row["asm_class"] == AsmClass.AMBIGUOUS:
        key = _open_question(answer)
    elif step == "closed_area" and answer.is_outside_corridor:
        key = "outside_corridor"
    elif answer.by_declared_right:
        key = "own_title_declared" if step == "own_title" else "title_declared"
    text = labels.text(
        f"explain_rule.{key}",
        code=answer.row["concession_id"],
        codes=_codes(answer.of_status(ConcessionStatus.UNKNOWN)),
    )
    lines = [labels.text("explain.rule", rule=answer.row["rule_id"], text=text)]
    lines += [f"{line}." for line in [*_because(answer, labels), *_way(answer, labels)]]
    reference = answer.row["reference"]
    if not reference:
        lines.append(labels.text("explain.no_reference"))
    else:
        key = "reference" if answer.is_verified else "reference_unverified"
        lines.append(labels.text(f"explain.{key}", reference=reference))
    return lines


def _because(answer: Answer, labels: Labels) -> list[str]:
    """Say which fact about the title that decided gave the class."""
    asm_class, right = answer.row["asm_class"], answer.decider
    if asm_class == AsmClass.ON_UNKNOWN_HOLDER:
        return _unknowns(answer, labels)
    if right is None or asm_class not in _SAID_OF_TITLE:
        return []
    basis = labels.code("stratum_basis", right.stratum_basis)
    told = labels.evidence(right.evidence)
    return [labels.text(f"explain_rule.{asm_class}", basis=basis, evidence=told)]


def _way(answer: Answer, labels: Labels) -> list[str]:
    """Say why the pathway is not that of the class."""
    if answer.row["pathway"] == PATHWAY_OF_CLASS[AsmClass(answer.row["asm_class"])]:
        return []
    code = answer.row["concession_id"]
    flags = (Flag.HAS_CONTRACT, "way_contract"), (Flag.EXTINCT_FREE, "way_extinct_free")
    return [
        labels.text(f"explain_rule.{key}", code=code) for flag, key in flags if flag in answer.flags
    ]


def _open_question(answer: Answer) -> str:
    if answer.of_status(ConcessionStatus.UNKNOWN):
        return "open_status"
    if answer.is_stack_left_open:
        return "open_choice"
    first = [right for right in answer.of_status("titled") if right.seniority == 1]
    return "open_tie" if len(first) > 1 else "open_order"


def _unknowns(answer: Answer, labels: Labels) -> list[str]:
    """Say what is not known of holder or registrant, the nearest cause first."""
    right = answer.decider
    if right is None:
        return []
    if not right.is_held:
        keys = ["why_no_holder"]
    elif answer.row["registrant_id"] is None:
        keys = ["why_no_registrant"]
    elif answer.row["title_relation"] == TitleRelation.UNKNOWN:
        keys = ["why_namesake"]
    elif Role.STRATA in answer.untested:
        keys = ["why_no_strata"]
    else:
        keys = ["why_no_stratum"] if right.stratum == HolderStratum.UNKNOWN else []
    return [labels.text(f"explain_rule.{key}", code=right.code) for key in keys]


def ruled_out(answer: Answer, labels: Labels) -> list[str]:
    """Say why each earlier step of the order did not decide, and each other right at the point."""
    step = step_of(answer)
    if step == LOCATION:
        return []
    earlier = STEPS[1 : STEPS.index(step)]
    if answer.by_declared_right:
        lines = [labels.text("explain_out.ground_unknown")]
    else:
        lines = _closed(answer, labels) if "closed_area" in earlier else []
    if "own_title" in earlier:
        lines += _no_own_title(answer, labels)
    if "asm_zone" in earlier:
        key = "asm_zone_untested" if Role.ASM_ZONES in answer.untested else "asm_zone"
        lines.append(labels.text(f"explain_out.{key}"))
    lines += [
        labels.text(f"explain_out.{name}")
        for name in ("pending", "extinct", "other_right")
        if name in earlier
    ]
    others = [right for right in answer.stack if not right.decides]
    return lines + [
        labels.text(
            "explain.other_right", code=right.code, text=_passed_over(right, answer, labels)
        )
        for right in others
    ]


def _closed(answer: Answer, labels: Labels) -> list[str]:
    missing = [role for role in _CLOSING_ROLES if role in answer.untested]
    key = "closed_area_untested" if missing else "closed_area"
    roles = ", ".join(labels.role(role) for role in missing)
    return [labels.text(f"explain_out.{key}", roles=roles)]


def _no_own_title(answer: Answer, labels: Labels) -> list[str]:
    has_title = bool(answer.of_status(ConcessionStatus.TITLED)) or answer.by_declared_right
    if not has_title and not answer.of_status(ConcessionStatus.UNKNOWN):
        return [labels.text("explain_out.no_title")]
    key = "own_title_declared" if answer.by_declared_right else "own_title"
    if answer.row["title_relation"] == TitleRelation.UNKNOWN:
        key = "own_title_unknown"
    return [labels.text(f"explain_out.{key}")]


def _passed_over(right: Right, answer: Answer, labels: Labels) -> str:
    key, values = _reason(right, answer, labels)
    return labels.text(f"explain_other.{key}", **values)


def _reason(right: Right, answer: Answer, labels: Labels) -> tuple[str, dict[str, str]]:
    """Say why a right of the stack did not decide."""
    step, first = step_of(answer), answer.decider
    if step == "closed_area":
        return "closed_area", {}
    is_rival = first is not None and right.status == first.status
    if right.status in _NOT_IN_FORCE and not is_rival:
        return right.status, {}
    if first is None:
        return "undecided", {}
    if step == "own_title" and right.own:
        return "own_also", {}
    if right.seniority is None or first.seniority is None:
        return "unordered", {}
    if step == "own_title" and right.seniority < first.seniority:
        return "own_first", {}
    if right.seniority == first.seniority:
        return "simultaneous", {}
    if right.filed_on and first.filed_on and right.filed_on > first.filed_on:
        return "later_filed", {
            "day": labels.day(right.filed_on),
            "first": labels.day(first.filed_on),
        }
    return "later", {}


def declared_right(answer: Answer, labels: Labels) -> list[str]:
    """Compare the declared right with the point."""
    row = answer.row
    code, relation, distance = (
        row[f"declared_{n}"] for n in ("right_id", "relation", "distance_m")
    )
    if code is None:
        return [labels.text("explain_declared.none")]
    key = relation or ("used" if answer.by_declared_right else "no_point")
    if relation == DeclaredRelation.AGREES and row["concession_id"] != code:
        key = "agrees_other" if row["concession_id"] else "agrees_ground"
    if relation == DeclaredRelation.EXTINCT and distance is not None:
        key = "extinct_away"
    lines = [
        labels.text(
            f"explain_declared.{key}",
            code=_with_name(answer.declared, code),
            distance=labels.metres(distance),
            decided=row["concession_id"],
        )
    ]
    if near := nearest_code(answer):
        lines.append(labels.text("explain_declared.nearest", code=near))
    same = row["declared_same_holder"]
    if same is not None and key not in ("agrees", "agrees_ground"):
        said = "same_holder" if same else "other_holder"
        lines.append(labels.text(f"explain_declared.{said}"))
    return [*lines, labels.text("explain_declared.caution")]


def nearest_code(answer: Answer) -> str | None:
    """Give the only code of the cadastre that is like an unknown declared one."""
    details = [i.detail for i in answer.issues if i.problem == "unknown_right" and i.detail]
    near = [d.removeprefix(_NEAREST) for d in details if d.startswith(_NEAREST)]
    return next((code for code in near if " " not in code), None)


def contested_by(answer: Answer) -> list[Right]:
    """Give the titles of others that go before the registrant's own."""
    first = answer.decider
    if Flag.OWN_TITLE_CONTESTED not in answer.flags or first is None:
        return []
    return [
        right
        for right in answer.of_status(ConcessionStatus.TITLED)
        if not right.own and (right.seniority or 0) < (first.seniority or 0)
    ]


def _with_name(right: Right | None, code: str) -> str:
    return f"{code} {right.name}" if right and right.name else code


def _codes(rights: list[Right]) -> str:
    return ", ".join(right.code for right in rights)
