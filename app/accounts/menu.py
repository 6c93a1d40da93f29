"""What the team's pages show by role: the menu, what waits, the roles' names. Only pages that exist."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from app import i18n, web
from app.accounts.queries import Waiting
from app.consultation.content import consultation
from app.errors import N_
from app.models import Role, Staff

# Everybody but interpreters, who see no contact (domain.md).
CALLERS = (Role.MEDIATOR, Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR)
STREET = (Role.MEDIATOR, Role.ORGANISER, Role.ADMINISTRATOR)
MENU: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("team", N_("Ce qui vous attend"), tuple(Role)),
    ("moderation_queue", N_("À lire"), (Role.MODERATOR, Role.ADMINISTRATOR)),
    ("notices", N_("Signalements"), (Role.MODERATOR, Role.ADMINISTRATOR)),
    ("appeals", N_("Recours"), (Role.MODERATOR, Role.ADMINISTRATOR)),
    ("alerts", N_("Alertes"), (Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR)),
    ("calls", N_("Appels à faire"), CALLERS),
    ("edit_events", N_("Rendez-vous"), CALLERS),
    ("collect", N_("Recueillir"), (Role.MEDIATOR,)),
    ("outings", N_("Sorties"), STREET),
    ("devices", N_("Appareils"), STREET),
    ("edit_programme", N_("Les Assises"), (Role.ORGANISER, Role.ADMINISTRATOR)),
    ("switches", N_("Réglages"), (Role.ORGANISER, Role.ADMINISTRATOR)),
    ("team_people", N_("Personnes"), (Role.ADMINISTRATOR,)),
    ("journal", N_("Journal"), (Role.ORGANISER, Role.ADMINISTRATOR)),
    ("team_account", N_("Mon compte"), tuple(Role)),
)
WORKS: tuple[tuple[str, str, str], ...] = (
    ("alerts", "alerts", N_("Quelqu’un est peut-être en danger. À voir d’abord.")),
    ("moderation_queue", "to_read", N_("Des paroles attendent une décision.")),
    ("notices", "notices", N_("Des personnes signalent un problème.")),
    ("appeals", "appeals", N_("Des personnes demandent une relecture.")),
    ("calls", "calls", N_("Des personnes attendent un appel.")),
)
ROLES = {
    Role.MEDIATOR: (N_("Médiation"), N_("recueille les paroles dans la rue, sur papier, au téléphone")),
    Role.INTERPRETER: (N_("Interprète"), N_("transcrit et traduit ce qu’on lui confie")),
    Role.MODERATOR: (N_("Modération"), N_("lit et décide de publier")),
    Role.ORGANISER: (N_("Organisation"), N_("prépare les rendez-vous, les contenus, la synthèse")),
    Role.ADMINISTRATOR: (N_("Administration"), N_("ouvre et ferme les accès de l’équipe")),
}


@dataclass(frozen=True)
class Work:
    """One kind of open work, as the start page shows it."""

    label: str
    words: str
    url: str
    count: int


def works(staff: Staff, waiting: Waiting) -> list[Work]:
    labels = {name: (label, roles) for name, label, roles in MENU}
    return [
        Work(i18n.gettext(labels[name][0]), i18n.gettext(words), web.url(name), getattr(waiting, field))
        for name, field, words in WORKS
        if web.exists(name) and staff.holds(*labels[name][1])
    ]


def entries(staff: Staff, here: str) -> list[dict[str, Any]]:
    """[{label, url, current}]; a page below an entry counts as that entry."""
    found = []
    for name, label, roles in MENU:
        if web.exists(name) and staff.holds(*roles):
            address = web.url(name)
            current = here == address or (name != "team" and here.startswith(address + "/"))
            found.append({"label": i18n.gettext(label), "url": address, "current": current})
    return found


def role_names(roles: list[str]) -> list[str]:
    return [i18n.gettext(ROLES[Role(role)][0]) for role in roles]


def role_options(roles: list[Role]) -> list[tuple[str, str, str]]:
    """(value, name, what it does) for ui.checkboxes."""
    return [(role.value, i18n.gettext(ROLES[role][0]), i18n.gettext(ROLES[role][1])) for role in roles]


def language_options() -> list[tuple[str, str]]:
    """(primary tag, name as its speakers write it), once each."""
    names: dict[str, str] = {}
    for spoken in consultation().languages:
        names.setdefault(spoken.tag.split("-")[0], spoken.endonym)
    return list(names.items())


def language_names(tags: list[str]) -> list[str]:
    names = dict(language_options())
    return [names.get(tag.split("-")[0], tag) for tag in tags]


def _context(request: Request) -> dict[str, Any]:
    """Who is logged in, as far as this request has asked: public pages never ask, and carry no session."""
    login = getattr(request.state, "login", None)
    if login is None or not login.complete:
        return {"staff": None, "team_menu": []}
    return {"staff": login.staff, "team_menu": entries(login.staff, request.url.path)}


web.provide(_context)
web.env.globals.update(role_names=role_names, role_options=role_options, language_names=language_names)
