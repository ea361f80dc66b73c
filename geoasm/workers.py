"""Who does work that falls into independent parts: this process, or several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Done = TypeVar("Done")


class Workers(Protocol):
    """Somebody who runs a task on many parts."""

    def cut(self, n: int) -> int:
        """Tell into how many parts `n` rows are best cut; at least one."""
        ...

    def map(
        self, task: Callable[[Shared, Part], Done], shared: Shared, parts: Iterable[Part]
    ) -> Iterator[Done]:
        """
        Run a task on each part.

        Parameters
        ----------
        task
            A function at the top of a module, which other processes find by its name.
        shared
            What every part needs; each worker gets it once, and keeps what it makes of it.
        parts
            Taken one by one as there are hands for them.

        Returns
        -------
        done
            Results in the order of the parts.
        """
        ...


class Here:
    """Nobody but this process: everything in one part."""

    def cut(self, n: int) -> int:
        """Give one part."""
        return 1

    def map(
        self, task: Callable[[Shared, Part], Done], shared: Shared, parts: Iterable[Part]
    ) -> Iterator[Done]:
        """Run a task on one part after the other."""
        return (task(shared, part) for part in parts)
