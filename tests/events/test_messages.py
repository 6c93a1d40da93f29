"""What people who signed up are told: what it says, to whom, how, and only once."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import db as database
from app import i18n
from app.adapters.mailer import MailDown, MailRefused
from app.events import letters, messages, places, reached, reminders, tokens
from app.events.letters import Told
from app.models import (
    Arrival,
    Event,
    EventKind,
    EventMessage,
    EventState,
    Message,
    MessageState,
    Mode,
    Place,
    Registration,
    Role,
    Via,
)
from app.models.base import new_id
from app.notify.calls import calls
from app.notify.mails import BODIES
from tests import factories
from tests.conftest import NOW, World

BY = f"staff:{new_id()}"
NUMBER = "06 12 34 56 78"
SECRET = "fauteuil-roulant-secret"
STARTS = NOW + timedelta(days=21)


def without_sms(world: World) -> None:
    world.adapters = replace(world.adapters, sms=None)
    world.app.fastapi.state.adapters = world.adapters


def signed(db: Session, event: Event, *, state: Place = Place.CONFIRMED, **fields: Any) -> Registration:
    made = factories.registration(db, event, state=state, **fields)
    quiet(db)
    return made


def quiet(db: Session) -> None:
    """As if all that was told so far had arrived."""
    db.flush()
    waits = col(Message.state) == MessageState.WAITING
    db.connection().execute(sa.update(Message).where(waits).values(state=MessageState.SENT))


def moved(db: Session, event: Event, to: datetime, *, now: datetime = NOW, words: str = "") -> EventMessage:
    """As the organisers' page does it."""
    before = messages.facts(event)
    event.starts_at, event.ends_at, event.sequence = to, to + timedelta(hours=2), event.sequence + 1
    db.add(event)
    db.flush()
    return messages.tell_all(db, event, kind="moved", addressed="all", words=words, by=BY, before=before, now=now)


def rows(db: Session) -> list[tuple[str, Via, MessageState]]:
    """Every message not sent by `quiet`, oldest first."""
    found = db.exec(select(Message).order_by(col(Message.seq))).all()
    return [(m.template, m.via, m.state) for m in found if m.told_at or m.state is not MessageState.SENT]


