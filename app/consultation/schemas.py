"""The shape of a consultation: what a content file may say, and the questions one asks of it.

Everything is frozen: the consultation is read once at start and shared by every thread.
Rules between parts (a phase that ends before it starts, an id used twice) stand in `checks`,
which can point at the exact line.
"""

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from app.consultation.parts import (
    FALLBACK,
    AgeBand,
    Audience,
    Axis,
    Consents,
    Contact,
    Help,
    Knot,
    Language,
    Licence,
    Limits,
    Mandate,
    Meeting,
    Options,
    OrganisationKind,
    Part,
    Phase,
    Platform,
    Quartier,
    Question,
    Reason,
    ReasonId,
    Slug,
    Text,
)

__all__ = ["FALLBACK", "Consultation", "Part", "Phase", "ReasonId", "Slug", "Text"]


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"le fuseau horaire « {name} » n’existe pas ; écrivez par exemple Europe/Paris") from None
    return name


class Consultation(Part):
    format: Literal[1]
    id: Slug
    city: Text
    title: Text
    official_title: Text
    headline: Text
    summary: Text
    timezone: Annotated[str, AfterValidator(_known_timezone)] = "Europe/Paris"
    platform: Platform
    licence: Licence
    mandate: Mandate
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    thread: tuple[Knot, ...]
    questions: Annotated[tuple[Question, ...], Field(min_length=2)]
    audiences: Annotated[tuple[Audience, ...], Field(min_length=1)]
    quartiers: Annotated[tuple[Quartier, ...], Field(min_length=2)]
    age_bands: tuple[AgeBand, ...]
    organisation_kinds: Annotated[tuple[OrganisationKind, ...], Field(min_length=1)]
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    never_reasons: tuple[Text, ...]
    help_numbers: Annotated[tuple[Help, ...], Field(min_length=1)]
    help_notice: Text
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1)]
    consents: Consents
    limits: Limits
    options: Options = Options()
    meetings: tuple[Meeting, ...] = ()
    axes: tuple[Axis, ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def today(self, now: datetime) -> date:
        """The day it is in the city; `now` must be aware (`ValueError` otherwise)."""
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        return now.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The instant a day begins in the city."""
        return datetime.combine(day, time.min, self.zone)

    def phase_at(self, now: datetime) -> Phase | None:
        """The phase under way; None before the first, after the last and in a gap between two."""
        day = self.today(now)
        return next((phase for phase in self.phases if phase.starts <= day <= phase.ends), None)

    def next_phase(self, now: datetime) -> Phase | None:
        """The first phase that has not begun."""
        day = self.today(now)
        return next((phase for phase in self.phases if phase.starts > day), None)

    def previous_phase(self, now: datetime) -> Phase | None:
        """The last phase that is over."""
        day = self.today(now)
        return next((phase for phase in reversed(self.phases) if phase.ends < day), None)

    def collecting(self, now: datetime) -> bool:
        phase = self.phase_at(now)
        return phase is not None and phase.collects

    @cached_property
    def collects_until(self) -> datetime:
        """The instant from which no contribution is taken any more."""
        last = max(phase.ends for phase in self.phases if phase.collects)
        return self.midnight(last + timedelta(days=1))

    def knot_at(self, now: datetime) -> int | None:
        """Which knot of the thread is now (its index): in a gap, the one just before."""
        phase = self.phase_at(now) or self.previous_phase(now)
        if phase is None:
            return None
        return next((n for n, knot in enumerate(self.thread) if phase.id in knot.phases), None)

    def meetings_from(self, now: datetime, *, limit: int = 3) -> tuple[Meeting, ...]:
        """The next meetings, one that is under way included."""
        day = self.today(now)
        return tuple(meeting for meeting in self.meetings if meeting.last_day >= day)[:limit]

    def question(self, id: str) -> Question | None:
        return self._by_id("questions").get(id)

    def audience(self, id: str) -> Audience | None:
        return self._by_id("audiences").get(id)

    def quartier(self, id: str) -> Quartier | None:
        return self._by_id("quartiers").get(id)

    def reason(self, id: str) -> Reason | None:
        return self._by_id("reasons").get(id)

    def age_band(self, id: str) -> AgeBand | None:
        return self._by_id("age_bands").get(id)

    def organisation_kind(self, id: str) -> OrganisationKind | None:
        return self._by_id("organisation_kinds").get(id)

    def contact(self, id: str) -> Contact | None:
        return self._by_id("contacts").get(id)

    def language(self, code: str) -> Language | None:
        return self._languages.get(code)

    @cached_property
    def public_quartiers(self) -> tuple[Quartier, ...]:
        return tuple(quartier for quartier in self.quartiers if not quartier.private)

    @cached_property
    def text_tags(self) -> tuple[str, ...]:
        """The BCP 47 tags a contribution may carry, each once (`simple` writes `fr`)."""
        return tuple(dict.fromkeys(language.tag for language in self.languages))

    @cached_property
    def _languages(self) -> dict[str, Language]:
        return {language.code: language for language in self.languages}

    @cached_property
    def _indexes(self) -> dict[str, dict[str, Any]]:
        return {}

    def _by_id(self, name: str) -> dict[str, Any]:
        indexes = self._indexes
        if name not in indexes:
            indexes[name] = {part.id: part for part in getattr(self, name)}
        return indexes[name]
