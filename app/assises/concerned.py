"""Before a release: whom it reaches, how, and each message word for word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app import i18n
from app.assises import letters, meetings
from app.assises.frozen import FrozenProgramme
from app.assises.meetings import Turn
from app.assises.telling import Addressed
from app.events import messages
from app.models import Registration, Via

LANGUAGE = "fr"  # of the team, who reads it over


@dataclass(frozen=True)
class Letter:
    """One message: to everybody signed up for a session, or to one speaker. `to`: that session's title, that name."""

    about: UUID  # the session's id, or the speaker's
    to: str
    subject: str
    text: str
    mails: int = 0
    calls: int = 0
    unreachable: int = 0
    kind: str = ""

    @property
    def people(self) -> int:
        return self.mails + self.calls + self.unreachable


@dataclass(frozen=True)
class Concerned:
    """Everybody who is told."""

    meetings: Sequence[Letter] = ()
    speakers: Sequence[Letter] = ()

    @property
    def letters(self) -> Sequence[Letter]:
        return [*self.meetings, *self.speakers]

    @property
    def people(self) -> int:
        return sum(each.people for each in self.letters)

    @property
    def mails(self) -> int:
        return sum(each.mails for each in self.letters)

    @property
    def calls(self) -> int:
        return sum(each.calls for each in self.letters)

    @property
    def unreachable(self) -> int:
        return sum(each.unreachable for each in self.letters)


def find(
    db: Session, new: FrozenProgramme, turns: Iterable[Turn], speakers: Iterable[Addressed], *, words: str
) -> Concerned:
    """In words, as they would leave. `words`: what an organiser adds."""
    telling_turns = [turn for turn in turns if turn.kind]
    counts = _counts(db, telling_turns)
    return Concerned(
        [_meeting(turn, counts.get(turn.event.seq), words) for turn in telling_turns],
        [_speaker(new, each, words) for each in speakers],
    )


def _meeting(turn: Turn, count: Any, words: str) -> Letter:
    said = turn.session.said if turn.kind == "cancelled" else words
    subject, text = messages.preview(
        meetings.imagined(turn), kind=turn.kind, words=said, language=LANGUAGE, before=messages.facts(turn.event)
    )
    mails, calls, everybody = (count.mails, count.calls, count.everybody) if count else (0, 0, 0)
    left = everybody - mails - calls
    return Letter(turn.session.id, turn.session.title, subject, text, mails, calls, left, turn.kind)


def _speaker(new: FrozenProgramme, each: Addressed, words: str) -> Letter:
    with i18n.speaking(LANGUAGE):
        subject, text = letters.subject(), letters.text(letters.Told(new, each.lines, words))
    mails, calls, left = (int(each.via is via) for via in (Via.EMAIL, Via.CALL, None))
    return Letter(each.id, each.name, subject, text, mails, calls, left)


def _counts(db: Session, turns: Sequence[Turn]) -> Mapping[int | None, Any]:
    """How each meeting's people are reached, all in one statement."""
    email, phone = col(Registration.email_sealed).is_not(None), col(Registration.phone_sealed).is_not(None)
    counted = (
        sa.select(
            col(Registration.event_seq),
            sa.func.count().label("everybody"),
            sa.func.count(sa.case((email, 1))).label("mails"),
            sa.func.count(sa.case((sa.and_(phone, ~email), 1))).label("calls"),
        )
        .where(
            col(Registration.event_seq).in_([turn.event.seq for turn in turns]),
            col(Registration.state).in_(messages.ADDRESSED["all"]),
        )
        .group_by(col(Registration.event_seq))
    )
    return {row.event_seq: row for row in db.connection().execute(counted)}
