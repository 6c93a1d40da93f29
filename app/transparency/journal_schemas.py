"""What the journal's page is asked."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.errors import N_

Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
ORDER = N_("La fin vient avant le début.")


class JournalIn(BaseModel):
    """Which entries; nothing given: all of them."""

    actor: Code = ""
    action: Code = ""
    kind: Code = ""
    object: Code = ""
    since: date | None = None
    until: date | None = None
    before: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> "JournalIn":
        if self.since and self.until and self.until < self.since:
            raise PydanticCustomError("order", "{msgid}", {"msgid": ORDER, "field": "until"})
        return self
