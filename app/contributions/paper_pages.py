"""« Vous avez déjà un document ? »: a collective's paper becomes the text of the form, read over by its author."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from app import limits
from app.adapters import Adapters
from app.consultation.content import consultation
from app.contributions.form_state import FORM_BODY, Received, form_page, read, sent_files, words_alone
from app.contributions.schemas import ContributionIn
from app.contributions.text import clean, visible_length
from app.db import reading, writing
from app.errors import N_, AppError, FieldError, TooLarge, TooMany, Unprocessable
from app.forms import Form, PostedForm
from app.media import paper_rules, papers
from app.media import rules as media_rules
from app.media.workplace import workplace
from app.models import MediaKind
from app.turns import in_turn
from app.web import AdaptersDep, client_address

router = APIRouter(include_in_schema=False)
FIELD = "paper"
DOCUMENT = MediaKind.DOCUMENT.value
READING = anyio.CapacityLimiter(1)  # a paper may take seconds of a processor: one at a time in each worker
AN_HOUR, MOST = 3600, 60  # papers one address may have read
CHOOSE = N_("Choisissez d’abord un document.")
LATER = N_("Nous n’avons pas pu lire ce document maintenant. Réessayez dans un moment.")
PLENTY = N_("Beaucoup de documents viennent d’ici. Attendez une heure, ou écrivez le texte.")


@dataclass
class Found:
    """A paper read, safe in the store with its pictures, each with what it shows."""

    paper: papers.Paper
    stored: media_rules.Stored
    pictures: list[tuple[media_rules.Stored, str]]


@dataclass
class Taken:
    """The paper of this request, or why it is refused."""

    found: Found | None = None
    refusal: FieldError | None = None
    status: int = 422


async def _taken(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Taken | None:
    """None when no paper came."""
    file = posted.get(FIELD)
    if not isinstance(file, UploadFile) or not (file.filename or file.size):
        return None
    return await anyio.to_thread.run_sync(_take, file, posted, client_address(request), adapters, limiter=READING)


TakenPaper = Annotated[Taken | None, Depends(_taken)]


def _take(file: UploadFile, posted: FormData, address: str, adapters: Adapters) -> Taken:
    try:
        if limits.hits("paper", address, window=AN_HOUR) > MOST:
            raise TooMany(PLENTY)
        return Taken(_read_paper(file, posted, adapters))
    except Unprocessable as refusal:
        return Taken(refusal=refusal.errors[0])
    except papers.ReaderLost:
        return Taken(refusal=FieldError(FIELD, "paper_lost", LATER), status=503)
    except AppError as refusal:
        values = tuple(refusal.extra.items()) if isinstance(refusal, TooLarge) else ()
        return Taken(refusal=FieldError(FIELD, refusal.code, refusal.message, values), status=refusal.status)


def _read_paper(file: UploadFile, posted: FormData, adapters: Adapters) -> Found:
    most = media_rules.size_limit(MediaKind.DOCUMENT)
    if (file.size or 0) > most * media_rules.MB:
        raise TooLarge(media_rules.TOO_HEAVY, code="file_too_large", limit=most)
    with workplace(adapters.data_dir) as folder:
        source, out = folder / "paper", folder / "out"
        out.mkdir()
        with source.open("wb") as copy:
            while piece := file.file.read(1 << 20):
                copy.write(piece)
        paper = papers.extract(source, out)
        stored = media_rules.store(file.file, name=file.filename or "", adapters=adapters, field=FIELD, papers=True)
        return Found(paper, stored, _store_pictures(paper, Path(stored.name).stem, posted, adapters))


def _store_pictures(
    paper: papers.Paper, name: str, posted: FormData, adapters: Adapters
) -> list[tuple[media_rules.Stored, str]]:
    """As many as there is room for beside the paper and what is here; one that came before is not taken again."""
    with reading() as db:
        here = media_rules.uploads(db, [str(token) for token in posted.getlist("upload")])
    here = [medium for medium in here if medium["kind"] != DOCUMENT]
    known = {(medium["name"], medium["size"]) for medium in here}
    room = consultation().limits.media - 1 - len(here)
    room -= len(sent_files(posted))
    stored: list[tuple[media_rules.Stored, str]] = []
    for number, (picture, alt) in enumerate(zip(paper.pictures, paper.alts, strict=True), 1):
        named = f"{name[:60]} {number}.jpg"
        if len(stored) < room and (named, picture.stat().st_size) not in known:
            with picture.open("rb") as opened:
                stored.append((media_rules.store(opened, name=named, adapters=adapters, field=FIELD), alt))
    return stored


@router.post("/participer/document", name="paper_take", max_body_size=FORM_BODY)
@in_turn
def take_paper(
    request: Request, posted: PostedForm, received: Received, taken: TakenPaper, adapters: AdaptersDep
) -> Response:
    """The form again, filled with what the paper says; all that was typed or sent before is kept."""
    return filled(request, posted, received, taken or Taken(refusal=FieldError(FIELD, "missing", CHOOSE)), adapters)


def filled(request: Request, posted: FormData, received: Received, taken: Taken, adapters: Adapters) -> Response:
    """The form with a paper's words. What is missing elsewhere is not said yet: nobody has sent anything."""
    try:
        form, kept = read(posted, received, adapters)
    except AppError as refusal:
        return words_alone(request, posted, refusal, adapters)
    form.errors = [*received.refusals, *([taken.refusal] if taken.refusal else [])]
    if taken.found is None:
        return form_page(request, adapters, form, kept=kept, status=taken.status)
    kept = _with_paper(form, kept, taken.found, adapters)
    form.values |= _words(form, taken.found.paper)
    return form_page(request, adapters, form, kept=kept, status=received.status if received.refusals else 200)


def _with_paper(
    form: Form[ContributionIn], kept: list[dict[str, Any]], found: Found, adapters: Adapters
) -> list[dict[str, Any]]:
    """The media with the paper (in the place of one sent before) and its pictures."""
    now = adapters.clock()
    kept = [medium for medium in kept if medium["kind"] != DOCUMENT]
    with writing() as db:
        kept.append(paper_rules.keep(db, found.stored, found.paper, now=now))
        for stored, alt in found.pictures:
            kept.append(media_rules.keep(db, stored, now=now))
            form.values[f"alt.{kept[-1]['upload']}"] = alt[: consultation().limits.alt]
    return kept


def _words(form: Form[ContributionIn], paper: papers.Paper) -> dict[str, str]:
    """The fields a paper fills. Nothing typed is lost: what was there stays before it, unless a paper put it there."""
    typed, title = form.value("body"), str(clean(paper.title))
    before = "" if _digest(typed) == form.value("paper_taken") else typed
    fits = not form.value("title") and visible_length(title, len(title)) <= consultation().limits.title
    words = {"kind": "collective", "paper_here": "text"} | ({"title": title} if fits else {})
    if paper_rules.is_long(paper_rules.whole_text(paper)):
        return words | {"body": before, "paper_taken": ""}
    parts = [before, "" if fits or title == form.value("title") else title, str(clean(paper.body))]
    body = "\n\n".join(part for part in parts if part)
    return words | {"body": body, "paper_taken": "" if before else _digest(body)}


def _digest(text: str) -> str:
    """Recognises a text a paper put into the form, and nobody has touched since."""
    return hashlib.sha256(str(clean(text)).encode()).hexdigest()[:32] if text else "-"
