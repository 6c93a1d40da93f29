"""What a sheet to print says, in the current language: the same for the page and for the PDF (`sheet.typ`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from app import i18n, qr
from app.assises.by_day import Day
from app.assises.frozen import FrozenPause, FrozenProgramme
from app.assises.queries import Released
from app.i18n import gettext as _

Card = Mapping[str, Any]
Lines = list[str]


def day(released: Released, on: Day, cards: Mapping[str, Card], *, home: str) -> dict[str, Any]:
    """A day of the programme. `cards`: of app.assises.cards, by id; `home`: the whole address of the programme."""
    programme = released.programme
    order = {room.id: position for position, room in enumerate(programme.rooms)}
    sessions = [
        (
            each.starts_at,
            order.get(each.room, len(order)) if each.room else len(order),
            _session(cards[str(each.id)], each.seats),
        )
        for each in on.sessions
    ]
    rows = sorted([*((each.starts_at, -1, _pause(each)) for each in on.pauses), *sessions], key=lambda row: row[:2])
    values = {"name": released.name, "when": i18n.format_moment(released.at)}
    return _sheet(
        heading(on), programme.title or _("Les Assises"), home, under=_under(programme),
        foot=_("Version « %(name)s », publiée le %(when)s.") % values + " " + _("Le programme peut changer."),
        code_says=_("Le programme à jour : %(address)s") % {"address": short(home)},
        columns=[_("Heure"), _("Salle"), _("Quoi")], rows=[row for _at, _room, row in rows],
    )  # fmt: skip


def walk(words: str, stops: Sequence[Card], *, now: datetime, home: str) -> dict[str, Any]:
    """The walk. `stops`: of app.assises.walk_words; `home`: the whole address of its page."""
    return _sheet(
        _("Le parcours en ville"), "", home, under=[words] if words else [],
        foot=_("Feuille du %(date)s. Les heures peuvent changer.") % {"date": i18n.format_date(now)},
        code_says=_("Le parcours à jour : %(address)s") % {"address": short(home)},
        stops=[_stop(each) for each in stops],
    )  # fmt: skip


def heading(on: Day) -> str:
    """The day in words, as a title begins."""
    words = i18n.format_day(on.starts_at)
    return words[:1].upper() + words[1:]


def short(address: str) -> str:
    """As one types it from paper."""
    parts = urlsplit(address)
    return parts.netloc + parts.path


def _sheet(
    called: str, title: str, home: str, *, under: Lines, foot: str, code_says: str, columns: Sequence[str] = (),
    rows: Sequence[Any] = (), stops: Sequence[Any] = (),
) -> dict[str, Any]:  # fmt: skip
    language = i18n.current()
    return {
        "lang": language.tag.split("-")[0], "dir": language.direction, "heading": called, "title": title,
        "under": under, "foot": foot, "code": qr.svg(home), "code_says": code_says,
        "columns": list(columns), "rows": list(rows), "stops": list(stops),
    }  # fmt: skip


def _under(programme: FrozenProgramme) -> Lines:
    place = ", ".join(part for part in (programme.place_name, programme.place_address) if part)
    return [part for part in (place, programme.way, programme.access_notes) if part]


def _pause(pause: FrozenPause) -> dict[str, Any]:
    return {
        "pause": True, "hour": i18n.format_hour(pause.starts_at), "until": i18n.format_hour(pause.ends_at),
        "title": pause.title,
    }  # fmt: skip


def _session(card: Card, seats: int | None) -> dict[str, Any]:
    off = card["code"] == "cancelled"
    named = [one["name"] for one in card["speakers"] if one["name"]]
    what = [
        card["kind"], card["track"], i18n.language_name(card["language"]) if card["language"] else "",
        _("Sur inscription") if seats and not off else "", *card["offers"],
        _("Exemple inventé") if card["invented"] else "",
    ]  # fmt: skip
    return {
        "pause": False, "hour": card["hour"], "until": card["until"], "room": card["room"] or _("Salle à préciser"),
        "title": card["title"], "url": card["url"], "off": off, "state": card["standing"] if off else "",
        "lines": _lines(
            (card["said"] if off else "", True), (" · ".join(part for part in what if part), False),
            (", ".join(named), True), (card["summary"], True),
        ),
    }  # fmt: skip


def _stop(stop: Card) -> dict[str, Any]:
    away = _("L’étape suivante est à %(distance)s à vol d’oiseau.") % {"distance": stop["next"]} if stop["next"] else ""
    return {
        "title": f"{stop['number']}. {stop['name']}",
        "lines": _lines(
            (_("Exemple inventé") if stop["invented"] else "", False), (stop["address"], True),
            *((hours, False) for hours in stop["hours"] or [stop["standing"]]), (stop["words"], True),
            (stop["access"], True), (" · ".join(stop["offers"]), False), (away, False),
        ),
    }  # fmt: skip


def _lines(*lines: tuple[str, bool]) -> list[dict[str, Any]]:
    """Those that say something. `typed`: by the organisers, in French, whatever the language of the sheet."""
    return [{"words": words, "typed": typed} for words, typed in lines if words.strip()]
