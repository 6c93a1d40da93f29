"""What is posted about an alert from its page."""

from pydantic import BaseModel

from app.contributions.schemas import Cleaned


class AnswerIn(BaseModel):
    """« Je m’en occupe ». `instead_of`: whom the page named, when somebody takes over."""

    instead_of: Cleaned | None = None
