"""Pure ASGI guards around every answer: language prefix, cross-site check, security headers."""

import re
from collections.abc import Callable
from functools import cached_property
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import i18n
from app.web import in_short_path

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would make our own forms say Origin: null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), interest-cohort=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"
NEVER_PREFIXED = re.compile(r"^/(api|static|media|healthz|readyz|metrics)(/|$)")
PREFIX = re.compile(r"^/(" + "|".join(code for code in i18n.LANGUAGES if code != "fr") + r")(?=/|$)")
# Pages that send no referrer make older browsers say `Origin: null`. There the address itself is the right to act, and
# another site does not know it.
BY_ADDRESS = re.compile(r"^(/[a-z]+)?/ma-place/[^/]+/[a-z]+$")
FROM_ANOTHER_SITE = "Cette demande vient d’un autre site. / This request comes from another site."


def pictures_from(origin: str) -> dict[str, str]:
    """The header of a page that alone may show pictures of another server: its map's. None without one."""
    return {"Content-Security-Policy": CSP.replace("img-src 'self'", f"img-src 'self' {origin}")} if origin else {}


class Guard:
    """Outside FastAPI, inside the page cache."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        base_url: str,
        https: bool,
        path_prefix: str,
        played_from: Callable[[], str] = lambda: "",
    ) -> None:
        """`played_from`: the origin of the store, where sound and video may come from it directly. Asked at the first
        answer: a store's client that worked before `serve` forks would never answer after."""
        self.app = app
        self.host = urlsplit(base_url).netloc
        self.https, self.path_prefix, self.played_from = https, path_prefix, played_from

    @cached_property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """As they are sent: names in lower case."""
        found = dict(HEADERS)
        if origin := self.played_from():
            found["Content-Security-Policy"] = CSP.replace("media-src 'self'", f"media-src 'self' {origin}")
        if self.https:
            found["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return [(name.lower().encode(), value.encode()) for name, value in found.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in self.headers if each[0] not in given)]
            await send(message)

        bare = scope["path"].removeprefix(self.path_prefix)
        if scope["method"] not in SAFE_METHODS and self._from_elsewhere(Headers(scope=scope), bare):
            await _from_another_site(api=bare.startswith(API))(scope, receive, guarded)
            return
        await self._in_language(scope, receive, guarded)

    def _from_elsewhere(self, headers: Headers, bare: str) -> bool:
        """By Sec-Fetch-Site, else by Origin; neither means no browser (or one without cookies to abuse)."""
        if site := headers.get("sec-fetch-site"):
            return site not in {"same-origin", "none"}
        if origin := headers.get("origin"):
            if origin == "null" and BY_ADDRESS.match(bare):
                return False
            return urlsplit(origin).netloc not in {headers.get("host", ""), self.host}
        return False

    async def _in_language(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Moves the host's path prefix and the language to root_path; scope["path"] stays whole."""
        path, root = scope["path"], ""
        if self.path_prefix and path.startswith(self.path_prefix + "/"):
            root = self.path_prefix
        bare = path[len(root) :]
        language = i18n.LANGUAGES["fr"]
        if found := PREFIX.match(bare):
            language = i18n.LANGUAGES[found[1]]
            bare = bare[found.end() :]
            if NEVER_PREFIXED.match(bare):
                await PlainTextResponse("404", 404)(scope, receive, send)
                return
            if not bare:
                await RedirectResponse(f"{root}{language.prefix}/", 308)(scope, receive, send)
                return
            if not language.complete and scope["method"] in SAFE_METHODS and not in_short_path(bare):
                # Said in French only: better than a page half in one language, half in another.
                query = "?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""
                here = "/" + bare.lstrip("/")  # "//elsewhere" would be another host
                await RedirectResponse(f"{root}{here}{query}", 302)(scope, receive, send)
                return
            root += language.prefix
        if bare.startswith(API):
            language = i18n.accepted(Headers(scope=scope).get("accept-language", ""))
        i18n.set_current(language)
        inner = {**scope, "root_path": scope.get("root_path", "") + root, "bare_path": bare or "/"}
        await self.app(inner, receive, send)


def _from_another_site(*, api: bool) -> Response:
    if not api:
        return PlainTextResponse(FROM_ANOTHER_SITE, 403)
    body = {"type": "about:blank", "title": "cross site", "status": 403, "code": "cross_site"}
    return JSONResponse(body | {"detail": FROM_ANOTHER_SITE}, 403, media_type="application/problem+json")
