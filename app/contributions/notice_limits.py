"""How often one address may report: the same for the page and for JSON."""

from app import limits, proof

MOST, WINDOW = 30, 3600


def ask(who: str, *, token: str, answer: str, page: bool = False, suspect: bool = False) -> None:
    """ProofRequired as for all forms; TooMany beyond what anyone can have read in an hour."""
    proof.ask_if_many(who, token=token, answer=answer, suspect=suspect, page=page)
    limits.allow("notices", who, most=MOST, window=WINDOW)
