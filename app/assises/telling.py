"""Whoever speaks, leads or interprets is told of a release: one message a person, written with it, said when it leaves.

What it says is true when it leaves: what is public then, against what that person heard last.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import i18n
from app.adapters import vault
from app.assises import queries
from app.assises.differences import Difference, between
from app.assises.frozen import FrozenProgramme, thaw
from app.assises.letters import PROGRAMME, Told
from app.models import Message, MessageState, Part, Release, Speaker, Via
from app.notify import outbox

KINDS = ("new", "moved", "room", "cancelled", "restored")  # what whoever speaks there must hear
Lines = tuple[tuple[Difference, Part], ...]
PURPOSE = "speaker"  # of the vault


@dataclass(frozen=True)
class Addressed:
    """One person to be told; `via`: None when neither an address nor a number is held."""

    seq: int
    id: UUID
    name: str
    language: str
    via: Via | None
    lines: Lines


def addressed(
    db: Session, old: FrozenProgramme | None, new: FrozenProgramme, *, now: datetime
) -> list[Addressed]:  # fmt: skip
    """Everybody with a part in what is new, moved or cancelled, and to come; by name."""
    lines = of_everybody(old, new, now=now)
    wanted = sa.select(
        col(Speaker.seq), col(Speaker.id), col(Speaker.name), col(Speaker.language),
        col(Speaker.email_sealed).is_not(None).label("email"), col(Speaker.phone_sealed).is_not(None).label("phone"),
    ).order_by(col(Speaker.name), col(Speaker.seq))  # fmt: skip
    return [
        Addressed(row.seq, row.id, row.name, row.language, _via(row), tuple(lines[row.id]))
        for row in db.connection().execute(wanted)
        if row.id in lines
    ]


def of_everybody(
    old: FrozenProgramme | None, new: FrozenProgramme, *, now: datetime
) -> Mapping[UUID, list[tuple[Difference, Part]]]:
    """Speaker → what is different for them. Who joins a session that stays as it was hears of it as of a new one."""
    found: dict[UUID, list[tuple[Difference, Part]]] = defaultdict(list)
    for difference in between(old, new):
        session = new.by_id[difference.session]
        was = old.by_id.get(session.id) if old else None
        if now >= max(session.ends_at, was.ends_at if was else session.ends_at):
            continue
        there = {speaker.id for speaker in was.speakers} if was else set()
        for speaker in session.speakers:
            if difference.kind in KINDS:
                found[speaker.id].append((difference, speaker.part))
            elif speaker.id not in there and not session.cancelled:
                found[speaker.id].append((Difference(session.id, "new"), speaker.part))
    return found


def tell(db: Session, people: Sequence[Addressed], release: Release, *, now: datetime) -> None:
    """A message each. What still waited to be said to them is not said any more: this one says it too."""
    reached = [each for each in people if each.via]
    outbox.replace_to_speakers(db, [each.seq for each in reached], template=PROGRAMME)
    for each in reached:
        outbox.tell_speaker(
            db, each.seq, language=each.language, template=PROGRAMME, once=f"{PROGRAMME}:{release.id}:{each.id}",
            via=each.via or Via.CALL, release_seq=release.seq or 0, now=now,
        )  # fmt: skip


def told(db: Session, message: Message, *, base_url: str, now: datetime, spoken: bool = False) -> Told | None:
    """What the message says now, in the current language; None when there is nothing (any more) to hear."""
    speaker = db.get_one(Speaker, message.speaker_seq)
    public = queries.current(db).programme
    lines = of_everybody(_heard(db, message), public, now=now).get(speaker.id)
    prefix = base_url + (i18n.current().prefix if i18n.current().complete else "")
    return Told(public, tuple(lines), _words(db, message), "" if spoken else prefix) if lines else None


def number(speaker: Speaker) -> str:
    """In clear, for the one who calls; "" without one."""
    return vault.unseal(PURPOSE, speaker.phone_sealed).decode() if speaker.phone_sealed else ""


def _words(db: Session, message: Message) -> str:
    """What organisers say with an urgent change; of another release the words are everybody's, on its page."""
    said = select(Release.words).where(Release.seq == message.release_seq, Release.urgent)
    return db.exec(said).first() or ""


def _heard(db: Session, message: Message) -> FrozenProgramme | None:
    """What was public when that person heard last: a message before this one may have been replaced by it."""
    mine = select(Message.state, Message.release_seq).where(
        Message.speaker_seq == message.speaker_seq, Message.template == PROGRAMME, col(Message.seq) < message.seq
    )
    first = message.release_seq
    for state, release_seq in db.exec(mine.order_by(col(Message.seq).desc())):
        if state is not MessageState.DROPPED:
            break
        first = release_seq
    before = select(Release.programme).where(col(Release.seq) < first).order_by(col(Release.seq).desc()).limit(1)
    kept = db.exec(before).first()
    return thaw(kept) if kept else None


def _via(row: Any) -> Via | None:
    if row.email:
        return Via.EMAIL
    return Via.CALL if row.phone else None
