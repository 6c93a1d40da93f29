"""What a device says of itself, and what people say of devices."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from app.accounts.schemas import Line

MOST_WAITING = 1_000_000
Name = Annotated[Line, StringConstraints(min_length=1, max_length=80)]


class PairIn(BaseModel):
    """A new device: with a code, or without one in the mediator's own browser."""

    name: Name
    code: Annotated[str, StringConstraints(max_length=100)] = ""


class ContactIn(BaseModel):
    """How many records wait in it, and its own idea of the time."""

    waiting: Annotated[int, Field(ge=0, le=MOST_WAITING)] = 0
    clock: AwareDatetime | None = None


class DeviceIn(BaseModel):
    """A device's name, as people call it."""

    name: Name


class PairingIn(BaseModel):
    """For whom a code is made; nobody named: for oneself."""

    mediator: UUID | None = None
