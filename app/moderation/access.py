"""Who does what at the desk (docs/decisions: who moderates)."""

from typing import Annotated

from fastapi import Depends

from app.accounts.access import require
from app.models import Role, Staff

# Organisers run the consultation but do not judge words; administrators answer for the whole service.
Desk = Annotated[Staff, Depends(require(Role.MODERATOR, Role.ADMINISTRATOR))]
# Whoever may be the duty contact must be able to reach someone in danger.
Watch = Annotated[Staff, Depends(require(Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR))]
