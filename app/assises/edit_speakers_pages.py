"""/equipe/assises/intervenants: who speaks, leads or interprets, and whether the public may read their name."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.assises import edit_speakers, edit_speakers_views
from app.assises.edit_schemas import VersionIn
from app.assises.edit_speakers_schemas import ConsentIn, SpeakerIn
from app.db import writing
from app.errors import Conflict
from app.events.access import Edit
from app.forms import Form, PostedForm, bind
from app.models import Staff
from app.turns import in_turn
from app.web import AdaptersDep, see_other

router = APIRouter(prefix="/equipe/assises/intervenants", include_in_schema=False)


@router.get("", name="edit_speakers")
def show(request: Request, _staff: Edit) -> Response:
    return edit_speakers_views.everybody(request)


@router.get("/nouveau", name="edit_speaker_new")
def show_new(request: Request, _staff: Edit) -> Response:
    return edit_speakers_views.blank(request, Form())


@router.post("", name="edit_speaker_create")
@in_turn
def create(request: Request, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form = bind(SpeakerIn, posted)
    if form.data is None:
        return edit_speakers_views.blank(request, form, status=422)
    with writing() as db:
        made = edit_speakers.add(db, form.data, by=staff, now=adapters.clock())
    return see_other(request, "edit_speaker", speaker_id=made.id, notice="saved")


@router.get("/{speaker_id}", name="edit_speaker")
def show_one(request: Request, speaker_id: UUID, _staff: Edit) -> Response:
    return edit_speakers_views.one(request, speaker_id, None)


@router.post("/{speaker_id}", name="edit_speaker_save")
@in_turn
def save(request: Request, speaker_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form, read, now = bind(SpeakerIn, posted), bind(VersionIn, posted), adapters.clock()
    form.errors += read.errors
    if form.data is None or read.data is None:
        return edit_speakers_views.one(request, speaker_id, form, status=422)
    try:
        with writing() as db:
            edit_speakers.change(db, speaker_id, form.data, version=read.data.version, by=staff, now=now)
    except Conflict as conflict:
        return edit_speakers_views.one(request, speaker_id, form, status=409, conflict=conflict)
    return see_other(request, "edit_speaker", speaker_id=speaker_id, notice="saved")


@router.post("/{speaker_id}/accord", name="edit_speaker_consent")
@in_turn
def consent(request: Request, speaker_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form, now = bind(ConsentIn, posted), adapters.clock()
    if form.data is None:
        return edit_speakers_views.one(request, speaker_id, None, status=422, consent=form)
    try:
        with writing() as db:
            how, version = form.data.how, form.data.version
            edit_speakers.consent(db, speaker_id, how=how, version=version, by=staff, now=now)
    except Conflict as conflict:
        return edit_speakers_views.one(request, speaker_id, None, status=409, conflict=conflict, consent=form)
    return see_other(request, "edit_speaker", speaker_id=speaker_id, notice="saved")


@router.post("/{speaker_id}/accord/retrait", name="edit_speaker_take_back")
@in_turn
def take_back(request: Request, speaker_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    refused = _done(request, speaker_id, posted, edit_speakers.take_back, by=staff, now=adapters.clock())
    return refused or see_other(request, "edit_speaker", speaker_id=speaker_id, notice="saved")


@router.post("/{speaker_id}/suppression", name="edit_speaker_drop")
@in_turn
def drop(request: Request, speaker_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    refused = _done(request, speaker_id, posted, edit_speakers.drop, by=staff, now=adapters.clock())
    return refused or see_other(request, "edit_speakers", notice="dropped")


def _done(
    request: Request, speaker_id: UUID, posted: PostedForm, act: Callable[..., None], *, by: Staff, now: datetime
) -> Response | None:
    """Does it to the version that was read; otherwise the person's page, with why not."""
    read = bind(VersionIn, posted)
    if read.data is None:
        return edit_speakers_views.one(request, speaker_id, None, status=422)
    try:
        with writing() as db:
            act(db, speaker_id, version=read.data.version, by=by, now=now)
    except Conflict as conflict:
        return edit_speakers_views.one(request, speaker_id, None, status=409, conflict=conflict)
    return None
