"""Up, down and up again on populated databases of both kinds; the models are what the migrations make."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import Session, SQLModel, select

import app.models  # noqa: F401 - fills the metadata
from app import audit, db, jobs, migrate
from app.adapters import vault
from app.adapters.clock import real_now
from app.consultation import content
from app.contributions import drafts, receipts
from app.media import rules as media_rules
from app.models import (
    Agenda,
    AllottedCode,
    Appeal,
    Arrival,
    Band,
    Caption,
    CaptionSource,
    Collected,
    CollectedMedia,
    Contribution,
    DevicePairing,
    Duty,
    EventMessage,
    EventState,
    Fingerprint,
    Keep,
    Media,
    MediaKind,
    Message,
    Notice,
    Original,
    OriginalOpening,
    Pause,
    Place,
    ProgrammeDay,
    ProgrammeSession,
    Registration,
    Release,
    Revision,
    Role,
    Room,
    SessionKind,
    SessionSpeaker,
    Signal,
    Speaker,
    State,
    Stop,
    Track,
    Transition,
    Vocabulary,
    Worker,
)
from app.models.base import new_id
from app.moderation import alerts
from app.moderation.schemas import AlertIn
from tests import factories
from tests.conftest import KEY, NOW

# Not of SQLModel's metadata: made by hand in the migrations, or beside them.
BY_HAND = ("published_index", "procrastinate", "rate_limit", "sqlite_")


@pytest.fixture
def migrated(database_url: str) -> Iterator[str]:
    vault.configure(KEY)
    content.configure()
    db.configure(database_url)
    jobs.configure("embedded:")
    yield database_url
    db.dispose()


def test_down_and_up_again_on_a_populated_database(migrated: str) -> None:
    populate()
    assert {name for name, rows in counted().items() if not rows} == set(), "a table stayed empty"

    migrate.to("base", url=migrated)
    assert [name for name in sa.inspect(db.engine()).get_table_names() if not name.startswith("sqlite_")] in (
        ["alembic_version"],
        [],
    )
    migrate.to(url=migrated)
    populate()
    with db.reading() as session:
        assert session.exec(select(sa.func.count()).select_from(Contribution)).one() == len(State)
        assert audit.verify(session)[1] is None


def test_each_step_down_and_up_again_keeps_what_it_can(migrated: str) -> None:
    """A draft's photos keep their token through 0002 and back; only the file's name is lost."""
    with db.writing() as session:
        media = factories.medium(session, None, kind=MediaKind.PHOTO)
        token = media_rules.arrive(session, media, name="banc.jpg", now=NOW, completed=True)
    migrate.to("-5", url=migrated)
    migrate.to(url=migrated)
    with db.reading() as session:
        assert [each["name"] for each in media_rules.uploads(session, [token])] == ["media"]


def test_up_again_changes_nothing(migrated: str) -> None:
    populate()
    before = counted()
    migrate.to(url=migrated)
    assert counted() == before


def test_the_models_are_what_the_migrations_make(migrated: str) -> None:
    assert difference(SQLModel.metadata) == []
    assert checks() == []


def test_the_comparison_sees_a_forgotten_migration(migrated: str) -> None:
    other = sa.MetaData(naming_convention=SQLModel.metadata.naming_convention)
    for table in SQLModel.metadata.tables.values():
        table.to_metadata(other)
    other.tables["contribution"].append_column(sa.Column("mood", sa.String(10)))
    sa.Index("ix_new", other.tables["revision"].c.language)
    assert [step[0] if isinstance(step, tuple) else step[0][0] for step in difference(other)] == [
        "add_column",
        "add_index",
    ]


def difference(metadata: sa.MetaData) -> list[object]:
    """What Alembic would write into the next migration."""

    def ours(obj: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
        return not (kind == "table" and name and name.startswith(BY_HAND))

    with db.engine().connect() as connection:
        options = {"compare_type": True, "include_object": ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def checks() -> list[str]:
    """CHECK constraints, which Alembic does not compare: those of one side only, by table and name."""
    inspector = sa.inspect(db.engine())
    made = {
        (table, str(check["name"]))
        for table in SQLModel.metadata.tables
        for check in inspector.get_check_constraints(table)
    }
    wanted = {
        (table.name, db.engine().dialect.identifier_preparer.format_constraint(check).strip('"'))
        for table in SQLModel.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
    }
    assert ("contribution", "ck_contribution_state") in made & wanted
    return sorted(f"{table}.{name}" for table, name in made ^ wanted)


def counted() -> dict[str, int]:
    with db.engine().connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in SQLModel.metadata.tables.items()
        }


def populate() -> None:
    """A contribution in every state and at least one row in every table, by the service's own rules."""
    with db.writing() as session:
        for state in State:
            factories.contribution(
                session,
                state=state,
                photo_alt="Une table",
                author={"name": "Zoé"},
                contact={"email": "zoe@exemple.fr", "phone": "0612345678"},
            )
        team(session)
        followed(session)
        sent(session)
        judged(session)
        met(session)
        gathered(session)
        walked(session)
        session.add(Keep(name="essai", value="1"))
        session.add(Worker(name="essai", started_at=real_now(), seen_at=real_now()))
        session.add(Duty(name="essai", began_at=real_now()))
        session.merge(vocabulary_row())
        jobs.enqueue(session, "process_media", str(new_id()), key="essai")


