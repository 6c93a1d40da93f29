"""A sheet for the door of a room: what was to happen there, what has become of it, and where it says more."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app import qr
from app.assises import queries
from app.assises.differences import Difference
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.db import reading
from app.errors import NotFound
from app.events.access import Edit
from app.web import AdaptersDep, page, url

router = APIRouter(prefix="/equipe/assises/seances/{session_id}/affiche", include_in_schema=False)
SAYS = ("moved", "room", "cancelled", "restored")


@router.get("", name="door_sign")
def show(request: Request, session_id: UUID, _staff: Edit, adapters: AdaptersDep) -> Response:
    with reading() as db:
        released = queries.current(db)
        session = released.programme.by_id.get(session_id)
        if session is None:
            raise NotFound
        was = _was(db, session, released.programme)
    link = adapters.base_url + url("assises_session", slug=session.slug)
    return page(
        request, "assises/sign.html", session=session, where=released.programme.where(session), was=was,
        released=released, link=link, drawing=qr.inline(link),
    )  # fmt: skip


def _was(db: Session, session: FrozenSession, programme: FrozenProgramme) -> dict[str, Any]:
    """When and where people may still expect it: before the last change that moved it; nothing when none did."""
    found = (Difference.of_json(kept) for each in queries.releases(db) for kept in each.changes)
    last = next((each for each in found if each.session == session.id and each.kind in SAYS), None)
    if last is None:
        return {}
    at = last.before.get("starts_at", session.starts_at.isoformat())
    return {"starts_at": datetime.fromisoformat(at), "room": last.before.get("room", programme.where(session))}
