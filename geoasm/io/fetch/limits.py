"""How much a download may take, and how patiently it asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from geoasm.errors import FetchError

MB = 1_000_000
_LONGEST_S = 10_000_000_000  # that a message names


@dataclass(frozen=True)
class Limits:
    """
    Caps and manners of a download.

    `max_mb` counts what is kept and what arrives, `max_minutes` this command alone. One answer with
    rows may be as large as `max_answer_mb` and drip for `answer_s`. Zips may unpack to
    `unpacked_times` the size cap. Parts older than `max_age_h` are not gone on with.
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
    unpacked_times: float = 2.0
    max_age_h: float = 24.0


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
    unpacked: int = 0  # bytes
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

    def unpack(self, size: int) -> None:
        """Make sure that what zips unpack to is not beyond the cap."""
        self.unpacked += size
        most_mb = self.limits.unpacked_times * self.limits.max_mb
        if self.unpacked > most_mb * MB:
            raise FetchError(
                f"the zips unpack to {self.unpacked / MB:,.0f} MB, over {most_mb:,g} MB"
                f" ({self.limits.unpacked_times:g} times --max-mb); allow more with --max-mb"
            )

    def check_time(self) -> None:
        """Make sure that there is time left."""
        if self.clock.now() > self.ends_at:
            raise FetchError(
                f"the download takes longer than {self.limits.max_minutes:g} minutes;"
                " allow more with --max-minutes"
            )

    def pause(self, seconds: float) -> None:
        """Let time pass, if there is enough of it."""
        self.check_time()
        if self.clock.now() + seconds > self.ends_at:
            raise FetchError(
                f"the server has to be left alone for {min(seconds, _LONGEST_S):,.0f} s, with which"
                f" the download takes longer than {self.limits.max_minutes:g} minutes; come back"
                " then, or allow more with --max-minutes"
            )
        if seconds > 0:
            self.clock.sleep(seconds)
