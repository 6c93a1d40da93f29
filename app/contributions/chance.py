"""Drawing by lot, so that nobody can count or guess."""

import secrets
from collections.abc import Sequence


def draw(pool: Sequence[str], number: int) -> list[str]:
    """`number` of `pool`, each as likely, the same one perhaps again. One question to the system for all."""
    lot, drawn = secrets.randbelow(len(pool) ** number), []
    for _ in range(number):
        lot, index = divmod(lot, len(pool))
        drawn.append(pool[index])
    return drawn
