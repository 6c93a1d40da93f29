"""What someone says when signing up for a meeting, or changing it; every refusal names its field."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, email_address, wrong
from app.contributions.text import latin_digits
from app.errors import N_
from app.events import people
from app.events.words import offers

MOST_PEOPLE = 100  # a class with its parents; more is an event of its own
MOST_NEEDS = 20
NOTE = 500  # characters


class PlacesIn(BaseModel):
    """What may be changed later: how many come, what they need."""

    people: Annotated[int, Field(ge=1)] = 1
    needs: list[Cleaned] = Field(default_factory=list)
    note: Cleaned | None = None

    @field_validator("people", mode="before")
    @classmethod
    def _in_any_script(cls, value: Any) -> Any:
        """٣ or ３, as the keyboard at hand writes it."""
        return "".join(latin_digits(value).split()) if isinstance(value, str) else value

    @field_validator("people")
    @classmethod
    def _possible(cls, value: int) -> int:
        if value > MOST_PEOPLE:
            raise wrong("too_many_people", N_("Ce nombre est trop grand : %(most)s au plus."), most=MOST_PEOPLE)
        return value

    @field_validator("needs")
    @classmethod
    def _needs(cls, values: list[str]) -> list[str]:
        if len(values) > MOST_NEEDS:
            raise wrong("too_many_needs", N_("Il y en a trop : %(most)s au plus."), most=MOST_NEEDS)
        if not values:
            return []
        codes = {code.replace("_", "-"): code for code in offers()}  # `step-free` is no other need than `step_free`
        plain = (codes.get(value.lower().replace("_", "-"), value) for value in values)
        return [value for value in dict.fromkeys(plain) if value]

    @field_validator("note")
    @classmethod
    def _note(cls, value: str | None) -> str | None:
        return at_most(value, NOTE)

    @model_validator(mode="after")
    def _in_their_words(self) -> Self:
        """What is on no list is still a need: it goes with the note, which is sealed."""
        known = offers() if self.needs else []
        if others := [need for need in self.needs if need not in known]:
            self.needs = [need for need in self.needs if need in known]
            self.note = at_most("\n".join(filter(None, [self.note, *others])), NOTE, field="note")
        return self


class RegistrationConsentsIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"required": ["data"]}, validate_default=True)

    data: bool = False
    contact: bool | None = None

    @field_validator("data")
    @classmethod
    def _given(cls, value: bool) -> bool:
        if not value:
            raise wrong("consent_missing", N_("Sans votre accord, nous ne pouvons pas noter votre inscription."))
        return value


class RegistrationIn(PlacesIn):
    """`POST /api/v1/events/{slug}/registrations`; the form posts the same names, dotted."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["name", "consents"]},
        validate_default=True,  # what is not given is refused in our words, all of it at once
    )
    reachable: ClassVar[bool] = True  # an address or a number is needed

    name: Cleaned = ""
    email: Cleaned | None = None
    phone: Cleaned | None = None
    consents: RegistrationConsentsIn = Field(default_factory=dict, validate_default=True)
    reminders: bool = False

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Écrivez un prénom : celui que vous voulez."))
        return at_most(" ".join(value.split()), consultation().limits.name) or ""

    @field_validator("email")
    @classmethod
    def _email(cls, value: str | None) -> str | None:
        return email_address("".join(value.split())) if value else None

    @field_validator("phone")
    @classmethod
    def _phone(cls, value: str | None, info: Any) -> str | None:
        """After the address, so that a missing one of the two is said with all the rest."""
        if not value and cls.reachable and info.data.get("email", "refused") is None:
            raise wrong("contact_missing", N_("Donnez une adresse ou un numéro : l’un des deux suffit."), field="email")
        try:
            return people.normal_phone(value) if value else None
        except ValueError:
            raise wrong("bad_phone", N_("Ce numéro ne semble pas complet. Exemple : 06 12 34 56 78")) from None
