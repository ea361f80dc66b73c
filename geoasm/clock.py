"""How long each stage of a run takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from geoasm.memory import give_back


@dataclass
class Clock:
    """Seconds that each stage took; `tell` hears of each as it begins."""

    seconds: dict[str, float] = field(default_factory=dict)
    tell: Callable[[str], None] | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        if self.tell is not None:
            self.tell(name)
        start = time.perf_counter()
        yield
        give_back()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
