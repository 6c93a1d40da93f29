"""The personal link of a registration: whoever has it manages that place, without an account."""

import secrets

from sqlmodel import Session, select

from app.adapters import vault
from app.errors import N_, NotFound
from app.models import Registration

PURPOSE = "registration-link"
LETTERS = 60  # more than a token has: longer ones are not even looked up
UNKNOWN = N_("Ce lien n’ouvre aucune inscription. Il est peut-être incomplet, ou le rendez-vous est passé.")


def new() -> str:
    """192 random bits, safe in an address."""
    return secrets.token_urlsafe(24)


def mac(token: str) -> str:
    """What is kept to recognise it."""
    return vault.blind(PURPOSE, token)


def seal(token: str) -> bytes:
    return vault.seal(PURPOSE, token.encode())


def of(db: Session, token: str) -> Registration:
    """The registration a link opens; NotFound when it is forged, or was forgotten after the event."""
    found = None
    if len(token) <= LETTERS:
        found = db.exec(select(Registration).where(Registration.token_mac == mac(token))).first()
    if found is None or not found.token_sealed:
        raise NotFound(UNKNOWN, code="unknown_link")
    return found


def say(registration: Registration) -> str:
    """The token again, for a mail."""
    return vault.unseal(PURPOSE, registration.token_sealed).decode()
