"""Beyond the limits, never a refusal: a silent proof of work, or a short wait where there is no JavaScript.

Asked by rate, sooner in slow mode, or of everybody (app/switches). The challenge is signed and dated, so nothing is
kept for it; one counts once (app/limits). Why it is our own: docs/decisions/proof-of-work.md.
Source of the numbers: interface.md (a hall or a library passes: 300 an hour from one address; ≤ 2 s on an old phone).
"""

import hashlib
import hmac
import secrets
import time
from typing import Any

from app import limits, switches
from app.adapters import vault
from app.errors import ProofRequired
from app.switches import Switch

MOST, WINDOW = 300, 3600
MOST_WHILE_SLOW = 30  # while slow mode is switched on
DIFFICULTY = 15  # leading zero bits: 33,000 hashes on average, three times as many for one in twenty
SIGNED = 35  # hex digits: a token and its colon are then one block of SHA-256, worked out once by whoever solves it
SLOW_MODE = 20  # seconds between being asked and sending again without JavaScript (the wait, not the switch)
WAITED = 30  # a minute from one address get through by waiting: the others wait once more
VALID_FOR = 3600


def challenge() -> dict[str, Any]:
    """What to solve: find n such that SHA-256("token:n") begins with `difficulty` zero bits."""
    told = f"{int(time.time())}.{secrets.token_hex(8)}"
    return {"algorithm": "sha-256", "token": f"{told}.{_signature(told)}", "difficulty": DIFFICULTY}


def ask_if_many(who: str, *, token: str = "", answer: str = "", suspect: bool = False, page: bool = False) -> None:
    """Counts one contribution from `who`; ProofRequired (with a challenge) beyond the limit unless proven.

    `suspect`: it filled in what nobody sees. Never a refusal: a browser that filled it in by itself goes on.
    `page`: it comes from a form, so waiting serves too; programs can compute.
    """
    most = MOST_WHILE_SLOW if switches.is_on(Switch.SLOW) else MOST
    many = limits.hits("contribute", who, window=WINDOW) > most
    asked = many or (suspect and limits.is_on()) or switches.is_on(Switch.PROOF)
    if asked and not _proven(token, answer, who=who if page else ""):
        raise ProofRequired(challenge=challenge())


def _proven(token: str, answer: str, *, who: str) -> bool:
    """Solved; or, from the address `who` of a form, old enough. Each once."""
    told, _, signature = token.rpartition(".")
    if not told or not hmac.compare_digest(_signature(told).encode(), signature.encode()):
        return False
    age = time.time() - int(told.split(".")[0])
    solved = answer.isdigit() and len(answer) < 16 and _zero_bits(f"{token}:{answer}") >= DIFFICULTY
    if age > VALID_FOR or not (solved or (who and age >= SLOW_MODE)):
        return False
    if not solved and limits.hits("waited", who, window=60) > WAITED:
        return False
    return limits.hits("proof", token, window=VALID_FOR) <= 1


def _signature(told: str) -> str:
    return vault.sign("proof", told.encode())[:SIGNED]


def _zero_bits(text: str) -> int:
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return 256 - digest.bit_length()
