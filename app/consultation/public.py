"""The answer of `GET /api/v1/consultation`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from app.consultation.schemas import Consultation, Phase


def public(consultation: Consultation, *, now: datetime, language: str) -> dict[str, Any]:
    """Everything a client needs to show the form and post to it, as plain JSON values.

    Texts are in `language`, French where a translation is missing. Days are the city's;
    `ends` is the last day, `ends_at` the instant after it.
    """
    current, following = consultation.phase_at(now), consultation.next_phase(now)
    return {
        "id": consultation.id,
        "city": consultation.city.in_(language),
        "title": consultation.title.in_(language),
        "official_title": consultation.official_title.in_(language),
        "summary": consultation.summary.in_(language),
        "language": language,
        "timezone": consultation.timezone,
        "collecting": consultation.collecting(now),
        "collects_until": consultation.collects_until.isoformat(),
        "phase": current.id if current else None,
        "next_phase": following.id if following else None,
        "phases": [
            _phase(consultation, phase, current=phase is current, language=language) for phase in consultation.phases
        ],
        **_choices(consultation, language),
        "never_reasons": [text.in_(language) for text in consultation.never_reasons],
        "consents": {
            name: {"version": consent.version, "text": consent.text.in_(language), "required": consent.required}
            for name, consent in consultation.consents
        },
        "limits": consultation.limits.model_dump(),
        "options": consultation.options.model_dump(),
        "languages": _languages(consultation),
        "licence": {
            "id": consultation.licence.id,
            "name": consultation.licence.name.in_(language),
            "url": consultation.licence.url,
        },
    }


def _phase(consultation: Consultation, phase: Phase, *, current: bool, language: str) -> dict[str, Any]:
    return {
        "id": phase.id,
        "kind": phase.kind,
        "name": phase.name.in_(language),
        "when": phase.when.in_(language),
        "starts": phase.starts.isoformat(),
        "ends": phase.ends.isoformat(),
        "starts_at": consultation.midnight(phase.starts).isoformat(),
        "ends_at": consultation.midnight(phase.ends + timedelta(days=1)).isoformat(),
        "indicative": phase.indicative,
        "current": current,
        "collects": phase.collects,
        "sentence": phase.sentence.in_(language),
        "next": phase.next.in_(language),
    }


def _choices(consultation: Consultation, language: str) -> dict[str, list[dict[str, Any]]]:
    """The closed lists of the form, and the charter's reasons."""
    return {
        "questions": [
            {"id": one.id, "label": one.label.in_(language), "plain": one.plain.in_(language),
             "official": one.official.in_(language)}
            for one in consultation.questions
        ],
        "audiences": [
            {"id": one.id, "label": one.label.in_(language), "official": one.official.in_(language)}
            for one in consultation.audiences
        ],
        # A private one may be posted; it is never shown nor filtered on.
        "quartiers": [
            {"id": one.id, "name": one.name.in_(language), "private": one.private} for one in consultation.quartiers
        ],
        "age_bands": _labels(consultation.age_bands, language),
        "organisation_kinds": _labels(consultation.organisation_kinds, language),
        "reasons": [
            {"id": one.id, "article": one.article, "label": one.label.in_(language), "rule": one.rule.in_(language)}
            for one in consultation.reasons
        ],
    }  # fmt: skip


def _labels(parts: Iterable[Any], language: str) -> list[dict[str, str]]:
    return [{"id": part.id, "label": part.label.in_(language)} for part in parts]


def _languages(consultation: Consultation) -> list[dict[str, Any]]:
    return [
        {
            "code": spoken.code,
            "tag": spoken.tag,
            "direction": spoken.direction,
            "name": spoken.endonym,
            "complete": spoken.complete,
        }
        for spoken in consultation.languages
    ]
