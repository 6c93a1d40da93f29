"""/equipe/assises/versions: what was made public and when; the next one, seen whole before it leaves."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from app.assises import differences, queries, releases
from app.assises.differences import Difference
from app.assises.release_schemas import ReleaseIn
from app.db import reading, writing
from app.errors import AppError, Conflict
from app.events.access import Edit
from app.events.edit import MustTell
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Release
from app.moderation.queries import names
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/assises/versions", include_in_schema=False)
OF_NO_FIELD = ("nothing", "no_change", "longer_than_day")  # the form does not show them


@router.get("", name="releases")
def show_list(request: Request, _staff: Edit) -> Response:
    with reading() as db:
        found = queries.releases(db)
        public = queries.current(db).programme if found else None
        by = _by(db)
    changes = {
        each.seq: [differences.words(Difference.of_json(kept), public) for kept in each.changes]
        for each in found
        if public
    }
    return page(request, "assises/releases.html", releases=found, changes=changes, by=by)


@router.get("/nouvelle", name="release_new")
def show_new(request: Request, _staff: Edit, adapters: AdaptersDep) -> Response:
    return _preview(request, Form(), now=adapters.clock())


@router.post("/nouvelle", name="release_publish")
@in_turn
def publish(request: Request, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """Released; or what is wrong, or what has changed meanwhile, with everything that was typed."""
    form, now = bind(ReleaseIn, posted), adapters.clock()
    if form.data is None:
        return _preview(request, form, status=422, now=now)
    try:
        with writing() as db:
            releases.release(db, **form.data.model_dump(), by=staff, now=now)
    except MustTell:
        return _preview(request, form, now=now)
    except Conflict as conflict:
        return _preview(request, form, status=409, conflict=conflict, now=now)
    except AppError as refusal:
        add_errors(form, refusal)
        form.errors = [replace(each, field="") if each.code in OF_NO_FIELD else each for each in form.errors]
        return _preview(request, form, status=refusal.status, now=now)
    return see_other(request, "releases", notice="released")


def _preview(
    request: Request, form: Form[ReleaseIn], *, status: int = 200, conflict: Conflict | None = None, now: datetime
) -> Response:
    with reading() as db:
        shown = releases.preview(db, now=now)
        first = not queries.has_release(db)
    changes = [(each.kind, differences.words(each, shown.programme)) for each in shown.differences]
    return page(
        request, "assises/release_new.html", status=status, form=form, shown=shown, changes=changes, first=first,
        conflict=conflict, longest=releases.LONGEST_NAME,
    )  # fmt: skip


def _by(db: Session) -> dict[Any, str]:
    """Who made each."""
    made: dict[Any, str] = dict(db.exec(select(Release.seq, col(Release.by))).all())
    known = names(db, set(made.values()))
    return {seq: known[actor] for seq, actor in made.items()}
