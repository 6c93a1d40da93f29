"""The anonymous page cache: public pages from memory, gone within two seconds of any change.

Valid for the current `publication.version` (asked at most once a second per worker) and for 30 s at most,
since a phase closes by date. Pages that show places left at meetings say so in a header of their own (SEATS, which
never leaves): they are valid for the current `publication.seats` too, so a sign-up costs the other pages nothing.
Public pages carry no session and set no cookie, so they are one for all.
It also answers HEAD, compresses public pages, and gives each a strong ETag.
"""

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIFETIME = 30.0
RECHECK = 1.0
MOST_BYTES = 32 * 1024 * 1024
COMPRESSED = (
    b"text/",
    b"application/json",
    b"application/geo",
    b"application/atom+xml",
    b"image/svg",
    b"application/xml",
)
SEARCH = b"q="
SEATS = "x-shows-seats"
Start = dict[str, object]


@dataclass(slots=True)
class Entry:
    version: int
    seats: int | None  # None: shows none
    until: float
    etag: bytes
    gzip_etag: bytes
    start: Start
    gzip_start: Start
    unchanged: Start
    gzip_unchanged: Start
    body: Message
    gzip_body: Message
    size: int


class PageCache:
    """Outermost ASGI layer. `read_versions` asks the database for both; `on_hit` counts.

    `passes`: no page, answered as it is.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        read_versions: Callable[[], tuple[int, int]],
        on: bool,
        on_hit: Callable[[], None],
        passes: Callable[[Scope], bool] = lambda _scope: False,
    ) -> None:
        self.app, self.read_versions, self.on, self.on_hit, self.passes = app, read_versions, on, on_hit, passes
        self.entries: OrderedDict[tuple[str, bytes], Entry] = OrderedDict()
        self.size, self.version, self.seats, self.checked = 0, -1, -1, 0.0

    def forget(self) -> None:
        """Empties it and asks the version anew (tests)."""
        self.entries.clear()
        self.size, self.version, self.seats, self.checked = 0, -1, -1, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or self.passes(scope):
            await self.app(scope, receive, send)
            return
        zipped, known = False, b""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                zipped = b"gzip" in value
            elif name == b"if-none-match":
                known = value
        key = (scope["path"], scope["query_string"])
        now = time.monotonic()
        if self.on and now - self.checked > RECHECK:
            self.checked = now  # before the question, so that a burst asks once
            try:
                version, self.seats = await anyio.to_thread.run_sync(self.read_versions)
            except SQLAlchemyError:  # nobody can say what still holds: nothing does, and the app finds the words
                version, self.seats = -1, -1
            if version != self.version:  # nothing kept is valid any more, and what was erased must not stay in memory
                self.entries.clear()
                self.size, self.version = 0, version
        entry = self.entries.get(key)
        if entry is not None and self._holds(entry) and entry.until > now:
            self.on_hit()
            await _answer(entry, zipped, known, scope["method"] == "HEAD", send)
            return
        await self._render(scope, receive, send, key=key, zipped=zipped, known=known)

    def _holds(self, entry: Entry) -> bool:
        return entry.version == self.version and entry.seats in (None, self.seats)

    async def _render(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        key: tuple[str, bytes],
        zipped: bool,
        known: bytes,
    ) -> None:
        """Lets the app answer; a public 200 is buffered, kept, and answered like a kept one."""
        version, seats, is_head = self.version, self.seats, scope["method"] == "HEAD"
        start: Message = {}
        body = bytearray()
        public = False

        async def catch(message: Message) -> None:
            nonlocal start, public
            if message["type"] == "http.response.start":
                start = message
                public = message["status"] == 200 and _is_public(message["headers"])
                if public:
                    return
            elif public:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    entry = _entry(start, bytes(body), version, seats)
                    self._keep(key, entry)
                    await _answer(entry, zipped, known, is_head, send)
                return
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # `head` tells whoever streams that nobody will read what it would send.
        await self.app({**scope, "method": "GET", "head": True} if is_head else scope, receive, catch)

    def _keep(self, key: tuple[str, bytes], entry: Entry) -> None:
        if not self.on or key[1].startswith(SEARCH) or b"&" + SEARCH in key[1] or len(key[1]) > 300:
            return
        if (old := self.entries.pop(key, None)) is not None:
            self.size -= old.size
        self.entries[key] = entry
        self.size += entry.size
        while self.size > MOST_BYTES:
            self.size -= self.entries.popitem(last=False)[1].size


def _is_public(headers: list[tuple[bytes, bytes]]) -> bool:
    names = dict(headers)
    return names.get(b"cache-control", b"").startswith(b"public") and b"set-cookie" not in names


def _entry(start: Message, body: bytes, version: int, seats: int) -> Entry:
    digest = hashlib.sha256(body).hexdigest()[:20].encode()
    etag, gzip_etag = b'"' + digest + b'"', b'"' + digest + b'-gz"'
    shows_seats = dict(start["headers"]).get(SEATS.encode()) is not None
    kept = [(n, v) for n, v in start["headers"] if n not in (b"content-length", b"etag", b"vary", SEATS.encode())]
    kept.append((b"vary", b"accept-encoding"))
    kind = dict(kept).get(b"content-type", b"")
    compress = len(body) > 500 and kind.startswith(COMPRESSED)
    small = gzip.compress(body, 6, mtime=0) if compress else body
    encoding = [(b"content-encoding", b"gzip")] if compress else []
    if not compress:
        gzip_etag = etag

    def head(status: int, tag: bytes, *more: tuple[bytes, bytes]) -> Start:
        return {"type": "http.response.start", "status": status, "headers": [*kept, (b"etag", tag), *more]}

    def unchanged(tag: bytes) -> Start:
        short = [(n, v) for n, v in kept if n in (b"cache-control", b"vary", b"content-language")]
        return {"type": "http.response.start", "status": 304, "headers": [*short, (b"etag", tag)]}

    return Entry(
        version,
        seats if shows_seats else None,
        time.monotonic() + LIFETIME,
        etag,
        gzip_etag,
        head(200, etag, (b"content-length", b"%d" % len(body))),
        head(200, gzip_etag, (b"content-length", b"%d" % len(small)), *encoding),
        unchanged(etag),
        unchanged(gzip_etag),
        {"type": "http.response.body", "body": body},
        {"type": "http.response.body", "body": small},
        len(body) + len(small) + 2048,
    )


EMPTY: Message = {"type": "http.response.body", "body": b""}


async def _answer(entry: Entry, zipped: bool, known: bytes, is_head: bool, send: Send) -> None:
    etag = entry.gzip_etag if zipped else entry.etag
    if known and (etag in known or known == b"*"):
        await send(entry.gzip_unchanged if zipped else entry.unchanged)
        await send(EMPTY)
        return
    await send(entry.gzip_start if zipped else entry.start)
    await send(EMPTY if is_head else entry.gzip_body if zipped else entry.body)
