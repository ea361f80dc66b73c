"""Rows of side tables that cannot be used, or that say the same thing twice."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geoasm import issues
from geoasm.codes import Action, Problem, Role
from geoasm.model import PartyRules
from geoasm.parsing.text import is_among
from geoasm.parties import Parties, name_keys

_KEYS: Mapping[Role, tuple[str, ...]] = {
    Role.PENALTIES: ("concession_id", "year"),
    Role.CONTRACTS: ("concession_id", "ruc"),
    Role.PRODUCTION_UNITS: ("concession_id",),
    Role.PERMITS: ("concession_id", "permit", "granted_on"),
    Role.HOLDERS: ("holder_name", "ruc"),
    Role.ALIASES: ("spelling", "holder_name", "ruc", "same"),
    Role.IGAFOM: ("registration_id", "stage"),
    Role.ASSESSMENTS: ("concession_id", "holder_name", "factor", "assessed_on"),
}
_PRIVATE = frozenset({"holder_name", "spelling", "ruc"})


def settle(
    tables: Mapping[Role, pd.DataFrame], known_rights: pd.Series, known_registrations: pd.Series
) -> tuple[dict[Role, pd.DataFrame], pd.DataFrame]:
    """
    Set aside what no run can use: rows of unknown rights or registrations, repeated rows, amounts
    below nought, assessments beyond 0 and 1.

    Parameters
    ----------
    tables
        Normalised side tables by role.
    known_rights, known_registrations
        Codes of the cadastre and of the register.

    Returns
    -------
    tables, issues
        The rows that are left, index anew.
    """
    settled, found = {}, []
    for role, table in tables.items():
        gone = pd.Series(False, index=table.index)
        if "concession_id" in table:
            named = table["concession_id"]
            gone |= named.notna() & ~is_among(named, known_rights)
            found.append(
                _set_aside(role, Problem.UNKNOWN_RIGHT, table[gone], "concession_id",
                           "the cadastre has no right of this code")
            )  # fmt: skip
        if "registration_id" in table:
            strange = ~is_among(table["registration_id"], known_registrations)
            found.append(
                _set_aside(role, Problem.UNKNOWN_REGISTRATION, table[strange], "registration_id",
                           "the register has no registration of this code")
            )  # fmt: skip
            gone |= strange
        if role in _KEYS:
            by = [name for name in _KEYS[role] if name in table]
            # Which row stays follows from what they say, not from their order.
            rest = [name for name in table if name not in (*by, "source_row")]
            again = table[~gone].sort_values([*by, *rest]).duplicated(by)
            again = again.reindex(table.index, fill_value=False)
            found.append(
                _set_aside(role, Problem.DUPLICATE_RECORD, table[again], by[0],
                           f"another row has the same {' and '.join(by)}")
            )  # fmt: skip
            gone |= again
        for name in ("amount", "ore_t"):
            if name in table:
                below = ~gone & (table[name] < 0).fillna(False).astype(bool)
                found.append(
                    _set_aside(role, Problem.NEGATIVE_AMOUNT, table[below], name,
                               "no amount can be below nought")
                )  # fmt: skip
                gone |= below
        if "value" in table:
            beyond = ~gone & ~table["value"].between(0, 1)
            found.append(
                _set_aside(role, Problem.OUT_OF_RANGE, table[beyond], "value",
                           "an assessment goes from 0 (nothing speaks for it) to 1")
            )  # fmt: skip
            gone |= beyond
        settled[role] = table[~gone].reset_index(drop=True)
    return settled, issues.join(found)


def _set_aside(
    role: Role, problem: Problem, rows: pd.DataFrame, field: str, detail: str
) -> pd.DataFrame:
    return issues.make(
        role,
        problem,
        Action.SET_ASIDE,
        rows["source_row"],
        ids=rows.get("concession_id"),
        field=field,
        values=rows[field],
        detail=detail,
        private=field in _PRIVATE,
    )


def doubt_holders(
    tables: Mapping[Role, pd.DataFrame], parties: Parties, rules: PartyRules
) -> pd.DataFrame:
    """List rows of tables about holders that name nobody of the cadastre."""
    info = parties.frame
    holds = info["party_id"].isin(parties.members["member_id"])
    keys = set(info.loc[holds, "keys"].explode().dropna())
    numbers = set(info.loc[holds, "ruc"].dropna())
    found = []
    for role in (Role.STRATA, Role.HOLDERS, Role.PRODUCTION, Role.ALIASES, Role.ASSESSMENTS):
        table = tables.get(role)
        if table is None or "holder_name" not in table:
            continue
        named = name_keys(table["holder_name"], rules, known=parties.texts)["key"]
        met = is_among(named, keys)
        if "ruc" in table and role is not Role.ALIASES:
            met |= is_among(table["ruc"], numbers)
        elsewhere = table["concession_id"].notna() if "concession_id" in table else False
        lost = table[named.notna() & ~met & ~elsewhere]
        found.append(
            issues.make(
                role,
                Problem.UNKNOWN_HOLDER,
                Action.DOUBTED,
                lost["source_row"],
                field="holder_name",
                values=lost["holder_name"],
                detail="no right of the cadastre has this holder",
                private=True,
            )
        )
    return issues.join(found)
