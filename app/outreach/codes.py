"""Receipt codes given in advance: to a device, or on numbered tickets. Each opens one record, once."""

import re
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.contributions import receipts
from app.contributions.text import latin_digits
from app.errors import N_, Conflict, refuse_field
from app.models import AllottedCode, Device, OutingMediator, Receipt, Staff
from app.models.driver import add_rows
from app.outreach.credentials import Collector

MOST_UNUSED = 500  # of one device
NUMBER = re.compile(r"([A-Z0-9]{1,4}) ([0-9]{1,7})|([A-Z]{1,4})([0-9]{1,7})")
ENOUGH = N_("Cet appareil a déjà beaucoup de codes d’avance. Utilisez-les d’abord.")
USED = N_("Ce code a déjà servi. Donnez-en un autre à la personne.")
CANCELLED = N_("Ce code a été annulé. Donnez-en un autre à la personne.")
UNKNOWN = N_("Ce code n’est pas connu. Vérifiez-le, ou le numéro du ticket.")


def allot(db: Session, codes: list[receipts.Code], *, to: Collector, now: datetime) -> None:
    """Gives a device, or a mediator without one, codes in advance. Conflict `codes_enough` beyond 500 unused."""
    # Two requests at once would each count without the other.
    table, seq = (Device, to.device.seq) if to.device else (Staff, to.staff.seq)
    db.connection().execute(sa.select(col(table.seq)).where(col(table.seq) == seq).with_for_update())
    if unused(db, to) + len(codes) > MOST_UNUSED:
        raise Conflict(ENOUGH, code="codes_enough")
    device_seq = to.device.seq if to.device else None
    row = {"staff_seq": to.staff.seq, "device_seq": device_seq, "created_at": now}
    add_rows(db, AllottedCode, *(row | receipts.macs(code) for code in codes))


def unused(db: Session, by: Collector) -> int:
    """Codes this device, or this mediator without one, was given and nobody has used."""
    mine = (
        col(AllottedCode.device_seq) == by.device.seq
        if by.device
        else sa.and_(col(AllottedCode.staff_seq) == by.staff.seq, col(AllottedCode.device_seq).is_(None))
    )
    free = sa.select(sa.func.count()).where(
        mine,
        col(AllottedCode.outing_seq).is_(None),
        col(AllottedCode.used_at).is_(None),
        col(AllottedCode.cancelled_at).is_(None),
    )
    return int(db.connection().execute(free).scalar_one())


def number(prefix: str, position: int) -> str:
    """A ticket's, as printed on it: MAL-017."""
    return f"{prefix}-{position:03d}"


def use(db: Session, typed: str, *, by: Collector, now: datetime, imported: bool = False) -> dict[str, str]:
    """What is kept of a code or ticket given in advance, which now opens a record: once, whoever else tries.

    `imported`: one cancelled with its device counts, and the mediator may have left the outing whose ticket it is.
    Conflict `receipt_code_used` or `receipt_code_cancelled`; Unprocessable `unknown_receipt_code`.
    """
    code = _find(db, typed, None if imported else by)
    if code is None:
        raise refuse_field("receipt_code", "unknown_receipt_code", UNKNOWN)
    free = sa.update(AllottedCode).where(col(AllottedCode.seq) == code.seq, col(AllottedCode.used_at).is_(None))
    if not imported:
        free = free.where(col(AllottedCode.cancelled_at).is_(None))
    if db.connection().execute(free.values(used_at=now)).rowcount != 1:
        db.refresh(code)
        if code.used_at is not None:
            raise Conflict(USED, code="receipt_code_used", field="receipt_code")
        raise Conflict(CANCELLED, code="receipt_code_cancelled", field="receipt_code")
    return {"words_mac": code.words_mac, "digits_mac": code.digits_mac}


def kind_of(db: Session, contribution_seq: int | None) -> str:
    """How the person got the code that opens this record: `allotted`, on a `ticket`, or `made` when it came in."""
    same = col(AllottedCode.words_mac) == col(Receipt.words_mac)
    found = db.exec(
        select(AllottedCode.number).join(Receipt, same).where(col(Receipt.contribution_seq) == contribution_seq)
    ).all()
    return ("ticket" if found[0] else "allotted") if found else "made"


def _find(db: Session, typed: str, by: Collector | None) -> AllottedCode | None:
    """Among a mediator's own codes and the tickets of their outings, or among all."""
    mac, printed = receipts.mac(typed), _as_number(typed)
    same = [col(AllottedCode.words_mac) == mac, col(AllottedCode.digits_mac) == mac]
    if printed:  # most codes have none: two that are nothing are not the same
        same.append(col(AllottedCode.number) == printed)
    wanted = select(AllottedCode).where(sa.or_(*same))
    if by:
        theirs = select(OutingMediator.outing_seq).where(col(OutingMediator.staff_seq) == by.staff.seq)
        mine = col(AllottedCode.staff_seq) == by.staff.seq
        wanted = wanted.where(sa.or_(mine, col(AllottedCode.outing_seq).in_(theirs)))
    return db.exec(wanted).first()


def _as_number(typed: str) -> str | None:
    """MAL-017 for « mal 17 », « MAL017 », « Mal-017 »."""
    plain = " ".join(re.findall(r"[A-Z0-9]+", latin_digits(typed[:40]).upper()))
    if not (found := NUMBER.fullmatch(plain)):
        return None
    prefix, position = (found[1], found[2]) if found[1] else (found[3], found[4])
    return number(prefix, int(position))
