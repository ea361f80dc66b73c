"""Figures of a report, drawn from what its tables count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from geoasm.codes import AsmClass, HolderStratum
from geoasm.render.charts import Day, Part, Stack, stacks, timeline
from geoasm.render.figures import LINE, NARROW, PLAIN, Bar, Figure, bars
from geoasm.render.labels import Labels
from geoasm.render.styles import CLASS_STYLES, AreaStyle, PointStyle
from geoasm.render.swatches import swatch
from geoasm.render.tables import region_level, region_name

Row = Mapping[str, Any]

FUNNEL_DEPTH = {
    "all": 0,
    "extraction": 1,
    "located": 2,
    "inside_any_right": 3,
    "on_title_in_force": 4,
    "own_title": 5,
    "third_party": 5,
    "third_party_lsm_msm": 6,
    "third_party_small_scale": 6,
    "third_party_small_scale_presumed": 7,
    "third_party_unknown": 6,
    "title_unknown": 5,
    "on_title_lsm_msm": 5,
    "on_title_small_scale": 5,
    "on_title_stratum_unknown": 5,
    "by_declared_right": 2,
}
_MOST_REGIONS = 25
_RIGHT, _RIGHT_OF = 114, 184  # room for a count and its share, and for what that is a share of
_YEAR = 365.25
_MOST_CLASSES = 8  # of a figure of regions: the others are one part
_UNSEEN = 0.0005  # a share that no figure shows and no reader hears of
_REST = PointStyle("#6e6e6e", "")
_STRATUM_STYLES = {
    HolderStratum.LSM_MSM: CLASS_STYLES[AsmClass.ON_LSM_MSM],
    HolderStratum.SMALL_SCALE: CLASS_STYLES[AsmClass.ON_SMALL_SCALE],
    HolderStratum.UNKNOWN: CLASS_STYLES[AsmClass.ON_UNKNOWN_HOLDER],
}
_OURS = {
    "with_presumed": "report.ours_with_presumed",
    "without_presumed": "report.ours_without_presumed",
}
_PUBLISHED = ("lsm_msm_share_of_third_party", "small_scale_share_of_third_party")


def funnel_figure(rows: Sequence[Row], labels: Labels) -> Figure | None:
    """Draw each step as a bar within the bar of what it is a part of."""
    found = {row["step"]: row for row in rows}
    made = [
        Bar(
            labels.text(f"step.{step}"),
            float(found[step]["registrations"]),
            _step_text(step, found[step], labels),
            PointStyle(PLAIN, ""),
            float(found[step]["denominator_registrations"]),
            _counted_span(found[step]),
            depth,
        )
        for step, depth in FUNNEL_DEPTH.items()
        if step in found
    ]
    return _drawn(made, labels.text("report.funnel_note"), "funnel-figure", right=_RIGHT_OF)


def _step_text(step: str, row: Row, labels: Labels) -> str:
    count = labels.number(row["registrations"])
    if step == "all" or row["share"] is None:
        return count
    return labels.text(
        "report.step_share",
        count=count,
        share=labels.percent(row["share"]),
        total=labels.number(row["denominator_registrations"]),
    )


def _counted_span(row: Row) -> tuple[float, float] | None:
    """Give the range of a count, where its share has any."""
    low, high = row.get("share_low"), row.get("share_high")
    if low is None or high is None or high - low < 0.001:
        return None
    whole = row["denominator_registrations"]
    return low * whole, high * whole


def class_figure(rows: Sequence[Row], labels: Labels) -> Figure | None:
    """Draw the classes, the most numerous first."""
    made = [
        Bar(
            labels.class_name(row["asm_class"]),
            float(row["registrations"]),
            _count_share(row, labels),
            CLASS_STYLES[AsmClass(row["asm_class"])],
            span=_counted_span(row),
        )
        for row in sorted(rows, key=lambda row: -row["registrations"])
    ]
    return _drawn(made, labels.text("report.figure_classes"), "classes-figure")


def pathway_figure(rows: Sequence[Row], labels: Labels) -> Figure | None:
    """Draw the pathways, the most numerous first."""
    made = [
        Bar(
            labels.code("pathway", row["pathway"]),
            float(row["registrations"]),
            _count_share(row, labels),
        )
        for row in sorted(rows, key=lambda row: -row["registrations"])
    ]
    return _drawn(made, labels.text("report.figure_pathways"), "pathways-figure")


def band_figure(bands: Sequence[tuple[str, int]], labels: Labels) -> Figure | None:
    """Draw how many registrations have a class of which certainty."""
    whole = sum(count for _, count in bands)
    made = [
        Bar(
            name,
            float(count),
            _count_share({"registrations": count, "share": count / whole}, labels),
        )
        for name, count in bands
        if whole
    ]
    return _drawn(made, labels.text("report.figure_certainty"), "certainty-figure")


def _count_share(row: Row, labels: Labels) -> str:
    count, share = labels.number(row["registrations"]), labels.percent(row["share"])
    return labels.text("report.count_share", count=count, share=share)


def _drawn(rows: Sequence[Bar], caption: str, name: str, right: float = _RIGHT) -> Figure | None:
    if not rows:
        return None
    said = _spoken(caption, [(row.name, row.text) for row in rows])
    return Figure(bars(rows, said, name, width=NARROW, right=right), caption)


def _spoken(caption: str, rows: Sequence[tuple[str, str]]) -> str:
    return f"{caption} " + "; ".join(f"{name}: {text}" for name, text in rows)


def _named(parts: Sequence[Part]) -> str:
    """Say the parts that there are."""
    return ", ".join(f"{p.text} {p.name}".strip() for p in parts if p.share > _UNSEEN)


def region_figure(rows: Sequence[Row], labels: Labels) -> Figure | None:
    """Draw each region as one bar cut into classes; beyond the largest, the regions are one row."""
    if not rows:
        return None
    wide = _regions(pd.DataFrame(rows), labels)
    if len(wide) < 3:  # the whole and its only part
        return None
    classes = _largest_classes(wide.iloc[0])
    made = [
        Stack(str(name), _region_parts(counts, classes, labels), labels.number(counts.sum()))
        for name, counts in wide.iterrows()
    ]
    caption = labels.text("report.figure_regions")
    legend = [(swatch(CLASS_STYLES[c]), labels.class_name(c)) for c in classes]
    legend.append((_open_swatch(_REST.color), labels.text("report.other_classes")))
    said = _spoken(caption, [(r.name, f"{r.text}: {_named(r.parts)}") for r in made])
    return Figure(stacks(made, said, "regions-figure", beside=True), caption, legend)


def _regions(frame: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Count classes in the regions of the level that is shown, the largest first."""
    places = frame[["admin_1", "admin_2", "admin_3"]].fillna("").to_numpy(dtype=object)
    is_named = places != ""
    depth = is_named.sum(axis=1)
    finest = (is_named * [1, 2, 3]).max(axis=1)
    shown = frame[(finest == region_level(frame)) | (depth == 0)]
    names = [region_name(place, "") for place in places[shown.index]]
    wide = shown.pivot_table(
        index=pd.Series(names, index=shown.index, name="region"),
        columns="asm_class",
        values="registrations",
        aggfunc="sum",
        fill_value=0,
    )
    nowhere = wide.loc[wide.index == ""].rename({"": labels.text("common.no_region")})
    wide = wide.loc[wide.index != ""]
    wide = wide.loc[wide.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    total = frame[depth <= 1].groupby("asm_class")["registrations"].sum()
    total = total.to_frame(labels.text("report.all_regions")).T
    parts = [total, wide.head(_MOST_REGIONS)]
    others = wide.iloc[_MOST_REGIONS:]
    if len(others):
        name = labels.text("report.other_regions", n=labels.number(len(others)))
        parts.append(others.sum().to_frame(name).T)
    return pd.concat([*parts, nowhere]).fillna(0)


def _largest_classes(counts: pd.Series) -> list[AsmClass]:
    """Give the classes that there is most of, in their own order."""
    found = counts[counts > 0].sort_values(ascending=False, kind="stable")
    largest = set(found.index[:_MOST_CLASSES])
    return [c for c in AsmClass if str(c) in largest]


def _region_parts(counts: pd.Series, classes: Sequence[AsmClass], labels: Labels) -> list[Part]:
    whole = counts.sum() or 1
    shares = {c: float(counts.get(str(c), 0)) / whole for c in classes}
    parts = [
        Part(share, labels.percent(share, 0), CLASS_STYLES[c], name=labels.class_name(c))
        for c, share in shares.items()
    ]
    rest = max(0.0, 1.0 - sum(shares.values()))
    others = labels.text("report.other_classes")
    return [*parts, Part(rest, labels.percent(rest, 0), _REST, is_open=True, name=others)]


def _open_swatch(color: str) -> Markup:
    return swatch(AreaStyle(color, (), 1.5))


def stratum_figure(summary: Mapping[str, Any], labels: Labels) -> Figure | None:
    """Draw published splits by stratum over ours: all, the known ones, and without the presumed."""
    ours = _strata_of_all(summary["funnel"], labels)
    if ours is None:
        return None
    made = [
        *_published_strata(summary["published"], labels),
        ours,
        *_strata_of_known(summary["tables"].get("stratum_split", []), labels),
    ]
    caption = labels.text("report.figure_strata")
    legend = [(swatch(s), labels.code("holder_stratum", c)) for c, s in _STRATUM_STYLES.items()]
    small = _STRATUM_STYLES[HolderStratum.SMALL_SCALE]
    presumed = labels.text("step.third_party_small_scale_presumed")
    legend.insert(2, (_open_swatch(small.color), presumed))
    said = _spoken(caption, [(r.name, _named(r.parts)) for r in made])
    return Figure(stacks(made, said, "strata-figure"), caption, legend)


def _published_strata(rows: Sequence[Row], labels: Labels) -> list[Stack]:
    split: dict[tuple[str, int], dict[str, float]] = {}
    for row in rows:
        if row["figure"] in _PUBLISHED:
            split.setdefault((row["reference"], row["year"]), {})[row["figure"]] = row["value"]
    made = []
    for (reference, year), found in split.items():
        shares = [found.get(figure, 0.0) for figure in _PUBLISHED]
        strata = (HolderStratum.LSM_MSM, HolderStratum.SMALL_SCALE)
        parts = [
            Part(
                share,
                published_percent(share, labels),
                _STRATUM_STYLES[stratum],
                name=labels.code("holder_stratum", stratum),
            )
            for share, stratum in zip(shares, strata, strict=True)
        ]
        rest = max(0.0, 1.0 - sum(shares))
        if rest > 0.001:
            parts.append(Part(rest, labels.text("report.not_said"), PointStyle(LINE, ""), True))
        name = labels.text("report.published_row", reference=reference, year=year)
        made.append(Stack(name, parts))
    return made


def published_percent(share: float, labels: Labels) -> str:
    """Write a published share with the decimals that its source has."""
    return labels.percent(share, 0 if round(share * 100, 6).is_integer() else 1)


def _strata_of_all(funnel: Sequence[Row], labels: Labels) -> Stack | None:
    steps = {row["step"]: row for row in funnel}
    names = ("lsm_msm", "small_scale", "small_scale_presumed", "unknown")
    found = [steps.get(f"third_party_{name}") for name in names]
    lsm, small, presumed, unknown = found
    if lsm is None or small is None or lsm["share"] is None:
        return None
    known = small["share"] - (presumed["share"] if presumed else 0.0)
    shares = (lsm["share"], known, small["share"] - known, unknown["share"] if unknown else 0.0)
    span = _counted_span({**lsm, "denominator_registrations": 1.0})
    name = labels.text("report.ours_all", n=labels.number(lsm["denominator_registrations"]))
    return Stack(name, _strata_parts(shares, labels), span=span)


def _strata_parts(shares: Sequence[float], labels: Labels) -> list[Part]:
    """Cut into large and medium, small as known, small as presumed, unknown."""
    looks = [(style, labels.code("holder_stratum", s)) for s, style in _STRATUM_STYLES.items()]
    presumed = labels.text("step.third_party_small_scale_presumed")
    looks.insert(2, (PointStyle(looks[1][0].color, ""), presumed))
    return [
        Part(share, labels.percent(share), style, is_open=i == 2, name=name)
        for i, (share, (style, name)) in enumerate(zip(shares, looks, strict=True))
    ]


def _strata_of_known(rows: Sequence[Row], labels: Labels) -> list[Stack]:
    made = []
    by_count = {(row["counted"], row["holder_stratum"]): row for row in rows}
    for counted in dict.fromkeys(row["counted"] for row in rows):
        lsm = by_count.get((counted, HolderStratum.LSM_MSM))
        small = by_count.get((counted, HolderStratum.SMALL_SCALE))
        if lsm is None or small is None:  # all of one stratum: a bar would say more than is known
            continue
        whole = small["denominator_registrations"]
        stated = by_count.get(("without_presumed", HolderStratum.SMALL_SCALE))
        sure = min(small["registrations"], stated["registrations"] if stated else 0) / whole
        shares = (lsm["share"], sure, small["share"] - sure, 0.0)
        name = labels.text(_OURS[counted], n=labels.number(whole))
        made.append(Stack(name, _strata_parts(shares, labels)))
    return made


def dates_figure(sources: Sequence[Row], on: str, labels: Labels) -> tuple[Figure | None, str]:
    """Draw the days of the data before the day of the run; say which data have none."""
    by_day: dict[str, list[str]] = {}
    undated: list[str] = []
    for row in sources:
        role = labels.role(row["role"])
        known = undated if not row["data_on"] else by_day.setdefault(str(row["data_on"])[:10], [])
        if role not in known:
            known.append(role)
    left_out = ""
    if undated:
        left_out = labels.text(
            "report.undated", n=labels.number(len(undated)), roles=", ".join(undated)
        )
    if not by_day:
        return None, left_out
    ran = date.fromisoformat(on[:10])
    made = [_day(day, roles, ran, labels) for day, roles in sorted(by_day.items())]
    caption = labels.text("report.figure_dates")
    said = f"{caption} " + "; ".join(row.name for row in made)
    of_run = Day(labels.text("report.run_day", date=labels.day(ran)), ran)
    return Figure(timeline(made, of_run, said, "dates-figure"), caption), left_out


def _day(text: str, roles: Sequence[str], ran: date, labels: Labels) -> Day:
    day = date.fromisoformat(text)
    days = (ran - day).days
    key = "same_day" if not days else "before" if days > 0 else "after"
    apart = abs(days)
    told = (
        labels.text("report.days", n=labels.number(apart))
        if apart < 2 * _YEAR
        else labels.text("report.years", n=labels.number(apart / _YEAR, 1))
    )
    when = labels.text(f"report.{key}", time=told)
    name = labels.text("report.day_row", roles=", ".join(roles), date=labels.day(day), when=when)
    return Day(name, day)
