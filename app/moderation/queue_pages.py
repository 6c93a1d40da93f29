"""/equipe/moderation: the queue. All of it works without JavaScript; its addresses stand before those of one item."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from app.db import reading
from app.moderation import desk, filters, queue_live, queue_order, queue_queries, shapes
from app.moderation.access import Desk
from app.moderation.queue_schemas import LiveIn, QueueIn, StepIn
from app.outreach import desk as outreach_desk
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/moderation", include_in_schema=False)


@router.get("", name="moderation_queue")
def show_queue(
    request: Request, asked: Annotated[QueueIn, Query()], moderator: Desk, adapters: AdaptersDep
) -> Response:
    now = adapters.clock()
    with reading() as db:
        found = queue_queries.queue(db, asked, mine=moderator.seq, now=now)
        counts = queue_queries.counts(db, now=now)
        outing = outreach_desk.place_of(db, asked.outing) if asked.outing else ""
    return page(
        request, "moderation/queue.html", found=found, now=now, due_at=queue_order.due_at,
        kinds=shapes.kinds, signals=shapes.signals, actions=desk.actions,
        states=filters.states(asked, counts), groups=filters.groups(asked, counts, outing=outing),
        chosen=filters.as_query(asked),
        all_url=filters.link(QueueIn()), words=filters.words(),
        older=filters.link(asked, after=found.next) if found.next else "",
        late=counts.media_waiting if asked.media is None else 0, late_url=filters.late_url(asked),
    )  # fmt: skip


@router.get("/etat", name="moderation_live")
def show_changes(
    request: Request, asked: Annotated[LiveIn, Query()], moderator: Desk, adapters: AdaptersDep
) -> Response:
    """Asked every two seconds by pages that stay open; 304 when nothing has changed."""
    with reading() as db:
        found = queue_live.changes(db, asked.ids, by=moderator, now=adapters.clock())
    answer = JSONResponse(found, headers={"Cache-Control": "private, no-store"})
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-store"})
    answer.headers["ETag"] = tag
    return answer


@router.get("/suite", name="moderation_following")
def go_on(request: Request, asked: Annotated[StepIn, Query()], moderator: Desk, adapters: AdaptersDep) -> Response:
    """To the item after this one in the list (`back`: before it) that nobody else holds; at its end, to the list."""
    with reading() as db:
        found = queue_queries.neighbour(db, asked, by=moderator, now=adapters.clock())
    if found is None:
        return see_other(request, "moderation_queue", notice="end", **filters.as_query(asked))
    return see_other(request, "moderation_item", id=found, **filters.as_query(asked))
