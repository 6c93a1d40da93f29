"""What the pages of outings show: the form and its choices, one outing, the list's filters."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app import i18n
from app.adapters.clock import real_now
from app.consultation.content import consultation
from app.db import reading
from app.errors import N_, Conflict
from app.events import cards
from app.events.edit_told import Shown
from app.forms import Form
from app.i18n import gettext as _
from app.models import Event, Outing, OutingState, Role, Staff
from app.moderation.queries import names
from app.outreach import codes, device_queries, device_words, outing_queries, outing_schemas, tickets, words
from app.outreach import outing_calendar as calendar
from app.outreach.outing_schemas import OutingIn, typed
from app.outreach.outing_words import compared, question, question_name
from app.web import page, see_other, translated, url

TAKEN_ALONG = (
    N_("Téléphones chargés, batterie de secours"),
    N_("Tickets à détacher, fiches de papier, stylos"),
    N_("Panneau, feutres, ruban adhésif"),
    N_("Feuille de la sortie, numéros d’aide"),
    N_("Eau, de quoi s’abriter"),
)


def blank(request: Request, form: Form[OutingIn] | None = None, *, status: int = 200) -> Response:
    """The form of an outing that is not there yet."""
    if form is None:
        taken = "\n".join(i18n.gettext(each) for each in TAKEN_ALONG)
        form = Form(values={"method": "porteur_de_paroles", "material": taken, "mediators": []})
    with reading() as db:
        team = outing_queries.who_may_go(db)
    return _form(request, form, status=status, outing=None, event=None, team=team)


def editor(
    request: Request, outing_id: UUID, staff: Staff, form: Form[Any] | None = None, *, status: int = 200,
    conflict: Conflict | None = None, asks: bool = False,
) -> Response:  # fmt: skip
    """The form of one outing, as it is saved where no form was posted. `asks`: the message has to be seen first."""
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
        going, event, different = outing_queries.mediators(db, outing), event_of(db, outing), []
        team, hand = outing_queries.who_may_go(db, going), outing_queries.last_hand(db, outing)
        saved = typed(outing, going)
        if form is None and outing.state is OutingState.CANCELLED:
            return see_other(request, "outing", outing_id=outing.id)
        if form is None:
            form = Form(values=saved | {"version": str(outing.version)})
        elif conflict is not None:  # saved again, it replaces what somebody else wrote: they see what
            different = compared(saved, form.values, team)
            form.values["version"] = str(outing.version)
        hand_name = names(db, {hand.actor})[hand.actor] if hand else ""
        shown = _message(db, event, outing, form) if asks and event else None
        token = seen_token(form.data) if shown and form.data else ""
    return _form(
        request, form, status=status, outing=outing, event=event, team=team, conflict=conflict, different=different,
        hand=hand, hand_name=hand_name, shown=shown, seen=token,
    )  # fmt: skip


def shown(request: Request, outing_id: UUID, staff: Staff, *, now: datetime) -> Response:
    """One outing: where, who, what to take, what it brought."""
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
        context: dict[str, Any] = {
            "going": outing_queries.mediators(db, outing), "event": event_of(db, outing),
            "counts": outing_queries.counts(db, outing), "tickets": tickets.standing(db, outing),
            "devices": device_queries.of_outing(db, outing),
        }  # fmt: skip
    return page(
        request,
        "outreach/outing.html",
        **context,
        **said(outing, now),
        **device_words.shown(staff, at=real_now()),
        writes=writes(staff),
        collects=staff.holds(Role.MEDIATOR),
    )


def said(outing: Outing, now: datetime) -> dict[str, Any]:
    """An outing in words: for every page about one."""
    quartier = consultation().quartier(outing.quartier or "")
    return {
        "outing": outing, "state": words.state(outing, now), "when": cards.when(outing),
        "where": [part for part in (outing.place_address, translated(quartier.name) if quartier else "") if part],
        "method": i18n.gettext(words.METHODS[outing.method]), "first": codes.number(outing.prefix, 1),
        "last": codes.number(outing.prefix, outing.tickets), "question_of": question, "question_name": question_name,
        "state_name": lambda code: i18n.gettext(words.STATES[code]),
    }  # fmt: skip


def list_filters(*, past: bool, mine: bool, staff: Staff, now: datetime) -> dict[str, Any]:
    """Filters as links; mine and everybody's only for those who see everybody's."""
    when, whose = "passees" if past else "", "oui" if mine else ""
    both = writes(staff) and staff.holds(Role.MEDIATOR)
    return {
        "whens": [
            {"label": label, "url": url("outings", quand=value, miennes=whose), "current": value == when}
            for value, label in (("", _("À venir")), ("passees", _("Passées")))
        ],
        "whose": [
            {"label": label, "url": url("outings", quand=when, miennes=value), "current": value == whose}
            for value, label in (("", _("Toutes")), ("oui", _("Les miennes")))
        ] if both else [],
        "next_of": lambda cursor: url("outings", quand=when, miennes=whose, apres=cursor),
        "start": url("outings", quand=when, miennes=whose), "past": past, "when": cards.when, "writes": writes(staff),
        "state_of": lambda outing: words.state(outing, now),
        "state_name": lambda code: i18n.gettext(words.STATES[code]),
        "method_name": lambda method: i18n.gettext(words.METHODS[method]),
    }  # fmt: skip


def writes(staff: Staff) -> bool:
    return staff.holds(*outing_queries.EDITORS)


def event_of(db: Session, outing: Outing) -> Event | None:
    return db.get(Event, outing.event_seq) if outing.event_seq else None


def seen_token(said: OutingIn) -> str:
    """Which change the message was about: typed once more, it has to be seen once more."""
    told = "|".join((said.starts_at, said.ends_at, said.place_name, said.place_address))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _message(db: Session, event: Event, outing: Outing, form: Form[OutingIn]) -> Shown | None:
    if form.data is None:
        return None
    return calendar.of_change(db, event, form.data, outing.place_name, words=form.value("words"))


def _form(request: Request, form: Form[Any], *, status: int, team: list[Staff], **known: Any) -> Response:
    return page(
        request, "outreach/outing_edit.html", status=status, form=form, limits=outing_schemas.LONGEST,
        team=[(str(each.id), each.name) for each in team],
        methods=[(each.value, i18n.gettext(label)) for each, label in words.METHODS.items()],
        questions=[(each.id, translated(each.plain)) for each in consultation().questions if each.id != "other"],
        quartiers=[(each.id, translated(each.name)) for each in consultation().public_quartiers],
        **({"conflict": None, "different": [], "hand": None, "hand_name": "", "shown": None, "seen": ""} | known),
    )  # fmt: skip
