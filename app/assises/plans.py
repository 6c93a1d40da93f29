"""What a release would be, and making it so: the steps `releases.py` and `urgent.py` share."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app import audit
from app.assises import concerned, conflicts, draft, meetings, telling
from app.assises.carried import carry
from app.assises.concerned import Concerned
from app.assises.conflicts import Conflict
from app.assises.differences import Difference, between
from app.assises.frozen import FrozenProgramme, freeze
from app.assises.meetings import Turn
from app.assises.telling import Addressed
from app.errors import N_, refuse_field
from app.i18n import gettext as _
from app.models import Release, Staff
from app.models.base import new_id
from app.models.publication import bump

NOTHING = N_("Il n’y a rien à publier : aucune séance n’a d’heure.")
NO_CHANGE = N_("Rien n’a changé depuis la dernière version.")
TOO_LONG = N_("« %(title)s » est plus long que sa journée.")


@dataclass(frozen=True)
class Plan:
    """What would be released: against what, with what it does to meetings and to people."""

    old: FrozenProgramme | None
    new: FrozenProgramme
    turns: Sequence[Turn]
    speakers: Sequence[Addressed]
    names: Mapping[UUID, str] = field(default_factory=dict)  # of speakers, for warnings

    @property
    def differences(self) -> list[Difference]:
        return between(self.old, self.new)

    @property
    def tells(self) -> bool:
        """Whether anybody is concerned."""
        return bool(self.speakers) or any(turn.kind for turn in self.turns)

    @property
    def mark(self) -> str:
        """Two plans of one mark release the same, whenever they are made."""
        frozen = freeze(self.new)
        for session in frozen["sessions"]:
            session.pop("changed_at")
        kept = [freeze(self.old) if self.old else None, frozen]
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Preview:
    """What an organiser reads before. `empty`: there is nothing, or nothing new. `unplaced`: sessions left out
    (id, slug, title). `mark`: given back, it says that this is what was seen."""

    programme: FrozenProgramme
    differences: Sequence[Difference]
    conflicts: Sequence[Conflict]
    unplaced: Sequence[Any]
    concerned: Concerned
    empty: bool
    mark: str


def make(db: Session, drafted: FrozenProgramme, *, names: Mapping[UUID, str] | None = None, now: datetime) -> Plan:
    """What a release of these sessions would be, now."""
    old = draft.last(db)
    new = carry(old, drafted, now=now)
    speakers = telling.addressed(db, old, new, now=now)
    return Plan(old, new, meetings.turns(db, new, now=now), speakers, names or {})


def preview(
    db: Session, plan: Plan, *, words: str = "", only: UUID | None = None, unplaced: Sequence[Any] = (),
    dropped: Collection[UUID] = (),
) -> Preview:  # fmt: skip
    """A plan in words. `only`: warnings about that session alone; `dropped`: sessions no longer in the draft."""
    told = concerned.find(db, plan.new, plan.turns, plan.speakers, words=words)
    left = [_left(letter.about, letter.to, letter.people) for letter in told.meetings if letter.about in dropped]
    found = conflicts.find(plan.new, speakers=plan.names)
    warned = [*left, *(each for each in found if only is None or only in each.sessions)]
    empty = not plan.new.sessions or plan.old == plan.new
    return Preview(plan.new, plan.differences, warned, unplaced, told, empty, plan.mark)


def refuse_unready(plan: Plan, *, field: str = "name") -> None:
    """422 with nothing in it, nothing new, or a session longer than its day; `field`: what is to be typed again."""
    if not plan.new.sessions:
        raise refuse_field(field, "nothing", NOTHING)
    if plan.old == plan.new:
        raise refuse_field(field, "no_change", NO_CHANGE)
    for session in plan.new.sessions:
        days = [day for day in plan.new.days if day.starts_at <= session.starts_at < day.ends_at]
        longest = max((day.ends_at - day.starts_at for day in days), default=None)
        if longest and not session.cancelled and session.ends_at - session.starts_at > longest:
            raise refuse_field(field, "longer_than_day", TOO_LONG, title=session.title)


def publish(
    db: Session, plan: Plan, *, name: str, words: str, by: Staff, now: datetime, urgent: bool = False
) -> Release:
    """Writes it all down; the programme is held. `words` are said to everybody; of an urgent one in messages too."""
    meetings.hold(db, plan.turns)
    turns = meetings.turns(db, plan.new, now=now)  # as they are now that nobody signs up meanwhile
    made = Release(
        id=new_id(), name=name, words=words, urgent=urgent, programme=freeze(plan.new),
        changes=[each.as_json() for each in plan.differences], by=by.actor, at=now,
    )  # fmt: skip
    db.add(made)
    db.flush()
    # What names rows of the draft comes before what the public sees: whoever edits holds them in that order.
    telling.tell(db, plan.speakers, made, now=now)
    meetings.make(db, plan.new, now=now)
    meetings.apply(db, turns, words=words if urgent else "", by=by.actor, now=now)
    bump(db)
    action = "programme_urgent" if urgent else "programme_released"
    audit.append(db, actor=by.actor, action=action, kind="programme", object_id=str(made.id), now=now)
    return made


def taken(db: Session, name: str) -> bool:
    return db.exec(select(Release.seq).where(col(Release.name) == name)).first() is not None


def _left(session: UUID, title: str, people: int) -> Conflict:
    said = _("« %(title)s » n’est plus au programme. Personnes inscrites, qui seront prévenues : %(n)s.")
    return Conflict("dropped", (session,), said % {"title": title, "n": people})
