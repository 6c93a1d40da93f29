"""What is erased is nowhere: rows, write-ahead log, index, media, mails, page cache. The ledger keeps that it was."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import audit
from app import db as database
from app.adapters.clock import real_now
from app.adapters.mailer import FileMailer
from app.assistance import jobs as assistance_jobs
from app.contributions import erasure
from app.errors import Conflict
from app.models import Band, Contribution, Fingerprint, Media, MediaChoice, Message, MessageState, Signal, State
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import count, have, receipt, send

CANARY = "kanarienvogel"
SPELLINGS = (CANARY, CANARY.upper(), CANARY.title())
MARKED = {
    "body": f"Le {CANARY} chante. {CANARY.title()} !",
    "title": f"{CANARY} au marché",
    "kind": "collective",
    "author": {
        "name": CANARY,
        "organisation": f"Les amis du {CANARY}",
        "method": f"Avec un {CANARY}.",
        "people_count": 3,
    },
    "contact": {"email": f"{CANARY}@exemple.fr", "phone": "0698765432"},
}


def rows_with_canary(needle: str = CANARY) -> list[str]:
    """table.column of every live value that holds it, as text or as bytes."""
    found = []
    with database.reading() as db:
        inspected = sa.inspect(db.connection())
        for table in inspected.get_table_names():
            if table.startswith("published_index_"):
                continue  # the index's own segments: the file is read whole below
            names = [column["name"] for column in inspected.get_columns(table)]
            for row in db.connection().execute(sa.text(f'SELECT * FROM "{table}"')):
                for name, value in zip(names, row, strict=True):
                    text = value.decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
                    if needle in text.lower():
                        found.append(f"{table}.{name}")
    return sorted(set(found))


def files_with_canary(folder: Path) -> list[str]:
    """Every file below that holds it, the database and its write-ahead log among them."""
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(spelling.encode() in file.read_bytes() for spelling in SPELLINGS)
    )


def published_with_photo(world: World) -> tuple[Contribution, str]:
    contribution, code = have(State.PUBLISHED, **MARKED)
    with database.writing() as db:
        photo = factories.photo(db, contribution, choice=MediaChoice.PUBLISH, alt=f"Un {CANARY}")
        assert photo.original
        names = [photo.original, *(f"media/{photo.opaque}/{name}" for name in photo.derivatives)]
    for name in names:
        world.adapters.storage.put(name, CANARY.encode())
    return contribution, code


def test_what_programs_noticed_goes_with_the_words(world: World) -> None:
    """Signals, fingerprints and their pieces; the group goes on without it."""
    words = f"Le {CANARY} a envie de mourir, 06 98 76 54 32, une table, un banc, du pain, des voisins et la soupe."
    one, code = have(State.PENDING, body=words)
    other, _ = have(State.PENDING, body=words)
    assistance_jobs.assist(world.adapters)
    with database.reading() as db:
        before = db.get_one(Contribution, one.seq), db.get_one(Contribution, other.seq)
    assert [(each.cluster, each.dangers) for each in before] == [(one.seq, 1), (one.seq, 1)]
    kept = {table: count(table) for table in (Signal, Fingerprint, Band)}
    assert erase(world, code).json()["state"] == "erased"
    world.run_jobs()
    assistance_jobs.assist(world.adapters)
    with database.reading() as db:
        after = db.get_one(Contribution, one.seq)
        left = [db.exec(select(table.contribution_seq)).all() for table in (Signal, Fingerprint)]
    assert (after.cluster, after.dangers) == (None, 0)
    assert {seq for seqs in left for seq in seqs} == {other.seq}
    assert (kept[Fingerprint], count(Fingerprint), kept[Band]) == (2, 1, 42)
    assert count(Band) == 42, "the copy that is left is found by its own pieces now"


def erase(world: World, code: str, scope: str = "everything") -> Any:
    return world.client.post("/api/v1/receipt/erasure", json={"scope": scope}, headers=receipt(code))


def test_after_erasing_everything_it_is_nowhere(world: World, tmp_path: Path) -> None:
    contribution, code = published_with_photo(world)
    public = f"/paroles/{contribution.reference}"
    assert CANARY in world.client.get(public).text
    assert CANARY in world.client.get("/paroles").text
    if world.dialect == "sqlite":
        assert files_with_canary(tmp_path), "the search sees it before"
    assert rows_with_canary(), "the search sees it before"

    assert erase(world, code).json()["state"] == "erased"
    world.app.checked = 0.0  # as a second later
    assert world.client.get(public).status_code == 410
    assert CANARY not in world.client.get("/paroles").text
    if world.dialect == "sqlite":
        assert files_with_canary(tmp_path), "negative control: the log still holds it before the job"
    world.run_jobs()

    assert rows_with_canary() == []
    assert world.adapters.storage.files == {}
    assert count(Media) == 0
    assert CANARY not in repr(world.app.entries)
    assert CANARY not in repr([mail.as_string() for mail in world.mails]).replace(f"{CANARY}@exemple.fr", "")
    if world.dialect == "sqlite":
        assert files_with_canary(tmp_path) == []
    assert world.client.get("/api/v1/contributions", params={"q": CANARY}).json()["items"] == []


def test_mails_hold_nothing_and_go_with_the_erasure(world: World, tmp_path: Path) -> None:
    """Sent ones, kept as files without a mail server, say whom they went to; others are dropped."""
    folder = tmp_path / "mail"
    world.adapters = replace(world.adapters, mailer=FileMailer(folder, "essai@service.example"))
    told = send(world, **MARKED).json()
    with database.reading() as db:
        assert db.exec(select(Message)).one().state is MessageState.WAITING
    world.run_jobs()
    (written,) = folder.glob("*.eml")
    text = written.read_text().replace(f"{CANARY}@exemple.fr", "")
    assert CANARY not in text.lower()
    erase(world, told["receipt_code"], "identity")
    other = send(world, **MARKED).json()["receipt_code"]
    erase(world, other)
    world.run_jobs()
    assert list(folder.iterdir()) == []
    with database.reading() as db:
        assert [m.state for m in db.exec(select(Message).order_by(Message.seq))] == [
            MessageState.SENT, MessageState.DROPPED,
        ]  # fmt: skip


def test_a_mail_with_a_way_back_is_kept_no_longer_than_it_opens(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mail"
    world.adapters = replace(world.adapters, mailer=FileMailer(folder, "essai@service.example"))
    send(world, **MARKED)
    world.run_jobs()
    before = set(folder.iterdir())
    world.client.post("/suivre/lien", data={"email": MARKED["contact"]["email"]})
    world.run_jobs()
    assert len(set(folder.iterdir()) - before) == 1
    later = real_now() + timedelta(minutes=16)
    monkeypatch.setattr("app.jobs.embedded.real_now", lambda: later)
    world.run_jobs()
    assert set(folder.iterdir()) == before


def test_erasing_ones_identity_keeps_the_words(world: World, tmp_path: Path) -> None:
    contribution, code = have(State.PUBLISHED, **(MARKED | {"body": "Des mots à garder", "title": None}))
    told = erase(world, code, "identity").json()
    assert (told["state"], told["revision"]["body"]) == ("published", "Des mots à garder")
    world.run_jobs()
    assert [place for place in rows_with_canary() if place != "contribution.method"] == []
    world.app.forget()
    page = world.client.get(f"/paroles/{contribution.reference}")
    assert page.status_code == 200
    assert "Des mots à garder" in page.text
    assert CANARY not in page.text.replace(f"Avec un {CANARY}.", "")
    assert world.client.get("/api/v1/receipt", headers=receipt(code)).status_code == 200, "the code still opens"


def test_erasing_ones_identity_does_not_lengthen_a_withdrawal(world: World) -> None:
    _, code = have(State.PUBLISHED)
    world.client.post("/api/v1/receipt/withdrawal", headers=receipt(code))
    world.clock.move(timedelta(days=13))
    erase(world, code, "identity")
    world.clock.move(timedelta(days=2))
    assert world.client.delete("/api/v1/receipt/withdrawal", headers=receipt(code)).status_code == 409


def test_erasing_again_changes_nothing(world: World) -> None:
    contribution, code = have()
    assert erase(world, code).status_code == 200
    again = erase(world, code)
    assert (again.status_code, again.json()["state"], again.json()["can"]) == (200, "erased", [])
    with database.reading() as db:
        assert db.get_one(Contribution, contribution.seq).version == contribution.version + 1
    assert erase(world, code, "identity").status_code == 409
    assert erase(world, code, "autre").status_code == 422


def test_the_ledger_says_what_was_erased_and_nothing_of_it(world: World, tmp_path: Path) -> None:
    contribution, code = have(**MARKED)
    erase(world, code)
    world.run_jobs()
    lines = [json.loads(line) for line in (tmp_path / "erasures.jsonl").read_text().splitlines()]
    assert lines == [{"id": str(contribution.id), "scope": "everything", "at": NOW.isoformat()}]


def test_the_journal_stays_whole_and_says_that_it_happened(world: World) -> None:
    _, code = have(**MARKED)
    erase(world, code)
    with database.reading() as db:
        assert audit.verify(db) == (2, None)
        done = db.connection().execute(sa.text("SELECT action FROM audit_entry ORDER BY seq")).scalars().all()
    assert done == ["submit", "erase"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.ERASED])
def test_everything_can_be_erased_from_every_state(world: World, state: State) -> None:
    _, code = have(state, **MARKED)
    assert erase(world, code).status_code == 200
    world.run_jobs()
    assert rows_with_canary() == []


def test_what_was_merged_into_it_is_read_again(world: World) -> None:
    """Else a voice goes because somebody else took theirs back."""
    target, code = have(State.PUBLISHED)
    merged, own = have(State.MERGED, body="La même chose, dite autrement.")
    with database.writing() as db:
        db.get_one(Contribution, merged.seq).merged_into = target.seq
    erase(world, code)
    seen = world.client.get("/api/v1/receipt", headers=receipt(own)).json()
    assert (seen["state"], seen["merged_into"]) == ("pending", None)
    world.client.post("/suivre", data={"code": own})
    assert "Une personne relit la vôtre." in world.client.get("/suivre/contribution").text
    with database.reading() as db:
        assert audit.verify(db)[1] is None


def test_what_was_merged_into_a_merged_one_goes_on_to_the_last(world: World) -> None:
    last, _ = have(State.PUBLISHED)
    between, code = have(State.MERGED)
    first, own = have(State.MERGED)
    with database.writing() as db:
        db.get_one(Contribution, between.seq).merged_into = last.seq
        db.get_one(Contribution, first.seq).merged_into = between.seq
    erase(world, code)
    seen = world.client.get("/api/v1/receipt", headers=receipt(own)).json()
    assert (seen["state"], seen["merged_into"]["reference"]) == ("merged", last.reference)


def test_two_at_once_erase_once(world: World) -> None:
    contribution, _ = have()
    with database.reading() as db:
        seen_before = db.get_one(Contribution, contribution.seq)
    with database.writing() as db:
        erasure.erase(db, db.get_one(Contribution, contribution.seq), scope="everything", actor="author", now=NOW)
    with database.writing() as db:
        db.add(seen_before)
        with pytest.raises(Conflict) as refused:
            erasure.erase(db, seen_before, scope="everything", actor="author", now=NOW)
    assert refused.value.code == "stale"


def test_a_reader_in_the_way_puts_the_end_of_the_work_off(database_url: str, world: World) -> None:
    if world.dialect != "sqlite":
        erasure.scrub()
        return
    have()
    with database.reading() as db:
        db.connection().execute(sa.text("SELECT count(*) FROM contribution")).scalar()
        with database.writing() as other:
            factories.submitted(other)
        with pytest.raises(erasure.StillRead):
            erasure.scrub()
    erasure.scrub()
