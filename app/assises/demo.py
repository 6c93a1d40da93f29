"""The demonstration of the Assises: a draft, what was released of it, people signed up, a draft that goes on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from app.adapters import vault
from app.assises import releases
from app.consultation.content import consultation
from app.consultation.demo_assises import DemoAssises, DemoChange, DemoSession, DemoSpeaker, DemoStop
from app.events import demo as demo_events
from app.models import (
    Event,
    Part,
    Pause,
    Programme,
    ProgrammeDay,
    ProgrammeSession,
    Room,
    SessionSpeaker,
    Speaker,
    Staff,
    Stop,
    Track,
)
from app.models.publication import bump

WHOLE = {
    "title", "words", "place_name", "latitude", "longitude", "way", "access_notes", "contact", "walk_words",
}  # fmt: skip
PARTS = {Part.SPEAKER: "speakers", Part.FACILITATOR: "facilitators", Part.INTERPRETER: "interpreters"}
NOT_COLUMNS = {"track", "room", "taken", "waiting", *PARTS.values()}
EARLIER = timedelta(days=7)  # so long before its first release the draft was begun


@dataclass(frozen=True)
class _Hand:
    """Who loads it, which may be nobody of the team: an instance that can be reached has no accounts of ours."""

    actor: str


@dataclass(frozen=True)
class _Numbers:
    """Of what the file names: its word for it → `seq`."""

    rooms: dict[str, int]
    tracks: dict[str, int]
    speakers: dict[str, int]


def add(db: Session, content: DemoAssises, *, by: str) -> None:
    """As the team would have: release after release, then people sign up, then the draft goes on."""
    began, last = content.releases[0].at - EARLIER, content.releases[-1].at
    hand = cast(Staff, _Hand(by))  # a rule asks for its name alone
    numbers = _around(db, content, by=by, at=began)
    for session in content.sessions:
        _session(db, session, numbers, at=began)
    for release in content.releases:
        _change(db, [each for each in content.changes if each.release == release.name], numbers, at=release.at)
        releases.release(db, name=release.name, words=release.words, seen=True, by=hand, now=release.at)
    for session in content.sessions:
        _sign_up(db, session, since=content.releases[0].at, by=by)
    for session in content.drafts:
        _session(db, session, numbers, at=last)
    _change(db, [each for each in content.changes if each.release is None], numbers, at=last)
    for speaker in content.speakers:
        _reach(db, speaker, numbers)
    db.add_all(_stop(stop, position) for position, stop in enumerate(content.stops))
    bump(db)


def _around(db: Session, content: DemoAssises, *, by: str, at: datetime) -> _Numbers:
    db.connection().execute(sa.update(Programme).values(content.model_dump(include=WHOLE)))
    names = {axis.id: axis.title.in_("fr") for axis in consultation().axes}
    rooms = {
        each.id: Room(position=position, **_columns(each, but={"id"})) for position, each in enumerate(content.rooms)
    }
    tracks = {
        each.slug: Track(position=position, slug=each.slug, name=names[each.axis])
        for position, each in enumerate(content.tracks)
    }
    speakers = {each.id: _speaker(each, by=by, at=at) for each in content.speakers}
    db.add_all([ProgrammeDay(**day.model_dump()) for day in content.days])
    db.add_all([Pause(**pause.model_dump()) for pause in content.pauses])
    db.add_all([*rooms.values(), *tracks.values(), *speakers.values()])
    db.flush()
    return _Numbers(*({word: row.seq or 0 for word, row in made.items()} for made in (rooms, tracks, speakers)))


def _speaker(example: DemoSpeaker, *, by: str, at: datetime) -> Speaker:
    made = Speaker(name=example.name, about=example.about, invented=True)
    if example.consent:
        made.consent_at, made.consent_how, made.consent_by = at, example.consent, by
    return made


def _session(db: Session, example: DemoSession, numbers: _Numbers, *, at: datetime) -> None:
    made = ProgrammeSession(
        **_columns(example, but=NOT_COLUMNS), track_seq=numbers.tracks[example.track],
        room_seq=numbers.rooms[example.room] if example.room else None, invented=True, created_at=at, changed_at=at,
    )  # fmt: skip
    db.add(made)
    db.flush()
    everybody = [(part, name) for part, names in PARTS.items() for name in getattr(example, names)]
    for position, (part, name) in enumerate(everybody):
        speaker = numbers.speakers[name]
        db.add(SessionSpeaker(session_seq=made.seq or 0, speaker_seq=speaker, part=part, position=position))
    db.flush()


def _change(db: Session, changes: list[DemoChange], numbers: _Numbers, *, at: datetime) -> None:
    for change in changes:
        made = db.execute(sa.select(ProgrammeSession).where(col(ProgrammeSession.slug) == change.session)).scalar_one()
        values = change.model_dump(exclude_unset=True, exclude={"release", "session", "room"})
        if change.room:
            values["room_seq"] = numbers.rooms[change.room]
        made.sqlmodel_update(values | {"version": made.version + 1, "changed_at": at})
        db.add(made)
    db.flush()


def _sign_up(db: Session, example: DemoSession, *, since: datetime, by: str) -> None:
    if example.taken:
        meeting = db.execute(sa.select(Event).where(col(Event.slug) == example.slug)).scalar_one()
        demo_events.sign_up(db, meeting, seats=example.taken, waiting=example.waiting, since=since, by=by)


def _reach(db: Session, example: DemoSpeaker, numbers: _Numbers) -> None:
    """Addresses and numbers last: releases that were made already write to nobody."""
    if example.email or example.phone:
        speaker = db.get_one(Speaker, numbers.speakers[example.id])
        speaker.email_sealed, speaker.phone_sealed = _sealed(example.email), _sealed(example.phone)
        db.add(speaker)


def _sealed(text: str | None) -> bytes | None:
    return vault.seal("speaker", text.encode()) if text else None


def _stop(example: DemoStop, position: int) -> Stop:
    hours = [
        {"opens": each.opens.astimezone(UTC).isoformat(), "closes": each.closes.astimezone(UTC).isoformat()}
        for each in example.hours
    ]
    return Stop(position=position, shown=True, **_columns(example, but={"hours", "photo"}), hours=hours)


def _columns(example: Any, *, but: set[str]) -> dict[str, Any]:
    """As the tables want it: lists, not tuples."""
    given = example.model_dump(exclude=but)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
