"""/participer: one form for one person or a collective, and the receipt page shown once."""

import json
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData, UploadFile

from app import i18n, proof, web
from app.adapters import Adapters
from app.consultation.content import consultation
from app.contributions import drafts, idempotency, receipts, rules
from app.contributions.schemas import ContributionIn
from app.db import in_turn, reading, writing
from app.errors import N_, AppError, FieldError, Gone, ProofRequired, TooLarge, Unprocessable
from app.media import rules as media_rules
from app.models import Channel
from app.web import AdaptersDep, Form, PostedForm, bind, client_address, page, see_other

router = APIRouter(include_in_schema=False)
FORM_BODY = 170 * 1024 * 1024  # some photos too many must still be a sentence, not a cut connection
TRAP, SENDING = "website", "participer"
PASSING = frozenset({TRAP, "key", "challenge", "proof"})  # posted, but not what somebody typed
UPLOADS = anyio.CapacityLimiter(2)  # photos are checked and stored before the write's turn, in threads of their own
GONE = N_("Cette page n’est plus visible. Votre contribution est bien arrivée. Votre code marche toujours.")


@dataclass
class ReceivedPhotos:
    """Photos of this request: safe in the store, or refused with words."""

    stored: list[media_rules.Stored]
    refusals: list[FieldError]
    status: int = 422


async def _received(posted: PostedForm, adapters: AdaptersDep) -> ReceivedPhotos:
    files = [
        file
        for name in ("photos", "photo")
        for file in posted.getlist(name)
        if isinstance(file, UploadFile) and (file.filename or file.size)
    ]
    return await anyio.to_thread.run_sync(_store_all, files, adapters, limiter=UPLOADS)


def _store_all(files: list[UploadFile], adapters: Adapters) -> ReceivedPhotos:
    received = ReceivedPhotos([], [])
    for file in files[: consultation().limits.media + 1]:
        try:
            received.stored.append(media_rules.store(file.file, name=file.filename or "", adapters=adapters))
        except Unprocessable as refusal:
            received.refusals += refusal.errors
        except AppError as refusal:  # too heavy, or the store is down or full: the words at least are kept
            received.refusals.append(FieldError("photos", refusal.code, refusal.message))
            received.status = max(received.status, refusal.status)
    return received


Photos = Annotated[ReceivedPhotos, Depends(_received)]


@router.get("/participer", name="contribute")
def show_form(request: Request, adapters: AdaptersDep) -> Response:
    """The form; `?question=` and `?kind=` preselect. The same for everybody, so it may be cached."""
    form: Form[ContributionIn] = Form(
        values={k: v for k, v in request.query_params.items() if k in ("question", "kind")}
    )
    return _form_page(request, adapters, form, public=True)


@router.post("/participer", name="contribute_send", max_body_size=FORM_BODY)
@in_turn
def send(request: Request, posted: PostedForm, photos: Photos, adapters: AdaptersDep) -> Response:
    """Without JavaScript the photos come along; whatever is refused, words and photos are kept."""
    key = _key(posted)
    if token := _sent_before(key):
        return see_other(request, "received", once=token)
    try:
        form, kept = _read(posted, photos, adapters)
    except AppError as refusal:  # the disk is full: the photos cannot be kept, the words come back
        form = bind(ContributionIn, posted)
        web.add_errors(form, refusal)
        return _form_page(request, adapters, form, status=refusal.status)
    if form.data is None:
        return _form_page(request, adapters, form, kept=kept, status=photos.status)
    try:
        token = _submit(request, posted, form.data, adapters, key=key)
    except ProofRequired as more:
        return _form_page(request, adapters, form, kept=kept, status=428, challenge=more.extra["challenge"])
    except AppError as refusal:
        web.add_errors(form, refusal)
        return _form_page(request, adapters, form, kept=kept, status=refusal.status)
    return see_other(request, "received", once=token)  # the code itself never enters a URL


def _key(posted: FormData) -> str | None:
    """Names this sending: the page's own key and what was typed, so that a double tap is one contribution."""
    try:
        page_key = uuid.UUID(str(posted.get("key", "")))
    except ValueError:
        return None
    typed = sorted((name, value) for name, value in posted.multi_items() if isinstance(value, str))
    return str(uuid.uuid5(page_key, json.dumps([each for each in typed if each[0] not in PASSING])))


def _sent_before(key: str | None) -> str:
    """The receipt page's token if this very sending has already been taken."""
    if key is None:
        return ""
    with reading() as db:
        answer = idempotency.kept(db, key, act=SENDING)
    return str(answer["once"]) if answer else ""


def _submit(request: Request, posted: FormData, said: ContributionIn, adapters: Adapters, *, key: str | None) -> str:
    proof.ask_if_many(
        client_address(request), token=str(posted.get("challenge", "")), answer=str(posted.get("proof", "")),
        suspect=bool(posted.get(TRAP)),
    )  # fmt: skip
    now = adapters.clock()
    with writing() as db:

        def take() -> tuple[int, dict[str, str]]:
            done = rules.submit(db, said, channel=Channel.ONLINE, now=now, page=i18n.current().code)
            if draft := str(posted.get("draft_code", "")):
                drafts.drop(db, draft)
            return 303, {"once": receipts.show_once(db, done.seq, done.code, now=now)}

        _, answer = idempotency.once(db, key, act=SENDING, body=b"", now=now, do=take)
    return str(answer["once"])


