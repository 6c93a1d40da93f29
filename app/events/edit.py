"""What organisers do with an event: write it, change it, publish it, cancel it, postpone it.

Whatever people signed up must know is told in the same transaction, and only once its message was seen by whoever
sends it (`MustTell`). Locks in the order of places.py: the event, what the public sees, the journal.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app import audit
from app.errors import N_, Conflict, FieldError, Unprocessable
from app.events import edit_copies, edit_queries, messages, places
from app.events.edit_schemas import EventIn, SavingIn
from app.models import Event, EventKind, EventState, Mode, Staff
from app.models.base import new_id
from app.models.publication import bump

# What people must be told of, and what calendars must take up besides.
TOLD = ("starts_at", "ends_at", "mode", "place_name", "place_address", "online_url")
IN_CALENDARS = (*TOLD, "title", "summary", "latitude", "longitude", "way", "access_notes")
STALE = N_("Quelqu’un d’autre a enregistré entre-temps. Rien de ce que vous avez écrit n’est perdu.")
SEE_FIRST = N_("Des personnes sont inscrites : voyez d’abord le message qu’elles recevront.")
NOT_NOW = N_("Ce rendez-vous n’en est plus là. Voici où il en est.")
WHERE = N_("Dites où cela se passe.")
OF_PROGRAMME = N_("C’est une séance des Assises : elle se modifie dans leur programme.")


class MustTell(Conflict):
    """People are signed up: the message has to be seen first. Nothing was changed."""

    code = "must_tell"
    message = SEE_FIRST


@dataclass(frozen=True)
class Act:
    """How a state is left for another: from where, what it is called in the journal and to people."""

    to: EventState
    allowed: tuple[EventState, ...]
    action: str
    kind: str  # of the message


PUBLISH = Act(EventState.PUBLISHED, (EventState.DRAFT, EventState.POSTPONED), "event_published", "moved")
CANCEL = Act(EventState.CANCELLED, (EventState.PUBLISHED, EventState.POSTPONED), "event_cancelled", "cancelled")
POSTPONE = Act(EventState.POSTPONED, (EventState.PUBLISHED,), "event_postponed", "postponed")


def create(db: Session, said: EventIn, *, by: Staff, now: datetime) -> Event:
    """A draft."""
    made = edit_copies.add(db, Event(id=new_id(), slug="", created_at=now, changed_at=now, **columns(said)))
    note(db, made, "event_created", by=by, now=now)
    return made


def change(db: Session, event: Event, said: EventIn, saving: SavingIn, *, seen: bool, by: Staff, now: datetime) -> bool:
    """What was typed becomes the event; whether people are told.

    Conflict `stale`; `MustTell` until the message was `seen`; 422 where the public would not know where to go.
    """
    event = _fresh(db, event, saving.version)
    changed = differing(event, said)
    before, moved = messages.facts(event), bool(set(changed) & set(TOLD))
    tells = moved and event.state is EventState.PUBLISHED and may_be_told(event, said, now=now)
    if tells and not seen:
        raise MustTell
    fill(event, said)
    if event.state is not EventState.DRAFT:
        _refuse_unready(event)
        event.sequence += bool(set(changed) & set(IN_CALENDARS))
    _touch(db, event, now=now)
    if event.capacity != said.capacity:
        places.resize(db, event, capacity=said.capacity, now=now)
    if "starts_at" in changed:
        places.promote(db, event, now=now)  # seats nobody wanted so late may be wanted then; offers had another time
    if tells:
        _tell(db, event, "moved", saving.words, before, by=by, now=now)
    note(db, event, "event_changed", by=by, now=now)
    return tells


def turn(db: Session, event: Event, act: Act, saving: SavingIn, *, seen: bool, by: Staff, now: datetime) -> bool:
    """Another state; whether people are told. Conflict `stale` or `wrong_state`, otherwise as `change`."""
    event = _fresh(db, event, saving.version)
    if event.state not in act.allowed:
        raise Conflict(NOT_NOW, code="wrong_state")
    tells = event.state is not EventState.DRAFT and somebody(event) and now < event.ends_at
    if tells and not seen:
        raise MustTell
    before = before_it(db, event, act)
    _put(event, act, words=saving.words, now=now)
    _touch(db, event, now=now)
    places.promote(db, event, now=now)  # what was given up while it was postponed
    if tells:
        _tell(db, event, act.kind, saving.words, before, by=by, now=now)
    note(db, event, act.action, by=by, now=now)
    return tells


def repeat(db: Session, event: Event, *, times: int, by: Staff, now: datetime) -> list[Event]:
    """So many more of it, one a week, as drafts. 422 where an hour would not exist."""
    _refuse_session(event)
    made = edit_copies.series(db, event, times=times, now=now)
    for each in made:
        note(db, each, "event_created", by=by, now=now)
    return made


def copy(db: Session, event: Event, *, by: Staff, now: datetime) -> Event:
    """A draft that says the same, some whole weeks later."""
    _refuse_session(event)
    made = edit_copies.copy(db, event, now=now)
    note(db, made, "event_created", by=by, now=now)
    return made


def discard(db: Session, event: Event, *, by: Staff, now: datetime) -> None:
    """A draft that is not wanted. What was public once stays: Conflict `wrong_state`."""
    event = places.hold(db, event.seq or 0)
    if event.state is not EventState.DRAFT:
        raise Conflict(NOT_NOW, code="wrong_state")
    db.delete(event)
    db.flush()
    note(db, event, "event_discarded", by=by, now=now)


def publish_series(db: Session, event: Event, *, by: Staff, now: datetime) -> int:
    """Every draft of its series at once; how many. All or none: 422 when one says no place."""
    drafts = [places.hold(db, seq) for seq in edit_copies.drafts(db, event)]
    drafts = [draft for draft in drafts if draft.state is EventState.DRAFT]
    for draft in drafts:
        _put(draft, PUBLISH, words="", now=now)
        _touch(db, draft, now=now)
    for draft in drafts:
        note(db, draft, PUBLISH.action, by=by, now=now)
    return len(drafts)


def columns(said: EventIn) -> dict[str, Any]:
    """Every column that is typed."""
    return said.fields() | {"capacity": said.capacity}


def differing(event: Event, said: EventIn) -> list[str]:
    """The columns that would change, `capacity` aside."""
    return [name for name, value in said.fields().items() if _plain(getattr(event, name)) != _plain(value)]


def _plain(value: Any) -> Any:
    """Nothing is nothing, and white space no change that anybody is told of."""
    return " ".join(value.split()) if isinstance(value, str) else value or ""


def fill(event: Event, said: EventIn) -> Event:
    for name, value in said.fields().items():
        setattr(event, name, value)
    return event


def somebody(event: Event) -> bool:
    """Whether anybody has a place or waits."""
    return event.taken > 0 or event.waiting > 0


def may_be_told(event: Event, said: EventIn, *, now: datetime) -> bool:
    """Nobody is told about what is over, unless it would be to come again."""
    return somebody(event) and now < max(event.ends_at, said.fields()["ends_at"])


def before_it(db: Session, event: Event, act: Act) -> dict[str, str]:
    """What people knew of it: for one that takes place after all, what they had been told before it was postponed."""
    told = edit_queries.last_told(db, event, POSTPONE.kind) if act is PUBLISH else None
    return dict(told.before) if told else messages.facts(event)


def _fresh(db: Session, event: Event, version: int) -> Event:
    """The event as it is now, held; Conflict `stale` when another version was read, `of_programme` for a session."""
    _refuse_session(event)
    event = places.hold(db, event.seq or 0)
    if event.version != version:
        raise Conflict(STALE, code="stale")
    return event


def _refuse_session(event: Event) -> None:
    """Releases of the programme alone make and change them (app/assises/meetings.py)."""
    if event.kind is EventKind.SESSION:
        raise Conflict(OF_PROGRAMME, code="of_programme")


def _put(event: Event, act: Act, *, words: str, now: datetime) -> None:
    if act is PUBLISH:
        _refuse_unready(event)
        event.published_at = event.published_at or now
    event.sequence += event.state is not EventState.DRAFT
    event.state, event.said = act.to, words if act is not PUBLISH else ""


def _refuse_unready(event: Event) -> None:
    """The public must know where to go."""
    if event.mode is not Mode.ONLINE and not event.place_name:
        raise Unprocessable([FieldError("place_name", "missing", WHERE)])


def _touch(db: Session, event: Event, *, now: datetime) -> None:
    event.version, event.changed_at = event.version + 1, now
    db.add(event)
    db.flush()
    if event.state is not EventState.DRAFT:
        bump(db)


def _tell(
    db: Session, event: Event, kind: str, words: str, before: dict[str, str], *, by: Staff, now: datetime
) -> None:
    messages.tell_all(db, event, kind=kind, addressed="all", words=words, by=by.actor, before=before, now=now)


def note(db: Session, event: Event, action: str, *, by: Staff, now: datetime) -> None:
    audit.append(db, actor=by.actor, action=action, kind="event", object_id=str(event.id), now=now)
