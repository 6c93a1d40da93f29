"""An outing in words, as the public reads it, in the current language."""

from typing import Any

from app import i18n
from app.consultation.content import consultation
from app.i18n import gettext as _
from app.i18n import ngettext
from app.outreach import words
from app.outreach.discretion import Figures, Shown

EXCERPT = 240  # of what was heard, in a list


def card(shown: Shown) -> dict[str, Any]:
    """What templates and feeds say of it, and nothing that `shown` keeps back."""
    question = consultation().question(shown.question or "")
    return {
        "slug": shown.slug, "where": where(shown), "date": i18n.format_date(shown.day), "day": shown.day.isoformat(),
        "hours": hours(shown), "method": i18n.gettext(words.METHODS[shown.method]),
        "question": question.plain.in_(i18n.current().code) if question else "",
        "question_id": question.id if question else "", "people": people(shown), "few": shown.few,
        "heard": shown.heard, "changes": shown.changes, "excerpt": _excerpt(shown.heard), "told_on": shown.told_on,
        "changed_on": shown.changed_on, "invented": shown.invented,
    }  # fmt: skip


def where(shown: Shown) -> str:
    """The place; its quartier where the place is kept back; where there is neither, only that it was in the street."""
    if shown.place:
        return shown.place
    quartier = consultation().quartier(shown.quartier or "")
    return quartier.name.in_(i18n.current().code) if quartier else _("Dans la rue")


def hours(shown: Shown) -> str:
    if shown.starts_at is None or shown.ends_at is None:
        return ""
    return f"{i18n.format_hour(shown.starts_at)} – {i18n.format_hour(shown.ends_at)}"


def people(shown: Shown) -> str:
    if shown.people is None:
        return _("Moins de cinq personnes ont parlé.")
    return ngettext("%(num)s personne a parlé.", "%(num)s personnes ont parlé.", shown.people) % {"num": shown.people}


def counted(found: Figures) -> list[tuple[str, int]]:
    """The figures of the street, for `ui.facts`; none where nobody was met."""
    if not found.outings and not found.small:
        return []
    pairs = [
        (_("Sorties dans la rue"), found.outings),
        (_("Personnes qui se sont arrêtées"), found.stopped),
        (_("Personnes qui ont parlé"), found.people),
        (_("Autres sorties, où moins de cinq personnes ont parlé"), found.small),
    ]
    return [(label, number) for label, number in pairs if number]


def _excerpt(text: str) -> str:
    if len(text) <= EXCERPT:
        return text
    return text[:EXCERPT].rsplit(maxsplit=1)[0].rstrip(" ,;:") + " …"
