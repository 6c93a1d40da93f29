"""A way back by e-mail: single-use links to the follow pages of whoever holds an address.

The request only puts a blind index into a job, the same for a known and an unknown address. The links' tokens
derive from the job's nonce under the instance key: a repeat makes the same ones, and nothing keeps them in clear.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import i18n, limits
from app.adapters import vault
from app.db import insert
from app.jobs import enqueue
from app.models import AccessLink, Contact, Contribution, State

OPEN_FOR = timedelta(minutes=15)
MOST = 5  # links in one mail: the newest contributions
MAILS, WINDOW = 3, 3600  # mails to one address in so many seconds: nobody floods another's mailbox


@dataclass(frozen=True)
class Links:
    """What goes into one mail: the address, and (received on, path) of each link."""

    to: str
    paths: list[tuple[datetime, str]]

    def text(self, base_url: str) -> str:
        if len(self.paths) == 1:
            return base_url + self.paths[0][1]
        return "\n\n".join(f"{i18n.format_moment(at)}\n{base_url}{path}" for at, path in self.paths)


def ask(db: Session, email: str, *, language: str, now: datetime) -> None:
    """Asks for a mail with links. Says nothing about whether the address is known."""
    index = vault.blind("contact", email)
    if limits.hits("access", index, window=WINDOW) <= MAILS:
        enqueue(db, "send_access", index, secrets.token_urlsafe(16), now.isoformat(), language)


def links(db: Session, email_index: str, *, nonce: str, asked_at: datetime, now: datetime) -> Links | None:
    """Makes the links, or finds them made; None when nothing is held under the address, or too late."""
    held = db.exec(
        select(Contribution.seq, Contribution.received_at, Contact.email_sealed)
        .join(Contact, col(Contact.contribution_seq) == col(Contribution.seq))
        .where(
            Contact.email_index == email_index,
            Contribution.state != State.ERASED,
            Contribution.open_alerts == 0,  # nothing automatic leaves meanwhile: a person answers
        )
        .order_by(col(Contribution.seq).desc())
        .limit(MOST)
    ).all()
    if not held or now > asked_at + OPEN_FOR:
        return None
    prefix = i18n.current().prefix if i18n.current().complete else ""
    paths = []
    for seq, received_at, _sealed in held:
        token = vault.sign("access", f"{nonce}:{seq}".encode())[:40]
        _keep(db, token, seq or 0, expires_at=asked_at + OPEN_FOR)
        paths.append((received_at, f"{prefix}/suivre/lien/{token}"))
    return Links(vault.unseal("contact", held[0][2] or b"").decode(), paths)


def _keep(db: Session, token: str, seq: int, *, expires_at: datetime) -> None:
    row = {"token_mac": vault.blind("access", token), "contribution_seq": seq, "expires_at": expires_at}
    db.connection().execute(insert(db, AccessLink).values(**row).on_conflict_do_nothing())


def is_open(db: Session, token: str, *, now: datetime) -> bool:
    """Looks, and changes nothing: mail scanners open every link."""
    row = db.get(AccessLink, vault.blind("access", token))
    return row is not None and row.used_at is None and row.expires_at > now


def use(db: Session, token: str, *, now: datetime) -> int | None:
    """The contribution a link opens (its seq), once."""
    used = db.connection().execute(
        sa.update(AccessLink)
        .where(
            col(AccessLink.token_mac) == vault.blind("access", token),
            col(AccessLink.used_at).is_(None),
            col(AccessLink.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(AccessLink.contribution_seq))
    )
    return used.scalar_one_or_none()