def text(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def entry(mail: Any) -> icalendar.Component:
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    content = attached.get_content()
    calendar = icalendar.Calendar.from_ical(content)
    return next(part for part in calendar.walk("VEVENT"))


def test_whoever_signs_up_gets_link_facts_and_calendar_entry(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db, place_address="1 rue du Port", contact="rdv@exemple.fr", way="Tram 1, arrêt Gare.")
        made = factories.registration(db, event, email="camille@exemple.fr", people=2, note=SECRET, needs=["lsf"])
        token = tokens.say(made)
    world.run_jobs()
    (mail,) = world.mails
    said = text(mail)
    assert (mail["To"], mail["Subject"]) == ("camille@exemple.fr", "Vous avez une place · Manger ensemble")
    for part in (
        "Vous avez 2 places.", "mardi 3 mai 2022, de 10:00 à 12:00", "Maison de quartier, 1 rue du Port",
        f"http://testserver/ma-place/{token}", "rdv@exemple.fr", "Tram 1, arrêt Gare.",
    ):  # fmt: skip
        assert part in said
    kept = entry(mail)
    assert (kept["UID"], kept["SEQUENCE"], kept["STATUS"]) == (f"{event.id}@testserver", 0, "CONFIRMED")
    assert kept["URL"] == f"http://testserver/rendez-vous/{event.slug}"
    whole = mail.as_string() + said + kept.to_ical().decode()
    assert SECRET not in whole
    assert "Éloïse" not in said
    assert token not in kept.to_ical().decode()


def test_the_online_link_is_for_those_who_have_a_place(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db, mode=Mode.ONLINE, online_url="https://salle.exemple/abc", capacity=1)
        factories.registration(db, event, email="un@exemple.fr")
        factories.registration(db, event, email="deux@exemple.fr", state=Place.WAITING)
    world.run_jobs()
    texts = {mail["To"]: text(mail) for mail in world.mails}
    assert "https://salle.exemple/abc" in texts["un@exemple.fr"]
    assert "https://salle.exemple/abc" not in texts["deux@exemple.fr"]
    assert "n° 1" in texts["deux@exemple.fr"]
    (waiting,) = (mail for mail in world.mails if mail["To"] == "deux@exemple.fr")
    assert list(waiting.iter_attachments()) == []


def test_every_message_speaks_every_complete_language(world: World) -> None:
    """With every value filled in, whatever the template; no placeholder and no empty line is left."""
    with database.reading() as db:
        event = factories.event(db, contact="rdv@exemple.fr")
    before = messages.facts(event) | {"starts_at": (STARTS - timedelta(days=7)).isoformat(), "place_name": "Ailleurs"}
    for code in (language.code for language in i18n.LANGUAGES.values() if language.complete):
        for template in letters.SUBJECTS:
            for place in Place:
                said = Told(
                    template, event, place=place, people=2, position=7, offered_until=NOW, words="Mots.",
                    before=before, own="https://x/own", page="https://x/page", contribute="https://x/c", now=NOW,
                )  # fmt: skip
                with i18n.speaking(code):
                    for words in (letters.subject(said), letters.text(said), letters.short(said), letters.spoken(said)):
                        assert "%" not in words
                        assert "\n\n\n" not in words
                        assert event.title in words


@pytest.mark.parametrize(
    ("template", "place", "part"),
    [
        ("promoted", Place.CONFIRMED, "Une place s’est libérée pour vous.\nVous avez une place."),
        ("offered", Place.OFFERED, "Dites oui avant le 12 avril 2022 à 10:00."),
        ("offer_expired", Place.WAITING, "Nous n’avons pas eu votre réponse à temps."),
        ("registration_cancelled", Place.CANCELLED, "https://x/page"),
        ("event_cancelled", Place.CONFIRMED, "Il n’aura pas lieu."),
        ("thanks", Place.ATTENDED, "https://x/c"),
    ],
)
def test_each_says_what_is_new_and_what_to_do(template: str, place: Place, part: str) -> None:
    event = Event(
        slug="x",
        kind=EventKind.WORKSHOP,
        title="Manger",
        starts_at=STARTS,
        ends_at=STARTS,
        created_at=NOW,
        changed_at=NOW,
    )
    said = Told(
        template,
        event,
        place=place,
        offered_until=NOW,
        own="https://x/o",
        page="https://x/page",
        contribute="https://x/c",
    )
    assert part in letters.text(said)
    assert ("https://x/o" in letters.text(said)) is (
        place is not Place.ATTENDED and template not in ("registration_cancelled", "event_cancelled")
    )


def test_only_the_newest_about_ones_own_place_leaves(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db, capacity=1)
        first = factories.registration(db, event)
        second = factories.registration(db, event, state=Place.WAITING, email="deux@exemple.fr")
    with database.writing() as db:
        places.cancel(db, db.get_one(Registration, first.seq), by="person", now=NOW)
    world.run_jobs()
    mine = [mail["Subject"] for mail in world.mails if mail["To"] == "deux@exemple.fr"]
    assert mine == ["Une place s’est libérée pour vous · Manger ensemble"]
    with database.writing() as db:
        for _ in range(3):
            messages.tell(db, db.get_one(Registration, second.seq), template="link_again", now=NOW)
    world.run_jobs()
    assert len([mail for mail in world.mails if mail["To"] == "deux@exemple.fr"]) == 2


def test_a_moved_event_is_told_once_to_everyone_with_the_new_entry(world: World) -> None:
    without_sms(world)
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event, email="a@exemple.fr")
        signed(db, event, email="b@exemple.fr", state=Place.WAITING)
        signed(db, event, email=None, phone=NUMBER)
        signed(db, event, email="parti@exemple.fr", state=Place.CANCELLED)
        moved(db, event, STARTS + timedelta(days=7), words="La salle est prise.")
    for _ in range(2):
        world.run_jobs()
        world.sweep()
    assert [mail["To"] for mail in world.mails] == ["a@exemple.fr", "b@exemple.fr"]
    for mail in world.mails:
        assert "Nouvelle date : mardi 10 mai 2022, de 10:00 à 12:00." in text(mail)
        assert "Avant, c’était : 3 mai 2022 à 10:00." in text(mail)
        assert "La salle est prise." in text(mail)
        kept = entry(mail)
        assert (kept["UID"], kept["SEQUENCE"]) == (f"{event.id}@testserver", 1)
    with database.reading() as db:
        (call,) = calls(db, base_url="", now=NOW)
        assert (call.number, call.name) == ("+33612345678", "Éloïse")
        assert "Nouvelle date : mardi 10 mai 2022" in call.sentence
        assert "http" not in call.sentence


