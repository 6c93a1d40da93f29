"""What somebody keeps of the programme: a cookie on their own device, with the numbers of sessions and nothing else.

Beside each number stands the release under which it was kept, so that what has changed since can be said.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from app.errors import N_, Conflict

if TYPE_CHECKING:
    from fastapi import Request

COOKIE = "programme"
MOST = 150  # as FULL says: a cookie holds some 4,000 letters; two days hold fewer sessions than this
LETTERS = 12  # the end of an id: chance alone, and short
ONE = re.compile(rf"([0-9a-f]{{{LETTERS}}})(?:-([0-9]{{1,6}}))?", re.ASCII)
FULL = N_("Vous gardez déjà 150 séances. Retirez-en une d’abord.")

Kept = Mapping[str, int]  # a session's short number → the release it was kept under; 0: not known yet


def read(request: "Request") -> tuple[str, ...]:
    """The short numbers of what is kept on this device, in the order they were kept."""
    return tuple(kept(request.cookies.get(COOKIE, "")))


def short(session: UUID) -> str:
    return session.hex[-LETTERS:]


def kept(text: str) -> dict[str, int]:
    """A cookie's text. What is none of ours is left out: anybody may write what they like into their cookies."""
    found: dict[str, int] = {}
    for part in text.split(".")[: MOST * 2]:
        if (one := ONE.fullmatch(part)) and len(found) < MOST:
            found[one[1]] = int(one[2] or 0)
    return found


def text(mine: Kept) -> str:
    return ".".join(f"{number}-{release}" if release else number for number, release in mine.items())


def keep(mine: Kept, session: UUID, *, release: int) -> dict[str, int]:
    """With it. Once more, from the release one has seen by now on."""
    if short(session) not in mine and len(mine) >= MOST:
        raise Conflict(FULL, code="programme_full")
    return {**mine, short(session): release}


def let_go(mine: Kept, session: UUID) -> dict[str, int]:
    return {number: release for number, release in mine.items() if number != short(session)}


def known(mine: Kept, sessions: Iterable[UUID], *, release: int) -> dict[str, int]:
    """What is kept and exists; kept by the script, which knows no release: from this one on."""
    there = {short(session) for session in sessions}
    return {number: since or release for number, since in mine.items() if number in there}
