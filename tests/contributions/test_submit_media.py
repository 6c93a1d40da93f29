"""Media sent with the form: kept after any error, refused with words, never a 5xx."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlmodel import select

from app import db as database
from app.models import Contribution, Draft, Media, MediaState
from tests.conftest import World
from tests.contributions.residents import FORM, arrived, code_on, count, errors_on, post, post_draft, receipt, shown
from tests.media import pictures


def jpeg(colour: str = "orange", size: tuple[int, int] = (60, 40)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG")
    return made.getvalue()


def part(content: bytes, name: str = "banc.jpg", kind: str = "image/jpeg", field: str = "media") -> tuple[str, Any]:
    return field, (name, content, kind)


def kept_on(page: str) -> list[str]:
    """Tokens of the photos the page says it has."""
    return re.findall(r'name="upload" value="([^"]+)" checked', page)


def held_media(world: World, sent: Any) -> list[dict[str, Any]]:
    code = code_on(world.client.get(sent.headers["location"]).text)
    return world.client.get("/api/v1/receipt", headers=receipt(code)).json()["media"]


def test_photos_come_along_with_the_form(world: World) -> None:
    sent = post(world, files=[part(jpeg("red")), part(jpeg("blue"), "deux.jpg")], faces="nobody")
    assert sent.status_code == 303
    media = held_media(world, sent)
    assert [(each["kind"], each["state"], each["people_recognisable"]) for each in media] == [
        ("photo", "received", False), ("photo", "received", False),
    ]  # fmt: skip
    world.run_jobs()
    assert [each["state"] for each in held_media(world, sent)] == ["ready", "ready"]


VOICE, FILM = b"OggS" + bytes(400), b"\0\0\0\x18ftypmp42" + bytes(400)  # as far as the form looks


def test_a_voice_and_a_video_come_along_and_are_wished_for_one_by_one(world: World) -> None:
    """What is said of one file counts more than what is said of all; hidden faces and a voice to hear, if unsaid."""
    files = [part(VOICE, "voix.ogg"), part(FILM, "film.mp4"), part(jpeg())]
    refused = post(world, files=files, voices="text_only", faces="hide", **{"consents.age": None})
    assert [name for name, _ in errors_on(refused.text)] == ["consents-age"]
    voice, film, photo = kept_on(refused.text)
    wished = {f"face.{film}": "show", f"voice.{film}": "play", f"face.{photo}": "nobody", f"alt.{photo}": "Un banc"}
    agreed = {"voices": "text_only", "faces": "hide", "agreements": "true", "upload": [voice, film, photo]}
    sent = world.client.post("/participer", data=FORM | agreed | wished)
    told = ("kind", "face", "voice", "people_recognisable", "agreements_held")
    assert [tuple(each[name] for name in told) for each in held_media(world, sent)] == [
        ("audio", "hide", "text_only", True, True),
        ("video", "show", "play", True, True),
        ("photo", "hide", "text_only", False, True),
    ]
    unsaid = held_media(world, post(world, files=[part(FILM, "film.mp4")]))
    assert [tuple(each[name] for name in told) for each in unsaid] == [("video", "hide", "play", None, None)]


def test_words_do_not_wait_for_a_file_that_still_arrives(world: World) -> None:
    token = arrived(world, VOICE, name="voix.ogg", whole=False)
    refused = post(world, upload=token, **{"consents.age": None})
    assert "Pas encore arrivé en entier." in shown(refused.text)
    assert kept_on(refused.text) == [token]
    sent = post(world, body="", upload=token)
    assert [each["state"] for each in held_media(world, sent)] == ["uploading"]


def test_a_photo_alone_says_something(world: World) -> None:
    assert post(world, body="", files=[part(jpeg())]).status_code == 303


def test_text_and_photos_are_kept_after_an_error_and_go_with_the_second_try(world: World) -> None:
    refused = post(world, body="Mes mots", files=[part(jpeg("red")), part(jpeg("blue"))], **{"consents.age": None})
    assert refused.status_code == 422
    assert [name for name, _ in errors_on(refused.text)] == ["consents-age"]
    tokens = kept_on(refused.text)
    assert len(tokens) == 2
    assert shown(refused.text).count("Bien reçu.") == 2
    sent = world.client.post("/participer", data=FORM | {"upload": tokens})
    assert sent.status_code == 303
    assert len(held_media(world, sent)) == 2
    assert count(Media) == 2


def test_a_photo_unticked_stays_behind(world: World) -> None:
    refused = post(world, files=[part(jpeg("red")), part(jpeg("blue"))], **{"consents.age": None})
    sent = world.client.post("/participer", data=FORM | {"upload": kept_on(refused.text)[:1]})
    assert len(held_media(world, sent)) == 1


def test_a_photo_is_tied_once_and_only_by_its_sender(world: World) -> None:
    token = arrived(world, jpeg())
    body = {"question": "q1", "body": "", "consents": {"publication": True, "age": True}, "media": [token]}
    assert world.client.post("/api/v1/contributions", json=body).status_code == 201
    again = world.client.post("/api/v1/contributions", json=body)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "media.0.upload")
    assert count(Contribution) == 1


def test_a_long_file_name_is_no_hindrance(world: World) -> None:
    name = "é" * 200 + ".jpg"
    token = arrived(world, jpeg(), name=name)
    assert world.client.post("/participer", data=FORM | {"upload": token}).status_code == 303


def test_six_photos_are_one_too_many_and_five_can_be_chosen(world: World) -> None:
    refused = post(world, files=[part(jpeg()) for _ in range(6)], body="Mes mots")
    assert refused.status_code == 422
    assert errors_on(refused.text) == [
        ("media", "Vous pouvez envoyer 5 fichiers au plus : photos, sons et vidéos ensemble.")
    ]
    assert "Mes mots" in refused.text
    tokens = kept_on(refused.text)
    assert len(tokens) == 6
    aside = post_draft(world, body="Mes mots", upload=tokens)
    assert (aside.status_code, errors_on(aside.text)) == (422, errors_on(refused.text))
    assert kept_on(aside.text) == tokens, "nothing is put aside without what came with it"
    sent = world.client.post("/participer", data=FORM | {"upload": tokens[:5]})
    assert len(held_media(world, sent)) == 5


BAD = ("21 MB", "bomb", "empty", "html", "svg", "text named .jpg", "truncated")


def bad_photo(kind: str, folder: Path) -> tuple[str, bytes]:
    if kind == "text named .jpg":
        return "photo.jpg", b"Bonjour, ceci est un texte.\n" * 40
    if kind == "svg":
        return "dessin.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    if kind == "html":
        return "photo.png", b"<!doctype html><script>alert(1)</script>"
    if kind == "truncated":
        whole = jpeg("green", (800, 600))
        return "coupee.jpg", whole[: len(whole) // 2]
    if kind == "bomb":
        return "bombe.png", pictures.bomb(folder / "bomb.png").read_bytes()
    if kind == "empty":
        return "vide.jpg", b""
    return "lourde.jpg", jpeg() + b"\0" * 21_000_000


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_photo_is_refused_with_words_and_the_good_one_kept(world: World, kind: str, tmp_path: Path) -> None:
    name, content = bad_photo(kind, tmp_path)
    refused = post(world, body="Mes mots", files=[part(jpeg(), "bonne.jpg"), part(content, name)])
    assert refused.status_code in (413, 422)
    assert [field for field, _ in errors_on(refused.text)] == ["media"]
    assert errors_on(refused.text)[0][1].startswith(f"\u2068{name}\u2069 : ")
    assert len(errors_on(refused.text)[0][1]) > len(name) + 15
    assert "Mes mots" in refused.text
    tokens = kept_on(refused.text)
    assert len(tokens) == 1
    assert world.client.post("/participer", data=FORM | {"upload": tokens}).status_code == 303
    assert count(Media) == 1


@pytest.mark.parametrize(("fault", "status"), [("down", 503), ("full", 507)])
def test_a_store_that_is_down_or_full_loses_no_words(world: World, fault: str, status: int) -> None:
    setattr(world.adapters.storage, fault, True)
    refused = post(world, body="Mes mots", files=[part(jpeg())])
    assert refused.status_code == status
    assert "Mes mots" in refused.text
    assert count(Contribution) == 0
    aside = post_draft(world, body="Mes mots", files=[part(jpeg())])
    assert (aside.status_code, "Mes mots" in aside.text, count(Draft)) == (status, True, 0)
    assert post(world, body="Mes mots").status_code == 303


def test_photos_of_a_form_never_sent_are_swept_after_the_longest_draft(world: World) -> None:
    from datetime import timedelta

    refused = post(world, files=[part(jpeg())], **{"consents.age": None})
    world.run_jobs()
    with database.reading() as db:
        assert db.exec(select(Media)).one().state is MediaState.READY
    world.clock.move(timedelta(days=20))
    aside = code_on(post_draft(world, upload=kept_on(refused.text)).text)
    world.clock.move(timedelta(days=20))
    world.sweep()
    world.run_jobs()
    resumed = world.client.post("/participer/reprendre", data={"draft_code": aside})
    assert kept_on(resumed.text) == kept_on(refused.text), "put aside again, the draft and its photos live as long"
    world.clock.move(timedelta(days=32))
    world.sweep()
    world.run_jobs()
    assert count(Media) == 0
    assert world.adapters.storage.files == {}
