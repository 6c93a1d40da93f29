"""What the desk answers as JSON: for the OpenAPI document and its tests; shapes.py makes the dictionaries."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from app.contributions.answers import Words
from app.media.answers import StaffMedia
from app.models import Channel, Kind, State
from app.moderation.appeal_schemas import Outcome
from app.moderation.queue_schemas import Flag
from app.moderation.schemas import Action, Danger
from app.openapi import ProblemField


class Claim(BaseModel):
    """Who holds the item, and until when."""

    by: str
    until: AwareDatetime


class Open(BaseModel):
    """An open alert with its `kind`, or an appeal with the `version` its answer names."""

    id: UUID
    at: AwareDatetime
    kind: Danger | None = None
    version: int | None = None


class Signal(BaseModel):
    """`open`: how many alerts, signals of danger nobody looked at, reports, appeals are open; how many media of public
    words somebody must decide about. The others were noticed by a program and answered by nobody: `danger` counts
    `violence`, `child` and `threat` too. `which`: the open alerts and the appeal, by whose id they
    are closed and answered."""

    kind: Literal[
        "alert", "danger", "notice", "appeal", "media_waiting", "violence", "child", "threat", "phone", "email", "iban",
        "nir", "address", "name", "link", "slur", "language", "duplicate",
    ]  # fmt: skip
    open: int
    which: list[Open] | None = None


class QueueItem(BaseModel):
    """`version` and `revision.number` go into the decision."""

    id: UUID
    reference: str
    state: State
    version: int
    revision: Words
    channel: Channel
    kind: Kind
    question: str
    received_at: AwareDatetime
    due_at: AwareDatetime
    claim: Claim | None
    signals: list[Signal]
    media: list[StaffMedia]


class Queue(BaseModel):
    """Whatever the filters: `counts`, how many contributions are in each state; `waiting`, how many wait for somebody;
    `flags`, how many stand under each; `media_waiting`, how many published ones have a medium that became ready, or
    failed, after its words were decided."""

    items: list[QueueItem]
    next: str | None
    counts: dict[State, int]
    waiting: int
    flags: dict[Flag, int]
    media_waiting: int


class Decided(BaseModel):
    """What the decision made of it; `version` is the new one, `revision` the number decided on."""

    id: UUID
    reference: str
    state: State
    version: int
    revision: int
    action: Action
    by: str
    at: AwareDatetime


class BulkResult(BaseModel):
    """One decision: `status` 201 with the new state, else why it was refused, as if it had been sent alone."""

    id: str
    status: int
    reference: str | None
    state: State | None
    version: int | None
    code: str | None
    detail: str | None
    errors: list[ProblemField]


class BulkResults(BaseModel):
    """In the order of the decisions; `decided` of them were taken."""

    decided: int
    results: list[BulkResult]


class AlertOpened(BaseModel):
    id: UUID
    kind: Danger
    state: Literal["open"]
    opened_at: AwareDatetime
    closed_at: None


class AlertClosed(BaseModel):
    id: UUID
    kind: Danger
    state: Literal["closed"]
    opened_at: AwareDatetime
    closed_at: AwareDatetime


class AppealDecided(BaseModel):
    """What a second person answered; `state` is the contribution's, `version` the appeal's."""

    id: UUID
    reference: str
    outcome: Outcome
    version: int
    state: State
    at: AwareDatetime
