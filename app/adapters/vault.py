"""Encryption at rest, blind indexes and signatures, all under the instance key.

One HKDF-derived key per purpose, so that a leak of one purpose's use says nothing of another.
"""

import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_secret: list[bytes] = []
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def configure(secret: str) -> None:
    """Sets the instance key (32 characters or more) for this process."""
    _secret[:] = [secret.encode()]
    _key.cache_clear()
    _cipher.cache_clear()
    exchange_key.cache_clear()


@lru_cache(maxsize=64)
def _key(purpose: str) -> bytes:
    if not _secret:
        raise RuntimeError("vault.configure() was not called")
    return HKDF(SHA256(), length=32, salt=b"nouvelles-solidarites", info=purpose.encode()).derive(_secret[0])


@lru_cache(maxsize=64)
def _cipher(purpose: str) -> AESGCM:
    return AESGCM(_key("seal:" + purpose))


@lru_cache(maxsize=8)
def exchange_key(purpose: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 key that others seal to: the same on every host, kept nowhere."""
    if not _secret:
        raise RuntimeError("vault.configure() was not called")
    # 16 bytes more than the order has: what the remainder prefers is then beyond measure (RFC 9380, 5.2).
    wide = HKDF(SHA256(), length=48, salt=b"nouvelles-solidarites", info=f"exchange:{purpose}".encode())
    return ec.derive_private_key(int.from_bytes(wide.derive(_secret[0])) % (P256_ORDER - 1) + 1, ec.SECP256R1())


def seal(purpose: str, data: bytes) -> bytes:
    """Encrypts (AES-256-GCM, random nonce); only `unseal` with the same purpose opens it."""
    nonce = os.urandom(12)
    return nonce + _cipher(purpose).encrypt(nonce, data, purpose.encode())


def unseal(purpose: str, sealed: bytes) -> bytes:
    """The data sealed under `purpose`; ValueError when it was altered or sealed with another key."""
    try:
        return _cipher(purpose).decrypt(sealed[:12], sealed[12:], purpose.encode())
    except InvalidTag as error:
        raise ValueError(f"cannot unseal {purpose}: wrong key or altered data") from error


def blind(purpose: str, value: str) -> str:
    """Hex HMAC-SHA-256 of a value: unique and searchable, but not readable."""
    return hmac.digest(_key("blind:" + purpose), value.encode(), "sha256").hex()


def sign(purpose: str, data: bytes) -> str:
    """Hex HMAC-SHA-256 that `verify` accepts."""
    return hmac.digest(_key("sign:" + purpose), data, "sha256").hex()


def verify(purpose: str, data: bytes, signature: str) -> bool:
    return hmac.compare_digest(sign(purpose, data), signature)
