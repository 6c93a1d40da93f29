"""Media as a phone in the street has them: declared with a record, sealed or as they are, sent by tus."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session

from app import db
from app.models import Channel, Collected, Contribution, Device, Role, Staff
from app.models.base import new_id
from app.outreach import collect_media
from app.outreach.media_schemas import DeclaredIn
from tests import factories
from tests.factories import NOW

TEXT = "Ici, on se salue tous les matins."


@dataclass
class Medium:
    """One file in a phone; `sent` is what goes over the network."""

    plain: bytes = field(default_factory=lambda: b"\xff\xd8\xff" + secrets.token_bytes(5000))
    client_id: str = "m1"
    type: str = "image/jpeg"
    sealed: bool = True
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(44))

    @property
    def sent(self) -> bytes:
        return AESGCM(self.secret[:32]).encrypt(self.secret[32:], self.plain, None) if self.sealed else self.plain

    def said(self, **more: Any) -> dict[str, Any]:
        """As the record declares it."""
        keys = {"key": _text(self.secret[:32]), "iv": _text(self.secret[32:])} if self.sealed else {}
        return {
            "client_id": self.client_id,
            "sha256": hashlib.sha256(self.plain).hexdigest(),
            "size": len(self.plain),
            "type": self.type,
        } | keys | more  # fmt: skip


@dataclass
class Record:
    """A record taken in, and the device it came from."""

    id: UUID
    token: str
    mediator: Staff
    device: Device
    seq: int

    @property
    def credential(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def taken_in(session: Session, *media: Medium, mediator: Staff | None = None, **fields: Any) -> Record:
    """Words from the street, with what is declared with them; nothing of the media is there yet."""
    mediator = mediator or factories.staff(session, Role.MEDIATOR)
    outing = factories.outing(session, mediator)
    device, token = factories.device(session, mediator)
    contribution = factories.submitted(session, channel=Channel.STREET, body=TEXT).contribution
    record = Collected(
        **(
            {
                "id": new_id(),
                "contribution_seq": contribution.seq,
                "outing_seq": outing.seq,
                "device_seq": device.seq,
                "staff_seq": mediator.seq,
                "digest": secrets.token_hex(32),
                "received_at": NOW,
            }
            | fields
        )
    )
    session.add(record)
    session.flush()
    declared(session, record, *media)
    return Record(record.id, token, mediator, device, record.seq or 0)


def declared(session: Session, record: Collected, *media: Medium, **more: Any) -> None:
    contribution = session.get_one(Contribution, record.contribution_seq)
    said = [DeclaredIn.model_validate(each.said(**more)) for each in media]
    collect_media.declare(session, record, contribution, said, now=NOW)


def held(record: Record) -> list[bool]:
    with db.reading() as session:
        return [each["held"] for each in collect_media.held(session, session.get_one(Collected, record.seq))]


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
