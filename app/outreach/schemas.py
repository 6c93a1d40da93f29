"""One record from the street as a device sends it; every refusal names its field."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from app.contributions.schemas import Cleaned, ConsentsIn, ContributionIn, at_most, refused_consent, wrong
from app.errors import N_
from app.outreach.media_schemas import DeclaredIn

MOST_CODES = 100  # asked for at once
SHEET = 40
MINOR = N_("Moins de 15 ans : les mots seulement, sans nom, sans contact, sans photo ni voix.")


class StreetConsentsIn(ConsentsIn):
    """As anybody's; whether the age was asked is judged with the record."""

    model_config = ConfigDict(json_schema_extra={"required": ["publication"]})

    @field_validator("publication", "age")
    @classmethod
    def _given(cls, value: bool, info: Any) -> bool:
        if not value and info.field_name == "publication":
            raise refused_consent("publication")
        return value


class CollectedIn(ContributionIn):
    """`PUT /api/v1/collect/{uuid}`. `receipt_code`: a code given in advance, or the number of a ticket.

    With `under_15` there are words and nothing else, and no age is asked for.
    """

    consents: StreetConsentsIn = Field(default_factory=dict, validate_default=True)
    media: list[DeclaredIn] = Field(default_factory=list, validate_default=True)  # type: ignore[assignment]
    collected_at: AwareDatetime | None = None
    read_back: bool = False
    outing: UUID | None = None
    sheet: Cleaned | None = None
    receipt_code: Annotated[str | None, Field(max_length=200, repr=False)] = None
    under_15: bool = False
    danger: bool = False

    @field_validator("sheet")
    @classmethod
    def _sheet(cls, value: str | None) -> str | None:
        return at_most(value, SHEET)

    @model_validator(mode="after")
    def _age(self) -> "CollectedIn":
        if not self.under_15:
            if not self.consents.age:
                refused = refused_consent("age")
                raise wrong(refused.type, str((refused.context or {})["msgid"]), field="consents.age")
            return self
        contact = self.contact
        told = {
            "author.name": self.author.name,
            "author.organisation": self.author.organisation,
            "contact.email": contact and contact.email,
            "contact.phone": contact and contact.phone,
            "media": self.media,
        }
        for field, value in told.items():
            if value:
                raise wrong("minor_words_only", MINOR, field=field)
        return self


class Declared(BaseModel):
    """The media of a record, whatever else it says."""

    media: list[DeclaredIn] = Field(default_factory=list)


class CodesIn(BaseModel):
    count: Annotated[int, Field(ge=1, le=MOST_CODES)]
