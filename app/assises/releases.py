"""A release: the draft becomes public, meetings of its sessions follow, whoever is concerned is told once.

Nothing leaves before its messages were seen (`MustTell`). Locks in one order: the programme (`draft.hold`), the
meetings, what the public sees, the journal.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.assises import conflicts, draft, plans, queries
from app.assises import urgent as one
from app.assises.plans import Plan, Preview
from app.errors import N_, Conflict, refuse_field
from app.events.edit import MustTell
from app.models import Release, Staff

LONGEST_NAME = 80
STALE = N_("Le programme a changé entre-temps. Voici ce qui serait publié maintenant. Rien n’est parti.")
NAME_IT = N_("Donnez un nom à cette version.")
NAME_TOO_LONG = N_("C’est trop long : %(length)s caractères, %(limit)s au plus. Rien n’est perdu.")
NAME_TAKEN = N_("Une version porte déjà ce nom. Choisissez-en un autre.")


def preview(db: Session, *, now: datetime) -> Preview:
    """The draft against the last release. Writes nothing."""
    pieces = draft.pieces(db)
    plan = plans.make(db, pieces.programme, names=pieces.names, now=now)
    dropped = set(plan.new.by_id) - set(pieces.programme.by_id)
    return plans.preview(db, plan, unplaced=pieces.unplaced, dropped=dropped)


def release(db: Session, *, name: str, words: str, seen: bool, by: Staff, now: datetime, mark: str = "") -> Release:
    """The draft becomes what the public sees.

    Conflict `stale` when it is no longer what was seen (`mark` of the preview); 422 without a name, or without
    anything new; `MustTell` until warnings and messages were `seen`.
    """
    draft.hold(db)
    plan = plans.make(db, draft.pieces(db).programme, now=now)
    _refuse_stale(plan, mark)
    plans.refuse_unready(plan)
    name = _named(db, name)
    if not seen and (plan.tells or conflicts.find(plan.new)):
        raise MustTell
    return plans.publish(db, plan, name=name, words=words, by=by, now=now)


def urgent_preview(
    db: Session, session_id: UUID, *, starts_at: datetime | None = None, minutes: int | None = None,
    room: UUID | None = None, cancel: bool = False, said: str = "", now: datetime,
) -> Preview:  # fmt: skip
    """Who would be told what. Writes nothing. NotFound, 422 and Conflict as `urgent`."""
    plan = one.plan(db, session_id, one.Wanted(starts_at, minutes, room, cancel, said), now=now)
    return plans.preview(db, plan, words=said, only=session_id)


def urgent(
    db: Session, session_id: UUID, *, starts_at: datetime | None = None, minutes: int | None = None,
    room: UUID | None = None, cancel: bool = False, said: str = "", seen: bool, by: Staff, now: datetime,
    mark: str = "",
) -> Release:  # fmt: skip
    """The last release with that one session changed (None: as it is), whatever else is in the draft.

    NotFound for what is not public; 422 for what cannot be, or changes nothing; Conflict `dropped` for one the draft
    no longer has, `stale` when it is no longer what was seen; `MustTell` until the messages were `seen`.
    """
    draft.hold(db)
    plan = one.plan(db, session_id, one.Wanted(starts_at, minutes, room, cancel, said), now=now)
    _refuse_stale(plan, mark)
    if not seen and plan.tells:
        raise MustTell
    one.write(db, queries.current(db).programme.by_id[session_id], plan.new.by_id[session_id], now=now)
    return plans.publish(db, plan, name=one.name(db, now), words=said, by=by, now=now, urgent=True)


def _refuse_stale(plan: Plan, mark: str) -> None:
    if mark and mark != plan.mark:
        raise Conflict(STALE, code="stale")


def _named(db: Session, name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise refuse_field("name", "missing", NAME_IT)
    if len(name) > LONGEST_NAME:
        raise refuse_field("name", "too_long", NAME_TOO_LONG, length=len(name), limit=LONGEST_NAME)
    if plans.taken(db, name):
        raise refuse_field("name", "name_taken", NAME_TAKEN)
    return name
