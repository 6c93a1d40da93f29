"""The journal read by those who answer for the service."""

import csv
import io
from datetime import timedelta

import pytest

from app import audit, db
from app.audit import jobs
from app.models import AuditEntry, Role
from tests.accounts.team import join, log_in
from tests.conftest import NOW, World
from tests.factories import submitted


def fill(world: World) -> str:
    """120 acts on three days, one contribution; gives its reference."""
    with db.writing() as session:
        for n in range(120):
            audit.append(
                session, actor="system" if n % 2 else "author", action="=1+1" if n == 60 else "hide", kind="thing",
                object_id=f"o{n}", now=NOW + timedelta(hours=n // 2), hashes={"body": "ab" * 32},
            )  # fmt: skip
        return submitted(session).reference


def test_it_is_read_filtered_and_taken_away(world: World) -> None:
    reader = join(world, Role.ORGANISER)
    client = log_in(world)
    reference = fill(world)
    first = client.get("/equipe/journal")
    assert first.status_code == 200
    assert "Pas encore vérifié" in first.text
    assert first.text.count('<th scope="row">') == 50
    assert "abababababababab…" in first.text
    older = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "o60" in client.get(older).text

    def ask(**filters: str) -> str:
        answer = client.get("/equipe/journal", params=filters)
        assert answer.status_code == 200
        return answer.text

    assert ask(actor="system").count('<th scope="row">') == 50
    assert '<th scope="row">62<' in ask(action="=1+1")
    received = ask(object=reference.lower())
    assert received.count('<th scope="row">') == 1
    assert "Écrit en ligne" in received
    assert ask(kind="staff").count('<th scope="row">') == 1
    assert reader.name in ask(kind="thing", since="2022-04-13", until="2022-04-13")
    page = ask(kind="thing", since="2022-04-14")  # from midnight in the city on: 22 h in UTC
    assert "o76" in page
    assert "o75" not in page
    assert "Aucune ligne" in ask(object="NS-222222")
    jobs.note_head(world.adapters)
    jobs.verify_journal(adapters=world.adapters)
    assert "Vérifié en entier le" in ask()

    taken = client.post("/equipe/journal/export", data={"kind": "thing"})
    assert taken.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(taken.text.removeprefix("\ufeff"))))
    assert len(rows) == 120
    assert rows[59]["action"] == "'=1+1"
    assert rows[0]["mac"]
    with db.reading() as session:
        last = session.get_one(AuditEntry, audit.verify(session)[0])
        assert (last.actor, last.action, last.hashes) == (reader.actor, "journal_exported", {"kind": "thing"})
        assert audit.verify(session)[1] is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_wrong_date_is_named_and_nothing_typed_is_lost(world: World) -> None:
    join(world, Role.ADMINISTRATOR)
    client = log_in(world)
    for filters, sentence in (
        ({"since": "2022-13-45", "object": "abc"}, "Cette réponse ne convient pas."),
        ({"since": "2022-04-14", "until": "2022-04-13", "object": "abc"}, "La fin vient avant le début."),
    ):
        answer = client.get("/equipe/journal", params=filters)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'value="abc"' in answer.text
        assert client.post("/equipe/journal/export", data=filters).status_code == 422


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_journal_that_was_touched_says_so(world: World) -> None:
    join(world, Role.ADMINISTRATOR)
    fill(world)
    client = log_in(world)
    with db.writing() as session:
        session.get_one(AuditEntry, 7).actor = "someone"
    jobs.note_head(world.adapters)
    page = client.get("/equipe/journal").text
    assert "Le journal a été touché" in page
    assert "La ligne 7 ne va pas" in page
