"""ffmpeg on files nobody vouches for: one demuxer, named decoders, no protocol but `file`, in a sandbox with limits.

The program is the one in the `imageio-ffmpeg` wheel: nothing to install, the same everywhere.
"""

import functools
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import DiskFull
from app.media import sandbox
from app.media.failures import DecoderLost, MediaRefused
from app.media.probe import CODECS, Bounds

# Two of them at work must leave a small machine room for its pages.
THREADS = min(4, max(1, (os.cpu_count() or 1) // 2))
# Whatever the original carries beside picture and sound stays behind; so do the names of our tools.
BARE = [
    *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
]

Report = Callable[[int], None]


@dataclass(frozen=True)
class Derivative:
    """A file made for the public, in the folder it was asked for."""

    name: str
    type: str
    bytes: int
    width: int | None = None
    height: int | None = None


@functools.cache
def program() -> str:
    import imageio_ffmpeg  # type: ignore[import-untyped]

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def source(path: Path, container: str) -> list[str]:
    """The arguments that open an original as `container` (`Facts.container`), and as nothing else."""
    return [
        "-protocol_whitelist", "file", "-format_whitelist", container, "-codec_whitelist", CODECS,
        "-max_pixels", str(Bounds().pixels), "-threads", str(THREADS), "-f", container, "-i", f"file:{path.resolve()}",
    ]  # fmt: skip


def limits(seconds: float) -> sandbox.Limits:
    """For work on a medium of this length: far more than a slow machine needs, far less than for ever."""
    return sandbox.Limits(
        seconds=300 + 30 * seconds, cpu=int(120 + 20 * seconds), file_size=int(100_000_000 + 1_000_000 * seconds)
    )


def run(
    arguments: Sequence[str],
    *,
    reads: Sequence[Path],
    writes: Path,
    limits: sandbox.Limits,
    seconds: float = 0.0,
    report: Report | None = None,
    words: str = "error",
) -> str:
    """Does it, `report`ing per cent of `seconds`; answers what it said (the level is `words`).

    Raises MediaRefused (final), DiskFull and DecoderLost (both: try again), and whatever `report` raises.
    """
    ended = sandbox.run(
        command(arguments, words=words),
        limits=limits,
        reads=[each.resolve() for each in reads],
        writes=writes.resolve(),
        hear=_listener(seconds, report),
    )
    _judge(ended)
    return ended.words


def command(arguments: Sequence[str], *, words: str = "error") -> list[str]:
    beginning = ["-hide_banner", "-nostdin", "-nostats", "-v", words, "-y", "-progress", "pipe:1", "-stats_period", "1"]
    return [program(), *beginning, "-filter_threads", "1", "-filter_complex_threads", str(THREADS), *arguments]


def _listener(seconds: float, report: Report | None) -> Callable[[bytes], None]:
    """ffmpeg says `out_time_us=…` again and again; `report` hears each new per cent once."""
    rest, said = b"", -1

    def hear(piece: bytes) -> None:
        nonlocal rest, said
        *lines, rest = (rest[-1000:] + piece).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            if name == b"out_time_us" and value.strip().isdigit() and seconds and report:
                percent = min(99, int(int(value) / 10_000 / seconds))
                if percent > said:
                    said = percent
                    report(percent)

    return hear


def _judge(ended: sandbox.Ended) -> None:
    if ended.status == 0:
        return
    detail: dict[str, Any] = {"detail": f"{ended.status}: {ended.words[-300:]}"}
    if ended.late or ended.killed == signal.SIGXCPU:
        raise MediaRefused("media_timeout", **detail)
    if ended.killed in {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}:
        raise DecoderLost(f"ended by {ended.killed}")
    if "No space left on device" in ended.words:
        raise DiskFull()
    if "Cannot allocate memory" in ended.words:
        raise MediaRefused("video_too_large", **detail)
    if ended.killed == signal.SIGXFSZ or "File too large" in ended.words:
        raise MediaRefused("file_too_large", **detail)
    raise MediaRefused("media_broken", **detail)


def made(folder: Path, name: str, kind: str, width: int | None = None, height: int | None = None) -> Derivative:
    """The file as it lies there; MediaRefused `media_broken` when nothing came out."""
    path = folder / name
    length = path.stat().st_size if path.exists() else 0
    if length == 0:
        raise MediaRefused("media_broken", detail=f"no {name}")
    return Derivative(name, kind, length, width, height)
