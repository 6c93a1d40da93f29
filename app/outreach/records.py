"""What a device is told of a record that is held here: proof enough to let go of it."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.adapters import vault
from app.addresses import rooted
from app.contributions import receipts
from app.models import Collected, Contribution, Outing, OutingState, Receipt
from app.outreach import codes, collect_media
from app.outreach.rules import Taken
from app.outreach.sealed import Opened


def receipt(db: Session, collected: Collected, *, now: datetime) -> dict[str, Any]:
    """Of the words and of each medium, without the person's code."""
    contribution = db.get_one(Contribution, collected.contribution_seq)
    outing = db.get(Outing, collected.outing_seq) if collected.outing_seq else None
    return {
        "uuid": str(collected.id),
        "reference": contribution.reference,
        "received_at": collected.received_at.isoformat(),
        "receipt": codes.kind_of(db, contribution.seq),
        "media": collect_media.held(db, collected),
        "outing_closed": outing is not None and (outing.state is not OutingState.PLANNED or outing.ends_at < now),
        "url": rooted(f"/paroles/{contribution.reference}"),
    }


def answer(db: Session, taken: Taken, opened: Opened, *, now: datetime) -> dict[str, Any]:
    """As `receipt`, with the hash of what came, and the code if it was made here and its device may not know it."""
    said = receipt(db, taken.collected, now=now) | {"body_sha256": opened.body_sha256}
    if opened.said.get("media"):
        said["media"] = collect_media.held(db, taken.collected, opened.media)
    if code := _code(db, taken.collected):
        said |= {"receipt_code": code.words, "receipt_digits": code.digits}
    return said


def _code(db: Session, collected: Collected) -> receipts.Code | None:
    """None once it is forgotten here, or replaced by its holder."""
    if collected.code_sealed is None:
        return None
    words, digits = vault.unseal("collected-code", collected.code_sealed).decode().split("|")
    code = receipts.Code(words, digits)
    opens = select(Receipt.words_mac).where(col(Receipt.contribution_seq) == collected.contribution_seq)
    return code if db.exec(opens).first() == receipts.macs(code)["words_mac"] else None
