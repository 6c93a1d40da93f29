"""What the API answers about contributions: for the OpenAPI document and its tests; handlers answer dictionaries."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.consultation.parts import ReasonId
from app.media.answers import HeldMedia, PublicMedia, RootRelative
from app.models import AppealState, Channel, Kind, State


class NewCode(BaseModel):
    """The receipt, said this once: in words, and the same key in sixteen digits."""

    receipt_code: str = Field(pattern=r"^([a-z]+-){4}[0-9]{2}$")
    receipt_digits: str = Field(pattern=r"^([0-9]{4} ){3}[0-9]{4}$")


class Submitted(NewCode):
    id: UUID
    reference: str
    state: State
    url: RootRelative


class PublicAuthor(BaseModel):
    name: str | None
    organisation: str | None
    people_count: int | None


class PublicContribution(BaseModel):
    """A published contribution. `themes`, `replies` and `cited_in` are empty in this version."""

    id: UUID
    reference: str
    url: RootRelative
    question: str
    kind: Kind
    channel: Channel
    title: str | None
    body: str
    language: str
    direction: Literal["ltr", "rtl"]
    author: PublicAuthor
    audiences: list[str]
    quartier: str | None
    received_on: date
    published_at: AwareDatetime
    edited_by_moderation: bool
    edited_reason: str | None
    media: list[PublicMedia]
    themes: list[Any]
    replies: list[Any]
    cited_in: list[Any]
    licence: str


class ContributionList(BaseModel):
    """`next` goes into `?after=`; null on the last page."""

    items: list[PublicContribution]
    next: str | None


class Words(BaseModel):
    """One revision; decisions name its `number`."""

    number: int
    title: str | None
    body: str
    language: str


class StatementOfReasons(BaseModel):
    """Why it is not published: the charter's article, what a person wrote, and what one can do `now`.

    `by_machine`: a program had pointed something out; it is always a person who decided.
    """

    action: Literal["return", "refuse", "hide"]
    reason: ReasonId | None
    article: int | None
    label: str | None
    text: str | None
    now: str | None
    by_machine: bool
    at: AwareDatetime


class AppealMade(BaseModel):
    """« Read by somebody else »: where it stands, and what the other person answered."""

    state: AppealState
    made_at: AwareDatetime
    decided_at: AwareDatetime | None
    statement: str | None


class Edited(BaseModel):
    """Which words moderators hid: what stands in their place, under which article, what was said of it."""

    reason: str
    article: int | None
    label: str | None
    hidden: list[str]
    text: str | None


class MergedInto(BaseModel):
    """The contribution that says the same; `url` once it is public."""

    reference: str
    url: RootRelative | None


class ReceiptView(BaseModel):
    """What the holder of a receipt sees; `can` says what is possible now.

    `appeal`: the last one made; `appeal_until`: how long another person may be asked to read the decision again.
    """

    reference: str
    state: State
    revision: Words
    statement: StatementOfReasons | None
    appeal: AppealMade | None
    appeal_until: AwareDatetime | None
    edited: Edited | None
    merged_into: MergedInto | None
    can: list[Literal["revise", "withdraw", "undo_withdrawal", "erase", "replace_code", "appeal"]]
    media: list[HeldMedia]
    received_at: AwareDatetime
    url: RootRelative | None


class NoticeMade(BaseModel):
    """A report just received: its number, said this once, is typed at `url` to follow it."""

    number: str = Field(pattern=r"^([2-9A-Z]{4}-){2}[2-9A-Z]{4}$")
    hid_at_once: bool
    url: RootRelative
