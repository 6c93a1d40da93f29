"""Reads of the desk: the queue, one item, names. How many queries never depends on how many rows."""

import base64
import json
import uuid
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, FieldError, NotFound, Unprocessable
from app.media import queries as media_queries
from app.models import Alert, Caption, Contribution, Counter, Media, MediaKind, MediaState, Revision, Staff, State
from app.moderation import media_choices
from app.moderation.schemas import MediaFilter, QueueIn

OLDEST = (col(Contribution.received_at), col(Contribution.seq))
# Said by what it is not: the few media to decide about lead the way, not the index of everything published.
IS_PUBLIC = col(Contribution.state).not_in(set(State) - {State.PUBLISHED})
MEDIA_WAITING = "media_waiting"
BAD_CURSOR = N_("Cette page de la liste n’existe pas. Revenez au début.")


@dataclass(frozen=True)
class Held:
    """A medium and the languages of its accepted captions."""

    media: Media
    captions: list[str]


@dataclass(frozen=True)
class Page:
    """Items, their media by contribution, and where to go on."""

    rows: list[Any]
    media: dict[int, list[Held]]
    next: str | None


@dataclass(frozen=True)
class Counts:
    """How many are in each state, and how many that are public have a medium to decide about."""

    states: dict[str, int]
    media_waiting: int


def identifier(text: str) -> uuid.UUID:
    """The id in an address; NotFound when it cannot be one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


def visible(db: Session, id: str) -> Contribution:
    """The contribution staff may act on; an erased one is as absent as one that never was."""
    found = db.exec(
        select(Contribution).where(Contribution.id == identifier(id), Contribution.state != State.ERASED)
    ).first()
    if found is None:
        raise NotFound
    return found


def queue(db: Session, filters: QueueIn, *, mine: int | None, now: datetime) -> Page:
    """Items under an open alert first, then oldest received first; `mine` is the asking person's seq."""
    wanted = _wanted(filters, mine=mine, now=now)
    keys = _keys(wanted, after=_read_cursor(filters.after), limit=filters.limit + 1)
    urgent = sa.case((col(Contribution.open_alerts) > 0, 0), else_=1)
    query = _items(now).where(col(Contribution.seq).in_(keys)).order_by(urgent, *OLDEST).limit(filters.limit + 1)
    rows = list(db.connection().execute(query))
    more, rows = len(rows) > filters.limit, rows[: filters.limit]
    return Page(rows, media_of(db, [row.seq for row in rows]), _write_cursor(rows[-1]) if more else None)


def _keys(wanted: list[Any], *, after: tuple[bool, datetime, int] | None, limit: int) -> Any:
    """The keys of one page, chosen on the indexes alone: only those rows then get their words and names."""
    alerted = sa.select(col(Alert.contribution_seq)).where(col(Alert.closed_at).is_(None))
    kinds = [(True, col(Contribution.seq).in_(alerted)), (False, col(Contribution.open_alerts) == 0)]
    parts = []
    for urgent, kind in kinds:
        if after and urgent > after[0]:
            continue  # the page before was already past the alerts
        part = sa.select(col(Contribution.seq)).where(*wanted, kind).order_by(*OLDEST).limit(limit)
        if after and urgent is after[0]:
            part = part.where(sa.tuple_(*OLDEST) > sa.tuple_(*(sa.literal(value) for value in after[1:])))
        parts.append(sa.select(part.subquery()))
    return sa.union_all(*parts)


def current_words() -> sa.ColumnElement[bool]:
    """How a contribution is joined to its current revision."""
    return sa.and_(
        col(Revision.contribution_seq) == col(Contribution.seq),
        col(Revision.number) == col(Contribution.revision),
    )


def _items(now: datetime) -> Any:
    """A contribution with its current words and who holds it; `by` is None when the claim has run out."""
    live = col(Contribution.claimed_until) > now
    return (
        sa.select(
            Contribution.__table__,  # type: ignore[attr-defined]
            col(Revision.title), col(Revision.body), col(Revision.language).label("words_language"),
            sa.case((live, col(Staff.name))).label("by"),
        )
        .join(Revision, current_words())
        .outerjoin(Staff, col(Staff.seq) == col(Contribution.claimed_by))
    )  # fmt: skip


def _wanted(filters: QueueIn, *, mine: int | None, now: datetime) -> list[Any]:
    wanted: list[Any] = [col(Contribution.state).in_(filters.state)]
    for name in ("channel", "question", "kind"):
        if value := getattr(filters, name):
            wanted.append(getattr(Contribution, name) == value)
    if filters.language:
        language = col(Contribution.language)
        wanted.append(
            sa.or_(language == filters.language, language.startswith(filters.language + "-", autoescape=True))
        )
    if filters.has_media is not None:
        has = sa.exists().where(col(Media.contribution_seq) == col(Contribution.seq))
        wanted.append(has if filters.has_media else ~has)
    if filters.media:
        wanted.append(_with_media(filters.media))
    if filters.mine:
        wanted += [col(Contribution.claimed_by) == mine, col(Contribution.claimed_until) > now]
    return wanted


