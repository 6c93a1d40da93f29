"""What the team tells of an outing afterwards."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from app.contributions.schemas import Cleaned, at_most

LONGEST = {"heard": 3000, "changes": 1500}  # visible characters: together they fit on one poster
MOST_CHOSEN = 6


class ToldIn(BaseModel):
    """`chosen`: references of what was said there. `seen`: the mark of what the writer began with."""

    heard: Cleaned = ""
    changes: Cleaned = ""
    chosen: Annotated[list[str], Field(max_length=MOST_CHOSEN)] = []
    seen: str = ""
    publish: bool = False

    @field_validator("heard")
    @classmethod
    def _heard(cls, value: str) -> str:
        return at_most(value, LONGEST["heard"]) or ""

    @field_validator("changes")
    @classmethod
    def _changes(cls, value: str) -> str:
        return at_most(value, LONGEST["changes"]) or ""
