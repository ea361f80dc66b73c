"""The texts of a drafted profile: systems, roles and their columns as TOML, with what speaks for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from geoasm.codes import FieldKind, Role
from geoasm.draft.lookups import vocabulary_name, write_area_types, write_vocabularies
from geoasm.draft.proposals import Proposal, unread
from geoasm.draft.sources import Drawn
from geoasm.draft.systems import NULL_OPERATION, WGS84, Systems
from geoasm.draft.words import Catalogue, Wanted
from geoasm.io.study_text import toml_value
from geoasm.model import PositionSpec
from geoasm.normalize.vocabularies import UNKNOWN
from geoasm.profile import FILES

_NORTH, _SOUTH = 32600, 32700
_WORLD = Systems((-180.0, -90.0, 180.0, 90.0), 0, (31,), False, "geographic")
_OF_PERSONS = ("own_title_law.toml", "own_title_cases.toml")
# What a table states its positions by, where no file shows it.
_POSITION = PositionSpec("lonlat", ("longitude", "lon"), ("latitude", "lat"), crs=WGS84)
_FEW_DISTINCT = 0.9  # of the ids: below, rows repeat them


def write_profile(
    code: str,
    sources: Sequence[Drawn],
    systems: Systems | None,
    catalogue: Catalogue,
    template: Mapping[str, str],
) -> dict[str, str]:
    """
    Write the files of a profile.

    Parameters
    ----------
    template
        File name to text, with `@marks@` for what depends on the country.

    Returns
    -------
    texts
        The four files of a profile.
    """
    of_role = {s.role: s for s in sources if s.role is not None}
    miners = of_role.get(Role.REGISTRATIONS)
    has_persons = miners is None or "registrant_name" in miners.proposals
    own_law, own_cases = (template[name] if has_persons else "" for name in _OF_PERSONS)
    roles = [_role(role, of_role.get(role), catalogue, systems) for role in catalogue.fields]
    marks = {
        "@own_title@": "",
        "@crs@": "\n".join(_systems(systems)) + "\n",
        "@roles@": "\n\n".join([*roles, *_nameless_files(sources)]) + "\n",
        "@registrants@": "persons" if has_persons else "none",
        "@vocabularies@": write_vocabularies(sources, catalogue),
        "@area_levels@": write_area_types(of_role.get(Role.PROTECTED_AREAS)),
    }
    own = {"law.toml": own_law, "cases.toml": own_cases}
    texts = {}
    for file in FILES:
        text = template[file].replace("@own_title@", own.get(file, ""))
        # Names first: what comes from files is put in last and read for marks no more.
        text = text.replace("@code@", code).replace("@CODE@", code.upper())
        texts[file] = _filled(text, marks)
    return texts


def _filled(text: str, marks: Mapping[str, str]) -> str:
    """Put each mark's text in its place; marks within what is put in stay as they are."""
    out, rest = "", text
    while True:
        found = [(rest.find(mark), mark) for mark in marks if mark in rest]
        if not found:
            return out + rest
        at, mark = min(found)
        out += rest[:at] + marks[mark]
        rest = rest[at + len(mark) :]


def _systems(systems: Systems | None) -> Iterator[str]:
    yield "[crs]"
    yield f'geographic = "{WGS84}" # in which titles are drawn that the law describes in degrees; the national datum may stand here'
    if systems is None:
        yield "# No file says where the country is: write bounds, zones and the equal-area system."
        systems = _WORLD
    if systems.along_grid is not None and systems.along_degrees is not None:
        yield (
            f"# Of the sides of rights {systems.along_grid:.0%} lie along the grid of UTM, "
            f"{systems.along_degrees:.0%} along meridians and parallels."
        )
    if systems.step is not None:
        yield f"# {systems.on_step:.0%} of their corners lie on whole multiples of {systems.step}."
    yield f'drawn_in = "{systems.drawn_in}" # zone: straight sides in UTM; geographic: in degrees'
    if systems.outside:
        yield f"# Far from all others, so that a run sets them aside: {systems.outside:,} shapes or places."
    west, south, east, north = systems.bounds
    yield f"bounds = [{west:g}, {south:g}, {east:g}, {north:g}] # of what the files hold, and a margin"
    middle = f"+lat_0={(south + north) / 2:.0f} +lon_0={(west + east) / 2:.0f}"
    yield f'equal_area = "+proj=laea {middle} +datum=WGS84 +units=m +type=crs"'
    base = _SOUTH if systems.is_south else _NORTH
    for zone in systems.zones:
        yield "\n[[crs.zone]]"
        yield f'code = "{zone}"'
        yield f"epsg = {base + zone}"
        yield f"west = {zone * 6 - 186}"
        yield f"east = {zone * 6 - 180}"
    if systems.nameless is not None:
        yield from _as_it_stands(systems.nameless)


def _as_it_stands(nameless: str) -> Iterator[str]:
    yield "\n# The file of rights names no datum from which a way to WGS84 is known. Its degrees are taken as they"
    yield "# stand, which may be wrong by some hundred metres: find out the datum and write its operation here."
    yield "[[crs.operation]]"
    yield f"from = {toml_value(nameless)}"
    yield f'to = "{WGS84}"'
    yield f'code = "{NULL_OPERATION}" # no shift'
    yield "accuracy_m = 300"
    yield 'reference = ""'
    yield "verified = false"


def _role(role: Role, drawn: Drawn | None, catalogue: Catalogue, systems: Systems | None) -> str:
    return "\n".join(_role_lines(role, drawn, catalogue, systems))


