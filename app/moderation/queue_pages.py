"""/equipe/moderation: the queue. All of it works without JavaScript; its addresses stand before those of one item."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.db import reading
from app.moderation import filters, queue_queries, shapes
from app.moderation.access import Desk
from app.moderation.queue_schemas import QueueIn
from app.web import AdaptersDep, page

router = APIRouter(prefix="/equipe/moderation", include_in_schema=False)


@router.get("", name="moderation_queue")
def show_queue(
    request: Request, asked: Annotated[QueueIn, Query()], moderator: Desk, adapters: AdaptersDep
) -> Response:
    now = adapters.clock()
    with reading() as db:
        found = queue_queries.queue(db, asked, mine=moderator.seq, now=now)
        counts = queue_queries.counts(db, now=now)
    return page(
        request, "moderation/queue.html", found=found, now=now, due_at=shapes.due_at,
        kinds=shapes.kinds, signals=shapes.signals,
        states=filters.states(asked, counts), groups=filters.groups(asked, counts), chosen=filters.as_query(asked),
        all_url=filters.link(QueueIn()), words=filters.words(),
        older=filters.link(asked, after=found.next) if found.next else "",
        late=counts.media_waiting if asked.media is None else 0, late_url=filters.late_url(asked),
    )  # fmt: skip
