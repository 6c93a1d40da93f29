"""Home and the texts: where this comes from, who decides, the charter, the law's pages, help."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import web
from app.assises import cards as assises
from app.consultation.content import consultation
from app.contributions import queries
from app.db import reading
from app.events import cards
from app.events import queries as events
from app.i18n import gettext as _
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
TEXTS = {
    "dialogue": ("/le-dialogue", "pages/le-dialogue.html"),
    "help": ("/besoin-aide", "pages/besoin-aide.html"),
    "charter": ("/charte", "pages/charte.html"),
    "accessibility": ("/accessibilite", "pages/accessibilite.html"),
    "privacy": ("/donnees-personnelles", "pages/donnees-personnelles.html"),
    "legal": ("/mentions-legales", "pages/mentions-legales.html"),
    "sitemap": ("/plan-du-site", "pages/plan-du-site.html"),
}


@router.get("/", name="home")
def home(request: Request, adapters: AdaptersDep) -> Response:
    now, content = adapters.clock(), consultation()
    with reading() as db:
        latest, published = queries.latest(db, 6), queries.published_count(db)
        soon, whole = events.soon(db, now=now), assises.whole(db, now)
    return page(
        request,
        "home.html",
        public=True,
        latest=latest,
        figures={"voices": published},
        ways=_ways(),
        knot=content.knot_at(now),
        soon=cards.cards(soon, now),
        assises=whole,
        meetings=() if soon else content.meetings_from(now, limit=4),
        collecting=content.collecting(now),
        phase=content.phase_at(now),
    )


def _ways() -> list[dict[str, str]]:
    """The four ways in; each opens the form at its own place."""
    form = url("contribute")
    return [
        {"label": _("Écrire"), "icon": "write", "url": f"{form}#ecrire"},
        {"label": _("Parler"), "icon": "speak", "url": f"{form}#parler"},
        {"label": _("Filmer"), "icon": "film", "url": f"{form}#filmer"},
        {"label": _("Envoyer une photo"), "icon": "photo", "url": f"{form}#photo"},
    ]


def _text_page(template: str) -> Any:
    def show(request: Request, adapters: AdaptersDep) -> Response:
        now, content = adapters.clock(), consultation()
        return page(
            request,
            template,
            public=True,
            knot=content.knot_at(now),
            phase=content.phase_at(now),
            collecting=content.collecting(now),
        )

    return show


for _name, (_path, _template) in TEXTS.items():
    router.get(_path, name=_name)(_text_page(_template))


def _everywhere(request: Request) -> dict[str, Any]:
    """What every page has: the consultation, the menu, the footer's links."""
    settings = request.app.state.settings
    here = request.url.path
    menu = [
        (_("Donner mon avis"), "contribute"),
        (_("Ce que disent les gens"), "voices"),
        (_("Les rendez-vous"), "events"),
        (_("Le dialogue"), "dialogue"),
        (_("Besoin d’aide"), "help"),
    ]
    footer = [
        (_("Suivre ma contribution"), "follow"),
        (_("La charte"), "charter"),
        (_("La modération en chiffres"), "moderation_figures"),
        (_("Accessibilité"), "accessibility"),
        (_("Données personnelles"), "privacy"),
        (_("Mentions légales"), "legal"),
        (_("Plan du site"), "sitemap"),
        (_("Espace de l’équipe"), "team"),
    ]
    return {
        "consultation": consultation(),
        "base_url": settings.base_url.removesuffix(settings.path_prefix) if settings.base_url else "",
        "menu": [{"label": label, "url": url(name), "current": url(name) == here} for label, name in menu],
        "footer_links": [{"label": label, "url": url(name)} for label, name in footer],
    }


web.provide(_everywhere)
