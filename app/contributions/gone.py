"""What is said of a contribution that was public and is not any more."""

from app import i18n
from app.consultation.content import consultation
from app.contributions.queries import Gone
from app.errors import N_
from app.models import State

SENTENCES = {
    State.HIDDEN: N_("L’équipe a retiré cette parole de la publication."),
    State.REFUSED: N_("L’équipe a retiré cette parole de la publication."),
    State.WITHDRAWN: N_("La personne qui a dit ces mots les a retirés."),
    State.ERASED: N_("Ces mots ont été effacés."),
}
BY_THE_AUTHOR = {
    State.WITHDRAWN: N_("Retiré par la personne qui l’a écrit"),
    State.ERASED: N_("Effacé à la demande de la personne qui l’a écrit"),
}
BY_THE_TEAM = frozenset({State.HIDDEN, State.REFUSED})  # its author may have that decision read again
UNSAID = N_("La charte de publication")


def label(gone: Gone) -> str:
    """The article of the charter, or that the author wished it, in the current language."""
    if gone.state in BY_THE_AUTHOR:
        return i18n.gettext(BY_THE_AUTHOR[gone.state])
    reason = consultation().reason(gone.reason or "")
    return reason.label.in_(i18n.current().code) if reason else i18n.gettext(UNSAID)
