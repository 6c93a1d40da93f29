"""Published sound and video with small real files, as the pipeline names them: for pages, players and stores."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session, select

from app import db, jobs
from app.adapters import vault
from app.adapters.storage import Storage, make_storage
from app.consultation import content
from app.contributions import publishing
from app.media import waveform
from app.models import (
    Caption,
    CaptionSource,
    CaptionState,
    Contribution,
    Media,
    MediaChoice,
    MediaKind,
    Revision,
    State,
)
from app.settings import Settings
from tests import factories
from tests.live import Live
from tests.media import clips, pictures

SECONDS = 2.0
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500\nUne grande table, le dimanche.\n"
SAID = "Une grande table, le dimanche, sur la place. On y mange ensemble."


@lru_cache(maxsize=1)
def files() -> dict[str, bytes]:
    """Every derivative by its canonical name."""
    out = clips.folder()
    clips.ffmpeg(*clips.quarters(SECONDS, 320, 180), *clips.tone(SECONDS), *FILM, out / "shown.mp4")
    clips.ffmpeg(*clips.tone(SECONDS), "-c:a", "aac", "-b:a", "48k", "-movflags", "+faststart", out / "shown.m4a")
    clips.ffmpeg(*clips.tone(SECONDS), "-c:a", "libopus", "-b:a", "24k", out / "shown.opus")
    film, picture = (out / "shown.mp4").read_bytes(), pictures.quarters()
    jpeg, webp = pictures.encoded(picture, "JPEG"), pictures.encoded(picture, "WEBP")
    return {
        "480.mp4": film,
        "720.mp4": film,
        "poster.jpg": jpeg,
        "poster.webp": webp,
        "sound.m4a": (out / "shown.m4a").read_bytes(),
        "sound.opus": (out / "shown.opus").read_bytes(),
        "waveform.svg": waveform.svg([abs(bar % 30 - 15) / 15 for bar in range(waveform.BARS)]).encode(),
    } | {f"{width}.{end}": jpeg if end == "jpg" else webp for width in (400, 1024, 2048) for end in ("jpg", "webp")}


FILM = [*("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", "15"), "-c:a", "aac"]
FILM += ["-movflags", "+faststart"]


def stored(storage: Storage, media: Media) -> Media:
    """Its files are in the store, under the names its row has; the row knows their sizes."""
    made = {}
    for name, told in media.derivatives.items():
        data = files()[name.rpartition("-")[2]]
        storage.put(f"media/{media.opaque}/{name}", data)
        made[name] = {**told, "size": len(data)}
    media.derivatives = made
    return media


def words(session: Session, media: Media, language: str = "fr", *, state: CaptionState = CaptionState.ACCEPTED) -> None:
    session.add(
        Caption(
            media_seq=media.seq or 0,
            language=language,
            vtt=VTT,
            state=state,
            source=CaptionSource.PERSON,
            by="test",
            updated_at=datetime(2022, 4, 12, 8, tzinfo=UTC),
        )
    )
    session.flush()


def publish(
    session: Session,
    storage: Storage,
    *kinds: MediaKind,
    body: str = "",
    languages: Sequence[str] = ("fr",),
    now: datetime = factories.NOW,
    **fields: Any,
) -> Contribution:
    """A published contribution with these media. `fields` go to each of them."""
    made = factories.submitted(session, body=body or "Mots à venir.", now=now).contribution
    for position, kind in enumerate(kinds):
        said = {"transcript": SAID} if kind is not MediaKind.PHOTO else {"alt": "Une table."}
        media = factories.medium(
            session, made, kind=kind, position=position, **({"choice": MediaChoice.PUBLISH} | said | fields)
        )
        session.add(stored(storage, media))
        if kind is not MediaKind.PHOTO:
            for language in languages:
                words(session, media, language)
    if not body:
        revision_without_words(session, made)
    factories.set_state(session, made, State.PUBLISHED)
    publishing.publish(session, made, now=now)
    return made


def revision_without_words(session: Session, made: Contribution) -> None:
    """As sent by somebody who only spoke."""
    for revision in session.exec(select(Revision).where(Revision.contribution_seq == made.seq)):
        revision.body = ""
        session.add(revision)
    session.flush()


def stage(live: Live) -> Storage:
    """This process at work on the database of a served instance; its store. Ended by the next `world` or `stage`."""
    settings = Settings(data_dir=live.data)
    vault.configure(settings.key)
    content.configure()
    db.configure(settings.database)
    jobs.configure("embedded:")
    return make_storage(settings.media)
