"""The journal, for those who answer for the service: read, filtered, taken away as a table."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from app.accounts.access import PresentSession, require
from app.audit import state
from app.db import reading, writing
from app.forms import Form, PostedForm, bind
from app.models import Role, Staff
from app.transparency import journal, journal_words
from app.transparency.journal_schemas import JournalIn
from app.turns import in_turn
from app.web import AdaptersDep, page, url

router = APIRouter(prefix="/equipe/journal", include_in_schema=False)
Reader = Annotated[Staff, Depends(require(Role.ORGANISER, Role.ADMINISTRATOR))]


@router.get("", name="journal")
def journal_page(request: Request, staff: Reader) -> Response:
    form = bind(JournalIn, request.query_params)  # type: ignore[arg-type]  # read alike
    return _journal(request, form, status=422 if form.errors else 200)


def _journal(request: Request, form: Form[JournalIn], *, status: int) -> Response:
    asked = form.data or JournalIn()
    with reading() as db:
        known = journal.names(db)
        found = journal.page(db, asked) if form.data else journal.Page([], None)
        checked = {"new": state.kept(db, state.NEW), "whole": state.kept(db, state.WHOLE)}
    chosen = {key: value for key, value in form.values.items() if key != "before"}
    return page(
        request, "transparency/journal.html", status=status, form=form, found=found, chosen=chosen, checked=checked,
        older=url("journal", **chosen, before=found.older) if found.older else "",
        who=lambda actor: known.get(actor) or journal_words.said(actor, journal_words.ACTORS), **_words(known),
    )  # fmt: skip


def _words(known: dict[str, str]) -> dict[str, Any]:
    words = journal_words
    return {
        "facts": words.facts,
        "action_of": lambda code: words.said(code, words.ACTIONS),
        "kind_of": lambda code: words.said(code, words.KINDS),
        "actors": [*words.options(words.ACTORS), *known.items()],
        "actions": words.options(words.ACTIONS),
        "kinds": words.options(words.KINDS),
    }


@router.post("/export", name="journal_export")
@in_turn
def journal_export(
    request: Request, staff: Reader, _session: PresentSession, posted: PostedForm, adapters: AdaptersDep
) -> Response:
    form = bind(JournalIn, posted)
    if form.data is None:
        return _journal(request, form, status=422)
    with writing() as db:
        journal.note_export(db, by=staff, asked=form.data, now=adapters.clock())
    headers = {"Content-Disposition": 'attachment; filename="journal.csv"', "Cache-Control": "private, no-store"}
    return StreamingResponse(journal.rows(form.data), media_type="text/csv; charset=utf-8", headers=headers)
