"""Hides people for good: other derivatives, made of the pixels, where 4 × 4 rough colours stand in each zone.

They lie beside the plain ones, their names after `b` and the key of their zones: what was made with other zones can
never be taken for them. Only files of the zones now wanted may be shown (`blurred_key == zones_key`).
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.adapters import Adapters
from app.contributions import publishing
from app.db import reading, writing
from app.errors import NotFound
from app.jobs import enqueue
from app.media import faces, ffmpeg, images, probe, program, states, video, zones
from app.media.failures import DecoderLost, MediaRefused
from app.media.program import Progress
from app.media.workplace import workplace
from app.media.zones import Zone
from app.models import Media, MediaChoice, MediaKind, MediaState
from app.models.publication import bump

PROGRAM = Path(__file__).with_name("blur_child.py")
MAKEABLE = {MediaState.PROCESSING, MediaState.READY}
FAILURE = "blur_failure"


class BlurRefused(MediaRefused):
    """It cannot be blurred: `blur_timeout` or `blur_broken`."""


class BlurrerLost(DecoderLost):
    """The program was killed from outside (a full machine, a stop): try again later."""


def ask(db: Session, media: Media, wanted: list[Zone] | None) -> bool:
    """Sets the zones a moderator wants (None: as proposed); the blurred files follow. False if nothing changes.

    Until they are made, nothing blurred of this medium is public.
    """
    key = zones.key(media.faces if wanted is None else wanted)
    changed = (media.zones_key, media.zones) != (key, wanted)
    media.zones, media.zones_key = wanted, key
    media.details = {name: value for name, value in media.details.items() if name != FAILURE}
    db.add(media)
    if key != media.blurred_key:
        enqueue(db, "blur_media", media.id, key=f"blur:{media.id}")
    if changed:
        bump(db)
    return changed


def make_for(media_id: UUID, adapters: Adapters, *, progress: Progress | None = None) -> bool:
    """Makes the files for the zones now wanted, notes them, and deletes those of other zones. Idempotent.

    False when none came of it: made already, nobody to hide, the medium gone or wanting other zones by now (another
    job makes those), or it cannot be done (`details["blur_failure"]` says why). Raises DiskFull, NotFound,
    StorageDown, BlurrerLost, DecoderLost: try again.
    """
    with reading() as db:
        media = db.exec(select(Media).where(Media.id == media_id)).first()
    if media is None or media.state not in MAKEABLE or media.kind not in faces.LOOKED_AT or media.zones_key is None:
        return False
    wanted = zones.wanted(media)
    key = zones.key(wanted)
    if media.blurred_key == key:
        return False
    with workplace(adapters.data_dir) as folder:
        try:
            made = _make(media, wanted, zones.prefix(key), folder, adapters, progress) if wanted else {}
        except BlurRefused as refusal:
            return _note(media, key, {}, failure=refusal.code)[0]
        for name in made:
            adapters.storage.put_file(f"media/{media.opaque}/{name}", folder / "made" / name)
    noted, useless = _note(media, key, made)
    for name in useless:
        adapters.storage.delete(f"media/{media.opaque}/{name}")
    return noted


def _note(media: Media, key: str, made: dict[str, Any], *, failure: str = "") -> tuple[bool, list[str]]:
    """The row says which files there are: whether it does, and the names of those that nobody needs any more."""
    with writing() as db:
        row = db.exec(select(Media).where(col(Media.seq) == media.seq).with_for_update()).first()
        if row is None:
            return False, list(made)
        if zones.key(zones.wanted(row)) != key:
            return False, [name for name in made if name not in row.derivatives]
        if failure:
            row.details = row.details | {FAILURE: failure}
            if row.choice is MediaChoice.BLUR:  # nobody would ever see it: a moderator decides again
                row.choice = None
                states.touch(db, col(Media.seq) == row.seq)
            db.add(row)
            return False, []
        former = [name for name, each in row.derivatives.items() if each.get("set") == "blur" and name not in made]
        row.derivatives = {name: each for name, each in row.derivatives.items() if name not in former} | made
        row.zones_key = row.blurred_key = key
        db.add(row)
        publishing.media_changed(db, row)
    return True, former


def given_up(media_id: UUID, words: str) -> None:
    """No attempt is left: the moderator is told. What only waits for room or for the store is asked for again."""
    if not words.startswith(("StorageDown", "DiskFull")):
        with reading() as db:
            media = db.exec(select(Media).where(Media.id == media_id)).first()
        if media is not None:
            _note(media, zones.key(zones.wanted(media)), {}, failure="blur_broken")


def waiting(db: Session, most: int = 200) -> list[UUID]:
    """Media whose blurred files are still to be made: the sweep gives them a job if they lost it."""
    rows = db.exec(
        select(Media.id, Media.details)
        .where(
            Media.state == MediaState.READY,
            col(Media.zones_key).is_not(None),
            col(Media.zones_key).is_distinct_from(col(Media.blurred_key)),
        )
        .limit(most)
    )
    return [media_id for media_id, details in rows if FAILURE not in details]


def _make(
    media: Media, wanted: list[Zone], prefix: str, folder: Path, adapters: Adapters, progress: Progress | None
) -> dict[str, Any]:
    made = folder / "made"
    made.mkdir()
    if media.kind is MediaKind.PHOTO:
        source = faces.fetch(_photo(media, adapters), folder / "source", adapters)
        return blur_photo(source, made, wanted, prefix=prefix)
    plain = folder / "plain"
    plain.mkdir()
    for each in video.RENDITIONS:
        faces.fetch(f"media/{media.opaque}/{each.name}", plain / each.name, adapters)
    return blur_video(plain, made, wanted, _tracks(media, wanted, adapters), prefix=prefix, progress=progress)


def _photo(media: Media, adapters: Adapters) -> str:
    """The original while it is kept (nothing is lost twice by coding), else the largest derivative."""
    if media.original and adapters.storage.exists(media.original):
        return media.original
    return f"media/{media.opaque}/{faces.LOOKED_AT[MediaKind.PHOTO][0]}"


def _tracks(media: Media, wanted: list[Zone], adapters: Adapters) -> faces.Tracks:
    if not any("track" in zone for zone in wanted):
        return []
    try:
        tracks: faces.Tracks = json.loads(adapters.storage.read(f"media/{media.opaque}/{faces.TRACKS}"))
    except NotFound:
        return []  # the zone then covers everywhere its face passes
    return tracks


def blur_photo(source: Path, out_dir: Path, wanted: list[Zone], *, prefix: str) -> dict[str, Any]:
    """Six derivatives of a photo, nobody to be seen in the zones, as in Media.derivatives."""
    hidden = [(zone["x"], zone["y"], zone["width"], zone["height"]) for zone in wanted]
    try:
        result = images.process(source, out_dir, hidden=hidden, prefix=prefix)
    except images.ImageRefused as refusal:
        raise BlurRefused("blur_broken", detail=refusal.code) from refusal
    return {
        each.name: {"type": each.type, "width": each.width, "height": each.height, "size": each.bytes, "set": "blur"}
        for each in result.derivatives
    }


def blur_video(
    plain: Path,
    out_dir: Path,
    wanted: list[Zone],
    tracks: faces.Tracks,
    *,
    prefix: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Both MP4s and both posters, of the plain MP4s in the folder `plain`; the sound is copied as it is."""
    source = plain / video.RENDITIONS[0].name
    boxes = {track["id"]: track["boxes"] for track in tracks}
    try:
        facts = probe.probe(source)
    except MediaRefused as refusal:
        raise BlurRefused("blur_broken", detail=refusal.code) from refusal
    try:
        asked = {
            "source": str(source.resolve()),
            "zones": [zone | {"boxes": boxes.get(zone.get("track"))} for zone in wanted],
            "encode": _encode(plain, out_dir, facts, prefix),
        }
        limits = replace(ffmpeg.limits(facts.duration), file_size=4 * source.stat().st_size + 50_000_000)
        program.ask(PROGRAM, asked, limits=limits, reads=[plain], writes=out_dir, progress=progress)
    except program.Lost as lost:
        raise BlurrerLost(str(lost)) from lost
    except program.Refused as refusal:
        code = "blur_timeout" if refusal.code == "timeout" else "blur_broken"
        raise BlurRefused(code, detail=refusal.detail or refusal.code) from refusal
    return _made(out_dir, facts, prefix)


