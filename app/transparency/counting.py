"""The counts kept from one look at the journal to the next: a duty goes on with them, a page adds what is newer."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from app.db import reading, writing
from app.models import AuditEntry, Counter
from app.transparency.fold import FIRST, MARK, SEEN, WEEK, Entry, Tally, fold

AT_ONCE = 5000  # entries in one go of the duty: a write of a moment
TABLE = AuditEntry.__table__  # type: ignore[attr-defined]
COLUMNS = (TABLE.c.seq, TABLE.c.at, TABLE.c.kind, TABLE.c.action, TABLE.c.hashes)


def entries(
    db: Session, *, after: int = 0, most: int | None = None, only: sa.ColumnElement[bool] | None = None
) -> Iterator[Entry]:
    """The journal in its order, some hundreds of rows in memory."""
    wanted = sa.select(*COLUMNS).where(TABLE.c.seq > after).order_by(TABLE.c.seq).limit(most)
    if only is not None:
        wanted = wanted.where(only)
    with db.connection().execute(wanted.execution_options(yield_per=500)) as rows:
        for row in rows:
            yield Entry(*row)


def whole(db: Session, zone: ZoneInfo) -> Tally:
    """From the journal alone, first entry to last."""
    return fold(Tally(), entries(db), zone)


def current(db: Session, zone: ZoneInfo) -> Tally:
    """The same, from the kept counts and the entries since."""
    tally = kept(db)
    return fold(tally, entries(db, after=tally.seen), zone)


def kept(db: Session) -> Tally:
    rows = sa.select(col(Counter.name), col(Counter.value)).where(col(Counter.name).startswith(MARK))
    counts: dict[str, int] = {row.name: row.value for row in db.connection().execute(rows)}
    return Tally(counts, counts.pop(SEEN, 0))


def catch_up(zone: ZoneInfo, *, at_once: int = AT_ONCE) -> int:
    """Adds the next entries to the kept counts; how many. Of two that do it at once, one keeps nothing."""
    with reading() as db:
        before = kept(db)
        known, seen = dict(before.counts), before.seen
        after = fold(before, entries(db, after=seen, most=at_once), zone)
    if after.seen == seen:
        return 0
    with writing() as db:
        if _advance(db, seen, after.seen):
            _keep(db, {name: value for name, value in after.counts.items() if known.get(name) != value}, known)
            return after.seen - seen
    return 0


def _advance(db: Session, seen: int, to: int) -> bool:
    if not seen and db.get(Counter, SEEN) is None:
        db.add(Counter(name=SEEN, value=0))
        db.flush()
    mine = (col(Counter.name) == SEEN, col(Counter.value) == seen)
    return bool(db.connection().execute(sa.update(Counter).where(*mine).values(value=to)).rowcount)


def _keep(db: Session, changed: dict[str, int], known: dict[str, int]) -> None:
    for name, value in changed.items():
        if name in known:
            db.connection().execute(sa.update(Counter).where(col(Counter.name) == name).values(value=value))
        else:
            db.add(Counter(name=name, value=value))


def first_of(db: Session, week: str) -> int:
    """The seq of the first entry of that week or a later one, as far as counted: none before need be read."""
    begin, end = f"{MARK}{WEEK}:", f":{FIRST}"
    rows = sa.select(col(Counter.name), col(Counter.value)).where(
        col(Counter.name).startswith(begin), col(Counter.name).endswith(end)
    )
    firsts = [value for name, value in db.connection().execute(rows) if name.split(":")[2] >= week]
    return min(firsts, default=kept_until(db))


def kept_until(db: Session) -> int:
    row = db.get(Counter, SEEN)
    return row.value + 1 if row else 1
