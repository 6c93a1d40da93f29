"""The journal: every act in it, in order, and no way to change it unseen."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import audit, db
from tests.conftest import NOW, World
from tests.factories import submitted


def write(world: World, number: int) -> None:
    for n in range(number):
        with db.writing() as session:
            audit.append(
                session,
                actor="test",
                action="act",
                kind="thing",
                object_id=str(n),
                now=NOW + timedelta(seconds=n),
                hashes={"body": "ab" * 32},
            )


def verdict() -> tuple[int, int | None]:
    with db.reading() as session:
        return audit.verify(session)


def test_an_untouched_journal_is_whole(world: World) -> None:
    write(world, 4)
    assert verdict() == (4, None)


@pytest.mark.parametrize(
    ("tampering", "found_at"),
    [
        ("UPDATE audit_entry SET actor = 'someone' WHERE seq = 2", 2),
        ("UPDATE audit_entry SET hashes = '{}' WHERE seq = 3", 3),
        ("DELETE FROM audit_entry WHERE seq = 2", 3),
        ("DELETE FROM audit_entry WHERE seq = 4", 4),
        ("UPDATE audit_entry SET mac = (SELECT mac FROM audit_entry WHERE seq = 1) WHERE seq = 2", 2),
    ],
)
def test_tampering_shows(world: World, tampering: str, found_at: int) -> None:
    write(world, 4)
    with db.writing() as session:
        session.connection().execute(sa.text(tampering))
    assert verdict()[1] == found_at


def test_submitting_writes_one_entry_without_words_or_contact(world: World) -> None:
    with db.writing() as session:
        made = submitted(
            session, body="canari-corps", contact={"email": "canari@example.org"}, author={"name": "canari-nom"}
        )
    with db.reading() as session:
        rows = session.connection().execute(sa.text("SELECT * FROM audit_entry")).all()
    assert len(rows) == 1
    assert str(made.id) in str(rows[0])
    assert "canari" not in str(rows[0])
