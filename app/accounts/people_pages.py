"""The team, for administrators: who is in it, with which roles, and their way in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import web
from app.accounts import menu, presence, queries, rules, shown_once
from app.accounts.access import Administrator, PresentSession
from app.accounts.schemas import NewPersonIn, PersonIn
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.db import reading, writing
from app.errors import AppError
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Role, Staff
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/personnes")


@router.get("", name="team_people")
def people_page(request: Request, staff: Administrator, adapters: AdaptersDep) -> Response:
    return _people(request, Form(values={"reads": rules.languages_read()}), adapters)


def _people(request: Request, form: Form[NewPersonIn], adapters: AdaptersDep, *, status: int = 200) -> Response:
    with reading() as db:
        people = queries.people(db)
        on = presence.present(db, at=real_now(), now=adapters.clock())
    return page(request, "accounts/people.html", status=status, form=form, people=people, on=on, **_choices())


def _choices() -> dict[str, Any]:
    """What can be ticked."""
    return {"roles": list(Role), "languages": menu.language_options()}


@router.post("", name="team_add_person")
@in_turn
def add_person(
    request: Request, staff: Administrator, session: PresentSession, posted: PostedForm, adapters: AdaptersDep
) -> Response:
    form = bind(NewPersonIn, posted)
    try:
        person, link = _add(form.data, staff, adapters) if form.data else (staff, "")
    except AppError as error:
        add_errors(form, error)
    if form.data is None or form.errors:
        return _people(request, form, adapters, status=422)
    response = see_other(request, "team_person", person_id=person.id)
    shown_once.hand_over(request, response, "link", [link], session_mac=session.token_mac, at=real_now())
    return response


def _add(given: NewPersonIn, by: Staff, adapters: AdaptersDep) -> tuple[Staff, str]:
    now = adapters.clock()
    with writing() as db:
        person = rules.add_person(db, **given.model_dump(), by=by.actor, now=now)
        secret = rules.invite(db, person, by=by.actor, at=real_now(), now=now)
    return person, _absolute(web.url("team_password", link=secret), adapters.base_url)


def _absolute(path: str, base_url: str) -> str:
    """The whole address of a path of ours; a path prefix stands in both."""
    base = urlsplit(base_url)
    return f"{base.scheme}://{base.netloc}{path}"


@router.get("/{person_id}", name="team_person")
def person_page(request: Request, staff: Administrator, session: PresentSession, person_id: UUID) -> Response:
    with reading() as db:
        person = queries.person(db, person_id)
    form: Form[PersonIn] = Form(values={"name": person.name, "roles": person.roles, "reads": person.reads})
    link = shown_once.take(request, "link", session_mac=session.token_mac, at=real_now())
    response = _person(request, form, person, link=link)
    shown_once.forget(request, response)
    return response


def _person(request: Request, form: Form[PersonIn], person: Staff, *, status: int = 200, link: list[str]) -> Response:
    with reading() as db:
        sessions, devices = queries.sessions(db, person, now=real_now()), queries.devices(db, person)
    return page(
        request, "accounts/person.html", status=status, form=form, person=person, link=link, sessions=sessions,
        devices=devices, **_choices(),
    )  # fmt: skip


@router.post("/{person_id}", name="team_change_person")
@in_turn
def change_person(
    request: Request, staff: Administrator, _session: PresentSession, person_id: UUID, posted: PostedForm,
    adapters: AdaptersDep,
) -> Response:  # fmt: skip
    form = bind(PersonIn, posted)
    with writing() as db:
        person = queries.person(db, person_id)
        try:
            if form.data:
                rules.change_person(db, person, **form.data.model_dump(), by=staff, now=adapters.clock())
        except AppError as error:
            add_errors(form, error)
    if form.errors:
        return _person(request, form, person, status=422, link=[])
    return see_other(request, "team_person", person_id=person_id, notice="saved")


@router.post("/{person_id}/acces/fin", name="team_shut_out")
@in_turn
def shut_out(
    request: Request, staff: Administrator, _session: PresentSession, person_id: UUID, adapters: AdaptersDep
) -> Response:
    return _done(request, person_id, rules.shut_out, staff, adapters)


@router.post("/{person_id}/acces", name="team_let_in")
@in_turn
def let_in(
    request: Request, staff: Administrator, _session: PresentSession, person_id: UUID, adapters: AdaptersDep
) -> Response:
    return _done(request, person_id, rules.let_in, staff, adapters)


@router.post("/{person_id}/double-controle/fin", name="team_reset_second")
@in_turn
def reset_second(
    request: Request, staff: Administrator, _session: PresentSession, person_id: UUID, adapters: AdaptersDep
) -> Response:
    return _done(request, person_id, rules.reset_second_factor, staff, adapters)


@router.post("/{person_id}/sessions/fin", name="team_close_sessions")
@in_turn
def close_sessions(
    request: Request, staff: Administrator, _session: PresentSession, person_id: UUID, adapters: AdaptersDep
) -> Response:
    return _done(request, person_id, rules.close_sessions, staff, adapters)


def _done(request: Request, person_id: UUID, rule: Callable[..., None], staff: Staff, adapters: Adapters) -> Response:
    with writing() as db:
        rule(db, queries.person(db, person_id), by=staff, now=adapters.clock())
    return see_other(request, "team_person", person_id=person_id, notice="saved")


@router.post("/{person_id}/liens", name="team_invite")
@in_turn
def invite(
    request: Request, staff: Administrator, session: PresentSession, person_id: UUID, adapters: AdaptersDep
) -> Response:
    with writing() as db:
        person, at = queries.person(db, person_id), real_now()
        secret = rules.invite(db, person, by=staff.actor, at=at, now=adapters.clock())
    link = _absolute(web.url("team_password", link=secret), adapters.base_url)
    response = see_other(request, "team_person", person_id=person_id)
    shown_once.hand_over(request, response, "link", [link], session_mac=session.token_mac, at=at)
    return response
