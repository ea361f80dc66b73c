"""How much a download may take, and how patiently it asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from geoasm.errors import FetchError

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """
    Caps and manners of a download.

    `max_mb` counts what is kept and what arrives, `max_minutes` this command alone. One answer with
    rows may be as large as `max_answer_mb` and drip for `answer_s`.
    """

    delay_s: float = 1.0
    max_mb: float = 2000.0
    max_minutes: float = 120.0
    max_answer_mb: float = 200.0
    attempts: int = 5
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    connect_s: float = 20.0
    read_s: float = 60.0
    answer_s: float = 600.0


@dataclass(frozen=True)
class Clock:
    """The time that passes (s), how to let some pass, and the day and hour (UTC)."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    utc: Callable[[], datetime] = lambda: datetime.now(UTC)

    def stamp(self) -> str:
        """Write the present as ISO 8601 in UTC, to the second."""
        return self.utc().strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Budget:
    """What is left of the caps; running out of either ends the download with a line."""

    limits: Limits
    clock: Clock
    taken: int = 0  # bytes
    ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends_at = self.clock.now() + 60 * self.limits.max_minutes

    def spend(self, size: int) -> None:
        """Count bytes that are kept or arrive."""
        self.taken += size
        if self.taken > self.limits.max_mb * MB:
            raise FetchError(
                f"the download is larger than {self.limits.max_mb:g} MB; allow more with --max-mb"
            )

    def check_time(self, ahead_s: float = 0.0) -> None:
        """Make sure that there is time left, and for a pause before the next request."""
        if self.clock.now() + ahead_s > self.ends_at:
            raise FetchError(
                f"the download takes longer than {self.limits.max_minutes:g} minutes;"
                " allow more with --max-minutes"
            )

    def pause(self, seconds: float) -> None:
        """Let time pass, if there is enough of it."""
        self.check_time(max(seconds, 0.0))
        if seconds > 0:
            self.clock.sleep(seconds)
