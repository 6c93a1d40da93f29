"""The editor of captions, for moderators: all of it is one plain form; captions.js makes it quick.

Interpreters come in once recordings can be assigned to them (domain.md: they see only what is assigned).
"""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from app.adapters import Adapters
from app.consultation.content import consultation
from app.db import reading, writing
from app.errors import N_, AppError, Conflict, NotFound, Unprocessable, refuse_field
from app.forms import Form, add_errors, read_form
from app.media import captions, dictation, queries, webvtt
from app.media.captions import Work
from app.models import Media, MediaKind
from app.moderation.access import Desk
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/moderation/medias/{media_id}/sous-titres", include_in_schema=False)
FIRST, SPARE, MORE = 8, 2, 10  # rows to write in: where there is nothing, after the last one, when asked for
SOURCES = {
    MediaKind.VIDEO: (("480.mp4", "video/mp4"), ("720.mp4", "video/mp4")),
    MediaKind.AUDIO: (("sound.opus", "audio/ogg; codecs=opus"), ("sound.m4a", "audio/mp4")),
}
NO_FILE = N_("Choisissez un fichier .vtt ou .srt.")


async def _many_fields(request: Request) -> AsyncIterator[FormData]:
    """Three fields for each caption are more than other forms may have."""
    async with read_form(request, max_files=1, max_fields=3 * webvtt.MOST_CUES + 20, max_part_size=1024 * 1024) as form:
        yield form


Posted = Annotated[FormData, Depends(_many_fields)]


@dataclass(frozen=True)
class Row:
    """One caption as the form shows it; `number` names it in errors."""

    number: int
    start: str = ""
    end: str = ""
    text: str = ""


@router.get("", name="captions")
def show(request: Request, media_id: str, moderator: Desk, adapters: AdaptersDep, langue: str = "") -> Response:
    return _page(request, media_id, langue, adapters)


@router.post("", name="captions_save")
@in_turn
def save(request: Request, media_id: str, moderator: Desk, posted: Posted, adapters: AdaptersDep) -> Response:
    """« Enregistrer », or « Accepter après relecture »; refused, all that was typed comes back."""
    action, typed = _text(posted, "action"), _typed(posted)
    if action == "more":
        typed += [Row(0)] * MORE
        return _page(request, media_id, _text(posted, "language"), adapters, typed=typed)

    def keep(db: Session, work: Work, **how: Any) -> None:
        cues = captions.typed(*_columns(posted), duration=work.media.duration)
        captions.save(db, work, cues=cues, accept=action == "accept", by=moderator, **how)

    notice = "accepted" if action == "accept" else "saved"
    return _act(request, media_id, posted, adapters, keep, notice=notice, typed=typed)


@router.post("/fichier", name="captions_import")
@in_turn
def bring(request: Request, media_id: str, moderator: Desk, posted: Posted, adapters: AdaptersDep) -> Response:
    def take(db: Session, work: Work, **how: Any) -> None:
        file = posted.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise refuse_field("file", "missing", NO_FILE)
        captions.bring(db, work, data=file.file.read(webvtt.MOST_BYTES + 1), by=moderator, **how)

    return _act(request, media_id, posted, adapters, take, notice="imported")


@router.post("/suppression", name="captions_delete")
@in_turn
def delete(request: Request, media_id: str, moderator: Desk, posted: Posted, adapters: AdaptersDep) -> Response:
    def remove(db: Session, work: Work, **how: Any) -> None:
        captions.delete(db, work, by=moderator, **how)

    return _act(request, media_id, posted, adapters, remove, notice="deleted")