def team(session: Session) -> None:
    """A moderator with a session, a token, recovery codes; an alert, closed, whose contact was opened."""
    from app.accounts import second_factor, sessions

    person = factories.staff(session, Role.MODERATOR, email="ada@equipe.example")
    factories.token(session, person)
    sessions.open_session(session, person, second_factor=True, now=real_now())
    second_factor.renew_recovery_codes(session, person, now=NOW)
    pending = session.exec(select(Contribution).where(Contribution.state == State.PENDING)).first()
    assert pending
    alert = alerts.open_alert(session, pending, by=person, said=AlertIn(kind="danger", words="Elle a peur."), now=NOW)
    alerts.open_contact(session, alert, by=person, motive="la joindre", now=NOW)
    alerts.close(session, alert, by=person, done="Jointe.", now=NOW)


def followed(session: Session) -> None:
    """A receipt shown, a follow session, a link, a draft, a kept answer; an earlier revision."""
    from app.models import AccessLink, IdempotencyKey

    held = session.exec(select(Contribution).where(Contribution.state == State.RETURNED)).one()
    seq = held.seq or 0
    receipts.show_once(session, seq, receipts.new_code(), now=NOW)
    receipts.open_follow(session, seq, now=NOW)
    session.add(AccessLink(token_mac="l" * 64, contribution_seq=seq, expires_at=NOW + timedelta(minutes=15)))
    session.add(IdempotencyKey(key_mac="i" * 64, body_hash="b" * 64, status=201, sealed=b"x", created_at=NOW))
    session.add(Revision(contribution_seq=seq, number=2, body="Corrigé.", language="fr", created_at=NOW))
    drafts.put_aside(session, {"body": "À plusieurs, pas encore fini."}, now=NOW)


def met(session: Session) -> None:
    """A meeting, somebody who signed up and came, what they were told, what was said there."""
    held = factories.event(session, state=EventState.POSTPONED)
    seq = held.seq or 0
    place = Registration(
        event_seq=seq, state=Place.ATTENDED, people=2, line=1, name_sealed=b"x", token_mac="t" * 64,
        wording="1", registered_at=NOW, state_since=NOW,
    )  # fmt: skip
    told = EventMessage(event_seq=seq, kind="postponed", addressed="all", by="staff:1", at=NOW)
    session.add_all([place, told])
    session.flush()
    session.add(
        Arrival(id=new_id(), event_seq=seq, registration_seq=place.seq, people=2, at=NOW, received_at=NOW, by="staff:1")
    )
    message = session.exec(select(Message)).first()
    said = session.exec(select(Contribution)).first()
    assert message
    assert said
    message.registration_seq, message.event_message_seq, said.event_seq = place.seq, told.seq, seq
    session.flush()