def _encode(plain: Path, out_dir: Path, facts: probe.Facts, prefix: str) -> list[str]:
    """As `video.py` encodes the plain ones, from painted frames on the standard input."""
    picture = facts.picture
    assert picture is not None  # noqa: S101 - it was made by video.py
    small = video.target(picture, video.RENDITIONS[1])
    poster = min(int(min(1.0, facts.duration / 3) * video.rate(picture)), max(picture.frames - 1, 0))
    graph = [
        "[0:v]{colours},setsar=1,split=3[v0][half][still]",
        f"[half]scale={small[0]}:{small[1]}:flags=bicubic[v1]",
        f"[still]select='gte(n,{poster})',split[p0][p1]",
    ]
    arguments = ["-f", "nut", "-i", "pipe:0"]
    outputs: list[str] = []
    for number, each in enumerate(video.RENDITIONS):
        arguments += ["-protocol_whitelist", "file", "-f", "mp4", "-i", f"file:{plain / each.name}"]
        outputs += ["-map", f"[v{number}]", "-map", f"{number + 1}:a?", *video.encoder(each, facts, video.Quality())]
        outputs += ["-c:a", "copy", str(out_dir / f"{prefix}{each.name}")]
    for number, name in enumerate(video.POSTERS):
        outputs += ["-map", f"[p{number}]", "-frames:v", "1", *video.still(name), str(out_dir / f"{prefix}{name}")]
    return ffmpeg.command([*arguments, "-filter_complex", ";".join(graph), *outputs])


def _made(out_dir: Path, facts: probe.Facts, prefix: str) -> dict[str, Any]:
    picture = facts.picture
    assert picture is not None  # noqa: S101
    sizes = {each.name: video.target(picture, each) for each in video.RENDITIONS}
    kinds = dict.fromkeys(sizes, "video/mp4") | video.POSTERS
    made = {}
    for name, kind in kinds.items():
        width, height = sizes.get(name, sizes[video.RENDITIONS[0].name])
        length = (out_dir / f"{prefix}{name}").stat().st_size
        made[prefix + name] = {"type": kind, "width": width, "height": height, "size": length, "set": "blur"}
    return made
