"""A collective's draft, put aside here and resumed elsewhere by code, for 30 days. Sealed; kept as is."""

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.adapters import vault
from app.consultation.content import consultation
from app.contributions import receipts
from app.errors import N_, NotFound, TooLarge
from app.media import rules as media_rules
from app.models import Draft

MOST = 1024 * 1024  # bytes: many times the longest text
UNKNOWN = N_("Ce code n’ouvre aucun brouillon. Vérifiez les mots, l’ordre et les deux chiffres.")


def put_aside(db: Session, values: dict[str, Any], *, code: str = "", now: datetime) -> str:
    """Keeps the form as typed; gives the code that resumes it, the same one again (`code`) for a draft resumed.

    TooLarge beyond what anybody types: a form may carry far more than words.
    """
    said = json.dumps(values, ensure_ascii=False).encode(errors="replace")
    if len(said) > MOST:
        raise TooLarge
    kept = _kept(db, code, now=now) if code else None
    if kept is None:
        code = receipts.new_code().words
        kept = Draft(code_mac=_mac(code), sealed=b"", expires_at=now)
    kept.sealed = vault.seal("draft", said)
    kept.expires_at = now + timedelta(days=consultation().limits.draft_days)
    db.add(kept)
    media_rules.keep_on(db, values.get("upload", []), now=now)
    return code


def _mac(code: str) -> str:
    return vault.blind("draft", receipts.normal(code))


def _kept(db: Session, code: str, *, now: datetime) -> Draft | None:
    row = db.get(Draft, _mac(code))
    return row if row and row.expires_at > now else None


def resume(db: Session, typed: str, *, who: str, now: datetime) -> dict[str, Any]:
    """The form as it was. NotFound `unknown_draft` when the code opens none, TooMany after a few from address `who`.

    The draft stays until sent or expired.
    """
    receipts.slow_guesses(who)
    row = _kept(db, typed, now=now)
    if row is None:
        receipts.count_guess(who)
        raise NotFound(UNKNOWN, code="unknown_draft")
    return json.loads(vault.unseal("draft", row.sealed))  # type: ignore[no-any-return]


def drop(db: Session, typed: str) -> None:
    """Its contribution was sent."""
    db.connection().execute(sa.delete(Draft).where(col(Draft.code_mac) == _mac(typed)))


def sweep(db: Session, now: datetime) -> None:
    db.connection().execute(sa.delete(Draft).where(col(Draft.expires_at) <= now))
