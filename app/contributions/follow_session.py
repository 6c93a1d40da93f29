"""The half hour of a follow page: which contribution this browser looks at, and the way in where there is none."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.contributions import receipts
from app.db import reading
from app.errors import N_, FieldError
from app.forms import Form
from app.web import page

ENDED = N_("Votre page s’est fermée. Vos mots sont gardés : tapez votre code pour continuer.")


def seq(request: Request, adapters: Any) -> int | None:
    """The contribution this browser's open session looks at."""
    token = request.cookies.get(receipts.COOKIE, "")
    if not token:
        return None
    with reading() as db:
        return receipts.followed(db, token, now=adapters.clock())


def way_in(
    request: Request, form: Form[Any], *, opened: bool = False, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return page(request, "contributions/follow_open.html", status=status, headers=headers, form=form, opened=opened)


def way_in_again(request: Request, form: Form[Any]) -> Response:
    """The page has run out while something was typed on it: the words come along."""
    form.errors = [FieldError("code", "ended", ENDED)]
    return way_in(request, form, status=401)


def appeal_page(request: Request, form: Form[Any], about: dict[str, Any], *, status: int = 200) -> Response:
    return page(request, "contributions/follow_appeal.html", status=status, form=form, own=about)
