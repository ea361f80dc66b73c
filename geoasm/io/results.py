"""Run folders: a Result to files and back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio

from geoasm import issues, schema
from geoasm.codes import LAYER_ROLES
from geoasm.errors import OutputError, RunNotFound, SchemaError
from geoasm.held import as_held
from geoasm.io import atomic, formats, geopackage, writers
from geoasm.io.geopackage import Layer
from geoasm.io.kinds import FolderKind, unreplaced
from geoasm.io.paths import is_there
from geoasm.manifest import RUN_FORMAT, RUN_FORMAT_VERSION, plain
from geoasm.memory import collected_later
from geoasm.model import Result
from geoasm.schema import Column, Table

MANIFEST, SUMMARY = "manifest.json", "summary.json"
GEOPACKAGE, CONTEXT = "geoasm.gpkg", "context.gpkg"
PRIVATE, REVIEW = "private", "review"
RUN = FolderKind(RUN_FORMAT, RUN_FORMAT_VERSION, MANIFEST, "a run of geoasm")

PUBLIC_TABLES = (
    schema.REGISTRATIONS,
    schema.CONCESSIONS,
    schema.PAIRS,
    schema.OVERLAPS,
    *schema.PROSPECTS,
    schema.HOLDERS,
    schema.EVIDENCE,
    schema.DISTURBANCE,
    schema.TERRITORY,
)
# Rows may say the same of two pieces, or of two places whose names are hidden.
_KEYLESS = (schema.EVIDENCE, schema.SIGNS)
RAW_ISSUES = Table(
    schema.ISSUES.name,
    (*schema.ISSUES.columns, Column("private", "boolean", "the value is personal", private=True)),
    key=schema.ISSUES.key,
    private=True,
)

_LAYERS = (
    (schema.REGISTRATIONS, "Point", "Registrations, each with its class in law"),
    (schema.CONCESSIONS, "Polygon", "Mining rights of every status"),
    (schema.CANDIDATES, "Polygon", "Rights that pass every gate to coexistence"),
    (schema.VERIFY_FIRST, "Polygon", "Rights of which something must be found out first"),
    (schema.CLUSTERS, "Polygon", "Registrations that stand together"),
    (schema.NEAR_OUTSIDE, "Point", "Registrations near an active holder's rights and outside them"),
    (schema.OVERLAPS, "Polygon", "Ground that two rights share"),
    (schema.PIECES, "Polygon", "Disjoint pieces of the rights"),
    (schema.ISSUES, None, "Rows mended, doubted or set aside"),
)
# What a context layer shows in public: the ground and its names, nothing of who holds it.
_CONTEXT_COLUMNS = (
    *("name", "area_type", "area_code", "level", "level_code", "established_on"),
    *("admin_1", "admin_2", "admin_3", "substance", "stage", "unit_type"),
)
_MANIFEST_KEYS = ("inputs", "law", "options", "profile", "versions")
_SUMMARY_KEYS = ("on", "profile", "language", "sources", "counts")
_REQUIRED = (
    MANIFEST,
    SUMMARY,
    GEOPACKAGE,
    *(f"{table.name}.parquet" for table in PUBLIC_TABLES),
)


def save_result(
    result: Result,
    folder: Path,
    *,
    overwrite: bool = False,
    pages: Mapping[str, str] | None = None,
    private_pages: Mapping[str, str] | None = None,
    styles: Sequence[Mapping[str, object]] = (),
    raw_issues: pd.DataFrame | None = None,
) -> Path:
    """
    Write a run folder, whole or not at all.

    Parameters
    ----------
    overwrite
        Replace a run that is there. A folder that is neither empty nor a run is never replaced.
    pages
        Pages to put beside the tables: file name to HTML text.
    private_pages
        Pages with names in them, and what else only the owner may read; they go into `private/`.
    styles
        Rows of `layer_styles` of the GeoPackages, by its column names.
    raw_issues
        Issues with their personal values and a column `private`; taken from `result.issues`
        where that has this column. Only `private/` holds them as they are.

    Returns
    -------
    folder

    Raises
    ------
    OutputExists
        The folder exists, and `overwrite` was not asked for.
    OutputError
        The folder is no run and would be destroyed, or the disk refuses.
    SchemaError
        A table does not fit its schema.
    """
    raw = result.issues if raw_issues is None and "private" in result.issues else raw_issues
    arranged = arrange_public(result, raw)
    with collected_later(), RUN.written(folder, overwrite=overwrite) as fresh:
        _write_tables(fresh, arranged, result, styles)
        _write_private(fresh / PRIVATE, result.parties, raw)
        _write_review(fresh / PRIVATE / REVIEW, result.review)
        for place, texts in ((fresh, pages), (fresh / PRIVATE, private_pages)):
            for name, text in (texts or {}).items():
                if Path(name).name != name or (place / name).exists():
                    raise OutputError(f"a page cannot be called {name!r}: name a new file")
                atomic.write_text(place / name, text)
        RUN.write_record(result.manifest, fresh)
    return folder


def arrange_public(result: Result, raw_issues: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """
    Put every table that may be published into the form in which it is written.

    Parameters
    ----------
    raw_issues
        Issues with a column `private`, of which the personal values are hidden; None: those of the
        result are public as they are.

    Returns
    -------
    arranged
        Name of the table to its rows; `pieces` where there are some.
    """
    public = result.issues if raw_issues is None else issues.publish(raw_issues)
    arranged = {
        t.name: writers.arrange(as_held(result, t.name), t, unique=t not in _KEYLESS)
        for t in PUBLIC_TABLES
    }
    arranged[schema.ISSUES.name] = writers.arrange(public, schema.ISSUES, unique=False)
    if len(result.pieces):
        arranged[schema.PIECES.name] = writers.arrange(result.pieces, schema.PIECES)
    return arranged


def load_result(folder: str | Path, *, only: Collection[Table] | None = None) -> Result:
    """
    Read a run folder back.

    Without `private/` the run has no parties, and its issues are those published; with it,
    `issues` carries the personal values and a column `private`.

    Parameters
    ----------
    folder
        Where the run was written.
    only
        Public tables to read; the others, issues and lists to review come empty, for callers that have
        no use for them.

    Returns
    -------
    result
        The frames of the run, geometry in EPSG:4326, with its summary and manifest.

    Raises
    ------
    RunNotFound
        The folder is not a complete run; the text says what is missing or unreadable.
    """
    folder = Path(folder)
    with unreplaced(folder):
        return _load(folder, only)


def _load(folder: Path, only: Collection[Table] | None) -> Result:
    if not is_there(folder) or not folder.is_dir():
        what = "is a file" if is_there(folder) else "no such folder"
        raise RunNotFound(f"{folder}: {what}; name the --out of a run")
    missing = [name for name in _REQUIRED if not (folder / name).is_file()]
    if MANIFEST in missing:
        raise RunNotFound(
            f"{folder} is no run of geoasm: it has no {MANIFEST}; name the --out of a run"
        )
    manifest = _read_json(folder, MANIFEST)
    RUN.check_version(manifest, folder, "run it again")
    summary = _read_json(folder, SUMMARY) if SUMMARY not in missing else {}
    missing += _not_said(manifest, summary, folder)
    if missing:
        raise RunNotFound(
            f"{folder} is not a complete run: {', '.join(missing)} is missing; run it again"
        )
    some = {table.name for table in PUBLIC_TABLES} if only is None else {t.name for t in only}
    return Result(
        **{
            t.name: _read_table(folder, t) if t.name in some else schema.empty(t)
            for t in PUBLIC_TABLES
        },
        issues=_read_issues(folder) if only is None else schema.empty(schema.ISSUES),
        parties=_read_private(folder, schema.PARTIES, "parties.parquet"),
        summary=summary,
        manifest=manifest,
        context=_read_context(folder),
        pieces=_read_pieces(folder) if only is None else schema.empty(schema.PIECES),
        review=_read_review(folder / PRIVATE / REVIEW) if only is None else {},
    )


def _not_said(manifest: Mapping[str, Any], summary: Mapping[str, Any], folder: Path) -> list[str]:
    """Name what a run's records lack, and the context layers where some were given and none are there."""
    lacking = [f"{MANIFEST}: {key}" for key in _MANIFEST_KEYS if key not in manifest]
    if summary:
        lacking += [f"{SUMMARY}: {key}" for key in _SUMMARY_KEYS if key not in summary]
    given = {row.get("role") for row in manifest.get("inputs", []) if isinstance(row, dict)}
    if given & set(LAYER_ROLES) and not (folder / CONTEXT).is_file():
        lacking.append(CONTEXT)
    return lacking


