"""/rendez-vous/…/inscription: the form, the answer at once, the personal link shown for a quarter of an hour."""

import uuid
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import FormData

from app import i18n, proof
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.contributions import idempotency
from app.contributions.form_state import TRAP, browser_keys, sending_key
from app.db import reading, writing
from app.errors import N_, AppError, Gone, NotFound, ProofRequired
from app.events import own, places, queries, sign_up, tokens
from app.events.schemas import RegistrationIn
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Place
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page, see_other

router = APIRouter(include_in_schema=False)
SENDING = "rendez-vous"
GONE = N_("Cette page n’est plus visible. Votre inscription est bien notée. Votre lien personnel marche toujours.")


@router.get("/rendez-vous/{slug}/inscription", name="sign_up_form")
def show_form(request: Request, slug: str, adapters: AdaptersDep) -> Response:
    """The same for everybody, so it may be cached."""
    return _form_page(request, slug, Form(), adapters, public=True)


@router.post("/rendez-vous/{slug}/inscription", name="sign_up")
@in_turn
def send(request: Request, slug: str, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """A place, or a number in the line, at once; whatever is refused, what was typed stays."""
    form = bind(RegistrationIn, posted)
    if form.data is None:
        return _form_page(request, slug, form, adapters, status=422)
    try:
        once = _take(request, slug, posted, form.data, adapters)
    except ProofRequired as more:
        return _form_page(request, slug, form, adapters, status=428, challenge=more.extra["challenge"])
    except NotFound:
        raise
    except AppError as refusal:
        add_errors(form, refusal)
        return _form_page(request, slug, form, adapters, status=refusal.status)
    return see_other(request, "signed_up", slug=slug, once=once) if once else see_other(request, "already", slug=slug)


@router.get("/rendez-vous/{slug}/inscription/deja", name="already")
def say_already(request: Request, slug: str) -> Response:
    """To whoever typed an address or a number that is signed up: it may not be theirs, so it says no more."""
    with reading() as db:
        return page(request, "events/already.html", event=queries.by_slug(db, slug))


@router.get("/rendez-vous/{slug}/inscription/{once}", name="signed_up")
def show_link(request: Request, slug: str, once: str, adapters: AdaptersDep) -> Response:
    """The personal link, for fifteen minutes."""
    now = adapters.clock()
    token = sign_up.shown(once, slug=slug, now=now)
    if not token:
        raise Gone(GONE, code="link_shown")
    with reading() as db:
        registration = tokens.of(db, token)
        shown = own.view(db, registration, token=token, base_url=adapters.base_url, now=now)
        return page(request, "events/signed_up.html", headers=own.HEADERS, own=shown, event=shown["event"])


def _take(request: Request, slug: str, posted: FormData, said: RegistrationIn, adapters: Adapters) -> str:
    """Signs up; the name of the page that shows the link, or "" for someone who was signed up before."""
    proof.ask_if_many(
        client_address(request), token=str(posted.get("challenge", "")), answer=str(posted.get("proof", "")),
        suspect=bool(posted.get(TRAP)), page=True,
    )  # fmt: skip
    now = adapters.clock()
    with writing() as db:
        event = queries.by_slug(db, slug)

        def take() -> tuple[int, dict[str, Any]]:
            done = places.sign_up(db, event, said, now=now, language=i18n.current().code)
            return 303, {"token": "" if done.already else done.token}

        _, answer = idempotency.once(db, _key(request, slug, posted), act=SENDING, body=b"", now=now, do=take)
        if answer["token"] and _given_up(db, answer["token"]):  # back to the same page after changing one's mind twice
            answer = take()[1]
        return sign_up.shown_for(answer["token"], event=event, now=now) if answer["token"] else ""


def _key(request: Request, slug: str, posted: FormData) -> str:
    """A double tap is one act."""
    key = sending_key(posted) or browser_keys(request, posted, real_now())[0]
    return str(uuid.uuid5(uuid.UUID(key), slug))


def _given_up(db: Session, token: str) -> bool:
    try:
        return tokens.of(db, token).state is Place.CANCELLED
    except NotFound:  # its holder had it erased
        return True


def _form_page(
    request: Request, slug: str, form: Form[Any], adapters: Adapters, *, status: int = 200, public: bool = False,
    challenge: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    """The form as it stands, with what is wrong with it; or why one cannot sign up (any more)."""
    key = "" if public else str(uuid.uuid4())
    with reading() as db:
        event = queries.by_slug(db, slug)
        shown = sign_up.context(event, now=adapters.clock(), form=form, key=key, challenge=challenge)
        return page(request, "events/sign_up.html", status=status, public=public, seats=True, event=event, **shown)
