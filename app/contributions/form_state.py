"""What the form of /participer holds: words, media that came along or came before; and the page that shows it."""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from app import proof
from app.adapters import Adapters
from app.consultation.content import consultation
from app.contributions.schemas import ContributionIn
from app.db import reading, writing
from app.errors import AppError, FieldError, TooLarge, Unprocessable
from app.events import afterwards
from app.forms import Form, PostedForm, add_errors, bind
from app.media import paper_rules
from app.media import rules as media_rules
from app.models import Event
from app.web import AdaptersDep, client_address, page, url

# What a page may carry, far less than tus: some files too many must still be a sentence, not a cut connection.
FORM_BODY = 320 * 1024 * 1024
TRAP = "website"
PASSING = frozenset({TRAP, "key", "challenge", "proof"})  # posted, but not what somebody typed
TAPPED_AGAIN = 120  # seconds: the page comes back in a moment, or after one more try without network
UPLOADS = anyio.CapacityLimiter(2)  # files are checked and stored before the write's turn, in threads of their own
FILES = ("media_sound", "media_film", "media")  # a voice, a video, anything
FIELD = "media"  # where what is wrong with any of them is said


@dataclass
class ReceivedMedia:
    """Files of this request: safe in the store, or refused with words."""

    stored: list[media_rules.Stored]
    refusals: list[FieldError]
    status: int = 422


def sent_files(posted: FormData) -> list[UploadFile]:
    """The files that came along; an empty field sends an empty part."""
    given = (file for name in FILES for file in posted.getlist(name))
    return [file for file in given if isinstance(file, UploadFile) and (file.filename or file.size)]


async def _received(posted: PostedForm, adapters: AdaptersDep) -> ReceivedMedia:
    return await anyio.to_thread.run_sync(_store_all, sent_files(posted), adapters, limiter=UPLOADS)


def _store_all(files: list[UploadFile], adapters: Adapters) -> ReceivedMedia:
    received = ReceivedMedia([], [])
    for file in files[: consultation().limits.media + 1]:
        named = (("file", (file.filename or "")[:80]),) if len(files) > 1 else ()  # else one could not tell which
        try:
            received.stored.append(media_rules.store(file.file, name=file.filename or "", adapters=adapters))
        except Unprocessable as refusal:
            received.refusals += [replace(error, values=error.values + named) for error in refusal.errors]
        except AppError as refusal:  # too heavy, or the store is down or full: the words at least are kept
            values = tuple(refusal.extra.items()) if isinstance(refusal, TooLarge) else ()
            received.refusals.append(FieldError(FIELD, refusal.code, refusal.message, values + named))
            received.status = max(received.status, refusal.status)
    return received


Received = Annotated[ReceivedMedia, Depends(_received)]


def read(
    posted: FormData, received: ReceivedMedia, adapters: Adapters
) -> tuple[Form[ContributionIn], list[dict[str, Any]]]:
    """The form, and its media: those sent before (`upload`) and those that came along."""
    with reading() as db:
        kept = media_rules.uploads(db, [str(token) for token in posted.getlist("upload")])
    if received.stored:
        with writing() as db:
            kept += [media_rules.keep(db, each, now=adapters.clock()) for each in received.stored]
    form = bind(ContributionIn, posted, extra={"media": [_wish(posted, each) for each in kept]})
    most = consultation().limits.media
    if len(kept) > most:
        form.errors = [error for error in form.errors if error.field != FIELD]
        received.refusals.append(FieldError(FIELD, "too_many_media", media_rules.TOO_MANY, (("most", most),)))
    if received.refusals:
        form.errors += received.refusals
        form.data = None
    return form, kept


def _wish(posted: FormData, medium: dict[str, Any]) -> dict[str, Any]:
    """What the sender wants for one medium: what is said of it, else what is said of all; hidden faces if unsaid."""

    def said(one: str, all_of_them: str) -> str:
        return str(posted.get(f"{one}.{medium['upload']}") or posted.get(all_of_them) or "")

    face = said("face", "faces")
    return {
        "upload": medium["upload"],
        "face": "show" if face == "show" else "hide",
        "voice": "text_only" if said("voice", "voices") == "text_only" else "play",
        "people_recognisable": face in ("show", "hide") if face else None,
        "agreements_held": True if posted.get("agreements") else None,
        "alt": posted.get(f"alt.{medium['upload']}") or None,
    }


def sending_key(posted: FormData) -> str | None:
    """Names this sending, so that a double tap is one act: the page's own key and what was typed; None without one."""
    try:
        return str(uuid.uuid5(uuid.UUID(str(posted.get("key", ""))), _typed(posted)))
    except ValueError:
        return None


def browser_keys(request: Request, posted: FormData, now: datetime) -> list[str]:
    """The same where a page has no key, being the same for everybody and no script having made one.

    Of this span of two minutes, and of the one before: what is typed alike in the same browser is one sending.
    """
    browser = f"{client_address(request)} {request.headers.get('user-agent')} {_typed(posted)}"
    spans = (int(now.timestamp()) // TAPPED_AGAIN - ago for ago in (0, 1))
    return [str(uuid.uuid5(uuid.NAMESPACE_OID, f"{span} {browser}")) for span in spans]


def _typed(posted: FormData) -> str:
    items = ((name, value) for name, value in posted.multi_items() if isinstance(value, str))
    return json.dumps(sorted(item for item in items if item[0] not in PASSING))


def form_page(
    request: Request,
    adapters: Adapters,
    form: Form[ContributionIn],
    *,
    status: int = 200,
    public: bool = False,
    kept: list[dict[str, Any]] | None = None,
    challenge: dict[str, Any] | None = None,
) -> Response:
    """The form as it stands, with its errors and what it already holds; another page once the collection is over."""
    now = adapters.clock()
    if not consultation().collecting(now):
        closed = 200 if request.method == "GET" else 409
        return page(
            request,
            "contributions/closed.html",
            status=closed,
            public=public,
            form=form,
            next_phase=consultation().next_phase(now),
            phase=consultation().phase_at(now),
            over=now >= consultation().collects_until,
        )
    return page(
        request,
        "contributions/form.html",
        status=status,
        public=public,
        form=form,
        key="" if public else uuid.uuid4(),
        kept=kept or [],
        whole=_whole(kept or []),
        challenge=challenge,
        limits=consultation().limits,
        endpoint=url("api:create_upload"),
        slow_mode=proof.SLOW_MODE,
        event=_spoken_of(form.value("event"), now),
    )


def words_alone(request: Request, posted: FormData, refusal: AppError, adapters: Adapters) -> Response:
    """The disk is full: files cannot be kept, the words come back. What is missing is not said: nothing was sent."""
    form = bind(ContributionIn, posted)
    form.errors = []
    add_errors(form, refusal)
    return form_page(request, adapters, form, status=refusal.status)


def _spoken_of(slug: str, now: datetime) -> Event | None:
    """The meeting these words come after; none that is unknown: the form goes on without it."""
    if not slug:
        return None
    with reading() as db:
        return afterwards.spoken_of(db, slug, now=now)


def _whole(kept: list[dict[str, Any]]) -> list[paper_rules.Whole]:
    """Papers whose text is kept whole: the words of the form are their summary then."""
    tokens = [medium["upload"] for medium in kept if medium["kind"] == "document"]
    if not tokens:
        return []
    with reading() as db:
        return paper_rules.whole_ones(db, tokens)
