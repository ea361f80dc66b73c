"""What must be so before the open way leads to formality, and what to find out first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import (
    PRECONDITION_OF_PATHWAY,
    SHAKEN_FLAGS,
    UNTESTED_FLAG,
    AsmClass,
    Flag,
    HolderActivity,
    HolderStratum,
    MissingCheck,
    Pathway,
    Role,
    TitleRelation,
)
from geoasm.schema import LIST_SEPARATOR

_ON_TITLES = (AsmClass.ON_LSM_MSM, AsmClass.ON_SMALL_SCALE, AsmClass.ON_UNKNOWN_HOLDER)
_WITH_HOLDER = (Pathway.COEXISTENCE_AGREEMENT, Pathway.ACCESS_CONTRACT, Pathway.TITLE_REFORM)


def precondition(registrations: pd.DataFrame) -> pd.Series:
    """Give the `codes.Precondition` of each registration's `pathway`."""
    codes = {str(way): str(code) for way, code in PRECONDITION_OF_PATHWAY.items()}
    return registrations["pathway"].map(codes).astype("str")


def missing_check(registrations: pd.DataFrame) -> pd.Series:
    """
    Give the first `codes.MissingCheck` that is open.

    Parameters
    ----------
    registrations
        `asm_class`, `pathway`, `title_relation`, `holder_stratum`, `holder_activity`, `n_rights`, `flags`.
    """
    asm_class, pathway = registrations["asm_class"], registrations["pathway"]
    flags = LIST_SEPARATOR + registrations["flags"].fillna("").astype("str") + LIST_SEPARATOR

    def has(*names: str) -> pd.Series:
        found = pd.Series(False, index=flags.index)
        for name in names:
            found |= flags.str.contains(f"{LIST_SEPARATOR}{name}{LIST_SEPARATOR}", regex=False)
        return found

    on_title = asm_class.isin(_ON_TITLES)
    unclear = asm_class == AsmClass.AMBIGUOUS
    closed = asm_class == AsmClass.PROHIBITED_AREA
    unknown_party = registrations["title_relation"] == TitleRelation.UNKNOWN
    stratum = registrations["holder_stratum"] == HolderStratum.UNKNOWN
    no_evidence = registrations["holder_activity"] == HolderActivity.NO_EVIDENCE
    untested = f"{UNTESTED_FLAG}{Role.PROTECTED_AREAS}"
    masks = [
        (MissingCheck.LOCATION, asm_class == AsmClass.UNLOCATABLE),
        (MissingCheck.RIGHT_STATUS, unclear & (registrations["n_rights"] <= 1)),
        (MissingCheck.RIGHTS_ORDER, unclear),
        (MissingCheck.POSITION, has(*SHAKEN_FLAGS)),
        (MissingCheck.NOTHING, closed),
        (MissingCheck.CLOSED_AREAS, has(untested)),
        (MissingCheck.REGISTRANT, on_title & unknown_party),
        (MissingCheck.HOLDER_STRATUM, on_title & stratum),
        (MissingCheck.DECLARED_RIGHT, has(Flag.DECLARED_MISMATCH)),
        (MissingCheck.HOLDER_ACTIVITY, (asm_class == AsmClass.ON_LSM_MSM) & no_evidence),
        (
            MissingCheck.FREE_FOR_CLAIMING,
            (asm_class == AsmClass.ON_EXTINCT_CLAIM) & (pathway != Pathway.CLAIM_GROUND),
        ),
        (MissingCheck.CONTRACT, pathway.isin(_WITH_HOLDER)),
        (MissingCheck.SURFACE_LAND, has(Flag.SURFACE_COMMUNITY)),
    ]
    rows = [mask.fillna(False).to_numpy(dtype=bool) for _, mask in masks]
    codes = [str(code) for code, _ in masks]
    found = np.select(rows, codes, default=str(MissingCheck.NOTHING))
    return pd.Series(found, index=registrations.index, dtype="str")
