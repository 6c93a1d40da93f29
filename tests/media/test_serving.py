"""Media addresses: for everybody when published, for staff and the holder before, 404 for all others."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import db
from app.contributions import receipts
from app.media import queries
from app.models import CaptionState, Contribution, Media, MediaChoice, MediaKind, MediaState, Role, State, Voice
from app.models.publication import bump
from tests.conftest import World
from tests.factories import PHOTO_FILES, VIDEO_FILES, contribution, medium, photo, set_state, staff, submitted, token
from tests.media import published

NAME = "400.webp"


def shown(world: World, *, state: State, choice: MediaChoice | None) -> tuple[str, int]:
    """The address of one derivative, its file in the store, and whose contribution it is."""
    with db.writing() as session:
        made = contribution(session, state=State.PENDING)
        media = photo(session, made, choice=choice, alt="Une table.")
        if state is not State.PENDING:
            set_state(session, made, state)
        opaque, seq = media.opaque, made.seq or 0
    world.adapters.storage.put(f"media/{opaque}/{NAME}", b"RIFF0000WEBPVP8 ")
    return f"/media/{opaque}/{NAME}", seq


@pytest.mark.parametrize(
    ("state", "choice", "status"),
    [
        (State.PUBLISHED, MediaChoice.PUBLISH, 200),
        (State.PUBLISHED, MediaChoice.WITHHOLD, 404),
        (State.PUBLISHED, None, 404),
        (State.PENDING, MediaChoice.PUBLISH, 404),
        (State.HIDDEN, MediaChoice.PUBLISH, 404),
        (State.WITHDRAWN, MediaChoice.PUBLISH, 404),
        (State.ERASED, MediaChoice.PUBLISH, 404),
    ],
)
def test_the_public_sees_what_is_published(world: World, state: State, choice: MediaChoice | None, status: int) -> None:
    address, _ = shown(world, state=state, choice=choice)
    assert world.client.get(address).status_code == status


def test_it_is_served_with_a_fixed_type_that_nothing_can_run(world: World) -> None:
    address, _ = shown(world, state=State.PUBLISHED, choice=MediaChoice.PUBLISH)
    answer = world.client.get(address)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, no-cache"
    again = world.client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_staff_and_the_holder_see_it_before(world: World) -> None:
    address, seq = shown(world, state=State.PENDING, choice=None)
    with db.writing() as session:
        key = token(session, staff(session, Role.MODERATOR))
        opened = receipts.open_follow(session, seq, now=world.clock())
        other = receipts.open_follow(session, contribution(session).seq or 0, now=world.clock())
    assert world.as_staff(key).get(address).status_code == 200
    holder, stranger = world.browser(), world.browser()
    holder.cookies.set(receipts.COOKIE, opened)
    stranger.cookies.set(receipts.COOKIE, other)
    assert holder.get(address).status_code == 200
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("name", ["400.png", "original", "..%2F..%2Fsecret.key", "400.webp%00", "9999.webp"])
def test_only_the_names_made_here_exist(world: World, name: str) -> None:
    address, _ = shown(world, state=State.PUBLISHED, choice=MediaChoice.PUBLISH)
    assert world.client.get(address.replace(NAME, name)).status_code == 404


def test_the_receipt_code_itself_opens_it_too(world: World) -> None:
    with db.writing() as session:
        done = submitted(session)
        media = photo(session, done.contribution)
        opaque, code = media.opaque, done.code.words
        other = submitted(session).code.words
    world.adapters.storage.put(f"media/{opaque}/{NAME}", b"RIFF0000WEBPVP8 ")
    address = f"/media/{opaque}/{NAME}"
    assert world.client.get(address, headers={"Authorization": f"Receipt {code}"}).status_code == 200
    assert world.client.get(address, headers={"Authorization": f"Receipt {other}"}).status_code == 404
    assert world.client.get(address, headers={"Authorization": "Receipt nothing-at-all-00"}).status_code == 404


ZONES = "ab12cd34" * 8
OLD = "0123abcd" * 8


def both_sets(kind: MediaKind) -> dict[str, Any]:
    """Plain, blurred as wanted now, blurred with zones of before, and what is nobody's."""
    plain = PHOTO_FILES if kind is MediaKind.PHOTO else VIDEO_FILES
    blurred = {f"b{ZONES[:8]}-{name}": {**made, "set": "blur"} for name, made in plain.items()}
    before = {f"b{OLD[:8]}-{name}": {**made, "set": "blur"} for name, made in plain.items()}
    hidden = {"tracks.json": {"type": "application/json", "size": 2, "set": "private"}}
    return {**plain, **blurred, **before, **hidden}


def put(world: World, *, kind: MediaKind = MediaKind.PHOTO, where: State = State.PUBLISHED, **fields: Any) -> str:
    """The opaque part of the addresses of a medium with both sets, all its files in the store."""
    with db.writing() as session:
        made = contribution(session)
        one = medium(session, made, kind=kind, **({"derivatives": both_sets(kind)} | fields))
        set_state(session, made, where)
        opaque, names = one.opaque, list(one.derivatives)
    for name in names:
        world.adapters.storage.put(f"media/{opaque}/{name}", b"what it is")
    return opaque


