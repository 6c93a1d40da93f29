"""Saying something: submit a contribution, correct it, withdraw it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import PydanticCustomError
from sqlmodel import Session, col, select

from app import i18n, switches
from app.adapters import vault
from app.consultation.content import consultation
from app.contributions import appeals, history, publishing, receipts
from app.contributions.chance import draw
from app.contributions.schemas import ContributionIn, RevisionIn, check_body
from app.errors import N_, Conflict, refuse_field
from app.events import afterwards
from app.media import paper_rules
from app.media import rules as media_rules
from app.models import Channel, Consent, Contact, Contribution, Kind, Revision, State, Transition
from app.models.base import new_id
from app.models.driver import add_rows, insert_new
from app.models.publication import bump
from app.notify import outbox

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
CORRECTABLE = frozenset({State.PENDING, State.RETURNED, State.SECOND_REVIEW})
WITHDRAWABLE = frozenset(State) - {State.WITHDRAWN, State.ERASED}
CLOSED = N_("La collecte est finie. On ne peut plus envoyer de contribution.")
NOT_NOW = N_("Cela n’est pas possible maintenant.")


@dataclass(frozen=True)
class Kept:
    """A contribution just written down."""

    db: Session
    seq: int
    id: UUID
    channel: Channel
    reference: str

    @cached_property
    def contribution(self) -> Contribution:
        """Loaded when asked for, inside the transaction: most senders only need their code."""
        return self.db.get_one(Contribution, self.seq)


@dataclass(frozen=True)
class Submitted(Kept):
    """A contribution just received, and the only moment its code is known."""

    code: receipts.Code


# What every contribution begins as.
FRESH: dict[str, Any] = {
    "state": State.PENDING,
    "version": 1,
    "revision": 1,
    "invented": False,
    "has_photo": False,
    "has_video": False,
    "has_sound": False,
    "edited_by_moderation": False,
    "open_alerts": 0,
}


def submit(db: Session, said: ContributionIn, *, channel: Channel, now: datetime, page: str = "fr") -> Submitted:
    """Takes what someone said, on a page in language `page` (its code).

    Conflict `collection_closed` outside the collection.
    """
    if not consultation().collecting(now):
        raise Conflict(CLOSED, code="collection_closed")
    code = receipts.new_code()
    kept = keep(db, said, receipts.macs(code), channel=channel, now=now, page=page)
    done = Submitted(db, kept.seq, kept.id, kept.channel, kept.reference, code)
    if said.media:
        media_rules.attach(db, done.contribution, said.media)
        paper_rules.refuse_misplaced(db, done.seq, kind=said.kind, body=said.body)
    announce(db, done, said, actor="author", now=now, page=page)
    return done


def keep(
    db: Session,
    said: ContributionIn,
    macs: dict[str, str],
    *,
    channel: Channel,
    now: datetime,
    page: str,
    collected_at: datetime | None = None,
) -> Kept:
    """Writes down what someone said, under the code of `macs`; its media and `announce` are for the caller."""
    language = said.language or i18n.LANGUAGES[page].tag
    event_seq, channel = _said_at(db, said.event, channel, now)
    row = FRESH | {"id": new_id(), "channel": channel, "language": language, "event_seq": event_seq}
    row |= {"received_at": now, "state_since": now, "in_reply_to": _replied_to(db, said.in_reply_to)}
    row |= {"collected_at": collected_at} if collected_at else {}
    seq, reference = _insert(db, row | _as_said(said))
    _keep_words(db, seq, 1, said.title, said.body, language, now)
    _keep_consents(db, seq, said, now)
    receipts.keep(db, seq, macs, now=now)
    return Kept(db, seq, row["id"], channel, reference)


def announce(db: Session, done: Kept, said: ContributionIn, *, actor: str, now: datetime, page: str) -> None:
    """What follows once words and media are written down: the trace, and the first message to who left a contact."""
    history.record(
        db,
        done,
        action="submit",
        came_from=State.PENDING,
        to=State.PENDING,
        revision=1,
        actor=actor,
        now=now,
        words=said.body,
    )
    if said.contact and (said.contact.email or said.contact.phone):
        _keep_contact(db, done.seq, said, page)
        outbox.tell(db, done.contribution, template="received", once=f"received:{done.id}", now=now)


def _as_said(said: ContributionIn) -> dict[str, Any]:
    """The sender's own columns; a group's are kept for a group only."""
    author, collective = said.author, said.kind is Kind.COLLECTIVE
    return {
        "kind": said.kind,
        "question": said.question,
        "author_name": author.name,
        "organisation": author.organisation if collective else None,
        "organisation_kind": author.organisation_kind if collective else None,
        "people_count": author.people_count if collective else None,
        "method": author.method if collective else None,
        "audiences": said.audiences,
        "quartier": said.quartier,
        "age_band": said.age_band,
        "help": said.help,
        "collective": said.collective,
    }


def _replied_to(db: Session, reference: str | None) -> int | None:
    if not reference:
        return None
    published = col(Contribution.state) == State.PUBLISHED
    found = db.exec(select(Contribution.seq).where(Contribution.reference == reference.upper(), published)).first()
    if found is None:
        raise refuse_field("in_reply_to", "unknown_reference", N_("Cette contribution n’est pas publiée."))
    return found


def _said_at(db: Session, slug: str | None, channel: Channel, now: datetime) -> tuple[int | None, Channel]:
    """The meeting's seq; what is sent from here about a meeting was said in a workshop."""
    if not slug:
        return None, channel
    event = afterwards.spoken_of(db, slug, now=now)
    if event is None:
        raise refuse_field("event", "unknown_event", N_("Ce rendez-vous n’existe pas, ou il n’a pas commencé."))
    return event.seq, Channel.WORKSHOP if channel is Channel.ONLINE else channel


