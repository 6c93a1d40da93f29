"""`dialogue user …` and `dialogue token …`: what each does and says. A refusal ends the program with words."""

import sys
from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from app.accounts import queries, rules
from app.accounts.passwords import check_new, hash_password
from app.accounts.rules import COMMAND_LINE
from app.accounts.schemas import Address, normal_email
from app.adapters.clock import real_now
from app.db import reading, writing
from app.errors import AppError, Unprocessable
from app.forms import say
from app.models import Role
from app.settings import Settings


def add_user(
    email: str, *, roles: list[str], name: str, reads: list[str] | None, password: str | None, settings: Settings
) -> str:
    """What to print: who was added and, without a password, a link to choose one (24 h, once)."""
    wanted, languages, now = _roles(roles), _split(reads or []), real_now()
    try:
        email = normal_email(TypeAdapter(Address).validate_python(email))
        password_hash = _hash(password, email) if password is not None else None
        with writing() as db:
            person = rules.add_person(
                db, email=email, name=name.strip(), roles=wanted, reads=languages or None,
                password_hash=password_hash, by=COMMAND_LINE, now=now,
            )  # fmt: skip
            link = "" if password_hash else rules.invite(db, person, by=COMMAND_LINE, at=now, now=now)
    except ValidationError:
        sys.exit(f"{email}: this is not a whole e-mail address.")
    except AppError as error:
        sys.exit(_words(error))
    added = f"added {person.email}: {', '.join(person.roles)}"
    return f"{added}\n{invitation_url(link, settings)}" if link else added


def _hash(password: str, email: str) -> str:
    check_new(password, email=email)
    return hash_password(password)


def invitation_url(link: str, settings: Settings) -> str:
    """Made without the web's routes, which the command line does not load."""
    base = (settings.base_url or "http://127.0.0.1:8000").rstrip("/")
    return f"{base}/equipe/mot-de-passe/{link}"


def list_users() -> Iterator[str]:
    with reading() as db:
        people = queries.people(db)
    for person in people:
        second = "second factor" if person.totp_confirmed_at else "no second factor"
        access = "open" if person.active else "closed"
        yield "\t".join([person.email, person.name, ",".join(person.roles), ",".join(person.reads), second, access])


def add_token(email: str, *, name: str) -> str:
    """The token, and nothing else."""
    with writing() as db:
        person = queries.by_email(db, email)
        if person is None or not person.active:
            sys.exit(f"{email}: nobody of the team has this address. See `dialogue user list`.")
        return rules.make_token(db, person, name=name[:80], by=COMMAND_LINE, now=real_now())


def revoke_token(email: str, *, name: str) -> str:
    """Ends every token of this person with this name."""
    with writing() as db:
        person = queries.by_email(db, email)
        found = [token for token in queries.tokens(db, person) if token.name == name] if person else []
        if person is None or not found:
            sys.exit(f"{email}: no working token is named {name!r}.")
        for token in found:
            rules.revoke_token(db, person, mac=token.token_mac, by=COMMAND_LINE, now=real_now())
    return f"revoked {len(found)}"


def _roles(names: list[str]) -> list[Role]:
    try:
        return [Role(name) for name in _split(names)]
    except ValueError as error:
        sys.exit(f"{error}. The roles are: {', '.join(Role)}.")


def _split(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _words(error: AppError) -> str:
    if isinstance(error, Unprocessable):
        return " ".join(say(one) for one in error.errors)
    return error.message
