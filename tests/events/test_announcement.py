"""A moved event, many people, a mail server that fails every third connection: each is told once.

`make chaos` does it with 5,000 (MESSAGES=5000).
"""

import os
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app import db as database
from app.adapters import mailer, vault
from app.adapters.clock import real_now
from app.adapters.mailer import MailDown, make_mailer
from app.db import insert
from app.events import messages, people, tokens
from app.models import Event, Message, MessageState, Place, Registration, Via
from app.models.base import new_id
from app.models.job import Job, JobState
from app.notify import sending
from tests import factories
from tests.conftest import NOW, World
from tests.servers import Mailbox

MANY = int(os.environ.get("MESSAGES", "60"))


class Unsteady(Mailbox):
    """Fails every third connection: at the greeting, at the recipient, or in the middle of a message."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[int, int] = {}
        self.seen: list[Any] = []  # kept, so that no two have the same id
        self.failed: Counter[str] = Counter()

    def fails(self, session: Any, where: str) -> bool:
        if id(session) not in self.sessions:
            self.seen.append(session)
            self.sessions[id(session)] = len(self.seen)
        number = self.sessions[id(session)]
        failing = number % 3 == 0 and ("greeting", "recipient", "message")[number // 3 % 3] == where
        self.failed[where] += failing
        return failing

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return ["421 4.3.2 Not now"] if self.fails(session, "greeting") else responses

    async def handle_HELO(self, server: Any, session: Any, envelope: Any, hostname: str) -> str:
        session.host_name = hostname
        return "421 4.3.2 Not now" if self.fails(session, "greeting") else f"250 {server.hostname}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.fails(session, "recipient"):
            return "451 4.3.0 Later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.fails(session, "message"):
            server.transport.close()
            return "451 4.3.0 Later"
        return await super().handle_DATA(server, session, envelope)


def have(n: int, **fields: Any) -> Event:
    """An event for which so many signed up, each with an address."""
    with database.writing() as db:
        event = factories.event(db, capacity=None, **fields)
        rows: list[dict[str, Any]] = [
            {
                "id": new_id(), "event_seq": event.seq, "state": Place.CONFIRMED, "version": 1, "people": 1, "line": i,
                "name_sealed": people.seal("Camille"), "email_sealed": people.seal(f"p{i}@exemple.fr"),
                "token_mac": vault.blind("essai", str(i)), "token_sealed": tokens.seal(f"lien-{i}"), "needs": [],
                "language": ("fr", "en", "ar")[i % 3], "wording": "1", "may_contact": False, "reminders": False,
                "walk_in": False, "by": "person", "registered_at": NOW, "state_since": NOW,
            }
            for i in range(n)
        ]  # fmt: skip
        db.connection().execute(insert(db, Registration), rows)
        return event


def move(event: Event) -> None:
    with database.writing() as db:
        event = db.get_one(Event, event.seq)
        before = messages.facts(event)
        event.starts_at, event.ends_at = event.starts_at + timedelta(days=7), event.ends_at + timedelta(days=7)
        event.sequence += 1
        db.add(event)
        messages.tell_all(
            db, event, kind="moved", addressed="all", words="La salle est prise.", by="staff:x", before=before, now=NOW
        )


def states() -> Counter[MessageState]:
    with database.reading() as db:
        return Counter(db.exec(select(col(Message.state))).all())


def due() -> None:
    with database.writing() as db:
        waits = col(Job.state) == JobState.WAITING
        db.connection().execute(sa.update(Job).where(waits).values(run_at=real_now()))


def test_thousands_are_written_in_a_few_statements(world: World) -> None:
    event = have(MANY)
    asked: list[str] = []
    sa.event.listen(database.engine(), "before_cursor_execute", lambda *a: asked.append(a[2]))
    began = time.monotonic()
    move(event)
    took = time.monotonic() - began
    assert len(asked) < 20
    assert states() == {MessageState.WAITING: MANY}
    assert took < 5 + MANY / 500
    with database.reading() as db:
        assert len(db.exec(select(Job)).all()) == 1


def test_everyone_is_told_once_however_often_the_server_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    if MANY < 1000:  # the same number of connections and jobs for fewer messages
        monkeypatch.setattr(mailer, "A_CONNECTION", 4)
        monkeypatch.setattr(sending, "BATCH", 10)
    event, mailbox = have(MANY), Unsteady()
    mailbox.start()
    try:
        world.adapters = replace(
            world.adapters, mailer=make_mailer(mailbox.url, world.adapters.data_dir, sender="service@exemple.fr")
        )
        move(event)
        for _ in range(4):
            world.run_jobs(most=2000)
            world.sweep()
            due()
    finally:
        mailbox.stop()
    reached = Counter(address for addresses in mailbox.recipients for address in addresses)
    assert len(reached) == MANY
    assert set(reached.values()) == {1}
    assert len({message["Message-ID"] for message in mailbox.messages}) == MANY
    assert states() == {MessageState.SENT: MANY}
    assert len(mailbox.failed) == 3
    assert all(mailbox.failed.values()), mailbox.failed
    assert len(mailbox.seen) < MANY, "connections are kept"


def test_one_mailbox_that_takes_nothing_now_keeps_no_other_from_its_mail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 5)
    event = have(12)
    patient = world.adapters.mailer.send
    full = {"p1@exemple.fr", "p7@exemple.fr"}

    def send(mail: Any, *, key: str) -> None:
        if mail["To"] in full:
            raise MailDown
        patient(mail, key=key)

    monkeypatch.setattr(world.adapters.mailer, "send", send)
    move(event)
    world.run_jobs()
    assert states() == {MessageState.SENT: 10, MessageState.WAITING: 2}
    full.clear()
    world.sweep()
    due()
    world.run_jobs()
    assert states() == {MessageState.SENT: 12}
    assert len(world.mails) == 12


def test_a_server_that_is_down_is_left_alone_soon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    event, tries = have(30), []

    def send(mail: Any, *, key: str) -> None:
        tries.append(mail["To"])
        raise MailDown

    monkeypatch.setattr(world.adapters.mailer, "send", send)
    move(event)
    world.run_jobs()
    assert len(tries) == 2 * sending.FAULTS
    with database.reading() as db:
        assert [job.state for job in db.exec(select(Job))] == [JobState.WAITING]


def test_who_cancels_or_forgets_an_address_between_two_batches_is_told_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = have(3)
    move(event)
    with database.writing() as db:
        last = db.exec(select(Message).order_by(col(Message.seq).desc())).first()
        db.connection().execute(
            sa.update(Registration)
            .where(col(Registration.seq) == (last and last.registration_seq))
            .values(email_sealed=None)
        )
        messages.tell_all(
            db, db.get_one(Event, event.seq), kind="cancelled", addressed="all", words="", by="staff:x", now=NOW
        )
    world.run_jobs()
    said = {"Le rendez-vous est annulé", "The meeting is cancelled"}  # one of them reads English
    assert {mail["Subject"].split(" · ")[0] for mail in world.mails} == said
    assert len(world.mails) == 2
    assert states() == {MessageState.SENT: 2, MessageState.DROPPED: 3}


def test_a_text_message_goes_instead_where_there_is_only_a_number(world: World) -> None:
    event = have(2)
    with database.writing() as db:
        factories.registration(db, db.get_one(Event, event.seq), email=None, phone="06 12 34 56 78")
        db.connection().execute(sa.update(Message).values(state=MessageState.SENT))
    move(event)
    world.run_jobs()
    with database.reading() as db:
        assert Counter(db.exec(select(Message.via))) == {Via.EMAIL: 2, Via.SMS: 1, Via.CALL: 1}
    ((_, text),) = world.adapters.sms.sent.values()  # type: ignore[union-attr]
    assert "Nouvelle date" in text
