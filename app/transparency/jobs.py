"""Keeps the public figures at hand."""

from app.adapters import Adapters
from app.consultation.content import consultation
from app.jobs import every
from app.transparency import counting


@every(60)
def count_journal(_adapters: Adapters) -> None:
    """Until nothing new is left, in short writes."""
    while counting.catch_up(consultation().zone):
        pass
