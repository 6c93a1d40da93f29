"""What organisers type about a session; every refusal names its field."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_
from app.events import moments
from app.events import words as events
from app.events.edit_schemas import MOST_SEATS, Line, lines
from app.models import Part, ProgrammeSession, SessionKind

# Visible characters.
LONGEST = {"title": 120, "summary": 300, "body": 6000, "audience": 200, "said": 500}
A_DAY = 24 * 60  # minutes
MOST_PEOPLE = 20  # in one part
LONGEST_NAME = 120
TOO_MANY = N_("Il y en a trop : %(most)s personnes au plus.")
GIVE_TITLE = N_("Donnez un titre.")
NO_SPEAKER = "unknown_speaker", N_("Cette personne n’est pas, ou plus, dans la liste. Choisissez-en une autre.")
# By field: what is chosen among rows that organisers make and delete.
UNKNOWN: dict[str, tuple[str, str]] = {
    "room": ("unknown_room", N_("Cette salle n’existe pas, ou plus. Choisissez-en une autre.")),
    "track": ("unknown_track", N_("Ce thème n’existe pas, ou plus. Choisissez-en un autre.")),
    **{part.value: NO_SPEAKER for part in Part},
}


def _readable(value: str | None) -> str | None:
    if value:
        moments.read(value)
    return value or None


Moment = Annotated[Line | None, AfterValidator(_readable)]


class VersionIn(BaseModel):
    """Beside what was typed: which version was read."""

    version: Annotated[int, Field(ge=1)]


class SessionIn(BaseModel):
    """One session as the editor posts it. It needs a title; the rest may come later."""

    title: Line = Field(default="", validate_default=True)
    kind: SessionKind
    summary: Line = ""
    body: Cleaned = ""
    audience: Line = ""
    audiences: list[str] = []
    language: Line = "fr"
    offers: list[str] = []
    track: UUID | None = None
    room: UUID | None = None
    starts_at: Moment = None
    minutes: Annotated[int, Field(ge=1, le=A_DAY)] = 60
    seats: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = None
    cancelled: bool = False
    said: Cleaned = ""
    speaker: list[UUID] = []
    facilitator: list[UUID] = []
    interpreter: list[UUID] = []
    newcomers: Cleaned = ""  # people who are not in the list yet, one a line

    @field_validator("room", "track", *Part, mode="before")
    @classmethod
    def _ids(cls, value: object, info: Any) -> object:
        """People come one a field, `speaker.0` and on; what is no id is nobody's."""
        value = list(value.values()) if isinstance(value, dict) else value
        try:
            return [UUID(str(each)) for each in value] if isinstance(value, list) else value and UUID(str(value))
        except ValueError:
            raise wrong(*UNKNOWN[info.field_name]) from None

    @field_validator("title")
    @classmethod
    def _titled(cls, value: str) -> str:
        if not value:
            raise wrong("missing", GIVE_TITLE)
        return value

    @field_validator(*LONGEST)
    @classmethod
    def _short(cls, value: str, info: Any) -> str:
        return at_most(value, LONGEST[info.field_name]) or ""

    @field_validator("audiences")
    @classmethod
    def _audiences(cls, value: list[str]) -> list[str]:
        return known(value, [audience.id for audience in consultation().audiences], "unknown_audience")

    @field_validator("offers")
    @classmethod
    def _offers(cls, value: list[str]) -> list[str]:
        return known(value, events.offers(), "unknown_offer")

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        return spoken(value)

    @field_validator("newcomers")
    @classmethod
    def _named(cls, value: str) -> str:
        for name in lines(value):
            at_most(name, LONGEST_NAME)
        return value

    @model_validator(mode="after")
    def _once_each(self) -> "SessionIn":
        seen: set[UUID] = set()
        for part, people in self.people():
            if len(people) > MOST_PEOPLE:
                raise wrong("too_many", TOO_MANY, most=MOST_PEOPLE, field=part.value)
            if seen & set(people) or len(set(people)) < len(people):
                raise wrong("twice", N_("Une personne est choisie deux fois."), field=part.value)
            seen |= set(people)
        if len(lines(self.newcomers)) > MOST_PEOPLE:
            raise wrong("too_many", TOO_MANY, most=MOST_PEOPLE, field="newcomers")
        return self

    def people(self) -> list[tuple[Part, list[UUID]]]:
        """Who does what."""
        return [(part, getattr(self, part.value)) for part in Part]

    def fields(self) -> dict[str, Any]:
        """The columns it fills; where it is, under what and with whom aside, which a rule looks up."""
        named = {"track", "room", "starts_at", "newcomers", *(part.value for part in Part)}
        return self.model_dump(exclude=named) | {
            "starts_at": moments.read(self.starts_at) if self.starts_at else None,
        }


def gathered(values: dict[str, Any]) -> dict[str, Any]:
    """As posted, people of one part together: `speaker.0` and on become `speaker`."""
    together = {name: value for name, value in values.items() if name.partition(".")[0] not in set(Part)}
    for part in Part:
        picked = [value for name, value in values.items() if name.partition(".")[0] == part.value]
        together[part.value] = [each for one in picked for each in ([one] if isinstance(one, str) else one)]
    return together


def typed(session: ProgrammeSession) -> dict[str, Any]:
    """A session as the editor's fields show it, under the names of `SessionIn`; its room, track and people aside."""
    plain = {name: getattr(session, name) for name in (*LONGEST, "language")}
    return plain | {
        "kind": session.kind.value,
        "audiences": list(session.audiences),
        "offers": list(session.offers),
        "starts_at": moments.shown(session.starts_at),
        "minutes": str(session.minutes),
        "seats": "" if session.seats is None else str(session.seats),
        "cancelled": "true" if session.cancelled else "",
    }


def known(value: list[str], codes: list[str], code: str) -> list[str]:
    """In the order of the closed list; refused where one is not in it."""
    if set(value) - set(codes):
        raise wrong(code, N_("Choisissez parmi ce qui est proposé."))
    return [each for each in codes if each in value]


def spoken(value: str) -> str:
    """A language of the consultation, French if unsaid."""
    if value and value not in {language.tag for language in consultation().languages}:
        raise wrong("unknown_language", N_("Cette langue n’est pas connue."))
    return value or "fr"
