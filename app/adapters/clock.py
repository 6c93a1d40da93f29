"""What time it is: real, or shifted to a simulated date (DIALOGUE_NOW) and running on from there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Aware UTC time."""


@dataclass(frozen=True)
class ShiftedClock:
    """The real time plus an offset (zero for the real service)."""

    offset: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass
class FixedClock:
    """For tests: stands still until moved."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


def real_now() -> datetime:
    """For what must keep real time whatever is simulated: sessions, second factor, rate limits, jobs."""
    return datetime.now(UTC)
