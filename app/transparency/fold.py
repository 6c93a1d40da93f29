"""The journal folded into counts: the one reading of it behind the public page and `dialogue audit figures`.

A count has a name, `figures:<by>:<which>:<what>`, so that it can be kept in the table of counters and gone on with.
Memory grows with weeks, channels and reasons, never with entries.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

MARK = "figures:"
SEEN = MARK + "seen"  # seq of the last entry that is in the counts
ALL, WEEK, CHANNEL, REASON = "all", "week", "channel", "reason"
FIRST, WAITED = "first", "waited"
REASONED = ("returned", "refused", "hidden")  # what has a reason
# Steps of the waits: five minutes within two hours, hours within two weeks, then days. Each wait is rounded up.
FINE, COARSE, DAY = 5, 60, 1440
FINE_UNTIL, COARSE_UNTIL = 120, 14 * DAY


@dataclass(frozen=True)
class Entry:
    """What of a journal entry is looked at."""

    seq: int
    at: datetime
    kind: str
    action: str
    facts: Mapping[str, Any]


@dataclass
class Tally:
    """Counts by name. `seen` is the last entry in them."""

    counts: dict[str, int] = field(default_factory=dict)
    seen: int = 0

    def add(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def of(self, by: str, which: str, what: str) -> int:
        return self.counts.get(f"{MARK}{by}:{which}:{what}", 0)


def fold(tally: Tally, entries: Iterable[Entry], zone: ZoneInfo) -> Tally:
    """Adds entries, in their order, to what is counted already."""
    for entry in entries:
        tally.seen = entry.seq
        week = week_of(entry.at, zone)
        tally.counts.setdefault(f"{MARK}{WEEK}:{week}:{FIRST}", entry.seq)
        places = [(ALL, ""), (WEEK, week)]
        if channel := entry.facts.get("channel"):
            places.append((CHANNEL, channel))
        for what in meanings(entry):
            for by, which in places:
                tally.add(f"{MARK}{by}:{which}:{what}")
            if what in REASONED and (reason := entry.facts.get("reason")):
                tally.add(f"{MARK}{REASON}:{reason}:{what}")
        if (seconds := entry.facts.get("waited")) is not None:
            for by, which in places:
                tally.add(f"{MARK}{by}:{which}:{WAITED}:{step(int(seconds))}")
    return tally


def meanings(entry: Entry) -> Iterator[str]:
    """What one entry counts as. States say it, not the names of actions: what is done by a new one counts too."""
    came_from, to = entry.facts.get("from"), entry.facts.get("to")
    if entry.kind == "contribution":
        if entry.action == "submit":
            yield "received"
        elif came_from is not None and entry.facts.get("waited") is not None and to is not None:
            yield to  # published, returned, refused, merged
        elif (came_from, to) == ("published", "hidden"):
            yield "hidden"
        elif (came_from, to) == ("hidden", "published"):
            yield "restored"
    elif entry.kind == "appeal":
        yield from APPEALS.get(entry.action, ())
    elif entry.kind == "notice":
        yield from NOTICES.get(entry.action, ())


APPEALS: dict[str, tuple[str, ...]] = {
    "appeal_made": ("appeals",),
    "appeal_reversed": ("reversed",),
    "appeal_upheld": ("upheld",),
}
NOTICES: dict[str, tuple[str, ...]] = {"notice_made": ("notices",)}


def week_of(at: datetime, zone: ZoneInfo) -> str:
    """The ISO week in the city, such as 2022-W15."""
    year, week, _ = at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def step(seconds: int) -> int:
    """The end, in minutes, of the step a wait falls into."""
    minutes = -(-seconds // 60)
    size = FINE if minutes <= FINE_UNTIL else COARSE if minutes <= COARSE_UNTIL else DAY
    return max(FINE, -(-minutes // size) * size)


def within(waits: Mapping[int, int], share: float) -> int | None:
    """The minutes within which this share (0.5, 0.9) of the waits ended; None without any."""
    wanted, reached = share * sum(waits.values()), 0
    for end in sorted(waits):
        reached += waits[end]
        if reached >= wanted:
            return end
    return None
