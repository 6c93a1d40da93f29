"""A repeated POST gives the first answer: sealed, kept 24 h. A concurrent repeat waits for the first.

The key's row is inserted before the act, in the act's own transaction: on SQLite the write lock makes a
second one wait, on PostgreSQL the unique key does. A refused act rolls the row back, so it can be retried.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.adapters import vault
from app.errors import N_, Conflict, refuse_field
from app.models import IdempotencyKey

_table = IdempotencyKey.__table__  # type: ignore[attr-defined]
# RETURNING, not the row count: psycopg's is -1 for such an INSERT, and the act would be done twice.
CLAIM = {
    "sqlite": sqlite.insert(_table).on_conflict_do_nothing().returning(_table.c.key_mac),
    "postgresql": postgresql.insert(_table).on_conflict_do_nothing().returning(_table.c.key_mac),
}
ANSWER = (
    sa.update(_table)
    .where(_table.c.key_mac == sa.bindparam("of"))
    .values(status=sa.bindparam("new_status"), sealed=sa.bindparam("new_sealed"))
)
KEPT_FOR = timedelta(hours=24)
REUSED = N_("Cette clé d’envoi a déjà servi pour un autre contenu.")


def once(
    db: Session,
    key: str | None,
    *,
    act: str,
    body: bytes,
    now: datetime,
    do: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any]]:
    """(status, answer) of `do()`, or of the first time it was done under this key."""
    if not key:
        return do()
    row: dict[str, Any] = {"key_mac": _key(act, key), "body_hash": hashlib.sha256(body).hexdigest(), "created_at": now}
    claim = CLAIM[db.get_bind().dialect.name]
    if db.connection().execute(claim, row | {"status": 0, "sealed": b""}).first() is None:
        return _replay(db, row, now=now, do=do)
    return _keep(db, row["key_mac"], do())


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
    sealed = vault.seal("idempotency", json.dumps(body).encode())
    db.connection().execute(ANSWER, {"of": key_mac, "new_status": status, "new_sealed": sealed})
    return answer


def sweep(db: Session, now: datetime) -> None:
    """Forgets answers older than 24 h."""
    db.connection().execute(sa.delete(IdempotencyKey).where(col(IdempotencyKey.created_at) < now - KEPT_FOR))
