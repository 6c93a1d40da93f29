"""People of the team and their ways in, for tests."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Any

import pyotp
import sqlalchemy as sa
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app import db
from app.accounts import rules
from app.accounts.passwords import hash_password
from app.adapters import vault
from app.adapters.clock import real_now
from app.models import AuditEntry, Role, Staff

PASSWORD = "quatre chats dans le tram"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@lru_cache(maxsize=1)
def known_hash() -> str:
    return hash_password(PASSWORD)


def join(world: Any, *roles: Role, email: str = "agent@ville.example", enrolled: bool = True) -> Staff:
    """Someone of the team whose password is PASSWORD; `enrolled` with SECRET as second factor."""
    with db.writing() as session:
        person = rules.add_person(
            session, email=email, name="Agent", roles=list(roles), password_hash=known_hash(), by="test",
            now=world.adapters.clock(),
        )  # fmt: skip
        if enrolled:
            person.totp_sealed = vault.seal("totp", SECRET.encode())
            person.totp_confirmed_at = real_now()
            session.add(person)
    return person


def code(secret: str = SECRET, *, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(real_now() + timedelta(seconds=30 * later))


def browser(world: Any) -> TestClient:
    """Another browser: cookies of its own."""
    return TestClient(world.client.app, follow_redirects=False)


def give_password(client: TestClient, email: str = "agent@ville.example", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/equipe/connexion", data={"email": email, "password": password, **more})


def log_in(world: Any, email: str = "agent@ville.example") -> TestClient:
    """A browser with a whole login, second factor included where it is owed."""
    client = browser(world)
    answer = give_password(client, email)
    assert answer.status_code == 303
    if answer.headers["location"].startswith("/equipe/double-controle"):
        assert client.post("/equipe/double-controle", data={"code": code()}).status_code == 303
    return client


def change(person: Staff, **values: Any) -> None:
    """Changes the row behind everybody's back."""
    with db.writing() as session:
        session.connection().execute(sa.update(Staff).where(Staff.seq == person.seq).values(**values))


def row(person: Staff) -> Staff:
    with db.reading() as session:
        return session.exec(select(Staff).where(Staff.seq == person.seq)).one()


def audited(session: Session) -> list[str]:
    return list(session.exec(select(AuditEntry.action).order_by(AuditEntry.seq)))


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]
