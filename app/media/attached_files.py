"""Photos that come with the team's own forms: checked and stored before the write's turn, in threads of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import anyio
import anyio.to_thread

from app.adapters import Adapters
from app.errors import AppError, FieldError, TooLarge, Unprocessable
from app.media import attached, rules

BODY = 260 * 1024 * 1024  # a dozen photos: some too many must still be a sentence, not a cut connection
FIELD = "files"
UPLOADS = anyio.CapacityLimiter(2)


class Sent(Protocol):
    """A file of a form."""

    file: Any
    filename: str | None
    size: int | None


@dataclass
class Arrived:
    """Photos of this request: safe in the store, or refused with words."""

    stored: list[rules.Stored] = field(default_factory=list)
    refusals: list[FieldError] = field(default_factory=list)


async def arrive(files: Sequence[Sent], adapters: Adapters) -> Arrived:
    """What was chosen in the form; an empty choice is no file."""
    chosen = [each for each in files if each.filename or each.size]
    return await anyio.to_thread.run_sync(_store, chosen[: attached.MOST + 1], adapters, limiter=UPLOADS)


def _store(files: Sequence[Sent], adapters: Adapters) -> Arrived:
    arrived = Arrived()
    for file in files:
        try:
            arrived.stored.append(rules.store(file.file, name=file.filename or "", adapters=adapters, field=FIELD))
        except Unprocessable as refusal:
            arrived.refusals += refusal.errors
        except AppError as refusal:  # too heavy, or the store is down or full: the words at least are kept
            values = tuple(refusal.extra.items()) if isinstance(refusal, TooLarge) else ()
            arrived.refusals.append(FieldError(FIELD, refusal.code, refusal.message, values))
    return arrived
