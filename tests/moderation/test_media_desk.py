"""The desk's pages about media: what is said of each, zones without JavaScript, starting a failed one again."""

import re
from typing import Any

import pytest

from app import db
from app.media import zones
from app.models import CaptionState, Face, Media, MediaChoice, MediaKind, MediaState, State, Voice
from tests import factories
from tests.moderation.conftest import Desk
from tests.moderation.test_media_choices import ALT, FACE, captioned, has, late, row

BLURRED = {f"b{zones.key([FACE])[:8]}-{name}": made | {"set": "blur"} for name, made in factories.PHOTO_FILES.items()}


def page(desk: Desk, made: Any) -> str:
    answer = desk.people["ada"].get(f"/equipe/moderation/{made.id}")
    assert answer.status_code == 200, answer.text[-500:]
    return re.sub(r"\s+", " ", answer.text)


def send(desk: Desk, made: Any, **typed: str) -> Any:
    now = desk.now(made)
    fields = {"version": str(now.version), "revision": str(now.revision)} | typed
    return desk.people["ada"].post(f"/equipe/moderation/{made.id}/decisions", data=fields)


def offered(text: str, media: Media) -> list[str]:
    return re.findall(rf'name="media\.{media.id}\.choice" value="(\w*)"', text)


def test_each_kind_offers_its_choices(desk: Desk) -> None:
    one = desk.have()
    made = {kind: has(desk, one, kind.value, position=n) for n, kind in enumerate(MediaKind)}
    silent = has(desk, one, "audio", position=9, voice=Voice.TEXT_ONLY)
    failed = has(desk, one, "video", position=10, state=MediaState.FAILED, failure="media_broken")
    coming = has(desk, one, "video", position=11, state=MediaState.PROCESSING, step="encoding", progress=40)
    text = page(desk, one)
    assert {kind.value: offered(text, media) for kind, media in made.items()} == {
        "photo": ["publish", "blur", "withhold"],
        "video": ["publish", "blur", "transcript", "withhold"],
        "audio": ["publish", "transcript", "withhold"],
        "document": ["transcript", "withhold"],
    }
    assert [offered(text, media) for media in (silent, failed, coming)] == [
        ["transcript", "withhold"], ["withhold"], ["", "withhold"],
    ]  # fmt: skip
    for words in ("En préparation : conversion.", "40 %", "Il ne veut pas que l’on entende sa voix.", "Vidéo 3",
                  "Ce fichier est abîmé", f'/medias/{failed.id}/relance"'):  # fmt: skip
        assert words in text, words
    assert f'/medias/{coming.id}/relance"' not in text


def test_words_come_first_and_pictures_are_veiled(desk: Desk) -> None:
    one = desk.have()
    film = has(desk, one, "video", transcript="On dort dehors.")
    captioned(film, "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nUn premier jet.\n", CaptionState.DRAFT)
    text = page(desk, one)
    assert text.index("On dort dehors.") < text.index('<details class="veil">') < text.index("<video")
    assert text.index("Un premier jet.") < text.index("<video")
    assert "Brouillon, à relire." in text
    [player] = re.findall(r"<video[^>]*>", text)
    assert all(word in player for word in (" muted", 'preload="none"', " controls"))
    assert f'href="/equipe/moderation/medias/{film.id}/sous-titres"' in text


def test_zones_are_drawn_and_stand_in_rows(desk: Desk) -> None:
    one = desk.have()
    photo = has(desk, one, "photo", faces=[FACE], alt=ALT)
    text = page(desk, one)
    assert '<rect x="100.0" y="75.0" width="200.0" height="150.0"/>' in text
    assert f'name="media.{photo.id}.zones.0.x" value="0.25"' in text
    assert "Aperçu. L’image floutée est faite après votre décision." in text
    with db.writing() as session:
        made = session.merge(row(desk, photo))
        made.derivatives = factories.PHOTO_FILES | BLURRED
        made.zones_key = made.blurred_key = zones.key([FACE])
    text = page(desk, one)
    assert f'src="/media/{photo.opaque}/b{zones.key([FACE])[:8]}-1024.jpg"' in text


