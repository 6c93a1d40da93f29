"""An event's fields in words: their names, and what is typed in them, for whoever compares two versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from app import i18n
from app.consultation.content import consultation
from app.errors import N_
from app.events import moments, words
from app.models import Access, EventKind, Mode

LABELS = {
    "title": N_("Titre"),
    "kind": N_("Quel rendez-vous"),
    "starts_at": N_("Début"),
    "ends_at": N_("Fin"),
    "mode": N_("Comment on y vient"),
    "place_name": N_("Lieu"),
    "place_address": N_("Adresse"),
    "quartier": N_("Quartier"),
    "point": N_("Point sur la carte"),
    "online_url": N_("Lien pour venir en ligne"),
    "access": N_("Pour qui c’est ouvert"),
    "capacity": N_("Places"),
    "opens_at": N_("Ouverture des inscriptions"),
    "closes_at": N_("Fin des inscriptions"),
    "summary": N_("En une ou deux phrases"),
    "body": N_("Ce qu’on y fait"),
    "audience": N_("Pour qui"),
    "way": N_("Comment venir"),
    "access_notes": N_("Accès sur place"),
    "offers": N_("Ce qui est prévu"),
    "facilitators": N_("Qui anime"),
    "contact": N_("À qui poser une question"),
}
NOTHING = N_("rien")
CLOSED: dict[str, Mapping[Any, str]] = {"kind": words.KINDS, "mode": words.MODES, "access": words.ACCESS}
MEMBERS: dict[str, Any] = {"kind": EventKind, "mode": Mode, "access": Access}


@dataclass(frozen=True)
class Difference:
    """One field as it stands and as somebody would have it, in words."""

    field: str
    label: str
    one: str
    other: str


def compared(one: Mapping[str, Any], other: Mapping[str, Any], *, only: tuple[str, ...] = ()) -> list[Difference]:
    """Where two sets of typed values differ, in the order of the editor."""
    found = []
    for name, label in LABELS.items():
        left, right = said(name, one.get(name)), said(name, other.get(name))
        if left != right and (not only or name in only):
            found.append(Difference(name, i18n.gettext(label), left, right))
    return found


def said(name: str, value: Any) -> str:
    """A typed value in words; what cannot be read stays as it was typed."""
    if not value:
        return i18n.gettext(NOTHING)
    if name in CLOSED:
        return i18n.gettext(CLOSED[name][MEMBERS[name](value)]) if value in set(MEMBERS[name]) else str(value)
    if name == "offers":
        given = {value} if isinstance(value, str) else set(value)
        order = [code for code in words.offers() if code in given]
        return ", ".join(words.offer_name(code) for code in [*order, *sorted(given - set(order))])
    if name == "quartier":
        quartier = consultation().quartier(str(value))
        return quartier.name.in_(i18n.current().code) if quartier else str(value)
    if name.endswith("_at"):
        try:
            return i18n.format_moment(moments.read(str(value)))
        except PydanticCustomError:
            return str(value)
    return str(value).replace("\r\n", "\n").strip()
