"""Who may: dependencies that give handlers a `Staff`.

`require(Role.X)` refuses by kind of address: the API answers 401 without a good credential, a page leads to
the login page. Someone known without the role gets 404, as if nothing were there.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from app import web
from app.accounts.sessions import ABSOLUTE, TOUCH, Login, find_login, touch
from app.adapters.clock import real_now
from app.db import reading, writing
from app.errors import NotFound, Unauthorized
from app.models import Role, Staff, StaffSession


def maybe_staff(request: Request) -> Staff | None:
    """The member of the team asking, or None. For sync handlers of pages that others may see too."""
    login = find(request)
    return login.staff if login and login.complete else None


def require(*roles: Role) -> Callable[[Request], Staff]:
    """A dependency: the member of the team asking, who must hold one of `roles` (any when none is named)."""

    def allowed(request: Request) -> Staff:
        login = find(request)
        if login is None or not login.complete:
            raise _go_and_log_in(request, login)
        if not login.staff.holds(*(roles or tuple(Role))):
            raise NotFound
        return login.staff

    return allowed


AnyStaff = Annotated[Staff, Depends(require())]
Administrator = Annotated[Staff, Depends(require(Role.ADMINISTRATOR))]


def begun(request: Request) -> Login:
    """A browser session, the second factor still owed or not: for the pages that ask for it."""
    login = find(request)
    if login is None or login.session is None:
        raise _elsewhere("team_login", request.query_params.get("next", ""))
    return login


def present_session(request: Request, _staff: AnyStaff) -> StaffSession:
    """The browser session of the person asking. What only a person may do is closed to API tokens: 404."""
    login = find(request)
    if login is None or login.session is None:
        raise NotFound
    return login.session


Begun = Annotated[Login, Depends(begun)]
PresentSession = Annotated[StaffSession, Depends(present_session)]


def find(request: Request) -> Login | None:
    """The credential of this request, looked up once; now and then writes when the session was last seen."""
    if hasattr(request.state, "login"):
        return request.state.login  # type: ignore[no-any-return]
    now = real_now()
    cookie, bearer = request.cookies.get(cookie_name(request)), _bearer(request)
    login = None
    if cookie or bearer is not None:
        with reading() as db:
            login = find_login(db, cookie=cookie, bearer=bearer, now=now)
    if login and login.session and login.session.seen_at < now - TOUCH:
        with writing() as db:
            touch(db, login.session, now=now)
    request.state.login = login
    return login


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _go_and_log_in(request: Request, login: Login | None) -> Exception:
    path = request.scope.get("bare_path", request.url.path)
    program = _bearer(request) is not None or "application/json" in request.headers.get("accept", "")
    if path.startswith("/api/") or program:
        return Unauthorized()
    asked = request.url.path + ("?" + request.url.query if request.url.query else "")
    name = second_step(login.staff) if login else "team_login"
    return _elsewhere(name, asked if request.method == "GET" else "")


def _elsewhere(name: str, wanted: str) -> HTTPException:
    return HTTPException(303, headers={"Location": web.url(name, next=own_path(wanted))})


def second_step(staff: Staff) -> str:
    """The page (a route's name) where this person gives, or first sets up, the second factor."""
    return "team_second" if staff.totp_confirmed_at else "team_enrol"


def go_on(wanted: str, *, fallback: str = "team") -> RedirectResponse:
    """303 to the page asked for before the login, if it is one of ours."""
    return RedirectResponse(own_path(wanted) or web.url(fallback), 303, headers={"Cache-Control": "no-store"})


def own_path(wanted: str) -> str:
    """`wanted` if it is a path of this very site, else "" (no open redirect)."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return ""
    # Browsers read "\" as "/" and drop control characters: neither belongs in a path of ours.
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and len(wanted) < 1000
    inside = wanted.startswith(web.prefix[0] + "/") and not wanted.startswith("//")
    return wanted if plain and inside and not parts.scheme and not parts.netloc else ""


def cookie_name(request: Request) -> str:
    """`__Host-` binds the cookie to this very host, but asks for https."""
    return "__Host-equipe" if request.app.state.settings.https else "equipe"


def set_cookie(request: Request, response: Response, token: str) -> None:
    # Lax, not Strict: a link in a mail to the team must open with the session.
    response.set_cookie(
        cookie_name(request), token, max_age=int(ABSOLUTE.total_seconds()), path="/",
        secure=request.app.state.settings.https, httponly=True, samesite="lax",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response) -> None:
    secure = request.app.state.settings.https
    response.delete_cookie(cookie_name(request), path="/", secure=secure, httponly=True, samesite="lax")
