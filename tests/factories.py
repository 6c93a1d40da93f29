"""Things to test with, made by the service's own rules where there is one."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.accounts import rules as account_rules
from app.assises import releases
from app.contributions import publishing, rules
from app.contributions.schemas import ContributionIn
from app.events import line, places
from app.events.schemas import RegistrationIn
from app.models import (
    Channel,
    Contribution,
    Device,
    Event,
    EventKind,
    EventState,
    Media,
    MediaChoice,
    MediaKind,
    MediaState,
    Method,
    Outing,
    OutingMediator,
    Pause,
    Place,
    ProgrammeDay,
    ProgrammeSession,
    Registration,
    Release,
    Role,
    Room,
    SessionKind,
    SessionSpeaker,
    Speaker,
    Staff,
    State,
    Track,
)
from app.models.base import new_id
from app.outreach import credentials

NOW = datetime(2022, 4, 12, 8, tzinfo=UTC)


def said(body: str = "Une grande table, le dimanche.", **more: Any) -> dict[str, Any]:
    """The JSON of a valid contribution."""
    return {
        "question": "q1",
        "body": body,
        "kind": "individual",
        "consents": {"publication": True, "age": True},
    } | more


def submitted(db: Session, *, channel: Channel = Channel.ONLINE, now: datetime = NOW, **fields: Any) -> rules.Submitted:
    """As sent by someone; with its receipt code."""
    return rules.submit(db, ContributionIn.model_validate(said(**fields)), channel=channel, now=now)


def contribution(
    db: Session,
    *,
    state: State = State.PENDING,
    reason: str | None = None,
    now: datetime = NOW,
    photo_alt: str | None = None,
    **fields: Any,
) -> Contribution:
    """In any state, as if decided; `photo_alt` adds one published photo."""
    made = submitted(db, now=now, **fields).contribution
    if photo_alt:
        photo(db, made, choice=MediaChoice.PUBLISH, alt=photo_alt)
    if state in {State.PUBLISHED, State.HIDDEN, State.WITHDRAWN, State.ERASED}:
        set_state(db, made, State.PUBLISHED)
        publishing.publish(db, made, now=now)
    if state is not made.state:
        if made.state is State.PUBLISHED:
            publishing.unpublish(db, made)
        set_state(db, made, state, reason=reason or ("offence" if state in {State.HIDDEN, State.REFUSED} else None))
    return made


def set_state(db: Session, made: Contribution, state: State, *, reason: str | None = None) -> None:
    """Without a decision: only for putting the stage up."""
    db.flush()
    db.connection().execute(
        sa.update(Contribution)
        .where(col(Contribution.seq) == made.seq)
        .values(state=state, reason=reason, version=made.version + 1)
    )
    db.refresh(made)


PHOTO_FILES = {
    f"{size}.{end}": {"type": f"image/{kind}", "width": 400, "height": 300, "size": 10}
    for size in (400, 1024, 2048)
    for end, kind in (("webp", "webp"), ("jpg", "jpeg"))
}
VIDEO_FILES = {
    "720.mp4": {"type": "video/mp4", "width": 1280, "height": 720, "size": 10},
    "480.mp4": {"type": "video/mp4", "width": 854, "height": 480, "size": 10},
    "poster.webp": {"type": "image/webp", "width": 1280, "height": 720, "size": 10},
    "poster.jpg": {"type": "image/jpeg", "width": 1280, "height": 720, "size": 10},
}
SOUND_FILES = {
    "sound.m4a": {"type": "audio/mp4", "size": 10},
    "sound.opus": {"type": "audio/ogg", "size": 10},
    "waveform.svg": {"type": "image/svg+xml", "width": 600, "height": 80, "size": 10},
}
MADE: dict[MediaKind, dict[str, Any]] = {
    MediaKind.PHOTO: {"mime": "image/jpeg", "derivatives": PHOTO_FILES, "width": 400, "height": 300},
    MediaKind.VIDEO: {
        "mime": "video/mp4", "derivatives": VIDEO_FILES, "width": 1280, "height": 720, "duration": 2.0
    },
    MediaKind.AUDIO: {"mime": "audio/mp4", "derivatives": SOUND_FILES, "duration": 2.0},
    MediaKind.DOCUMENT: {"mime": "application/pdf", "derivatives": {}},
}  # fmt: skip


def medium(
    db: Session,
    made: Contribution | None,
    *,
    kind: MediaKind,
    state: MediaState = MediaState.READY,
    **fields: Any,
) -> Media:
    """A medium's row, of a contribution or of none yet (its files are the caller's affair)."""
    standard = MADE[kind] | ({} if state is MediaState.READY else {"derivatives": {}})
    media = Media(
        id=new_id(),
        opaque=secrets.token_urlsafe(15),
        contribution_seq=made.seq if made else None,
        kind=kind,
        state=state,
        received_at=NOW,
        **({"size": 1000, "original": f"originals/{secrets.token_hex(8)}"} | standard | fields),
    )
    db.add(media)
    db.flush()
    return media


def photo(db: Session, made: Contribution, **fields: Any) -> Media:
    return medium(db, made, kind=MediaKind.PHOTO, **fields)


def video(db: Session, made: Contribution, **fields: Any) -> Media:
    return medium(db, made, kind=MediaKind.VIDEO, **fields)


def sound(db: Session, made: Contribution, **fields: Any) -> Media:
    return medium(db, made, kind=MediaKind.AUDIO, **fields)


def staff(db: Session, *roles: Role, email: str | None = None, reads: list[str] | None = None, **fields: Any) -> Staff:
    """A member of the team; a moderator unless said otherwise."""
    return account_rules.add_person(
        db,
        email=email or f"{secrets.token_hex(4)}@equipe.example",
        name=fields.pop("name", "Personne d’essai"),
        roles=list(roles or (Role.MODERATOR,)),
        reads=reads,
        by="test",
        now=NOW,
        **fields,
    )


def token(db: Session, person: Staff) -> str:
    """A personal API token of that person."""
    return account_rules.make_token(db, person, name="essai", by="test", now=NOW)


def event(db: Session, **fields: Any) -> Event:
    """A published meeting in three weeks, with ten seats, unless said otherwise."""
    made = Event(
        **{
            "slug": f"atelier-{secrets.token_hex(3)}",
            "kind": EventKind.WORKSHOP,
            "state": EventState.PUBLISHED,
            "title": "Manger ensemble",
            "summary": "Deux heures autour d’une table.",
            "place_name": "Maison de quartier",
            "starts_at": NOW + timedelta(days=21),
            "ends_at": NOW + timedelta(days=21, hours=2),
            "capacity": 10,
            "created_at": NOW,
            "changed_at": NOW,
            "published_at": NOW,
        }
        | fields
    )
    db.add(made)
    db.flush()
    return made


def registration(db: Session, event: Event, *, state: Place = Place.CONFIRMED, **fields: Any) -> Registration:
    """Someone signed up for it by the team, in any state, whatever room there is."""
    said = {"name": "Éloïse", "email": f"{secrets.token_hex(4)}@exemple.fr", "consents": {"data": True}} | fields
    held = db.get_one(Event, event.seq)
    made = places.sign_up(db, held, RegistrationIn.model_validate(said), now=NOW, language="fr", by="test").registration
    line.put(db, line.hold(db, made.event_seq), made, state, now=NOW)
    return made


def programme(
    db: Session, *, sessions: int = 6, rooms: int = 3, days: int = 2, **fields: Any
) -> list[ProgrammeSession]:
    """A draft of the Assises: days from 9 to 19, a pause at noon each, rooms, three tracks, sessions of 45 minutes one
    after the other in each room, in order; nobody and nothing twice at once. `fields` are those of each session."""
    first = datetime(2022, 6, 10, 7, 0, tzinfo=UTC)
    starts = [first + timedelta(days=n) for n in range(days)]
    halls = [Room(name=f"Salle {n + 1}", position=n, capacity=60) for n in range(rooms)]
    tracks = [Track(name=name, slug=name.lower(), position=n) for n, name in enumerate(("Vivre", "Relier", "Agir"))]
    people = [Speaker(name=f"Voix {n + 1}", consent_at=NOW, consent_how="oral", invented=True) for n in range(rooms)]
    db.add_all([*halls, *tracks, *people])
    for start in starts:
        noon = start + timedelta(hours=3)
        db.add(ProgrammeDay(starts_at=start, ends_at=start + timedelta(hours=10)))
        db.add(Pause(title="Déjeuner", starts_at=noon, ends_at=noon + timedelta(hours=1)))
    db.flush()
    hours = [start + timedelta(minutes=m) for start in starts for m in (0, 45, 90, 135, *range(240, 600, 45))]
    made = []
    for n in range(sessions):
        room, when = halls[n % rooms], hours[n // rooms % len(hours)]
        made.append(
            ProgrammeSession(
                **{
                    "slug": f"seance-{n + 1}", "kind": SessionKind.TALK, "title": f"Séance {n + 1}",
                    "summary": "Ce que nous pouvons faire, et avec qui.", "room_seq": room.seq, "starts_at": when,
                    "minutes": 45, "track_seq": tracks[n % 3].seq, "created_at": NOW, "changed_at": NOW,
                } | fields
            )
        )  # fmt: skip
    db.add_all(made)
    db.flush()
    for n, each in enumerate(made):
        db.add(SessionSpeaker(session_seq=each.seq or 0, speaker_seq=people[n % rooms].seq or 0))
    db.flush()
    return made


def released(db: Session, *, name: str = "", now: datetime = NOW, **programme_: Any) -> Release:
    """The draft as it is becomes public; one of `programme(db, …)` first where there is none."""
    if db.exec(select(ProgrammeSession.seq).limit(1)).first() is None:
        programme(db, **programme_)
    name = name or f"Version {secrets.token_hex(3)}"
    return releases.release(db, name=name, words="", seen=True, by=staff(db, Role.ORGANISER), now=now)


def outing(db: Session, *mediators: Staff, **fields: Any) -> Outing:
    """Today, at a market; those who go."""
    made = Outing(**({
        "method": Method.PORTEUR_DE_PAROLES, "place_name": "Marché de Malakoff", "quartier": "malakoff",
        "question": "q1", "starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=3),
        "prefix": secrets.token_hex(2).upper(), "created_at": NOW, "changed_at": NOW,
    } | fields))  # fmt: skip
    db.add(made)
    db.flush()
    for mediator in mediators:
        db.add(OutingMediator(outing_seq=made.seq or 0, staff_seq=mediator.seq or 0))
    db.flush()
    return made


def device(db: Session, mediator: Staff, **fields: Any) -> tuple[Device, str]:
    """A paired phone, and its token."""
    token = credentials.new_token()
    made = Device(**({
        "staff_seq": mediator.seq or 0, "name": "Téléphone bleu", "token_mac": credentials.token_mac(token),
        "paired_at": NOW, "seen_at": NOW,
    } | fields))  # fmt: skip
    db.add(made)
    db.flush()
    return made, token
