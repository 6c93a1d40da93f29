"""Work on contributions outside the request: finish an erasure, forget what has run out."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.adapters import Adapters
from app.contributions import drafts, erasure, idempotency, notices, receipts
from app.db import reading
from app.jobs import sweeper, task
from app.notify import outbox

# Longer than usual: an erasure is never given up because a reader was busy for an hour.
PATIENT = (5, 30, 120, 600, 3600, 6 * 3600, 86400, 86400, 86400)


@task("after_erasure", retry=PATIENT)
def after_erasure(contribution_id: str, scope: str, *, adapters: Adapters) -> None:
    """The ledger first, so that a restore from any moment on forgets again; then mails kept here as files,
    index and write-ahead log. `contribution_id`, or who signed up for a meeting.

    The files of photos go by jobs of their own (`forget_media`), added in the erasure's transaction.
    """
    erasure.note_in_ledger(adapters.data_dir, contribution_id, scope, adapters.clock())
    with reading() as db:
        sent = outbox.sent_about(db, UUID(contribution_id))
    for message_id in sent:
        adapters.mailer.forget(str(message_id))
    erasure.scrub()


@sweeper
def run_out(db: Session, now: datetime) -> None:
    """Receipt pages, follow sessions, access links, drafts, kept answers, what was reported half a year ago."""
    receipts.sweep(db, now)
    drafts.sweep(db, now)
    idempotency.sweep(db, now)
    notices.sweep(db, now)
