"""Who of the team does what with outings: mediators see their own, organisers write them all (outing_queries.py)."""

from typing import Annotated

from fastapi import Depends

from app.accounts.access import require
from app.models import Role, Staff

Street = Annotated[Staff, Depends(require(Role.MEDIATOR, Role.ORGANISER, Role.ADMINISTRATOR))]
Planner = Annotated[Staff, Depends(require(Role.ORGANISER, Role.ADMINISTRATOR))]
