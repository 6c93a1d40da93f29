"""What a moderator answers to a signal."""

from enum import StrEnum

from pydantic import BaseModel

from app.models import SignalState


class Answer(StrEnum):
    """« C’est bien cela », « Ce n’est rien »."""

    CONFIRMED = SignalState.CONFIRMED.value
    DISMISSED = SignalState.DISMISSED.value


class SettleIn(BaseModel):
    state: Answer
