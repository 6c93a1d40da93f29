"""A collective's draft, put aside here and resumed elsewhere by code, for 30 days. Sealed; kept as is."""

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.adapters import vault
from app.consultation.content import consultation
from app.contributions import receipts
from app.errors import N_, NotFound
from app.models import Draft

UNKNOWN = N_("Ce code n’ouvre aucun brouillon. Vérifiez les mots, l’ordre et les deux chiffres.")


def put_aside(db: Session, values: dict[str, Any], *, now: datetime) -> str:
    """Keeps the form as typed; gives the code that resumes it."""
    code = receipts.new_code().words
    db.add(
        Draft(
            code_mac=vault.blind("draft", receipts.normal(code)),
            sealed=vault.seal("draft", json.dumps(values).encode()),
            expires_at=now + timedelta(days=consultation().limits.draft_days),
        )
    )
    return code


def resume(db: Session, typed: str, *, now: datetime) -> dict[str, Any]:
    """The form as it was; NotFound `unknown_draft` when the code opens none. The draft stays until sent or expired."""
    row = db.get(Draft, vault.blind("draft", receipts.normal(typed)))
    if row is None or row.expires_at <= now:
        raise NotFound(UNKNOWN, code="unknown_draft")
    return json.loads(vault.unseal("draft", row.sealed))  # type: ignore[no-any-return]


def drop(db: Session, typed: str) -> None:
    """Its contribution was sent."""
    db.connection().execute(sa.delete(Draft).where(col(Draft.code_mac) == vault.blind("draft", receipts.normal(typed))))


def sweep(db: Session, now: datetime) -> None:
    db.connection().execute(sa.delete(Draft).where(col(Draft.expires_at) <= now))
