"""The last step of a medium from the street: its bytes are here, they are the declared ones, it is held.

Its original lies in the store before its row says so; killed in between, the step is done again under another key,
and what the first attempt left belongs to nobody: app/media/orphans.py finds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from app.adapters import Adapters
from app.db import reading, writing
from app.media import rules, spool
from app.media.tus import Creation
from app.media.uploads import Arriving
from app.media.workplace import workplace
from app.models import Collected, CollectedMedia
from app.outreach import collect_uploads, opening
from app.outreach.collect_media import opened_key
from app.outreach.collect_uploads import MediumAltered, MediumHeld, MediumSize, UnknownMedium


@dataclass(frozen=True)
class Checked:
    """Right to the last byte. `original`: its key in the store, when it came sealed."""

    original: str | None


def check(hold: spool.Hold, arriving: Arriving, adapters: Adapters) -> Checked | None:
    """Looks at what has wholly arrived, and unseals it into the store. No transaction: slow work.

    None when nobody waits for it any more. MediumAltered when it is not what was declared: all of it is dropped.
    """
    with reading() as db:
        declared = collect_uploads.waiting(db, arriving)
    if declared is None:
        hold.remove()
        return None
    try:
        return Checked(_original(hold, declared, adapters))
    except opening.Altered as fault:
        hold.remove()
        raise MediumAltered() from fault


def keep(hold: spool.Hold, arriving: Arriving, checked: Checked, adapters: Adapters) -> None:
    """Says that it is held; then what lay sealed where it arrived goes."""
    with writing() as db:
        kept = collect_uploads.keep(db, arriving, checked.original, now=adapters.clock())
    if checked.original:
        hold.remove()
        if not kept:
            adapters.storage.delete(checked.original)


def settle(hold: spool.Hold, arriving: Arriving, adapters: Adapters) -> None:
    """The whole step, where nobody else waits for the thread."""
    hold.cut(arriving.length)
    hold.sync()
    if checked := check(hold, arriving, adapters):
        keep(hold, arriving, checked, adapters)


def bring(record_id: UUID, client_id: str, pieces: Iterable[bytes], *, length: int, adapters: Adapters) -> bool:
    """Takes a declared medium out of a file instead of from the network; False when it is held already.

    UnknownMedium, MediumSize, MediumAltered as over the network; what a device had sent of it before is replaced.
    """
    asked = Creation(length, "", client_id, "", with_bytes=False, client_id=client_id)
    try:
        with writing() as db:
            record = db.exec(select(Collected).where(col(Collected.id) == record_id)).first()
            if record is None:
                raise UnknownMedium()
            _, arriving = collect_uploads.address(db, record, asked, now=adapters.clock())
    except MediumHeld:
        return False
    with spool.Hold(spool.path(adapters.data_dir, arriving.media_id)) as hold:
        hold.take_over()
        hold.cut(0)
        for piece in pieces:
            hold.append([piece])
        if hold.size() != length:
            hold.remove()
            raise MediumSize()
        settle(hold, arriving, adapters)
    return True


def _original(hold: spool.Hold, declared: CollectedMedia, adapters: Adapters) -> str | None:
    secret = opened_key(declared)
    if secret is None:
        opening.check(hold.file, sha256=declared.sha256)
        return None
    spool.refuse_when_full(adapters.data_dir, declared.size)
    with workplace(adapters.data_dir) as folder:
        opening.unseal(hold.file, folder / "opened", secret=secret, sha256=declared.sha256)
        key = rules.new_key()
        adapters.storage.put_file(key, folder / "opened")
    return key
