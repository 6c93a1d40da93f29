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
        "questions": [
            {
                "id": question.id,
                "label": question.label.in_(language),
                "plain": question.plain.in_(language),
                "official": question.official.in_(language),
            }
            for question in consultation.questions
        ],
        "audiences": [
            {
                "id": audience.id,
                "label": audience.label.in_(language),
                "official": audience.official.in_(language),
            }
            for audience in consultation.audiences
        ],
        "quartiers": [
            {
                "id": quartier.id,
                "name": quartier.name.in_(language),
                # May be posted, is never shown nor filtered on.
                "private": quartier.private,
            }
            for quartier in consultation.quartiers
        ],
        "age_bands": _labels(consultation.age_bands, language),
        "organisation_kinds": _labels(consultation.organisation_kinds, language),
        "reasons": [
            {
                "id": reason.id,
                "article": reason.article,
                "label": reason.label.in_(language),
                "rule": reason.rule.in_(language),
            }
            for reason in consultation.reasons
        ],
        "never_reasons": [text.in_(language) for text in consultation.never_reasons],
        "consents": {
            name: {
                "version": consent.version,
                "text": consent.text.in_(language),
                "required": consent.required,
            }
            for name, consent in consultation.consents
        },
        "limits": consultation.limits.model_dump(),
        "options": consultation.options.model_dump(),
        "languages": [
            {
                "code": spoken.code,
                "tag": spoken.tag,
                "direction": spoken.direction,
                "name": spoken.endonym,
                "complete": spoken.complete,
            }
            for spoken in consultation.languages
        ],
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


def _labels(parts: Iterable[Any], language: str) -> list[dict[str, str]]:
    return [{"id": part.id, "label": part.label.in_(language)} for part in parts]
