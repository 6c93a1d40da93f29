"""The filters of the list as plain links: what one can choose, what is chosen, each in one address."""

from dataclasses import replace
from functools import partial
from typing import Any

from app.consultation import asked
from app.consultation.content import consultation
from app.contributions.filters import Filters
from app.i18n import gettext as _
from app.models import Channel, Kind
from app.web import translated, url


def groups(chosen: Filters, sort: str) -> list[dict[str, Any]]:
    """For `ui.filters`: each group with a first option that lifts it."""
    here = partial(address, chosen, sort)
    return [
        asked.group(title, name, options, current=getattr(chosen, name), address=here)
        for name, title, options in _choices()
    ]


def chips(chosen: Filters, sort: str) -> list[dict[str, str]]:
    """What is chosen now, each with the address that takes it away."""
    labels = {name: dict(options) for name, _title, options in _choices()}
    return asked.chips(replace(chosen, q=""), partial(_label, labels), address=partial(address, chosen, sort))


def _label(labels: dict[str, dict[str, str]], name: str, value: str) -> str:
    if name == "since":
        return _("Depuis le %(date)s") % {"date": value}
    return labels.get(name, {}).get(value, value)


def address(chosen: Filters, sort: str, **changed: str) -> str:
    """The list's address with some filters changed; the page starts again."""
    return url("voices", **{**chosen.given(), "sort": sort if sort != "recent" else "", **changed})


def _choices() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(filter, its title, [(value, label)])."""
    content = consultation()
    return [
        ("question", _("Question"), [(part.id, translated(part.label)) for part in content.questions]),
        (
            "kind",
            _("Qui parle"),
            [(Kind.INDIVIDUAL.value, _("Une personne")), (Kind.COLLECTIVE.value, _("À plusieurs"))],
        ),
        (
            "audience",
            _("La situation de la personne"),
            [(part.id, translated(part.label)) for part in content.audiences],
        ),
        ("quartier", _("Quartier"), [(part.id, translated(part.name)) for part in content.public_quartiers]),
        ("channel", _("Comment c’est arrivé"), channel_names()),
        ("language", _("Langue"), _languages()),
        ("has", _("Avec"), [("photo", _("Une photo")), ("video", _("Une vidéo")), ("audio", _("Un son"))]),
    ]


def channel_names() -> list[tuple[str, str]]:
    """(value, words) of how something came to us."""
    return [
        (Channel.ONLINE.value, _("Écrit en ligne")),
        (Channel.STREET.value, _("Dit dans la rue")),
        (Channel.PAPER.value, _("Écrit sur papier")),
        (Channel.PHONE.value, _("Dit au téléphone")),
        (Channel.WORKSHOP.value, _("Dit en atelier")),
        (Channel.EMAIL.value, _("Reçu par courriel")),
    ]


def _languages() -> list[tuple[str, str]]:
    """Each once: `simple` writes French."""
    found: dict[str, str] = {}
    for language in consultation().languages:
        found.setdefault(language.tag, language.endonym)
    return list(found.items())
