"""What mails say. Neutral: nothing of the contribution, only that something can be read on the follow page."""

from email.message import EmailMessage

from app import i18n
from app.adapters import Adapters
from app.consultation.content import consultation
from app.errors import N_

SUBJECTS = {
    "received": N_("Votre message est bien arrivé"),
    "decided": N_("Il y a du nouveau pour vous"),
    "access": N_("Votre lien pour revenir"),
    "duty": N_("Alerte ouverte : quelqu’un doit regarder maintenant"),
    "password": N_("Choisissez votre mot de passe"),
}
BODIES = {
    "received": N_(
        "Bonjour,\n\nVotre message est bien arrivé. Une personne va le lire.\n\nPour suivre, ouvrez cette page et tapez votre code :\n%(link)s\n\nVous n’avez plus votre code ? Demandez un lien sur la même page.\n\nCeci n’est pas un service d’urgence. En danger : appelez le 112 ou le 114 par SMS."
    ),
    "decided": N_(
        "Bonjour,\n\nIl y a du nouveau. Pour le lire, ouvrez cette page et tapez votre code :\n%(link)s\n\nVous n’avez plus votre code ? Demandez un lien sur la même page."
    ),
    "access": N_(
        "Bonjour,\n\nVous avez demandé à revenir sur votre page. Ce lien marche une fois, pendant 15 minutes :\n%(link)s\n\nVous n’avez rien demandé ? Ne faites rien."
    ),
    "duty": N_("Une alerte est ouverte. Ouvrez-la et dites ce qui est fait :\n%(link)s"),
    "password": N_(
        "Bonjour,\n\nOuvrez cette page pour choisir votre mot de passe. Le lien marche 24 heures :\n%(link)s"
    ),
}
PATHS = {"received": "/suivre", "decided": "/suivre", "duty": "/equipe/alertes"}


def compose(template: str, *, to: str, adapters: Adapters, link: str = "") -> EmailMessage:
    """The message in the current language. `link` is a path; the default leads to the follow page."""
    prefix = i18n.current().prefix if template in ("received", "decided") and i18n.current().complete else ""
    address = adapters.base_url + (link or prefix + PATHS[template])
    mail = EmailMessage()
    mail["To"] = to
    mail["Subject"] = f"{consultation().title.in_(i18n.current().code)} · {i18n.gettext(SUBJECTS[template])}"
    mail.set_content(i18n.gettext(BODIES[template]) % {"link": address})
    return mail
