"""Before a change goes out: to how many people, what it was and will be, and the message word for word."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app import i18n
from app.errors import N_
from app.events import edit, messages, warnings, words
from app.events.edit import Act
from app.events.edit_schemas import EventIn, typed
from app.events.edit_words import Difference, compared
from app.models import Event

LANGUAGE = "fr"  # of the team, who reads it over
NEW_MODE = N_("Ce rendez-vous change : %(mode)s.")  # a suggestion, where nothing else says so


@dataclass(frozen=True)
class Shown:
    """What whoever sends it sees first."""

    mails: int
    calls: int
    unreachable: int
    subject: str
    text: str
    words: str
    differences: Sequence[Difference] = ()
    clashes: Sequence[warnings.Clash] = ()

    @property
    def people(self) -> int:
        return self.mails + self.calls + self.unreachable


def of_change(db: Session, event: Event, said: EventIn, *, words: str, first: bool) -> Shown:
    """Of what was typed; `first`: the organiser has not seen the message yet, and gets a suggestion."""
    then = imagined(event, said)
    if first and said.mode is not event.mode:
        words = _suggestion(said)
    different = compared(typed(event), typed(then), only=edit.TOLD)
    before = messages.facts(event)
    return _shown(db, then, "moved", words, before, differences=different, clashes=warnings.clashes(db, then))


def of_act(db: Session, event: Event, act: Act, *, words: str) -> Shown:
    """Of another state."""
    return _shown(db, event, act.kind, words, edit.before_it(db, event, act))


def imagined(event: Event, said: EventIn) -> Event:
    """The event as it would be; in no session."""
    return Event(**(event.model_dump() | edit.columns(said)))


def _shown(
    db: Session, event: Event, kind: str, words: str, before: dict[str, str], *,
    differences: Sequence[Difference] = (), clashes: Sequence[warnings.Clash] = (),
) -> Shown:  # fmt: skip
    people = messages.recipients(db, event, "all")
    mails = sum(1 for one in people if one.email)
    calls = sum(1 for one in people if one.phone and not one.email)
    subject, text = messages.preview(event, kind=kind, words=words, language=LANGUAGE, before=before)
    return Shown(mails, calls, len(people) - mails - calls, subject, text, words, differences, clashes)


def _suggestion(said: EventIn) -> str:
    with i18n.speaking(LANGUAGE):
        return i18n.gettext(NEW_MODE) % {"mode": i18n.gettext(words.MODES[said.mode]).lower()}