def _with_media(asked: MediaFilter) -> sa.ColumnElement[bool]:
    if asked is MediaFilter.WAITING:
        what = media_choices.undecided()
    elif asked is MediaFilter.FAILED:
        what = col(Media.state) == MediaState.FAILED
    else:
        what = col(Media.kind) == MediaKind(asked.value)
    return sa.exists().where(col(Media.contribution_seq) == col(Contribution.seq), what)


def _write_cursor(row: Any) -> str:
    place = json.dumps([row.open_alerts > 0, row.received_at.isoformat(), row.seq])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(text: str | None) -> tuple[bool, datetime, int] | None:
    if not text:
        return None
    try:
        alerted, received_at, seq = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        moment = datetime.fromisoformat(received_at)
        if not (isinstance(alerted, bool) and isinstance(seq, int) and 0 <= seq < 2**63 and moment.tzinfo):
            raise ValueError(text)
    except (ValueError, TypeError, Base64Error):
        raise Unprocessable([FieldError("after", "bad_cursor", BAD_CURSOR)]) from None
    return alerted, moment, seq


def counts(db: Session) -> Counts:
    """Over the whole consultation; the large state comes from its counter."""
    live = sa.select(sa.cast(col(Contribution.state), sa.String).label("name"), sa.func.count().label("n")).where(
        col(Contribution.state).in_([state for state in State if state is not State.PUBLISHED])
    )
    kept = sa.select(sa.literal(State.PUBLISHED.value), col(Counter.value)).where(
        col(Counter.name) == State.PUBLISHED.value
    )
    late = (
        sa.select(sa.literal(MEDIA_WAITING), sa.func.count(col(Media.contribution_seq).distinct()))
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq))
        .where(media_choices.undecided(), IS_PUBLIC)
    )
    rows = db.connection().execute(sa.union_all(live.group_by(col(Contribution.state)), kept, late))
    found = {row.name: row.n for row in rows}
    return Counts({state.value: found.get(state.value, 0) for state in State}, found[MEDIA_WAITING])


def _late() -> tuple[sa.ColumnElement[bool], ...]:
    """Public words of which a medium became ready, or failed, after they were decided."""
    media = sa.select(col(Media.contribution_seq)).where(media_choices.undecided())
    return IS_PUBLIC, col(Contribution.seq).in_(media)


def item(db: Session, id: str, *, now: datetime) -> Any:
    """One item like a row of the queue; NotFound as `visible`."""
    wanted = (col(Contribution.id) == identifier(id), col(Contribution.state) != State.ERASED)
    row = db.connection().execute(_items(now).where(*wanted)).first()
    if row is None:
        raise NotFound
    return row


def next_item(db: Session, *, by: Staff, now: datetime) -> uuid.UUID | None:
    """What waits next and is nobody else's: the oldest words, then public words with a medium to decide about."""
    free = sa.or_(
        col(Contribution.claimed_until).is_(None),
        col(Contribution.claimed_until) <= now,
        col(Contribution.claimed_by) == by.seq,
    )
    waiting = col(Contribution.state).in_([State.PENDING, State.SECOND_REVIEW])
    # Under an open alert nothing can be decided here: the alert's page is the place for it.
    query = sa.select(col(Contribution.id)).where(free, col(Contribution.open_alerts) == 0).order_by(*OLDEST).limit(1)
    for these in ((waiting,), _late()):
        if found := db.connection().execute(query.where(*these)).scalar():
            return uuid.UUID(str(found))
    return None


def media_of(db: Session, seqs: list[int]) -> dict[int, list[Held]]:
    """Every medium of these contributions, in the author's order."""
    found: dict[int, dict[int, Held]] = {seq: {} for seq in seqs}
    if seqs:
        for media, language in db.exec(media_queries.CAPTIONED.where(col(Media.contribution_seq).in_(seqs))):
            held = found[media.contribution_seq or 0].setdefault(media.seq or 0, Held(media, []))
            held.captions.extend([language] if language else [])
    return {seq: list(held.values()) for seq, held in found.items()}


def medium(db: Session, id: str) -> tuple[Media, Contribution]:
    """A medium staff may act on, and what it belongs to; NotFound once its author took it back."""
    found = db.exec(
        select(Media, Contribution)
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq))
        .where(Media.id == identifier(id), col(Contribution.state).not_in([State.WITHDRAWN, State.ERASED]))
    ).first()
    if found is None:
        raise NotFound
    return found


def captions_of(db: Session, media: Iterable[Media]) -> list[Caption]:
    """The captions of these media, drafts among them."""
    wanted = [one.seq for one in media]
    return list(db.exec(select(Caption).where(col(Caption.media_seq).in_(wanted)).order_by(col(Caption.language))))


def names(db: Session, actors: set[str | None]) -> dict[str | None, str]:
    """Who the journal's actors are: `staff:<uuid>` becomes a name, `author` and `system` stay."""
    ids = [uuid.UUID(actor.removeprefix("staff:")) for actor in actors if actor and actor.startswith("staff:")]
    known: dict[str | None, str] = {actor: actor or "" for actor in actors}
    if ids:
        wanted = sa.select(col(Staff.id), col(Staff.name)).where(col(Staff.id).in_(ids))
        for row in db.connection().execute(wanted):
            known[f"staff:{row.id}"] = row.name
    return known


def name_of(db: Session, actor: str) -> str:
    return names(db, {actor})[actor]
