"""What the API answers about records from the street: for the OpenAPI document and its tests."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.media.answers import RootRelative

CODE = r"^([a-z]+-){4}[0-9]{2}$"
DIGITS = r"^([0-9]{4} ){3}[0-9]{4}$"


class PublicKey(BaseModel):
    """A JWK (RFC 7517). Seal with `alg` ECDH-ES and `enc` A256GCM; `kid` is its thumbprint (RFC 7638)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    alg: Literal["ECDH-ES"]
    use: Literal["enc"]


class Drawing(BaseModel):
    """The path data of an SVG whose view box is `0 0 size size`."""

    d: str
    size: int


class AdvanceCode(BaseModel):
    """A code to give to a person; its QR holds the words and the address where they serve, as text."""

    words: str = Field(pattern=CODE)
    digits: str = Field(pattern=DIGITS)
    qr: Drawing


class AdvanceCodes(BaseModel):
    codes: list[AdvanceCode]


class HeldMedium(BaseModel):
    """`held` once its bytes are here and are those declared."""

    client_id: str
    sha256: str
    held: bool


class CollectReceipt(BaseModel):
    """What is held. `receipt`: how the person got their code: given in advance, on a ticket, or made here."""

    uuid: UUID
    reference: str
    received_at: AwareDatetime
    receipt: Literal["allotted", "ticket", "made"]
    media: list[HeldMedium]
    outing_closed: bool
    url: RootRelative


class CollectAnswer(CollectReceipt):
    """`body_sha256`: of the request's body as it came. The code only when it was made here, for 24 hours."""

    body_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    receipt_code: str | None = Field(default=None, pattern=CODE, description="Absent unless made here.")
    receipt_digits: str | None = Field(default=None, pattern=DIGITS, description="Absent unless made here.")
