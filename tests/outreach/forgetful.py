"""The service as it must not be: it does not know a record it has already taken in. Control of street.py.

Run as `python -m tests.outreach.forgetful serve …`, in the place of `dialogue`.
"""

from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col

from app import cli
from app.models import Collected
from app.outreach import rules

remembering = rules.take


def take(db: Session, id: UUID, *given: Any, **more: Any) -> rules.Taken:
    """What came before under this id is put aside under another."""
    db.connection().execute(sa.update(Collected).where(col(Collected.id) == id).values(id=uuid4()))
    return remembering(db, id, *given, **more)


if __name__ == "__main__":
    rules.take = take
    cli.main()
