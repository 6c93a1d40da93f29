"""My programme, as its page shows it: what comes next, day after day, what is at the same time, what has changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations, groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app import i18n
from app.assises import cards, differences, mine, queries
from app.assises.differences import MOVED, PLACED, Difference, Kind
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.assises.queries import Released
from app.i18n import gettext as _
from app.models import Release

# What one must know to be there in time; a summary said better is no news.
MATTERS = {"starts_at", "minutes", "room", "place", "cancelled", "title"}


def view(db: Session, released: Released, kept: mine.Kept, *, now: datetime) -> dict[str, Any]:
    """Everything the page shows of what is kept."""
    programme, sessions = released.programme, kept_of(released, kept)
    names, seats = queries.names(db), queries.seats(db)
    shown = [cards.card(each, programme, names, seats, now) for each in sessions]
    coming = [card for card in shown if card["code"] != "over"]
    by_id = {card["id"]: card for card in shown}
    changed = changes(db, released, kept, sessions)
    return {
        "cards": shown,
        "next": next((card for card in coming if card["code"] != "cancelled"), None),
        "days": _days(sessions, shown, now),
        "past": [card for card in shown if card["code"] == "over"],
        "clashes": clashes(sessions, now),
        "changes": [(differences.words(each, programme), by_id[str(each.session)]) for each in changed],
        "to_sign_up": any(card["code"] in ("open", "full", "not_open") for card in coming),
    }


def kept_of(released: Released, kept: mine.Kept) -> list[FrozenSession]:
    """In order of time."""
    return [each for each in released.programme.sessions if mine.short(each.id) in kept]


def clashes(sessions: Iterable[FrozenSession], now: datetime, *, about: UUID | None = None) -> list[str]:
    """Two at once, in words; `about`: those of one session alone."""
    coming = [each for each in sessions if not each.cancelled and each.ends_at > now]
    return [
        _clash(one, other)
        for one, other in combinations(coming, 2)
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at and about in (None, one.id, other.id)
    ]


def changes(db: Session, released: Released, kept: mine.Kept, sessions: Iterable[FrozenSession]) -> list[Difference]:
    """What matters and is not as it was when each was kept."""
    since = {each.id: kept[mine.short(each.id)] or released.seq for each in sessions}
    oldest = min(since.values(), default=released.seq)
    later = sa.select(col(Release.seq), col(Release.changes)).where(col(Release.seq) > oldest)
    told: dict[UUID, list[Difference]] = {}
    for row in db.connection().execute(later.order_by(col(Release.seq))) if oldest < released.seq else ():
        for change in map(Difference.of_json, row.changes):
            if since.get(change.session, row.seq) < row.seq:
                told.setdefault(change.session, []).append(change)
    summed = (_sum(told[session], released.programme) for session in since if session in told)
    return [each for each in summed if each]


def _sum(changes: Sequence[Difference], programme: FrozenProgramme) -> Difference | None:
    """Several changes of one session as one: moved away and back is none."""
    before: dict[str, str] = {}
    for change in reversed(changes):
        before |= change.before
    after = differences.facts(programme, programme.by_id[changes[0].session])
    differ = {name for name in before if name in MATTERS and before[name] != after[name]}
    if not differ:
        return None
    kept = ({name: said[name] for name in MATTERS if name in differ} for said in (before, after))
    return Difference(changes[0].session, _kind(differ, after), *kept)


def _kind(differ: set[str], after: dict[str, str]) -> Kind:
    if "cancelled" in differ:
        return "cancelled" if after["cancelled"] else "restored"
    if differ & MOVED:
        return "moved"
    return "room" if differ & PLACED else "changed"


def _clash(one: FrozenSession, other: FrozenSession) -> str:
    start, end = max(one.starts_at, other.starts_at), min(one.ends_at, other.ends_at)
    return _("« %(one)s » et « %(other)s » sont en même temps, de %(start)s à %(end)s.") % {
        "one": one.title, "other": other.title, "start": i18n.format_hour(start), "end": i18n.format_hour(end)
    }  # fmt: skip


def _days(sessions: Iterable[FrozenSession], shown: Iterable[dict[str, Any]], now: datetime) -> list[tuple[str, Any]]:
    """The days still to come or begun, each with its cards; what is over stands apart."""
    coming = [(each, card) for each, card in zip(sessions, shown, strict=True) if each.ends_at > now]
    by_day = groupby(coming, key=lambda pair: i18n.local(pair[0].starts_at).date())
    return [(i18n.format_day(inside[0][0].starts_at), [card for _each, card in inside])
            for inside in (list(pairs) for _date, pairs in by_day)]  # fmt: skip
