"""Files in the store that belong to nobody: what a process killed at a bad moment may leave. Found, then deleted."""

import json
import time
from collections.abc import Iterable

from sqlmodel import Session, col, select

from app.adapters import Adapters
from app.db import reading
from app.media.states import UNDONE
from app.models import Media

NOTED = "orphans.json"
BATCH = 400
A_DAY = 86_400.0


def sweep(adapters: Adapters, *, patience: float = A_DAY) -> int:
    """Deletes what belongs to no medium and did not a day ago either; how many.

    A file lies in the store before its row says so, hence two looks: the first is noted beside the database.
    """
    noted = adapters.data_dir / NOTED
    before: dict[str, float] = json.loads(noted.read_text()) if noted.exists() else {}
    keys = [key for folder in ("media", "originals") for key in adapters.storage.keys(folder)]
    with reading() as db:
        lost = find(db, keys)
    now, removed = time.time(), 0
    still: dict[str, float] = {}
    for key in lost:
        if key in before and now - before[key] >= patience:
            adapters.storage.delete(key)
            removed += 1
        else:
            still[key] = before.get(key, now)
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.write_text(json.dumps(still))
    return removed


def find(db: Session, keys: Iterable[str]) -> list[str]:
    """Those of the store's keys that belong to no medium. What is being made counts as its medium's."""
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(_owner(key), []).append(key)
    names, lost = list(groups), []
    for at in range(0, len(names), BATCH):
        batch = names[at : at + BATCH]
        known: dict[str, Media] = {}
        for media in db.exec(select(Media).where(col(Media.opaque).in_(batch) | col(Media.original).in_(batch))):
            known |= {media.opaque: media, str(media.original): media}
        for name in batch:
            lost += [key for key in groups[name] if name not in known or not _owns(known[name], key)]
    return lost


def _owner(key: str) -> str:
    """The opaque segment of a derivative, the whole key of an original."""
    return key.split("/")[1] if key.startswith("media/") else key


def _owns(media: Media, key: str) -> bool:
    return media.state in UNDONE or key == media.original or key.split("/")[-1] in media.derivatives
