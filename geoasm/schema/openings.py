"""Tables of `geoasm openings`: whole cells of the grid that are free, and the clusters that they serve."""

from __future__ import annotations

from geoasm.schema.columns import Table, columns

OPENINGS = Table(
    "openings",
    columns(
        ("cell_id", "text", "zone, and kilometres east and north of the south-western corner"),
        ("zone", "text", "zone of the grid in which the cell lies whole"),
        ("west_m", "number", "easting of the western edge in the zone", "m"),
        ("south_m", "number", "northing of the southern edge in the zone", "m"),
        ("ground", "text", "free, extinct_free, extinct_until, extinct_unknown or anap"),
        ("possible", "text", "claim, or reserve where nobody may claim it on the run's day"),
        (
            "free_on",
            "date",
            "day from which all extinct rights on it are free for claiming; empty where not known",
        ),
        ("extinct_ids", "text", "extinct rights on it, joined by ;"),
        ("restricted", "text", "areas that restrict mining and touch it, as codes joined by ;"),
        ("cluster_ids", "text", "clusters within the ring, joined by ;"),
        ("n_registrations", "integer", "registrations whose point it holds", "registrations"),
        (
            "distance_m",
            "number",
            "to the nearest registration of these clusters on extinct or open ground; 0 inside",
            "m",
        ),
        ("admin_1", "text", "first-level region of its centre, where the layer was given"),
        ("admin_2", "text", "second-level region"),
        ("admin_3", "text", "third-level region"),
        ("area_ha", "number", "planar area in the zone", "ha"),
        ("geometry", "geometry", "square of the grid", "degree"),
    ),
    key=("cell_id",),
)

OPENING_CLUSTERS = Table(
    "opening_clusters",
    columns(
        ("cluster_id", "integer", "run-local number of the cluster"),
        ("n_registrations", "integer", "registrations of the cluster", "registrations"),
        ("n_open", "integer", "of these, on open ground", "registrations"),
        ("n_extinct", "integer", "of these, on extinct ground", "registrations"),
        ("n_standing", "integer", "of these, inside an opening", "registrations"),
        ("standing_share", "number", "n_standing of n_registrations", "1"),
        ("n_cells", "integer", "whole cells within the ring: those looked at", "cells"),
        ("n_openings", "integer", "of these, openings", "cells"),
        ("n_free", "integer", "openings without any right", "cells"),
        ("n_extinct_free", "integer", "on extinct ground that is free for claiming", "cells"),
        ("n_extinct_until", "integer", "on extinct ground that is free later", "cells"),
        ("n_extinct_unknown", "integer", "on extinct ground, day not known", "cells"),
        ("n_anap", "integer", "where no claims are admitted", "cells"),
        ("open_ha", "number", "ground of its openings", "ha"),
        ("claim_ha", "number", "of this, such as can be claimed on the run's day", "ha"),
        ("block_ha", "number", "largest block of openings that share edges", "ha"),
        ("claim_block_ha", "number", "largest block that can be claimed on the run's day", "ha"),
        (
            "fewest_claims",
            "integer",
            "claims of the greatest size allowed that cover that block at least; 0 below the least size",
            "claims",
        ),
        (
            "free_on",
            "date",
            "earliest day from which an opening on extinct ground is free for claiming",
        ),
        ("blocked_by", "text", "what blocks its other cells, as reason=cells joined by ;"),
        ("admin_1", "text", "first-level region of most of its registrations"),
        ("admin_2", "text", "second-level region"),
        ("admin_3", "text", "third-level region"),
        ("geometry", "geometry", "convex hull of the points with a margin", "degree"),
    ),
    key=("cluster_id",),
)