@router.post("/brouillon", name="captions_wish")
@in_turn
def wish(request: Request, media_id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    """Asks the machine for a draft, where there is a machine and nothing is written yet."""
    with writing() as db:
        work = captions.work(db, media_id)
        if not work.captions:
            dictation.wish(db, work.media, adapters=adapters)
    return see_other(request, "captions", media_id=media_id, notice="wished")


def _act(
    request: Request, media_id: str, posted: FormData, adapters: Adapters, act: Callable[..., None], *, notice: str,
    typed: list[Row] | None = None,
) -> Response:  # fmt: skip
    """One act on the captions of one language, then the page as it is; or why not, and what was typed."""
    language = _text(posted, "language")
    try:
        with writing() as db:
            work = captions.work(db, media_id)
            act(db, work, language=_known(work, language), version=_version(posted), now=adapters.clock())
    except (Unprocessable, Conflict) as refusal:
        return _page(request, media_id, language, adapters, typed=typed, refusal=refusal)
    return see_other(request, "captions", media_id=media_id, langue=language, notice=notice)


def _page(
    request: Request, media_id: str, language: str, adapters: Adapters, *, typed: list[Row] | None = None,
    refusal: AppError | None = None,
) -> Response:  # fmt: skip
    """The captions in one language as they are kept, or as they were typed and why they were not taken."""
    form: Form[Any] = Form()
    if isinstance(refusal, Unprocessable):
        add_errors(form, refusal)
    with reading() as db:
        work = captions.work(db, media_id)
    language = _known(work, language or work.contribution.language)
    held = work.caption(language)
    files = queries.files(work.media, queries.PLAIN)
    return page(
        request, "media/captions.html", status=refusal.status if refusal else 200, form=form,
        conflict=isinstance(refusal, Conflict) and refusal, media=work.media, item=work.contribution, held=held,
        language_of=language, rows=_rows(typed, held.vtt if held else ""), unsaved=typed is not None,
        version=held.version if held else 0, languages=_languages(work, language),
        sources=[(queries.url(work.media, files[name]), kind) for name, kind in _sources(work.media) if name in files],
        poster=queries.url(work.media, files["poster.jpg"]) if "poster.jpg" in files else "",
        vtt_url=queries.caption_url(work.media, language), listening=work.media.step == captions.LISTENING,
        machine=not work.captions and dictation.possible(work.media, adapters), clock=webvtt.clock,
        most=webvtt.LONGEST, limit=webvtt.clock(round((work.media.duration or 0) * 1000)),
    )  # fmt: skip


def _sources(media: Media) -> Iterable[tuple[str, str]]:
    return SOURCES.get(media.kind, ())


def _rows(typed: list[Row] | None, vtt: str) -> list[Row]:
    """Every row of the form, with some to write in at the end."""
    if typed is not None:
        return [Row(n, each.start, each.end, each.text) for n, each in enumerate(typed, start=1)]
    cues = webvtt.stored(vtt) if vtt else []
    rows = [Row(0, webvtt.clock(cue.start), webvtt.clock(cue.end), cue.text) for cue in cues]
    return _rows([*rows, *[Row(0)] * (SPARE if rows else FIRST)], "")


def _languages(work: Work, language: str) -> list[tuple[str, str]]:
    """What one may write in: (tag, state of what is written there or "")."""
    tags = [work.contribution.language, language, *work.captions, *(each.tag for each in consultation().languages)]
    return [
        (tag, work.captions[tag].state.value if tag in work.captions else "") for tag in dict.fromkeys(tags)
    ]  # fmt: skip


def _known(work: Work, language: str) -> str:
    """NotFound for what is no language: its name comes from an address."""
    if language in work.captions or captions.is_language(language):
        return language
    raise NotFound


def _columns(posted: FormData) -> tuple[list[str], list[str], list[str]]:
    starts, ends, texts = (
        [str(each) for each in posted.getlist(name) if isinstance(each, str)] for name in ("start[]", "end[]", "text[]")
    )
    return starts, ends, texts


def _typed(posted: FormData) -> list[Row]:
    return [Row(0, *each) for each in zip_longest(*_columns(posted), fillvalue="")]


def _text(posted: FormData, name: str) -> str:
    found = posted.get(name, "")
    return found if isinstance(found, str) else ""


def _version(posted: FormData) -> int:
    found = _text(posted, "version")
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else -1
