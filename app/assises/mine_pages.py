"""/assises/mon-programme: what somebody keeps on their device, without an account, and a calendar link."""

from typing import Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, model_validator

from app import limits, web
from app.adapters import Adapters
from app.assises import agenda, calendars, mine, mine_view, queries
from app.assises.queries import Released
from app.contributions.schemas import wrong
from app.db import reading, writing
from app.errors import N_, AppError, NotFound
from app.forms import MESSAGES, Form, PostedForm, add_errors, bind
from app.i18n import gettext as _
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page, see_other

router = APIRouter(include_in_schema=False)
LASTS = 200 * 24 * 3600  # seconds: from the first release to the last day, and a while
LINKS_AN_HOUR = 300  # a whole hall behind one address
NO_SUCH = N_("Cette séance n’existe pas.")
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


class KeepIn(BaseModel):
    """One session, kept or let go; or, from the script, all there is: `all`."""

    session: UUID | None = None
    keep: Literal["yes", "no", "seen"] = "yes"
    all: str | None = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.session is None and self.all is None and self.keep != "seen":
            raise wrong("missing", MESSAGES["missing"], field="session")
        return self


class AgendaIn(BaseModel):
    act: Literal["make", "delete"]


@router.get("/assises/mon-programme", name="my_programme")
def show(request: Request, adapters: AdaptersDep) -> Response:
    return _page(request, adapters, Form())


@router.post("/assises/mon-programme", name="keep_session")
@in_turn
def keep(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    form = bind(KeepIn, posted)
    if form.data is None:
        return _page(request, adapters, form, status=422)
    try:
        released, kept = _keep(request, form.data, adapters)
    except AppError as refusal:
        if _by_script(request) or isinstance(refusal, NotFound):
            raise
        add_errors(form, refusal)
        return _page(request, adapters, form, status=refusal.status)
    if _by_script(request):
        return _set(request, _said(released, kept, form.data, adapters), kept)
    return _set(request, see_other(request, "my_programme", notice=form.data.keep), kept)


@router.post("/assises/mon-programme/agenda", name="my_calendar")
@in_turn
def change_calendar(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """Makes the link, one for a device, or deletes it."""
    form = bind(AgendaIn, posted)
    if form.data is None:
        return _page(request, adapters, form, status=422)
    token = (_delete_link if form.data.act == "delete" else _make_link)(request, adapters)
    answer = see_other(request, "my_programme", notice="linked" if token else "unlinked")
    _cookie(request, answer, agenda.COOKIE, token, hidden=True)
    return answer


@router.get("/assises/mon-programme/{token}.ics", name="my_ics")
def show_calendar(token: str, adapters: AdaptersDep) -> Response:
    """What that device keeps, cancelled ones said as such."""
    with reading() as db:
        held, released = agenda.of(db, token), queries.current(db)
        wanted = set(held.sessions)
    sessions = [each for each in released.programme.sessions if str(each.id) in wanted]
    text = calendars.several(
        released, sessions, name=_("Mon programme"), base_url=adapters.base_url,
        page=lambda each: _whole(adapters.base_url, web.url("assises_session", slug=each.slug)),
    )  # fmt: skip
    headers = HEADERS | {
        "Cache-Control": "private, no-store", "Content-Disposition": 'inline; filename="mon-programme.ics"'
    }  # fmt: skip
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


def _make_link(request: Request, adapters: Adapters) -> str:
    """The device's token: the one it has, while it opens something."""
    token = request.cookies.get(agenda.COOKIE, "")
    limits.allow("agendas", client_address(request), most=LINKS_AN_HOUR, window=3600)
    with writing() as db:
        released = queries.current(db)
        if agenda.is_held(db, token):
            return token
        sessions = [each.id for each in mine_view.kept_of(released, _mine(request, released))]
        return agenda.make(db, sessions, now=adapters.clock())


def _delete_link(request: Request, _adapters: Adapters) -> str:
    with writing() as db:
        agenda.delete(db, request.cookies.get(agenda.COOKIE, ""))
    return ""


def _keep(request: Request, said: KeepIn, adapters: Adapters) -> tuple[Released, dict[str, int]]:
    """What is kept from now on; the calendar follows, where there is one."""
    token = request.cookies.get(agenda.COOKIE)
    with writing() if token else reading() as db:
        released = queries.current(db)
        kept = _mine(request, released, said.all)
        if said.keep == "seen":
            kept = dict.fromkeys(kept, released.seq)
        elif said.session and said.all is None:
            if said.session not in released.programme.by_id:
                raise NotFound(NO_SUCH)
            kept = (
                mine.keep(kept, said.session, release=released.seq)
                if said.keep == "yes"
                else mine.let_go(kept, said.session)
            )
        if token:
            sessions = [each.id for each in mine_view.kept_of(released, kept)]
            agenda.follow(db, token, sessions, now=adapters.clock())
    return released, kept


def _mine(request: Request, released: Released, text: str | None = None) -> dict[str, int]:
    held = mine.kept(request.cookies.get(mine.COOKIE, "") if text is None else text)
    return mine.known(held, released.programme.by_id, release=released.seq)


def _said(released: Released, kept: mine.Kept, said: KeepIn, adapters: Adapters) -> JSONResponse:
    """For the script: what was done, and what is at the same time as it."""
    sessions = mine_view.kept_of(released, kept)
    is_kept = said.session is not None and mine.short(said.session) in kept
    clashes = mine_view.clashes(sessions, adapters.clock(), about=said.session) if is_kept else []
    words = _("C’est dans votre programme.") if is_kept else _("C’est retiré de votre programme.")
    body = {"kept": mine.text(kept), "said": words, "clashes": clashes}
    more = {"url": web.url("my_programme"), "label": f"{_('Mon programme')} ({len(sessions)})"}
    return JSONResponse(body | more, headers={"Cache-Control": "no-store"})


def _by_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _page(request: Request, adapters: Adapters, form: Form[Any], *, status: int = 200) -> Response:
    now, token = adapters.clock(), request.cookies.get(agenda.COOKIE, "")
    with reading() as db:
        released = queries.current(db)
        kept = _mine(request, released)
        shown = mine_view.view(db, released, kept, now=now)
        link = web.url("my_ics", token=token) if agenda.is_held(db, token) else ""
    return page(
        request, "assises/mine.html", status=status, headers=HEADERS, released=released, mine=shown, form=form,
        link=_whole(adapters.base_url, link) if link else "",
    )  # fmt: skip


def _whole(base_url: str, path: str) -> str:
    """`web.url` has a host site's path prefix in it already."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _set(request: Request, answer: Response, kept: mine.Kept) -> Response:
    """Readable by the script: the pages are one for everybody, and it marks what is kept."""
    _cookie(request, answer, mine.COOKIE, mine.text(kept), hidden=False)
    return answer


def _cookie(request: Request, answer: Response, name: str, value: str, *, hidden: bool) -> None:
    secure = bool(request.app.state.settings.https)
    if value:
        answer.set_cookie(name, value, max_age=LASTS, path="/", secure=secure, httponly=hidden, samesite="lax")
    else:
        answer.delete_cookie(name, path="/", secure=secure, httponly=hidden, samesite="lax")
