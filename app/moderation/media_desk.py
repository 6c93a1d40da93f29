"""What the desk's pages show of each medium: where the work on it is, what is said in it, who is to be hidden."""

import re
from collections.abc import Iterable
from typing import Any

from app import i18n
from app.errors import N_
from app.forms import Form
from app.media import failures, webvtt
from app.models import Caption, Media, MediaChoice, MediaKind, MediaState, Voice
from app.moderation import media_choices, shapes
from app.moderation.queries import Held
from app.moderation.schemas import DecisionIn

NAMES = {
    MediaKind.PHOTO: N_("Photo %(n)s"),
    MediaKind.VIDEO: N_("Vidéo %(n)s"),
    MediaKind.AUDIO: N_("Son %(n)s"),
    MediaKind.DOCUMENT: N_("Document %(n)s"),
}
STATES = {
    MediaState.UPLOADING: N_("L’envoi n’est pas fini."),
    MediaState.RECEIVED: N_("Bien reçu. La préparation va commencer."),
    MediaState.PROCESSING: N_("En préparation."),
}
STEPS = {
    "moving": N_("En préparation : le fichier est rangé."),
    "probing": N_("En préparation : nous regardons ce que c’est."),
    "encoding": N_("En préparation : conversion."),
    "faces": N_("En préparation : recherche des visages."),
    "blurring": N_("En préparation : floutage."),
    "captions": N_("En préparation : premier jet des sous-titres."),
}
FAILED = N_("La préparation de ce fichier a échoué.")
LABELS = {
    MediaChoice.PUBLISH: N_("Publier"),
    MediaChoice.BLUR: N_("Publier en floutant"),
    MediaChoice.TRANSCRIPT: N_("Publier seulement les mots"),
    MediaChoice.WITHHOLD: N_("Ne pas publier"),
}
LATER = ("", N_("Décider quand ce sera prêt"))
ROW = re.compile(r"zones\.(\d{1,4})\.(\w+)")


def shown(media: Iterable[Held], captions: Iterable[Caption], *, form: Form[DecisionIn] | None) -> list[dict[str, Any]]:
    """Every medium as `shapes.medium` says it, with what the page adds."""
    by_medium: dict[int, list[Caption]] = {}
    for caption in captions:
        by_medium.setdefault(caption.media_seq, []).append(caption)
    numbers = dict.fromkeys(MediaKind, 0)
    found = []
    for held in media:
        one = held.media
        numbers[one.kind] += 1
        found.append(
            shapes.medium(held)
            | {
                "title": i18n.gettext(NAMES[one.kind]) % {"n": numbers[one.kind]},
                "words": progress(one),
                "why": why(one),
                "faces_unknown": _faces_unknown(one),
                "blur_failed": _blur_failed(one),
                "options": _options(one),
                "rows": _rows(one, form),
                "scripts": [_script(caption) for caption in by_medium.get(one.seq or 0, [])],
                "ready": one.state is MediaState.READY,
                "failed": one.state is MediaState.FAILED,
                "retry": one.state is MediaState.FAILED and one.original is not None,
                "seen": one.kind in media_choices.SEEN,
                "heard": one.kind in media_choices.HEARD,
            }
        )
    return found


def progress(media: Media) -> str:
    """Where the work is, in words; "" once it is done."""
    if media.state is MediaState.PROCESSING:
        return i18n.gettext(STEPS.get(media.step or "", STATES[media.state]))
    return i18n.gettext(STATES[media.state]) if media.state in STATES else ""


def why(media: Media) -> str:
    """Why it failed, in a sentence."""
    return _said(media.failure or "-") if media.state is MediaState.FAILED else ""


def _faces_unknown(media: Media) -> str:
    """Said when nobody knows whether there are faces: a person must look."""
    return _said(media.details.get("faces_failure"))


def _blur_failed(media: Media) -> str:
    return _said(media.details.get("blur_failure"))


def _said(code: str | None) -> str:
    return i18n.gettext(failures.FAILURES.get(code, FAILED)) if code else ""


def _options(media: Media) -> list[tuple[str, str]]:
    """The choices the page offers now: (value, label)."""
    _ = i18n.gettext
    if media.state is MediaState.FAILED:
        return [(MediaChoice.WITHHOLD.value, _(LABELS[MediaChoice.WITHHOLD]))]
    if media.state is not MediaState.READY:
        return [(LATER[0], _(LATER[1])), (MediaChoice.WITHHOLD.value, _(LABELS[MediaChoice.WITHHOLD]))]
    silent = media.kind in media_choices.HEARD and media.voice is Voice.TEXT_ONLY
    return [
        (choice.value, _(LABELS[choice]))
        for choice in media_choices.CHOICES[media.kind]
        if not (silent and choice in media_choices.SHOWN)
    ]


def _rows(media: Media, form: Form[DecisionIn] | None) -> list[dict[str, Any]]:
    """Zones as rows of the page: as posted, else those decided or found; then blank ones to fill in."""
    if media.kind not in media_choices.SEEN or media.state is not MediaState.READY:
        return []
    before = f"media.{media.id}."
    if form and f"{before}zones.marked" in form.values:
        rows = _posted(form, before)
    else:
        found = media.faces if media.zones is None else media.zones
        rows = [{"keep": True} | {name: zone[name] for name in zone if name != "score"} for zone in found]
    return [row | {"box": _box(row, media)} for row in rows] + [{"keep": True, "box": None}]


def _posted(form: Form[DecisionIn], before: str) -> list[dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    for name, value in form.values.items():
        if name.startswith(before) and (part := ROW.fullmatch(name.removeprefix(before))):
            rows.setdefault(int(part[1]), {})[part[2]] = value
    return [row | {"keep": "keep" in row} for _, row in sorted(rows.items()) if row.keys() - {"keep"}]


def _box(row: dict[str, Any], media: Media) -> dict[str, float] | None:
    """The zone in points of the picture, to be drawn; None when its numbers are none."""
    width, height = media.width or 0, media.height or 0
    try:
        sides = [float(str(row[side]).replace(",", ".")) for side in ("x", "y", "width", "height")]
    except (KeyError, ValueError):
        return None
    scaled = zip(("x", "y", "width", "height"), sides, (width, height, width, height), strict=True)
    return {name: round(side * whole, 1) for name, side, whole in scaled}


def _script(caption: Caption) -> dict[str, Any]:
    """What captions say, for whoever reads before listening."""
    return {
        "language": caption.language,
        "draft": caption.state.value == "draft",
        "machine": caption.source.value == "machine",
        "text": webvtt.transcript_of(webvtt.stored(caption.vtt)),
    }
