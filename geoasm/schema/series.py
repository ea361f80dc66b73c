"""Tables of `geoasm series`: shares of classes over runs, and what of the method changed between them."""

from __future__ import annotations

from geoasm.schema.columns import Table, columns

SERIES = Table(
    "series",
    columns(
        ("on", "date", "day of the run"),
        ("run", "text", "folder of the run"),
        ("asm_class", "text", "class in law"),
        ("registrations", "integer", "registrations of the class", "registrations"),
        ("share", "number", "of the denominator", "1"),
        ("share_low", "number", "least share under the stated position error", "1"),
        ("share_high", "number", "greatest share under the stated position error", "1"),
        ("denominator", "text", "what it is a share of"),
        ("denominator_registrations", "integer", "registrations of the denominator", "registrations"),
    ),
    key=("on", "asm_class"),
)  # fmt: skip

METHOD_CHANGES = Table(
    "method_changes",
    columns(
        ("on", "date", "day of the run"),
        ("run", "text", "folder of the run"),
        ("what", "text", "what is not as in the run before, from a closed set"),
        ("name", "text", "parameter, rule, option or role concerned; empty where it is all of it"),
        ("before", "text", "in the run before"),
        ("after", "text", "in this run"),
    ),
    key=("on", "what", "name"),
)
