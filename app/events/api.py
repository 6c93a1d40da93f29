"""JSON: taking a place at an event, seeing it, giving it up. Reading events is in public_api.py."""

from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from app import i18n, proof
from app.addresses import rooted
from app.contributions import idempotency
from app.db import reading, writing
from app.events import line, places, queries, tokens
from app.events.place_answers import AlreadySignedUp, OwnPlace, SignedUp
from app.events.schemas import RegistrationIn
from app.models import Event, Registration
from app.openapi import Key, answers, interface
from app.reading import ReadByHand
from app.turns import in_shared_turn, in_turn
from app.web import AdaptersDep, client_address

router = interface("events")
sending = interface("events", route_class=ReadByHand)  # the one that is asked in crowds
WORDS = 64 * 1024  # bytes of a JSON body
NO_STORE = {"Cache-Control": "no-store"}
LINK = {"e404": "unknown_link"}
Proof = Annotated[
    str, Header(alias="Proof-Of-Work", max_length=300, description="`token:n`, the answer to a 428's challenge.")
]


@sending.post(
    "/events/{slug}/registrations",
    status_code=201,
    name="api:sign_up",
    max_body_size=WORDS,
    responses=answers(
        SignedUp, 201, e404="not_found",
        e409="registration_closed registration_not_open event_cancelled event_postponed event_over invitation_only "
        "idempotency_key_reused",
        e413="too_large", e422="missing contact_missing bad_email bad_phone too_many_people consent_missing …",
        e428="proof_required", e507="storage_full",
    )
    | answers(AlreadySignedUp),
)  # fmt: skip
@in_shared_turn
def sign_up(
    request: Request,
    slug: str,
    said: RegistrationIn,
    adapters: AdaptersDep,
    idempotency_key: Key = None,
    proof_of_work: Proof = "",
) -> JSONResponse:
    """Takes a place, or one in the waiting list. The same person again: 200, and nothing changes."""
    token, _, answer = proof_of_work.rpartition(":")
    proof.ask_if_many(client_address(request), token=token, answer=answer)
    now = adapters.clock()
    with writing() as db:
        seq = queries.seq_of(db, slug)

        def take() -> tuple[int, dict[str, Any]]:
            return _taken(places.sign_up(db, seq, said, now=now, language=i18n.current().code))

        status, taken = idempotency.once(db, idempotency_key, act=f"sign_up:{slug}", body=said, now=now, do=take)
    return JSONResponse(taken, status, headers=NO_STORE)


def _taken(done: places.SignedUp) -> tuple[int, dict[str, Any]]:
    """Who is signed up already learns nothing more: somebody else may have typed that address."""
    if done.already:
        return 200, {"state": "already"}
    told = {"id": str(done.id), "state": done.state.value, "position": done.position, "manage_token": done.token}
    return 201, told


@router.get("/registrations/{manage_token}", name="api:own_place", responses=answers(OwnPlace, **LINK))
def see(manage_token: str) -> JSONResponse:
    """Where it stands now."""
    with reading() as db:
        return JSONResponse(_own(db, tokens.of(db, manage_token)), headers=NO_STORE)


@router.delete(
    "/registrations/{manage_token}",
    name="api:cancel_place",
    responses=answers(OwnPlace, e409="event_over", e507="storage_full", **LINK),
)
@in_turn
def cancel(manage_token: str, adapters: AdaptersDep) -> JSONResponse:
    """Gives the place up: who waits moves up. Again: nothing changes."""
    with writing() as db:
        registration = tokens.of(db, manage_token)
        places.cancel(db, registration, by=places.PERSON, now=adapters.clock())
        return JSONResponse(_own(db, registration), headers=NO_STORE)


def _own(db: Session, registration: Registration) -> dict[str, Any]:
    event, until = db.get_one(Event, registration.event_seq), registration.offered_until
    return {
        "id": str(registration.id), "event": event.slug, "state": registration.state.value,
        "position": line.position(db, registration) or None, "people": registration.people,
        "needs": registration.needs, "offered_until": until.isoformat() if until else None,
        "url": rooted(f"/rendez-vous/{event.slug}"),
    }  # fmt: skip
