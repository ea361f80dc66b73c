"""Which firms host the registrations of others on their titles, and how much of their ground is idle?"""

from datetime import date
from pathlib import Path

import geoasm

DATA = Path(__file__).parents[1] / "data" / "sample"

result = geoasm.analyze(
    concessions=DATA / "concessions.gpkg",
    registrations=DATA / "registrations.csv",
    profile="pe",
    tables={
        "strata": DATA / "strata.csv",  # holder -> large, medium or small-scale
        "penalties": DATA / "penalties.csv",  # right -> years of penalty, the evidence of idleness
        "holders": DATA / "holders.csv",  # holder -> RUC, so that holders match registrants surely
    },
    on=date(2026, 1, 1),
)

# Only legal entities have a name here: natural persons stay anonymous.
firms = result.holders.dropna(subset="name")
hosts = firms[firms["n_hosted"] > 0].sort_values(["n_hosted", "holder_id"], ascending=[False, True])
hosts["idle_share"] = hosts["idle_ha"] / hosts["in_force_ha"]

columns = ["name", "stratum", "n_in_force", "in_force_ha", "idle_share", "n_hosted"]
print(hosts[columns].head(10).round(2).to_string(index=False))

# How many of the hosted stand on titles of each stratum, whatever else is true of the title?
on_titles = result.registrations.query("title_relation == 'third_party'")
print(on_titles["holder_stratum"].value_counts(normalize=True).round(3).to_string())
