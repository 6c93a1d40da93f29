"""The private calendar link of one's own programme: made when asked for, it follows what is kept on that device."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.adapters import vault
from app.assises import queries
from app.errors import N_, NotFound
from app.events import tokens
from app.models import Agenda

PURPOSE = "agenda-link"
COOKIE = "programme_agenda"  # the link's key, on the device it was made on
UNKNOWN = N_("Ce lien n’ouvre aucun programme. Il a été supprimé, ou les Assises sont passées.")
KEPT = timedelta(days=89)  # after the last day: we say three months, and the shortest three have 89 days


def make(db: Session, sessions: Iterable[UUID], *, now: datetime) -> str:
    """A new link's token: whoever has it reads which sessions are kept, nothing else."""
    token = tokens.new()
    db.add(Agenda(token_mac=_mac(token), sessions=_ids(sessions), created_at=now, changed_at=now))
    return token


def of(db: Session, token: str) -> Agenda:
    """NotFound when it is forged, deleted or forgotten."""
    found = None
    if token and len(token) <= tokens.LETTERS:
        found = db.exec(select(Agenda).where(Agenda.token_mac == _mac(token))).first()
    if found is None:
        raise NotFound(UNKNOWN, code="unknown_link")
    return found


def is_held(db: Session, token: str) -> bool:
    return bool(token) and db.exec(select(Agenda.seq).where(Agenda.token_mac == _mac(token))).first() is not None


def follow(db: Session, token: str, sessions: Iterable[UUID], *, now: datetime) -> None:
    """What is kept by now. A link that is no more changes nothing."""
    mine = col(Agenda.token_mac) == _mac(token)
    db.connection().execute(sa.update(Agenda).where(mine).values(sessions=_ids(sessions), changed_at=now))


def delete(db: Session, token: str) -> None:
    db.connection().execute(sa.delete(Agenda).where(col(Agenda.token_mac) == _mac(token)))


def sweep(db: Session, now: datetime) -> None:
    """Three months after the last day, all of them."""
    if not db.exec(select(Agenda.seq).limit(1)).first() or not queries.has_release(db):
        return
    programme = queries.current(db).programme
    last = max([each.ends_at for each in programme.days] + [each.ends_at for each in programme.sessions], default=now)
    if now < last + KEPT:
        return
    gone = db.connection().execute(sa.delete(Agenda)).rowcount
    if gone:
        audit.append(db, actor="system", action="agendas_erased", kind="programme", object_id="1", now=now)


def _mac(token: str) -> str:
    return vault.blind(PURPOSE, token)


def _ids(sessions: Iterable[UUID]) -> list[str]:
    return [str(session) for session in sessions]
