"""The demonstration content: invented contributions and a season's meetings as data, for `dialogue demo`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from app.consultation import demo_events, demo_outings
from app.consultation.checks import unknown
from app.consultation.demo_events import DemoEvent
from app.consultation.demo_outings import DemoOuting
from app.consultation.reading import Problem, read
from app.consultation.schemas import Consultation, Part, ReasonId

DEMO = Path(__file__).with_name("demo-2022.toml")

# The states that the demonstration shows; a decision stands behind all but the first two.
DemoState = Literal["pending", "second_review", "published", "returned", "refused", "hidden"]
_DECIDED_AGAINST = ("returned", "refused", "hidden")


class DemoContribution(Part):
    invented: Literal[True]
    kind: Literal["individual", "collective"]
    channel: Literal["online", "street", "paper", "phone", "workshop", "email"]
    question: str
    language: str  # BCP 47
    title: str | None = None
    body: Annotated[str, Field(min_length=1)]
    name: str | None = None
    organisation: str | None = None
    organisation_kind: str | None = None
    people_count: Annotated[int, Field(ge=2)] | None = None
    method: str | None = None
    audiences: tuple[str, ...] = ()
    quartier: str | None = None
    age_band: str | None = None
    received: AwareDatetime
    event: str | None = None
    outing: str | None = None
    chosen: bool = False
    state: DemoState
    reason: ReasonId | None = None
    statement: str | None = None
    photo: bool = False
    alt: str | None = None


class DemoContent(Part):
    format: Literal[1]
    contributions: Annotated[tuple[DemoContribution, ...], Field(min_length=1)]
    events: tuple[DemoEvent, ...] = ()
    outings: tuple[DemoOuting, ...] = ()


def load_demo(path: Path, consultation: Consultation) -> DemoContent:
    """Reads demonstration content that fits `consultation`; raises `ContentError` like `load`."""
    return read(path, DemoContent, lambda content: _problems(content, consultation))


def _problems(content: DemoContent, consultation: Consultation) -> Iterator[Problem]:
    yield from demo_events.problems(content.events, consultation)
    yield from demo_outings.problems(content.outings, consultation)
    before: datetime | None = None
    begins = {event.slug: event.starts_at for event in content.events}
    there = {outing.prefix: (outing.starts_at, outing.ends_at) for outing in content.outings}
    for position, contribution in enumerate(content.contributions):
        here = ("contributions", position)
        found = (
            *_references(contribution, consultation),
            *_lengths(contribution, consultation),
            *_together(contribution),
        )
        for key, sentence in found:
            yield (*here, *key), sentence
        if before is not None and contribution.received < before:
            yield (*here, "received"), "cet avis est arrivé avant celui qui précède ; rangez-les par date"
        if not consultation.collecting(contribution.received):
            yield (*here, "received"), "aucune phase ne recueille les avis ce jour-là ; changez la date"
        if contribution.event is not None and contribution.event not in begins:
            yield (*here, "event"), f"aucun rendez-vous ne s’appelle « {contribution.event} » ; corrigez le mot"
        elif contribution.event is not None and contribution.received < begins[contribution.event]:
            yield (*here, "event"), "ce rendez-vous n’avait pas commencé ; changez la date"
        if contribution.outing is not None:
            hours = there.get(contribution.outing)
            if hours is None:
                yield (*here, "outing"), f"aucune sortie ne s’appelle « {contribution.outing} » ; corrigez le mot"
            elif contribution.channel != "street" or not hours[0] <= contribution.received <= hours[1]:
                yield (*here, "outing"), "cela n’a pas été dit dans la rue à ces heures ; changez la date ou le canal"
        before = contribution.received


def _references(contribution: DemoContribution, consultation: Consultation) -> Iterable[Problem]:
    if consultation.question(contribution.question) is None:
        yield ("question",), unknown(contribution.question, consultation.questions)
    if contribution.language not in consultation.text_tags:
        known = ", ".join(consultation.text_tags)
        yield ("language",), f"la langue « {contribution.language} » n’est pas déclarée ; connues : {known}"
    for rank, audience in enumerate(contribution.audiences):
        if consultation.audience(audience) is None:
            yield ("audiences", rank), unknown(audience, consultation.audiences)
    if contribution.quartier is not None and consultation.quartier(contribution.quartier) is None:
        yield ("quartier",), unknown(contribution.quartier, consultation.quartiers)
    if contribution.age_band is not None and consultation.age_band(contribution.age_band) is None:
        yield ("age_band",), unknown(contribution.age_band, consultation.age_bands)
    kind = contribution.organisation_kind
    if kind is not None and consultation.organisation_kind(kind) is None:
        yield ("organisation_kind",), unknown(kind, consultation.organisation_kinds)


def _lengths(contribution: DemoContribution, consultation: Consultation) -> Iterable[Problem]:
    limits = consultation.limits
    collective = contribution.kind == "collective"
    for key, limit in (
        ("body", limits.body_collective if collective else limits.body_individual),
        ("title", limits.title),
        ("name", limits.name),
        ("organisation", limits.organisation),
        ("method", limits.method),
        ("statement", limits.statement),
        ("alt", limits.alt),
    ):
        text = getattr(contribution, key)
        if text is not None and len(text) > limit:
            yield (key,), f"le texte est trop long ; {limit} caractères au plus"


def _together(contribution: DemoContribution) -> Iterable[Problem]:
    if contribution.kind == "collective" and contribution.organisation is None:
        yield (), "il manque « organisation » : un avis collectif dit qui parle ; ajoutez-le"
    if contribution.kind == "individual" and contribution.organisation is not None:
        yield ("organisation",), 'un avis individuel n’a pas d’organisation ; écrivez kind = "collective"'
    if contribution.state in _DECIDED_AGAINST:
        for key in ("reason", "statement"):
            if getattr(contribution, key) is None:
                yield (), f"il manque « {key} » : l’état {contribution.state} le demande ; ajoutez-le"
    elif contribution.reason is not None:
        yield ("reason",), f"l’état {contribution.state} n’a pas de motif ; retirez-le"
    if contribution.photo and contribution.alt is None:
        yield (), "il manque « alt » : une photo a un texte qui la décrit ; ajoutez-le"