def _role_lines(
    role: Role, drawn: Drawn | None, catalogue: Catalogue, systems: Systems | None
) -> Iterator[str]:
    proposals = drawn.proposals if drawn else {}
    if drawn is None:
        yield f"# No file was given as {role}: columns go by geoasm's own names."
    else:
        yield f"# From {toml_value(drawn.name)}."
        yield from _not_read(drawn)
    yield f"[roles.{role}]"
    yield f'geometry = "{catalogue.geometry[role]}"'
    if drawn is not None:
        yield from _repeats(role, drawn)
        if drawn.columns.identity:
            names = ", ".join(map(toml_value, drawn.columns.identity))
            yield f"ignored = [{names}] # identity numbers: who is who goes by names"
    yield f"\n[roles.{role}.fields]"
    fields = [f for f in catalogue.fields[role] if _is_wanted(role, f, proposals, systems)]
    for field in (f for f in fields if f.kind is not FieldKind.VOCABULARY):
        yield _field(field, proposals.get(field.name), drawn)
    for field in (f for f in fields if f.kind is FieldKind.VOCABULARY):
        yield from _coded(role, field, proposals.get(field.name), drawn)
    if role is Role.REGISTRATIONS:
        yield from _positions(drawn)


def _is_wanted(
    role: Role, field: Wanted, proposals: Mapping[str, Proposal], systems: Systems | None
) -> bool:
    if role is Role.CONCESSIONS and field.name == "zone":
        return "zone" in proposals and systems is not None and systems.drawn_in == "zone"
    if role is Role.CONCESSIONS and field.name in ("right_type", "stratum_by_licence", "substance"):
        return field.name in proposals
    if field.name == "registrant_name":
        return not proposals or field.name in proposals
    return True


def _not_read(drawn: Drawn) -> Iterator[str]:
    left = unread(drawn.columns, drawn.proposals, drawn.positions)
    private = [name for name in left if name in drawn.columns.telling]
    other = [name for name in left if name not in drawn.columns.telling]
    if other:
        yield f"# Columns that nothing reads yet: {', '.join(map(toml_value, other))}"
    if private:
        yield (
            f'# Not read as they may name persons (say so with kind = "name"): '
            f"{', '.join(map(toml_value, private))}"
        )


def _repeats(role: Role, drawn: Drawn) -> Iterator[str]:
    key = drawn.proposals.get({Role.CONCESSIONS: "concession_id"}.get(role, "registration_id"))
    if key is None:
        return
    look = drawn.columns.look(key.columns[0])
    if role is Role.CONCESSIONS and look.distinct < look.given:
        yield "merge_parts = true # rows share an id: parts of one right, until a person says otherwise"
    is_visited = role is Role.REGISTRATIONS and "visited_on" in drawn.proposals
    if is_visited and look.distinct_share < _FEW_DISTINCT:
        yield 'latest_by = "visited_on" # rows share an id: visits, of which the latest counts'


def _columns(field: Wanted, proposal: Proposal | None, drawn: Drawn | None) -> str:
    """Write the columns of a field; where none was found, geoasm's own name, unless it means another."""
    columns: tuple[str, ...] = (field.name,)
    if proposal is not None:
        columns = proposal.columns
    elif drawn is not None and drawn.columns.names.find(columns):
        columns = ()
    return f"columns = [{', '.join(map(toml_value, columns))}]"


def _field(field: Wanted, proposal: Proposal | None, drawn: Drawn | None) -> str:
    parts = [f'kind = "{field.kind}"', _columns(field, proposal, drawn)]
    if field.required:
        parts.append("required = true")
    if field.unit:
        parts.append(f"unit = {toml_value(field.unit)}")
    why = proposal.why if proposal else "no column found"
    return f"{field.name} = {{ {', '.join(parts)} }} # {why}"


def _coded(
    role: Role, field: Wanted, proposal: Proposal | None, drawn: Drawn | None
) -> Iterator[str]:
    yield f"\n[roles.{role}.fields.{field.name}]"
    yield 'kind = "vocabulary"'
    yield f'default = "{UNKNOWN}"'
    vocabulary = vocabulary_name(role, field)
    why = proposal.why if proposal else "no column found"
    yield f'from = [{{ {_columns(field, proposal, drawn)}, vocabulary = "{vocabulary}" }}] # {why}'


def _positions(drawn: Drawn | None) -> Iterator[str]:
    worded = drawn.columns.positions() if drawn else []
    for position in (drawn.positions if drawn else ()) or (_POSITION,):
        is_told = position in worded or position is _POSITION
        yield from _position(position, "" if is_told else " # by lying where the other files are")


def _position(position: PositionSpec, why: str) -> Iterator[str]:
    yield f"\n[[roles.registrations.position]]{why}"
    yield f'kind = "{position.kind}"'
    yield f"x = [{', '.join(map(toml_value, position.x_columns))}]"
    yield f"y = [{', '.join(map(toml_value, position.y_columns))}]"
    if position.crs:
        yield f'crs = "{position.crs}" # if the register says no other'
    if position.zone_columns:
        yield f"zone = [{', '.join(map(toml_value, position.zone_columns))}]"


def _nameless_files(sources: Sequence[Drawn]) -> Iterator[str]:
    for drawn in sources:
        if drawn.role is None:
            names = ", ".join(map(toml_value, drawn.columns.names.names))
            yield (
                f"# {toml_value(drawn.name)} fits no role: say which with --from ROLE=FILE, or write "
                f"[roles.ROLE] for it.\n# Its columns: {names}"
            )
