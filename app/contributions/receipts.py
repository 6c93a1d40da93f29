"""The receipt code: four plain French words and two digits, or sixteen digits; both open the same.

43.6 bits for the words (four different ones of 611, and a hundred), 53 for the digits. Kept only as HMAC
under the instance key. The words come from the French BIP-39 list, reviewed: unaccented, nothing violent
or humiliating.
"""

import dataclasses
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from app import limits
from app.adapters import vault
from app.consultation.content import consultation
from app.contributions.chance import draw
from app.contributions.text import bare, latin_digits
from app.errors import N_, TooMany, Unauthorized
from app.models import AccessLink, Receipt, ReceiptSession, ReceiptShown
from app.models.driver import add_rows

COOKIE = "suivi"  # the follow session
OPEN_FOR = timedelta(minutes=30)
WRONG_CODES, WINDOW = 10, 300  # wrong codes from one address in so many seconds; 43 bits do the rest
UNKNOWN = N_("Ce code n’ouvre rien. Vérifiez les mots, l’ordre et les deux chiffres.")


@dataclass(frozen=True)
class Code:
    words: str  # "abeille-jardin-moulin-tulipe-42"
    digits: str  # "1234 5678 9012 3456"
    again: bool = False  # it replaces a former one


@lru_cache(maxsize=1)
def word_list() -> tuple[str, ...]:
    return tuple(Path(__file__).with_name("receipt_words.txt").read_text().split())


def new_code() -> Code:
    words = draw(word_list(), 4)
    while len(set(words)) < len(words):  # a word said twice sounds like a slip to whoever writes it down
        words = draw(word_list(), 4)
    number = f"{secrets.randbelow(10**16):016d}"
    return Code(
        words="-".join([*words, f"{secrets.randbelow(100):02d}"]),
        digits=" ".join(number[i : i + 4] for i in range(0, 16, 4)),
    )


def normal(typed: str) -> str:
    """One spelling for all ways to type a code: accents, case, spaces or none, hyphens, any script's digits."""
    plain = latin_digits(bare(typed[:200]))
    return "".join(re.findall(r"[a-z]", plain)) + "/" + "".join(re.findall(r"[0-9]", plain))


def mac(typed: str) -> str:
    return vault.blind("receipt", normal(typed))


def macs(code: Code) -> dict[str, str]:
    """What is kept of a code of ours."""
    # Our own spelling needs no looking at letter by letter, as a typed one does.
    *words, number = code.words.split("-")
    return {
        "words_mac": vault.blind("receipt", "".join(words) + "/" + number),
        "digits_mac": vault.blind("receipt", "/" + code.digits.replace(" ", "")),
    }


def keep(db: Session, contribution_seq: int, macs: dict[str, str], *, now: datetime) -> None:
    """The code that opens a contribution just received: made for it, or given to the person before."""
    add_rows(db, Receipt, macs | {"contribution_seq": contribution_seq, "created_at": now})


def replace(db: Session, contribution_seq: int, *, now: datetime) -> Code:
    """A new code. Whatever the former one opened is closed: someone else may know it."""
    for table in (Receipt, ReceiptShown, ReceiptSession, AccessLink):
        db.connection().execute(sa.delete(table).where(col(table.contribution_seq) == contribution_seq))
    code = new_code()
    keep(db, contribution_seq, macs(code), now=now)
    return dataclasses.replace(code, again=True)


def holder_of(db: Session, typed: str) -> int:
    """The contribution a code opens (its seq); Unauthorized when it opens none."""
    wanted = mac(typed)
    found = db.connection().execute(
        sa.select(Receipt.contribution_seq).where((Receipt.words_mac == wanted) | (Receipt.digits_mac == wanted))  # type: ignore[call-overload]
    )
    seq = found.scalar_one_or_none()
    if seq is None:
        raise Unauthorized(UNKNOWN, code="unknown_receipt")
    return int(seq)


def opened_by(db: Session, typed: str, *, who: str) -> int:
    """As `holder_of`; wrong codes count against the address `who`, and too many are slowed (TooMany)."""
    slow_guesses(who)
    try:
        return holder_of(db, typed)
    except Unauthorized:
        count_guess(who)
        raise


def slow_guesses(who: str) -> None:
    """TooMany after a few wrong codes from one address."""
    if limits.standing("receipt", who, window=WINDOW) >= WRONG_CODES:
        raise TooMany(retry_after=WINDOW)


def count_guess(who: str) -> None:
    limits.hits("receipt", who, window=WINDOW)


def show_once(db: Session, contribution_seq: int, code: Code, *, now: datetime) -> str:
    """Keeps the code, sealed, for the fifteen minutes of its page; gives the page's own token."""
    token = secrets.token_urlsafe(24)
    sealed = vault.seal("receipt-shown", f"{code.words}|{code.digits}|{'again' if code.again else ''}".encode())
    until = now + timedelta(minutes=consultation().limits.receipt_minutes)
    row = {"token_mac": vault.blind("shown", token), "contribution_seq": contribution_seq}
    add_rows(db, ReceiptShown, row | {"sealed": sealed, "expires_at": until})
    return token


def shown(db: Session, token: str, *, now: datetime) -> tuple[int, Code] | None:
    """What a receipt page shows while its time lasts."""
    row = db.get(ReceiptShown, vault.blind("shown", token))
    if row is None or row.expires_at <= now:
        return None
    words, digits, again = vault.unseal("receipt-shown", row.sealed).decode().split("|")
    return row.contribution_seq, Code(words, digits, again=bool(again))


def noted(db: Session, token: str) -> None:
    """The holder has the code: the page shows it no more."""
    db.connection().execute(sa.delete(ReceiptShown).where(ReceiptShown.token_mac == vault.blind("shown", token)))  # type: ignore[arg-type]


def open_follow(db: Session, contribution_seq: int, *, now: datetime) -> str:
    """A half-hour follow session; gives the cookie's token."""
    token = secrets.token_urlsafe(24)
    db.add(
        ReceiptSession(
            token_mac=vault.blind("follow", token),
            contribution_seq=contribution_seq,
            expires_at=now + OPEN_FOR,
        )
    )
    return token


def followed(db: Session, token: str, *, now: datetime) -> int | None:
    """The contribution an open follow session looks at."""
    row = db.get(ReceiptSession, vault.blind("follow", token)) if token else None
    return row.contribution_seq if row and row.expires_at > now else None


def close_follow(db: Session, token: str) -> None:
    db.connection().execute(sa.delete(ReceiptSession).where(ReceiptSession.token_mac == vault.blind("follow", token)))  # type: ignore[arg-type]


def sweep(db: Session, now: datetime) -> None:
    """Forgets what has run out."""
    for table in (ReceiptShown, ReceiptSession, AccessLink):
        db.connection().execute(sa.delete(table).where(table.expires_at <= now))  # type: ignore[arg-type]
