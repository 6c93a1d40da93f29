"""Beyond the limits, never a refusal: a silent proof of work, or a short wait where there is no JavaScript.

The challenge is signed and dated, so nothing is kept for it; one counts once (app/limits).
Source of the numbers: interface.md (a hall or a library passes: 300 an hour from one address; ≤ 2 s on an old phone).
"""

import hashlib
import hmac
import secrets
import time
from typing import Any

from app import limits
from app.adapters import vault
from app.errors import ProofRequired

MOST, WINDOW = 300, 3600
DIFFICULTY = 16  # leading zero bits: some 65,000 hashes
SLOW_MODE = 20  # seconds between being asked and sending again without JavaScript
VALID_FOR = 3600


def challenge() -> dict[str, Any]:
    """What to solve: find n such that SHA-256("token:n") begins with `difficulty` zero bits."""
    told = f"{int(time.time())}.{secrets.token_hex(8)}"
    return {
        "algorithm": "sha-256",
        "token": f"{told}.{vault.sign('proof', told.encode())[:32]}",
        "difficulty": DIFFICULTY,
    }


def ask_if_many(who: str, *, token: str = "", answer: str = "", suspect: bool = False) -> None:
    """Counts one contribution from `who`; ProofRequired (with a challenge) beyond the limit unless proven.

    `suspect`: it filled in what nobody sees. Never a refusal: a browser that filled it in by itself goes on.
    """
    many = limits.hits("contribute", who, window=WINDOW) > MOST
    if (many or (suspect and limits.is_on())) and not _proven(token, answer):
        raise ProofRequired(challenge=challenge())


def _proven(token: str, answer: str) -> bool:
    told, _, signature = token.rpartition(".")
    expected = vault.sign("proof", told.encode())[:32]
    if not told or not hmac.compare_digest(expected.encode(), signature.encode()):
        return False
    age = time.time() - int(told.split(".")[0])
    solved = answer.isdigit() and len(answer) < 16 and _zero_bits(f"{token}:{answer}") >= DIFFICULTY
    if age > VALID_FOR or not (solved or age >= SLOW_MODE):
        return False
    return limits.hits("proof", token, window=VALID_FOR) == 1


def _zero_bits(text: str) -> int:
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return 256 - digest.bit_length()
