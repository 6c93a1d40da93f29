"""A repeated POST gives the first answer: sealed, kept 24 h. A concurrent repeat waits for the first.

In the act's own transaction: on SQLite the write lock makes a second one wait, so looking first is enough; on
PostgreSQL the unique key does, so the row is there before the act. A refused act leaves none, so it can be retried.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from pydantic_core import to_json
from sqlmodel import Session, col

from app.adapters import vault
from app.errors import N_, Conflict, refuse_field
from app.models import IdempotencyKey
from app.models.driver import add_rows, insert_new, run

LOOK = "SELECT 1 FROM idempotencykey WHERE key_mac = ?"
UNANSWERED = {"status": 0, "sealed": b""}
ANSWER = "UPDATE idempotencykey SET status = ?, sealed = ? WHERE key_mac = ?"
KEPT_FOR = timedelta(hours=24)
REUSED = N_("Cette clé d’envoi a déjà servi pour un autre contenu.")


def once(
    db: Session,
    key: str | None,
    *,
    act: str,
    body: bytes | BaseModel,
    now: datetime,
    do: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any]]:
    """(status, answer) of `do()`, or of the first time it was done under this key."""
    if not key:
        return do()
    words = body if isinstance(body, bytes) else body.model_dump_json().encode()
    row: dict[str, Any] = {"key_mac": _key(act, key), "body_hash": hashlib.sha256(words).hexdigest(), "created_at": now}
    if db.get_bind().dialect.name != "sqlite":
        if insert_new(db, IdempotencyKey, row | UNANSWERED) is None:
            return _replay(db, row, now=now, do=do)
        return _keep(db, row["key_mac"], do())
    if run(db, LOOK, row["key_mac"]).fetchone():
        return _replay(db, row, now=now, do=do)
    status, answer = do()
    add_rows(db, IdempotencyKey, row | {"status": status, "sealed": _sealed(answer)})
    return status, answer


def kept(db: Session, key: str, *, act: str) -> dict[str, Any] | None:
    """The answer already given under this key; None when there is none yet."""
    row = db.get(IdempotencyKey, _key(act, key))
    return json.loads(vault.unseal("idempotency", row.sealed)) if row and row.status else None


def _key(act: str, key: str) -> str:
    try:
        return vault.blind("idempotency", f"{act}\n{uuid.UUID(key)}")
    except ValueError as error:
        raise refuse_field("Idempotency-Key", "bad_key", N_("La clé d’envoi doit être un UUID.")) from error


def _replay(
    db: Session, row: dict[str, Any], *, now: datetime, do: Callable[[], tuple[int, dict[str, Any]]]
) -> tuple[int, dict[str, Any]]:
    held = (
        db.connection()
        .execute(
            sa.select(
                IdempotencyKey.body_hash, IdempotencyKey.status, IdempotencyKey.sealed, IdempotencyKey.created_at
            ).where(col(IdempotencyKey.key_mac) == row["key_mac"])  # type: ignore[call-overload]
        )
        .one()
    )
    if now - held.created_at > KEPT_FOR:
        db.connection().execute(
            sa.update(IdempotencyKey)
            .where(col(IdempotencyKey.key_mac) == row["key_mac"])
            .values(body_hash=row["body_hash"], created_at=now)
        )
        return _keep(db, row["key_mac"], do())
    if held.body_hash != row["body_hash"]:
        raise Conflict(REUSED, code="idempotency_key_reused")
    return held.status, json.loads(vault.unseal("idempotency", held.sealed))


def _keep(db: Session, key_mac: str, answer: tuple[int, dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    status, body = answer
    run(db, ANSWER, status, _sealed(body), key_mac)
    return answer


def _sealed(body: dict[str, Any]) -> bytes:
    return vault.seal("idempotency", to_json(body))


def sweep(db: Session, now: datetime) -> None:
    """Forgets answers older than 24 h."""
    db.connection().execute(sa.delete(IdempotencyKey).where(col(IdempotencyKey.created_at) < now - KEPT_FOR))
