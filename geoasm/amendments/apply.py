"""The facts of a scenario in the place of those that a run was given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd

from geoasm.amendments.choose import Chosen
from geoasm.codes import ConcessionStatus, MeasureKind, Role
from geoasm.given import Given
from geoasm.holdership import People
from geoasm.schema import OUTPUT_CRS


def amend(given: Given, people: People, chosen: Iterable[Chosen], on: date) -> Given:
    """
    Suppose what was chosen, from a day on.

    Parameters
    ----------
    given
        What the run was given, normalised; it is not changed.
    people
        Who is who: a contract is tied to the registrant's identity number.

    Returns
    -------
    given
        Lapsed rights are extinct, and may be claimed from the day on where the measure says so;
        reserved ground is a zone, as drawn; contracts are in `agreed`.
    """
    for measure in chosen:
        if not measure.concession_ids:
            continue
        if measure.measure.kind is MeasureKind.RIGHTS_LAPSE:
            given = _lapse(given, measure, on)
        elif measure.measure.kind is MeasureKind.GROUND_RESERVED:
            given = _reserve(given, measure)
        else:
            given = _sign(given, people, measure, on)
    return given


def _lapse(given: Given, chosen: Chosen, on: date) -> Given:
    rights = given.concessions.copy()
    lapsed = rights["concession_id"].isin(chosen.concession_ids)
    rights["status"] = rights["status"].mask(lapsed, ConcessionStatus.EXTINCT.value)
    if "free_on" not in rights:
        rights["free_on"] = pd.Series(pd.NaT, index=rights.index, dtype="datetime64[s]")
    free = pd.Timestamp(on) if chosen.measure.free else pd.NaT
    rights["free_on"] = rights["free_on"].mask(lapsed, free)
    return replace(given, concessions=rights)


def _reserve(given: Given, chosen: Chosen) -> Given:
    """Make zones of the rights' polygons, each in the system in which it was drawn."""
    rights = given.concessions
    rows = rights[rights["concession_id"].isin(chosen.concession_ids)]
    zones = rows[["crs_used", "drawn", "source_row", "geometry"]].assign(
        area_code=rows["concession_id"],
        name=rows.get("name", rows["concession_id"]),
        established_on=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]"),
    )
    stated = given.layers.get(Role.ASM_ZONES)
    supposed = given.supposed
    if stated is None:
        supposed |= {Role.ASM_ZONES}
    else:
        zones = pd.concat([stated, zones[[c for c in zones if c in stated]]])
    zones = gpd.GeoDataFrame(zones.reset_index(drop=True), geometry="geometry", crs=OUTPUT_CRS)
    return replace(given, layers={**given.layers, Role.ASM_ZONES: zones}, supposed=supposed)


def _sign(given: Given, people: People, chosen: Chosen, on: date) -> Given:
    registered = given.registrations["registration_id"]
    # The right on which each signs is the one that decided in the baseline.
    rows = pd.DataFrame({"registration_id": chosen.registration_ids})
    rows["concession_id"] = pd.Series(chosen.signs_for, dtype="str")
    numbers = people.parties.frame.set_index("party_id")["ruc"]
    ruc = people.parties.registrant.map(numbers).set_axis(registered.to_numpy())
    rows["ruc"] = rows["registration_id"].map(ruc[~ruc.index.duplicated()])
    rows["signed_on"] = pd.Timestamp(on).as_unit("s")
    new = rows.dropna(subset=["ruc"])[["concession_id", "ruc", "signed_on"]]
    agreed = new if given.agreed is None else pd.concat([given.agreed, new])
    return replace(given, agreed=agreed.drop_duplicates().reset_index(drop=True))