def _insert(db: Session, row: dict[str, Any]) -> tuple[int, str]:
    """(seq, reference). Random, so that nobody counts or guesses; drawn again in the rare case it is taken."""
    while True:
        reference = "NS-" + "".join(draw(ALPHABET, 6))
        seq = insert_new(db, Contribution, row | {"reference": reference}, "seq")
        if seq is not None:
            return seq, reference


def _keep_words(db: Session, seq: int, number: int, title: str | None, body: str, language: str, now: datetime) -> None:
    words = {"contribution_seq": seq, "number": number, "title": title, "body": body, "language": language}
    add_rows(db, Revision, words | {"created_at": now})


def _keep_consents(db: Session, seq: int, said: ContributionIn, now: datetime) -> None:
    """The server stamps wording and date."""
    wordings = consultation().consents
    given = [("publication", said.consents.publication, wordings.publication.version)]
    if said.consents.age:  # not asked of a child met in the street
        given.append(("age", said.consents.age, wordings.age.version))
    if said.consents.contact is not None:
        given.append(("contact", said.consents.contact, wordings.contact.version))
    stamp = {"contribution_seq": seq, "at": now}
    add_rows(db, Consent, *(stamp | {"kind": kind, "given": yes, "wording": wording} for kind, yes, wording in given))


def _keep_contact(db: Session, seq: int, said: ContributionIn, language: str) -> None:
    email, phone = (said.contact.email, said.contact.phone) if said.contact else (None, None)
    db.connection().execute(
        sa.insert(Contact).values(
            contribution_seq=seq,
            email_sealed=vault.seal("contact", email.encode()) if email else None,
            email_index=vault.blind("contact", email) if email else None,
            phone_sealed=vault.seal("contact", phone.encode()) if phone else None,
            phone_index=vault.blind("contact", phone) if phone else None,
            language=language,
        )
    )


def revise(db: Session, contribution: Contribution, words: RevisionIn, *, now: datetime) -> None:
    """The author's corrected words; voids any approval, back in the queue. Nobody has hidden any of these."""
    if contribution.state not in CORRECTABLE:
        raise Conflict(NOT_NOW, code="not_allowed", state=contribution.state.value)
    try:
        check_body(words.body, kind=contribution.kind, has_media=media_rules.has_media(db, contribution))
    except PydanticCustomError as error:
        context = dict(error.context or {})
        message = str(context.pop("msgid"))
        context.pop("field", None)
        raise refuse_field("body", error.type, message, **context) from error
    paper_rules.refuse_misplaced(db, contribution.seq or 0, kind=contribution.kind, body=words.body)
    number = contribution.revision + 1
    language = words.language or contribution.language
    history.move(
        db,
        contribution,
        to=State.PENDING,
        action="revise",
        actor="author",
        now=now,
        new_revision=number,
        words=words.body,
        language=language,
        edited_by_moderation=False,
        edited_reason=None,
    )
    _keep_words(db, contribution.seq or 0, number, words.title, words.body, language, now)
    appeals.drop(db, contribution, actor="author", now=now)


def replace_code(db: Session, contribution: Contribution, *, now: datetime) -> receipts.Code:
    """A new code for its holder; of what is erased there is nothing left to open."""
    if contribution.state is State.ERASED:
        raise Conflict(NOT_NOW, code="not_allowed", state=contribution.state.value)
    return receipts.replace(db, contribution.seq or 0, now=now)


def withdraw(db: Session, contribution: Contribution, *, now: datetime) -> None:
    """By the author, from any state; repeating it changes nothing."""
    if contribution.state is State.WITHDRAWN:
        return
    if contribution.state not in WITHDRAWABLE:
        raise Conflict(NOT_NOW, code="not_allowed", state=contribution.state.value)
    was_public = contribution.state is State.PUBLISHED
    history.move(db, contribution, to=State.WITHDRAWN, action="withdraw", actor="author", now=now)
    if was_public:
        publishing.unpublish(db, contribution)
    outbox.drop(db, contribution)
    bump(db)
    appeals.drop(db, contribution, actor="author", now=now)


def undo_withdrawal(db: Session, contribution: Contribution, *, now: datetime) -> None:
    """Within 14 days, back to where it was; published words come back as they were, unless an alert is open
    or publication is paused: a person reads them then."""
    before = withdrawn_from(db, contribution)
    if before is None or not can_undo(contribution, now=now):
        raise Conflict(NOT_NOW, code="not_allowed", state=contribution.state.value)
    if before is State.PUBLISHED and (contribution.open_alerts or switches.paused(db)):
        before = State.PENDING
    history.move(db, contribution, to=before, action="undo_withdrawal", actor="author", now=now)
    if before is State.PUBLISHED:
        publishing.publish(db, contribution, now=now)


def can_undo(contribution: Contribution, *, now: datetime) -> bool:
    return contribution.state is State.WITHDRAWN and now <= undo_until(contribution)


def undo_until(contribution: Contribution) -> datetime:
    return contribution.state_since + timedelta(days=consultation().limits.withdrawal_days)


def withdrawn_from(db: Session, contribution: Contribution) -> State | None:
    if contribution.state is not State.WITHDRAWN:
        return None
    last = db.exec(
        select(Transition)
        .where(Transition.contribution_seq == contribution.seq, Transition.action == "withdraw")
        .order_by(Transition.seq.desc())  # type: ignore[union-attr]
    ).first()
    return State(last.from_state) if last else None
