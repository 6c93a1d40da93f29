"""A client that says exactly what a test wants it to say."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app import db
from app.media import spool
from app.models import Media, Upload
from tests.conftest import World

PATH = "/api/v1/uploads"
VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata(**said: str) -> str:
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items())


def create(world: World, length: int = 10, *, content: bytes | None = None, client: Any = None, **said: str) -> Any:
    headers = VERSION | {"Upload-Length": str(length)}
    headers |= {"Upload-Metadata": metadata(**said)} if said else {}
    if content is not None:
        headers |= BYTES
    return (client or world.client).post(PATH, headers=headers, content=content)


def begun(world: World, length: int = 10, **said: Any) -> str:
    """The address of a new upload."""
    answer = create(world, length, **said)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def patch(world: World, address: str, at: int | str, content: bytes, **headers: str) -> Any:
    given = VERSION | BYTES | {"Upload-Offset": str(at)} | headers
    return world.client.patch(address, headers=given, content=content)


def head(world: World, address: str, **headers: str) -> Any:
    return world.client.head(address, headers=VERSION | headers)


def rows(world: World) -> list[tuple[Media, Upload]]:
    with db.reading() as session:
        query = sa.select(Media, Upload).join(Upload, Upload.media_seq == Media.seq).order_by(Media.seq)  # type: ignore[arg-type]
        return [(media, upload) for media, upload in session.execute(query)]


def spooled(world: World) -> list[Path]:
    folder = world.settings.data_dir / spool.FOLDER
    return sorted(folder.iterdir()) if folder.is_dir() else []


def jobs(world: World, task: str = "process_media") -> int:
    with db.reading() as session:
        return int(session.execute(sa.text("SELECT count(*) FROM job WHERE task = :task"), {"task": task}).scalar_one())