def statuses(client: Any, opaque: str, names: Any) -> set[int]:
    return {client.get(f"/media/{opaque}/{name}").status_code for name in names}


PLAIN_NAMES, NOW_NAMES = list(PHOTO_FILES), [f"b{ZONES[:8]}-{name}" for name in PHOTO_FILES]
OLD_NAMES = [f"b{OLD[:8]}-{name}" for name in PHOTO_FILES]
DONE = {"zones_key": ZONES, "blurred_key": ZONES}
UNDER_WAY = {"zones_key": ZONES, "blurred_key": OLD}


@pytest.mark.parametrize(
    ("fields", "plain", "blurred"),
    [
        ({"choice": MediaChoice.PUBLISH, **DONE}, 200, 404),
        ({"choice": MediaChoice.BLUR, **DONE}, 404, 200),
        ({"choice": MediaChoice.BLUR, **UNDER_WAY}, 404, 404),
        ({"choice": MediaChoice.BLUR}, 404, 404),
        ({"choice": MediaChoice.TRANSCRIPT, **DONE}, 404, 404),
        ({"choice": MediaChoice.WITHHOLD, **DONE}, 404, 404),
        ({"choice": None, **DONE}, 404, 404),
        ({"choice": MediaChoice.PUBLISH, "state": MediaState.FAILED, "derivatives": PHOTO_FILES}, 404, 404),
    ],
)
def test_the_public_has_the_set_that_was_chosen(world: World, fields: dict[str, Any], plain: int, blurred: int) -> None:
    opaque = put(world, **fields)
    assert statuses(world.client, opaque, PLAIN_NAMES) == {plain}
    assert statuses(world.client, opaque, NOW_NAMES) == {blurred}
    assert statuses(world.client, opaque, [*OLD_NAMES, "tracks.json"]) == {404}


def test_the_team_and_the_holder_have_both_sets_and_never_what_is_private(world: World) -> None:
    opaque = put(world, where=State.PENDING, choice=MediaChoice.BLUR, **DONE)
    with db.writing() as session:
        key = token(session, staff(session, Role.MODERATOR))
        seq = session.exec(select(Contribution)).one().seq or 0
        opened = receipts.open_follow(session, seq, now=world.clock())
    holder = world.browser()
    holder.cookies.set(receipts.COOKIE, opened)
    for client in (world.as_staff(key), holder):
        assert statuses(client, opaque, [*PLAIN_NAMES, *NOW_NAMES]) == {200}
        assert statuses(client, opaque, ["tracks.json"]) == {404}
    assert statuses(world.client, opaque, [*PLAIN_NAMES, *NOW_NAMES]) == {404}


def test_a_voice_that_must_not_be_heard_is_in_nothing_the_public_gets(world: World) -> None:
    film = put(world, kind=MediaKind.VIDEO, choice=MediaChoice.PUBLISH, voice=Voice.TEXT_ONLY)
    assert statuses(world.client, film, ["720.mp4", "480.mp4"]) == {404}
    assert statuses(world.client, film, ["poster.webp", "poster.jpg"]) == {200}
    mute = put(
        world, kind=MediaKind.VIDEO, choice=MediaChoice.PUBLISH, voice=Voice.TEXT_ONLY, details={"has_audio": False}
    )
    assert statuses(world.client, mute, ["720.mp4", "480.mp4"]) == {200}
    with db.writing() as session:
        sound = published.publish(session, world.adapters.storage, MediaKind.AUDIO, voice=Voice.TEXT_ONLY)
        opaque = session.exec(select(Media).where(col(Media.contribution_seq) == sound.seq)).one().opaque
        reference = sound.reference
    assert statuses(world.client, opaque, ["sound.m4a", "sound.opus", "waveform.svg", "fr.vtt"]) == {404}
    [told] = world.client.get(f"/api/v1/contributions/{reference}").json()["media"]
    assert (told["urls"], told["captions"], told["transcript"]) == ({}, [], published.SAID)
    assert "Elle a choisi de ne pas faire entendre sa voix" in world.client.get(f"/paroles/{reference}").text


