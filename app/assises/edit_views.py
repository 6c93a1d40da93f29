"""What the editor of a session shows: its form and choices, what warns, what the next release will say."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app import i18n
from app.accounts.menu import language_options
from app.assises import conflicts, differences, draft, edit_queries, edit_rows, edit_schemas, edit_words, words
from app.assises.carried import carry
from app.assises.edit_schemas import SessionIn, typed
from app.consultation.content import consultation
from app.db import reading
from app.errors import Conflict
from app.events import words as events
from app.forms import Form
from app.i18n import gettext as _
from app.models import Part, ProgrammeSession
from app.moderation.queries import names
from app.web import page, translated

BLANKS = {Part.SPEAKER: 3, Part.FACILITATOR: 1, Part.INTERPRETER: 1}  # fields for more people


def blank(request: Request, form: Form[Any], *, status: int = 200, conflict: Conflict | None = None) -> Response:
    """The form of a session that is not there yet, or no more."""
    with reading() as db:
        options = choices(db)
    return _form(request, form, options, status=status, conflict=conflict, session=None, different=())


def editor(
    request: Request,
    session_id: UUID,
    form: Form[SessionIn] | None,
    *,
    now: datetime,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    """The form of one session; as it is saved where no form was posted. Conflict `gone`: of a new one."""
    if conflict is not None and conflict.code == "gone" and form is not None:
        return blank(request, form, status=status, conflict=conflict)
    with reading() as db:
        session = edit_rows.one(db, ProgrammeSession, session_id)
        options, known = choices(db), _known(db, session, now)
        saved = typed(session) | _chosen(db, session)
    different: list[Any] = []
    if form is None:
        form = Form(values=saved | {"version": str(session.version)})
    elif conflict is not None:  # saved again, it replaces what somebody else wrote: they see what
        different = edit_words.compared(edit_words.SESSION, saved, edit_schemas.gathered(form.values), options)
        form.values["version"] = str(session.version)
    return _form(request, form, options, status=status, conflict=conflict, different=different, **known)


def _form(
    request: Request, form: Form[Any], options: dict[str, Any], *, status: int, conflict: Conflict | None, **known: Any
) -> Response:
    form.values = edit_schemas.gathered(form.values)
    return page(
        request, "assises/edit_session.html", status=status, form=form, conflict=conflict, labels=edit_words.SESSION,
        limits=edit_schemas.LONGEST, options=options, parts=[(part.value, BLANKS[part]) for part in Part], **known,
    )  # fmt: skip


def _known(db: Session, session: ProgrammeSession, now: datetime) -> dict[str, Any]:
    """What stands around the form of a session that is saved."""
    hand, public, pieces = edit_queries.last_hand(db, session.id), draft.last(db), draft.pieces(db)
    then = carry(public, pieces.programme, now=now)
    found = conflicts.find(then, speakers=pieces.names)
    changes = [each for each in differences.between(public, then) if each.session == session.id]
    return {
        "session": session, "hand": hand, "hand_name": names(db, {hand.actor})[hand.actor] if hand else "",
        "warnings": [each for each in found if session.id in each.sessions],
        "seen": public.by_id.get(session.id) if public else None,
        "changes": [differences.words(each, then) for each in changes] if session.starts_at else [],
        "people": edit_queries.people(db, session),
    }  # fmt: skip


def _chosen(db: Session, session: ProgrammeSession) -> dict[str, Any]:
    """Its room, track and people, as ids."""
    room = next((row for row in edit_queries.rooms(db) if row.seq == session.room_seq), None)
    track = next((row for row in edit_queries.tracks(db) if row.seq == session.track_seq), None)
    return {"room": str(room.id) if room else "", "track": str(track.id) if track else ""} | edit_queries.cast(
        db, session
    )


def choices(db: Session) -> dict[str, list[tuple[str, str]]]:
    """By field: what can be chosen, in words."""
    people = [(str(row.id), _speaker(row)) for row in edit_queries.speakers(db)]
    return {
        "kind": [(kind.value, i18n.gettext(label)) for kind, label in words.KINDS.items()],
        "track": [(str(row.id), row.name) for row in edit_queries.tracks(db)],
        "room": [(str(row.id), _room(row)) for row in edit_queries.rooms(db)],
        "language": language_options(),
        "audiences": [(each.id, translated(each.official)) for each in consultation().audiences],
        "offers": [(code, events.offer_name(code)) for code in events.offers()],
        "cancelled": [("true", i18n.gettext(edit_words.YES))],
        **{part.value: people for part in Part},
    }


def _room(row: Any) -> str:
    return _("%(room)s, %(n)s places") % {"room": row.name, "n": row.capacity} if row.capacity else str(row.name)


def _speaker(row: Any) -> str:
    return str(row.name) if row.consent_at else _("%(name)s (nom pas encore public)") % {"name": row.name}
