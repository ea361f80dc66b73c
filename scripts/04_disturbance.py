"""How much ground is disturbed on each mining right, and since when does it grow?"""

import sys
from datetime import date
from pathlib import Path

import geoasm

DATA = Path(__file__).parents[1] / "data" / "sample"

# python scripts/04_disturbance.py PROFILE CADASTRE RASTER…   the year of a raster is in its name
profile, cadastre, *rasters = sys.argv[1:] or [
    "pe",
    DATA / "concessions.gpkg",
    *sorted(DATA.glob("activity_*.tif")),
]

result = geoasm.measure_disturbance(cadastre, rasters, profile=profile, on=date.today())

# Rights of which the raster shows too little have no figures: unknown is not zero.
rights = result.concessions.dropna(subset="disturbed_ha")
print(f"{len(rights)} of {len(result.concessions)} rights are shown by the rasters")

columns = ["concession_id", "status", "area_ha", "disturbed_ha", "disturbed_share", "growth_ha"]
years = ["disturbed_year", "first_disturbed_year", "first_growth_year", "last_growth_year"]
most = rights.sort_values(["disturbed_ha", "concession_id"], ascending=[False, True])
print(most[columns + years].head(10).round(3).to_string(index=False))

# A footprint says that the ground is worked, not by whom; in hard rock none says nothing.
print(result.years.groupby("year")["disturbed_ha"].sum().round(1).to_string())

# Rasters of other years or grids, and values without a meaning, are told.
print(result.issues.query("source == 'activity'")[["problem", "value", "detail"]].to_string())
