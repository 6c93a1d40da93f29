"""What organisers type to release the programme, or to change one session of it at once."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from app.assises.edit_schemas import A_DAY, LONGEST, Moment
from app.contributions.schemas import Cleaned, at_most
from app.events import moments
from app.events.edit_schemas import LONGEST_WORDS, Line


class ReleaseIn(BaseModel):
    """`mark` and `seen`: of the preview that was read. The rule says what is wrong with a name."""

    name: Line = ""
    words: Cleaned = ""
    mark: str = ""
    seen: bool = False

    @field_validator("words")
    @classmethod
    def _short(cls, value: str) -> str:
        return at_most(value, LONGEST_WORDS) or ""


class UrgentIn(BaseModel):
    """Empty fields leave the session as it is; cancelled, they say nothing."""

    act: Literal["move", "cancel"] = "move"
    starts_at: Moment = None
    minutes: Annotated[int, Field(ge=1, le=A_DAY)] | None = None
    room: UUID | None = None
    said: Cleaned = ""
    mark: str = ""
    seen: bool = False

    @field_validator("said")
    @classmethod
    def _short(cls, value: str) -> str:
        return at_most(value, LONGEST["said"]) or ""

    def change(self) -> dict[str, Any]:
        """As the rule asks for it."""
        at: datetime | None = moments.read(self.starts_at) if self.starts_at else None
        cancel = self.act == "cancel"
        moved = {} if cancel else {"starts_at": at, "minutes": self.minutes, "room": self.room}
        return moved | {"cancel": cancel, "said": self.said}
