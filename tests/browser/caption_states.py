"""The editor of captions in its states: nothing yet, drafts of a machine and of a person, refused, accepted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlmodel import select

from app import db
from app.media import captions
from app.media.webvtt import Cue
from app.models import Media, MediaKind
from tests.browser.states import ARABIC, LONG, Collector, State
from tests.live import Live
from tests.media import published

NOW = datetime(2022, 4, 12, 8, tzinfo=UTC)
FORM: dict[str, Any] = {"language": "fr", "version": "0", "action": "save"}
SAID = {
    "start[]": ["0:00.000", "0:00.800", ""],
    "end[]": ["0:00.800", "0:02.000", ""],
    "text[]": ["Bonjour à tous.", "Une grande table,\nle dimanche, sur la place.", ""],
}
WRONG = {"start[]": ["0:01.000", "bientôt", ""], "end[]": ["0:00.500", "0:02.000", ""], "text[]": ["Un", LONG, ""]}


def address(live: Live, *, kind: MediaKind = MediaKind.VIDEO, heard: list[Cue] | None = None) -> str:
    """The editor of a published recording without captions, or with what a machine heard of it until now."""
    storage = published.stage(live)
    with db.writing() as session:
        made = published.publish(session, storage, kind, languages=())
        media = session.exec(select(Media).where(Media.contribution_seq == made.seq)).one()
        if heard:
            captions.heard(session, media, language="fr", cues=heard, version=0, percent=60, now=NOW)
        found = f"/equipe/moderation/medias/{media.id}/sous-titres"
    db.dispose()
    return found


def editor(live: Live, person: Collector) -> Iterator[State]:
    path = address(live)
    yield person.get("captions, none", path)
    yield person.get("ar captions, none", "/ar" + path)
    yield person.post("captions refused", path, FORM | WRONG)
    yield person.post("captions saved", path, FORM | SAID, 200)
    yield person.post("captions too late", path, FORM | SAID, 409)
    yield person.post("captions accepted", path, FORM | SAID | {"version": "1", "action": "accept"}, 200)
    yield person.get("ar captions accepted", "/ar" + path)
    arabic = {"language": "ar", "text[]": [ARABIC, "", ""]}
    yield person.post("captions in Arabic", path, FORM | SAID | arabic, 200)
    letter = {"file": ("lettre.txt", b"Madame, Monsieur", "text/plain")}
    yield person.post("captions file refused", path + "/fichier", FORM, files=letter)
    yield person.get("captions of a sound", address(live, kind=MediaKind.AUDIO))
    heard = [Cue(0, 700, "Bonjour."), Cue(700, 1200, "Une grande stable.")]
    yield person.get("captions by a machine", address(live, heard=heard))