def _write_tables(
    folder: Path,
    arranged: Mapping[str, pd.DataFrame],
    result: Result,
    styles: Sequence[Mapping[str, object]],
) -> None:
    """Write every table as Parquet, and as a layer what is one, one after the other."""
    day = str(result.summary.get("on") or "1970-01-01")
    layers = _layers(folder, arranged)
    geopackage.write_layers(folder / GEOPACKAGE, layers, changed_on=day, styles=styles)
    layered = {table.name for table, *_ in _LAYERS}
    for table in PUBLIC_TABLES:
        if table.name not in layered:
            writers.write_parquet(arranged[table.name], table, _parquet(folder, table))
    for write in formats.FORMATS:
        write(folder, formats.Published(arranged, result.summary))
    _write_json(result.summary, folder / SUMMARY)
    context = [_context_layer(role, frame) for role, frame in sorted(result.context.items())]
    if context:
        geopackage.write_layers(folder / CONTEXT, context, changed_on=day, styles=styles)


def _layers(folder: Path, arranged: Mapping[str, pd.DataFrame]) -> Iterator[Layer]:
    """Give the layers in their order; each as it was just written as Parquet, but for issues."""
    for table, kind, told in _LAYERS:
        if table.name in arranged:
            yield _layer(folder, arranged[table.name], table, kind, told)


