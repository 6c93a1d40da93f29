"""The demonstration of the Assises: marked as invented, released twice, with a draft that goes on."""

from collections import Counter

import sqlalchemy as sa
from sqlmodel import col

from app import db
from app.assises import conflicts, demo, queries, releases
from app.consultation.content import consultation
from app.consultation.demo_assises import DEMO, load_assises
from app.models import Event, EventKind, Message, Registration, Speaker, Stop
from tests.conftest import NOW, World


def test_it_is_loaded_as_the_team_would_have_made_it(world: World) -> None:
    with db.writing() as session:
        demo.add(session, load_assises(DEMO, consultation()), by="staff:x")
    with db.reading() as session:
        public = queries.current(session).programme
        names, seats = queries.names(session), queries.seats(session)
        speakers = session.connection().execute(sa.select(col(Speaker.invented))).scalars().all()
        signed_up = session.connection().execute(sa.select(sa.func.count(col(Registration.seq)))).scalar_one()
        told = session.connection().execute(sa.select(sa.func.count(col(Message.seq)))).scalar_one()
        events = session.connection().execute(sa.select(col(Event.kind), col(Event.invented))).all()
        stops = session.connection().execute(sa.select(col(Stop.shown), col(Stop.hours))).all()
        coming = releases.preview(session, now=NOW)
    assert (len(public.sessions), len(names), len(speakers), set(speakers)) == (40, 23, 24, {True})
    assert {session.invented for session in public.sessions} == {True}
    assert [session.slug for session in public.sessions if session.cancelled] == ["vieillir-dans-son-quartier"]
    opening = [names[each.id].name for each in public.by_slug["ouverture"].speakers]
    assert opening == ["Étienne", "Nadia", "Anaëlle"], "who speaks first, who interprets last"
    full = seats[public.by_slug["monter-un-repas-de-rue"].id]
    assert (full.capacity, full.taken, full.waiting, len(seats)) == (24, 24, 6, 14)
    assert (signed_up > 100, told) == (True, 0), "nobody is written to by loading"
    assert {found.code for found in conflicts.find(public)} == {"no_room"}, "two visits leave from the door"
    kinds = Counter(difference.kind for difference in coming.differences)
    assert kinds == {"moved": 3, "cancelled": 1, "new": 1}
    assert {found.code for found in coming.conflicts} == {"no_room", "speaker_twice"}
    assert [session.slug for session in coming.unplaced] == ["une-chanson-a-ecrire"]
    assert {(row.kind, row.invented) for row in events} == {(EventKind.SESSION, True)}
    assert len(stops) == 8
    assert all(shown and hours for shown, hours in stops)
