"""Reading what is published. Columns only, one page at a time, at most five questions to the database."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from app.contributions import public, search, vocabulary
from app.contributions.filters import Filters
from app.contributions.words import asked
from app.errors import N_, NotFound, refuse_field
from app.media.queries import public_media
from app.models import Contribution, Revision, State

C: Any = Contribution  # as columns
R: Any = Revision
COLUMNS = (
    C.seq, C.publication_seq, C.id, C.reference, C.question, C.kind, C.channel, C.author_name, C.organisation,
    C.people_count, C.audiences, C.quartier, C.received_at, C.published_at, C.edited_by_moderation, C.edited_reason,
    C.invented, C.event_seq, R.title, R.body, R.language,
)  # fmt: skip
ONCE_PUBLIC = (State.HIDDEN, State.WITHDRAWN, State.ERASED, State.REFUSED)
PUBLISHED = (
    sa.select(*COLUMNS)
    .join(R, sa.and_(R.contribution_seq == C.seq, R.number == C.published_revision))
    .where(C.state == State.PUBLISHED)
)
BY_SEQ = PUBLISHED.where(C.publication_seq.in_(sa.bindparam("seqs", expanding=True)))
BY_REFERENCE = PUBLISHED.where(C.reference == sa.bindparam("reference"))
NEWEST = sa.text(
    "SELECT publication_seq FROM contribution WHERE state = 'published' AND publication_seq >= :floor"
    " AND publication_seq < :before ORDER BY publication_seq DESC LIMIT :limit"
)
NO_END = 2**31 - 1
CURSOR = re.compile(r"^(?:s(\d{1,18})|r(\d{1,18})\.(\d{1,9})\.(\d{1,18}))$")
REFERENCE = re.compile(r"^[A-Z0-9-]{1,12}$", re.ASCII)
UNKNOWN = N_("Cette parole n’existe pas, ou elle n’est pas publiée.")
BAD_CURSOR = N_("Cette suite de page n’existe pas.")
FIRST_OF_A_DAY = 200


@dataclass(frozen=True)
class Page:
    """One page of the list. `asked` and `shown` differ where a mistyped search found another word."""

    items: list[dict[str, Any]] = field(default_factory=list)
    next: str | None = None
    asked: str = ""
    shown: str = ""


@dataclass(frozen=True)
class Gone:
    """What stays of a contribution that was public: when it went, and why (a reason's id, or the state)."""

    state: State
    reason: str | None
    since: datetime


@dataclass(frozen=True)
class Place:
    """Where a page begins: below a publication sequence, or behind a sequence and its score."""

    before: int | None = None
    top: int | None = None
    behind: tuple[int, int] | None = None


def find(
    db: Session,
    filters: Filters,
    *,
    limit: int = 20,
    after: str = "",
    by_relevance: bool = False,
    literally: bool = False,
) -> Page:
    """A page of published contributions. 422 `bad_cursor` for an `after` that no page gave.

    At zero results a mistyped word is replaced by the nearest one people use, and one nobody uses is left out,
    unless `literally`.
    """
    ranked = by_relevance and bool(filters.q)
    place = read_cursor(after, ranked=ranked)
    page = _page(db, filters, place, limit=limit, ranked=ranked)
    if page.items or literally or not filters.q:
        return page
    if after and _page(db, filters, Place(), limit=1, ranked=False).items:
        return page  # these were the last: no other word was ever shown instead
    for meant in _meant(db, filters.q):
        second = _page(db, replace(filters, q=meant), place, limit=limit, ranked=ranked)
        if second.items:
            return replace(second, asked=filters.q, shown=meant)
    return page


def _page(db: Session, filters: Filters, place: Place, *, limit: int, ranked: bool) -> Page:
    floor = _floor(db, since) if (since := filters.since_moment()) else 0
    wanted = search.want(db, filters.q, filters.facets()) if floor is not None else None
    if wanted is None or floor is None:
        return Page(asked=filters.q, shown=filters.q)
    if ranked:
        return _ranked_page(db, filters, wanted, place, limit=limit, floor=floor)
    if wanted:
        seqs = search.find(db, wanted, limit=limit + 1, before=place.before, floor=floor)
    else:
        seqs = _newest(db, limit=limit + 1, before=place.before, floor=floor)
    following = write_cursor(f"s{seqs[limit - 1]}") if len(seqs) > limit else None
    return Page(shapes(db, seqs[:limit]), following, filters.q, filters.q)


def _ranked_page(db: Session, filters: Filters, wanted: search.Wanted, place: Place, *, limit: int, floor: int) -> Page:
    best = search.rank(db, wanted, limit=limit + 1, top=place.top, behind=place.behind, floor=floor)
    following = None
    if len(best) > limit:
        top = place.top if place.top is not None else _last_seq(db)
        seq, score = best[limit - 1]
        following = write_cursor(f"r{top}.{score}.{seq}")
    return Page(shapes(db, [seq for seq, _score in best[:limit]]), following, filters.q, filters.q)


def _newest(db: Session, *, limit: int, before: int | None, floor: int) -> list[int]:
    values = {"floor": floor, "before": NO_END if before is None else before, "limit": limit}
    return list(db.connection().execute(NEWEST, values).scalars())


def shapes(db: Session, seqs: Sequence[int]) -> list[dict[str, Any]]:
    """The public shapes of these publication sequences, in their order."""
    if not seqs:
        return []
    rows = {row["publication_seq"]: row for row in db.connection().execute(BY_SEQ, {"seqs": seqs}).mappings()}
    media = public_media(db, [row["seq"] for row in rows.values()])
    return [public.shape(dict(rows[seq]), media.get(rows[seq]["seq"], [])) for seq in seqs if seq in rows]


def _floor(db: Session, since: datetime) -> int | None:
    """The lowest publication sequence since a moment; None when nothing was published since.

    A contribution that came back later has a higher sequence than its first day's others: the lowest
    of that day's first is the true one unless all of those came back.
    """
    query = (
        sa.select(C.publication_seq).where(C.published_at >= since, C.publication_seq.is_not(None))
        .order_by(C.published_at, C.publication_seq).limit(FIRST_OF_A_DAY)
    )  # fmt: skip
    return min(db.connection().execute(query).scalars(), default=None)


def _last_seq(db: Session) -> int:
    return int(db.connection().execute(sa.select(sa.func.max(C.publication_seq))).scalar() or 0)


def _meant(db: Session, query: str) -> Iterator[str]:
    """What was probably meant: unknown words replaced by the nearest known ones; then without those nobody says."""
    words = asked(query)
    better = [vocabulary.correct(db, word) or vocabulary.apart(db, word) or word for word in words]
    if better != words:
        yield " ".join(better)
    said = [word for word in better if (wanted := search.want(db, word, ())) and search.find(db, wanted, limit=1)]
    if 0 < len(said) < len(better):
        yield " ".join(said)


def one(db: Session, reference: str) -> dict[str, Any] | Gone:
    """A published contribution by its reference, in any case; what is left of a former one; else NotFound."""
    reference = reference.upper()
    if not REFERENCE.match(reference):
        raise NotFound(UNKNOWN)
    row = db.connection().execute(BY_REFERENCE, {"reference": reference}).mappings().first()
    if row is not None:
        return public.shape(dict(row), public_media(db, [row["seq"]]).get(row["seq"], []))
    gone = db.connection().execute(
        sa.select(C.state, C.reason, C.state_since).where(
            C.reference == reference, C.published_at.is_not(None), C.state.in_(ONCE_PUBLIC)
        )
    ).first()  # fmt: skip
    if gone is None:
        raise NotFound(UNKNOWN)
    return Gone(*gone)


def latest(db: Session, n: int = 6) -> list[dict[str, Any]]:
    """The newest published contributions, for the home page."""
    return shapes(db, _newest(db, limit=n, before=None, floor=0))


def write_cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(after: str, *, ranked: bool) -> Place:
    """Where a cursor leads. It is opaque to clients: only what `write_cursor` made is one."""
    if not after:
        return Place()
    try:
        text = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    match = CURSOR.match(text)
    if match is None or ranked != (match[2] is not None):
        raise refuse_field("after", "bad_cursor", BAD_CURSOR)
    if ranked:
        return Place(top=int(match[2]), behind=(int(match[4]), int(match[3])))
    return Place(before=int(match[1]))


def published_count(db: Session) -> int:
    """How many contributions are published, as the counter says."""
    return int(db.connection().execute(sa.text("SELECT value FROM counter WHERE name = 'published'")).scalar() or 0)
