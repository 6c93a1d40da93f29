"""/equipe/signalements: what people report about published words."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.contributions import notices as reported
from app.db import reading, writing
from app.errors import AppError, Conflict, Unprocessable
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Contribution, Staff
from app.moderation import desk, filters, notice_queries, notices, queries
from app.moderation.access import Desk
from app.moderation.notice_schemas import NoticeDecisionIn
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/signalements", include_in_schema=False)


@router.get("", name="notices")
def show_notices(request: Request, moderator: Desk) -> Response:
    with reading() as db:
        opened, decided = notice_queries.listed(db)
        names = queries.names(db, {row.Notice.decided_by for row in decided})
        said = {row.Notice.seq: reported.words(row.Notice) for row in opened}
    return page(request, "moderation/notices.html", opened=opened, decided=decided, names=names, said=said)


@router.get("/{id}", name="staff_notice")
def show_notice(request: Request, id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    return _notice_page(request, id, moderator, adapters, Form())


@router.post("/{id}/decision", name="notice_decide")
@in_turn
def decide(request: Request, id: str, posted: PostedForm, moderator: Desk, adapters: AdaptersDep) -> Response:
    """Also in one press from the list: `act=hide` alone says the charter's own sentence to its author."""
    form = bind(NoticeDecisionIn, posted)
    if form.data is None:
        return _notice_page(request, id, moderator, adapters, form, status=422)
    try:
        with writing() as db:
            notice = notice_queries.notice(db, id)
            notices.decide(db, notice, by=moderator, said=form.data, now=adapters.clock())
    except (Conflict, Unprocessable) as refusal:
        add_errors(form, refusal)
        return _notice_page(request, id, moderator, adapters, form, refusal=refusal)
    return see_other(request, "notices", notice=f"notice_{form.data.act.value}")


def _notice_page(
    request: Request, id: str, moderator: Staff, adapters: AdaptersDep, form: Form[NoticeDecisionIn], *,
    status: int = 200, refusal: AppError | None = None,
) -> Response:  # fmt: skip
    with reading() as db:
        notice = notice_queries.notice(db, id)
        item = db.get_one(Contribution, notice.contribution_seq)
        shown = desk.context(db, queries.item(db, str(item.id), now=adapters.clock()), by=moderator)
        also = notice_queries.of_item(db, notice)
        return page(
            request, "moderation/notice.html", status=refusal.status if refusal else status, form=form,
            about=notice, said=reported.words(notice), named=notice_queries.medium_id(db, notice),
            also=[(one, reported.words(one)) for one in also], words=filters.words(),
            **shown | {"names": shown["names"] | queries.names(db, {notice.decided_by})},
        )  # fmt: skip
