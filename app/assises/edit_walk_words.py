"""A stop's fields in words, for whoever compares two versions of it."""

from collections.abc import Mapping
from typing import Any

from app import i18n
from app.assises import edit_words
from app.errors import N_
from app.events import words as events
from app.events.edit_words import Difference

LABELS = {
    "name": N_("Nom"),
    "words": N_("Ce qu’on y voit, ce qu’on y fait"),
    "hours": N_("Les heures d’ouverture"),
    "place_address": N_("Adresse"),
    "point": N_("Point sur la carte"),
    "access_notes": N_("Accès sur place"),
    "offers": N_("Ce qui est prévu"),
    "shown": N_("Montrer cette étape au public"),
}


def compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Difference]:
    """Where two sets of typed values differ, in the order of the editor."""
    choices = {
        "offers": [(code, events.offer_name(code)) for code in events.offers()],
        "shown": [("true", i18n.gettext(edit_words.YES))],
    }
    left, right = ({**typed, "hours": _hours(typed)} for typed in (one, other))
    return edit_words.compared(LABELS, left, right, choices)


def _hours(typed: Mapping[str, Any]) -> str:
    """A line for each opening, in the order typed."""
    numbers = sorted({name.split(".")[1] for name in typed if name.startswith("hours.") and name.count(".") == 2})
    spans = [[typed.get(f"hours.{number}.{end}", "") for end in ("opens", "closes")] for number in numbers]
    return "\n".join(" – ".join(edit_words.said("_at", each, {}) for each in span) for span in spans)
