"""Organisers set days, pauses, rooms, tracks, and note people: what is refused, two at once, what stays, consent."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from app import db
from app.adapters import vault
from app.assises import queries
from app.models import (
    AuditEntry,
    Message,
    MessageState,
    Pause,
    ProgrammeDay,
    ProgrammeSession,
    Role,
    Room,
    SessionSpeaker,
    Speaker,
    Track,
    Via,
)
from app.models.publication import Publication
from tests import factories
from tests.conftest import NOW, World

SET, PEOPLE = "/equipe/assises/reglages", "/equipe/assises/intervenants"


@pytest.fixture
def hand(world: World) -> Any:
    """A browser of an organiser."""
    with db.writing() as session:
        factories.programme(session, sessions=3)
        person = factories.staff(session, Role.ORGANISER, name="Nour")
        return world.as_staff(factories.token(session, person))


def every(model: Any) -> list[Any]:
    with db.reading() as session:
        return list(session.exec(select(model).order_by(model.seq)))


def public_version() -> int:
    with db.reading() as session:
        return session.get_one(Publication, 1).version


DAY = {"starts_at": "2022-06-12T09:00", "ends_at": "2022-06-12T19:00"}
WRONG: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("jours", DAY | {"ends_at": "2022-06-12T08:00"}, "ends_at", "La fin vient avant le début"),
    ("jours", DAY | {"ends_at": "2022-06-14T08:00"}, "ends_at", "plus d’un jour"),
    ("jours", DAY | {"starts_at": "2022-06-11T18:00", "ends_at": "2022-06-11T20:00"}, "starts_at", "déjà prévue"),
    ("jours", DAY | {"starts_at": "2022-06-11T09:00", "ends_at": "2022-06-11T10:00"}, "starts_at", "déjà prévue"),
    ("jours", {}, "starts_at", "Dites quel jour"),
    ("pauses", DAY, "title", "Donnez un titre"),
    ("salles", {"name": "x" * 300}, "name", "300 caractères, 120 au plus"),
    ("salles", {"name": "SALLE 1"}, "name", "Ce nom est déjà pris"),
    ("salles", {"name": "Halle", "capacity": "0"}, "capacity", "au moins 1"),
    ("salles", {"name": "Halle", "offers": "x"}, "offers", "Choisissez parmi"),
    ("themes", {"name": "vivre"}, "name", "Ce nom est déjà pris"),
    ("themes", {"name": " "}, "name", "Donnez un nom"),
)


def test_days_pauses_rooms_and_tracks_are_set(world: World, hand: Any) -> None:
    """Each added, changed, put in order, deleted; nothing of it is public."""
    before = public_version()
    for what, typed, field, words in WRONG:
        answer = hand.post(f"{SET}/{what}", data=typed)
        assert (answer.status_code, words in answer.text, f'href="#{field}"' in answer.text) == (422, True, True), typed
    for what, typed in (
        ("jours", DAY),
        ("pauses", DAY | {"title": "Café"}),
        ("salles", {"name": "Halle", "offers": ["lsf"]}),
        ("themes", {"name": "L’été à l’œuvre"}),
    ):
        assert hand.get(f"{SET}/{what}/nouveau").status_code == 200
        assert hand.post(f"{SET}/{what}", data=typed).status_code == 303
    room, track = every(Room)[-1], every(Track)[-1]
    assert (room.position, room.offers, room.capacity, track.slug) == (3, ["lsf"], None, "l-ete-a-l-oeuvre")
    assert hand.get(f"{SET}/salles/{room.id}").status_code == 200
    assert hand.post(f"{SET}/salles/{room.id}/avant").status_code == 303
    assert hand.post(f"{SET}/jours/{every(ProgrammeDay)[0].id}/avant").status_code == 404
    assert hand.get(f"{SET}/couleurs/nouveau").status_code == 404
    html = hand.get(SET).text
    assert html.index("Salle 2") < html.index("Halle") < html.index("Salle 3")
    renamed = {"name": "Grande halle", "version": "1", "capacity": "300"}
    assert hand.post(f"{SET}/salles/{room.id}", data=renamed).status_code == 303
    stale = hand.post(f"{SET}/salles/{room.id}", data=renamed | {"name": "Petite halle"})
    assert stale.status_code == 409
    assert re.search(r"Grande halle</span></td><td[^>]*><span[^>]*>Petite halle", stale.text)
    used = hand.get(f"{SET}/salles/{every(Room)[0].id}").text
    assert ("Séance 1" in used, "suppression" in used) == (True, False)
    refused = hand.post(f"{SET}/salles/{every(Room)[0].id}/suppression", data={"version": "1"})
    assert (refused.status_code, "Des séances en ont encore besoin" in refused.text) == (409, True)
    for what, row in (
        ("salles", room),
        ("themes", track),
        ("pauses", every(Pause)[-1]),
        ("jours", every(ProgrammeDay)[-1]),
    ):
        version = 2 if what == "salles" else 1
        assert hand.post(f"{SET}/{what}/{row.id}/suppression", data={"version": version}).status_code == 303
    gone = hand.post(f"{SET}/salles/{room.id}", data=renamed)
    assert (gone.status_code, 'value="Grande halle"' in gone.text) == (409, True)
    assert [len(every(model)) for model in (Room, Track, Pause, ProgrammeDay)] == [3, 3, 2, 2]
    assert public_version() == before


def test_the_whole_is_set_by_one_at_a_time(world: World, hand: Any) -> None:
    typed = {"version": "1", "title": "Les Assises", "point": "47.2, -1.5", "words": "Venez.\n\nTous."}
    wrong = hand.post(f"{SET}/ensemble", data=typed | {"point": "ici", "title": "x" * 300})
    assert (wrong.status_code, "deux nombres" in wrong.text, "300 caractères" in wrong.text) == (422, True, True)
    assert hand.post(f"{SET}/ensemble", data=typed).status_code == 303
    stale = hand.post(f"{SET}/ensemble", data=typed | {"title": "Autre chose"})
    assert (stale.status_code, "Nour a enregistré" in stale.text, "Autre chose" in stale.text) == (409, True, True)
    html = hand.get(f"{SET}/ensemble").text
    assert 'value="47.2, -1.5"' in html
    assert 'value="Les Assises"' in html


def test_a_name_is_public_only_while_its_person_agrees(world: World, hand: Any) -> None:
    """When, how and by whom is noted; taking it back, or another name, counts at once."""
    typed = {"name": "Une voix", "about": "Habitante", "email": "Voix@Exemple.FR", "phone": "06 12 34 56 78"}
    for name, value, words in (
        ("name", "x" * 300, "300 caractères, 120 au plus"),
        ("email", "voix", "Cette adresse ne semble pas complète"),
        ("phone", "12", "Ce numéro ne semble pas complet"),
        ("language", "tlh", "Cette langue n’est pas connue"),
    ):
        answer = hand.post(PEOPLE, data=typed | {name: value})
        assert (answer.status_code, words in answer.text, "Habitante" in answer.text) == (422, True, True), name
    assert hand.get(f"{PEOPLE}/nouveau").status_code == 200
    assert hand.post(PEOPLE, data=typed).status_code == 303
    voice = every(Speaker)[-1]
    page = f"{PEOPLE}/{voice.id}"
    assert (voice.consent_at, vault.unseal("speaker", voice.email_sealed)) == (None, b"voix@exemple.fr")
    assert shown() == before_it(voice)
    assert 'value="+33612345678"' in hand.get(page).text
    seen = public_version()
    assert hand.post(page, data=typed | {"version": "1", "name": "Autre voix"}).status_code == 303
    assert public_version() == seen  # nobody sees the name
    missing = hand.post(f"{page}/accord", data={"version": "2"})
    assert (missing.status_code, "Dites comment" in missing.text, 'href="#how"' in missing.text) == (422, True, True)
    assert hand.post(f"{page}/accord", data={"version": "1", "how": "Au téléphone"}).status_code == 409
    assert hand.post(f"{page}/accord", data={"version": "2", "how": "Au téléphone"}).status_code == 303
    agreed = every(Speaker)[-1]
    assert (agreed.consent_at, agreed.consent_how, public_version()) == (NOW, "Au téléphone", seen + 1)
    assert "Autre voix" in shown()
    html = hand.get(page).text
    assert re.search(r"Noté par</dt><dd>Nour", html)
    assert hand.post(page, data=typed | {"version": "3", "name": "Encore une voix"}).status_code == 303
    stale = hand.post(page, data=typed | {"version": "3", "name": "Trop tard"})
    assert (stale.status_code, "Encore une voix</span>" in stale.text) == (409, True)
    assert ("Encore une voix" in shown(), public_version()) == (True, seen + 2)
    assert hand.post(f"{page}/accord/retrait", data={"version": "3"}).status_code == 409
    assert hand.post(f"{page}/accord/retrait", data={"version": "4"}).status_code == 303
    assert ("Encore une voix" in shown(), public_version()) == (False, seen + 3)
    with db.reading() as session:
        acts = list(session.exec(select(AuditEntry.action).where(AuditEntry.object_id == str(voice.id))))
    assert acts == ["speaker_added", "speaker_changed", "speaker_consented", "speaker_changed", "speaker_withdrew"]


def shown() -> set[str]:
    with db.reading() as session:
        return {row.name for row in queries.names(session).values()}


def before_it(voice: Speaker) -> set[str]:
    return {each.name for each in every(Speaker) if each.id != voice.id}


def test_somebody_is_erased_with_what_waited_to_be_said(world: World, hand: Any) -> None:
    voice = every(Speaker)[0]
    page = f"{PEOPLE}/{voice.id}"
    with db.writing() as session:
        session.add(
            Message(
                speaker_seq=voice.seq, template="speaker_told", once=str(uuid4()), via=Via.EMAIL, language="fr",
                state=MessageState.WAITING, created_at=NOW,
            )
        )  # fmt: skip
    refused = hand.post(f"{page}/suppression", data={"version": "1"})
    assert (refused.status_code, "encore dans des séances" in refused.text) == (409, True)
    with db.writing() as session:
        for row in session.exec(select(SessionSpeaker).where(SessionSpeaker.speaker_seq == voice.seq)):
            session.delete(row)
    assert hand.post(f"{page}/suppression", data={"version": "1"}).status_code == 303
    assert hand.get(page).status_code == 404
    assert hand.get(PEOPLE).text.count("Voix") == 2
    assert [(each.state, each.speaker_seq) for each in every(Message)] == [(MessageState.DROPPED, None)]
    assert len(every(ProgrammeSession)) == 3


def test_contacts_are_forgotten_three_months_after(world: World, hand: Any) -> None:
    """The name stays, as long as its person agrees."""
    typed = {"name": "Une voix", "email": "voix@exemple.fr", "phone": "0612345678"}
    assert hand.post(PEOPLE, data=typed).status_code == 303
    for days, held in ((80, True), (90, False), (91, False)):
        world.clock.at = datetime(2022, 6, 11, 17, tzinfo=UTC) + timedelta(days=days)
        world.sweep()
        voice = every(Speaker)[-1]
        assert (voice.email_sealed is not None, voice.phone_sealed is not None) == (held, held)
    assert voice.name == "Une voix"
    with db.reading() as session:
        wanted = select(AuditEntry.action).where(AuditEntry.action == "speakers_contacts_erased")
        assert len(session.exec(wanted).all()) == 1