def _layer(folder: Path, frame: pd.DataFrame, table: Table, kind: str | None, told: str) -> Layer:
    arrow = None
    if table is not schema.ISSUES:
        arrow = writers.write_parquet(frame, table, _parquet(folder, table))
    return Layer(frame, table, kind, told, arrow)


def _parquet(folder: Path, table: Table) -> Path:
    return folder / f"{table.name}.parquet"


def _write_json(content: Mapping[str, Any], path: Path) -> None:
    atomic.write_text(path, writers.indented_json(plain(content)) + "\n")


def _write_private(folder: Path, parties: pd.DataFrame, raw: pd.DataFrame | None) -> None:
    folder.mkdir()
    folder.chmod(0o700)
    arranged = writers.arrange(parties, schema.PARTIES)
    writers.write_parquet(arranged, schema.PARTIES, folder / "parties.parquet")
    if raw is not None:
        arranged = writers.arrange(raw, RAW_ISSUES, unique=False)
        writers.write_parquet(arranged, RAW_ISSUES, folder / "issues.parquet")


def _write_review(folder: Path, lists: Mapping[str, pd.DataFrame]) -> None:
    folder.mkdir()
    for name, rows in lists.items():
        writers.write_csv(rows, folder / f"{name}.csv")


def _context_layer(role: str, frame: pd.DataFrame) -> Layer:
    kinds = set(frame.geometry.geom_type.dropna().str.removeprefix("Multi"))
    # points stay single: their layers have one type as they are
    plain_kind = kinds.pop() if len(kinds) == 1 else "Unknown"
    if plain_kind == "Point" and frame.geometry.geom_type.eq("MultiPoint").any():
        plain_kind = "Unknown"
    names = [name for name in _CONTEXT_COLUMNS if name in frame.columns]
    table = _context_table(str(role), names)
    arranged = writers.arrange(frame, table, unique=False)
    return Layer(arranged, table, plain_kind, f"Context of the run: {role}")


def _context_table(role: str, names: Sequence[str]) -> Table:
    columns = [Column(n, "date" if n.endswith("_on") else "text", "") for n in names]
    return Table(role, (*columns, Column("geometry", "geometry", "", "degree")), key=())


def _read_context(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    path = folder / CONTEXT
    if not path.is_file():
        return {}
    context = {}
    with _reading(path):
        for role in geopackage.layer_names(path):
            if role != "layer_styles":
                frame = geopackage.read_layer_as_written(path, role)
                names = [n for n in frame.columns if n != "geometry"]
                context[role] = schema.conform(frame, _context_table(role, names))
    return context


def _read_issues(folder: Path) -> pd.DataFrame:
    raw = folder / PRIVATE / "issues.parquet"
    if raw.is_file():
        with _reading(raw):
            return writers.read_parquet(raw, RAW_ISSUES).astype({"private": "bool"})
    path = folder / GEOPACKAGE
    with _reading(path):
        frame = geopackage.read_layer_as_written(path, schema.ISSUES.name)
        return schema.conform(frame, schema.ISSUES)


def _read_table(folder: Path, table: Table) -> pd.DataFrame:
    path = folder / f"{table.name}.parquet"
    with _reading(path):
        return writers.read_parquet(path, table, hold=table is schema.OVERLAPS)


def _read_pieces(folder: Path) -> pd.DataFrame:
    """Read the table that only a run with `planarize` has."""
    if not (folder / f"{schema.PIECES.name}.parquet").is_file():
        return schema.empty(schema.PIECES)
    return _read_table(folder, schema.PIECES)


def _read_private(folder: Path, table: Table, name: str) -> pd.DataFrame:
    path = folder / PRIVATE / name
    if not path.is_file():
        return schema.empty(table)
    with _reading(path):
        return writers.read_parquet(path, table)


def _read_review(folder: Path) -> dict[str, pd.DataFrame]:
    lists = {}
    for path in sorted(folder.glob("*.csv")):
        with _reading(path):
            lists[path.stem] = pd.read_csv(path, dtype="str", keep_default_na=False)
    return lists


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    with _reading(path):
        content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise RunNotFound(f"{path} is damaged: it holds no table; run it again")
    return content


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, pa.ArrowException, pyogrio.errors.DataSourceError) as err:
        raise RunNotFound(f"{path} cannot be read ({type(err).__name__}); run it again") from err
    except SchemaError as err:
        raise RunNotFound(f"{path} was written by another version of geoasm: {err}") from err
