"""Where somebody puts a session of the draft: as the plain fields send it, and the grid by hand."""

from datetime import datetime
from uuid import UUID

from pydantic import field_validator

from app.assises.edit_schemas import VersionIn
from app.events import moments
from app.events.edit_schemas import Line


class PlaceIn(VersionIn):
    """Without a moment it waits among the sessions to be placed."""

    starts_at: Line | None = None
    room: UUID | None = None
    aside: bool = False

    @field_validator("starts_at")
    @classmethod
    def _moment(cls, value: str | None) -> str | None:
        if value:
            moments.read(value)
        return value or None

    @property
    def at(self) -> datetime | None:
        return moments.read(self.starts_at) if self.starts_at and not self.aside else None
