"""Which part of a file a request asks for (RFC 9110, sections 13 and 14), and whether it has it already."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

BYTES = re.compile(r"^bytes\s*=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))$", re.ASCII | re.IGNORECASE)
TAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True)
class Part:
    """The bytes from `start` to before `end` of a file of `size`; `status` 200, 206 or 416 (then there are none)."""

    status: int
    start: int
    end: int
    size: int

    def headers(self) -> dict[str, str]:
        told = {"Accept-Ranges": "bytes", "Content-Length": str(self.end - self.start)}
        if self.status == 206:
            told["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{self.size}"
        if self.status == 416:
            told["Content-Range"] = f"bytes */{self.size}"
        return told


def is_known(headers: Mapping[str, str], tag: str) -> bool:
    """Whether If-None-Match names this content: 304. Compared weakly, as the RFC wants it."""
    known = headers.get("if-none-match", "")
    return known.strip() == "*" or tag in TAG.findall(known)


def is_other(headers: Mapping[str, str], tag: str) -> bool:
    """Whether If-Match asks for another content than this: 412. Compared strongly."""
    wanted = headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return False
    return tag not in (each.strip() for each in wanted.split(","))


def part(headers: Mapping[str, str], *, size: int, tag: str) -> Part:
    """What to answer to a GET: one range, or the whole.

    The whole answers what is no range of bytes, several ranges at once (allowed, and nobody's player asks for them),
    and an If-Range that is not exactly `tag`: the beginning of one file and the end of another would be neither.
    """
    whole = Part(200, 0, size, size)
    asked = BYTES.match(headers.get("range", "").strip())
    if asked is None or headers.get("if-range", tag).strip() != tag:
        return whole
    first, last, suffix = asked.groups()
    if suffix is not None:
        start, end = max(size - int(suffix), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return whole  # not a range at all
    return Part(206, start, end, size) if start < end else Part(416, 0, 0, size)
