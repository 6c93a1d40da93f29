"""/equipe/rendez-vous/…/inscrits: who signed up, for the team; taking a place, or giving it up, for who telephones."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n, web
from app.db import reading, writing
from app.errors import AppError, Conflict, Unprocessable
from app.events import desk, guests, own, people, places, sign_up, words
from app.events.access import Door
from app.events.desk_schemas import ByPhoneIn
from app.events.schemas import PlacesIn
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Place, Role, Staff
from app.moderation.queries import names
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/rendez-vous/{event_id}", include_in_schema=False)


@router.get("/inscrits", name="event_people")
def show_people(request: Request, event_id: UUID, staff: Door, etat: str = "") -> Response:
    return _people(request, event_id, staff, Form(), state=etat)


@router.post("/inscrits", name="event_people_add")
@in_turn
def add(request: Request, event_id: UUID, posted: PostedForm, staff: Door, adapters: AdaptersDep) -> Response:
    """Somebody who telephones, by hand: the answer is said to them at once."""
    form, made, status = bind(ByPhoneIn, posted), None, 422
    try:
        if form.data:
            with writing() as db:
                event, now = desk.known(guests.event(db, event_id)), adapters.clock()
                made = places.sign_up(db, event, form.data, now=now, language=form.data.language, by=staff.actor)
    except AppError as error:
        add_errors(form, error)
        status = error.status
    if made is None:
        return _people(request, event_id, staff, form, status=status)
    return _to(request, event_id, made.id, "already" if made.already else made.registration.state.value)


@router.post("/inscrits/{registration_id}/annulation", name="event_people_cancel")
@in_turn
def cancel(request: Request, event_id: UUID, registration_id: UUID, staff: Door, adapters: AdaptersDep) -> Response:
    """They are told, and who waits moves up."""
    with writing() as db:
        registration = desk.registration(db, guests.event(db, event_id), registration_id)
        try:
            places.cancel(db, registration, by=staff.actor, now=adapters.clock())
        except Conflict:
            return _to(request, event_id, registration.id, "too_late")
    return _to(request, event_id, registration.id, "cancelled")


@router.post("/inscrits/{registration_id}/acceptation", name="event_people_accept")
@in_turn
def accept(request: Request, event_id: UUID, registration_id: UUID, staff: Door, adapters: AdaptersDep) -> Response:
    """Said yes on the telephone to a place that is kept for them."""
    with writing() as db:
        registration = desk.registration(db, guests.event(db, event_id), registration_id)
        try:
            places.accept(db, registration, by=staff.actor, now=adapters.clock())
        except Conflict:
            return _to(request, event_id, registration.id, "too_late")
    return _to(request, event_id, registration.id, "confirmed")


@router.get("/inscrits/{registration_id}", name="event_person")
def show_person(request: Request, event_id: UUID, registration_id: UUID, _staff: Door) -> Response:
    return _person(request, event_id, registration_id, None)


@router.post("/inscrits/{registration_id}", name="event_person_change")
@in_turn
def change_person(
    request: Request, event_id: UUID, registration_id: UUID, posted: PostedForm, staff: Door, adapters: AdaptersDep
) -> Response:
    """Who has no link telephones: other needs, another number of people. They keep their place in the line."""
    form, notice = bind(PlacesIn, posted), "changed"
    try:
        if said := form.data:
            with writing() as db:
                mine = desk.registration(db, guests.event(db, event_id), registration_id)
                places.change(db, mine, **said.model_dump(), now=adapters.clock(), by=staff.actor)
    except Unprocessable as refusal:
        add_errors(form, refusal)
    except Conflict:
        notice = "too_late"
    if form.errors:
        return _person(request, event_id, registration_id, form)
    return _to(request, event_id, registration_id, notice)


@router.get("/feuille", name="event_sheet")
def show_sheet(request: Request, event_id: UUID, _staff: Door) -> Response:
    """To print: who is expected, who waits, and lines for who comes without having signed up."""
    with reading() as db:
        event = guests.event(db, event_id)
        listed = [one for one in guests.guests(db, event) if one.registration.state is not Place.CANCELLED]
    return page(
        request, "events/sheet.html", event=event, needs=guests.needs(listed), offer_name=words.offer_name,
        named=_named,
        expected=[one for one in listed if one.registration.state is not Place.WAITING],
        waiting=[one for one in listed if one.registration.state is Place.WAITING],
    )  # fmt: skip


def _to(request: Request, event_id: UUID, registration_id: UUID, notice: str) -> Response:
    """The list, at that person."""
    response = see_other(request, "event_people", event_id=event_id, notice=notice)
    response.headers["Location"] += f"#p-{registration_id}"
    return response


def _named(needs: list[str]) -> str:
    return ", ".join(words.offer_name(need) for need in needs)


def _people(
    request: Request, event_id: UUID, staff: Staff, form: Form[Any], *, state: str = "", status: int = 200
) -> Response:
    with reading() as db:
        event = guests.event(db, event_id)
        everybody, came = guests.guests(db, event), guests.arrivals(db, event)
        shown = [one for one in everybody if state in ("", one.registration.state.value)]
        if state == Place.WAITING:
            shown.sort(key=lambda one: one.registration.line)
        told: dict[str, Any] = {
            "waiting_at": desk.line(everybody),
            "standing": desk.standing(db, event),
            "callers": names(db, {one.registration.by for one in shown if one.registration.by != places.PERSON}),
        }
    address = web.url("event_people", event_id=event_id)
    return page(
        request, "events/people.html", status=status, event=event, guests=shown, all=len(everybody), form=form,
        came=guests.count(event, came), needed=guests.needs(everybody).most_common(), offer_name=words.offer_name,
        edits=staff.holds(Role.ORGANISER, Role.ADMINISTRATOR), key=uuid4(), address=address, state=state,
        named=_named, hour=i18n.format_hour,
        spoken=[(one.code, one.name) for one in i18n.LANGUAGES.values()], **sign_up.needs(), **told,
    )  # fmt: skip


def _person(request: Request, event_id: UUID, registration_id: UUID, form: Form[Any] | None) -> Response:
    """As it is noted, or as it was typed and refused."""
    with reading() as db:
        event = guests.event(db, event_id)
        mine = desk.registration(db, event, registration_id)
        return page(
            request, "events/person.html", status=422 if form else 200, event=event, registration=mine,
            name=people.name(mine), form=form or Form(values=own.typed(mine)), **sign_up.needs(),
        )  # fmt: skip
