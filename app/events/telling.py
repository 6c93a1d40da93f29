"""What an event's page says afterwards, ready to show: the report, photos, and what people said there."""

from datetime import datetime
from typing import Any

from app.consultation.content import consultation
from app.contributions import cards
from app.db import reading
from app.events import afterwards, report
from app.media import attached
from app.models import Event


def context(event: Event, *, now: datetime) -> dict[str, Any]:
    """What `events/_report.html` and `events/_said.html` need beside `event`; `after` is none before it begins."""
    if now < event.starts_at:
        return {"after": None}
    with reading() as db:
        photos = attached.shown(db, report.home(event))
        voices, more = afterwards.said(db, event)
    told = {
        "photos": photos,
        "cards": cards.cards(voices),
        "more": more,
        "say": report.may_tell(event, now=now) and consultation().collecting(now),
    }
    return {"after": told}
