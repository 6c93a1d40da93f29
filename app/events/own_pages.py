"""/ma-place/…: one's own place, opened by a personal link alone: see it, accept, change, give up, be forgotten."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app import i18n
from app.adapters import Adapters
from app.db import reading, writing
from app.errors import AppError, Conflict, NotFound
from app.events import calendars, offers, own, own_erasure, places, sign_up, tokens
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Event, Registration
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(include_in_schema=False)


@router.get("/ma-place/{token}", name="own_place")
def show(request: Request, token: str, adapters: AdaptersDep) -> Response:
    """Changes nothing: mail scanners open every link."""
    return _page(request, token, adapters)


@router.post("/ma-place/{token}/accepter", name="accept_place")
@in_turn
def accept(request: Request, token: str, adapters: AdaptersDep) -> Response:
    return _act(request, token, adapters, offers.accept, "accepted")


@router.post("/ma-place/{token}/annuler", name="cancel_place")
@in_turn
def cancel(request: Request, token: str, adapters: AdaptersDep) -> Response:
    def give_up(db: Session, registration: Registration, *, now: datetime) -> None:
        places.cancel(db, registration, by="person", now=now)

    return _act(request, token, adapters, give_up, "cancelled")


@router.post("/ma-place/{token}/changer", name="change_place")
@in_turn
def change(request: Request, token: str, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """Whatever is refused, what was typed stays."""
    form = bind(own.OwnIn, posted)
    if form.data is None:
        return _page(request, token, adapters, form=form, status=422)
    try:
        with writing() as db:
            own.change(db, tokens.of(db, token), form.data, now=adapters.clock())
    except NotFound:
        raise
    except Conflict as refusal:
        return _refused(request, token, adapters, refusal)
    except AppError as refusal:
        add_errors(form, refusal)
        return _page(request, token, adapters, form=form, status=refusal.status)
    return see_other(request, "own_place", token=token, notice="changed")


@router.post("/ma-place/{token}/effacer", name="erase_place")
@in_turn
def erase(request: Request, token: str, adapters: AdaptersDep) -> Response:
    """The answer is the last page this link shows."""
    with writing() as db:
        registration = tokens.of(db, token)
        event = db.get_one(Event, registration.event_seq)
        own_erasure.forget(db, registration, now=adapters.clock())
        return page(request, "events/own_erased.html", headers=own.HEADERS, event=event)


@router.get("/ma-place/{token}/rendez-vous.ics", name="own_place_ics")
def show_calendar(token: str, adapters: AdaptersDep) -> Response:
    """With the personal page as its address."""
    with reading() as db:
        event = db.get_one(Event, tokens.of(db, token).event_seq)
        link = own.address(token, base_url=adapters.base_url)
        entry = calendars.entry(event, base_url=adapters.base_url, now=adapters.clock(), url=link)
    headers = own.HEADERS | {
        "Cache-Control": "private, no-store", "Content-Disposition": 'attachment; filename="rendez-vous.ics"'
    }  # fmt: skip
    return Response(entry, media_type="text/calendar; charset=utf-8", headers=headers)


def _act(request: Request, token: str, adapters: Adapters, rule: Callable[..., None], done: str) -> Response:
    try:
        with writing() as db:
            rule(db, tokens.of(db, token), now=adapters.clock())
    except Conflict as refusal:
        return _refused(request, token, adapters, refusal)
    return see_other(request, "own_place", token=token, notice=done)


def _refused(request: Request, token: str, adapters: Adapters, refusal: Conflict) -> Response:
    """Why not, above how things stand now."""
    return _page(request, token, adapters, status=refusal.status, refused=i18n.gettext(refusal.message))


def _page(
    request: Request, token: str, adapters: Adapters, *, form: Form[Any] | None = None, status: int = 200,
    refused: str = "",
) -> Response:  # fmt: skip
    now = adapters.clock()
    with reading() as db:
        registration = tokens.of(db, token)
        shown = own.view(db, registration, token=token, base_url=adapters.base_url, now=now)
        form = form or Form(values=own.typed(registration))
        return page(
            request, "events/own.html", status=status, headers=own.HEADERS, own=shown, form=form, refused=refused,
            **sign_up.needs(),
        )  # fmt: skip
