"""The demonstration's meetings with the people who signed up for them: invented first names, addresses and numbers
that exist nowhere."""

import unicodedata
from datetime import datetime, timedelta

from sqlmodel import Session

from app import audit
from app.consultation.content import consultation
from app.consultation.demo_events import DemoEvent
from app.events import people, tokens
from app.models import Arrival, Event, EventState, Place, Registration
from app.models.base import new_id
from app.models.publication import bump

NAMES = (
    "Maud", "Yann", "Solenn", "Hamid", "Katell", "Gilles", "Nadia", "Paulette", "Idris", "Oksana", "Brendan", "Fatou",
    "Lucette", "Samir", "Anaëlle", "Tedros", "Josiane", "Malo", "Zohra", "Étienne", "Roya", "Armel", "Bintou", "Gwenn",
)  # fmt: skip
FICTION = 33_6_39_98_00_00  # and the 9,999 that follow: kept for fiction by the French regulator (ARCEP)
PAIR, WITH_PHONE = 5, 6  # every fifth comes with somebody, every sixth left only a number
NEEDS = {9: "step_free", 14: "lsf", 20: "childcare"}
KEPT_APART = {"announced", "seats", "waiting", "came", "walked_in", "photo"}  # not columns of an event


def add(db: Session, example: DemoEvent, *, by: str) -> Event:
    """One meeting as announced, who has a place, who waits, and who came."""
    at = example.announced
    public = example.state is not EventState.DRAFT
    made = Event(
        **example.model_dump(exclude=KEPT_APART | {"offers", "facilitators"}),
        created_at=at,
        changed_at=at,
        published_at=at if public else None,
        sequence=1 if example.said else 0,
    )
    made.offers, made.facilitators = list(example.offers), list(example.facilitators)
    db.add(made)
    db.flush()
    sign_up(db, made, seats=example.seats, waiting=example.waiting, came=example.came, since=example.announced, by=by)
    _walk_in(db, made, example, by=by)
    bump(db)
    audit.append(db, actor=by, action="event_created", kind="event", object_id=str(made.id), now=at)
    return made


def sign_up(
    db: Session, made: Event, *, seats: int, waiting: int, since: datetime, by: str, came: int | None = None
) -> None:
    """One an hour from `since` on, in the order of the line, until the seats are taken; `came`: how many did."""
    while made.taken < seats:
        rank = made.line
        people_ = min(2 if rank % PAIR == PAIR - 1 else 1, seats - made.taken)
        state = Place.CONFIRMED if came is None else Place.ATTENDED if rank < came else Place.ABSENT
        person = _person(made, rank, people_=people_, state=state, at=since + timedelta(hours=rank + 1))
        db.add(person)
        made.taken += people_
        made.line += 1
        if state is Place.ATTENDED:
            db.flush()
            db.add(_arrival(made, person.people, registration=person.seq, rank=rank, by=by))
    for _ in range(waiting):
        db.add(_person(made, made.line, people_=1, state=Place.WAITING, at=since + timedelta(hours=made.line + 1)))
        made.waiting += 1
        made.line += 1
    db.add(made)
    db.flush()


def _person(made: Event, rank: int, *, people_: int, state: Place, at: datetime) -> Registration:
    name, token = NAMES[(rank * 7 + (made.seq or 0)) % len(NAMES)], tokens.new()
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()
    called = rank % WITH_PHONE == WITH_PHONE - 1
    phone = f"+{FICTION + (made.seq or 0) % 100 * 100 + rank % 100}" if called else None
    email = None if phone else f"{plain}.{rank + 1}@demo.example"
    need = next((need for every, need in NEEDS.items() if rank % every == every - 1), None)
    return Registration(
        id=new_id(), event_seq=made.seq or 0, state=state, people=people_, line=rank + 1,
        name_sealed=people.seal(name) or b"", email_sealed=people.seal(email), email_index=people.email_index(email),
        phone_sealed=people.seal(phone), phone_index=people.phone_index(phone), token_mac=tokens.mac(token),
        token_sealed=tokens.seal(token), needs=[need] if need else [], reminders=bool(email) and rank % 2 == 0,
        wording=consultation().consents.registration.version, registered_at=at, state_since=at,
    )  # fmt: skip


def _walk_in(db: Session, made: Event, example: DemoEvent, *, by: str) -> None:
    for rank in range(example.walked_in):
        db.add(_arrival(made, 1, registration=None, rank=rank, by=by))
    db.flush()


def _arrival(made: Event, seats: int, *, registration: int | None, rank: int, by: str) -> Arrival:
    at = made.starts_at + timedelta(seconds=20 * rank)
    return Arrival(
        id=new_id(), event_seq=made.seq or 0, registration_seq=registration, people=seats, at=at, received_at=at, by=by
    )
