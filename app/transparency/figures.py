"""The public figures of moderation, from counts; small ones are kept back so that nobody is recognised."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from app.transparency.fold import ALL, CHANNEL, FIRST, MARK, REASON, REASONED, WAITED, WEEK, Tally, within

SMALL = 5
# What anybody can count on the public pages, or what says nothing of a person.
OPEN = ("received", "published")
# What concerns people whose words were not simply published.
GUARDED = ("returned", "refused", "merged", "hidden", "restored", "appeals", "reversed", "notices")
# What one member of the team does to a contribution.
WHAT_ANSWERS = ("published", "returned", "refused", "merged", "hidden", "restored")


@dataclass(frozen=True)
class Row:
    """One line of a table: a week, a channel, a reason, or everything. A count of None is kept back."""

    name: str
    counts: dict[str, int | None]
    decided: int | None = None  # only where nothing is kept back
    median: int | None = None  # minutes, rounded up; half of the decisions took no longer
    ninetieth: int | None = None


@dataclass(frozen=True)
class Figures:
    seen: int  # journal entries they are drawn from
    total: Row
    weeks: list[Row] = field(default_factory=list)
    channels: list[Row] = field(default_factory=list)
    reasons: list[Row] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def figures(tally: Tally, *, exact: bool = False) -> Figures:
    """As published; `exact` also gives what is kept back, for the operator's own eyes."""
    rows = {by: [_row(tally, by, which) for which in _names(tally, by)] for by in (WEEK, CHANNEL)}
    reasons = [
        Row(which, {what: tally.of(REASON, which, what) for what in REASONED}) for which in _names(tally, REASON)
    ]
    total = _row(tally, ALL, "")
    if exact:
        return Figures(tally.seen, total, rows[WEEK], rows[CHANNEL], reasons)
    weeks, channels = (_guard(table, GUARDED) for table in (rows[WEEK], rows[CHANNEL]))
    return Figures(tally.seen, _guard([total], GUARDED)[0], weeks, channels, _guard(reasons, REASONED))


def _names(tally: Tally, by: str) -> list[str]:
    """Those that hold a figure: in some weeks the journal tells of the team alone."""
    begin, end = f"{MARK}{by}:", f":{FIRST}"
    return sorted({name.split(":")[2] for name in tally.counts if name.startswith(begin) and not name.endswith(end)})


def _row(tally: Tally, by: str, which: str) -> Row:
    counts: dict[str, int | None] = {what: tally.of(by, which, what) for what in (*OPEN, *GUARDED)}
    median, ninetieth, decided = waits_of(tally, by, which)
    return Row(which, counts, decided, median, ninetieth)


def waits_of(tally: Tally, by: str, which: str) -> tuple[int | None, int | None, int]:
    """The minutes within which half, and nine in ten, were decided; how many were."""
    begin = f"{MARK}{by}:{which}:{WAITED}:"
    waits = {int(name.removeprefix(begin)): n for name, n in tally.counts.items() if name.startswith(begin)}
    return within(waits, 0.5), within(waits, 0.9), sum(waits.values())


def _guard(rows: list[Row], columns: Iterable[str]) -> list[Row]:
    """Keeps small counts back, and delays of so few decisions that they would be somebody's own.

    Where only one count of a column is kept back, the sum of the column would give it away: the smallest of
    the others goes too, under the same mark.
    """
    kept = {what: _kept_back([row.counts[what] or 0 for row in rows], alone=len(rows) == 1) for what in columns}
    return [_hide(row, lambda what, n=n: n in kept.get(what, ())) for n, row in enumerate(rows)]  # type: ignore[misc]


def _kept_back(counts: list[int], *, alone: bool) -> set[int]:
    small = {n for n, count in enumerate(counts) if 0 < count < SMALL}
    others = [n for n, count in enumerate(counts) if count and n not in small]
    if len(small) == 1 and others and not alone:
        small.add(min(others, key=lambda n: counts[n]))
    return small


def _hide(row: Row, kept_back: Callable[[str], bool]) -> Row:
    counts = {what: None if kept_back(what) else count for what, count in row.counts.items()}
    # How many were decided, less what is shown, would be what is kept back.
    if (row.decided or 0) >= SMALL:
        return Row(row.name, counts, None, row.median, row.ninetieth)
    return Row(row.name, counts)
