"""Pages: the Jinja environment, addresses, page(), see_other()."""

import hashlib
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.routing import Route

from app import addresses, i18n
from app.adapters import Adapters
from app.cache import SEATS

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
JOSE = ROOT / "node_modules/jose/dist/webapi"
# From npm at set-up, not copied in; without it the pages do as without JavaScript.
VENDOR = {
    "vendor/tus.js": ROOT / "node_modules/tus-js-client/dist/tus.min.js",
    "vendor/leaflet.js": ROOT / "node_modules/leaflet/dist/leaflet.js",
    "vendor/leaflet.css": ROOT / "node_modules/leaflet/dist/leaflet.css",
    "vendor/idb.js": ROOT / "node_modules/idb/build/index.js",
    # As many small modules, under their own names: they import one another.
    **{f"vendor/jose/{file.relative_to(JOSE).as_posix()}": file for file in JOSE.rglob("*.js")},
}


class Compiled(FileSystemBytecodeCache):
    """Templates compiled once and kept beside Python's own compiled files, by the same rules.

    A changed template or Python is noticed. After a change to the environment below: `make clean`.
    """

    def __init__(self) -> None:
        folder = Path(__file__).parent / "__pycache__" / "templates"
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):  # a read-only file system: compiled at each start
                super().dump_bytecode(bucket)


env = Environment(
    loader=FileSystemLoader(ROOT / "templates"),
    bytecode_cache=Compiled(),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    extensions=["jinja2.ext.i18n"],
)
env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
env.policies["ext.i18n.trimmed"] = True

_paths: dict[str, str] = {}
_build: list[str] = [""]
prefix = addresses.prefix


def prepare(app: FastAPI, *, path_prefix: str = "") -> None:
    """Learns the routes' paths and the static files' hash; registers the macros as globals."""
    _paths.update(_named_paths(app.routes))
    _build[0] = _static_hash()
    prefix[0] = path_prefix
    env.globals["ui"] = env.get_template("ui/ui.html").module


def _named_paths(routes: Any) -> Mapping[str, str]:
    return {route.name: route.path_format for route in routes if isinstance(route, Route)}


def url(name: str, /, **params: Any) -> str:
    """The address of a named route in the current language; extra parameters become the query."""
    path = _paths[name]
    query = {}
    for key, value in params.items():
        placeholder = "{" + key + "}"
        if placeholder in path:
            path = path.replace(placeholder, quote(str(value), safe=""))
        elif value not in (None, "", []):
            query[key] = value
    language = i18n.current()
    if not path.startswith(("/api/", "/media/")) and (language.complete or name in i18n.SHORT_PATH):
        path = language.prefix + path
    return prefix[0] + path + ("?" + urlencode(query, doseq=True) if query else "")


def in_short_path(path: str) -> bool:
    """Whether the short languages have the page at this path (without its prefix)."""
    known = (_paths[name] for name in i18n.SHORT_PATH if name in _paths)
    return any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path) for each in known)


def exists(name: str) -> bool:
    """Whether a route has this name: menus show only pages that exist."""
    return name in _paths


def static(name: str) -> str:
    """A static file's address; its build hash lets it be cached for good."""
    return f"{prefix[0]}/static/{_build[0]}/{name}"


def static_file(name: str) -> Path | None:
    """The file behind a static address; None when there is none, or it is none of ours to show."""
    file = VENDOR.get(name) or (STATIC / name).resolve()
    return file if file.is_file() and (name in VENDOR or file.is_relative_to(STATIC)) else None


@lru_cache(maxsize=1)
def _static_hash() -> str:
    digest = hashlib.sha256()
    ours = (path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())
    for name in sorted([*ours, *VENDOR]):
        if file := static_file(name):
            digest.update(name.encode() + file.read_bytes())
    return digest.hexdigest()[:10]


@lru_cache(maxsize=256)
def icon(name: str) -> Markup:
    """An SVG of our own, inline; hidden from screen readers, since a word stands beside it."""
    return Markup((STATIC / "icons" / f"{name}.svg").read_text().strip())  # noqa: S704 - our own files


def translated(text: Any) -> str:
    """A content file's text in the current language."""
    return str(text.in_(i18n.current().code)) if hasattr(text, "in_") else str(text or "")


def in_its_language(text: Any) -> Any:
    """As `translated`; where the content file has only French, says so to readers (WCAG 3.1.2). Not for attributes."""
    words, here = translated(text), i18n.current()
    if here.tag == "fr" or not hasattr(text, "language_used") or text.language_used(here.code) != "fr":
        return words
    return Markup('<span lang="fr" dir="ltr">{}</span>').format(words)


def alternates(request: Request) -> list[dict[str, str]]:
    """This page's address in each language it exists in."""
    path = request.scope.get("bare_path", request.url.path)
    name = getattr(request.scope.get("route"), "name", "")
    query = "?" + request.url.query if request.url.query else ""
    return [
        {
            "code": lang.code,
            "tag": lang.tag,
            "name": lang.name,
            "dir": lang.direction,
            "url": prefix[0] + lang.prefix + path + query,
        }
        for lang in i18n.LANGUAGES.values()
        if lang.complete or name in i18n.SHORT_PATH
    ]


env.filters["t"] = translated
env.filters["words"] = in_its_language
env.globals.update(
    _=i18n.gettext,
    url=url,
    static=static,
    icon=icon,
    date=i18n.format_date,
    moment=i18n.format_moment,
    day=i18n.format_day,
    clock=i18n.format_hour,
    exists=exists,
    direction_of=i18n.direction_of,
    language_name=i18n.language_name,
)
ContextProvider = Callable[[Request], dict[str, Any]]
_providers: list[ContextProvider] = []


def provide(provider: ContextProvider) -> None:
    """Adds values every page has (menu, consultation …)."""
    _providers.append(provider)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    public: bool = False,
    seats: bool = False,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A whole page. `public` pages are the same for everybody and may be kept by the page cache.

    `seats`: it shows places left, so a kept one is stale as soon as somebody signs up.
    """
    language = i18n.current()
    base: dict[str, Any] = {
        "request": request,
        "language": language.code,
        "lang": language.tag,
        "direction": language.direction,
        "alternates": alternates(request),
        "here": request.url.path,
        "notice": request.query_params.get("notice", ""),
    }
    for provider in _providers:
        base |= provider(request)
    html = env.get_template(template).render(base | context)
    keep = "public, no-cache" if public else "private, no-store"
    known = {"Cache-Control": keep, "Content-Language": language.tag} | ({SEATS: "yes"} if public and seats else {})
    return HTMLResponse(html, status, headers=known | dict(headers or {}))


def see_other(request: Request, name: str, /, **params: Any) -> RedirectResponse:
    """After a POST: 303 to a named route."""
    return RedirectResponse(url(name, **params), 303, headers={"Cache-Control": "no-store"})


def _adapters(request: Request) -> Adapters:
    return request.app.state.adapters  # type: ignore[no-any-return]


AdaptersDep = Annotated[Adapters, Depends(_adapters)]


def client_address(request: Request) -> str:
    """The caller's address, for rate limits only; uvicorn has resolved trusted proxies."""
    host = request.client.host if request.client else "unknown"
    return _network(host) if ":" in host else host


def _network(host: str) -> str:
    """Of an IPv6 address the first half: whoever holds one such address holds 2⁶⁴ (RFC 6177)."""
    try:
        address = IPv6Address(host)
    except ValueError:
        return host
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
