"""The closed lists of meetings, in words: what is offered or needed there, kinds, modes, access, states."""

from app import i18n
from app.consultation.content import consultation
from app.errors import N_
from app.models import Access, EventKind, EventState, Mode

INTERPRETER = "interpreter:"  # followed by a language's code: `interpreter:ar`
# What an event offers, and what somebody who signs up may need: the same codes.
OFFERS = {
    "step_free": N_("Accès sans marche"),
    "lsf": N_("Interprète en langue des signes (LSF)"),
    "hearing_loop": N_("Boucle magnétique"),
    "childcare": N_("Garde d’enfants"),
}
KINDS = {
    EventKind.WORKSHOP: N_("Atelier"),
    EventKind.MEDIATION: N_("Dans la rue, avec la médiation"),
    EventKind.VISIT: N_("Visite"),
    EventKind.MEETING: N_("Rencontre"),
    EventKind.SESSION: N_("Temps des Assises"),
}
MODES = {
    Mode.IN_PERSON: N_("Sur place"),
    Mode.ONLINE: N_("En ligne"),
    Mode.BOTH: N_("Sur place et en ligne"),
}
ACCESS = {Access.OPEN: N_("Ouvert à tout le monde"), Access.INVITED: N_("Sur invitation")}
STATES = {
    EventState.DRAFT: N_("Brouillon"),
    EventState.PUBLISHED: N_("Publié"),
    EventState.CANCELLED: N_("Annulé"),
    EventState.POSTPONED: N_("Reporté"),
}


def offers() -> list[str]:
    """Every code: the fixed ones, and an interpreter in each language of the consultation but French."""
    spoken = (language.code for language in consultation().languages if language.tag != "fr")
    return [*OFFERS, *(INTERPRETER + code for code in spoken)]


def offer_name(code: str) -> str:
    """In the current language; an unknown code as it is."""
    spoken = consultation().language(code.removeprefix(INTERPRETER)) if code.startswith(INTERPRETER) else None
    if spoken:
        return i18n.gettext("Interprète : %(language)s") % {"language": spoken.endonym}
    return i18n.gettext(OFFERS[code]) if code in OFFERS else code
