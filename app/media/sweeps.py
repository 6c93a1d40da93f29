"""What uploads leave behind: those never finished, and files that belong to nobody."""

from app.adapters import Adapters
from app.adapters.storage import StorageDown
from app.db import reading, writing
from app.errors import DiskFull
from app.media import spool, uploads
from app.media.uploads import Arriving
from app.outreach import arrivals, collect_uploads
from app.outreach.collect_uploads import MediumAltered

FORGOTTEN = 25 * 3600  # seconds a file lies untouched before it is asked whether anybody needs it


def end_late(adapters: Adapters) -> None:
    """Unfinished uploads past their time go; one that turns out to be whole is completed instead."""
    with reading() as db:
        found = uploads.late(db, adapters.clock())
    for arriving in found:
        with spool.Hold(spool.path(adapters.data_dir, arriving.media_id)) as hold:
            if hold.take():
                _end(arriving, hold, adapters)
            else:  # bytes still arrive, too late: they stop, and the next sweep ends it
                spool.ask_to_stop(hold.file)


def _end(arriving: Arriving, hold: spool.Hold, adapters: Adapters) -> None:
    if arriving.collected:
        _end_collected(arriving, hold, adapters)
        return
    if whole := hold.size() >= arriving.length:
        hold.cut(arriving.length)
        hold.sync()
    with writing() as db:
        if whole:
            uploads.complete(db, arriving, now=adapters.clock())
        else:
            uploads.expire(db, arriving)
    if not whole:
        hold.remove()


def _end_collected(arriving: Arriving, hold: spool.Hold, adapters: Adapters) -> None:
    """The medium stays declared whatever came of this upload: its device has it still."""
    try:
        if hold.size() >= arriving.length:
            arrivals.settle(hold, arriving, adapters)
            return
    except MediumAltered:
        pass
    except (StorageDown, DiskFull):
        return  # whole, and no room for it yet: the next sweep tries again
    with writing() as db:
        gone = collect_uploads.expire(db, arriving)
    if gone:
        hold.remove()


def tidy(adapters: Adapters) -> None:
    """Files whose upload is no more, or whose bytes have long been in the store."""
    for media_id in spool.left(adapters.data_dir, older_than=FORGOTTEN):
        with reading() as db:
            needed = uploads.needed(db, media_id)
        if not needed:
            spool.delete(spool.path(adapters.data_dir, media_id))
