"""How far an announcement has come: a change counts as told when it was sent, or somebody ticked the call."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from app.models import Event, EventMessage, Message, MessageState

TOLD = (MessageState.SENT, MessageState.DONE)


@dataclass(frozen=True)
class Progress:
    """People; who was told by a newer announcement instead is in neither."""

    told: int = 0
    waiting: int = 0  # for the mail server, or for a call
    failed: int = 0  # no way to reach them


def progress(db: Session, event: Event) -> dict[int, Progress]:
    """By the announcement's seq."""
    rows = db.connection().execute(
        sa.select(col(Message.event_message_seq), col(Message.state), sa.func.count())
        .join(EventMessage, col(EventMessage.seq) == col(Message.event_message_seq))
        .where(col(EventMessage.event_seq) == event.seq, col(Message.state) != MessageState.DROPPED)
        .group_by(col(Message.event_message_seq), col(Message.state))
    )
    found: dict[int, Progress] = {}
    for about, state, count in rows:
        seq = about or 0
        so_far = found.get(seq, Progress())
        told, failed = (count if state in states else 0 for states in (TOLD, (MessageState.FAILED,)))
        waiting = count - told - failed
        found[seq] = Progress(so_far.told + told, so_far.waiting + waiting, so_far.failed + failed)
    return found
