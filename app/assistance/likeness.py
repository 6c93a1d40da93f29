"""How alike two texts, or two pictures, are: MinHash over words and pairs of words, a difference hash of pixels.

Stems without the words everybody uses, so that other endings, another order of sentences, a greeting or some
synonyms change little. What is kept cannot be read back into words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from app.contributions.words import index_words

WORDS, PICTURE = "words", "picture"
WORDS_DETECTOR, PICTURE_DETECTOR = "minhash 1", "dhash 1"
HASHES = 128
ROWS = 3  # values of one band: two texts a third alike share one of the bands nearly always
FEWEST = 8  # different words: shorter texts are alike by chance
ALIKE = 0.4  # share of words and pairs in common from which one text is nearly the other
# A campaign is known by several of its copies: what is fairly like four of them at once is one more.
FAIRLY, MANY = 0.27, 4
COPY = 0.8
BITS, PIECE_BITS, NEAR_BITS = 64, 16, 6


@dataclass(frozen=True)
class Print:
    """What a text or a picture looks like, and the pieces by which others like it are found."""

    kind: str
    value: bytes
    detector: str
    pieces: tuple[int, ...]


def of_words(text: str, language: str) -> Print | None:
    """None when there is too little to compare."""
    words = index_words(text, language)
    if len(set(words)) < FEWEST:
        return None
    value = _signature({*words, *map(" ".join, pairwise(words))})
    return Print(WORDS, value, WORDS_DETECTOR, pieces(WORDS, value))


def of_picture(hexadecimal: str) -> Print:
    """`hexadecimal` is the difference hash made where the picture was decoded (app/media/child.py)."""
    value = bytes.fromhex(hexadecimal)
    return Print(PICTURE, value, PICTURE_DETECTOR, pieces(PICTURE, value))


def pieces(kind: str, value: bytes) -> tuple[int, ...]:
    """A fingerprint in parts: whoever has one of them in common is compared."""
    size = PIECE_BITS // 8 if kind == PICTURE else 4 * ROWS
    starts = range(0, len(value) - size + 1, size)
    return tuple(_piece(kind.encode() + start.to_bytes(2) + value[start : start + size]) for start in starts)


def alike(kind: str, one: bytes, other: bytes) -> float:
    """0 to 1: the share of what two texts have in common, or of bits in which two pictures agree."""
    if len(one) != len(other):
        return 0.0
    if kind == PICTURE:
        return 1 - (int.from_bytes(one) ^ int.from_bytes(other)).bit_count() / BITS
    same = sum(one[at : at + 4] == other[at : at + 4] for at in range(0, len(one), 4))
    return same / (len(one) // 4)


def belongs(kind: str, likenesses: list[float]) -> bool:
    """Whether what is so much like these, which are together, is one of them."""
    best = sorted(likenesses, reverse=True)[:MANY]
    if kind == PICTURE:
        return best[0] >= 1 - NEAR_BITS / BITS
    return best[0] >= ALIKE or (len(best) == MANY and sum(best) / MANY >= FAIRLY)


def _signature(shingles: Iterable[str]) -> bytes:
    """The smallest value of each of the hash functions over all shingles."""
    import numpy as np

    # Sorted: the same text gives the same bytes whatever Python's hash seed.
    keys = [int.from_bytes(blake2b(shingle.encode(), digest_size=8).digest()) for shingle in sorted(shingles)]
    mixed = np.array(keys, dtype=np.uint64)[None, :] + _seeds()[:, None]
    # splitmix64: each seed makes another function of the same key.
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    smallest = (mixed.min(axis=1) >> np.uint64(32)).astype(">u4")
    return bytes(smallest.tobytes())


@lru_cache(maxsize=1)
def _seeds() -> Any:
    import numpy as np

    return np.arange(1, HASHES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def _piece(data: bytes) -> int:
    """A signed number of 64 bits, as the database keeps it."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), signed=True)