def rows(media: Media, *zones_: dict[str, str], keep: bool = True) -> dict[str, str]:
    before = f"media.{media.id}.zones"
    made = {f"{before}.marked": "true"}
    for n, zone in enumerate(zones_):
        made |= {f"{before}.{n}.{side}": value for side, value in zone.items()}
        made |= {f"{before}.{n}.keep": "true"} if keep else {}
    return made


TYPED = {"x": "0,1", "y": "0.2", "width": "0.3", "height": "0.4"}


def test_zones_are_set_without_javascript(desk: Desk) -> None:
    one = desk.have()
    photo = has(desk, one, "photo", faces=[FACE], alt=ALT)
    before = f"media.{photo.id}"
    blank = {f"{before}.zones.7.keep": "true"}
    typed = {"action": "publish", f"{before}.choice": "blur"} | rows(photo, TYPED) | blank
    answer = send(desk, one, **typed)
    assert (answer.status_code, "Confirmez que rien d’autre" in answer.text) == (422, True)
    assert f'name="{before}.zones.0.x" value="0,1"' in re.sub(r"\s+", " ", answer.text)
    answer = send(desk, one, **typed, **{f"{before}.confirmed": "true"})
    assert answer.status_code == 303, answer.text
    assert row(desk, photo).zones == [{"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}]


def test_a_row_that_is_no_zone_is_named(desk: Desk) -> None:
    one = desk.have()
    photo = has(desk, one, "photo", alt=ALT)
    before = f"media.{photo.id}"
    confirmed = {"action": "publish", f"{before}.choice": "blur", f"{before}.confirmed": "true"}
    for wrong in ({"x": "beaucoup"}, {"width": "3"}, {"height": ""}):
        answer = send(desk, one, **confirmed, **rows(photo, TYPED | wrong))
        assert (answer.status_code, "Une zone à cacher n’est pas comprise." in answer.text) == (422, True), wrong
        assert f'id="media-{photo.id}-zones"' in answer.text


def test_unticking_every_zone_says_that_there_is_no_face(desk: Desk) -> None:
    one = desk.have()
    photo = has(desk, one, "photo", faces=[FACE], alt=ALT)
    choice = {"action": "publish", f"media.{photo.id}.choice": "publish"}
    answer = send(desk, one, **choice, **rows(photo, TYPED))
    assert (answer.status_code, "On voit un visage à cacher." in answer.text) == (422, True)
    assert send(desk, one, **choice, **rows(photo, TYPED, keep=False)).status_code == 303
    assert (row(desk, photo).zones, row(desk, photo).choice) == ([], MediaChoice.PUBLISH)


def test_tracks_of_a_film_are_kept_or_taken_out(desk: Desk) -> None:
    one = desk.have()
    tracks = [FACE | {"from": 0.0, "to": 1.0, "track": 1}, FACE | {"from": 0.5, "to": 2.0, "track": 2}]
    film = has(desk, one, "video", faces=tracks, no_speech=True)
    text = page(desk, one)
    assert text.count("Visage suivi") == 2
    before = f"media.{film.id}.zones"
    typed = {"action": "publish", f"media.{film.id}.choice": "blur", f"media.{film.id}.confirmed": "true"}
    typed |= {f"{before}.marked": "true", f"{before}.1.keep": "true"}
    typed |= {f"{before}.1.{name}": str(value) for name, value in tracks[1].items() if name != "score"}
    assert send(desk, one, **typed).status_code == 303
    [kept] = row(desk, film).zones or []
    assert (kept["track"], kept["from"], kept["to"]) == (2, 0.5, 2.0)


def test_nobody_speaks_is_a_box(desk: Desk) -> None:
    one = desk.have()
    sound = has(desk, one, "audio")
    typed = {"action": "publish", f"media.{sound.id}.choice": "publish"}
    answer = send(desk, one, **typed)
    assert (answer.status_code, "Écrivez ce qui est dit" in answer.text) == (422, True)
    assert send(desk, one, **typed, **{f"media.{sound.id}.no_speech": "true"}).status_code == 303
    assert row(desk, sound).no_speech is True


def test_what_failed_is_started_again(desk: Desk) -> None:
    one = desk.have()
    film = has(desk, one, "video", state=MediaState.FAILED, failure="media_timeout")
    address = f"/equipe/moderation/medias/{film.id}/relance"
    answer = desk.people["ada"].post(address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/equipe/moderation/{one.id}?notice=retried")
    assert row(desk, film).state is MediaState.RECEIVED
    again = desk.people["ada"].post(address)
    assert (again.status_code, "Ce fichier n’a pas échoué" in again.text) == (409, True)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.ERASED])
def test_what_its_author_took_back_is_not_started_again(desk: Desk, state: State) -> None:
    film = has(desk, desk.have(state=state), "video", state=MediaState.FAILED, failure="media_timeout")
    assert desk.people["ada"].post(f"/equipe/moderation/medias/{film.id}/relance").status_code == 404
    assert desk.people["ada"].post("/equipe/moderation/medias/rien/relance").status_code == 404


def test_the_queue_counts_kinds_and_filters_by_them(desk: Desk) -> None:
    one, other = desk.have(), desk.have()
    for n, kind in enumerate(("photo", "photo", "audio")):
        has(desk, one, kind, position=n)
    has(desk, other, "video", state=MediaState.FAILED)
    text = re.sub(r"\s+", " ", desk.people["ada"].get("/equipe/moderation").text)
    for words in ("2 photos", "1 son", "1 vidéo", "1 pas pu être préparé"):
        assert words in text, words

    def found(media: str) -> list[str]:
        return [item["id"] for item in desk.queue(media=media).json()["items"]]

    assert [found(kind) for kind in ("photo", "audio", "video", "failed", "document")] == [
        [str(one.id)], [str(one.id)], [str(other.id)], [str(other.id)], [],
    ]  # fmt: skip
    assert desk.queue(media="hologramme").status_code == 422


def test_what_became_ready_too_late_is_found_and_decided(desk: Desk) -> None:
    one, sound = late(desk)
    text = re.sub(r"\s+", " ", desk.people["ada"].get("/equipe/moderation").text)
    assert "1 parole publiée a un fichier prêt depuis, à décider." in text
    assert "Fichiers prêts après la publication (1)" in re.sub(r"<[^>]+>", "", text)
    text = desk.people["ada"].get("/equipe/moderation?media=waiting").text
    assert one.reference in text
    assert "1 fichier à décider" in text
    text = page(desk, one)
    assert "Ces mots sont déjà publiés." in text
    assert "Décider de ces fichiers" in text
    typed = {"action": "publish", f"media.{sound.id}.choice": "transcript", f"media.{sound.id}.transcript": "Oui."}
    assert send(desk, one, **typed).status_code == 303
    assert "Décidé : Seuls les mots sont publiés." in page(desk, one) or 'value="hide"' in page(desk, one)
    assert "a décidé des fichiers arrivés après" in page(desk, one)
    assert "Fichiers prêts après" not in desk.people["ada"].get("/equipe/moderation").text


def test_after_the_words_come_the_media_that_wait(desk: Desk) -> None:
    one, _ = late(desk)
    words = desk.have()
    answer = send(desk, words, action="publish")
    assert answer.headers["location"] == f"/equipe/moderation/{one.id}?notice=publish"


def test_a_face_to_show_is_said(desk: Desk) -> None:
    one = desk.have()
    has(desk, one, "photo", face=Face.SHOW, people_recognisable=True, agreements_held=True)
    assert "Il veut bien montrer son visage. Les autres visages sont à cacher." in page(desk, one)
