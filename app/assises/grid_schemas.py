"""Where somebody puts a session of the draft: as the plain fields send it, and the grid by hand."""

from datetime import datetime
from uuid import UUID

from app.assises.edit_schemas import Moment, VersionIn
from app.events import moments


class PlaceIn(VersionIn):
    """Without a moment it waits among the sessions to be placed."""

    starts_at: Moment = None
    room: UUID | None = None
    aside: bool = False

    @property
    def at(self) -> datetime | None:
        return moments.read(self.starts_at) if self.starts_at and not self.aside else None
