"""Who may collect: a paired device, a mediator's own token, or their browser session."""

from typing import Annotated

from fastapi import Depends, Request

from app.accounts import access
from app.db import reading
from app.errors import NotFound, Unauthorized
from app.models import Role
from app.outreach.credentials import Collector, by_device


def collector(request: Request) -> Collector:
    """401 without a good credential (`device_revoked` for a device sent home); 404 to a member who is no mediator."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        with reading() as db:
            if found := by_device(db, token.strip()):
                return found
    login = access.find(request)
    if login is None or not login.complete:
        raise Unauthorized
    if not login.staff.holds(Role.MEDIATOR):
        raise NotFound
    return Collector(login.staff)


CollectorDep = Annotated[Collector, Depends(collector)]
