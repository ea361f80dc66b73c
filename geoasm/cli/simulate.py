"""`geoasm simulate`: a planted data set whose answers are known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from geoasm.cli import options, terminal
from geoasm.codes import Role
from geoasm.profile import Profile
from geoasm.simulate import DEFAULT_ON, SCALES


@click.command(short_help="Make a data set whose answers are known.")
@options.profile(required=True)
@click.option(
    "--scale", "scale_name", type=click.Choice(list(SCALES)), default="sample", show_default=True,
    help="Size of the world.",
)  # fmt: skip
@options.concessions
@options.layers
@click.option(
    "--registrations", type=int, metavar="N", help="Registrations, instead of the scale's."
)
@click.option("--extinct", type=int, metavar="N", help="Extinct rights, instead of the scale's.")
@click.option(
    "--faults", type=float, metavar="SHARE", help="Share of the registrations with a fault."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same data."
)
@click.option(
    "--on", type=options.iso_date, default=DEFAULT_ON.isoformat(), show_default=True,
    metavar="YYYY-MM-DD", help="Day of the study.",
)  # fmt: skip
@click.option("--sex", is_flag=True, help="The register says the sex of natural persons.")
@options.crs()
@options.encoding()
@options.out()
@options.overwrite
@options.verbosity
def simulate(
    profile: str,
    scale_name: str,
    concessions: str | None,
    layers: Mapping[Role, str],
    registrations: int | None,
    extinct: int | None,
    faults: float | None,
    seed: int,
    on: date,
    sex: bool,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
    out: Path,
    overwrite: bool,
) -> None:
    """
    Plant a cadastre and a register, with every class, planted faults and their truth.

    Strata, groups, work on rights, rasters and rivers are planted with it. With --concessions all that
    is planted on that cadastre, and registrations within the given layers.
    DIR/study.toml is what `geoasm run` takes; DIR/truth.parquet has the answers.
    """
    from geoasm.io.profiles import load_profile
    from geoasm.io.simulations import check_folder, save_simulation
    from geoasm.render.labels import Labels
    from geoasm.simulate import check_layers, plant_on, scale
    from geoasm.simulate import simulate as simulate_world

    if layers and concessions is None:
        raise click.UsageError(
            "--layer goes with --concessions: a world of its own has its own areas"
        )
    if extinct is not None and concessions is not None:
        raise click.UsageError(
            "--extinct goes without --concessions: the cadastre has its own rights"
        )
    check_layers(layers)
    check_folder(out, overwrite=overwrite)
    country = load_profile(profile)
    labels = Labels(country.language)
    world = labels.text(f"simulation.{'given' if concessions else scale_name}")
    title = labels.text("simulation.title", scale=world, seed=seed)
    size = scale(scale_name, registrations=registrations, extinct=extinct, fault_share=faults)
    if concessions is None:
        made = simulate_world(country, size, seed=seed, on=on, sex=sex)
        study = save_simulation(made, out, title=title, overwrite=overwrite)
    else:
        given = {Role.CONCESSIONS: concessions, **layers}
        frames = {
            role: _normalised(role, file, country, on, crs.get(role), encoding.get(role))
            for role, file in given.items()
        }
        rights = frames.pop(Role.CONCESSIONS)
        made = plant_on(country, rights, size, seed=seed, on=on, areas=frames, sex=sex)
        study = save_simulation(
            made, out, title=title, overwrite=overwrite, given=given, crs=crs, encoding=encoding
        )
    for name, lacking in made.shortfalls.items():
        terminal.say(f"{name}: the ground lacks {lacking} of the places asked for", err=True)
    terminal.say(study)


def _normalised(
    role: Role, file: str, country: Profile, on: date, crs: str | None, encoding: str | None
) -> Any:
    """Read a given layer as a run would."""
    from geoasm import normalize, rights
    from geoasm.errors import OptionError
    from geoasm.io.crs_check import check_crs
    from geoasm.io.layers import read_layer

    if role not in country.roles:
        raise OptionError(f"--layer {role}: profile {country.code} has no such role")
    raw = check_crs(read_layer(file, role, encoding=encoding), country.crs, crs)
    spec = country.roles[role]
    if role is Role.CONCESSIONS:
        frame, _ = normalize.concessions(raw, spec, country.crs, on=on)
        return rights.settle_status(frame)
    return normalize.area(raw, spec, country.crs, on=on)[0]
