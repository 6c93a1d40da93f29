"""What the editor's pages show: the form and its choices, the preview, the list's filters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from app import i18n
from app.consultation.content import consultation
from app.db import reading
from app.errors import Conflict
from app.events import cards, edit, edit_copies, edit_queries, edit_schemas, warnings, words
from app.events.edit_schemas import EventIn, typed
from app.events.edit_words import compared
from app.forms import Form
from app.i18n import gettext as _
from app.models import Event, EventKind, EventState
from app.models.base import new_id
from app.moderation.queries import names
from app.outreach import outing_queries
from app.web import page, see_other, translated, url


def blank(request: Request, form: Form[EventIn], *, status: int = 200) -> Response:
    """The form of an event that is not there yet."""
    return _form(request, form, status=status, event=None)


def editor(
    request: Request,
    event_id: UUID,
    form: Form[Any] | None,
    *,
    now: datetime,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    """The form of one event; as it is saved where no form was posted. A session has its form in the programme."""
    known = _known(event_id, now)
    event = known["event"]
    if event.kind is EventKind.SESSION:
        return see_other(request, "edit_session", session_id=event.id)
    different = []
    if form is None:
        form = Form(values=typed(event) | {"version": str(event.version)})
    elif conflict is not None:  # saved again, it replaces what somebody else wrote: they see what
        different = compared(typed(event), form.values)
        form.values["version"] = str(event.version)
    return _form(request, form, status=status, conflict=conflict, different=different, **known)


def _form(
    request: Request, form: Form[Any], *, status: int, conflict: Conflict | None = None, **known: Any
) -> Response:
    return page(
        request, "events/edit.html", status=status, form=form, conflict=conflict, limits=edit_schemas.LONGEST,
        **known, **choices(),
    )  # fmt: skip


def _known(event_id: UUID, now: datetime) -> dict[str, Any]:
    """What stands around the form of an event that is saved."""
    with reading() as db:
        event = edit_queries.one(db, event_id)
        hand = edit_queries.last_hand(db, event)
        return {
            "event": event, "clashes": warnings.clashes(db, event), "over": warnings.over(event, now),
            "under_taken": warnings.under_taken(event), "series": edit_queries.of_series(db, event),
            "drafts": len(edit_copies.drafts(db, event)), "hand": hand,
            "hand_name": names(db, {hand.actor})[hand.actor] if hand else "",
            "outing": outing_queries.of_event(db, event.seq or 0),
        }  # fmt: skip


def preview(request: Request, form: Form[EventIn], event_id: UUID | None, *, now: datetime) -> Response:
    """As it would be published; what is wrong is said instead, with 422. No event clashes with itself."""
    if form.data is None:
        return page(request, "events/edit_preview.html", status=422, form=form, event=None)
    said = form.data
    event = Event(
        id=event_id or new_id(),
        slug="apercu",
        state=EventState.PUBLISHED,
        created_at=now,
        changed_at=now,
        **edit.columns(said),
    )
    with reading() as db:
        clashes = warnings.clashes(db, event)
    return page(
        request, "events/edit_preview.html", form=form, event=event, card=cards.card(event, now), clashes=clashes
    )


def choices() -> dict[str, Any]:
    """What can be chosen, in words."""
    quartiers = [(one.id, translated(one.name)) for one in consultation().public_quartiers]
    kinds = {kind: name for kind, name in words.KINDS.items() if kind is not EventKind.SESSION}
    return {
        "kinds": _options(kinds), "modes": _options(words.MODES), "accesses": _options(words.ACCESS),
        "offers": [(code, words.offer_name(code)) for code in words.offers()], "quartiers": quartiers,
    }  # fmt: skip


def list_filters(*, past: bool, state: str, edits: bool) -> dict[str, Any]:
    """Filters as links."""
    when = "passes" if past else ""
    whens = [("", _("À venir")), ("passes", _("Passés"))]
    states = [(each.value, _(label)) for each, label in words.STATES.items() if edits or each is not EventState.DRAFT]
    return {
        "whens": [
            {"label": label, "url": url("edit_events", quand=value, etat=state), "current": value == when}
            for value, label in whens
        ],
        "states": [
            {"label": label, "url": url("edit_events", quand=when, etat=value), "current": value == state}
            for value, label in [("", _("Tous")), *states]
        ],
        "next_of": lambda cursor: url("edit_events", quand=when, etat=state, apres=cursor),
        "start": url("edit_events", quand=when, etat=state),
        "state_name": lambda each: i18n.gettext(words.STATES[each]),
        "kind_name": lambda each: i18n.gettext(words.KINDS[each]),
        "when": cards.when,
    }


def _options(named: dict[Any, str]) -> list[tuple[str, str]]:
    return [(each.value, i18n.gettext(label)) for each, label in named.items()]
