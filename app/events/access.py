"""Who of the team does what with meetings."""

from typing import Annotated

from fastapi import Depends

from app.accounts.access import require
from app.models import Role, Staff

Edit = Annotated[Staff, Depends(require(Role.ORGANISER, Role.ADMINISTRATOR))]
# Whoever is there that day may hold the door; interpreters see no names (domain.md).
Door = Annotated[Staff, Depends(require(Role.MEDIATOR, Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR))]
