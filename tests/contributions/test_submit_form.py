"""The form of /participer without JavaScript: nothing typed is lost, whatever is refused."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlmodel import select

from app import db as database
from app import proof
from app.models import Contact, Contribution, Draft, Revision
from tests.conftest import World
from tests.contributions.residents import code_on, count, errors_on, have, post, post_draft, receipt, shown
from tests.loops import in_a_loop

NAUGHTY = Path(__file__).parents[2] / "node_modules" / "big-list-of-naughty-strings" / "blns.json"


def test_sending_leads_to_the_code_shown_once(world: World) -> None:
    sent = post(world)
    assert sent.status_code == 303
    assert re.fullmatch(r"/participer/merci/[\w-]{32}", sent.headers["location"])
    page = world.client.get(sent.headers["location"])
    assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")
    assert "noindex" in page.text
    assert world.adapters.base_url + "/suivre" in page.text, "whoever prints it reads on paper where the code opens"
    held = world.client.get("/api/v1/receipt", headers=receipt(code_on(page.text))).json()
    assert held["revision"]["body"] == "Il n’y a pas de banc."


def test_the_form_is_one_page_for_everybody(world: World) -> None:
    page = world.client.get("/participer?question=q2")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "public, no-cache"
    assert "set-cookie" not in page.headers
    assert re.search(r'value="q2"[^>]*checked', page.text)


def test_everything_a_collective_says_is_kept(world: World) -> None:
    fields = {
        "kind": "collective", "title": "Un lieu pour tous", "author.organisation": "Le Cercle",
        "author.people_count": "١ ٢٠٠",
        "author.method": "Trois soirées.", "author.name": "Camille", "help": "true", "consents.contact": "true",
        "contact.email": "cercle@exemple.fr", "language": "en",
    }  # fmt: skip
    assert post(world, **fields).status_code == 303
    with database.reading() as db:
        said = db.exec(select(Contribution)).one()
        words = db.exec(select(Revision)).one()
    assert (said.organisation, said.people_count, said.method) == ("Le Cercle", 1200, "Trois soirées.")
    assert (said.author_name, said.help, said.language) == ("Camille", True, "en")
    assert (words.title, words.body) == ("Un lieu pour tous", "Il n’y a pas de banc.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": ""}, "body"),
        ({"question": None}, "question"),
        ({"question": "inconnue"}, "question"),
        ({"title": "x" * 121}, "title"),
        ({"audiences": "inconnue"}, "audiences"),
        ({"quartier": "inconnu"}, "quartier"),
        ({"consents.publication": None}, "consents-publication"),
        ({"consents.age": None}, "consents-age"),
        ({"contact.email": "pas une adresse"}, "contact-email"),
        ({"contact.phone": "12"}, "contact-phone"),
        ({"author.people_count": "beaucoup", "kind": "collective"}, "author-people_count"),
    ],
)
def test_a_refused_form_keeps_everything_typed(world: World, change: dict[str, Any], field: str) -> None:
    typed = {"title": "Mon titre à moi", "author.name": "Camille", "contact.email": "camille@exemple.fr"} | change
    answer = post(world, **typed)
    assert answer.status_code == 422
    assert [name for name, _ in errors_on(answer.text)] == [field]
    assert f'id="{field}"' in answer.text, "the summary leads to the field"
    assert f'id="{field}-error"' in answer.text
    for name, value in (typed | {"body": typed.get("body", "Il n’y a pas de banc.")}).items():
        if value and name not in ("question", "audiences", "quartier"):
            assert value in shown(answer.text) or f'value="{value}"' in answer.text, name
    assert count(Contribution) == 0


def test_a_text_too_long_comes_back_whole_with_both_numbers(world: World) -> None:
    text = "é" * 5003
    answer = post(world, body=text)
    assert answer.status_code == 422
    assert text in answer.text
    assert "5003" in errors_on(answer.text)[0][1]
    assert "5000" in errors_on(answer.text)[0][1]


def test_after_the_collection_the_page_says_what_comes_next(world: World) -> None:
    world.clock.at = datetime(2022, 7, 1, tzinfo=UTC)
    page = world.client.get("/participer")
    assert page.status_code == 200
    assert "On ne peut plus donner son avis ici" in page.text
    assert "La collecte est finie." in shown(page.text)
    assert "La suite" in shown(page.text)
    for sent in (post(world, body="Mes mots à garder"), post_draft(world, body="Mes mots à garder")):
        assert sent.status_code == 409
        assert "Mes mots à garder" in sent.text
    assert count(Contribution) == count(Draft) == 0
    world.clock.at = datetime(2021, 12, 1, tzinfo=UTC)
    assert "On ne peut pas donner son avis en ce moment" in world.client.get("/participer?question=q1").text


def test_the_page_language_is_the_words_language(world: World) -> None:
    posted = {"question": "q1", "body": "A bench", "kind": "individual", "consents.publication": "true"}
    posted |= {"consents.age": "true", "contact.email": "a@exemple.fr"}
    assert world.client.post("/en/participer", data=posted).headers["location"].startswith("/en/participer/merci/")
    assert world.client.post("/prs/participer", data=posted | {"body": "سلام"}).status_code == 303
    with database.reading() as db:
        assert list(db.exec(select(Contribution.language).order_by(Contribution.seq))) == ["en", "fa-AF"]
        assert list(db.exec(select(Contact.language).order_by(Contact.contribution_seq))) == ["en", "prs"]


def test_who_fills_in_what_nobody_sees_is_asked_for_a_proof_and_loses_nothing(world: World) -> None:
    answer = post(world, website="https://spam.example", body="Mes mots")
    assert answer.status_code == 428
    assert "Mes mots" in answer.text
    assert "data-proof=" in answer.text
    assert "spam.example" not in answer.text
    assert count(Contribution) == 0
    assert post(world, body="Mes mots").status_code == 303


def test_beyond_the_limit_the_form_comes_back_and_passes_by_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "MOST", 0)
    asked = post(world, body="Mes mots")
    assert asked.status_code == 428
    challenge = re.search(r'name="challenge" value="([^"]+)"', asked.text)
    assert challenge
    assert post(world, challenge=challenge[1]).status_code == 428, "at once is too soon without the proof"
    monkeypatch.setattr(proof, "SLOW_MODE", 0)
    assert post(world, challenge=challenge[1]).status_code == 303
    assert post(world, challenge=challenge[1]).status_code == 428, "a challenge counts once"


def test_a_double_tap_is_one_contribution(world: World) -> None:
    key = str(uuid.uuid4())
    first, again = post(world, key=key), post(world, key=key)
    assert first.headers["location"] == again.headers["location"]
    assert count(Contribution) == 1
    assert post(world, key=key, body="Autre chose.").headers["location"] != first.headers["location"]
    assert count(Contribution) == 2
    assert post(world, key="pas une clé").status_code == 303


def test_a_double_tap_without_a_script_is_one_contribution(world: World) -> None:
    words = "Il faudrait un banc à l’ombre devant la mairie."
    first, again = post(world, body=words), post(world, body=words)
    assert first.headers["location"] == again.headers["location"]
    assert count(Contribution) == 1
    neighbour = {"user-agent": "another phone of the same house"}
    assert post(world, body=words, headers=neighbour).headers["location"] != first.headers["location"]
    assert post(world, body=words, title="Un banc").headers["location"] != first.headers["location"]
    world.clock.move(timedelta(minutes=5))
    assert post(world, body=words).headers["location"] != first.headers["location"], "said again, later"
    assert count(Contribution) == 4


def test_short_words_may_be_two_people_s(world: World) -> None:
    assert post(world, body="Un banc.").headers["location"] != post(world, body="Un banc.").headers["location"]
    assert count(Contribution) == 2


def test_a_body_cut_on_the_way_leaves_nothing_and_no_error(world: World) -> None:

    sent: list[Any] = []
    boundary = b"----frontiere"
    half = b"--" + boundary + b'\r\nContent-Disposition: form-data; name="body"\r\n\r\nMes mo'
    messages = iter([{"type": "http.request", "body": half, "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def answer(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/participer",
        "raw_path": b"/participer", "root_path": "", "scheme": "http", "query_string": b"", "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "headers": [(b"host", b"testserver"), (b"content-length", b"5000"),
                    (b"content-type", b"multipart/form-data; boundary=" + boundary)],
    }  # fmt: skip
    with structlog.testing.capture_logs() as logs:
        in_a_loop(world.app(scope, receive, answer))
    assert [m["status"] for m in sent if m["type"] == "http.response.start"] in ([], [400], [499])
    assert [log for log in logs if log["log_level"] == "error"] == []
    assert count(Contribution) == 0


def test_naughty_strings_in_every_field_are_kept_shown_and_harmless(world: World) -> None:
    naughty = json.loads(NAUGHTY.read_text())
    assert len(naughty) > 400
    for text in naughty:
        fields = dict.fromkeys(
            ("title", "author.name", "author.organisation", "author.method", "quartier", "language", "contact.email",
             "contact.phone", "audiences", "age_band", "collective", "upload", "draft_code", "key", "challenge",
             "faces"),
            text,
        )  # fmt: skip
        answer = post(world, body=text + " ", **fields)
        assert answer.status_code in (303, 422), text
        assert "<script>alert" not in answer.text.replace(" ", "")
        assert not re.search(r"<img[^>]+onerror", answer.text), text


def test_naughty_words_come_back_as_they_were_on_the_follow_page(world: World) -> None:
    naughty = [text for text in json.loads(NAUGHTY.read_text()) if "<" in text or "{{" in text or "%" in text][:40]
    for text in naughty:
        _, code = have(body=text + " fin", title=text[:100] or None)
        assert world.client.post("/suivre", data={"code": code}).status_code == 303
        page = world.client.get("/suivre/contribution")
        assert page.status_code == 200
        assert not re.search(r"<(script|img|svg|iframe)\b[^>]*(alert|onerror|onload|javascript)", page.text, re.I), text


def test_a_draft_is_resumed_elsewhere_by_its_code(world: World) -> None:
    answer = post_draft(world, body="Début", **{"author.organisation": "Le Cercle", "consents.age": None})
    code = code_on(answer.text)
    assert answer.status_code == 200
    assert code not in str(answer.url)
    elsewhere = world.browser()
    page = elsewhere.post("/participer/reprendre", data={"draft_code": code.upper().replace("-", "  ")})
    assert page.status_code == 200
    assert "Début" in page.text
    assert 'value="Le Cercle"' in page.text
    with database.reading() as db:
        assert b"Le Cercle" not in db.exec(select(Draft)).one().sealed
    again = post_draft(world, body="Suite", draft_code=code)
    assert code_on(again.text) == code, "put aside again, the code on the paper still works"
    assert "Suite" in elsewhere.post("/participer/reprendre", data={"draft_code": code}).text
    assert count(Draft) == 1
    assert post(world, body="Fini", draft_code=code).status_code == 303
    assert count(Draft) == 0
    heavy = post_draft(world, files=[("other", (None, "a" * 900_000)), ("another", (None, "a" * 900_000))], body="Long")
    assert (heavy.status_code, "Long" in heavy.text, count(Draft)) == (413, True, 0)


def test_a_draft_is_forgotten_after_its_time_and_a_wrong_code_opens_none(world: World) -> None:
    from datetime import timedelta

    code = code_on(post_draft(world, body="Début").text)
    wrong = world.client.post("/participer/reprendre", data={"draft_code": "abeille abeille abeille abeille 00"})
    assert wrong.status_code == 404
    assert errors_on(wrong.text)[0][0] == "draft_code"
    world.clock.move(timedelta(days=31))
    assert world.client.post("/participer/reprendre", data={"draft_code": code}).status_code == 404
    world.sweep()
    assert count(Draft) == 0
    guesses = [world.client.post("/participer/reprendre", data={"draft_code": "x"}).status_code for _ in range(12)]
    assert guesses[-1] == 429
