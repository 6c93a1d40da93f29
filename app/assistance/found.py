"""What a detector finds: a kind, where it stands, what its sentence needs to know. Never the words themselves."""

from dataclasses import dataclass, field
from typing import Any

# What may mean that somebody needs help now: the kinds of an alert (app/moderation/schemas.py: Danger).
DANGERS = ("danger", "violence", "child", "threat")


@dataclass(frozen=True)
class Found:
    """`start` and `end` count code points, `end` exclusive; None when it is about the whole text."""

    kind: str
    start: int | None = None
    end: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)
