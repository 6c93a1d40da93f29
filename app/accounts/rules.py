"""What is done to people of the team: added, changed, shut out, invited to choose a password; tokens."""

import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.accounts.presence import give_back
from app.accounts.schemas import normal_email
from app.accounts.second_factor import forget_recovery_codes
from app.accounts.sessions import end_sessions, token_mac
from app.adapters import vault
from app.consultation.content import consultation
from app.errors import N_, Conflict, Gone, NotFound, refuse_field
from app.models import ApiToken, Role, Staff, StaffSession
from app.outreach import devices

INVITATION = timedelta(hours=24)
COMMAND_LINE = "command-line"
LINK = re.compile(r"[0-9a-f]{32}\.[0-9]{1,12}\.[0-9a-f]{64}")


def languages_read() -> list[str]:
    """What a new member of the team reads unless said otherwise: the complete languages."""
    return list(dict.fromkeys(language.tag for language in consultation().languages if language.complete))


def add_person(
    db: Session, *, email: str, name: str, roles: list[Role], reads: list[str] | None = None,
    password_hash: str | None = None, by: str, now: datetime,
) -> Staff:  # fmt: skip
    """Raises Unprocessable (`email_taken`) when the address is known already."""
    email = normal_email(email)
    if db.exec(select(Staff.seq).where(Staff.email == email)).first() is not None:
        raise refuse_field("email", "email_taken", N_("Cette adresse est déjà dans l’équipe."))
    staff = Staff(
        email=email, name=name or email.partition("@")[0], roles=_sorted(roles),
        reads=reads or languages_read(), password_hash=password_hash, created_at=now,
    )  # fmt: skip
    db.add(staff)
    db.flush()
    _note(db, staff, "person_added", by=by, now=now)
    return staff


def change_person(
    db: Session, staff: Staff, *, name: str, roles: list[Role], reads: list[str], by: Staff, now: datetime
) -> None:
    """Acts on the person's next request: roles are read from the row each time."""
    if staff.seq == by.seq and by.holds(Role.ADMINISTRATOR) and Role.ADMINISTRATOR not in roles:
        words = N_("On ne peut pas se retirer ce rôle à soi-même : demandez à quelqu’un d’autre.")
        raise refuse_field("roles", "own_role", words)
    changed = staff.roles != _sorted(roles)
    staff.name, staff.roles, staff.reads = name, _sorted(roles), list(dict.fromkeys(reads))
    db.add(staff)
    db.flush()
    if not staff.holds(Role.MODERATOR, Role.ADMINISTRATOR):
        give_back(db, staff)
    if not staff.holds(Role.MEDIATOR):
        devices.revoke_all(db, staff, by=by.actor, now=now)
    _note(db, staff, "roles_changed" if changed else "person_changed", by=by.actor, now=now)


def shut_out(db: Session, staff: Staff, *, by: Staff, now: datetime) -> None:
    """No session, token or link of this person works any more; they can be let in again."""
    if staff.seq == by.seq:
        raise Conflict(N_("On ne peut pas fermer son propre accès."), code="own_access")
    staff.active = False
    db.add(staff)
    db.flush()
    end_sessions(db, staff)
    give_back(db, staff)
    devices.revoke_all(db, staff, by=by.actor, now=now)
    _note(db, staff, "access_closed", by=by.actor, now=now)


def let_in(db: Session, staff: Staff, *, by: Staff, now: datetime) -> None:
    staff.active = True
    db.add(staff)
    db.flush()
    _note(db, staff, "access_opened", by=by.actor, now=now)


def close_sessions(db: Session, staff: Staff, *, by: Staff, now: datetime, but: StaffSession | None = None) -> None:
    """On a lost or borrowed device: all of them, or all but one. The password stays."""
    if end_sessions(db, staff, but=but):
        _note(db, staff, "sessions_ended", by=by.actor, now=now)


def close_session(db: Session, staff: Staff, *, mac: str, now: datetime) -> None:
    """One of one's own; one that has ended already stays so. Someone else's cannot be told from none."""
    mine = (col(StaffSession.token_mac) == mac, col(StaffSession.staff_seq) == staff.seq)
    if db.connection().execute(sa.delete(StaffSession).where(*mine)).rowcount:
        _note(db, staff, "session_ended", by=staff.actor, now=now)


def reset_second_factor(db: Session, staff: Staff, *, by: Staff, now: datetime) -> None:
    """For a lost phone: the person enrols again at the next login. Their sessions end."""
    staff.totp_sealed, staff.totp_confirmed_at = None, None
    db.add(staff)
    db.flush()
    forget_recovery_codes(db, staff)
    end_sessions(db, staff)
    _note(db, staff, "second_factor_reset", by=by.actor, now=now)


def invite(db: Session, staff: Staff, *, by: str, at: datetime, now: datetime) -> str:
    """The secret of a link with which the person chooses a password, within 24 h of real time and once.

    Nothing is stored: the signature covers the present password, so using the link ends it.
    """
    _note(db, staff, "invited", by=by, now=now)
    until = str(int((at + INVITATION).timestamp()))
    return f"{staff.id.hex}.{until}.{_signature(staff, until)}"


def invited(db: Session, link: str, *, at: datetime) -> Staff:
    """Whose link it is; raises Gone when it is used, too old or not ours."""
    over = Gone(N_("Ce lien ne marche plus. Demandez-en un nouveau à votre équipe."), code="link_over")
    if not LINK.fullmatch(link):
        raise over
    who, until, signature = link.split(".")
    staff = db.exec(select(Staff).where(Staff.id == UUID(who), col(Staff.active))).first()
    if staff is None or int(until) < at.timestamp():
        raise over
    if not secrets.compare_digest(signature.encode(), _signature(staff, until).encode()):
        raise over
    return staff


def _signature(staff: Staff, until: str) -> str:
    return vault.sign("invitation", f"{staff.id}\n{until}\n{staff.password_hash or ''}".encode())


def set_password(db: Session, staff: Staff, *, new_hash: str, now: datetime) -> None:
    """Ends every session of the person. Raises Conflict if the password changed since `staff` was read."""
    same = col(Staff.password_hash).is_not_distinct_from(staff.password_hash)
    update = sa.update(Staff).where(col(Staff.seq) == staff.seq, same).values(password_hash=new_hash)
    if not db.connection().execute(update).rowcount:
        raise Conflict(N_("Le mot de passe vient déjà d’être changé."), code="password_changed")
    end_sessions(db, staff)
    _note(db, staff, "password_set", by=staff.actor, now=now)


def make_token(db: Session, staff: Staff, *, name: str, by: str, now: datetime) -> str:
    """A personal token for the API; only its HMAC is kept, so this is the one time it can be shown."""
    token = "ns_" + secrets.token_urlsafe(32)
    db.add(ApiToken(token_mac=token_mac(token), staff_seq=staff.seq or 0, name=name, created_at=now))
    db.flush()
    _note(db, staff, "token_made", by=by, now=now)
    return token


def revoke_token(db: Session, staff: Staff, *, mac: str, by: str, now: datetime) -> None:
    """A token revoked already stays so; someone else's is not found."""
    mine = select(ApiToken).where(ApiToken.token_mac == mac, ApiToken.staff_seq == staff.seq)
    token = db.exec(mine).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = now
        db.add(token)
        db.flush()
        _note(db, staff, "token_revoked", by=by, now=now)


def _note(db: Session, staff: Staff, action: str, *, by: str, now: datetime) -> None:
    audit.append(db, actor=by, action=action, kind="staff", object_id=str(staff.id), now=now)


def _sorted(roles: list[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]
