"""Credentials as kept: browser sessions and API tokens. Only HMACs are at rest; roles are read live."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import vault
from app.errors import Unauthorized
from app.models import ApiToken, Role, Staff, StaffSession

ABSOLUTE = timedelta(hours=12)
IDLE = timedelta(hours=2)
TOUCH = timedelta(minutes=5)  # `seen_at` is written no more often than this
STRONG = (Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Login:
    """Someone identified. `session` is None when a bearer token says who."""

    staff: Staff
    session: StaffSession | None

    @property
    def complete(self) -> bool:
        """False while the second factor is still owed. A token made by hand owes none."""
        return self.session is None or self.session.second_factor or not owes_second_factor(self.staff)


def owes_second_factor(staff: Staff) -> bool:
    """Moderators and above always; others once they have enrolled."""
    return staff.holds(*STRONG) or staff.totp_confirmed_at is not None


def find_login(db: Session, *, cookie: str | None, bearer: str | None, now: datetime) -> Login | None:
    """Who holds this credential, if it is good at `now` (real time); a bearer token goes before a cookie."""
    if bearer is not None:
        holder = db.exec(
            select(Staff)
            .join(ApiToken, col(ApiToken.staff_seq) == Staff.seq)
            .where(ApiToken.token_mac == token_mac(bearer), col(ApiToken.revoked_at).is_(None), col(Staff.active))
        ).first()
        return Login(holder, None) if holder else None
    if not cookie:
        return None
    found = db.exec(
        select(Staff, StaffSession)
        .join(StaffSession, col(StaffSession.staff_seq) == Staff.seq)
        .where(StaffSession.token_mac == session_mac(cookie), StaffSession.expires_at > now)
        .where(StaffSession.seen_at > now - IDLE, col(Staff.active))
    ).first()
    return Login(*found) if found else None


def open_session(
    db: Session, staff: Staff, *, second_factor: bool, now: datetime, former: StaffSession | None = None
) -> str:
    """A new session in place of the `former` one; returns the cookie's value, kept nowhere.

    Raises Unauthorized when the former one has ended meanwhile.
    """
    if former is not None and not end_session(db, former):
        raise Unauthorized
    db.connection().execute(sa.delete(StaffSession).where(col(StaffSession.expires_at) < now))
    token = secrets.token_urlsafe(32)
    db.add(StaffSession(
        token_mac=session_mac(token), staff_seq=staff.seq or 0, second_factor=second_factor,
        created_at=now, seen_at=now, expires_at=now + ABSOLUTE,
    ))  # fmt: skip
    return token


def touch(db: Session, session: StaffSession, *, now: datetime) -> None:
    late = (col(StaffSession.token_mac) == session.token_mac, col(StaffSession.seen_at) < now)
    db.connection().execute(sa.update(StaffSession).where(*late).values(seen_at=now))


def end_session(db: Session, session: StaffSession) -> bool:
    """False when it had ended already."""
    ended = sa.delete(StaffSession).where(col(StaffSession.token_mac) == session.token_mac)
    return bool(db.connection().execute(ended).rowcount)


def end_sessions(db: Session, staff: Staff, *, but: StaffSession | None = None) -> int:
    """Ends all of a person's sessions, or all but one; says how many."""
    condition = col(StaffSession.staff_seq) == staff.seq
    if but is not None:
        condition = sa.and_(condition, col(StaffSession.token_mac) != but.token_mac)
    return db.connection().execute(sa.delete(StaffSession).where(condition)).rowcount


def session_mac(token: str) -> str:
    return vault.blind("staff-session", token)


def token_mac(token: str) -> str:
    return vault.blind("api-token", token)
