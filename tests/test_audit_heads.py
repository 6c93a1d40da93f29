"""The chain's end noted outside the database: a journal written anew with the key, or put back, shows."""

import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import audit, db
from app.audit import heads, jobs, state
from app.models import AuditEntry, AuditHead
from tests.conftest import NOW, World
from tests.test_audit import write


def found(world: World) -> tuple[int, int | None, str]:
    with db.reading() as session:
        return heads.verify_whole(session, heads.folder(world.adapters))


def lines(world: World) -> list[str]:
    return (heads.folder(world.adapters) / heads.FILE).read_text().splitlines()


def written_anew(world: World, number: int) -> None:
    """What someone with the database and the key can do: another history, its chain perfect."""
    with db.writing() as session:
        session.connection().execute(sa.delete(AuditEntry))
        session.connection().execute(sa.update(AuditHead).values(count=0, mac=""))
        for n in range(number):
            audit.append(session, actor="thief", action="act", kind="thing", object_id=str(n), now=NOW)


def test_each_hour_the_end_is_noted_once(world: World) -> None:
    jobs.note_head(world.adapters)
    assert not (heads.folder(world.adapters) / heads.FILE).exists()  # nothing to note
    write(world, 3)
    jobs.note_head(world.adapters)
    jobs.note_head(world.adapters)
    write(world, 2)
    jobs.note_head(world.adapters)
    assert [json.loads(line)["seq"] for line in lines(world)] == [3, 5]
    assert (heads.folder(world.adapters) / heads.FILE).stat().st_mode & 0o777 == 0o600
    assert found(world)[:2] == (5, None)
    with db.reading() as session:
        last = state.kept(session, state.NEW)
        assert last is not None
        assert (last.read, last.broken) == (5, None)


def test_a_journal_written_anew_with_the_key_shows(world: World) -> None:
    write(world, 4)
    jobs.note_head(world.adapters)
    written_anew(world, 6)
    # Negative control: the chain alone finds nothing wrong.
    with db.reading() as session:
        assert audit.verify(session) == (6, None)
    read, broken, words = found(world)
    assert (read, broken) == (6, 4)
    assert words.startswith("BROKEN: entry 4 is not what was noted outside")
    jobs.note_head(world.adapters)  # and no head of it is noted
    assert len(lines(world)) == 1
    jobs.verify_journal(adapters=world.adapters)
    with db.reading() as session:
        for name in (state.NEW, state.WHOLE):
            checked = state.kept(session, name)
            assert checked is not None
            assert checked.broken == 4


def test_a_database_put_back_shows(world: World) -> None:
    write(world, 4)
    jobs.note_head(world.adapters)
    with db.writing() as session:  # as it was after the second entry
        session.connection().execute(sa.delete(AuditEntry).where(sa.text("seq > 2")))
        mac = audit.mac_of(session, 2)
        session.connection().execute(sa.update(AuditHead).values(count=2, mac=mac))
    with db.reading() as session:
        assert audit.verify(session) == (2, None)
    assert found(world)[1] == 4


def test_the_hour_reads_only_what_is_new_and_the_day_everything(world: World) -> None:
    write(world, 4)
    jobs.note_head(world.adapters)
    with db.writing() as session:
        session.connection().execute(sa.text("UPDATE audit_entry SET actor = 'someone' WHERE seq = 2"))
    write(world, 1)
    jobs.note_head(world.adapters)
    jobs.check_whole(world.adapters)
    assert world.run_jobs() == 1
    with db.reading() as session:
        new, whole = state.kept(session, state.NEW), state.kept(session, state.WHOLE)
    assert new is not None
    assert whole is not None
    assert (new.broken, whole.broken) == (None, 2)


def test_an_entry_after_the_head_shows(world: World) -> None:
    write(world, 2)
    with db.writing() as session:
        row = session.get_one(AuditEntry, 2).model_dump() | {"seq": 3}
        session.connection().execute(sa.insert(AuditEntry).values(**row))
    with db.reading() as session:
        assert audit.verify(session) == (2, 3)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_line_cut_short_takes_nothing_with_it(world: World, tmp_path: Path) -> None:
    write(world, 2)
    jobs.note_head(world.adapters)
    file = heads.folder(world.adapters) / heads.FILE
    with file.open("a") as cut:
        cut.write('{"seq": 3, "m')
    write(world, 1)
    jobs.note_head(world.adapters)
    assert [head.seq for head in heads.noted(file.parent)] == [2, 3]
    shutil.rmtree(file.parent)
    assert heads.last(file.parent) is None
