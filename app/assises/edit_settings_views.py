"""What the pages of the Assises' settings show: everything at a glance, and the form of one thing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app import i18n
from app.assises import edit_queries, edit_rows, edit_settings, edit_words
from app.assises.edit_settings import THINGS
from app.assises.edit_settings_schemas import LONGEST, typed
from app.db import reading
from app.errors import Conflict
from app.events import words as events
from app.forms import Form
from app.i18n import gettext as _
from app.models import Programme
from app.moderation.queries import names
from app.web import page


def overview(request: Request) -> Response:
    with reading() as db:
        whole = edit_rows.one(db, Programme, 1)
        found = {what: [(row, _facts(row)) for row in edit_settings.rows(db, thing)] for what, thing in THINGS.items()}
    return page(request, "assises/edit_settings.html", whole=whole, found=found)


def whole(request: Request, form: Form[Any] | None, *, status: int = 200, conflict: Conflict | None = None) -> Response:
    """The form of what holds for the whole."""
    with reading() as db:
        row = edit_rows.one(db, Programme, 1)
        known = _around(db, row)
    return _form(request, "ensemble", edit_words.WHOLE, row, form, known, status=status, conflict=conflict)


def blank(
    request: Request, what: str, form: Form[Any], *, status: int = 200, conflict: Conflict | None = None
) -> Response:
    """The form of a thing that is not there yet, or no more."""
    labels = THINGS[what].labels
    return _form(request, what, labels, None, form, {"hand": None, "using": ()}, status=status, conflict=conflict)


def one(
    request: Request, what: str, row_id: UUID, form: Form[Any] | None, *, status: int = 200,
    conflict: Conflict | None = None,
) -> Response:  # fmt: skip
    """The form of one thing; as it is saved where no form was posted. Conflict `gone`: of a new one."""
    thing = THINGS[what]
    if conflict is not None and conflict.code == "gone" and form is not None:
        return blank(request, what, form, status=status, conflict=conflict)
    with reading() as db:
        row = edit_rows.one(db, thing.model, row_id)
        known = _around(db, row) | {"using": edit_settings.using(db, thing, row)}
    return _form(request, what, thing.labels, row, form, known, status=status, conflict=conflict)


def _form(
    request: Request, what: str, labels: Mapping[str, str], row: Any, form: Form[Any] | None, known: dict[str, Any], *,
    status: int, conflict: Conflict | None,
) -> Response:  # fmt: skip
    options, different = {"offers": [(code, events.offer_name(code)) for code in events.offers()]}, []
    if form is None:
        form = Form(values=typed(row, list(labels)) | {"version": str(row.version)})
    elif row is not None and conflict is not None:
        different = edit_words.compared(labels, typed(row, list(labels)), form.values, options)
        form.values["version"] = str(row.version)
    return page(
        request, "assises/edit_setting.html", status=status, what=what, row=row, form=form, conflict=conflict,
        labels=labels, limits=LONGEST, options=options, different=different, name=_name(row), **known,
    )  # fmt: skip


def _around(db: Session, row: Any) -> dict[str, Any]:
    hand = edit_queries.last_hand(db, row.id)
    return {"hand": hand, "hand_name": names(db, {hand.actor})[hand.actor] if hand else "", "using": ()}


def _name(row: Any) -> str:
    """What it is called, or when it is."""
    if row is None:
        return ""
    return getattr(row, "name", "") or getattr(row, "title", "") or _hours(row)


def _facts(row: Any) -> tuple[str, str]:
    """Its name, and what else one must see of it."""
    if "starts_at" in type(row).model_fields:
        return (_name(row), _hours(row)) if "title" in type(row).model_fields else (_hours(row), "")
    capacity = getattr(row, "capacity", None)
    offers = [events.offer_name(code) for code in getattr(row, "offers", ())]
    seats = [i18n.ngettext("%(n)s place", "%(n)s places", capacity) % {"n": capacity}] if capacity else []
    return row.name, ", ".join([*seats, *offers])


def _hours(row: Any) -> str:
    if not hasattr(row, "starts_at"):
        return ""
    first, last = i18n.local(row.starts_at), i18n.local(row.ends_at)
    end = i18n.format_hour(last) if first.date() == last.date() else i18n.format_moment(last)
    return _("%(start)s – %(end)s") % {"start": i18n.format_moment(first), "end": end}
