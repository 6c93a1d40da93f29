"""The queue's filters as links: each leads to the same list with one thing changed."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from app import i18n
from app.consultation.content import consultation
from app.errors import N_
from app.models import Channel, Kind, State
from app.moderation.queries import MEDIA_WAITING
from app.moderation.queue_queries import CALLED, Counts
from app.moderation.queue_schemas import Flag, MediaFilter, QueueIn
from app.web import url

STATES = {
    State.PENDING: N_("À lire"),
    State.SECOND_REVIEW: N_("Deuxième lecture"),
    State.RETURNED: N_("À corriger par l’auteur"),
    State.PUBLISHED: N_("Publiées"),
    State.HIDDEN: N_("Retirées"),
    State.REFUSED: N_("Non publiées"),
}
CHANNELS = {
    Channel.ONLINE: N_("En ligne"),
    Channel.STREET: N_("Dans la rue"),
    Channel.PAPER: N_("Sur papier"),
    Channel.PHONE: N_("Au téléphone"),
    Channel.WORKSHOP: N_("En atelier"),
    Channel.EMAIL: N_("Par courriel"),
}
MEDIA = {
    MediaFilter.PHOTO: N_("Photo"),
    MediaFilter.VIDEO: N_("Vidéo"),
    MediaFilter.AUDIO: N_("Son"),
    MediaFilter.DOCUMENT: N_("Document"),
    MediaFilter.FAILED: N_("Pas pu être préparé"),
}
LATE = N_("Fichiers prêts après la publication")
FLAGS = {
    Flag.ALERT: N_("Alerte ouverte"),
    Flag.DANGER: N_("Signe de danger"),
    Flag.NOTICE: N_("Signalées par le public"),
    Flag.LATE: N_("En retard"),
    Flag.APPEAL: N_("À faire relire"),
}
NOTICED = {
    Flag.PERSONAL: N_("Données personnelles"),
    Flag.SLUR: N_("Mots qui rejettent"),
    Flag.LINK: N_("Liens"),
    Flag.LANGUAGE: N_("Autre langue que dite"),
    Flag.DUPLICATE: N_("Ressemblances"),
}
KINDS = {Kind.INDIVIDUAL: N_("Une personne"), Kind.COLLECTIVE: N_("À plusieurs")}

Option = dict[str, Any]


def states(filters: QueueIn, counts: Counts) -> list[Option]:
    """What waits first, then media that became ready too late, then each state; each with how many."""
    late = filters.media is MediaFilter.WAITING
    kind = None if late else as_query(filters).get("media")
    options = [
        {
            "label": counted(words, name, n),
            "url": link(filters, state=None if name == CALLED else [name], media=kind),
            "current": [state.value for state in filters.state] == ([] if name == CALLED else [name]) and not late,
        }
        for name, words, n in (
            (CALLED, N_("À décider"), counts.waiting),
            *((state.value, words, counts.states[state.value]) for state, words in STATES.items()),
        )
    ]
    if counts.media_waiting or late:
        media = counted(LATE, MEDIA_WAITING, counts.media_waiting)
        options.insert(1, {"label": media, "url": late_url(filters), "current": late})
    return options


def counted(words: str, name: str, n: int) -> Markup:
    """With how many; the page keeps the figure in step (static/js/desk_live.js)."""
    return Markup('<span>{} (<span data-count="{}">{}</span>)</span>').format(i18n.gettext(words), name, n)


def late_url(filters: QueueIn) -> str:
    return link(filters, state=None, media=MediaFilter.WAITING.value)


def groups(filters: QueueIn, counts: Counts, *, outing: str = "") -> list[tuple[str, list[Option]]]:
    """[(name of the group, its options)], « all » first in each. `outing`: the chosen one in words; others are chosen
    where they stand."""
    _ = i18n.gettext
    language = i18n.current().code
    street = [(_("Sortie"), _options(filters, "outing", [(str(filters.outing), outing)]))] if outing else []
    return [
        *street,
        (_("Pour qui"), _options(filters, "mine", [("true", _("Ce dont je m’occupe"))])),
        (
            _("Signaux"),
            _options(
                filters,
                "signals",
                [
                    *(
                        (flag.value, counted(words, f"flag-{flag}", counts.flags[flag]))
                        for flag, words in FLAGS.items()
                    ),
                    *((flag.value, _(words)) for flag, words in NOTICED.items()),
                ],
            ),
        ),
        (_("Photos, sons, vidéos"), _options(filters, "has_media", [("true", _("Avec")), ("false", _("Sans"))])),
        (_("Quel fichier"), _options(filters, "media", [(one.value, _(words)) for one, words in MEDIA.items()])),
        (
            _("Arrivé comment"),
            _options(filters, "channel", [(one.value, _(words)) for one, words in CHANNELS.items()]),
        ),
        (_("Qui parle"), _options(filters, "kind", [(one.value, _(words)) for one, words in KINDS.items()])),
        (
            _("Question"),
            _options(filters, "question", [(one.id, one.label.in_(language)) for one in consultation().questions]),
        ),
        (_("Langue"), _options(filters, "language", _languages())),
    ]


def _languages() -> list[tuple[str, str]]:
    named = {spoken.tag: spoken.endonym for spoken in reversed(consultation().languages)}
    return [(tag, named[tag]) for tag in consultation().text_tags]


def _options(filters: QueueIn, name: str, values: Sequence[tuple[str, str]]) -> list[Option]:
    now = as_query(filters).get(name)
    everything = {"label": i18n.gettext("Tout"), "url": link(filters, **{name: None}), "current": now is None}
    return [
        everything,
        *({"label": words, "url": link(filters, **{name: value}), "current": now == value} for value, words in values),
    ]


def words() -> dict[str, dict[Any, str]]:
    """How channels and kinds are said on the desk's pages."""
    return {
        "channels": {channel: i18n.gettext(said) for channel, said in CHANNELS.items()},
        "kinds": {kind: i18n.gettext(said) for kind, said in KINDS.items()},
    }


def link(filters: QueueIn, **changed: Any) -> str:
    """The queue's address with some filters changed; always its first page unless `after` is given."""
    return url("moderation_queue", **(as_query(filters) | changed))


def as_query(filters: QueueIn) -> dict[str, Any]:
    """The filters that differ from the default, as an address carries them."""
    given = filters.model_dump(mode="json", exclude_defaults=True, exclude={"after", "limit", "item", "back"})
    if filters.state == QueueIn(media=filters.media).state:  # what this medium means anyway
        given.pop("state", None)
    return {
        name: {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
        for name, value in given.items()
    }