def _read(posted: FormData, photos: Photos, adapters: Adapters) -> tuple[Form[ContributionIn], list[dict[str, Any]]]:
    """The form, and its photos: those sent before (`upload`) and those that came along."""
    with reading() as db:
        kept = media_rules.uploads(db, [str(token) for token in posted.getlist("upload")])
    if photos.stored:
        with writing() as db:
            kept += [media_rules.keep(db, photo, now=adapters.clock()) for photo in photos.stored]
    form = bind(ContributionIn, posted, extra={"media": _wishes(posted, kept)})
    if len(kept) > consultation().limits.media:
        form.errors = [error for error in form.errors if error.field != "media"]
        photos.refusals.append(
            FieldError("photos", "too_many_media", media_rules.TOO_MANY, (("most", consultation().limits.media),))
        )
    if photos.refusals:
        form.errors += photos.refusals
        form.data = None
    return form, kept


def _wishes(posted: FormData, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the sender wants for the photos: hidden faces unless they say otherwise."""
    faces = posted.get("faces")
    return [
        {
            "upload": photo["upload"],
            "face": "show" if faces == "show" else "hide",
            "people_recognisable": faces in ("show", "hide") if faces else None,
            "agreements_held": True if faces == "show" else None,
            "alt": posted.get(f"alt.{photo['upload']}") or None,
        }
        for photo in kept
    ]


@router.post("/participer/photos", name="photo_upload")
def photo_upload(posted: PostedForm, photos: Photos, adapters: AdaptersDep) -> JSONResponse:
    """One photo, sent as soon as it is chosen. 201 `{upload, name, size}`; the token is the sender's only."""
    if photos.refusals:
        first = photos.refusals[0]
        raise (
            TooLarge(first.message, code=first.code)
            if first.code == "file_too_large"
            else Unprocessable(photos.refusals)
        )
    if not photos.stored:
        raise Unprocessable([FieldError("photo", "missing", N_("Choisissez une photo."))])
    with writing() as db:
        kept = media_rules.keep(db, photos.stored[0], now=adapters.clock())
    return JSONResponse(kept, 201, headers={"Cache-Control": "no-store"})


@router.post("/participer/brouillon", name="draft")
@in_turn
def put_aside(request: Request, posted: PostedForm, photos: Photos, adapters: AdaptersDep) -> Response:
    """A collective puts its draft aside: a code resumes it elsewhere, for 30 days."""
    form, kept = _read(posted, photos, adapters)
    values = {name: value for name, value in form.values.items() if name not in PASSING}
    values["upload"] = [photo["upload"] for photo in kept]
    with writing() as db:
        code = drafts.put_aside(db, values, code=str(posted.get("draft_code", "")), now=adapters.clock())
    return page(request, "contributions/draft.html", code=code, days=consultation().limits.draft_days)


@router.post("/participer/reprendre", name="resume")
@in_turn
def resume(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    typed = str(posted.get("draft_code", ""))
    try:
        with reading() as db:
            values = drafts.resume(db, typed, who=client_address(request), now=adapters.clock())
            kept = media_rules.uploads(db, values.pop("upload", []))
    except AppError as refusal:
        form: Form[ContributionIn] = Form(values={"draft_code": typed})
        form.errors.append(FieldError("draft_code", refusal.code, refusal.message))
        return _form_page(request, adapters, form, status=refusal.status)
    return _form_page(request, adapters, Form(values={**values, "draft_code": typed}), kept=kept)


def _form_page(
    request: Request,
    adapters: Adapters,
    form: Form[ContributionIn],
    *,
    status: int = 200,
    public: bool = False,
    kept: list[dict[str, Any]] | None = None,
    challenge: dict[str, Any] | None = None,
) -> Response:
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
        )
    return page(
        request,
        "contributions/form.html",
        status=status,
        public=public,
        form=form,
        key="" if public else uuid.uuid4(),
        kept=kept or [],
        challenge=challenge,
        limits=consultation().limits,
        slow_mode=proof.SLOW_MODE,
    )


@router.get("/participer/merci/{once}", name="received")
def received(request: Request, once: str, adapters: AdaptersDep) -> Response:
    """The receipt code, for fifteen minutes or until the person says it is noted."""
    now = adapters.clock()
    with reading() as db:
        found = receipts.shown(db, once, now=now)
    if found is None:
        raise Gone(GONE, code="receipt_shown")
    limits = consultation().limits
    return page(
        request, "contributions/received.html", code=found[1], once=once, hours=limits.review_hours,
        minutes=limits.receipt_minutes,
    )  # fmt: skip


@router.post("/participer/merci/{once}", name="received_noted")
@in_turn
def code_noted(request: Request, once: str) -> Response:
    """On a shared phone: the code is written down, nobody after may see it."""
    with writing() as db:
        receipts.noted(db, once)
    return see_other(request, "home", notice="noted")
