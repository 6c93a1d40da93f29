"""A medium as its device declares it with a record, before a byte of it is sent; every refusal names its field."""

import re
from base64 import urlsafe_b64decode
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_
from app.models import Face, Voice

CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
SHA256 = re.compile(r"[0-9a-f]{64}")
TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,39}")
BYTES = {"key": 32, "iv": 12}  # of AES-256-GCM
NOT_SAID = N_("Ce qui est dit du fichier n’est pas complet.")
EMPTY = N_("Ce fichier est vide. Choisissez-en un autre.")


class DeclaredIn(BaseModel):
    """`sha256` and `size` are the medium's own; with `key` and `iv` its bytes come sealed, 16 more of them."""

    client_id: Annotated[str, Field(pattern=f"^{CLIENT_ID.pattern}$")]
    sha256: str
    size: int
    type: str
    key: Annotated[str | None, Field(repr=False)] = None
    iv: Annotated[str | None, Field(repr=False)] = None
    face: Face = Face.HIDE
    voice: Voice = Voice.PLAY
    people_recognisable: bool | None = None
    agreements_held: bool | None = None
    alt: Cleaned | None = None

    @field_validator("sha256")
    @classmethod
    def _digest(cls, value: str) -> str:
        if not SHA256.fullmatch(value.lower()):
            raise wrong("bad_sha256", NOT_SAID)
        return value.lower()

    @field_validator("size")
    @classmethod
    def _size(cls, value: int) -> int:
        if value < 1:
            raise wrong("empty_file", EMPTY)
        return value

    @field_validator("type")
    @classmethod
    def _type(cls, value: str) -> str:
        """Without its parameters (`audio/webm;codecs=opus`)."""
        kind = value.partition(";")[0].strip().lower()
        if not TYPE.fullmatch(kind):
            raise wrong("bad_type", NOT_SAID)
        return kind

    @field_validator("key", "iv")
    @classmethod
    def _bytes(cls, value: str | None, info: Any) -> str | None:
        if value is not None and len(from_base64url(value)) != BYTES[info.field_name]:
            raise wrong("bad_key", NOT_SAID)
        return value

    @field_validator("alt")
    @classmethod
    def _alt(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.alt)

    @model_validator(mode="after")
    def _both(self) -> "DeclaredIn":
        if (self.key is None) is not (self.iv is None):
            raise wrong("bad_key", NOT_SAID)
        return self

    @property
    def secret(self) -> bytes | None:
        """Key and nonce, one after the other."""
        return from_base64url(self.key) + from_base64url(self.iv) if self.key and self.iv else None


def from_base64url(value: str) -> bytes:
    """Without padding; empty when it is none."""
    try:
        return urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return b""
