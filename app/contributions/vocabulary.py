"""The words the public uses: how the beginning of a word, or a mistyped one, finds what was meant.

Kept word by word in the transaction that publishes or hides, so that it is never behind and an erased
contribution leaves nothing in it. Each word stands under its folded form (with how many contributions
use it) and under each form with one letter less (with 0): two words one slip apart share a form.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session

from app.contributions.words import STOP, bare

SHORTEST, LONGEST = 3, 24
MOST_BEGINNINGS = 12
TWO_SLIPS_FROM = 8  # letters
LETTERS = "abcdefghijklmnopqrstuvwxyz"

LEARN = """
INSERT INTO vocabulary (form, word, uses) VALUES (:form, :word, 1)
ON CONFLICT (form, word) DO UPDATE SET uses = vocabulary.uses + 1 RETURNING uses
"""
SPREAD = "INSERT INTO vocabulary (form, word, uses) VALUES (:form, :word, 0) ON CONFLICT (form, word) DO NOTHING"
UNLEARN = "UPDATE vocabulary SET uses = uses - 1 WHERE form = :form AND word = :word RETURNING uses"
FORGET = "DELETE FROM vocabulary WHERE form = :form AND word = :word"
# `uses > 0` written out: that is how the partial index is recognised.
BEGINNING = "SELECT word FROM vocabulary WHERE uses > 0 AND form LIKE :start ORDER BY uses DESC, word LIMIT :most"
BEGINNING_SQLITE = """
SELECT word FROM vocabulary WHERE uses > 0 AND form >= :from_ AND form < :until ORDER BY uses DESC, word LIMIT :most
"""
HITS = sa.text("SELECT DISTINCT word FROM vocabulary WHERE form IN :forms").bindparams(
    sa.bindparam("forms", expanding=True)
)
USES = sa.text("SELECT word, uses FROM vocabulary WHERE uses > 0 AND form IN :forms").bindparams(
    sa.bindparam("forms", expanding=True)
)


def worth_keeping(words: Iterable[str]) -> list[str]:
    """Each word once, in a fixed order (two publications at once then never wait for one another in a circle)."""
    return sorted({word for word in words if word.isalpha() and SHORTEST <= len(bare(word)) <= LONGEST})


def learn(db: Session, words: Iterable[str]) -> None:
    """One more contribution uses each of these words."""
    connection = db.connection()
    new = []
    for word in words:
        key = {"form": bare(word), "word": word}
        if connection.execute(sa.text(LEARN), key).scalar_one() == 1:
            new.append(word)
    spread = [{"form": form, "word": word} for word in new for form in shorter(bare(word))]
    if spread:
        connection.execute(sa.text(SPREAD), spread)


def forget(db: Session, words: Iterable[str]) -> None:
    """One contribution less uses each of these words; a word nobody uses is gone with all its forms."""
    connection = db.connection()
    for word in words:
        form = bare(word)
        left = connection.execute(sa.text(UNLEARN), {"form": form, "word": word}).scalar()
        if left is not None and left <= 0:
            gone = [{"form": each, "word": word} for each in (form, *shorter(form))]
            connection.execute(sa.text(FORGET), gone)


def beginning(db: Session, typed: str) -> list[str]:
    """The most used words that begin with what was typed."""
    start = bare(typed)
    if db.get_bind().dialect.name == "sqlite":
        values = {"from_": start, "until": start + "\U0010ffff", "most": MOST_BEGINNINGS}
        return list(db.connection().execute(sa.text(BEGINNING_SQLITE), values).scalars())
    return list(db.connection().execute(sa.text(BEGINNING), {"start": start + "%", "most": MOST_BEGINNINGS}).scalars())


def correct(db: Session, word: str) -> str | None:
    """The word that was probably meant; None when the word is known as it is, or nothing is near.

    One slip (a letter more, less, other, or two exchanged), two in a long word.
    """
    typed = bare(word)
    if not typed.isalpha() or not SHORTEST <= len(typed) <= LONGEST:
        return None
    slips = 2 if len(typed) >= TWO_SLIPS_FROM else 1
    near = {typed} | shorter(typed)
    if slips == 2:
        near |= {form for once in tuple(near) for form in shorter(once)}
    if len(typed) == SHORTEST:  # a word so short stands under itself alone
        near |= {typed[:n] + letter + typed[n + 1 :] for n in range(SHORTEST) for letter in LETTERS}
        near |= {typed[1] + typed[0] + typed[2], typed[0] + typed[2] + typed[1]}
    hits = set(db.connection().execute(HITS, {"forms": sorted(near)}).scalars())
    if not hits:
        return None
    own = db.connection().execute(USES, {"forms": sorted({bare(hit) for hit in hits})})
    best = min(((distance(typed, bare(hit)), -uses, hit) for hit, uses in own if hit in hits), default=None)
    return best[2] if best is not None and 0 < best[0] <= slips else None


def apart(db: Session, word: str) -> str | None:
    """Two words people use that were typed as one (aujourdhui, sansabri, 5ponts); None when it is itself a word."""
    typed = bare(word)[:LONGEST]
    cuts = [(typed[:n], typed[n:]) for n in range(1, len(typed))]
    parts = {part for cut in cuts for part in cut}
    used = {bare(hit): uses for hit, uses in db.connection().execute(USES, {"forms": sorted({typed, *parts})})}
    small = {part for part in parts if part in STOP or part.isdigit()}
    both = [cut for cut in cuts if used.keys() & set(cut) and set(cut) <= used.keys() | small]
    if typed in used or not both:
        return None
    return " ".join(max(both, key=lambda cut: min(used.get(part, 0) for part in cut)))


def shorter(form: str) -> set[str]:
    """The form with each one letter taken out."""
    return {form[:n] + form[n + 1 :] for n in range(len(form))} if len(form) > SHORTEST else set()


def distance(one: str, other: str) -> int:
    """How many slips lie between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]
