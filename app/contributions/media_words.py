"""What its holder reads about each medium: whether it is here, what is being done, what was decided, what to do."""

from collections import Counter
from typing import Any

from app import i18n
from app.errors import N_
from app.media.failures import FAILURES

TITLES = {
    "photo": N_("Photo %(n)s"),
    "video": N_("Vidéo %(n)s"),
    "audio": N_("Son %(n)s"),
    "document": N_("Document %(n)s"),
}
PREPARING = {
    "photo": N_("Votre photo est en préparation."),
    "video": N_("Votre vidéo est en préparation."),
    "audio": N_("Votre enregistrement est en préparation."),
    "document": N_("Votre document est en préparation."),
}
UPLOADING = N_(
    "L’envoi n’est pas fini. Rouvrez la page où vous l’avez commencé, sur le même appareil : il reprend tout seul."
)
ELSEWHERE = N_("Ce fichier est encore dans l’appareil de la personne qui vous a écouté. Il partira avec du réseau.")
RECEIVED = N_("C’est bien arrivé. La préparation va commencer.")
ADVANCED = N_("%(words)s Étape en cours : %(percent)s %%.")
FAILED = N_("Ce fichier n’a pas pu être préparé.")
# What was decided, and whether it is public now.
DECIDED = {
    "publish": (N_("Une personne est d’accord pour publier ce fichier."), N_("C’est publié.")),
    "blur": (
        N_("Une personne est d’accord pour publier ce fichier, visages cachés."),
        N_("C’est publié, visages cachés."),
    ),
    "transcript": (
        N_("Seuls les mots peuvent être publiés, pas ce fichier."),
        N_("Les mots sont publiés, pas ce fichier."),
    ),
    "withhold": (N_("Ce fichier ne sera pas publié."), N_("Ce fichier n’est pas publié.")),
}
BLURRING = N_("Nous cachons les visages. Ensuite, ce sera publié.")
TO_LOOK_AT = (N_("C’est prêt. Une personne va regarder."), N_("C’est prêt. Une personne va décider."))
SIGNS = {"publish": "ok", "blur": "ok", "transcript": "ok", "withhold": "hidden"}


def told(media: list[dict[str, Any]], *, shown: set[str] | None, in_the_street: bool = False) -> list[dict[str, Any]]:
    """Each medium with `title`, `words`, `sign` (an icon), `failed`. `shown`: ids public now; None: nothing is.

    `in_the_street`: somebody else's device sends it.
    """
    found = []
    for one in titled(media):
        words, sign = _state(one, in_the_street=in_the_street) or _decision(one, shown)
        found.append(one | {"words": words, "sign": sign, "failed": one["state"] == "failed"})
    return found


def titled(media: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each medium with its `title`: « Photo 2 »."""
    numbers: Counter[str] = Counter()
    found = []
    for one in media:
        numbers[one["kind"]] += 1
        found.append(one | {"title": i18n.gettext(TITLES[one["kind"]]) % {"n": numbers[one["kind"]]}})
    return found


def _state(one: dict[str, Any], *, in_the_street: bool) -> tuple[str, str] | None:
    """While it is not ready, or never will be."""
    _ = i18n.gettext
    if one["state"] == "uploading":
        return _(ELSEWHERE if in_the_street else UPLOADING), "clock"
    if one["state"] == "received":
        return _(RECEIVED), "clock"
    if one["state"] == "processing":
        being_made = PREPARING[one["kind"]]
        words = _(being_made)
        return _(ADVANCED) % {"words": words, "percent": one["progress"]} if one["progress"] else words, "clock"
    if one["state"] == "failed":
        return _(FAILURES.get(one["failure"], FAILED)), "warn"
    return None


def _decision(one: dict[str, Any], shown: set[str] | None) -> tuple[str, str]:
    _ = i18n.gettext
    public = shown is not None
    if one["choice"] is None:
        return _(TO_LOOK_AT[public]), "clock" if public else "ok"
    if public and one["choice"] == "blur" and one["id"] not in (shown or ()):
        return _(BLURRING), "clock"
    decided = DECIDED[one["choice"]][public]
    return _(decided), SIGNS[one["choice"]]
