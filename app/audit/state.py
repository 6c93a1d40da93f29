"""When the chain was last checked, and what was found: kept for the page of the journal."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.models import Keep

NEW, WHOLE = "journal_new", "journal_whole"  # the entries of the last hour; all of them, and the heads


@dataclass(frozen=True)
class Checked:
    at: datetime
    read: int
    broken: int | None


def keep(db: Session, name: str, checked: Checked) -> None:
    row = db.get(Keep, name) or Keep(name=name, value="")
    row.value = f"{checked.at.isoformat()}|{checked.read}|{checked.broken or ''}"
    db.add(row)


def kept(db: Session, name: str) -> Checked | None:
    row = db.get(Keep, name)
    if row is None:
        return None
    at, read, broken = row.value.split("|")
    return Checked(datetime.fromisoformat(at), int(read), int(broken) if broken else None)
