"""Whether what arrived is what was declared: looked at, and unsealed, piece by piece in constant memory."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

PIECE = 1 << 20
KEY, TAG = 32, 16  # bytes


class Altered(Exception):
    """Not the bytes that were declared, or not under that key."""


def check(file: Path, *, sha256: str) -> None:
    """Altered unless these are the bytes with that digest."""
    digest = hashlib.sha256()
    for piece in _pieces(file, file.stat().st_size):
        digest.update(piece)
    if digest.hexdigest() != sha256:
        raise Altered


def unseal(file: Path, target: Path, *, secret: bytes, sha256: str) -> None:
    """Opens a sealed file (AES-256-GCM, tag last) into `target`. Altered: what is there by then is worth nothing."""
    length = file.stat().st_size - TAG
    if length < 0:
        raise Altered
    cipher = Cipher(AES(secret[:KEY]), GCM(secret[KEY:])).decryptor()
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for piece in _pieces(file, length):
            plain = cipher.update(piece)
            digest.update(plain)
            out.write(plain)
    try:
        cipher.finalize_with_tag(_last(file, TAG))
    except InvalidTag as fault:
        raise Altered from fault
    if digest.hexdigest() != sha256:
        raise Altered


def _pieces(file: Path, length: int) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while length > 0 and (piece := opened.read(min(PIECE, length))):
            length -= len(piece)
            yield piece


def _last(file: Path, count: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(-count, 2)
        return opened.read(count)
