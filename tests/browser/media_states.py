"""Media at the desk and on the follow page, in every state, made by the real worker of a real service."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx

from tests import factories
from tests.browser.states import JPEG, Collector, State, client, collector, settled_item
from tests.live import Live
from tests.media import clips

ZONES = {"x": "0.2", "y": "0.2", "width": "0.3", "height": "0.4"}


def sent(live: Live, data: bytes, name: str, *, whole: bool = True) -> str:
    """The token of a file sent through tus; not `whole`: half of it is still to come."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Upload-Metadata": "filename " + base64.b64encode(name.encode()).decode(),
        "Content-Type": "application/offset+octet-stream",
    }
    with client(live) as anyone:
        answer = anyone.post("/api/v1/uploads", content=data if whole else data[: len(data) // 2], headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


def waiting(live: Live, desk: httpx.Client, *uploads: str, **fields: Any) -> tuple[dict[str, Any], str]:
    """An item of the queue once the work on its media has ended, and its receipt code."""
    with client(live) as anyone:
        made = anyone.post("/api/v1/contributions", json=factories.said(media=list(uploads), **fields)).json()
    return settled_item(desk, made["reference"]), made["receipt_code"]


def unveiled(state: State) -> State:
    """As it is once somebody asked to see and hear: axe looks at nothing that is closed."""
    for name in ("veil", "zones-rows"):
        state.html = state.html.replace(f'<details class="{name}">', f'<details class="{name}" open>')
    return state


def at_the_desk(live: Live, person: Collector, desk: httpx.Client) -> Iterator[State]:
    film, voice = clips.video().read_bytes(), clips.voice().read_bytes()
    uploads = [
        sent(live, film, "film.mp4"),
        sent(live, voice, "voix.webm"),
        sent(live, clips.cut().read_bytes(), "coupé.mp4"),
        sent(live, film, "en route.mp4", whole=False),
        sent(live, JPEG, "photo.jpg"),
    ]
    item, code = waiting(live, desk, *uploads)
    path = f"/equipe/moderation/{item['id']}"
    yield unveiled(person.get("item with media", path))
    yield unveiled(person.get("ar item with media", "/ar" + path))
    yield person.get("queue with media", "/equipe/moderation?media=video")
    photo = f"media.{item['media'][-1]['id']}"
    marked = {f"{photo}.zones.0.{side}": value for side, value in ZONES.items()}
    typed = {"version": item["version"], "revision": 1, "action": "publish", f"{photo}.choice": "blur"}
    typed |= {f"{photo}.zones.marked": "true", f"{photo}.zones.0.keep": "true"} | marked
    yield unveiled(person.post("media decision refused", f"{path}/decisions", typed))
    yield person.post("media not to be started again", f"{path.rpartition('/')[0]}/medias/{photo[6:]}/relance", {}, 409)
    wishes = {
        one["id"]: {"choice": "publish" if one["state"] == "ready" else "withhold", "alt": "Quatre couleurs.",
                    "transcript": "Une table." if one["kind"] != "photo" else None}
        for one in item["media"] if one["state"] != "uploading"
    }  # fmt: skip
    said = {"version": item["version"], "revision": 1, "action": "publish", "media": wishes}
    answer = desk.post(f"/api/v1/moderation/{item['id']}/decisions", json=said)
    assert answer.status_code == 201, answer.text
    yield person.get("published with media", path)
    holder = collector(live)
    yield holder.post("followed with media", "/suivre", {"code": code}, 200)
    yield holder.get("ar followed with media", "/ar/suivre/contribution")
