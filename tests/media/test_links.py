"""Links to an S3 store: a minute long, for sound and video alone, authorised each time; off unless asked for."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import select

from app import db, main
from app.adapters.storage import make_storage
from app.models import Contribution, Media, MediaKind, State
from app.outreach import arrivals
from app.security import Guard
from app.settings import Settings
from tests.conftest import World
from tests.factories import set_state
from tests.live import Live
from tests.media import published
from tests.outreach.street_media import Medium, taken_in
from tests.processes import folder
from tests.servers import Bucket, seaweed


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with seaweed() as store:
        yield store


def shown(world: World, bucket: Bucket, *, links: bool) -> dict[str, str]:
    """The addresses of one published video and one published sound in a real S3 store, by name."""
    storage = make_storage(bucket.url, links=links)
    world.app.fastapi.state.adapters = replace(world.adapters, storage=storage)
    with db.writing() as session:
        made = published.publish(session, storage, MediaKind.VIDEO, MediaKind.AUDIO)
        reference = made.reference
    told = world.client.get(f"/api/v1/contributions/{reference}").json()["media"]
    return {name: url for medium in told for name, url in medium["urls"].items()}


def test_through_the_service_unless_asked_otherwise(world: World, bucket: Bucket) -> None:
    urls, film = shown(world, bucket, links=False), published.files()["480.mp4"]
    whole = world.client.get(urls["480.mp4"])
    assert (whole.status_code, whole.content == film, whole.headers["content-type"]) == (200, True, "video/mp4")
    part = world.client.get(urls["480.mp4"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, film[100:200])
    assert world.client.get(urls["480.mp4"], headers={"Range": "bytes=99999999-"}).status_code == 416
    assert world.client.head(urls["480.mp4"]).headers["content-length"] == str(len(film))


def test_a_link_lives_a_minute_and_gives_that_file_alone(world: World, bucket: Bucket) -> None:
    urls, film = shown(world, bucket, links=True), published.files()["480.mp4"]
    for name in ("480.mp4", "720.mp4", "sound.m4a", "sound.opus"):
        sent = world.client.get(urls[name])
        assert (sent.status_code, sent.headers["cache-control"]) == (307, "no-store"), name
        assert sent.content == b""
    link = world.client.get(urls["480.mp4"], headers={"Range": "bytes=0-9"}).headers["location"]
    assert link.startswith(bucket.endpoint)
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["60"]
    part = httpx.get(link, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content, part.headers["content-type"]) == (206, film[100:200], "video/mp4")
    assert httpx.get(link.replace("Expires=60", "Expires=600")).status_code == 403  # it cannot be made longer
    assert httpx.get(link.replace("480.mp4", "720.mp4")).status_code == 403  # nor lead elsewhere
    assert httpx.delete(link).status_code == 403


def test_pictures_and_questions_about_a_file_go_through_the_service(world: World, bucket: Bucket) -> None:
    urls = shown(world, bucket, links=True)
    for name, kind in {"poster.webp": "image/webp", "waveform.svg": "image/svg+xml"}.items():
        answer = world.client.get(urls[name])
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.content == published.files()[name]
    assert world.client.head(urls["480.mp4"]).status_code == 200


def test_each_link_is_authorised(world: World, bucket: Bucket) -> None:
    urls = shown(world, bucket, links=True)
    with db.writing() as session:
        set_state(session, session.exec(select(Contribution)).one(), State.HIDDEN)
    for url in urls.values():
        answer = world.client.get(url)
        assert (answer.status_code, "location" in answer.headers) == (404, False)


def test_the_pages_may_play_from_the_store_and_from_nowhere_else() -> None:
    policies = [
        dict(
            Guard(_nothing, base_url="", https=False, path_prefix="", played_from=lambda origin=origin: origin).headers
        )[b"content-security-policy"].decode()
        for origin in ("", "https://store.example")
    ]
    assert "media-src 'self' blob:;" in policies[0]
    assert "media-src 'self' https://store.example blob:;" in policies[1]
    assert policies[1].replace(" https://store.example", "") == policies[0]


async def _nothing(*_asked: Any) -> None: ...


def test_the_store_named_is_the_one_links_lead_to(bucket: Bucket) -> None:
    assert main._origin(make_storage(bucket.url, links=True).link("any")) == bucket.endpoint
    assert main._origin(make_storage(bucket.url).link("any")) == ""


def test_a_served_instance_reaches_its_store_with_links_on(bucket: Bucket) -> None:
    """A store's client used before the web process is forked off would never answer there."""
    with folder("links") as home:
        live = Live(home, settings={"DIALOGUE_MEDIA_URL": bucket.url, "DIALOGUE_MEDIA_LINKS": "on"})
        with live.serving():
            policy = httpx.get(live.url, timeout=30).headers["content-security-policy"]
            assert f"media-src 'self' {bucket.endpoint} blob:;" in policy
            assert httpx.get(f"{live.url}/readyz", timeout=30).json()["storage"] == "ok"


def test_links_need_an_s3_store() -> None:
    refused = Settings(media_links="on").refusals()
    assert any("DIALOGUE_MEDIA_LINKS" in line for line in refused)
    assert not Settings(media_links="on", media_url="s3://bucket").refusals()


def test_what_came_sealed_from_the_street_lies_open_in_the_store(world: World, bucket: Bucket) -> None:
    adapters, photo = replace(world.adapters, storage=make_storage(bucket.url)), Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
    pieces = [photo.sent[:100], photo.sent[100:]]
    assert arrivals.bring(record.id, photo.client_id, pieces, length=len(photo.sent), adapters=adapters)
    with db.reading() as session:
        (media,) = session.exec(select(Media)).all()
    assert adapters.storage.read(media.original or "") == photo.plain
