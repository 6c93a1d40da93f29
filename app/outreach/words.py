"""The closed lists of the street in words: how one speaks with people there, what has become of an outing."""

from datetime import datetime

from app.errors import N_
from app.models import Method, Outing, OutingState

METHODS = {
    Method.PORTEUR_DE_PAROLES: N_("Porteur de paroles"),
    Method.KIOSQUE: N_("Kiosque"),
    Method.MICRO_TROTTOIR: N_("Micro-trottoir"),
    Method.CARAVANE: N_("Caravane"),
    Method.URNE: N_("Urne"),
}
STATES = {
    "coming": N_("Prévue"),
    "now": N_("En ce moment"),
    "to_close": N_("Passée, à clore"),
    "closed": N_("Close"),
    "cancelled": N_("Annulée"),
}


def state(outing: Outing, now: datetime) -> str:
    """What the team must know of it: a key of `STATES`."""
    if outing.state is not OutingState.PLANNED:
        return outing.state.value
    if now < outing.starts_at:
        return "coming"
    return "now" if now < outing.ends_at else "to_close"
