"""What the team's pages are sent."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.errors import N_
from app.models import Role

EMAIL = re.compile(r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}$")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def normal_email(email: str) -> str:
    """As it is kept: one person, one spelling."""
    return email.strip().casefold()


def _one_line(value: object) -> object:
    if not isinstance(value, str):
        return value
    return CONTROL.sub("", value).encode("utf-8", "replace").decode().strip()


def _address(value: str) -> str:
    if not EMAIL.match(value):
        words = N_("Cette adresse n’est pas complète. Elle ressemble à nom@exemple.fr.")
        raise PydanticCustomError("email", "{msgid}", {"msgid": words})
    return value


Line = Annotated[str, BeforeValidator(_one_line)]
Address = Annotated[Line, StringConstraints(max_length=254), AfterValidator(_address)]
Typed = Annotated[str, StringConstraints(max_length=1000)]  # a password: kept as typed, judged elsewhere
Tag = Annotated[Line, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class LoginIn(BaseModel):
    email: Annotated[Line, StringConstraints(max_length=1000)]
    password: Typed
    next: str = ""


class CodeIn(BaseModel):
    code: Annotated[Line, StringConstraints(max_length=100)]
    next: str = ""


class EnrolmentIn(CodeIn):
    proposal: Annotated[str, StringConstraints(max_length=1000)]


class NewPasswordIn(BaseModel):
    password: Typed


class ChangePasswordIn(BaseModel):
    current: Typed
    password: Typed


class TokenIn(BaseModel):
    name: Annotated[Line, StringConstraints(min_length=1, max_length=80)]


class TokenEndIn(BaseModel):
    token: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SessionEndIn(BaseModel):
    """One session by its HMAC, or a whole group; nothing said: all the others."""

    session: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    here_too: bool = False


class PersonIn(BaseModel):
    """Someone of the team, as an administrator writes them."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=120)]
    roles: Annotated[list[Role], Field(min_length=1)]
    reads: list[Tag] = []


class NewPersonIn(PersonIn):
    email: Address
