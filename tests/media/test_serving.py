"""Media addresses: for everybody when published, for staff and the holder before, 404 for all others."""

import pytest

from app import db
from app.contributions import receipts
from app.models import MediaChoice, Role, State
from tests.conftest import World
from tests.factories import contribution, photo, staff, submitted, token

NAME = "400.webp"


def shown(world: World, *, state: State, choice: MediaChoice | None) -> tuple[str, int]:
    """The address of one derivative, its file in the store, and whose contribution it is."""
    with db.writing() as session:
        made = contribution(session, state=State.PENDING)
        media = photo(session, made, choice=choice, alt="Une table.")
        if state is not State.PENDING:
            from tests.factories import set_state

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
