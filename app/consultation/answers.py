"""What `GET /api/v1/consultation` answers: for the OpenAPI document and its tests; public.py makes the dictionary."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from app.consultation.parts import Limits, Options, PhaseKind, ReasonId


class PhaseShown(BaseModel):
    """Days are the city's: `ends` is the last one, `ends_at` the instant after it."""

    id: str
    kind: PhaseKind
    name: str
    when: str
    starts: date
    ends: date
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    indicative: bool
    current: bool
    collects: bool
    sentence: str
    next: str


class QuestionShown(BaseModel):
    id: str
    label: str
    plain: str
    official: str


class AudienceShown(BaseModel):
    id: str
    label: str
    official: str


class QuartierShown(BaseModel):
    """A `private` one may be posted, is never shown nor filtered on."""

    id: str
    name: str
    private: bool


class Labelled(BaseModel):
    id: str
    label: str


class ReasonShown(BaseModel):
    """An article of the publication charter."""

    id: ReasonId
    article: int
    label: str
    rule: str


class ConsentShown(BaseModel):
    version: str
    text: str
    required: bool


class ConsentsShown(BaseModel):
    publication: ConsentShown
    contact: ConsentShown
    age: ConsentShown
    registration: ConsentShown


class LanguageShown(BaseModel):
    code: str
    tag: str
    direction: Literal["ltr", "rtl"]
    name: str
    complete: bool


class LicenceShown(BaseModel):
    id: str
    name: str
    url: str


class ConsultationShown(BaseModel):
    """Everything a client needs to show the form and post to it. `phase` and `next_phase` are phases' ids."""

    id: str
    city: str
    title: str
    official_title: str
    summary: str
    language: str
    timezone: str
    collecting: bool
    collects_until: AwareDatetime
    phase: str | None
    next_phase: str | None
    phases: list[PhaseShown]
    questions: list[QuestionShown]
    audiences: list[AudienceShown]
    quartiers: list[QuartierShown]
    age_bands: list[Labelled]
    organisation_kinds: list[Labelled]
    reasons: list[ReasonShown]
    never_reasons: list[str]
    consents: ConsentsShown
    limits: Limits
    options: Options
    languages: list[LanguageShown]
    licence: LicenceShown
