"""The second factor: codes of an application (TOTP, RFC 6238); ten recovery codes for a lost phone."""

import base64
import hmac
import json
import secrets
from datetime import datetime

import pyotp
import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.adapters import vault
from app.errors import N_, Conflict, refuse_field
from app.models import RecoveryCode, Staff

STEP = 30
DRIFT = (0, -1, 1)  # steps before and after that are accepted, for clocks that are off
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
HOW_MANY = 10


def propose(session_mac: str) -> str:
    """A fresh secret, sealed for this session only: the page carries it until a code confirms it."""
    content = json.dumps([session_mac, pyotp.random_base32()]).encode()
    return base64.urlsafe_b64encode(vault.seal("totp-proposal", content)).decode()


def proposed(sealed: str, session_mac: str) -> str:
    """The secret of a proposal; ValueError when it was altered or made for another session."""
    opened = vault.unseal("totp-proposal", base64.urlsafe_b64decode(sealed.encode("ascii")))
    mac, secret = json.loads(opened)
    if not hmac.compare_digest(mac, session_mac):
        raise ValueError("made for another session")
    return str(secret)


def address(secret: str, *, email: str, issuer: str) -> str:
    """The otpauth:// address that applications read from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def enrol(db: Session, staff: Staff, *, secret: str, code: str, at: datetime, now: datetime) -> list[str]:
    """Ties `secret` to the person once a code proves that they hold it; returns ten recovery codes.

    `at` is real time, `now` the service's. Raises Conflict when a second factor stands already: a
    password alone must never replace it.
    """
    step = _step_of(secret, code, at=at)
    if step is None:
        raise wrong_code()
    changed = db.connection().execute(
        sa.update(Staff)
        .where(col(Staff.seq) == staff.seq, col(Staff.totp_confirmed_at).is_(None))
        .values(totp_sealed=vault.seal("totp", secret.encode()), totp_confirmed_at=at, totp_last_step=step)
    )
    if not changed.rowcount:
        raise Conflict(N_("Votre double contrôle est déjà en place."), code="second_factor_set")
    codes = _replace_recovery_codes(db, staff)
    _note(db, staff, "second_factor_set", now=now)
    return codes


def spend(db: Session, staff: Staff, *, code: str, at: datetime) -> None:
    """Accepts a code of the application or a recovery code, each once; otherwise raises Unprocessable."""
    digits = "".join(code.split())
    spent = _spend_totp(db, staff, digits, at=at) if digits.isdecimal() else _spend_recovery(db, staff, code, at=at)
    if not spent:
        raise wrong_code()


def wrong_code() -> Exception:
    words = N_("Ce code ne marche pas, ou il a déjà servi. Attendez le suivant, puis recommencez.")
    return refuse_field("code", "wrong_code", words)


def _spend_totp(db: Session, staff: Staff, code: str, *, at: datetime) -> bool:
    if staff.totp_sealed is None or staff.totp_confirmed_at is None:
        return False
    step = _step_of(vault.unseal("totp", staff.totp_sealed).decode(), code, at=at)
    if step is None:
        return False
    fresh = (col(Staff.totp_last_step) < step, col(Staff.totp_confirmed_at).is_not(None))
    update = sa.update(Staff).where(col(Staff.seq) == staff.seq, *fresh).values(totp_last_step=step)
    return bool(db.connection().execute(update).rowcount)


def _step_of(secret: str, code: str, *, at: datetime) -> int | None:
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP
    given = "".join(code.split())
    for step in (now + drift for drift in DRIFT):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given.encode("utf-8", "replace")):
            return step
    return None


def renew_recovery_codes(db: Session, staff: Staff, *, now: datetime) -> list[str]:
    """Ten new codes; the old ones stop working."""
    codes = _replace_recovery_codes(db, staff)
    _note(db, staff, "recovery_renewed", now=now)
    return codes


def _replace_recovery_codes(db: Session, staff: Staff) -> list[str]:
    forget_recovery_codes(db, staff)
    codes = [_fresh_code() for _ in range(HOW_MANY)]
    for code in codes:
        db.add(RecoveryCode(code_mac=_recovery_mac(staff, code), staff_seq=staff.seq or 0))
    db.flush()
    return codes


def forget_recovery_codes(db: Session, staff: Staff) -> None:
    db.connection().execute(sa.delete(RecoveryCode).where(col(RecoveryCode.staff_seq) == staff.seq))


def _spend_recovery(db: Session, staff: Staff, code: str, *, at: datetime) -> bool:
    unused = (col(RecoveryCode.code_mac) == _recovery_mac(staff, code), col(RecoveryCode.used_at).is_(None))
    update = sa.update(RecoveryCode).where(*unused, col(RecoveryCode.staff_seq) == staff.seq)
    return bool(db.connection().execute(update.values(used_at=at)).rowcount)


def _fresh_code() -> str:
    """About 50 bits, in two halves that can be read aloud."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _recovery_mac(staff: Staff, code: str) -> str:
    plain = "".join(character for character in code.lower() if character in ALPHABET)
    return vault.blind("recovery-code", f"{staff.id}\n{plain}")


def _note(db: Session, staff: Staff, action: str, *, now: datetime) -> None:
    audit.append(db, actor=staff.actor, action=action, kind="staff", object_id=str(staff.id), now=now)
