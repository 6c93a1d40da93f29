"""The parts of a consultation: one frozen model for each table of the content file."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    model_validator,
)

FALLBACK = "fr"

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
# Reasons keep the underscore of the public contract (`off_topic`), see domain.md.
ReasonId = Literal[
    "personal",
    "offence",
    "off_topic",
    "image_rights",
    "advertising",
    "duplicate",
    "unreadable",
    "illegal",
    "protection",
]
PhaseKind = Literal["survey", "launch", "collection", "assises", "report", "answer", "follow-up"]
MeetingKind = Literal["workshop", "mediation", "visit", "meeting", "session"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(RootModel[dict[str, Annotated[str, Field(min_length=1)]]]):
    """One text in several languages; a bare string is a proper name, the same everywhere."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _same_everywhere(cls, value: Any) -> Any:
        return {FALLBACK: value} if isinstance(value, str) else value

    def in_(self, language: str) -> str:
        return self.root[self.language_used(language)]

    def language_used(self, language: str) -> str:
        """The language `in_` answers in: the one asked for, or French (for the `lang` attribute)."""
        return language if language in self.root else FALLBACK


class Language(Part):
    code: Slug
    tag: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
    direction: Literal["ltr", "rtl"]
    endonym: Annotated[str, Field(min_length=1)]
    complete: bool  # every page; otherwise the short path only (home, form, receipt, help)
    proofread: bool  # False shows « traduction à relire »


class Platform(Part):
    name: Text
    link: Annotated[str, Field(pattern=r"^https?://")]
    logo: str | None = None
    invented: bool = False


class Licence(Part):
    id: str
    name: Text
    url: Annotated[str, Field(pattern=r"^https?://")]


class Mandate(Part):
    origin: Text
    stakes: tuple[Text, ...]  # the « enjeux » of the city's communiqué
    decided_here: tuple[Text, ...]
    not_decided_here: tuple[Text, ...]
    decided_by: Text


class Phase(Part):
    id: Slug
    kind: PhaseKind
    name: Text
    when: Text
    starts: date
    ends: date  # inclusive
    sentence: Text
    next: Text
    place: str | None = None
    collects: bool = False
    indicative: bool = False  # the order is known, the dates are not


class Knot(Part):
    """One knot of the thread on the home page; it covers one phase or several."""

    phases: Annotated[tuple[str, ...], Field(min_length=1)]
    when: Text
    text: Text


class Question(Part):
    id: Slug
    official: Text
    plain: Text
    label: Text
    hint: Text | None = None


class Audience(Part):
    id: Slug
    official: Text
    label: Text  # in the first person, as a resident ticks it


class Quartier(Part):
    id: Slug
    name: Text
    private: bool = False  # never on a card, never a public filter


class AgeBand(Part):
    id: Slug
    label: Text


class OrganisationKind(Part):
    id: Slug
    label: Text


class Reason(Part):
    """An article of the charter, and what a moderator says when it is applied."""

    id: ReasonId
    article: Annotated[int, Field(ge=1)]
    label: Text
    rule: Text
    statement: Text  # the default the moderator edits
    now: Text  # what one can do


class Help(Part):
    id: Slug
    name: Text
    who: Text
    what: Text
    when: Text
    number: str | None = None
    link: Annotated[str, Field(pattern=r"^(tel|sms):[0-9]+$")] | None = None
    site: Annotated[str, Field(pattern=r"^https://")] | None = None


class Contact(Part):
    id: Slug
    name: Text
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]+$")] | None = None
    phone: Annotated[str, Field(pattern=r"^\+[0-9]{6,15}$")] | None = None
    address: Text | None = None
    invented: bool = False


class Consent(Part):
    version: Annotated[str, Field(min_length=1)]
    text: Text  # one sentence, which can be read aloud
    label: Text  # the words beside the box
    required: bool


class Consents(Part):
    publication: Consent
    contact: Consent
    age: Consent
    registration: Consent  # to meetings


Count = Annotated[int, Field(ge=1)]


class Limits(Part):
    body_individual: Count
    body_collective: Count
    summary: Count
    title: Count
    name: Count
    organisation: Count
    method: Count
    people_count: Count
    statement: Count
    alt: Count
    media: Count
    photo_mb: Count
    sound_minutes: Count
    sound_mb: Count
    video_minutes: Count
    video_mb: Count
    document_mb: Count
    field_mb: Count  # one file of a page without JavaScript
    unfinished_gb: Count  # uploads one address may leave unfinished
    upload_hours: Count  # how long an unfinished upload is kept
    paper_summary: Count
    megapixels: Count
    review_hours: Count  # how soon a person reads what came in
    receipt_minutes: Count
    draft_days: Count
    withdrawal_days: Count
    appeal_months: Count


class Options(Part):
    replies: bool = False


class Meeting(Part):
    id: Slug
    kind: MeetingKind
    title: Text
    starts: date
    ends: date | None = None
    place: Text | None = None
    access: Literal["open", "invited"] = "open"

    @property
    def last_day(self) -> date:
        return self.ends or self.starts


class Axis(Part):
    id: Slug
    title: Text
