"""Who may: dependencies that give handlers a `Staff`.

`require(Role.X)` refuses by kind of address: the API answers 401 without a good credential, a page leads to
the login page. Someone known without the role gets 404, as if nothing were there.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app import web
from app.accounts.sessions import ABSOLUTE, TOUCH, Login, find_login, touch
from app.adapters.clock import real_now
from app.db import reading, writing
from app.errors import NotFound, Unauthorized
from app.models import Role, Staff


def maybe_staff(request: Request) -> Staff | None:
    """The member of the team asking, or None. For sync handlers of pages that others may see too."""
    login = find(request)
    return login.staff if login and login.complete else None


def require(*roles: Role) -> Callable[[Request], Staff]:
    """A dependency: the member of the team asking, who must hold one of `roles` (any role when none is named)."""

    def allowed(request: Request) -> Staff:
        login = find(request)
        if login is None or not login.complete:
            raise _go_and_log_in(request, login)
        if roles and not login.staff.holds(*roles):
            raise NotFound
        return login.staff

    return allowed


AnyStaff = Annotated[Staff, Depends(require())]
Moderator = Annotated[Staff, Depends(require(Role.MODERATOR))]
Organiser = Annotated[Staff, Depends(require(Role.ORGANISER))]
Administrator = Annotated[Staff, Depends(require(Role.ADMINISTRATOR))]


def find(request: Request) -> Login | None:
    """The credential of this request, looked up once. Writes when the session was last seen, now and then."""
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
    if path.startswith("/api/") or _bearer(request) is not None or "application/json" in request.headers.get("accept", ""):
        return Unauthorized()
    wanted = request.url.path + ("?" + request.url.query if request.url.query else "")
    name = "team:login" if login is None else "team:second" if login.staff.totp_confirmed_at else "team:enrol"
    return HTTPException(303, headers={"Location": web.url(name, next=wanted if request.method == "GET" else "")})


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


def _staff_context(request: Request) -> dict[str, Any]:
    login = getattr(request.state, "login", None)
    return {"staff": login.staff if login and login.complete else None}


web.provide(_staff_context)