def test_a_change_that_waits_is_replaced_by_the_next_and_says_all_of_it(world: World) -> None:
    world.adapters.mailer.fault = MailDown()  # type: ignore[attr-defined]
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event, email="a@exemple.fr")
        moved(db, event, STARTS + timedelta(days=7))
    world.run_jobs()
    with database.writing() as db:
        event = db.get_one(Event, event.seq)
        before = messages.facts(event)
        event.place_name, event.sequence = "Le port", event.sequence + 1
        db.add(event)
        db.flush()
        messages.tell_all(db, event, kind="moved", addressed="all", words="", by=BY, before=before, now=NOW)
    world.adapters.mailer.fault = None  # type: ignore[attr-defined]
    again(world)
    (mail,) = world.mails
    assert "Avant, c’était : 3 mai 2022 à 10:00." in text(mail)
    assert "Nouveau lieu : Le port." in text(mail)
    assert entry(mail)["SEQUENCE"] == 2
    with database.writing() as db:
        event = db.get_one(Event, event.seq)
        moved(db, event, STARTS + timedelta(days=14))
    world.run_jobs()
    assert "Avant, c’était : 10 mai 2022 à 10:00." in text(world.mails[-1])
    assert len(world.mails) == 2


def test_moved_and_back_before_anybody_knew_takes_place_as_it_was(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event)
        moved(db, event, STARTS + timedelta(days=7))
        moved(db, event, STARTS)
    world.run_jobs()
    (mail,) = world.mails
    assert "Ce rendez-vous a bien lieu : mardi 3 mai 2022" in text(mail)


def test_a_cancelled_event_silences_everything_else_about_it(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db)
        factories.registration(db, event, email="a@exemple.fr")
        moved(db, event, STARTS + timedelta(days=1))
        event.state, event.sequence = EventState.CANCELLED, event.sequence + 1
        db.add(event)
        db.flush()
        messages.tell_all(db, event, kind="cancelled", addressed="all", words="Il pleut.", by=BY, now=NOW)
    world.run_jobs()
    (mail,) = world.mails
    assert mail["Subject"] == "Le rendez-vous est annulé · Manger ensemble"
    assert "Il pleut." in text(mail)
    assert (entry(mail)["STATUS"], entry(mail)["SEQUENCE"]) == ("CANCELLED", 2)


@pytest.mark.parametrize(
    ("addressed", "expected"),
    [("all", "abc"), ("confirmed", "ab"), ("waiting", "c"), ("need:lsf", "b"), ("need:childcare", "")],
)
def test_organisers_write_to_some(world: World, addressed: str, expected: str) -> None:
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event, email="a@exemple.fr")
        signed(db, event, email="b@exemple.fr", needs=["lsf"])
        signed(db, event, email="c@exemple.fr", state=Place.WAITING)
        messages.tell_all(db, event, kind="written", addressed=addressed, words="Venez à pied.", by=BY, now=NOW)
    world.run_jobs()
    assert "".join(mail["To"][0] for mail in world.mails) == expected
    assert all("Venez à pied." in text(mail) for mail in world.mails)


def test_organisers_see_how_far_it_has_come(world: World) -> None:
    without_sms(world)
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event)
        signed(db, event, email=None, phone=NUMBER)
        moved(db, event, STARTS + timedelta(days=7))
        last = moved(db, event, STARTS + timedelta(days=8), words="La salle est prise.")
        organiser = world.as_staff(factories.token(db, factories.staff(db, Role.ORGANISER)))
        assert reached.progress(db, event) == {last.seq: reached.Progress(waiting=2)}
    world.run_jobs()
    page = organiser.get(f"/equipe/rendez-vous/{event.id}/ecrire").text
    assert "Prévenus : 1 · Pas encore prévenus : 1" in page
    with database.writing() as db:
        calls_left = sa.update(Message).where(col(Message.via) == Via.CALL, col(Message.state) == MessageState.WAITING)
        db.connection().execute(calls_left.values(state=MessageState.FAILED))
        assert reached.progress(db, event) == {last.seq: reached.Progress(told=1, failed=1)}


def test_what_is_previewed_is_what_goes(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db)
        made = signed(db, event)
        subject, shown = messages.preview(event, kind="cancelled", words="Il pleut.", language="fr")
        messages.tell_all(db, event, kind="cancelled", addressed="all", words="Il pleut.", by=BY, now=NOW)
        written = messages.preview(event, kind="written", words="Venez.", language="fr")[1]
        messages.tell_all(db, event, kind="written", addressed="all", words="Venez.", by=BY, now=NOW)
        link = f"http://testserver/ma-place/{tokens.say(made)}"
    world.run_jobs()
    first, second = world.mails
    assert (first["Subject"], text(first).strip()) == (subject, shown)
    assert text(second).strip() == written.replace(letters.OWN_LINK, link)


