"""Two contributions that say the same: one is merged into the other, and its receipt names that one."""

from sqlmodel import Session, select

from app.contributions.edited import final
from app.errors import N_, refuse_field
from app.models import Contribution, State

REASON = "duplicate"
# A merged one answers through its target: one that nobody will read, or may not, is none.
TARGETS = frozenset({State.PENDING, State.SECOND_REVIEW, State.PUBLISHED})
UNKNOWN = N_("Aucune contribution n’a cette référence.")
ITSELF = N_("Une contribution ne peut pas être réunie à elle-même.")
MERGED = N_("Cette contribution est elle-même réunie à une autre : %(reference)s. Choisissez celle-là.")
ENDED = N_("Cette contribution n’est ni publiée, ni à lire. Choisissez-en une autre.")


def target(db: Session, contribution: Contribution, into: str) -> Contribution:
    """What it is merged into; Unprocessable naming `into` when that cannot be."""
    found = db.exec(select(Contribution).where(Contribution.reference == into.strip().upper())).first()
    if found is None or found.state is State.ERASED:
        raise refuse_field("into", "unknown_reference", UNKNOWN)
    if found.seq == contribution.seq:
        raise refuse_field("into", "merge_into_itself", ITSELF)
    if found.state is State.MERGED:
        raise refuse_field("into", "merge_into_merged", MERGED, reference=final(db, found).reference)
    if found.state not in TARGETS:
        raise refuse_field("into", "merge_into_ended", ENDED)
    return found
