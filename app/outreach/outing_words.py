"""An outing's fields in words, for whoever compares what is saved with what they typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from app import i18n
from app.consultation.content import consultation
from app.errors import N_
from app.events import edit_words
from app.events.edit_words import Difference
from app.models import Method, Staff
from app.outreach import words

LABELS = {
    "starts_at": N_("Début"),
    "ends_at": N_("Fin"),
    "place_name": N_("Lieu"),
    "place_address": N_("Adresse"),
    "quartier": N_("Quartier"),
    "point": N_("Point sur la carte"),
    "method": N_("Méthode"),
    "question": N_("Question"),
    "mediators": N_("Qui y va"),
    "material": N_("À emporter"),
    "notes": N_("Notes pour l’équipe"),
    "public": N_("Sur le calendrier public"),
}
NO_QUESTION = N_("Choisie avec chaque personne")
YES = N_("Oui")


def compared(one: Mapping[str, Any], other: Mapping[str, Any], team: Sequence[Staff]) -> list[Difference]:
    """Where what is saved and what was typed differ, in the order of the page."""
    names = {str(each.id): each.name for each in team}
    found = []
    for name, label in LABELS.items():
        left, right = (_said(name, each.get(name), names) for each in (one, other))
        if left != right:
            found.append(Difference(name, i18n.gettext(label), left, right))
    return found


def question(code: str | None) -> str:
    """A question of the consultation in plain words, or that it is chosen with each person."""
    return question_name(code) if code else i18n.gettext(NO_QUESTION)


def question_name(code: str) -> str:
    """In plain words; one the content file no longer has stands as it is."""
    known = consultation().question(code)
    return known.plain.in_(i18n.current().code) if known else code


def _said(name: str, value: Any, names: Mapping[str, str]) -> str:
    if name == "question":
        return question(value)
    if name == "method" and value in set(Method):
        return i18n.gettext(words.METHODS[Method(value)])
    if name == "mediators":
        given = {value} if isinstance(value, str) else set(value or [])
        value = ", ".join(sorted(names.get(each, each) for each in given))
    if name == "public" and value:
        return i18n.gettext(YES)
    return edit_words.said(name, value)
