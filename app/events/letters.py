"""What people who signed up are told, in words: a mail, one short text, or the sentence to say on the phone.

Said from the state at that moment, in the person's language. Never needs, notes or names: the mailbox may be shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app import i18n
from app.errors import N_
from app.events.words import MODES
from app.i18n import gettext as _
from app.models import Event, Mode, Place

SUBJECTS = {
    "registered": N_("Vous avez une place"),
    "waiting": N_("Vous êtes sur la liste d’attente"),
    "promoted": N_("Une place s’est libérée pour vous"),
    "offered": N_("Une place s’est libérée : la voulez-vous ?"),
    "offer_expired": N_("La place n’est plus gardée pour vous"),
    "registration_changed": N_("Votre inscription a changé"),
    "registration_cancelled": N_("Votre inscription est annulée"),
    "link_again": N_("Votre inscription"),
    "event_moved": N_("Le rendez-vous change"),
    "event_cancelled": N_("Le rendez-vous est annulé"),
    "event_postponed": N_("Le rendez-vous est reporté"),
    "event_written": N_("Un message pour vous"),
    "reminder_week": N_("C’est bientôt"),
    "reminder_day": N_("C’est bientôt"),
    "thanks": N_("Merci pour votre présence"),
}
NEWS = {
    "waiting": N_("Il n’y a pas assez de places libres pour le moment."),
    "promoted": N_("Une place s’est libérée pour vous."),
    "offer_expired": N_("Nous n’avons pas eu votre réponse à temps. La place n’est plus gardée pour vous."),
    "registration_changed": N_("Votre inscription a changé."),
    "registration_cancelled": N_("Votre inscription est annulée."),
    "link_again": N_("Vous avez déjà une inscription."),
    "event_moved": N_("Ce rendez-vous change."),
    "event_cancelled": N_("Ce rendez-vous est annulé. Il n’aura pas lieu."),
    "event_postponed": N_("Ce rendez-vous n’aura pas lieu à la date prévue. Nous vous dirons la nouvelle date."),
    "event_written": N_("Voici un message de l’équipe de ce rendez-vous."),
    "reminder_week": N_("Ce rendez-vous est dans quelques jours."),
    "thanks": N_("Merci pour votre présence à ce rendez-vous."),
}
STANDS = {
    Place.CONFIRMED: N_("Vous avez une place."),
    Place.WAITING: N_("Vous êtes sur la liste d’attente. Si une place se libère, nous vous prévenons."),
    Place.CANCELLED: N_("Vous n’avez pas de place à ce rendez-vous."),
}
# How one stands now is said after these.
STANDING = (
    "registered", "waiting", "promoted", "offered", "offer_expired", "registration_changed", "link_again",
    "event_moved", "reminder_week", "reminder_day",
)  # fmt: skip
WITH_ENTRY = (
    "registered", "promoted", "registration_changed", "link_again", "event_moved", "event_cancelled", "event_postponed",
    "reminder_week", "reminder_day",
)  # fmt: skip
BEFORE = N_("Avant, c’était : %(before)s.")
MORE_TO_SAY = N_("Vous voulez dire encore quelque chose ? Écrivez-le ici :\n%(link)s")
OWN_LINK = N_("[Ici, le lien personnel de chaque personne.]")


@dataclass(frozen=True)
class Told:
    """What one message says, as plain values: nothing is read from the database any more."""

    template: str
    event: Event
    place: Place = Place.CONFIRMED
    people: int = 1
    position: int | None = None  # in the waiting list
    offered_until: datetime | None = None
    words: str = ""  # of the organisers
    before: Mapping[str, str] = field(default_factory=dict)
    own: str = ""  # whole address of the personal page
    page: str = ""  # of the event
    contribute: str = ""
    now: datetime | None = None


def subject(told: Told) -> str:
    return f"{_(SUBJECTS[told.template])} · {told.event.title}"


def text(told: Told) -> str:
    """The whole mail. No footer, no picture: it is read on an old phone."""
    parts = [_("Bonjour,"), "\n".join(sentences(told, whole=True)), told.words.strip(), _card(told), *_next(told)]
    return "\n\n".join(part for part in parts if part)


def short(told: Told) -> str:
    """A text message: which meeting, what is new, where to see it."""
    which = f"{told.event.title}, {i18n.format_moment(_known(told)[0])} ·"
    link = "" if told.template in ("event_cancelled", "registration_cancelled") else told.own
    if told.template == "thanks":
        link = (_(MORE_TO_SAY) % {"link": told.contribute}).replace("\n", " ")
    return " ".join(part for part in (which, *sentences(told), told.words.strip(), link) if part)


def spoken(told: Told) -> str:
    """What somebody of the team says on the phone."""
    which = _("Bonjour. Je vous appelle pour le rendez-vous « %(title)s », %(when)s.") % {
        "title": told.event.title, "when": when(*_known(told)),
    }  # fmt: skip
    asked = ""
    if told.template == "thanks":
        asked = _("Voulez-vous dire encore quelque chose ? Je peux l’écrire pour vous.")
    elif told.place is Place.OFFERED:
        asked = _("Voulez-vous cette place ?")
    elif told.template in ("reminder_week", "reminder_day", "event_moved"):
        asked = _("Viendrez-vous ?")
    return " ".join(part for part in (which, *sentences(told), told.words.strip(), asked) if part)


def has_entry(told: Told) -> bool:
    """Whether a calendar entry goes with it: who waits has nothing to note, but may have noted what changes."""
    return told.template in WITH_ENTRY and (told.place is not Place.WAITING or told.template.startswith("event_"))


def sentences(told: Told, *, whole: bool = False) -> list[str]:
    """The news, and how one stands now. `whole`: with what it was before."""
    said = [_(NEWS[told.template])] if told.template in NEWS else []
    if told.template == "reminder_day":
        said.append(_day(told))
    if told.template == "event_moved":
        said = _moved(told, whole=whole)
    if told.template in STANDING:
        said.append(standing(told))
    return said


def _known(told: Told) -> tuple[datetime, datetime]:
    """When the person thinks that it is."""
    before = told.before if told.template == "event_moved" else {}
    if "starts_at" in before and "ends_at" in before:
        return datetime.fromisoformat(before["starts_at"]), datetime.fromisoformat(before["ends_at"])
    return told.event.starts_at, told.event.ends_at


def _moved(told: Told, *, whole: bool) -> list[str]:
    """Postponed and back at its first date, or moved twice before anybody was told: nothing changes after all."""
    different = changes(told, whole=whole)
    if told.before and not different:
        return [_("Ce rendez-vous a bien lieu : %(when)s.") % {"when": when(told.event.starts_at, told.event.ends_at)}]
    news = NEWS["event_moved"]
    return [_(news), *different]


def standing(told: Told) -> str:
    """How one stands now, in one or two sentences."""
    if told.place is Place.OFFERED and told.offered_until:
        return _(
            "Une place s’est libérée pour vous. Dites oui avant le %(until)s. Après, elle va à quelqu’un d’autre."
        ) % {"until": i18n.format_moment(told.offered_until)}
    if told.place is Place.WAITING and told.position:
        return _("Vous êtes n° %(n)s sur la liste d’attente. Si une place se libère, nous vous prévenons.") % {
            "n": told.position
        }
    if told.place is Place.CONFIRMED and told.people > 1:
        return _("Vous avez %(n)s places.") % {"n": told.people}
    return _(STANDS.get(told.place, STANDS[Place.CONFIRMED]))


def changes(told: Told, *, whole: bool = True) -> list[str]:
    """What is different now; `whole`: and what it was."""
    said, before, event = [], told.before, told.event
    if "starts_at" in before and (start := datetime.fromisoformat(before["starts_at"])) != event.starts_at:
        said.append(_("Nouvelle date : %(when)s.") % {"when": when(event.starts_at, event.ends_at)})
        if whole:
            said.append(_(BEFORE) % {"before": i18n.format_moment(start)})
    elif "ends_at" in before and datetime.fromisoformat(before["ends_at"]) != event.ends_at:
        said.append(_("Nouvelle heure de fin : %(time)s.") % {"time": i18n.format_hour(event.ends_at)})
    now, then = where(event), _joined(before.get("place_name", ""), before.get("place_address", ""))
    if "place_name" in before and now != then:
        said.append(_("Nouveau lieu : %(place)s.") % {"place": now or _("en ligne")})
        if then and whole:
            said.append(_(BEFORE) % {"before": then})
    if before.get("mode", event.mode) != event.mode:
        said.append(_("C’est maintenant : %(mode)s.") % {"mode": _(MODES[event.mode])})
    if before.get("online_url", event.online_url or "") != (event.online_url or ""):
        said.append(_("Le lien pour venir en ligne a changé."))
    return said


def when(start: datetime, end: datetime) -> str:
    """The day in full, from when to when."""
    said = {"day": i18n.format_day(start), "start": i18n.format_hour(start), "end": i18n.format_hour(end)}
    return _("%(day)s, de %(start)s à %(end)s") % said


def where(event: Event) -> str:
    return _joined(event.place_name, event.place_address)


def preview(event: Event, *, template: str, words: str, language: str, before: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text as somebody with a place would get them in that language."""
    with i18n.speaking(language):
        told = Told(template, event, words=words, before=before, own=_(OWN_LINK), page="", now=None)
        return subject(told), text(told)


