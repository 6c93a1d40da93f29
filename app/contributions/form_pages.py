"""/participer: one form for one person or a collective, and the receipt page shown once."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app import i18n, proof
from app.adapters import Adapters
from app.consultation.content import consultation
from app.contributions import drafts, idempotency, receipts, rules
from app.contributions.form_state import FORM_BODY, TRAP, Received, browser_keys, form_page, read, sending_key
from app.contributions.paper_pages import TakenPaper, filled
from app.contributions.schemas import ContributionIn
from app.db import reading, writing
from app.errors import N_, AppError, Gone, ProofRequired
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Channel
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page, see_other, url

router = APIRouter(include_in_schema=False)
SENDING = "participer"
FILLED = {"question": "question", "kind": "kind", "rendez-vous": "event"}  # from the address into the form
NOBODY_ELSES = 30  # characters of a text that two people do not happen to share
GONE = N_("Cette page n’est plus visible. Votre contribution est bien arrivée. Votre code marche toujours.")


@router.get("/participer", name="contribute")
def show_form(request: Request, adapters: AdaptersDep) -> Response:
    """The form; `?question=` and `?kind=` preselect, `?rendez-vous=` is the meeting one comes from.

    The same for everybody, so it may be cached.
    """
    form: Form[ContributionIn] = Form(values={FILLED[k]: v for k, v in request.query_params.items() if k in FILLED})
    return form_page(request, adapters, form, public=True)


@router.post("/participer", name="contribute_send", max_body_size=FORM_BODY)
@in_turn
def send(
    request: Request, posted: PostedForm, received: Received, taken: TakenPaper, adapters: AdaptersDep
) -> Response:
    """Without JavaScript the files come along; whatever is refused, words and media are kept."""
    keys = _keys(request, posted, adapters)
    if token := _sent_before(keys):
        return see_other(request, "received", once=token)
    if taken:  # a document chosen and sent at once: its author reads it over first
        return filled(request, posted, received, taken, adapters)
    try:
        form, kept = read(posted, received, adapters)
    except AppError as refusal:  # the disk is full: the files cannot be kept, the words come back
        form = bind(ContributionIn, posted)
        add_errors(form, refusal)
        return form_page(request, adapters, form, status=refusal.status)
    if form.data is None:
        return form_page(request, adapters, form, kept=kept, status=received.status)
    try:
        token = _submit(request, posted, form.data, adapters, key=keys[0] if keys else None)
    except ProofRequired as more:
        return form_page(request, adapters, form, kept=kept, status=428, challenge=more.extra["challenge"])
    except AppError as refusal:
        add_errors(form, refusal)
        return form_page(request, adapters, form, kept=kept, status=refusal.status)
    return see_other(request, "received", once=token)  # the code itself never enters a URL


def _keys(request: Request, posted: FormData, adapters: Adapters) -> list[str]:
    """What this sending is known by; nothing for short words without a key, which may be two people's."""
    if key := sending_key(posted):
        return [key]
    alone = len(str(posted.get("body", "")).strip()) >= NOBODY_ELSES
    return browser_keys(request, posted, adapters.clock()) if alone else []


def _sent_before(keys: list[str]) -> str:
    """The receipt page's token if this very sending has already been taken."""
    if not keys:
        return ""
    with reading() as db:
        answers = [idempotency.kept(db, key, act=SENDING) for key in keys]
    return next((str(answer["once"]) for answer in answers if answer), "")


def _submit(request: Request, posted: FormData, said: ContributionIn, adapters: Adapters, *, key: str | None) -> str:
    proof.ask_if_many(
        client_address(request), token=str(posted.get("challenge", "")), answer=str(posted.get("proof", "")),
        suspect=bool(posted.get(TRAP)), page=True,
    )  # fmt: skip
    now = adapters.clock()
    with writing() as db:

        def take() -> tuple[int, dict[str, str]]:
            done = rules.submit(db, said, channel=Channel.ONLINE, now=now, page=i18n.current().code)
            if draft := str(posted.get("draft_code", "")):
                drafts.drop(db, draft)
            return 303, {"once": receipts.show_once(db, done.seq, done.code, now=now)}

        _, answer = idempotency.once(db, key, act=SENDING, body=b"", now=now, do=take)
    return str(answer["once"])


@router.get("/participer/merci/{once}", name="received")
def received(request: Request, once: str, adapters: AdaptersDep) -> Response:
    """The receipt code, for fifteen minutes or until the person says it is noted."""
    now = adapters.clock()
    with reading() as db:
        found = receipts.shown(db, once, now=now)
    if found is None:
        raise Gone(GONE, code="receipt_shown")
    limits = consultation().limits
    return page(
        request, "contributions/received.html", code=found[1], once=once, hours=limits.review_hours,
        minutes=limits.receipt_minutes, address=adapters.base_url + url("follow"),
    )  # fmt: skip


@router.post("/participer/merci/{once}", name="received_noted")
@in_turn
def code_noted(request: Request, once: str) -> Response:
    """On a shared phone: the code is written down, nobody after may see it."""
    with writing() as db:
        receipts.noted(db, once)
    return see_other(request, "home", notice="noted")
