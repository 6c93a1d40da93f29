"""Who is on, where people are logged in, and what each has done: the team as it is this week."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from app import audit, db
from app.accounts.sessions import open_session
from app.adapters.clock import real_now
from app.contributions import history
from app.models import Appeal, AppealState, AuditEntry, Contribution, Role, StaffSession, State, Transition
from app.transparency.jobs import count_journal
from tests.accounts.team import audited, browser, join, log_in, row
from tests.factories import submitted


@pytest.fixture
def chief(world):
    person = join(world, Role.ADMINISTRATOR, email="chef@ville.example")
    return person, log_in(world, "chef@ville.example")


def opened(world, person):
    """Another browser of that person, without the cost of a password."""
    client = browser(world)
    with db.writing() as session:
        client.cookies.set("equipe", open_session(session, person, second_factor=True, now=real_now()))
    return client


def held_by(world, person):
    with db.writing() as session:
        made = submitted(session).contribution
        made.claimed_by, made.claimed_until = person.seq, world.clock() + timedelta(minutes=10)
        session.add(made)
    return made


def claim_of(made):
    with db.reading() as session:
        return session.get_one(Contribution, made.seq).claimed_by


def test_one_sees_who_is_on_with_what_in_hand(world, chief):
    _, client = chief
    ada = join(world, Role.MODERATOR, email="ada@ville.example")
    page = client.get("/equipe/personnes").text
    assert page.count("Pas là") == 1  # Ada
    assert "English" in page
    opened(world, ada)
    held_by(world, ada)
    page = client.get("/equipe/personnes").text
    assert "Pas là" not in page
    assert "1 parole en main" in page
    assert "1 parole en main" in client.get("/equipe").text
    with db.writing() as session:  # twenty minutes later
        for one in session.exec(select(StaffSession).where(StaffSession.staff_seq == ada.seq)):
            one.seen_at = real_now() - timedelta(minutes=20)
    world.clock.move(timedelta(minutes=20))
    assert "parole en main" not in client.get("/equipe").text
    assert client.get("/equipe/personnes").text.count("Pas là") == 1


def test_what_someone_holds_is_free_when_their_role_or_access_goes(world, chief):
    _, client = chief
    ada = join(world, Role.MODERATOR, email="ada@ville.example")
    hers = opened(world, ada)
    first = held_by(world, ada)
    person = f"/equipe/personnes/{ada.id}"
    assert client.post(person, data={"name": "Ada", "roles": ["moderator"], "reads": ["fr"]}).status_code == 303
    assert claim_of(first) == ada.seq
    assert client.post(person, data={"name": "Ada", "roles": ["mediator"], "reads": ["fr"]}).status_code == 303
    assert claim_of(first) is None
    assert hers.get("/equipe/moderation").status_code == 404  # at once
    assert hers.get("/equipe").status_code == 200
    second = held_by(world, ada)
    assert client.post(person + "/acces/fin").status_code == 303
    assert claim_of(second) is None
    assert hers.get("/equipe").status_code == 303


def test_an_administrator_logs_someone_out_everywhere(world, chief):
    boss, client = chief
    ada = join(world, Role.MODERATOR, email="ada@ville.example")
    two = [opened(world, ada), opened(world, ada)]
    page = client.get(f"/equipe/personnes/{ada.id}").text
    assert "connectée à 2 endroits" in page
    assert client.post(f"/equipe/personnes/{ada.id}/sessions/fin").status_code == 303
    assert [one.get("/equipe").status_code for one in two] == [303, 303]
    assert row(ada).active
    client.post(f"/equipe/personnes/{ada.id}/sessions/fin")  # nothing was open: nothing to note
    with db.reading() as session:
        assert audited(session).count("sessions_ended") == 1
        last = session.exec(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert (last.actor, last.object_id) == (boss.actor, str(ada.id))
        assert audit.verify(session)[1] is None


def test_one_ends_one_session_or_all_of_ones_own(world):
    ada = join(world, Role.MEDIATOR, email="ada@ville.example", enrolled=False)
    bob = join(world, Role.MEDIATOR, email="bob@ville.example", enrolled=False)
    here, phone, library, of_bob = (opened(world, one) for one in (ada, ada, ada, bob))
    page = here.get("/equipe/compte").text
    assert "vu pour la dernière fois" in page
    macs = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
    assert len(macs) == 2
    of_bobs = session_of(bob)
    for mac in (macs[0], macs[0], of_bobs):  # twice is once; someone else's cannot be told from none
        assert here.post("/equipe/compte/sessions/fin", data={"session": mac}).status_code == 303
    assert sorted(one.get("/equipe").status_code for one in (phone, library)) == [200, 303]
    assert of_bob.get("/equipe").status_code == 200
    assert here.post("/equipe/compte/sessions/fin", data={"session": "x"}).status_code == 404
    answer = here.post("/equipe/compte/sessions/fin", data={"here_too": "true"})
    assert answer.headers["location"] == "/equipe/connexion"
    assert [one.get("/equipe").status_code for one in (here, phone, library)] == [303, 303, 303]
    with db.reading() as session:
        noted = audited(session)
        assert (noted.count("session_ended"), noted.count("sessions_ended")) == (1, 1)


def session_of(person):
    with db.reading() as session:
        return session.exec(select(StaffSession.token_mac).where(StaffSession.staff_seq == person.seq)).one()


def test_everybody_sees_their_own_week_and_nobody_elses(world):
    ada = join(world, Role.MODERATOR, email="ada@ville.example")
    bob = join(world, Role.MODERATOR, email="bob@ville.example")
    of_ada, of_bob = opened(world, ada), opened(world, bob)
    now = world.clock()
    with db.writing() as session:
        for days, action, to in (
            (-10, "publish", State.PUBLISHED),
            (0, "publish", State.PUBLISHED),
            (0, "refuse", State.REFUSED),
        ):
            made = submitted(session, now=now + timedelta(days=days, hours=-3)).contribution
            history.move(session, made, to=to, action=action, actor=ada.actor, now=now + timedelta(days=days))
        decision = session.exec(select(Transition).where(Transition.action == "refuse")).one()
        session.add(Appeal(
            contribution_seq=made.seq, transition_seq=decision.seq, state=AppealState.REVERSED, made_at=now
        ))  # fmt: skip
    for _ in range(2):  # before the duty has counted, and after
        page = of_ada.get("/equipe/moi").text
        assert "2 décisions." in page
        assert "attendaient depuis 3 heures ou moins" in page
        assert "Depuis le lundi 11 avril 2022" in page
        assert "1 décision a été changée." in page
        count_journal(world.adapters)
    empty = of_bob.get("/equipe/moi").text
    assert "Aucune décision cette semaine." in empty
    assert "Personne ne l’a demandé." in empty
