"""/equipe/assises/parcours: the stops of the walk in their order, moved by buttons, and the words above them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.assises import edit_walk
from app.assises.edit_walk_schemas import LONGEST_WORDS, MoveIn, WordsIn
from app.assises.walk import openings
from app.db import reading, writing
from app.errors import AppError, Conflict
from app.events.access import Edit
from app.events.report import mark
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Programme
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/assises/parcours", include_in_schema=False)


@router.get("", name="edit_walk")
def show(request: Request, _staff: Edit) -> Response:
    return _all(request, Form())


@router.post("", name="edit_walk_words")
@in_turn
def save_words(request: Request, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form, status = bind(WordsIn, posted), 422
    try:
        if form.data:
            with writing() as db:
                said = form.data
                edit_walk.change_words(db, said.walk_words, seen=said.seen, by=staff, now=adapters.clock())
            return see_other(request, "edit_walk", notice="saved")
    except Conflict as conflict:
        return _all(request, form, status=409, conflict=conflict)
    except AppError as refusal:
        add_errors(form, refusal)
        status = refusal.status
    return _all(request, form, status=status)


@router.post("/{stop_id}/ordre", name="move_stop")
@in_turn
def move(request: Request, stop_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """Back to its button, so that the next press moves it again."""
    form = bind(MoveIn, posted)
    if form.data is None:
        return _all(request, form, status=422)
    up, place = form.data.way == "up", form.data.place
    try:
        with writing() as db:
            edit_walk.move_stop(db, stop_id, up=up, place=place, by=staff, now=adapters.clock())
    except Conflict as conflict:
        return _all(request, Form(), status=409, conflict=conflict)
    answer = see_other(request, "edit_walk", notice="saved")
    answer.headers["Location"] += f"#{form.data.way}-{stop_id}"
    return answer


def _all(request: Request, form: Form[Any], *, status: int = 200, conflict: Conflict | None = None) -> Response:
    with reading() as db:
        stops, words = edit_walk.stops(db), db.get_one(Programme, 1).walk_words
    rows = [{"stop": stop, "openings": len(openings(stop))} for stop in stops]
    return page(
        request, "assises/edit_walk.html", status=status, rows=rows, words=words, seen=mark(words), form=form,
        conflict=conflict, limit=LONGEST_WORDS,
    )  # fmt: skip