def test_what_was_seen_on_the_screen_needs_no_call_but_a_text_where_one_can_go(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db)
        made = factories.registration(db, event, email=None, phone=NUMBER)
    world.run_jobs()
    ((number, said),) = world.adapters.sms.sent.values()  # type: ignore[union-attr]
    assert (number, f"/ma-place/{tokens.say(made)}" in said) == ("+33612345678", True)
    without_sms(world)
    with database.writing() as db:
        other = factories.registration(db, factories.event(db), email=None, phone=NUMBER)
    with database.reading() as db:
        assert calls(db, base_url="", now=NOW) == []
    world.run_jobs()
    with database.writing() as db:
        assert rows(db)[-1] == ("registered", Via.CALL, MessageState.DROPPED)
        messages.tell(db, db.get_one(Registration, other.seq), template="promoted", now=NOW)
    world.run_jobs()
    with database.reading() as db:
        (call,) = calls(db, base_url="", now=NOW)
        assert "Une place s’est libérée pour vous." in call.sentence


def test_the_call_list_says_name_number_and_sentence(world: World) -> None:
    without_sms(world)
    with database.writing() as db:
        event = factories.event(db)
        made = signed(db, event, email=None, phone=NUMBER, note=SECRET, needs=["lsf"])
        event.state = EventState.CANCELLED
        messages.tell_all(db, event, kind="cancelled", addressed="all", words="Il pleut.", by=BY, now=NOW)
        organiser = world.as_staff(factories.token(db, factories.staff(db, Role.ORGANISER)))
        message_id = db.exec(select(Message.id).where(Message.state == MessageState.WAITING)).one()
    world.run_jobs()
    page = organiser.get("/equipe/appels").text
    for part in ("Éloïse", "+33612345678", "Je vous appelle pour le rendez-vous « Manger ensemble »", "Il pleut."):
        assert part in page
    assert f'href="/equipe/rendez-vous/{event.id}/inscrits#p-{made.id}"' in page
    assert SECRET not in page
    assert f"/ma-place/{tokens.say(made)}" not in page
    assert organiser.post(f"/equipe/appels/{message_id}", data={"outcome": "unreachable"}).status_code == 303
    assert "Éloïse" in organiser.get("/equipe/appels").text
    assert organiser.post(f"/equipe/appels/{message_id}", data={"outcome": "done"}).status_code == 303
    assert "Éloïse" not in organiser.get("/equipe/appels").text


def test_the_call_list_costs_the_same_for_one_and_for_five(world: World) -> None:
    without_sms(world)
    figures = []
    with database.writing() as db:
        event = factories.event(db)
    for n in (1, 5):
        with database.writing() as db:
            for i in range(n):
                made = factories.registration(db, event, email=None, phone=f"06123456{n}{i}", state=Place.WAITING)
                messages.tell(db, made, template="link_again", now=NOW)
        asked: list[str] = []
        sa.event.listen(database.engine(), "before_cursor_execute", lambda *a, into=asked: into.append(a[2]))
        with database.reading() as db:
            assert len(calls(db, base_url="", now=NOW)) >= n
        figures.append(len([statement for statement in asked if statement.startswith("SELECT")]))
    assert figures == [1, 1]
    with database.writing() as db:
        phones = {"thanks": "0612345670", "reminder_day": "0612345671", "offered": "0612345672"}
        for template, phone in phones.items():
            made = factories.registration(db, event, email=None, phone=phone, state=Place.CONFIRMED)
            messages.tell(db, made, template=template, now=NOW - timedelta(days=template == "thanks"))
        first, *_, last = calls(db, base_url="", now=NOW)
    assert (first.message.template, last.message.template) == ("offered", "thanks"), "what cannot wait first"


def test_an_address_that_refuses_is_called_where_there_is_a_number(world: World) -> None:
    without_sms(world)
    world.adapters.mailer.fault = MailRefused()  # type: ignore[attr-defined]
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event, phone=NUMBER)
        signed(db, event)
        moved(db, event, STARTS + timedelta(days=7))
    world.run_jobs()
    with database.reading() as db:
        waits = ("event_moved", Via.CALL, MessageState.WAITING)
        assert rows(db) == [waits, ("event_moved", Via.EMAIL, MessageState.FAILED)]


