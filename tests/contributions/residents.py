"""What a resident does, through the API and through the pages."""

import base64
import re
from html import unescape
from typing import Any

from app import db as database
from app.models import Contribution, State
from tests import factories
from tests.conftest import World

FORM = {
    "question": "q1",
    "body": "Il n’y a pas de banc.",
    "kind": "individual",
    "consents.publication": "true",
    "consents.age": "true",
}


def send(world: World, **more: Any) -> Any:
    """Through the API."""
    return world.client.post("/api/v1/contributions", json=factories.said(**more))


def post(world: World, *, files: Any = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
    """Through the form; a value of None leaves the field out."""
    posted = {name: value for name, value in (FORM | more).items() if value is not None}
    # A part in `files` makes httpx send multipart, as the form does.
    return world.client.post("/participer", data=posted, files=files if files is not None else [], headers=headers)


def post_draft(world: World, *, files: Any = None, **more: Any) -> Any:
    """The form of a collective, put aside."""
    posted = {name: value for name, value in (FORM | {"kind": "collective"} | more).items() if value is not None}
    return world.client.post("/participer/brouillon", data=posted, files=files if files is not None else [])


def arrived(world: World, content: bytes, *, name: str = "banc.jpg", whole: bool = True) -> str:
    """Sends a file through tus; its token. Not `whole`: half of it is still to come."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "Upload-Metadata": "filename " + base64.b64encode(name.encode()).decode(),
        "Content-Type": "application/offset+octet-stream",
    }
    piece = content if whole else content[: len(content) // 2]
    answer = world.client.post("/api/v1/uploads", content=piece, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"]).rpartition("/")[2]


def code_on(page: str) -> str:
    """The code in words, as the receipt page shows it."""
    block = re.search(r'id="receipt-code"[^>]*>(.*?)</p>', page, re.S)
    assert block, "no code on this page"
    return "-".join(re.findall(r"<span>([^<]+)</span>", block[1]))


def receipt(code: str) -> dict[str, str]:
    return {"Authorization": f"Receipt {code}"}


def shown(page: str) -> str:
    """A page's text as a person reads it."""
    return unescape(re.sub(r"<[^>]+>", " ", page))


def errors_on(page: str) -> list[tuple[str, str]]:
    """(id of the field, sentence) of the summary at the top."""
    block = re.search(r"data-errors>(.*?)</div>", page, re.S)
    return [(m[1], unescape(m[2])) for m in re.finditer(r'<a href="#([^"]*)">([^<]*)</a>', block[1])] if block else []


def have(state: State = State.PENDING, **fields: Any) -> tuple[Contribution, str]:
    """A contribution in a state, and its code."""
    with database.writing() as db:
        made = factories.submitted(db, **fields)
        if state is not State.PENDING:
            factories.set_state(db, made.contribution, state)
            if state is State.PUBLISHED:
                factories.publishing.publish(db, made.contribution, now=factories.NOW)
        return made.contribution, made.code.words


def count(table: Any) -> int:
    import sqlalchemy as sa

    with database.reading() as db:
        return int(db.connection().execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
