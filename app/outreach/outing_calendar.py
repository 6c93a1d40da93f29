"""An outing on the public calendar: an event of its own that follows it, by the events' own rules.

Whoever signed up there is told what changes by the same rules too. Lock order: the event is held before the outing.
"""

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from app.events import edit, edit_told, line
from app.events.edit_schemas import EventIn, SavingIn, typed
from app.events.edit_told import Shown
from app.models import Event, EventKind, EventState, Outing, Staff
from app.outreach.outing_schemas import HOURS, OutingIn

PLACE = ("place_name", "place_address", "point", "quartier", *HOURS)
# What the public reads at first, in French as organisers write; they may write something else in the event's editor.
TITLE = "Nous venons vous écouter : %s"
SUMMARY = "Des médiatrices et des médiateurs sont là pour noter vos mots. Venez comme vous êtes."


def hold(db: Session, outing: Outing) -> Event | None:
    """The event of an outing, if it has one; nobody else changes either until the commit."""
    return line.hold(db, outing.event_seq) if outing.event_seq else None


def put(db: Session, outing: Outing, said: OutingIn, *, by: Staff, now: datetime) -> None:
    """On the calendar from now on."""
    blank = {"kind": EventKind.MEDIATION.value, "title": _title(said.place_name), "summary": SUMMARY}
    event = edit.create(db, EventIn.model_validate(blank | _place(said)), by=by, now=now)
    event.invented = outing.invented
    edit.turn(db, event, edit.PUBLISH, SavingIn(version=event.version), seen=True, by=by, now=now)
    outing.event_seq = event.seq
    db.add(outing)
    db.flush()


def follows(event: Event | None) -> bool:
    """Whether the event still goes where the outing goes: not once it was cancelled by itself."""
    return event is not None and event.state is not EventState.CANCELLED


def follow(
    db: Session, event: Event, said: OutingIn, before: str, words: str, *, seen: bool, by: Staff, now: datetime
) -> bool:
    """The event goes where the outing goes (it was at `before`); whether people are told. MustTell until seen."""
    there = as_event(event, said, before)
    if not edit.differing(event, there):
        return False
    saving = SavingIn(version=event.version, words=words)
    return edit.change(db, event, there, saving, seen=seen, by=by, now=now)


def cancel(db: Session, event: Event, words: str, *, by: Staff, now: datetime) -> bool:
    """Cancelled with its outing, with the same words; whether people are told."""
    if event.state not in edit.CANCEL.allowed:
        return False
    return edit.turn(db, event, edit.CANCEL, SavingIn(version=event.version, words=words), seen=True, by=by, now=now)


def of_change(db: Session, event: Event, said: OutingIn, before: str, *, words: str) -> Shown:
    """The message people would get."""
    return edit_told.of_change(db, event, as_event(event, said, before), words=words, first=False)


def of_cancelling(db: Session, event: Event, *, words: str) -> Shown | None:
    """The message people would get; None where the event no longer takes place anyway."""
    return edit_told.of_act(db, event, edit.CANCEL, words=words) if event.state in edit.CANCEL.allowed else None


def as_event(event: Event, said: OutingIn, before: str) -> EventIn:
    """The event with the outing's place and hours; its own words stay, but a title that only named the place."""
    fields = typed(event) | _place(said)
    if event.title == _title(before):
        fields["title"] = _title(said.place_name)
    try:
        return EventIn.model_validate(_filled(fields))
    except ValidationError:  # signing up would open or close at an hour that no longer fits
        return EventIn.model_validate(_filled(fields | {"opens_at": "", "closes_at": ""}))


def _place(said: OutingIn) -> dict[str, Any]:
    return {name: getattr(said, name) or "" for name in PLACE}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    """As a form posts it: what is empty is not sent."""
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _title(place: str) -> str:
    return (TITLE % place)[:120]
