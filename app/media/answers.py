"""What the API answers about media: for the OpenAPI document and its tests; handlers answer plain dictionaries."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.models import Face, MediaChoice, MediaKind, MediaState, Voice

RootRelative = Annotated[str, Field(pattern="^/")]


class Caption(BaseModel):
    language: str
    url: RootRelative


class PublicMedia(BaseModel):
    """A published medium. `urls` by the derivative's name."""

    id: UUID
    kind: MediaKind
    type: str
    width: int | None
    height: int | None
    duration: float | None
    urls: dict[str, RootRelative]
    alt: str | None
    transcript: str | None
    captions: list[Caption]
    blurred: bool


class HeldMedia(PublicMedia):
    """A medium as its holder sees it: the plain files, and where the work on it is.

    `sizes`: the width of each derivative in pixels; `failure` is a stable code; `progress`: per cent of `step`.
    """

    sizes: dict[str, int]
    colour: str | None
    state: MediaState
    choice: MediaChoice | None
    failure: str | None
    face: Face
    voice: Voice
    people_recognisable: bool | None
    agreements_held: bool | None
    step: str | None
    progress: int


class StaffMedia(HeldMedia):
    """A medium as a moderator sees it. `zones`: those decided, else those found; `blurred_urls` when made with them."""

    blurred_urls: dict[str, RootRelative]
    faces: list[dict[str, Any]]
    zones: list[dict[str, Any]]
    no_speech: bool
    details: dict[str, Any]
