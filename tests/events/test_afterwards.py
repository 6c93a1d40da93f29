"""After a meeting: what people said there, the report and its photos, on its page."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app import audit, db
from app.events import afterwards, telling
from app.models import Contribution, Event, EventState, Media, MediaState, Role, State
from app.models.publication import bump
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import code_on, errors_on, have, post, receipt, send, shown
from tests.media.pictures import encoded, photo, quarters

YESTERDAY = {"starts_at": NOW - timedelta(days=1), "ends_at": NOW - timedelta(hours=22)}


@pytest.fixture
def meeting(world: World) -> Event:
    with db.writing() as session:
        return factories.event(session, slug="atelier-veilleurs", title="Atelier Veilleurs", **YESTERDAY)


def last_one() -> Contribution:
    with db.reading() as session:
        return session.exec(select(Contribution).order_by(col(Contribution.seq).desc())).all()[0]


def published(meeting: Event, **fields: Any) -> Contribution:
    return have(State.PUBLISHED, event=meeting.slug, **fields)[0]


def test_words_carry_their_meeting_by_json_and_by_form(world: World, meeting: Event) -> None:
    assert send(world, event="atelier-veilleurs").status_code == 201
    by_json = last_one()
    assert (by_json.event_seq, by_json.channel) == (meeting.seq, "workshop")

    page = world.client.get("/participer?rendez-vous=atelier-veilleurs").text
    assert "Vous parlez de ce rendez-vous" in page
    assert '<input type="hidden" name="event" value="atelier-veilleurs">' in page
    refused = post(world, event="atelier-veilleurs", **{"consents.age": None})
    assert refused.status_code == 422
    assert 'name="event" value="atelier-veilleurs"' in refused.text
    assert post(world, event="atelier-veilleurs", body="Par la page").status_code == 303
    by_form = last_one()
    assert (by_form.event_seq, by_form.channel) == (meeting.seq, "workshop")

    aside = world.client.post("/participer/brouillon", data={"body": "Début", "event": "atelier-veilleurs"})
    resumed = world.browser().post("/participer/reprendre", data={"draft_code": code_on(aside.text)})
    assert 'name="event" value="atelier-veilleurs"' in resumed.text


def test_a_meeting_that_is_unknown_a_draft_or_still_to_come_is_refused_and_the_words_are_kept(world: World) -> None:
    with db.writing() as session:
        factories.event(session, slug="plus-tard")
        factories.event(session, slug="brouillon", state=EventState.DRAFT, **YESTERDAY)
    for slug in ("nulle-part", "plus-tard", "brouillon", "../x", "É"):
        answer = send(world, event=slug)
        assert answer.status_code == 422, slug
        assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("event", "unknown_event")]
        assert 'name="event"' not in world.client.get("/participer", params={"rendez-vous": slug}).text
    page = post(world, event="nulle-part", body="Mes mots")
    assert (page.status_code, errors_on(page.text)[0][0]) == (422, "event")
    assert 'id="event"' in page.text
    assert "Mes mots" in page.text
    assert 'name="event"' not in page.text  # sent again, it goes without


def test_what_was_said_is_on_the_meetings_page_and_names_it(world: World, meeting: Event) -> None:
    first = published(meeting, body="Un banc devant la poste.")
    have(State.PENDING, event=meeting.slug, body="Pas encore lu.")
    page = shown(world.client.get("/rendez-vous/atelier-veilleurs").text)
    assert "Ce que les gens y ont dit" in page
    assert "Un banc devant la poste." in page
    assert "Pas encore lu." not in page
    assert "/participer?rendez-vous=atelier-veilleurs" in world.client.get("/rendez-vous/atelier-veilleurs").text
    voice = world.client.get(f"/paroles/{first.reference}").text
    assert "Lors de ce rendez-vous" in voice
    assert 'href="/rendez-vous/atelier-veilleurs"' in voice
    with db.writing() as session:
        session.get_one(Event, meeting.seq).state = EventState.DRAFT
        bump(session)
    world.app.forget()
    assert "Lors de ce rendez-vous" not in world.client.get(f"/paroles/{first.reference}").text


def test_who_asks_not_to_be_known_any_more_is_no_longer_of_that_meeting(world: World, meeting: Event) -> None:
    made, code = have(State.PUBLISHED, event=meeting.slug, body="Un banc devant la poste.")
    asked = world.client.post("/api/v1/receipt/erasure", json={"scope": "identity"}, headers=receipt(code))
    assert asked.status_code == 200
    assert "Lors de ce rendez-vous" not in world.client.get(f"/paroles/{made.reference}").text
    assert "Un banc devant" not in world.client.get("/rendez-vous/atelier-veilleurs").text


def test_all_of_it_is_a_page_away_and_nothing_comes_before_the_meeting(
    world: World, meeting: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        published(meeting, body=f"Parole numéro {number}.")
    monkeypatch.setattr("app.events.voices_pages.PAGE", 3)
    first = world.client.get("/rendez-vous/atelier-veilleurs/paroles").text
    assert re.findall(r"Parole numéro (\d)", first) == ["3", "2", "1"]
    older = re.search(r'href="(/rendez-vous/atelier-veilleurs/paroles\?after=\d+)"', first)
    assert older
    assert re.findall(r"Parole numéro (\d)", world.client.get(older[1]).text) == ["0"]
    odd = world.client.get("/rendez-vous/atelier-veilleurs/paroles?after=%C2%B2").text
    assert re.findall(r"Parole numéro (\d)", odd) == ["3", "2", "1"]
    with db.reading() as session:
        cards, more = afterwards.said(session, meeting, limit=2)
        assert ([card["body"] for card in cards], more) == (["Parole numéro 3.", "Parole numéro 2."], published_as(2))
        coming = Event(**(meeting.model_dump() | {"starts_at": NOW + timedelta(hours=1)}))
    assert telling.context(coming, now=NOW) == {"after": None}


def published_as(number: int) -> int | None:
    """Its publication sequence; they were published in their order."""
    with db.reading() as session:
        found = session.exec(select(Contribution.publication_seq).order_by(col(Contribution.seq))).all()
        return found[number]


def address(event: Event) -> str:
    return f"/equipe/rendez-vous/{event.id}/compte-rendu"


def organiser(world: World, role: Role = Role.ORGANISER) -> Any:
    with db.writing() as session:
        return world.as_staff(factories.token(session, factories.staff(session, role)))


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{16})"', page)
    assert found
    return found[1]


def test_a_report_is_written_once_at_a_time_and_nothing_typed_is_lost(world: World, meeting: Event) -> None:
    team = organiser(world)
    before = seen(team.get(address(meeting)).text)
    saved = team.post(address(meeting), data={"report": "Treize personnes.\n\nUne soupe.", "seen": before})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{address(meeting)}?notice=saved")
    assert "Treize personnes." in world.client.get("/rendez-vous/atelier-veilleurs").text
    late = team.post(address(meeting), data={"report": "Mon texte à moi", "seen": before})
    assert late.status_code == 409
    assert "Mon texte à moi" in late.text
    assert "Treize personnes." in late.text
    assert team.post(address(meeting), data={"report": "Les deux", "seen": seen(late.text)}).status_code == 303
    long = team.post(address(meeting), data={"report": "x" * 10_001, "seen": before})
    assert (long.status_code, errors_on(long.text)[0][0]) == (422, "report")
    with db.reading() as session:
        assert session.get_one(Event, meeting.seq).report == "Les deux"
        assert audit.verify(session)[1] is None


def test_who_may_write_it_and_when(world: World, meeting: Event) -> None:
    with db.writing() as session:
        coming = factories.event(session)
        called_off = factories.event(session, state=EventState.CANCELLED, **YESTERDAY)
    assert organiser(world, Role.MODERATOR).get(address(meeting)).status_code == 404
    team = organiser(world, Role.ADMINISTRATOR)
    for event in (coming, called_off):
        assert "n’a pas encore eu lieu" in shown(team.get(address(event)).text)
        refused = team.post(address(event), data={"report": "Déjà ?", "seen": "x"})
        assert refused.status_code == 409
    with db.reading() as session:
        assert [event.report for event in session.exec(select(Event))] == ["", "", ""]


def test_a_photo_is_shown_once_somebody_says_what_it_shows(world: World, meeting: Event, tmp_path: Path) -> None:
    team = organiser(world)
    mark = seen(team.get(address(meeting)).text)
    files = [
        ("files", ("salle.jpg", photo(tmp_path / "salle.jpg").read_bytes(), "image/jpeg")),
        ("files", ("notes.txt", b"pas une photo", "text/plain")),
    ]
    mixed = team.post(address(meeting), data={"report": "Avec une photo", "seen": mark}, files=files)
    assert mixed.status_code == 422
    assert [field for field, _ in errors_on(mixed.text)] == ["files"]
    world.run_jobs()
    one = photos()[0]
    assert (one.event_seq, one.state, one.choice) == (meeting.seq, MediaState.READY, None)
    file = f"/media/{one.opaque}/400.jpg"
    assert world.client.get(file).status_code == 404
    assert team.get(file).status_code == 200

    mark = seen(team.get(address(meeting)).text)
    described = {f"photos.{one.id}.alt": "Une salle vide, des chaises en cercle.", "seen": mark, "report": "Fini"}
    assert team.post(address(meeting), data=described).status_code == 303
    assert "aucun visage" in team.get(address(meeting)).text  # hidden unless a person says so
    assert world.client.get(file).status_code == 404
    mark = seen(team.get(address(meeting)).text)
    shown_now = described | {f"photos.{one.id}.face": "show", "seen": mark}
    assert team.post(address(meeting), data=shown_now).status_code == 303
    page = world.client.get("/rendez-vous/atelier-veilleurs").text
    assert 'alt="Une salle vide, des chaises en cercle."' in page
    assert world.client.get(file).status_code == 200

    world.clock.move(timedelta(days=200))
    world.sweep()
    world.run_jobs()
    assert len(photos()) == 1  # belongs to somebody
    mark = seen(team.get(address(meeting)).text)
    assert (
        team.post(address(meeting), data=shown_now | {f"photos.{one.id}.remove": "true", "seen": mark}).status_code
        == 303
    )
    assert world.client.get(file).status_code == 404
    world.run_jobs()
    assert photos() == []


def test_what_is_no_photo_or_too_many_is_refused(world: World, meeting: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.media.attached.MOST", 1)
    team = organiser(world)
    data = {"report": "", "seen": seen(team.get(address(meeting)).text)}
    picture = encoded(quarters(), "PNG")
    files = [("files", (f"{n}.png", picture, "image/png")) for n in range(2)]
    answer = team.post(address(meeting), data=data, files=files)
    assert (answer.status_code, errors_on(answer.text)[0][0]) == (422, "files")
    assert len(photos()) == 1


def photos() -> list[Media]:
    with db.reading() as session:
        return list(session.exec(select(Media)))
