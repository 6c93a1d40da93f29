"""« Signaler un problème » about something published, by anyone; followed with a number nobody can guess."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit, limits
from app.adapters import vault
from app.contributions import history, publishing
from app.contributions.notice_schemas import ON_IT, NoticeIn
from app.errors import N_, NotFound, refuse_field
from app.media.queries import public_media
from app.models import Contribution, Media, MediaChoice, Notice, NoticeState, State
from app.notify import outbox

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else: 59 bits in twelve letters
CHANCE = secrets.SystemRandom()
PURPOSE = "notice"
# « Je suis sur cette photo » needs no proof: whoever says it too often waits until a person has looked.
AT_ONCE, HOUR = 10, 3600  # from one address in an hour
AT_ONCE_MEDIUM, DAY = 3, 86400  # the same medium in a day, put back by moderators in between
KEPT_FOR = timedelta(days=183)
UNKNOWN = N_("Cette parole n’existe pas, ou elle n’est pas publiée.")
NOT_SHOWN = N_("Ce fichier n’est pas publié ici.")
WHICH = N_("Dites sur quelle photo, quelle vidéo ou quel son.")


def receive(db: Session, said: NoticeIn, *, who: str, language: str, now: datetime) -> Notice:
    """From the address `who`, on a page in `language`. NotFound for what is not public; Unprocessable for a medium."""
    contribution = _published(db, said.reference)
    media = _medium(db, contribution, said)
    notice = Notice(
        number=new_number(), contribution_seq=contribution.seq or 0, media_seq=media.seq if media else None,
        reason=said.reason, words_sealed=_seal(said.explanation), email_sealed=_seal(said.email),
        good_faith=said.good_faith, language=language, made_at=now,
    )  # fmt: skip
    hides = media is not None and said.reason == ON_IT and _may_hide(media, who)
    if media is not None and hides:
        notice.hid_at_once, notice.choice_before = True, media.choice.value if media.choice else None
    db.add(notice)
    db.flush()
    count(db, contribution, +1)
    if media is not None and hides:
        choose(db, contribution, media, MediaChoice.WITHHOLD, action="hold_media", actor="system", now=now)
        outbox.tell(db, contribution, template="decided", once=f"held:{notice.id}", now=now)
    outbox.tell_reporter(db, notice, template="notice_received", now=now)
    journal(db, contribution, notice, "notice_made", actor="anyone", words=said.explanation, now=now)
    return notice


def choose(
    db: Session,
    contribution: Contribution,
    media: Media,
    choice: MediaChoice,
    *,
    action: str,
    actor: str,
    now: datetime,
) -> None:
    """Another choice for one medium of published words: in the history, and what the public sees, at once."""
    media.choice = choice
    db.add(media)
    db.flush()
    kept = {name: getattr(contribution, name) for name in ("state_since", "claimed_by", "claimed_until")}
    history.move(db, contribution, to=State.PUBLISHED, action=action, actor=actor, now=now, **kept)
    publishing.reindex(db, contribution)


def close(db: Session, contribution: Contribution, *, by: str, now: datetime) -> None:
    """What they are about is public no more: all its open notices together, each sender told."""
    for notice in opened(db, contribution):
        notice.state, notice.version = NoticeState.ACTED, notice.version + 1
        notice.decided_by, notice.decided_at = by, now
        db.add(notice)
        db.flush()
        count(db, contribution, -1)
        outbox.tell_reporter(db, notice, template="notice_decided", now=now)
        journal(db, contribution, notice, "notice_acted", actor=by, words="", now=now)


def forget(db: Session, contribution: Contribution, *, actor: str, now: datetime) -> None:
    """Erased: what was said of it and who said it go too; the number still tells that it is gone."""
    for notice in db.exec(select(Notice).where(Notice.contribution_seq == contribution.seq)):
        notice.words_sealed = notice.email_sealed = notice.statement = notice.media_seq = None
        db.add(notice)
        outbox.drop_to_reporter(db, notice)
    db.flush()
    close(db, contribution, by=actor, now=now)


def forget_address(db: Session, email: str) -> int:
    """Of everybody who left this address; how many. Reports are few and have no index of addresses: each is opened."""
    held = db.exec(select(Notice).where(col(Notice.email_sealed).is_not(None))).all()
    theirs = [one for one in held if vault.unseal(PURPOSE, one.email_sealed or b"").decode() == email]
    for notice in theirs:
        notice.email_sealed = None
        db.add(notice)
        outbox.drop_to_reporter(db, notice)
    return len(theirs)


def sweep(db: Session, now: datetime) -> None:
    """Half a year after the answer nobody needs what was said, nor where to write to who said it."""
    kept = sa.or_(col(Notice.words_sealed).is_not(None), col(Notice.email_sealed).is_not(None))
    over = sa.and_(col(Notice.state) != NoticeState.OPEN, col(Notice.decided_at) < now - KEPT_FOR)
    db.connection().execute(sa.update(Notice).where(over, kept).values(words_sealed=None, email_sealed=None))


def opened(db: Session, contribution: Contribution) -> list[Notice]:
    """Open notices about it, oldest first."""
    if not contribution.open_notices:
        return []
    mine = select(Notice).where(Notice.contribution_seq == contribution.seq, Notice.state == NoticeState.OPEN)
    return list(db.exec(mine.order_by(col(Notice.seq))))


def by_number(db: Session, typed: str) -> Notice | None:
    """The notice a number follows, however it is typed."""
    number = normal(typed)
    return db.exec(select(Notice).where(Notice.number == number)).first() if number else None


def new_number() -> str:
    return _grouped("".join(CHANCE.choices(ALPHABET, k=12)))


def normal(typed: str) -> str:
    """As it was given; "" when it cannot be one."""
    plain = re.sub(r"[\W_]", "", typed[:60]).upper()
    return _grouped(plain) if len(plain) == 12 and set(plain) <= set(ALPHABET) else ""


def _grouped(plain: str) -> str:
    return "-".join(plain[i : i + 4] for i in range(0, 12, 4))


def words(notice: Notice) -> str:
    """What its sender says, in clear."""
    return vault.unseal(PURPOSE, notice.words_sealed).decode() if notice.words_sealed else ""


def _published(db: Session, reference: str) -> Contribution:
    """Held until the commit, so that nobody decides about it meanwhile."""
    wanted = select(Contribution).where(Contribution.reference == reference, Contribution.state == State.PUBLISHED)
    found = db.exec(wanted.with_for_update()).first()
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def _medium(db: Session, contribution: Contribution, said: NoticeIn) -> Media | None:
    """The medium it is about. Whoever is on one says which, unless there is one only."""
    seq = contribution.seq or 0
    shown = [one["id"] for one in public_media(db, [seq]).get(seq, []) if one["urls"]]
    asked = said.media or (shown[0] if said.reason == ON_IT and len(shown) == 1 else None)
    if asked is None:
        if said.reason == ON_IT and shown:
            raise refuse_field("media", "missing", WHICH)
        if not said.explanation:
            raise refuse_field("explanation", "missing", N_("Expliquez en quelques mots : quoi, et où."))
        return None
    if asked not in shown:
        raise refuse_field("media", "unknown_media", NOT_SHOWN)
    return next(one for one in db.exec(select(Media).where(Media.contribution_seq == seq)) if str(one.id) == asked)


def _may_hide(media: Media, who: str) -> bool:
    if limits.hits("hide_at_once", who, window=HOUR) > AT_ONCE:
        return False
    return limits.hits("hide_at_once_medium", str(media.id), window=DAY) <= AT_ONCE_MEDIUM


def _seal(text: str | None) -> bytes | None:
    return vault.seal(PURPOSE, text.encode()) if text else None


def count(db: Session, contribution: Contribution, by: int) -> None:
    db.connection().execute(
        sa.update(Contribution)
        .where(col(Contribution.seq) == contribution.seq)
        .values(open_notices=Contribution.open_notices + by)
    )
    db.refresh(contribution)


def journal(
    db: Session,
    contribution: Contribution,
    notice: Notice,
    action: str,
    *,
    actor: str,
    words: str | None,
    now: datetime,
) -> None:
    hashes = {"words": hashlib.sha256((words or "").encode()).hexdigest(), "channel": contribution.channel.value}
    hashes |= {"reason": notice.reason} | ({"hid_at_once": "yes"} if notice.hid_at_once else {})
    audit.append(db, actor=actor, action=action, kind="notice", object_id=str(notice.id), now=now, hashes=hashes)