def test_captions_are_public_once_accepted(world: World) -> None:
    with db.writing() as session:
        made = published.publish(session, world.adapters.storage, MediaKind.VIDEO, languages=("ar", "fr"))
        film = session.exec(select(Media).where(col(Media.contribution_seq) == made.seq)).one()
        published.words(session, film, "en", state=CaptionState.DRAFT)
        opaque, reference = film.opaque, made.reference
        key = token(session, staff(session, Role.MODERATOR))
    answer = world.client.get(f"/media/{opaque}/fr.vtt")
    assert (answer.status_code, answer.text) == (200, published.VTT)
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (
        world.client.get(f"/media/{opaque}/fr.vtt", headers={"If-None-Match": answer.headers["etag"]}).status_code
        == 304
    )
    assert statuses(world.client, opaque, ["en.vtt", "de.vtt", ".vtt", "%2e%2e.vtt"]) == {404}
    assert statuses(world.as_staff(key), opaque, ["fr.vtt", "en.vtt"]) == {200}
    [told] = world.client.get(f"/api/v1/contributions/{reference}").json()["media"]
    assert told["captions"] == [{"language": each, "url": f"/media/{opaque}/{each}.vtt"} for each in ("ar", "fr")]
    with db.writing() as session:
        set_state(session, session.exec(select(Contribution)).one(), State.HIDDEN)
    assert statuses(world.client, opaque, ["fr.vtt", "480.mp4", "poster.webp"]) == {404}


def public(session: Session, made: Contribution) -> list[dict[str, Any]]:
    return queries.public_media(session, [made.seq or 0]).get(made.seq or 0, [])


def test_the_shape_names_files_as_if_nobody_were_hidden(world: World) -> None:
    with db.writing() as session:
        made = contribution(session)
        photo(session, made, derivatives=both_sets(MediaKind.PHOTO), choice=MediaChoice.BLUR, alt="Un banc.", **DONE)
        [told] = public(session, made)
    assert set(told["urls"]) == set(PHOTO_FILES)
    assert all(f"/b{ZONES[:8]}-{name}" in url for name, url in told["urls"].items())
    assert (told["blurred"], told["alt"], told["captions"]) == (True, "Un banc.", [])


def test_what_cannot_be_shown_yet_is_left_out_unless_there_are_words(world: World) -> None:
    with db.writing() as session:
        made = contribution(session)
        photo(session, made, derivatives=both_sets(MediaKind.PHOTO), choice=MediaChoice.BLUR, alt="Un banc.")
        medium(session, made, kind=MediaKind.DOCUMENT, choice=MediaChoice.PUBLISH)
        assert public(session, made) == []
        medium(session, made, kind=MediaKind.VIDEO, choice=MediaChoice.TRANSCRIPT, transcript="Bonjour.")
        [told] = public(session, made)
    assert (told["kind"], told["urls"], told["transcript"]) == ("video", {}, "Bonjour.")


def test_the_team_is_told_all_of_it(world: World) -> None:
    faces, zones = [{"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}], [{"x": 0.5, "y": 0, "width": 0.1, "height": 1}]
    with db.writing() as session:
        made = contribution(session)
        photo(session, made, derivatives=both_sets(MediaKind.PHOTO), faces=faces, step="faces", progress=40, **DONE)
        one = session.exec(select(Media)).one()
        told = queries.desk_shape(one)
        assert (set(told["urls"]), set(told["blurred_urls"])) == (set(PHOTO_FILES), set(PHOTO_FILES))
        assert all(f"/b{ZONES[:8]}-" in url for url in told["blurred_urls"].values())
        assert not any("/b" in url for url in told["urls"].values())
        assert (told["faces"], told["zones"], told["step"], told["progress"]) == (faces, faces, "faces", 40)
        one.zones = zones
        assert queries.desk_shape(one)["zones"] == zones


def test_a_page_of_media_and_captions_is_one_question(world: World) -> None:
    asked = []
    with db.writing() as session:
        seqs = [
            published.publish(
                session, world.adapters.storage, MediaKind.VIDEO, MediaKind.AUDIO, languages=("fr", "ar")
            ).seq
            for _ in range(3)
        ]
    with db.reading() as session:
        session.connection()
        sa.event.listen(db.engine(), "before_cursor_execute", lambda *told: asked.append(told[2]))
        found = queries.public_media(session, [seq or 0 for seq in seqs])
    assert [len(media) for media in found.values()] == [2, 2, 2]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("kind", "has"), [(MediaKind.PHOTO, "photo"), (MediaKind.VIDEO, "video"), (MediaKind.AUDIO, "audio")]
)
def test_the_list_is_filtered_by_what_is_really_shown(world: World, kind: MediaKind, has: str) -> None:
    with db.writing() as session:
        shown = published.publish(session, world.adapters.storage, kind, body="Montré.").reference
        published.publish(session, world.adapters.storage, kind, body="Pas encore caché.", choice=MediaChoice.BLUR)
        published.publish(session, world.adapters.storage, kind, body="Ses mots.", choice=MediaChoice.TRANSCRIPT)
        bump(session)
    found = world.client.get(f"/api/v1/contributions?has={has}").json()["items"]
    assert [item["reference"] for item in found] == [shown]
    assert found[0]["media"][0]["kind"] == kind.value
    others = {"photo", "video", "audio"} - {has}
    assert all(world.client.get(f"/api/v1/contributions?has={other}").json()["items"] == [] for other in others)
    assert f'has={has}"' in world.client.get("/paroles").text.replace("&amp;", "&").replace("?has", '"?has')
