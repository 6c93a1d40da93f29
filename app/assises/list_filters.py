"""The filters of the programme as plain links: what one can choose, what is chosen, each in one address."""

from datetime import date, datetime, time
from functools import partial
from typing import Any

from app import i18n
from app.assises.filters import HAS, Filters, days
from app.assises.frozen import FrozenProgramme
from app.consultation import asked
from app.consultation.content import consultation
from app.events import words
from app.i18n import gettext as _
from app.web import translated, url


def groups(chosen: Filters, programme: FrozenProgramme) -> list[dict[str, Any]]:
    """For `ui.filters`: each group with a first option that lifts it. Only what some session has can be chosen."""
    return [
        asked.group(title, name, options, current=getattr(chosen, name), address=partial(address, chosen))
        for name, title, options in _choices(programme)
        if options
    ]


def chips(chosen: Filters, programme: FrozenProgramme) -> list[dict[str, str]]:
    """What is chosen now, each with the address that takes it away."""
    labels = {name: dict(options) for name, _title, options in _choices(programme)}
    return asked.chips(
        chosen, lambda name, value: labels[name].get(value) or _name(name, value), address=partial(address, chosen)
    )


def address(chosen: Filters, **changed: str) -> str:
    """The programme's address with some filters changed."""
    return url("assises", **{**chosen.given(), **changed})


def _choices(programme: FrozenProgramme) -> list[tuple[str, str, list[asked.Option]]]:
    had = {name: {value for each in programme.sessions for value in HAS[name](each, programme)} for name in HAS}
    return [
        ("day", _("Quel jour"), [(day, _name("day", day)) for day in days(programme)]),
        ("track", _("Thème"), [(each.slug, each.name) for each in programme.tracks if each.slug in had["track"]]),
        ("audience", _("Pour qui"), [
            (each.id, translated(each.label)) for each in consultation().audiences if each.id in had["audience"]
        ]),
        ("offer", _("Sur place, il y a"), [
            (code, words.offer_name(code)) for code in words.offers() if code in had["offer"]
        ]),
    ]  # fmt: skip


def _name(name: str, value: str) -> str:
    """What is chosen though no session has it."""
    if name == "day":
        return i18n.format_day(datetime.combine(date.fromisoformat(value), time(12), consultation().zone))
    if name == "offer":
        return words.offer_name(value)
    known = consultation().audience(value)
    return translated(known.label) if known else value
