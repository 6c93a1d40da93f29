"""What the API answers about a place at an event, for the OpenAPI document and its tests."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.media.answers import RootRelative


class SignedUp(BaseModel):
    """A seat, or a number in the waiting list."""

    id: UUID
    state: Literal["confirmed", "waiting"]
    position: int | None = Field(description="In the waiting list, from 1.")
    manage_token: str = Field(description="Said this once: it sees, changes and cancels.")


class AlreadySignedUp(BaseModel):
    """The same e-mail address or phone number is signed up; the personal link goes again to where it is held."""

    state: Literal["already"]


class OwnPlace(BaseModel):
    id: UUID
    event: str = Field(description="Its slug.")
    state: Literal["confirmed", "waiting", "offered", "cancelled", "attended", "absent"]
    position: int | None
    people: int
    needs: list[str]
    offered_until: AwareDatetime | None = Field(description="An offer not accepted by then goes to the next.")
    url: RootRelative = Field(description="Of the event.")
