"""The team's menu: only pages that exist, and only for those who may open them."""

from typing import Any

from fastapi import Request

from app import i18n, web
from app.errors import N_
from app.models import Role, Staff

ENTRIES: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("team", N_("Ce qui vous attend"), tuple(Role)),
    ("moderation_queue", N_("À lire"), (Role.MODERATOR,)),
    ("alerts", N_("Alertes"), (Role.MODERATOR, Role.ORGANISER)),
    ("calls", N_("Appels à passer"), (Role.MODERATOR, Role.ORGANISER)),
    ("team_people", N_("Personnes"), (Role.ADMINISTRATOR,)),
    ("team_account", N_("Mon compte"), tuple(Role)),
)


def entries(staff: Staff, here: str) -> list[dict[str, Any]]:
    """[{label, url, current}]; a page below an entry counts as that entry."""
    found = []
    for name, label, roles in ENTRIES:
        if web.exists(name) and staff.holds(*roles):
            address = web.url(name)
            current = here == address or (name != "team" and here.startswith(address + "/"))
            found.append({"label": i18n.gettext(label), "url": address, "current": current})
    return found


def _context(request: Request) -> dict[str, Any]:
    """Who is logged in, as far as this request has asked: public pages never ask, and carry no session."""
    login = getattr(request.state, "login", None)
    if login is None or not login.complete:
        return {"staff": None, "team_menu": []}
    return {"staff": login.staff, "team_menu": entries(login.staff, request.url.path)}


web.provide(_context)