def test_reminders_go_once_to_those_who_wish(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event, email="oui@exemple.fr", reminders=True)
        signed(db, event, email="non@exemple.fr")
        signed(db, event, email="attend@exemple.fr", reminders=True, state=Place.WAITING)
    world.clock.at = STARTS - timedelta(days=7, minutes=1)
    swept(world)
    assert world.mails == []
    world.clock.at = STARTS - timedelta(days=6)
    swept(world)
    assert [mail["To"] for mail in world.mails] == ["oui@exemple.fr"]
    assert "dans quelques jours" in text(world.mails[0])
    with database.writing() as db:
        late = factories.registration(db, db.get_one(Event, event.seq), email="tard@exemple.fr", reminders=True)
        late.state_since = STARTS - timedelta(hours=5)
        db.add(late)
        quiet(db)
    world.clock.at = STARTS - timedelta(hours=23)
    swept(world)
    assert [mail["To"] for mail in world.mails] == ["oui@exemple.fr"] * 2
    assert "Ce rendez-vous est demain." in text(world.mails[1])
    assert entry(world.mails[1])["SEQUENCE"] == 0
    with database.writing() as db:
        moved(db, db.get_one(Event, event.seq), STARTS + timedelta(days=6), now=world.clock())
        quiet(db)
    swept(world)
    assert len(world.mails) == 2, "they have just heard of the new date"
    world.clock.at = STARTS + timedelta(days=5, hours=1)
    swept(world)
    assert {mail["To"] for mail in world.mails[2:]} == {"oui@exemple.fr", "tard@exemple.fr"}, "it is reminded of again"


def test_a_cancelled_or_past_event_reminds_nobody(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db, state=EventState.CANCELLED)
        db.add(event)
        other = factories.event(db)
        signed(db, other, reminders=True)
        db.connection().execute(sa.update(Event).values(state=EventState.POSTPONED))
    world.clock.at = STARTS - timedelta(hours=20)
    swept(world)
    assert world.mails == []


def test_thanks_go_to_those_who_came(world: World) -> None:
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event, email="venue@exemple.fr", state=Place.ATTENDED)
        signed(db, event, email="absente@exemple.fr", state=Place.ABSENT)
        signed(db, event, email="inscrite@exemple.fr")
        db.add(Arrival(id=new_id(), event_seq=event.seq or 0, people=1, at=NOW, received_at=NOW, by=BY))
        doorless = factories.event(db, slug="sans-porte")
        signed(db, doorless, email="peut-etre@exemple.fr")
    world.clock.at = STARTS + timedelta(hours=3)
    swept(world)
    assert [mail["To"] for mail in world.mails] == ["venue@exemple.fr"]
    assert f"http://testserver/participer?rendez-vous={event.slug}" in text(world.mails[0])
    with database.writing() as db:
        assert reminders.thank(db, STARTS + timedelta(hours=30)) == 1, "no door was kept there"


def test_thanks_that_reached_nobody_in_two_weeks_are_let_go(world: World) -> None:
    without_sms(world)
    with database.writing() as db:
        signed(db, factories.event(db), email=None, phone=NUMBER, state=Place.ATTENDED)
    end = STARTS + timedelta(hours=2)
    for now, waiting in ((end + timedelta(hours=2), 1), (end + timedelta(days=13), 1), (end + timedelta(days=14), 0)):
        world.clock.at = now
        swept(world)
        with database.reading() as db:
            assert len(calls(db, base_url="", now=now)) == waiting


def test_what_is_over_is_told_to_nobody(world: World) -> None:
    without_sms(world)
    world.adapters.mailer.fault = MailDown()  # type: ignore[attr-defined]
    with database.writing() as db:
        event = factories.event(db)
        signed(db, event, email=None, phone=NUMBER)
        signed(db, event)
        moved(db, event, STARTS + timedelta(hours=1))
    world.run_jobs()
    world.clock.at = STARTS + timedelta(hours=4)
    world.adapters.mailer.fault = None  # type: ignore[attr-defined]
    again(world)
    world.sweep()
    assert world.mails == []
    with database.reading() as db:
        assert {state for _, _, state in rows(db)} == {MessageState.DROPPED}
        assert calls(db, base_url="", now=world.clock()) == []


def test_the_words_of_contributions_stay_as_neutral_as_they_were() -> None:
    """Negative control: only messages about meetings have a blank for words."""
    assert not [body for body in BODIES.values() if re.search(r"%\((words|title)\)", body)]


def swept(world: World) -> None:
    for _ in range(2):
        world.sweep()
        world.run_jobs()


def again(world: World) -> None:
    """Whatever waits for another attempt is due."""
    from app.adapters.clock import real_now
    from app.models.job import Job, JobState

    with database.writing() as db:
        db.connection().execute(sa.update(Job).where(col(Job.state) == JobState.WAITING).values(run_at=real_now()))
    world.run_jobs()
