"""The append-only journal. Each entry's HMAC covers the one before: a changed, removed or cut entry shows.

Leaf beside the models; every domain writes it, in the transaction of the act itself.
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from app.adapters import vault
from app.models.audit import AuditEntry, AuditHead
from app.models.driver import add_rows, known, run

CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode
END = "SELECT count, mac FROM audit_head WHERE id = 1"  # on SQLite a writer is alone already
HELD = END + " FOR UPDATE"
LINK = "UPDATE audit_head SET count = ?, mac = ? WHERE id = 1"


def append(
    db: Session,
    *,
    actor: str,
    action: str,
    kind: str,
    object_id: str,
    now: datetime,
    hashes: dict[str, str] | None = None,
) -> None:
    """Adds one entry. Call it last in a rule: on PostgreSQL the head row is held until the commit."""
    count, before = known(db).get("end") or run(db, END if db.get_bind().dialect.name == "sqlite" else HELD).fetchone()
    mac = vault.sign("audit", _canonical(before, now, actor, action, kind, object_id, hashes or {}))
    what = {"actor": actor, "action": action, "kind": kind, "object_id": object_id, "hashes": hashes or {}}
    add_rows(db, AuditEntry, what | {"seq": count + 1, "at": now, "mac": mac})
    run(db, LINK, count + 1, mac)
    known(db)["end"] = count + 1, mac  # ours until the commit


def verify(db: Session, *, since: tuple[int, str] = (0, "")) -> tuple[int, int | None]:
    """(last entry read, seq of the first that does not fit or None). Constant memory.

    `since`: an entry known to fit, seq and mac; those before it are not read again.
    """
    head = end(db)
    read, last = since
    if read and mac_of(db, read) != last:
        return read, read
    every = sa.select(AuditEntry.__table__).order_by(col(AuditEntry.seq))  # type: ignore[attr-defined]
    # Up to that head: on PostgreSQL others go on writing between two statements.
    every = every.where(col(AuditEntry.seq) > read, col(AuditEntry.seq) <= head[0])
    with db.connection().execute(every.execution_options(yield_per=500)) as entries:
        for entry in entries:
            read += 1
            values = (entry.at, entry.actor, entry.action, entry.kind, entry.object_id, entry.hashes)
            if entry.seq != read or not vault.verify("audit", _canonical(last, *values), entry.mac):
                return read, entry.seq
            last = entry.mac
    if (read, last) != head:
        return read, read + 1
    return read, _beyond(db)


def end(db: Session) -> tuple[int, str]:
    """Where the chain ends: how many entries, and the signature of the last."""
    count, mac = db.connection().execute(sa.select(col(AuditHead.count), col(AuditHead.mac))).one()
    return count, mac


def mac_of(db: Session, seq: int) -> str | None:
    """The signature an entry stands under."""
    found: str | None = (
        db.connection().execute(sa.select(col(AuditEntry.mac)).where(col(AuditEntry.seq) == seq)).scalar()
    )
    return found


def _beyond(db: Session) -> int | None:
    """An entry after the head, which no rule can have written: both are read in one statement."""
    last = sa.select(sa.func.max(col(AuditEntry.seq))).scalar_subquery()
    return db.connection().execute(sa.select(last).where(last > col(AuditHead.count))).scalar()


def _canonical(
    before: str, at: datetime, actor: str, action: str, kind: str, object_id: str, hashes: dict[str, str]
) -> bytes:
    values = [before, at.astimezone(UTC).isoformat(timespec="microseconds"), actor, action, kind, object_id, hashes]
    return CANONICAL(values).encode()