def gathered(session: Session) -> None:
    """The Assises: a day, a pause, a room, a track, a session with its speaker, a release, an agenda, a stop."""
    day = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=8)}
    room, track = Room(name="Grande salle", capacity=80), Track(slug="agir", name="Agir")
    person, stop = Speaker(name="Maud"), Stop(name="Le jardin", hours=[{"opens": "a", "closes": "b"}])
    released = Release(name="1", programme={"sessions": []}, by="staff:1", at=NOW)
    session.add_all([ProgrammeDay(**day), Pause(title="Déjeuner", **day), room, track, person, stop, released])
    session.add(Agenda(token_mac="a" * 64, sessions=["1"], created_at=NOW, changed_at=NOW))
    session.flush()
    talk = ProgrammeSession(
        slug="agir-ensemble", kind=SessionKind.TALK, title="Agir", track_seq=track.seq, room_seq=room.seq,
        starts_at=NOW, created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    session.add(talk)
    session.flush()
    session.add(SessionSpeaker(session_seq=talk.seq or 0, speaker_seq=person.seq or 0))
    message, photo = session.exec(select(Message)).first(), session.exec(select(Media)).first()
    assert message
    assert photo
    message.speaker_seq, message.release_seq, photo.stop_seq = person.seq, released.seq, stop.seq
    session.flush()


def sent(session: Session) -> None:
    """A medium not yet tied to a contribution, its captions."""
    media = factories.medium(session, None, kind=MediaKind.AUDIO)
    upload_token = media_rules.arrive(session, media, name="voix.webm", now=NOW, completed=True)
    assert [each["name"] for each in media_rules.uploads(session, [upload_token])] == ["voix.webm"]
    session.add(
        Caption(
            media_seq=media.seq or 0,
            language="fr",
            vtt="WEBVTT",
            source=CaptionSource.PERSON,
            by="essai",
            updated_at=NOW,
        )
    )


def judged(session: Session) -> None:
    """What the desk knows of one refused contribution: signals, likeness, its original words, an appeal, a notice."""
    refused = session.exec(select(Contribution).where(Contribution.state == State.REFUSED)).one()
    seq = refused.seq or 0
    decision = Transition(
        contribution_seq=seq, revision=1, action="refuse", from_state="pending", to_state="refused", actor="x", at=NOW
    )
    printed = Fingerprint(contribution_seq=seq, revision=1, kind="words", value=b"x", detector="essai 1")
    original = Original(contribution_seq=seq, revision=1, body_sealed=b"x", reason="personal", made_by="x", made_at=NOW)
    session.add_all([decision, printed, original])
    session.flush()
    session.add(Band(piece=-(2**40), fingerprint_seq=printed.seq or 0))
    session.add(OriginalOpening(original_seq=original.seq or 0, actor="x", motive="relire", at=NOW))
    session.add(Appeal(contribution_seq=seq, transition_seq=decision.seq or 0, made_at=NOW))
    session.add(Notice(number="SIGNAL", contribution_seq=seq, reason="personal", made_at=NOW))
    session.add(
        Signal(contribution_seq=seq, revision=1, kind="phone", place="body", detector="essai 1", created_at=NOW)
    )


def vocabulary_row() -> Vocabulary:
    return Vocabulary(**{name: _value(column) for name, column in Vocabulary.__table__.columns.items()})  # type: ignore[attr-defined]


def _value(column: "sa.Column[object]") -> object:
    return 1 if column.type.python_type is int else "essai"


def walked(session: Session) -> None:
    """An outing with its mediator, a device and a code to pair another, a ticket, a record and its photo."""
    mediator = factories.staff(session, Role.MEDIATOR)
    seq = mediator.seq or 0
    outing = factories.outing(session, mediator)
    device, _ = factories.device(session, mediator)
    said, photo = session.exec(select(Contribution)).first(), session.exec(select(Media)).first()
    assert said
    assert photo
    record = Collected(
        id=new_id(), contribution_seq=said.seq, outing_seq=outing.seq, device_seq=device.seq, staff_seq=seq,
        digest="d" * 64, received_at=NOW,
    )  # fmt: skip
    session.add(record)
    session.add(DevicePairing(code_mac="p" * 64, staff_seq=seq, made_by=mediator.actor, expires_at=NOW))
    session.add(AllottedCode(
        words_mac="w" * 64, digits_mac="n" * 64, staff_seq=seq, outing_seq=outing.seq, number="MAL-1", created_at=NOW,
    ))  # fmt: skip
    session.flush()
    session.add(CollectedMedia(
        collected_seq=record.seq or 0, client_id="1", media_seq=photo.seq or 0, sha256="0" * 64, size=1,
        type="image/jpeg",
    ))  # fmt: skip
