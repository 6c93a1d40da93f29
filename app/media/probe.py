"""What a sound or a video is, before anything is made of it: facts, or why it cannot be used.

The kind comes from the content (`sniff`), and only the one demuxer that reads that kind is ever tried: a playlist
has no demuxer here, whatever it is called.
"""

import json
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.errors import DiskFull
from app.media import sandbox
from app.media.failures import DecoderLost, MediaRefused
from app.media.sniff import HEAD, Kind, demuxer, sniff

PROGRAM = Path(__file__).with_name("probe_child.py")
LIMITS = sandbox.Limits(seconds=180, cpu=90, memory=1_500_000_000, file_size=1_000_000)
# What phones, browsers and dictaphones write; names of decoders, in both builds of libav that are used.
CODECS = (
    "h264,hevc,vp8,vp9,libdav1d,av1,mpeg4,h263,mjpeg,theora,aac,mp3,mp3float,opus,libopus,vorbis,flac,alac"
    ",amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le"
    ",pcm_u8,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav"
)


@dataclass(frozen=True)
class Bounds:
    """How long and how large, in seconds and points; those of the consultation are given by the job."""

    sound: float = 3600.0
    video: float = 600.0
    side: int = 5760
    pixels: int = 18_000_000


@dataclass(frozen=True)
class Picture:
    """Width and height upright, in square points; `transfer` is "pq", "hlg" or "" (SDR)."""

    stream: int
    codec: str
    width: int
    height: int
    rotation: int
    fps: float
    variable: bool
    frames: int
    bits: int
    transfer: str
    wide_colours: bool
    full_range: bool


@dataclass(frozen=True)
class Sound:
    stream: int
    codec: str
    channels: int
    rate: int


@dataclass(frozen=True)
class Facts:
    """`container` is the name of its demuxer. At least one of picture and sound is there."""

    container: str
    duration: float
    picture: Picture | None
    sound: Sound | None

    @property
    def details(self) -> dict[str, Any]:
        """For staff, in `Media.details`."""
        told: dict[str, Any] = {"container": self.container, "has_audio": self.sound is not None}
        if self.picture:
            seen = asdict(self.picture)
            told |= {"video_codec": seen["codec"], "hdr": self.picture.transfer != ""}
            told |= {name: seen[name] for name in ("fps", "variable", "frames", "rotation", "bits")}
        if self.sound:
            told |= {"audio_codec": self.sound.codec, "channels": self.sound.channels, "sample_rate": self.sound.rate}
        return told


def kind_of(source: Path) -> Kind:
    """By its first bytes. MediaRefused: `empty_file`, `media_playlist`, `media_kind`."""
    with source.open("rb") as opened:
        head = opened.read(HEAD)
    if not head:
        raise MediaRefused("empty_file")
    kind = sniff(head)
    if kind is Kind.PLAYLIST:
        raise MediaRefused("media_playlist")
    if kind is None:
        raise MediaRefused("media_kind")
    return kind


def probe(source: Path, *, bounds: Bounds | None = None, limits: sandbox.Limits = LIMITS) -> Facts:
    """Opens, reads to its end, and decodes one picture, in a process of its own.

    Raises MediaRefused (final), DiskFull and DecoderLost (both: try again).
    """
    kind_of(source)
    with source.open("rb") as opened:
        container = demuxer(opened.read(HEAD))
    if container is None:
        raise MediaRefused("media_kind")
    bounds = bounds or Bounds()
    asked = {
        "source": str(source.resolve()),
        "format": container,
        "codecs": CODECS,
        "seconds": {"video": bounds.video, "audio": bounds.sound},
        "side": bounds.side,
        "pixels": bounds.pixels,
    }
    command = [sys.executable, "-I", str(PROGRAM), json.dumps(asked)]
    ended = sandbox.run(command, limits=limits, reads=[*sandbox.python(), PROGRAM, source.resolve()])
    return _facts(_judge(ended))


def _judge(ended: sandbox.Ended) -> dict[str, Any]:
    if ended.late or ended.killed == signal.SIGXCPU:
        raise MediaRefused("media_timeout")
    if ended.killed in {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}:
        raise DecoderLost(f"ended by {ended.killed}")
    if ended.killed or not ended.out:
        if "No space left" in ended.words:
            raise DiskFull()
        raise MediaRefused("media_broken", detail=f"ended with {ended.status}")
    said: dict[str, Any] = json.loads(ended.out)
    if "facts" in said:
        found: dict[str, Any] = said["facts"]
        return found
    if said["code"] == "too_long":
        raise MediaRefused("video_too_long" if said["detail"] == "video" else "sound_too_long")
    raise MediaRefused(said["code"], detail=said["detail"])


def _facts(found: dict[str, Any]) -> Facts:
    return Facts(
        container=found["container"],
        duration=found["duration"],
        picture=Picture(**found["video"]) if found["video"] else None,
        sound=Sound(**found["audio"]) if found["audio"] else None,
    )
