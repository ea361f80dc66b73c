"""What a shell may offer where a word of a command is begun: profiles, roles, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

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
        _, is_named, file = begun.partition("=")
        if is_named:
            return [CompletionItem(file, type="file")]
        return [CompletionItem(f"{role}=") for role in among if role.startswith(begun)]

    return offer


@add_completion_class
class BashWithRoles(BashComplete):
    """Bash takes `ROLE=FILE` for three words, and puts a space behind what it completes."""

    def source(self) -> str:
        """Give the script for bash, which leaves the end of `ROLE=` open."""
        add = "COMPREPLY+=($value)"
        return super().source().replace(add, f"{add}; [[ $value == *= ]] && compopt -o nospace")

    def get_completion_args(self) -> tuple[list[str], str]:
        """Give the words before the one that is begun, and that one, `ROLE=FILE` as one word."""
        words, begun = super().get_completion_args()
        if begun == "=":
            return words[:-1], f"{words[-1]}="
        if len(words) > 1 and words[-1] == "=":
            return words[:-2], f"{words[-2]}={begun}"
        return words, begun
