"""Photos as the editor lists them: what is shown of each, or why nothing is."""

from typing import Any

from app.errors import N_
from app.media import queries
from app.media.failures import FAILURES
from app.models import Media, MediaChoice, MediaState

SHOWN = N_("Visible sur la page.")
UNDESCRIBED = N_("Pas encore visible : dites en une phrase ce qu’on y voit.")
UNDERWAY = N_("En préparation. Revenez dans un instant.")
NO_FACE = N_("Pas encore visible : nous n’avons trouvé aucun visage. Regardez bien, puis dites si on peut la montrer.")
BROKEN = N_("Cette photo n’a pas pu être préparée. Enlevez-la, puis choisissez-en une autre.")


def listed(photos: list[Media]) -> list[dict[str, Any]]:
    """Each with its shape for the team, `standing` (a sentence) and `ok`."""
    return [queries.shape(photo) | _standing(photo) for photo in photos]


def _standing(photo: Media) -> dict[str, Any]:
    if photo.state is MediaState.FAILED:
        return {"ok": False, "standing": FAILURES.get(photo.failure or "", BROKEN)}
    if photo.choice is None:
        return {"ok": False, "standing": UNDESCRIBED}
    if photo.state is not MediaState.READY:
        return {"ok": False, "standing": UNDERWAY}
    if queries.public_files(photo):
        return {"ok": True, "standing": SHOWN}
    waits = photo.choice is MediaChoice.BLUR and (photo.faces or photo.zones_key)
    return {"ok": False, "standing": UNDERWAY if waits else NO_FACE}
