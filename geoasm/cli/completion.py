"""What a shell may offer where a word of a command is begun: profiles, roles, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from geoasm.codes import Role

Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def files(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Leave it to the shell to offer files."""
    return [CompletionItem(begun, type="file")]


def profiles(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the profiles of the package, and folders."""
    from geoasm.io.profiles import list_profiles

    named = [CompletionItem(name) for name in list_profiles() if name.startswith(begun)]
    return named or [CompletionItem(begun, type="dir")]


def roles(among: Iterable[Role]) -> Offer:
    """Make what offers roles, each with the sign that stands before its file."""

    def offer(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
        return [CompletionItem(f"{role}=") for role in among if role.startswith(begun)]

    return offer
