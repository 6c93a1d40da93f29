"""What is said in a recording is found as what is written is, while it is public and no longer."""

from sqlmodel import Session, select

from app import db
from app.contributions import publishing
from app.models import Contribution, Media, MediaChoice, MediaKind, State
from tests import factories
from tests.conftest import World


def spoken(session: Session, **fields: object) -> Contribution:
    made = factories.contribution(session, body="Écoutez.")
    factories.medium(session, made, **({"kind": MediaKind.AUDIO, "choice": MediaChoice.PUBLISH} | fields))  # type: ignore[arg-type]
    factories.set_state(session, made, State.PUBLISHED)
    publishing.publish(session, made, now=factories.NOW)
    return made


def found(world: World, query: str) -> int:
    world.app.forget()
    return len(world.client.get("/api/v1/contributions", params=query_of(query)).json()["items"])


def query_of(query: str) -> dict[str, str]:
    name, _, value = query.partition("=")
    return {name: value}


def test_words_of_a_recording_are_searched_with_their_accents_forgiven(world: World) -> None:
    with db.writing() as session:
        spoken(session, transcript="Une épicerie solidaire au marché.")
    assert found(world, "q=epiceries") == 1
    assert found(world, "has=audio") == 1


def test_words_of_a_recording_nobody_may_hear_are_not_found(world: World) -> None:
    with db.writing() as session:
        spoken(session, transcript="Une épicerie solidaire.", choice=MediaChoice.WITHHOLD)
    assert found(world, "q=epicerie") == 0
    assert found(world, "has=audio") == 0


def test_a_blur_made_after_the_publication_shows_in_the_filters(world: World) -> None:
    blurred = {"kind": MediaKind.PHOTO, "choice": MediaChoice.BLUR, "alt": "Un banc.", "zones_key": "a" * 16}
    with db.writing() as session:
        made = spoken(session, **blurred)
    assert found(world, "has=photo") == 0
    with db.writing() as session:
        media = session.exec(select(Media).where(Media.contribution_seq == made.seq)).one()
        media.blurred_key = media.zones_key
        names = {f"b{'a' * 8}-{name}": entry | {"set": "blur"} for name, entry in media.derivatives.items()}
        media.derivatives = media.derivatives | names
        session.add(media)
        publishing.media_changed(session, media)
    assert found(world, "has=photo") == 1
