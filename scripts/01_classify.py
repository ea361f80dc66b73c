"""Classify registrations against mining rights, look at the answer, and save the run."""

from datetime import date
from pathlib import Path

import geoasm

# Put your own files here: any vector file, or a CSV or XLSX with coordinates.
DATA = Path(__file__).parents[1] / "data" / "sample"

result = geoasm.analyze(
    concessions=DATA / "concessions.gpkg",
    registrations=DATA / "registrations.csv",
    profile="pe",
    layers={
        "protected_areas": DATA / "protected_areas.gpkg",
        "asm_zones": DATA / "asm_zones.gpkg",
        "admin": DATA / "admin.gpkg",
    },
    tables={"strata": DATA / "strata.csv", "penalties": DATA / "penalties.csv"},
    on=date(2026, 1, 1),  # the day whose law counts
)

# One row per registration: a GeoDataFrame like any other.
registrations = result.registrations
print(registrations["asm_class"].value_counts().to_string())

# Why does the first one on a large holder's title stand where it stands?
first = registrations[registrations["asm_class"] == "on_lsm_msm"].iloc[0]
print(first[["registration_id", "concession_id", "rule_id", "reference", "pathway"]].to_string())

# Rows that could not be used as they were, and what became of them.
print(result.issues.groupby(["problem", "action"]).size().to_string())

# A folder with GeoPackage, Parquet, map and report.
print(result.save("out/scripts/classify", overwrite=True))
