"""What the team does with those who signed up: for someone who telephones, and to write to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit, i18n
from app.contributions import idempotency
from app.errors import N_, Conflict, NotFound, Unprocessable, refuse_field
from app.events import messages, words
from app.events.desk_schemas import LetterIn
from app.events.guests import Guest
from app.models import Event, EventMessage, EventState, Place, Registration, Staff

AUDIENCES = {
    "all": N_("Tout le monde : une place, ou en liste d’attente"),
    "confirmed": N_("Celles et ceux qui ont une place"),
    "waiting": N_("Celles et ceux qui attendent une place"),
}
NOBODY = N_("Personne n’est inscrit ainsi. Choisissez à qui écrire.")
DRAFT = N_("Ce rendez-vous est un brouillon : personne ne le connaît encore.")


@dataclass(frozen=True)
class Audience:
    """Some of those who signed up, and how many of them hear of it which way."""

    code: str
    name: str
    by_mail: int
    by_phone: int
    by_none: int

    @property
    def reached(self) -> int:
        return self.by_mail + self.by_phone


def registration(db: Session, event: Event, id: UUID) -> Registration:
    found = db.exec(select(Registration).where(Registration.id == id, Registration.event_seq == event.seq)).first()
    if found is None:
        raise NotFound
    return found


def known(event: Event) -> Event:
    """Conflict for a draft: nobody can sign up for it yet, or be written to about it."""
    if event.state is EventState.DRAFT:
        raise Conflict(DRAFT, code="draft")
    return event


def audiences(db: Session, event: Event, guests: list[Guest]) -> list[Audience]:
    """Whom one may write to; only where there is somebody."""
    needed = sorted({messages.NEED + need for one in guests for need in one.registration.needs})
    found = [_audience(db, event, code) for code in [*AUDIENCES, *needed]]
    return [one for one in found if one.reached or one.by_none]


def audience_name(code: str) -> str:
    if code in AUDIENCES:
        return i18n.gettext(AUDIENCES[code])
    return i18n.gettext("Qui a besoin de : %(need)s") % {"need": words.offer_name(code.removeprefix(messages.NEED))}


def _audience(db: Session, event: Event, code: str) -> Audience:
    people = messages.recipients(db, event, code)
    mail = sum(bool(one.email) for one in people)
    phone = sum(bool(one.phone and not one.email) for one in people)
    return Audience(code, audience_name(code), mail, phone, len(people) - mail - phone)


def write(db: Session, event: Event, said: LetterIn, *, among: list[Audience], by: Staff, now: datetime) -> None:
    """To everyone addressed, once, however often it is sent. 422 when nobody is; Conflict for a draft."""
    known(event)
    if said.addressed not in {one.code for one in among}:
        raise nobody()

    def do() -> tuple[int, dict[str, str]]:
        told = messages.tell_all(
            db, event, kind="written", addressed=said.addressed, words=said.words, by=by.actor, now=now
        )
        audit.append(db, actor=by.actor, action="event_written", kind="event", object_id=str(event.id), now=now)
        return 201, {"id": str(told.id)}

    body = said.model_dump_json(exclude={"act"}).encode()
    idempotency.once(db, said.key or None, act=f"write {event.id} {by.id}", body=body, now=now, do=do)


def nobody() -> Unprocessable:
    return refuse_field("addressed", "nobody", NOBODY)


def written(db: Session, event: Event) -> list[EventMessage]:
    """What people were told, newest first."""
    mine = select(EventMessage).where(EventMessage.event_seq == event.seq)
    return list(db.exec(mine.order_by(col(EventMessage.seq).desc()).limit(20)))


def line(guests: list[Guest]) -> dict[UUID, int]:
    """Which one in the waiting list each of them is."""
    waiting = [one.registration for one in guests if one.registration.state is Place.WAITING]
    return {one.id: n for n, one in enumerate(sorted(waiting, key=lambda one: one.line), start=1)}


def standing(db: Session, event: Event) -> dict[str, tuple[int, int]]:
    """By state: registrations, and people."""
    rows = db.connection().execute(
        sa.select(col(Registration.state), sa.func.count(), sa.func.sum(Registration.people))
        .where(col(Registration.event_seq) == event.seq)
        .group_by(col(Registration.state))
    )
    found = {state.value: (count, int(people)) for state, count, people in rows}
    return {place.value: found.get(place.value, (0, 0)) for place in Place}
