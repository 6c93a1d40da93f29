"""Looks at devices: what one needs to know, whose they are, how they stand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app.errors import N_, NotFound, refuse_field
from app.models import Device, Outing, OutingMediator, Role, Staff
from app.outreach.outing_queries import who_may_go

NEAR = timedelta(days=7)
SHOWN = 200  # devices of a page: a team has a dozen
NOBODY = N_("Choisissez pour qui.")


def outings_near(db: Session, mediator: Staff, *, now: datetime) -> Sequence[Outing]:
    """Those of one mediator within seven days before or after; closed and cancelled ones say so themselves."""
    theirs = (
        select(Outing)
        .join(OutingMediator, col(OutingMediator.outing_seq) == col(Outing.seq))
        .where(col(OutingMediator.staff_seq) == mediator.seq)
        .where(col(Outing.ends_at) >= now - NEAR, col(Outing.starts_at) <= now + NEAR)
    )
    return db.exec(theirs.order_by(col(Outing.starts_at), col(Outing.seq))).all()


def may_see_all(staff: Staff) -> bool:
    """Mediators see their own devices, organisers everybody's."""
    return staff.holds(Role.ORGANISER, Role.ADMINISTRATOR)


def listed(db: Session, by: Staff, *, revoked: bool) -> Sequence[tuple[Device, Staff]]:
    """With whose they are, last heard of first."""
    over = col(Device.revoked_at)
    query = _devices(by).where(over.is_not(None) if revoked else over.is_(None))
    order = (over.desc() if revoked else col(Device.seen_at).desc(), col(Device.seq).desc())
    return db.exec(query.order_by(*order).limit(SHOWN)).all()


def one(db: Session, device_id: UUID, by: Staff) -> tuple[Device, Staff]:
    """NotFound; another mediator's cannot be told from none."""
    found = db.exec(_devices(by).where(col(Device.id) == device_id)).first()
    if found is None:
        raise NotFound
    return found


def every(db: Session) -> Sequence[tuple[Device, Staff]]:
    """With whose they are, revoked ones too, in the order they were paired."""
    paired = select(Device, Staff).join(Staff, col(Staff.seq) == col(Device.staff_seq))
    return db.exec(paired.order_by(col(Device.seq))).all()


def of_outing(db: Session, outing: Outing) -> Sequence[tuple[Device, Staff]]:
    """Those of the people who go, but for what was revoked."""
    theirs = (
        select(Device, Staff)
        .join(Staff, col(Staff.seq) == col(Device.staff_seq))
        .join(OutingMediator, col(OutingMediator.staff_seq) == col(Device.staff_seq))
        .where(col(OutingMediator.outing_seq) == outing.seq, col(Device.revoked_at).is_(None))
    )
    return db.exec(theirs.order_by(col(Device.seen_at).desc(), col(Device.seq))).all()


def revoked_by(db: Session, device: Device) -> str:
    """A name of the team; empty for the command line, or while it is not revoked."""
    wanted = (device.revoked_by or "").removeprefix("staff:")
    return next((name for id, name in db.exec(select(Staff.id, Staff.name)) if str(id) == wanted), "")


def mediator_for(db: Session, wanted: UUID | None, by: Staff) -> Staff:
    """For whom a code is made: oneself, or whom an organiser names."""
    wanted = wanted if may_see_all(by) and wanted else by.id
    found = next((person for person in who_may_go(db) if person.id == wanted), None)
    if found is None:
        raise refuse_field("mediator", "unknown_mediator", NOBODY)
    return found


def _devices(by: Staff) -> Select[Device, Staff]:
    every = select(Device, Staff).join(Staff, col(Staff.seq) == col(Device.staff_seq))
    return every if may_see_all(by) else every.where(col(Device.staff_seq) == by.seq)
