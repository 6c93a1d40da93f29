"""What whoever speaks, leads or interprets is told of a release, in words: a mail, a short text, a sentence to say.

Nothing in it says who else speaks.
"""

from dataclasses import dataclass

from app import i18n
from app.assises.differences import Difference, words
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.errors import N_
from app.i18n import gettext as _
from app.models import Part

PROGRAMME = "programme_changed"  # the template of such messages
SUBJECT = N_("Votre passage aux Assises")
NEWS = N_("Le programme des Assises change. Voici ce qui vous concerne.")
PARTS = {
    Part.SPEAKER: N_("Vous y intervenez."),
    Part.FACILITATOR: N_("Vous l’animez."),
    Part.INTERPRETER: N_("Vous y êtes interprète."),
}


@dataclass(frozen=True)
class Told:
    """What one person hears, as plain values: each difference, with the part one has there."""

    programme: FrozenProgramme
    lines: tuple[tuple[Difference, Part], ...]
    words: str = ""  # of the organisers, of an urgent change
    base: str = ""  # what addresses begin with, the language included; "" where none is said


def subject() -> str:
    return _(SUBJECT)


def text(told: Told) -> str:
    """The whole mail: each session in a paragraph of its own, with its page."""
    parts = [_("Bonjour,"), _(NEWS), *_words(told)]
    for difference, part in told.lines:
        link = page(told, told.programme.by_id[difference.session]) if told.base else ""
        parts.append("\n".join(line for line in (*_lines(told, difference, part), link) if line))
    parts.append(_("Le fichier joint met votre agenda à jour."))
    if told.programme.contact.strip():
        parts.append(_("Une question ? %(contact)s") % {"contact": told.programme.contact.strip()})
    return "\n\n".join(parts)


def page(told: Told, session: FrozenSession) -> str:
    """The whole address of the session's page."""
    return f"{told.base}/assises/seances/{session.slug}"


def short(told: Told) -> str:
    """A text message."""
    return f"{_(SUBJECT)} · {_all(told)}"


def spoken(told: Told) -> str:
    """What somebody of the team says on the phone."""
    return " ".join((_("Bonjour. Je vous appelle pour votre passage aux Assises."), _all(told)))


def _all(told: Told) -> str:
    lines = (line for difference, part in told.lines for line in _lines(told, difference, part))
    return " ".join((*_words(told), *lines))


def _words(told: Told) -> list[str]:
    """Once: what is said of a session that is cancelled stands beside it."""
    beside = {told.programme.by_id[difference.session].said for difference, _part in told.lines}
    return [told.words.strip()] if told.words.strip() and told.words not in beside else []


def _lines(told: Told, difference: Difference, part: Part) -> list[str]:
    """The news, where and when it is now, what one does there."""
    session = told.programme.by_id[difference.session]
    said = [f"{words(difference, told.programme)}."]
    if session.cancelled:
        return [*said, session.said.strip()] if session.said.strip() else said
    if difference.kind in ("moved", "room"):
        where = told.programme.where(session)
        said.append(_("Rendez-vous : %(what)s.") % {"what": ", ".join(
            each for each in (i18n.format_moment(session.starts_at), where) if each
        )})  # fmt: skip
    return [*said, _(PARTS[part])]
