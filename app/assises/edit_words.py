"""The editor's fields in words: their names, and what is typed in them, for whoever compares two versions."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from app import i18n
from app.errors import N_
from app.events import moments
from app.events.edit_words import NOTHING, Difference

SESSION = {
    "title": N_("Titre"),
    "kind": N_("Quel genre"),
    "summary": N_("En une ou deux phrases"),
    "body": N_("Ce qu’on y fait"),
    "track": N_("Thème"),
    "language": N_("Langue"),
    "audience": N_("Pour qui"),
    "audiences": N_("Pour qui c’est pensé d’abord"),
    "starts_at": N_("Début"),
    "minutes": N_("Durée en minutes"),
    "room": N_("Salle"),
    "seats": N_("Places"),
    "offers": N_("Ce qui est prévu"),
    "speaker": N_("Qui prend la parole"),
    "facilitator": N_("Qui anime"),
    "interpreter": N_("Qui interprète"),
    "newcomers": N_("Quelqu’un qui n’est pas dans la liste"),
    "cancelled": N_("Annulation"),
    "said": N_("Ce qu’on dit aux gens"),
}
WHOLE = {
    "title": N_("Titre"),
    "words": N_("Ce qu’on dit au-dessus du programme"),
    "place_name": N_("Lieu"),
    "place_address": N_("Adresse"),
    "point": N_("Point sur la carte"),
    "way": N_("Comment venir"),
    "access_notes": N_("Accès sur place"),
    "contact": N_("À qui poser une question"),
}
DAY = {"starts_at": N_("Début"), "ends_at": N_("Fin")}
PAUSE = {"title": N_("Titre")} | DAY
ROOM = {
    "name": N_("Nom"),
    "capacity": N_("Places assises"),
    "access_notes": N_("Accès sur place"),
    "offers": N_("Ce qu’il y a toujours"),
}
TRACK = {"name": N_("Nom")}
SPEAKER = {
    "name": N_("Nom"),
    "about": N_("Qui c’est, en quelques mots"),
    "language": N_("Langue"),
    "email": N_("Courriel"),
    "phone": N_("Téléphone"),
}
YES = N_("oui")


def compared(
    labels: Mapping[str, str],
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    choices: Mapping[str, Iterable[tuple[Any, ...]]],
) -> list[Difference]:
    """Where two sets of typed values differ, in the order of `labels`. `choices`: by field, (value, words)."""
    found = []
    for name, label in labels.items():
        named = {str(value): words for value, words, *_ in choices.get(name, ())}
        left, right = said(name, one.get(name), named), said(name, other.get(name), named)
        if left != right:
            found.append(Difference(name, i18n.gettext(label), left, right))
    return found


def said(name: str, value: Any, named: Mapping[str, str]) -> str:
    """A typed value in words; what cannot be read stays as it was typed."""
    if not value:
        return i18n.gettext(NOTHING)
    if named:
        given = [value] if isinstance(value, str) else value
        return ", ".join(named.get(str(each), str(each)) for each in given)
    if name.endswith("_at"):
        try:
            return i18n.format_moment(moments.read(str(value)))
        except PydanticCustomError:
            return str(value)
    return str(value).replace("\r\n", "\n").strip()
