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
    "notice_received": N_("Votre signalement est bien arrivé"),
    "notice_decided": N_("Il y a du nouveau pour votre signalement"),
    "duty": N_("Alerte ouverte : quelqu’un doit regarder maintenant"),
    "duty_again": N_("Alerte sans réponse : quelqu’un doit regarder maintenant"),
    "password": N_("Choisissez votre mot de passe"),
}
BODIES = {
    "received": N_(
        "Bonjour,\n\n"
        "Votre message est bien arrivé. Une personne va le lire.\n\n"
        "Pour suivre, ouvrez cette page et tapez votre code :\n%(link)s\n\n"
        "Vous n’avez plus votre code ? Demandez un lien sur la même page.\n\n"
        "Ceci n’est pas un service d’urgence. En danger : appelez le 112 ou le 114 par SMS."
    ),
    "decided": N_(
        "Bonjour,\n\n"
        "Il y a du nouveau. Pour le lire, ouvrez cette page et tapez votre code :\n%(link)s\n\n"
        "Vous n’avez plus votre code ? Demandez un lien sur la même page."
    ),
    "access": N_(
        "Bonjour,\n\n"
        "Vous avez demandé à revenir sur votre page. Ce lien marche une fois, pendant 15 minutes :\n%(link)s\n\n"
        "Vous n’avez rien demandé ? Ne faites rien."
    ),
    "notice_received": N_(
        "Bonjour,\n\n"
        "Votre signalement est bien arrivé. Une personne va le lire.\n\n"
        "Pour suivre, ouvrez cette page et tapez votre numéro :\n%(link)s\n\n"
        "Vous n’avez rien signalé ? Ne faites rien."
    ),
    "notice_decided": N_(
        "Bonjour,\n\nUne personne a lu votre signalement. Pour lire la réponse, ouvrez cette page et tapez votre "
        "numéro :\n%(link)s"
    ),
    "duty": N_("Une alerte est ouverte. Ouvrez-la et dites ce qui est fait :\n%(link)s"),
    "duty_again": N_(
        "Une alerte est ouverte, et personne n’a encore dit « Je m’en occupe ».\n\n"
        "Ouvrez-la maintenant, et dites si vous vous en occupez :\n%(link)s"
    ),
    "password": N_(
        "Bonjour,\n\nOuvrez cette page pour choisir votre mot de passe. Le lien marche 24 heures :\n%(link)s"
    ),
}
TEXTS = {
    "received": N_("Votre message est bien arrivé. Pour suivre, avec votre code : %(link)s"),
    "decided": N_("Il y a du nouveau pour vous. Pour le lire, avec votre code : %(link)s"),
    "duty": N_("Alerte ouverte : quelqu’un doit regarder maintenant. %(link)s"),
    "duty_again": N_("Alerte sans réponse : quelqu’un doit regarder maintenant. %(link)s"),
}
PATHS = {
    "received": "/suivre", "decided": "/suivre", "notice_received": "/signalement", "notice_decided": "/signalement",
    "duty": "/equipe/alertes", "duty_again": "/equipe/alertes",
}  # fmt: skip


def compose(template: str, *, to: str, adapters: Adapters, link: str = "") -> EmailMessage:
    """The message in the current language. `link`: whole addresses; the default leads to the follow page."""
    link = link or adapters.base_url + _path(template)
    mail = EmailMessage()
    mail["To"] = to
    mail["Subject"] = f"{consultation().title.in_(i18n.current().code)} · {i18n.gettext(SUBJECTS[template])}"
    mail["Content-Language"] = i18n.current().tag
    mail.set_content(i18n.gettext(BODIES[template]) % {"link": link})
    return mail


def text_message(template: str, *, adapters: Adapters) -> str:
    """The same in one short sentence."""
    words = i18n.gettext(TEXTS[template]) % {"link": adapters.base_url + _path(template)}
    return f"{consultation().title.in_(i18n.current().code)} · {words}"


def _path(template: str) -> str:
    language = i18n.current()
    return (language.prefix if language.complete else "") + PATHS[template]
