"""What the pages of the people of the Assises show: everybody at a glance, and one person."""

from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from app import i18n
from app.accounts.menu import language_options
from app.assises import edit_queries, edit_rows, edit_speakers, edit_words, words
from app.assises.edit_settings_schemas import typed
from app.assises.edit_speakers_schemas import LONGEST_ABOUT
from app.db import reading
from app.errors import Conflict
from app.forms import Form
from app.models import Speaker
from app.moderation.queries import names
from app.web import page


def everybody(request: Request) -> Response:
    with reading() as db:
        people = edit_queries.speakers(db)
    return page(request, "assises/edit_speakers.html", people=people)


def blank(request: Request, form: Form[Any], *, status: int = 200, conflict: Conflict | None = None) -> Response:
    """The form of somebody who is not in the list yet, or no more."""
    return _form(request, form, status=status, conflict=conflict, speaker=None, hand=None)


def one(
    request: Request, speaker_id: UUID, form: Form[Any] | None, *, status: int = 200, conflict: Conflict | None = None,
    consent: Form[Any] | None = None,
) -> Response:  # fmt: skip
    """One person; as it is saved where no form was posted. `consent`: that of the agreement, refused."""
    if conflict is not None and conflict.code == "gone" and form is not None:
        return blank(request, form, status=status, conflict=conflict)
    with reading() as db:
        speaker = edit_rows.one(db, Speaker, speaker_id)
        hand = edit_queries.last_hand(db, speaker.id)
        who = names(db, {hand.actor if hand else None, speaker.consent_by})
        known = {"sessions": edit_speakers.sessions(db, speaker), "who": who, "hand": hand}
    saved = typed(speaker, ["name", "about", "language"]) | edit_speakers.contact(speaker)
    different: list[Any] = []
    if form is None:
        form = Form(values=saved | {"version": str(speaker.version)})
    elif conflict is not None:
        different = edit_words.compared(edit_words.SPEAKER, saved, form.values, {"language": language_options()})
        form.values["version"] = str(speaker.version)
    return _form(
        request, form, status=status, conflict=conflict, speaker=speaker, different=different, consent=consent,
        hand_name=who[hand.actor] if hand else "", **known,
    )  # fmt: skip


def _form(request: Request, form: Form[Any], *, status: int, conflict: Conflict | None, **known: Any) -> Response:
    return page(
        request, "assises/edit_speaker.html", status=status, form=form, conflict=conflict, labels=edit_words.SPEAKER,
        most=LONGEST_ABOUT, languages=language_options(), part_name=lambda part: i18n.gettext(words.PARTS[part]),
        **{"different": (), "consent": None} | known,
    )  # fmt: skip
