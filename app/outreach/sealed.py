"""What a device sends, opened: JSON, or the same sealed to this service's key (JWE compact, ECDH-ES, A256GCM)."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.adapters import vault
from app.errors import N_, FieldError, Unprocessable
from app.outreach.media_schemas import DeclaredIn
from app.outreach.schemas import CollectedIn, Declared

ALGORITHMS = ("ECDH-ES", "A256GCM")
PURPOSE = "collect"
LONGEST = 2 * 1024 * 1024  # of what is sealed; the library's own 64 kB would refuse a long text
CANNOT_OPEN = N_("Cet envoi n’a pas pu être ouvert. Il reste sur l’appareil.")
NOT_JSON = N_("Cette demande n’a pas pu être comprise.")


@dataclass(frozen=True, repr=False)
class Opened:
    """A record as it was said. `digest` is the same however it was spelt or sealed, its media aside."""

    said: dict[str, Any]
    sealed: bool
    body_sha256: str

    @property
    def digest(self) -> str:
        words = {key: value for key, value in self.said.items() if key != "media"}
        return vault.blind("collected", json.dumps(words, sort_keys=True, separators=(",", ":")))

    @property
    def media(self) -> list[DeclaredIn]:
        """Alone, for what is held already and not judged again."""
        return Declared.model_validate(self.said).media

    @cached_property
    def judged(self) -> CollectedIn:
        """pydantic's ValidationError when it cannot be taken as it is."""
        return CollectedIn.model_validate(self.said)


def public_jwk() -> dict[str, Any]:
    """The key that devices seal to; its `kid` is its thumbprint (RFC 7638)."""
    key = _key()
    shown = {name: value for name, value in key.as_dict(private=False).items() if name in ("kty", "crv", "x", "y")}
    return shown | {"kid": key.thumbprint(), "alg": "ECDH-ES", "use": "enc"}


def opened(body: bytes, *, sealed: bool) -> Opened:
    """Unprocessable `cannot_open` when it was sealed to another key or altered, `json_invalid` when it is no object."""
    try:
        said = json.loads(_unsealed(body) if sealed else body)
    except (ValueError, RecursionError) as error:
        raise _refused("json_invalid", NOT_JSON) from error
    if not isinstance(said, dict):
        raise _refused("json_invalid", NOT_JSON)
    return Opened(said, sealed, hashlib.sha256(body).hexdigest())


def _unsealed(body: bytes) -> bytes:
    from joserfc import jwe  # where something comes from the street; not worth every start
    from joserfc.errors import JoseError

    registry = jwe.JWERegistry(algorithms=ALGORITHMS)
    registry.max_ciphertext_length = LONGEST
    try:
        text = jwe.decrypt_compact(body.strip(), _key(), registry=registry).plaintext
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused("cannot_open", CANNOT_OPEN) from error
    return text or b""


def _key() -> Any:
    from joserfc.jwk import ECKey

    return ECKey.import_key(vault.exchange_key(PURPOSE))


def _refused(code: str, message: str) -> Unprocessable:
    return Unprocessable([FieldError("", code, message)])
