"""« Signaler un problème »: on every published contribution, without an account; and where its number is typed."""

import uuid
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import FormData

from app import i18n, limits, proof
from app.contributions import idempotency, media_words, notice_limits, notices, queries
from app.contributions.form_state import TRAP, sending_key
from app.contributions.notice_schemas import NoticeIn
from app.db import reading, writing
from app.errors import N_, AppError, FieldError, NotFound, ProofRequired, TooMany
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Contribution
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page

router = APIRouter(include_in_schema=False)
SENDING = "signaler"
WRONG, WINDOW = 10, 3600  # numbers that follow nothing, from one address in so many seconds
UNKNOWN = N_("Ce numéro ne suit aucun signalement. Vérifiez les douze lettres et chiffres.")


@router.get("/paroles/{reference}/signaler", name="notice_new")
def show_form(request: Request, reference: str) -> Response:
    return _form_page(request, reference, Form())


@router.post("/paroles/{reference}/signaler", name="notice_send")
@in_turn
def send(request: Request, reference: str, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """The number is on this answer only; the same form sent twice gives the same number."""
    form = bind(NoticeIn, posted, extra={"reference": reference})
    if form.data is None:
        return _form_page(request, reference, form, status=422)
    try:
        number, hid = _take(request, posted, form.data, adapters)
    except ProofRequired as more:
        return _form_page(request, reference, form, status=428, challenge=more.extra["challenge"])
    except NotFound:
        raise
    except AppError as refusal:
        add_errors(form, refusal)
        return _form_page(request, reference, form, status=refusal.status)
    told = bool(form.data.email)
    return page(request, "contributions/notice_sent.html", status=201, number=number, hid=hid, told=told)


@router.get("/signalement", name="notice")
def show_way_in(request: Request) -> Response:
    return page(request, "contributions/notice.html", form=Form(), found=None)


@router.post("/signalement", name="notice_follow")
@in_turn
def follow(request: Request, posted: PostedForm) -> Response:
    """By number, never in an address. Wrong ones are counted."""
    form: Form[Any] = Form(values={"number": str(posted.get("number", ""))})
    who = client_address(request)
    if limits.standing("notice", who, window=WINDOW) >= WRONG:
        refusal = TooMany(retry_after=WINDOW)
        return _wrong(request, form, refusal.code, refusal.message, status=429)
    with reading() as db:
        found = _followed(db, form.value("number"))
    if found is None:
        limits.hits("notice", who, window=WINDOW)
        return _wrong(request, form, "unknown_number", UNKNOWN, status=404)
    return page(request, "contributions/notice.html", form=Form(), found=found)


def _wrong(request: Request, form: Form[Any], code: str, words: str, *, status: int) -> Response:
    form.errors = [FieldError("number", code, words)]
    return page(request, "contributions/notice.html", status=status, form=form, found=None)


def _followed(db: Session, typed: str) -> dict[str, Any] | None:
    notice = notices.by_number(db, typed)
    if notice is None:
        return None
    reference = db.get_one(Contribution, notice.contribution_seq).reference
    return {"notice": notice, "reference": reference}


def _take(request: Request, posted: FormData, said: NoticeIn, adapters: Any) -> tuple[str, bool]:
    """(the number, whether a medium is hidden already)."""
    who, now = client_address(request), adapters.clock()
    token, answer = str(posted.get("challenge", "")), str(posted.get("proof", ""))
    notice_limits.ask(who, token=token, answer=answer, page=True, suspect=bool(posted.get(TRAP)))
    with writing() as db:

        def receive() -> tuple[int, dict[str, Any]]:
            made = notices.receive(db, said, who=who, language=i18n.current().code, now=now)
            return 201, {"number": made.number, "hid": made.hid_at_once}

        _, made = idempotency.once(db, sending_key(posted), act=SENDING, body=b"", now=now, do=receive)
    return str(made["number"]), bool(made["hid"])


def _form_page(
    request: Request, reference: str, form: Form[NoticeIn], *, status: int = 200, challenge: Any = None
) -> Response:
    """The form under what it is about; NotFound for what is not public."""
    with reading() as db:
        found = queries.one(db, reference)
    if isinstance(found, queries.Gone):
        raise NotFound(notices.UNKNOWN)
    media = [one for one in media_words.titled(found["media"]) if one["urls"]]
    return page(
        request, "contributions/notice_new.html", status=status, form=form, c=found, media=media, challenge=challenge,
        key=uuid.uuid4(), slow_mode=proof.SLOW_MODE,
    )  # fmt: skip
