"""People sign up at random for sessions with places, at once: none is oversold, nothing is lost.

Small here, through the rules; `make chaos` sends 2,000 to two web workers (tests/assises/crowd.py).
"""

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlmodel import col, select

from app import audit, db
from app.events import places
from app.events.schemas import RegistrationIn
from app.models import Event, Place, Registration
from tests.assises.crowd import went_wrong, wishes, with_places
from tests.conftest import NOW, World

SESSIONS, PEOPLE, AT_ONCE = 2, 60, 12  # more than both have seats for


def come() -> set[int]:
    """All at once; the registrations that were acknowledged."""
    with db.writing() as session:
        slugs = with_places(session, SESSIONS)
        numbers = {
            row.slug: row.seq for row in session.connection().execute(sa.select(col(Event.slug), col(Event.seq)))
        }

    def sign_up(place: int, slug: str, people: int) -> int:
        said = {"name": "n", "email": f"n{place}@exemple.fr", "people": people, "consents": {"data": True}}
        with db.writing() as session:
            wish = RegistrationIn.model_validate(said)
            return places.sign_up(session, numbers[slug], wish, now=NOW, language="fr").seq

    wished = [(place, *each) for place, each in enumerate(wishes(slugs, PEOPLE))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return set(pool.map(lambda each: sign_up(*each), wished))


def test_no_session_is_oversold_and_nobody_is_lost(world: World) -> None:
    acknowledged = come()
    with db.reading() as session:
        there = set(session.connection().execute(sa.select(col(Registration.seq))).scalars())
        full = session.connection().execute(sa.select(col(Event.waiting))).scalars().all()
        assert (went_wrong(session), len(there)) == ([], PEOPLE)
        assert audit.verify(session)[1] is None
    assert there == acknowledged
    assert all(full), "each has somebody waiting: the rule was needed"
    with db.writing() as session:
        one = session.exec(select(Registration).where(Registration.state == Place.WAITING)).first()
        assert one
        one.state = Place.CONFIRMED
        session.add(one)
        session.flush()
        assert len(went_wrong(session)) == 1, "the control: one seat too many is seen"
