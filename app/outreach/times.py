"""When somebody spoke, as far as their device's clock can be believed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.models import Outing

SLIGHT = timedelta(minutes=5)  # what clocks are apart
AROUND = timedelta(days=2)  # of an outing: later entries from paper, a clock in another time zone


@dataclass(frozen=True)
class When:
    """`judged_at`: the moment at which the collection must have been open."""

    collected_at: datetime | None
    doubtful: bool
    judged_at: datetime


def when(said: datetime | None, *, device_now: datetime | None, outing: Outing | None, now: datetime) -> When:
    """A clock that is off by the same now as then is put right; what still cannot be is kept, and doubtful."""
    otherwise = min(outing.starts_at, now) if outing else now
    if said is None:
        return When(None, False, otherwise)
    try:
        at = said.astimezone(UTC)
        if device_now is not None and abs(now - device_now) > SLIGHT:
            at += now - device_now
    except OverflowError:
        return When(None, True, otherwise)
    if not _possible(at, outing, now):
        return When(at, True, otherwise)
    return When(at, False, min(at, now))


def device_clock(header: str) -> datetime | None:
    """`Collect-Clock`; None when it says nothing we can read."""
    try:
        told = datetime.fromisoformat(header.strip())
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _possible(at: datetime, outing: Outing | None, now: datetime) -> bool:
    if at > now + SLIGHT:
        return False
    return outing is None or outing.starts_at - AROUND <= at <= outing.ends_at + AROUND
