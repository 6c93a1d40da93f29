"""The filters of the meetings as plain links: what one can choose, what is chosen, each in one address."""

from datetime import date
from functools import partial
from typing import Any

from app import i18n
from app.consultation import asked
from app.consultation.content import consultation
from app.events import words
from app.events.filters import Filters
from app.i18n import gettext as _
from app.models import EventKind, Mode
from app.web import translated, url


def groups(chosen: Filters) -> list[dict[str, Any]]:
    """For `ui.filters`: each group with a first option that lifts it."""
    here = partial(address, chosen)
    return [
        asked.group(
            title,
            name,
            options,
            current=_current(chosen, name),
            address=here,
            lifted=_("À venir") if name == "when" else "",
        )
        for name, title, options in _choices()
    ]


def _current(chosen: Filters, name: str) -> str | None:
    """None where a day was asked for: this group is about spans."""
    return None if name == "when" and chosen.date else getattr(chosen, name)


def chips(chosen: Filters) -> list[dict[str, str]]:
    """What is chosen now, each with the address that takes it away."""
    labels = {name: dict(options) for name, _title, options in _choices()}
    return asked.chips(chosen, partial(_label, labels), address=partial(address, chosen))


def address(chosen: Filters, **changed: str) -> str:
    """The list's address with some filters changed; the page starts again. A day and a span exclude each other."""
    if "when" in changed:
        changed["date"] = ""
    return url("events", **{**chosen.given(), **changed})


def _label(labels: dict[str, dict[str, str]], name: str, value: str) -> str:
    if name == "date":
        return i18n.format_date(date.fromisoformat(value))
    return labels.get(name, {}).get(value, value)


def _choices() -> list[tuple[str, str, list[asked.Option]]]:
    """(filter, its title, what one may choose)."""
    content = consultation()
    return [
        ("when", _("Quand"), [
            ("week", _("Cette semaine")), ("weekend", _("Ce week-end")), ("month", _("Ce mois-ci")),
            ("past", _("Les rendez-vous passés")),
        ]),
        ("places", _("Places"), [("1", _("Avec des places libres"))]),
        ("kind", _("Quoi"), [
            (kind.value, i18n.gettext(name)) for kind, name in words.KINDS.items() if kind is not EventKind.SESSION
        ]),
        ("mode", _("Comment"), [
            (mode.value, i18n.gettext(words.MODES[mode])) for mode in (Mode.IN_PERSON, Mode.ONLINE)
        ]),
        ("quartier", _("Quartier"), [(part.id, translated(part.name)) for part in content.public_quartiers]),
        ("offer", _("Sur place, il y a"), [(offer, words.offer_name(offer)) for offer in words.offers()]),
    ]  # fmt: skip
