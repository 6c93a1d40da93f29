"""Releases: what they refuse, what they make of meetings, whom they tell and when; urgent ones; two at once."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import db as database
from app.adapters import vault
from app.assises import draft, edit_sessions, edit_speakers, queries, releases, telling
from app.errors import AppError, Conflict, NotFound, Unprocessable
from app.events.edit import MustTell
from app.models import (
    AuditEntry,
    Event,
    EventKind,
    EventState,
    Message,
    MessageState,
    Pause,
    Place,
    ProgrammeDay,
    ProgrammeSession,
    Registration,
    Release,
    Role,
    Room,
    SessionSpeaker,
    Speaker,
    Staff,
    Via,
)
from app.models.base import new_id
from app.models.publication import Publication
from app.notify.calls import calls
from tests import factories
from tests.conftest import NOW, World

LATER = NOW + timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def by(world: World) -> Staff:
    with database.writing() as db:
        return factories.staff(db, Role.ORGANISER)


def release(db: Session, by: Staff, name: str = "Version", **fields: Any) -> Release:
    return releases.release(db, **({"name": name, "words": "", "seen": True, "by": by, "now": LATER} | fields))


def rows(db: Session) -> list[ProgrammeSession]:
    wanted = select(ProgrammeSession).order_by(col(ProgrammeSession.seq))
    return list(db.exec(wanted.execution_options(populate_existing=True)).all())


def meeting(db: Session, session: ProgrammeSession) -> Event:
    return db.exec(select(Event).where(Event.id == session.id)).one()


def move(db: Session, session: ProgrammeSession, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(session, name, value)
    db.add(session)
    db.flush()


def quiet(db: Session) -> None:
    """As if all that was told so far had arrived."""
    db.flush()
    waits = col(Message.state) == MessageState.WAITING
    db.connection().execute(sa.update(Message).where(waits).values(state=MessageState.SENT))


def waiting(db: Session) -> list[Message]:
    wanted = select(Message).where(Message.state == MessageState.WAITING).order_by(col(Message.seq))
    return list(db.exec(wanted).all())


def entry(mail: EmailMessage) -> Any:
    """The calendar entry that came with it."""
    (attached,) = mail.iter_attachments()
    (found,) = icalendar.Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")
    return found


def refused(db: Session, by: Staff, **fields: Any) -> tuple[int, str]:
    with pytest.raises(AppError) as refusal:
        release(db, by, **fields)
    error = refusal.value
    return error.status, error.errors[0].code if isinstance(error, Unprocessable) else error.code


def test_a_release_is_refused_in_words_and_leaves_nothing(world: World, by: Staff) -> None:
    with database.writing() as db:
        assert refused(db, by) == (422, "nothing")
        with pytest.raises(NotFound):
            releases.urgent(db, new_id(), cancel=True, seen=True, by=by, now=NOW)
        first, second, *_ = factories.programme(db, sessions=4, seats=40)
        for name, code in (("", "missing"), ("  ", "missing"), ("é" * 81, "too_long")):
            assert refused(db, by, name=name) == (422, code)
        move(db, first, minutes=601)
        assert refused(db, by) == (422, "longer_than_day")
        move(db, first, minutes=45)
        assert refused(db, by, seen=False) == (409, "must_tell")  # who speaks there is told
        assert refused(db, by, mark="other") == (409, "stale")
        assert not queries.has_release(db)
        assert db.exec(select(Event)).first() is None
        made = release(db, by, "  Première   version ", mark=releases.preview(db, now=NOW).mark)
        assert (made.name, made.urgent, len(made.changes), made.by) == ("Première version", False, 4, by.actor)
        assert refused(db, by, name="Autre") == (422, "no_change")
        move(db, second, title="Autre titre")
        assert refused(db, by, name="Première version") == (422, "name_taken")
        assert release(db, by, "é" * 80, seen=False).changes[0]["kind"] == "changed"  # nobody is concerned by a title
        acts = db.exec(select(AuditEntry.action, AuditEntry.object_id).where(AuditEntry.kind == "programme")).all()
        assert acts == [("programme_released", str(each.id)) for each in (made, db.exec(select(Release)).all()[-1])]


def test_warnings_are_shown_and_never_block(world: World, by: Staff) -> None:
    """Twice at once, too many seats, no room, in a pause, outside its day, without a time."""
    with database.writing() as db:
        one, two, three, four, five, six = factories.programme(db, sessions=6)
        db.connection().execute(sa.delete(SessionSpeaker))
        move(db, two, room_seq=one.room_seq, seats=61)
        move(db, three, room_seq=None, starts_at=three.starts_at + 3 * HOUR)
        move(db, four, starts_at=four.starts_at + 20 * HOUR)
        move(db, five, starts_at=None)
        move(db, six, starts_at=None)
        found = releases.preview(db, now=NOW)
        assert [each.code for each in found.conflicts] == [
            "room_twice", "over_capacity", "no_room", "in_pause", "outside_day"
        ]  # fmt: skip
        assert [row.title for row in found.unplaced] == ["Séance 5", "Séance 6"]
        assert (found.empty, found.concerned.people, len(found.differences)) == (False, 0, 4)
        assert refused(db, by, seen=False) == (409, "must_tell")
        assert len(release(db, by).programme["sessions"]) == 4
        assert releases.preview(db, now=NOW).empty


def test_meetings_follow_their_sessions(world: World, by: Staff) -> None:
    """Made, changed, without places any more, cancelled, dropped, taking place after all; once each."""
    with database.writing() as db:
        one, two, three, plain = factories.programme(db, sessions=4, seats=10)
        move(db, plain, seats=None)
        taken = factories.event(db, slug="seance-3")
        version = db.get_one(Publication, 1).version
        release(db, by, "A")
        assert db.get_one(Publication, 1, populate_existing=True).version == version + 1
        made = {event.id: event for event in db.exec(select(Event).where(Event.kind == EventKind.SESSION))}
        assert set(made) == {one.id, two.id, three.id} == set(queries.seats(db))
        event = made[one.id]
        assert (event.slug, event.place_name, event.capacity, event.state) == (
            "seance-1", "Salle 1", 10, EventState.PUBLISHED
        )  # fmt: skip
        assert (event.starts_at, event.ends_at - event.starts_at) == (one.starts_at, timedelta(minutes=45))
        assert made[three.id].slug.startswith("seance-3-")
        assert taken.kind is not EventKind.SESSION
        assert [row.event_seq for row in rows(db)] == [made[row.id].seq if row.id in made else None for row in rows(db)]
        version = event.version
        move(db, one, title="Un toit", body="Longuement.")
        release(db, by, "B")
        db.refresh(event)
        assert (event.title, event.body, event.sequence, event.version) == ("Un toit", "Longuement.", 1, version + 1)
        move(db, one, seats=None)
        move(db, two, cancelled=True, said="Malade.")
        db.connection().execute(sa.delete(SessionSpeaker).where(col(SessionSpeaker.session_seq) == three.seq))
        db.delete(three)
        move(db, plain, seats=5)
        release(db, by, "C")
        event, gone, dropped = (meeting(db, each) for each in (one, two, three))
        assert (event.capacity, event.closes_at, event.state) == (None, LATER, EventState.PUBLISHED)
        assert (gone.state, gone.said, gone.sequence) == (EventState.CANCELLED, "Malade.", 1)
        assert (dropped.state, dropped.sequence, dropped.title) == (EventState.CANCELLED, 1, "Séance 3")
        assert meeting(db, plain).capacity == 5
        move(db, two, cancelled=False, said="")
        move(db, one, seats=12)
        release(db, by, "D")
        event, back = meeting(db, one), meeting(db, two)
        assert (back.state, back.sequence, event.capacity, event.closes_at) == (EventState.PUBLISHED, 2, 12, None)
        public = queries.current(db).programme
        assert {each.id: each.sequence for each in public.sessions if each.seats} == {
            each.id: each.sequence for each in db.exec(select(Event).where(Event.kind == EventKind.SESSION))
        }
        assert public.by_id[three.id].cancelled


def test_whoever_signed_up_is_told_once_with_an_entry_calendars_take_up(world: World, by: Staff) -> None:
    """Three sessions of five people: moved, in another room, dropped. Who waits moves up when there are more seats."""
    with database.writing() as db:
        sessions = factories.programme(db, sessions=6, seats=4)
        db.connection().execute(sa.delete(SessionSpeaker))
        release(db, by, "A", now=NOW)
        for session in sessions[:4]:
            states = [Place.CONFIRMED] * 4 + [Place.WAITING]
            for n, state in enumerate(states):
                factories.registration(db, meeting(db, session), state=state, email=f"{n}@{session.slug}.example")
        quiet(db)
        moved, elsewhere, dropped, untouched, *_ = sessions
        db.add(Room(name="Grande halle", position=9))
        db.flush()
        move(db, moved, starts_at=moved.starts_at + 6 * HOUR)
        move(db, elsewhere, room_seq=db.exec(select(Room.seq).where(Room.name == "Grande halle")).one(), seats=6)
        move(db, dropped, starts_at=None)
        move(db, untouched, title="Un autre titre")
        found = releases.preview(db, now=LATER)
        assert [(each.to, each.kind, each.mails, each.people) for each in found.concerned.meetings] == [
            ("Séance 1", "moved", 5, 5), ("Séance 2", "moved", 5, 5), ("Séance 3", "cancelled", 5, 5)
        ]  # fmt: skip
        assert "Nouveau lieu : Grande halle." in found.concerned.meetings[1].text
        assert found.concerned.people == 15
        (warned,) = [each for each in found.conflicts if each.code == "dropped"]
        assert warned.sessions == (dropped.id,)
        assert warned.words.endswith("qui seront prévenues : 5.")
        with pytest.raises(MustTell):
            release(db, by, "B", seen=False)
        assert waiting(db) == []
        release(db, by, "B", mark=found.mark)
        kinds = [message.template for message in waiting(db)]
        assert sorted(kinds) == ["event_cancelled"] * 5 + ["event_moved"] * 10 + ["promoted"]
    world.run_jobs()
    mails = [mail for mail in world.mails if "seance-" in mail["To"]]
    assert len(mails) == 16
    assert len({(mail["To"], mail["Subject"]) for mail in mails}) == 16
    entries = {mail["To"]: entry(mail) for mail in mails if "Une place" not in mail["Subject"]}
    host = "testserver"
    for session, status in ((moved, "CONFIRMED"), (elsewhere, "CONFIRMED"), (dropped, "CANCELLED")):
        for n in range(5):
            found_entry = entries[f"{n}@{session.slug}.example"]
            assert str(found_entry["UID"]) == f"{session.id}@{host}"
            assert (found_entry["SEQUENCE"], found_entry["STATUS"]) == (1, status)
    assert entries["0@seance-1.example"].start == moved.starts_at
    world.run_jobs()
    assert len([mail for mail in world.mails if "seance-" in mail["To"]]) == 16


def test_speakers_are_told_once_of_what_is_theirs(world: World, by: Staff) -> None:
    """By e-mail or the call list; what is true when it leaves, against what they heard last; nothing about a title."""
    world.adapters = replace(world.adapters, sms=None)
    world.app.fastapi.state.adapters = world.adapters
    with database.writing() as db:
        one, *_ = factories.programme(db, sessions=6)
        writes, rings, _nowhere = db.exec(select(Speaker).order_by(col(Speaker.seq))).all()
        writes.email_sealed = vault.seal(telling.PURPOSE, b"voix@exemple.fr")
        rings.phone_sealed = vault.seal(telling.PURPOSE, b"+33612345678")
        db.add_all([writes, rings])
        found = releases.preview(db, now=NOW).concerned
        assert [(each.to, each.mails, each.calls, each.unreachable) for each in found.speakers] == [
            ("Voix 1", 1, 0, 0), ("Voix 2", 0, 1, 0), ("Voix 3", 0, 0, 1)
        ]  # fmt: skip
        release(db, by, "A", now=NOW)
        assert [(each.via, each.speaker_seq) for each in waiting(db)] == [
            (Via.EMAIL, writes.seq),
            (Via.CALL, rings.seq),
        ]
    world.run_jobs()
    (mail,) = world.mails
    said = mail.get_body().get_content()
    assert (mail["To"], mail["Subject"]) == ("voix@exemple.fr", "Votre passage aux Assises")
    assert said.count("Nouveau : ") == 2
    assert "http://testserver/assises/seances/seance-1" in said
    assert "Voix" not in said
    with database.reading() as db:
        (call,) = calls(db, base_url="", now=NOW)
        assert (call.number, call.name) == ("+33612345678", "Voix 2")
        assert "Nouveau : Séance 2, 10 juin 2022 à 09:00, Salle 2." in call.sentence
        assert "http" not in call.sentence
    with database.writing() as db:
        caller = world.as_staff(factories.token(db, by))
        move(db, rows(db)[0], title="Un toit")
        release(db, by, "B")
        assert len(waiting(db)) == 1  # the call
        move(db, rows(db)[0], starts_at=one.starts_at + 6 * HOUR)
        move(db, rows(db)[1], cancelled=True, said="Panne.")
        release(db, by, "C")
        move(db, rows(db)[0], starts_at=one.starts_at + 7 * HOUR)
        release(db, by, "D")
        released = dict(db.exec(select(Release.seq, Release.name)).all())
        assert [(each.via, released[each.release_seq]) for each in waiting(db)] == [(Via.CALL, "C"), (Via.EMAIL, "D")]
    world.run_jobs()
    said = world.mails[-1].get_body().get_content()
    assert len(world.mails) == 2
    assert "Un toit : 10 juin 2022 à 16:00 au lieu de 09:00" in said
    found = entry(world.mails[-1])
    assert (str(found["UID"]), found["SEQUENCE"], found.start) == (f"{one.id}@testserver", 3, one.starts_at + 7 * HOUR)
    assert "Séance 2" in caller.get("/equipe/appels").text
    with database.reading() as db:
        (call,) = calls(db, base_url="", now=LATER)
        assert "Nouveau : Séance 5" in call.sentence  # never heard of either
        assert "Annulé : Séance 2. Panne." in call.sentence
        assert calls(db, base_url="", now=NOW + timedelta(days=100)) == []  # over: nothing to say
    caller.post(f"/equipe/appels/{call.message.id}", data={"outcome": "done"})
    with database.writing() as db:
        assert calls(db, base_url="", now=LATER) == []
        move(db, rows(db)[0], starts_at=one.starts_at + 7 * HOUR, room_seq=None)
        release(db, by, "E")
        move(db, rows(db)[0], room_seq=one.room_seq)
        release(db, by, "F")  # as it was when they heard last: there is nothing to say
    world.run_jobs()
    assert len(world.mails) == 2
    with database.reading() as db:
        assert waiting(db) == []


def test_who_joins_a_session_hears_of_it(world: World, by: Staff) -> None:
    with database.writing() as db:
        one, *_ = factories.programme(db, sessions=6)
        release(db, by, "A")
        third = db.exec(select(Speaker).where(Speaker.name == "Voix 3")).one()
        db.add(SessionSpeaker(session_seq=one.seq or 0, speaker_seq=third.seq or 0, part="interpreter"))
        (letter,) = releases.preview(db, now=LATER).concerned.speakers
        assert letter.to == "Voix 3"
        assert "Nouveau : Séance 1, 10 juin 2022 à 09:00, Salle 1.\nVous y êtes interprète." in letter.text


def test_an_urgent_change_goes_alone(world: World, by: Staff) -> None:
    """Whatever else is in the draft; the draft says the same of that one; the name is given."""
    with database.writing() as db:
        one, two, three, *_ = factories.programme(db, sessions=6, seats=10)
        db.connection().execute(sa.delete(SessionSpeaker))
        release(db, by, "A", now=NOW)
        factories.registration(db, meeting(db, one), email="une@personne.example")
        factories.registration(db, meeting(db, two), email="autre@personne.example")
        quiet(db)
        move(db, two, starts_at=two.starts_at + HOUR)  # not to be seen yet
        move(db, three, starts_at=None)
        db.add(Room(name="Dehors", position=9))
        db.flush()
        outside = db.exec(select(Room).where(Room.name == "Dehors")).one()
        wanted: dict[str, Any] = {
            "starts_at": one.starts_at + 5 * HOUR,
            "room": outside.id,
            "said": "La salle chauffe.",
        }
        found = releases.urgent_preview(db, one.id, **wanted, now=LATER)
        assert [(each.to, each.people) for each in found.concerned.letters] == [("Séance 1", 1)]
        assert "La salle chauffe." in found.concerned.letters[0].text
        assert [each.session for each in found.differences] == [one.id]
        move(db, one, minutes=30, title="Autre titre")  # of the same one: prepared, and kept
        version = one.version
        with pytest.raises(MustTell):
            releases.urgent(db, one.id, **wanted, seen=False, by=by, now=LATER)
        made = releases.urgent(db, one.id, **wanted, seen=True, by=by, now=LATER, mark=found.mark)
        assert (made.name, made.urgent, made.words) == ("Changement du 13 avril, 10 h 00", True, "La salle chauffe.")
        db.refresh(one)
        assert (one.starts_at, one.room_seq, one.version) == (wanted["starts_at"], outside.seq, version + 1)
        assert (one.minutes, one.title) == (30, "Autre titre")
        public = queries.current(db).programme
        assert (public.by_id[one.id].minutes, public.by_id[one.id].title) == (45, "Séance 1")
        assert (public.where(public.by_id[one.id]), public.by_id[one.id].sequence) == ("Dehors", 1)
        assert (public.by_id[two.id].sequence, public.by_id[three.id].cancelled) == (0, False)
        assert [message.template for message in waiting(db)] == ["event_moved"]
        again = releases.urgent(db, one.id, cancel=True, said="Panne.", seen=True, by=by, now=LATER)
        assert again.name == "Changement du 13 avril, 10 h 00 (2)"
        db.refresh(one)
        assert (one.cancelled, one.said, meeting(db, one).state) == (True, "Panne.", EventState.CANCELLED)
        assert [message.template for message in waiting(db)] == ["event_cancelled"]
        left = releases.preview(db, now=LATER)
        assert {each.session for each in left.differences} == {one.id, two.id, three.id}


def test_an_urgent_change_is_refused_in_words(world: World, by: Staff) -> None:
    with database.writing() as db:
        one, two, *_ = factories.programme(db, sessions=6)
        release(db, by, "A", now=NOW)

        def urgent(session: ProgrammeSession, **fields: Any) -> tuple[int, str, str]:
            with pytest.raises(AppError) as refusal:
                releases.urgent(db, session.id, **({"seen": True, "by": by, "now": LATER} | fields))
            error = refusal.value
            first = error.errors[0] if isinstance(error, Unprocessable) else None
            return error.status, first.code if first else error.code, first.field if first else ""

        assert urgent(one) == (422, "no_change", "minutes")
        assert urgent(one, minutes=0) == (422, "ends_before", "minutes")
        assert urgent(one, minutes=700) == (422, "longer_than_day", "minutes")
        assert urgent(one, room=new_id()) == (422, "unknown_room", "room")
        assert urgent(one, minutes=50, mark="other") == (409, "stale", "")
        assert urgent(one, minutes=50, seen=False) == (409, "must_tell", "")
        db.connection().execute(sa.delete(SessionSpeaker).where(col(SessionSpeaker.session_seq) == two.seq))
        db.delete(two)
        db.flush()
        assert urgent(two, minutes=50) == (409, "dropped", "")
        assert db.exec(select(sa.func.count()).select_from(Release)).one() == 1
        assert releases.urgent(db, two.id, cancel=True, said="Non.", seen=True, by=by, now=LATER).urgent
        assert queries.current(db).programme.by_id[two.id].said == "Non."
        assert draft.frozen(db, now=LATER) == queries.current(db).programme
        public = queries.current(db).programme
        assert (len(public.days), len(public.pauses)) == (
            len(db.exec(select(ProgrammeDay)).all()), len(db.exec(select(Pause)).all())
        )  # fmt: skip


def test_of_two_at_once_one_comes_second(world: World, by: Staff) -> None:
    """Both saw the same preview and send it at the same instant: one release, one 409, nobody told twice."""
    with database.writing() as db:
        session, *_ = factories.programme(db, sessions=6, seats=10)
        release(db, by, "A", now=NOW)
        person = factories.registration(db, meeting(db, session))
        quiet(db)
        move(db, session, starts_at=session.starts_at + 6 * HOUR)
        mark = releases.preview(db, now=LATER).mark
    ready, came = threading.Barrier(2), []

    def send(name: str) -> None:
        ready.wait()
        try:
            with database.writing() as db:
                release(db, by, name, mark=mark)
            came.append("released")
        except Conflict as conflict:
            came.append(conflict.code)

    both = [threading.Thread(target=send, args=(name,)) for name in ("B", "C")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(came) == ["released", "stale"]
    with database.reading() as db:
        told = db.exec(select(Message).where(Message.registration_seq == person.seq, Message.template == "event_moved"))
        assert len(told.all()) == 1
        assert db.exec(select(sa.func.count()).select_from(Release)).one() == 2
        assert db.get_one(Registration, person.seq).state is Place.CONFIRMED


def test_speakers_hear_what_is_said_with_an_urgent_change(world: World, by: Staff) -> None:
    with database.writing() as db:
        one, *_ = factories.programme(db, sessions=3)
        speaker = db.exec(select(Speaker).order_by(col(Speaker.seq))).first()
        assert speaker
        speaker.email_sealed = vault.seal(telling.PURPOSE, b"voix@exemple.fr")
        db.add(speaker)
        release(db, by, "A", now=NOW)
        quiet(db)
        moved: dict[str, Any] = {"starts_at": one.starts_at + HOUR, "said": "La salle chauffe.", "by": by, "now": LATER}
        shown = releases.urgent_preview(db, one.id, starts_at=moved["starts_at"], said=moved["said"], now=LATER)
        assert "La salle chauffe." in shown.concerned.speakers[0].text
        releases.urgent(db, one.id, **moved, seen=True)
    world.run_jobs()
    with database.writing() as db:
        releases.urgent(db, one.id, cancel=True, said="Panne.", seen=True, by=by, now=LATER)
    world.run_jobs()
    moved_mail, cancelled = (mail.get_body().get_content() for mail in world.mails)
    assert moved_mail.count("La salle chauffe.") == cancelled.count("Panne.") == 1


def test_letters_say_no_name_and_no_machine_words(world: World, by: Staff) -> None:
    with database.writing() as db:
        factories.programme(db, sessions=3)
        for letter in releases.preview(db, now=NOW).concerned.speakers:
            assert not re.search(r"[{}]|None|UUID|%\(", letter.text)


def test_a_session_is_edited_in_the_programme_alone(world: World, by: Staff) -> None:
    """Its people and its door stay at /equipe/rendez-vous; its form, its state and its copies do not."""
    with database.writing() as db:
        session, *_ = factories.programme(db, sessions=3, seats=5)
        release(db, by)
        hand, event, version = (
            world.as_staff(factories.token(db, by)),
            meeting(db, session),
            meeting(db, session).version,
        )
    page, typed = f"/equipe/rendez-vous/{event.id}", {"version": version, "title": "Autre", "seen": "1"}
    there = f"/equipe/assises/seances/{session.id}"
    assert [hand.get(page + end).headers["location"] for end in ("", "/annulation", "/report")] == [there] * 3
    for end in ("/publication", "/annulation", "/report", "/suppression"):
        assert hand.post(page + end, data=typed).headers["location"] == there
    assert [hand.post(page + end, data={"times": 2}).status_code for end in ("/copie", "/serie")] == [409, 303]
    times = {"starts_at": "2022-06-10T18:00", "ends_at": "2022-06-10T20:00"}
    assert hand.post(page, data=typed | times | {"kind": "workshop"}).headers["location"] == there
    refused_kind = hand.post("/equipe/rendez-vous", data=typed | times | {"kind": "session"})
    assert (refused_kind.status_code, "Choisissez parmi ce qui est proposé." in refused_kind.text) == (422, True)
    assert 'value="session"' not in hand.get("/equipe/rendez-vous/nouveau").text
    assert hand.get(f"{page}/inscrits").status_code == 200
    with database.reading() as db:
        assert (meeting(db, session).version, db.exec(select(sa.func.count()).select_from(Event)).one()) == (version, 3)


def test_others_act_while_a_release_goes(world: World, by: Staff) -> None:
    """People sign up, an organiser places a session, somebody takes their consent back, all at once: nobody waits for
    ever, every place is counted, and whoever had one before is told of the new hour."""
    with database.writing() as db:
        sessions = factories.programme(db, sessions=6, seats=4)
        for speaker in db.exec(select(Speaker)).all():
            speaker.email_sealed = vault.seal(telling.PURPOSE, b"voix@exemple.fr")
            db.add(speaker)
        release(db, by, "A", now=NOW)
        quiet(db)
        for session in sessions[:5]:
            move(db, session, starts_at=session.starts_at + 6 * HOUR, seats=6)
        events = [meeting(db, session) for session in sessions]
        voice = db.exec(select(Speaker)).first()
        assert voice
    ready, wrong = threading.Barrier(10), []

    def act(what: Any) -> None:
        try:
            ready.wait()
            with database.writing() as db:
                what(db)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown below
            wrong.append(error)

    def sign_up(event: Event) -> Any:
        return lambda db: factories.registration(db, event)

    acts = [sign_up(event) for event in (*events[:4], *events[:3])]
    acts += [
        lambda db: release(db, by, "B"),
        lambda db: edit_speakers.take_back(db, voice.id, version=voice.version, by=by, now=LATER),
        lambda db: edit_sessions.place_session(
            db, sessions[0], starts_at=sessions[0].starts_at, room=None, version=sessions[0].version, by=by, now=LATER
        ),
    ]
    threads = [threading.Thread(target=act, args=(each,)) for each in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    assert (wrong, [each for each in threads if each.is_alive()]) == ([], [])
    with database.reading() as db:
        for event, number in zip(events, (2, 2, 2, 1, 0, 0), strict=True):
            now = db.get_one(Event, event.seq)
            assert (now.taken, now.sequence) == (number, int(event is not events[5]))
        (released,) = db.exec(select(Release).where(Release.name == "B")).all()
        assert len(released.changes) == 5
