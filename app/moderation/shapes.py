"""The JSON of the desk, as docs/api.md says it."""

from datetime import datetime, timedelta
from typing import Any

from app.consultation.content import consultation
from app.media import queries as media_queries
from app.models import Alert, Contribution, Media
from app.moderation.queries import Page


def queue_page(page: Page, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "items": [queue_item(row, page.media[row.seq]) for row in page.rows],
        "next": page.next,
        "counts": counts,
    }


def queue_item(row: Any, media: list[Media]) -> dict[str, Any]:
    """`row` is a row of `queries.queue` or `queries.item`."""
    return {
        "id": str(row.id),
        "reference": row.reference,
        "state": row.state.value,
        "version": row.version,
        "revision": {
            "number": row.revision,
            "title": row.title,
            "body": row.body,
            "language": row.words_language,
        },
        "channel": row.channel.value,
        "kind": row.kind.value,
        "question": row.question,
        "received_at": row.received_at.isoformat(),
        "due_at": due_at(row.received_at).isoformat(),
        "claim": {"by": row.by, "until": row.claimed_until.isoformat()} if row.by else None,
        "signals": [{"kind": "alert", "open": row.open_alerts}] if row.open_alerts else [],
        "media": [medium(one) for one in media],
    }


def due_at(received_at: datetime) -> datetime:
    """By when a person should have read it."""
    return received_at + timedelta(hours=consultation().limits.review_hours)


def medium(one: Media) -> dict[str, Any]:
    """One medium for staff: the public shape, what its owner wants, and what was chosen."""
    return media_queries.shape(one) | {
        "state": one.state.value,
        "choice": one.choice.value if one.choice else None,
        "failure": one.failure,
        "face": one.face.value,
        "voice": one.voice.value,
        "people_recognisable": one.people_recognisable,
        "agreements_held": one.agreements_held,
    }


def decided(contribution: Contribution, *, action: str, by: str) -> dict[str, Any]:
    return {
        "id": str(contribution.id),
        "reference": contribution.reference,
        "state": contribution.state.value,
        "version": contribution.version,
        "revision": contribution.revision,
        "action": action,
        "by": by,
        "at": contribution.state_since.isoformat(),
    }


def alert(one: Alert) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind,
        "state": "closed" if one.closed_at else "open",
        "opened_at": one.opened_at.isoformat(),
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
    }
