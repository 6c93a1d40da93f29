"""Published sound and video, in every way they may be shown."""

import time
from collections.abc import Iterator

from app import db
from app.models import MediaChoice, MediaKind, Voice
from tests.browser.states import State, collector
from tests.live import Live
from tests.media import published

LATER = 1.5  # seconds until every process has seen that something was published


def staged(live: Live) -> dict[str, str]:
    """References of published contributions by what is in them."""
    storage = published.stage(live)
    film, sound, photo = MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.PHOTO
    with db.writing() as session:
        found = {
            "film": published.publish(session, storage, film, body="Voici la place.", languages=("fr", "ar")),
            "film alone": published.publish(session, storage, film, alt="Une place, des gens.", languages=()),
            "sound": published.publish(session, storage, sound, languages=()),
            "sound with captions": published.publish(session, storage, sound, languages=("fr", "uk")),
            "words of a voice": published.publish(session, storage, sound, voice=Voice.TEXT_ONLY),
            "words of a film": published.publish(session, storage, film, choice=MediaChoice.TRANSCRIPT),
            "film without its voice": published.publish(session, storage, film, voice=Voice.TEXT_ONLY),
            "everything": published.publish(session, storage, film, sound, photo, film, body="Tout ensemble."),
        }
        references = {name: made.reference for name, made in found.items()}
    db.dispose()
    time.sleep(LATER)
    return references


def players(live: Live) -> Iterator[State]:
    anyone = collector(live)
    for name, reference in staged(live).items():
        yield anyone.get(f"player, {name}", f"/paroles/{reference}")
        if name == "everything":
            yield anyone.get(f"ar player, {name}", f"/ar/paroles/{reference}")
    yield anyone.get("players on cards", "/paroles")
    yield anyone.get("players filtered", "/paroles?has=video")
    yield anyone.get("ar players on cards", "/ar/paroles")
