"""What the API answers about media: for the OpenAPI document and its tests; handlers answer plain dictionaries."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.models import Face, MediaChoice, MediaKind, MediaState

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
    """A medium as its holder sees it. `sizes`: the width of each derivative in pixels; `failure` is a stable code."""

    sizes: dict[str, int]
    colour: str | None
    state: MediaState
    choice: MediaChoice | None
    failure: str | None
    face: Face
    people_recognisable: bool | None
