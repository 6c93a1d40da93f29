"""Page: one session, and signing up for it where places are counted."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from app.assises import cards, queries
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.db import reading
from app.errors import N_, NotFound
from app.events import sign_up, telling
from app.events.queries import MOST_LETTERS, SLUG
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
UNKNOWN = N_("Cette séance n’est pas dans le programme.")


@router.get("/assises/seances/{slug}", name="assises_session")
def session(request: Request, slug: str, adapters: AdaptersDep) -> Response:
    """As the last release has it; cancelled ones too."""
    now = adapters.clock()
    with reading() as db:
        programme = queries.current(db).programme
        found = programme.by_slug.get(slug)
        if found is None:
            return RedirectResponse(_elsewhere(db, programme, slug), 308)
        names, event = queries.names(db), queries.meeting(db, found.id)
    places = sign_up.context(event, now=now) | telling.context(event, now=now) if event else {}
    return page(
        request, "assises/session.html", public=True, seats=True, programme=programme, session=found, event=event,
        room=programme.room_of.get(found.room) if found.room else None, audiences=cards.audiences(found),
        card=cards.card(found, programme, names, {found.id: event} if event else {}, now),
        at_once=[cards.card(each, programme, names, {}, now) for each in _at_once(programme, found)], **places,
    )  # fmt: skip


def _elsewhere(db: Session, programme: FrozenProgramme, slug: str) -> str:
    """The page of the session whose event has that name; NotFound."""
    found = queries.session_of(db, slug) if len(slug) <= MOST_LETTERS and SLUG.match(slug) else None
    if found is None or found not in programme.by_id:
        raise NotFound(UNKNOWN)
    return url("assises_session", slug=programme.by_id[found].slug)


def _at_once(programme: FrozenProgramme, session: FrozenSession) -> list[FrozenSession]:
    """What else goes on meanwhile: nobody can be at both."""
    return [
        each
        for each in programme.sessions
        if each.id != session.id
        and not each.cancelled
        and each.starts_at < session.ends_at
        and session.starts_at < each.ends_at
    ]
