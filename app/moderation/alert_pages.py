"""/equipe/alertes: someone may be in danger."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n
from app.accounts.access import AnyStaff
from app.db import reading, writing
from app.errors import AppError, Conflict
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Role
from app.moderation import alert_duty, alert_queries, alerts, queries
from app.moderation.access import Watch
from app.moderation.alert_schemas import AnswerIn
from app.moderation.schemas import AlertIn, ClosureIn, MotiveIn
from app.notify import outbox
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe", include_in_schema=False)


@router.get("/alertes", name="alerts")
def show_alerts(request: Request, watcher: Watch) -> Response:
    with reading() as db:
        opened, closed = alert_queries.listed(db)
        both = [alert for alert, _ in opened + closed]
        names = queries.names(db, {actor for one in both for actor in (one.opened_by, one.answered_by, one.closed_by)})
        months = alert_queries.by_month(db)
    return page(
        request,
        "moderation/alerts.html",
        opened=opened,
        closed=closed,
        names=names,
        months=months,
        month=i18n.format_month,
    )


@router.get("/moderation/{id}/alerte", name="alert_new")
def ask_alert(request: Request, id: str, staff: AnyStaff, kind: str = "") -> Response:
    """`kind` is filled in where a signal that somebody confirmed leads here."""
    return _ask_page(request, id, Form[AlertIn](values={"kind": kind}))


@router.post("/moderation/{id}/alerte", name="alert_open")
@in_turn
def open_alert(request: Request, id: str, posted: PostedForm, staff: AnyStaff, adapters: AdaptersDep) -> Response:
    """« Signaler un danger »: any member of the team."""
    form = bind(AlertIn, posted)
    if form.data is None:
        return _ask_page(request, id, form, status=422)
    with writing() as db:
        alert = alerts.open_alert(db, queries.visible(db, id), by=staff, said=form.data, now=adapters.clock())
    if staff.holds(Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR):
        return see_other(request, "alert", id=alert.id, notice="opened")
    return page(request, "moderation/alert_told.html", status=201)


@router.get("/alertes/{id}", name="alert")
def show_alert(request: Request, id: str, watcher: Watch) -> Response:
    return _alert_page(request, id)


@router.post("/alertes/{id}/reponse", name="alert_answer")
@in_turn
def answer(request: Request, id: str, posted: PostedForm, watcher: Watch, adapters: AdaptersDep) -> Response:
    """« Je m’en occupe », or « Prendre le relais » of the one the page named."""
    form = bind(AnswerIn, posted)
    if form.data is None:
        return _alert_page(request, id, status=422, form=form)
    try:
        with writing() as db:
            found, before = alert_queries.alert(db, id), form.data.instead_of
            alerts.answer(db, found, by=watcher, instead_of=before, now=adapters.clock())
    except Conflict as refusal:
        return _refused(request, id, form, refusal)
    return see_other(request, "alert", id=id, notice="answered")


@router.post("/alertes/{id}/coordonnees", name="alert_contact")
@in_turn
def open_contact(request: Request, id: str, posted: PostedForm, watcher: Watch, adapters: AdaptersDep) -> Response:
    """The contact is on this answer only: no address shows it again."""
    form = bind(MotiveIn, posted)
    if form.data is None:
        return _alert_page(request, id, status=422, form=form)
    try:
        with writing() as db:
            reach = alerts.open_contact(
                db, alert_queries.alert(db, id), by=watcher, motive=form.data.motive, now=adapters.clock()
            )
    except Conflict as refusal:
        return _refused(request, id, form, refusal)
    return _alert_page(request, id, reach=reach)


@router.post("/alertes/{id}/cloture", name="alert_close")
@in_turn
def close(request: Request, id: str, posted: PostedForm, watcher: Watch, adapters: AdaptersDep) -> Response:
    form = bind(ClosureIn, posted)
    if form.data is None:
        return _alert_page(request, id, status=422, form=form)
    try:
        with writing() as db:
            alerts.close(db, alert_queries.alert(db, id), by=watcher, done=form.data.done, now=adapters.clock())
    except Conflict as refusal:
        return _refused(request, id, form, refusal)
    return see_other(request, "alerts", notice="closed")


def _ask_page(request: Request, id: str, form: Form[AlertIn], status: int = 200) -> Response:
    with reading() as db:
        contribution = queries.visible(db, id)
        return page(
            request,
            "moderation/alert_new.html",
            status=status,
            form=form,
            reference=contribution.reference,
            id=id,
        )


def _refused(request: Request, id: str, form: Form[Any], refusal: AppError) -> Response:
    add_errors(form, refusal)
    return _alert_page(request, id, status=refusal.status, form=form)


def _alert_page(
    request: Request,
    id: str,
    *,
    status: int = 200,
    form: Form[Any] | None = None,
    reach: alerts.Reach | None = None,
) -> Response:
    with reading() as db:
        alert = alert_queries.alert(db, id)
        openings = alert_queries.openings(db, alert)
        actors = {alert.opened_by, alert.answered_by, alert.closed_by, *(one.actor for one in openings)}
        return page(
            request, "moderation/alert.html", status=status, form=form, alert=alert, reach=reach,
            openings=openings, subject=alert_queries.subject(db, alert), names=queries.names(db, actors),
            words=alerts.words(alert.words_sealed), done=alerts.words(alert.done_sealed),
            told=dict(outbox.team_told(db, alert)), most=alert_duty.MOST,
        )  # fmt: skip
