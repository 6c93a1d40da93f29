"""The filters of the meetings as plain links: what one can choose, what is chosen, each in one address."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app import i18n
from app.consultation.content import consultation
from app.events import words
from app.events.filters import Filters
from app.i18n import gettext as _
from app.models import EventKind, Mode
from app.web import translated, url


@dataclass(frozen=True)
class Choice:
    """One filter: its parameter, its title, and (value, label) for each thing one may choose."""

    name: str
    title: str
    options: list[tuple[str, str]]


def groups(chosen: Filters) -> list[dict[str, Any]]:
    """For `ui.filters`: each group with a first option that lifts it."""
    return [_group(chosen, choice) for choice in _choices()]


def chips(chosen: Filters) -> list[dict[str, str]]:
    """What is chosen now, each with the address that takes it away."""
    labels = {choice.name: dict(choice.options) for choice in _choices()}
    return [
        {"label": _label(labels, name, value), "url": address(chosen, **{name: ""})}
        for name, value in chosen.given().items()
    ]


def address(chosen: Filters, **changed: str) -> str:
    """The list's address with some filters changed; the page starts again. A day and a span exclude each other."""
    if changed.get("when"):
        changed["date"] = ""
    return url("events", **{**chosen.given(), **changed})


def _group(chosen: Filters, choice: Choice) -> dict[str, Any]:
    current = getattr(chosen, choice.name)
    lifted = _("À venir") if choice.name == "when" else _("Tout")
    none = not current and not (choice.name == "when" and chosen.date)
    links = [{"label": lifted, "url": address(chosen, **{choice.name: ""} | _no_day(choice)), "current": none}]
    links += [
        {"label": label, "url": address(chosen, **{choice.name: value}), "current": value == current}
        for value, label in choice.options
    ]
    return {"title": choice.title, "options": links}


def _no_day(choice: Choice) -> dict[str, str]:
    return {"date": ""} if choice.name == "when" else {}


def _label(labels: dict[str, dict[str, str]], name: str, value: str) -> str:
    if name == "date":
        return i18n.format_date(date.fromisoformat(value))
    return labels.get(name, {}).get(value, value)


def _choices() -> list[Choice]:
    content = consultation()
    return [
        Choice("when", _("Quand"), [
            ("week", _("Cette semaine")), ("weekend", _("Ce week-end")), ("month", _("Ce mois-ci")),
            ("past", _("Les rendez-vous passés")),
        ]),
        Choice("places", _("Places"), [("1", _("Avec des places libres"))]),
        Choice("kind", _("Quoi"), [
            (kind.value, i18n.gettext(name)) for kind, name in words.KINDS.items() if kind is not EventKind.SESSION
        ]),
        Choice("mode", _("Comment"), [
            (mode.value, i18n.gettext(words.MODES[mode])) for mode in (Mode.IN_PERSON, Mode.ONLINE)
        ]),
        Choice("quartier", _("Quartier"), [(part.id, translated(part.name)) for part in content.public_quartiers]),
        Choice("offer", _("Sur place, il y a"), [(offer, words.offer_name(offer)) for offer in words.offers()]),
    ]  # fmt: skip