def _day(told: Told) -> str:
    """Tomorrow as a rule; today, where the mail went late."""
    if told.now and i18n.local(told.now).date() == i18n.local(told.event.starts_at).date():
        return _("Ce rendez-vous est aujourd’hui.")
    return _("Ce rendez-vous est demain.")


def _card(told: Told) -> str:
    """The event: what, when, where, how to come."""
    event = told.event
    lines = [event.title, when(event.starts_at, event.ends_at), where(event)]
    if told.template in ("event_cancelled", "event_postponed", "thanks", "registration_cancelled"):
        return "\n".join(line for line in lines if line)
    if event.online_url and event.mode is not Mode.IN_PERSON and told.place is Place.CONFIRMED:
        lines.append(_("En ligne : %(link)s") % {"link": event.online_url})
    return "\n".join(line for line in (*lines, event.way.strip()) if line)


def _next(told: Told) -> list[str]:
    """What one may do now, and whom to ask."""
    said = []
    if told.template == "thanks":
        said.append(_(MORE_TO_SAY) % {"link": told.contribute})
    elif told.template == "registration_cancelled":
        said.append(_("C’est une erreur ? Vous pouvez vous inscrire de nouveau :\n%(link)s") % {"link": told.page})
    elif told.place is Place.OFFERED:
        said.append(_("Pour dire oui ou non :\n%(link)s") % {"link": told.own})
    elif told.template != "event_cancelled":
        said += [
            _("Pour voir, changer ou annuler votre inscription :\n%(link)s") % {"link": told.own},
            _("Ce lien est à vous. Ne le donnez à personne."),
        ]
    if has_entry(told):
        said.append(_("Le fichier joint met votre agenda à jour."))
    if told.event.contact.strip():
        said.append(_("Une question ? %(contact)s") % {"contact": told.event.contact.strip()})
    return said


def _joined(*parts: Any) -> str:
    return ", ".join(" ".join(part.split()) for part in parts if part and part.strip())
