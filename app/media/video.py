"""What the public sees of a video: MP4 at 720 and 480 lines for every telephone, and a still picture before it plays.

One ffmpeg command decodes once and makes all of it. The way pictures are made to fit and encoded is here for whoever
makes another version of the same video (`blur.py`): `target`, `fitted`, `encoder`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.media import ffmpeg, loudness
from app.media.failures import MediaRefused
from app.media.probe import Facts, Picture

RATE = 30  # pictures per second at most
POSTERS = {"poster.webp": "image/webp", "poster.jpg": "image/jpeg"}


@dataclass(frozen=True)
class Rendition:
    """`lines` bounds the shorter side, `long` the longer; rates in kilobits per second."""

    name: str
    lines: int
    long: int
    most: int
    sound: int


RENDITIONS = (Rendition("720.mp4", 720, 1280, 2500, 96), Rendition("480.mp4", 480, 854, 1100, 64))


@dataclass(frozen=True)
class Quality:
    """How much work is put into the same picture: x264's preset and constant rate factor."""

    preset: str = "veryfast"
    crf: int = 23


@dataclass(frozen=True)
class MadeVideo:
    """Width and height are the original's, upright. `loudness`: LUFS of the original, None without a voice."""

    derivatives: tuple[ffmpeg.Derivative, ...]
    width: int
    height: int
    loudness: float | None


def make(
    source: Path,
    out_dir: Path,
    facts: Facts,
    *,
    quality: Quality | None = None,
    report: ffmpeg.Report | None = None,
) -> MadeVideo:
    """Writes `720.mp4`, `480.mp4`, `poster.webp` and `poster.jpg` into `out_dir`, over those of an earlier run.

    A smaller video keeps its size under both names. Raises MediaRefused (final), DiskFull and DecoderLost (both: try
    again).
    """
    picture, out_dir = _seen(facts), out_dir.resolve()  # it works in another folder than we do
    measured = loudness.measure(source, facts, out_dir)
    _encode(source, out_dir, facts, measured, quality or Quality(), report)
    large, small = (target(picture, each) for each in RENDITIONS)
    if large == small:
        shutil.copyfile(out_dir / RENDITIONS[1].name, out_dir / RENDITIONS[0].name)
    videos = [ffmpeg.made(out_dir, each.name, "video/mp4", *target(picture, each)) for each in RENDITIONS]
    posters = [ffmpeg.made(out_dir, name, kind, *large) for name, kind in POSTERS.items()]
    heard = None if measured < loudness.SILENT else measured
    return MadeVideo((*videos, *posters), picture.width, picture.height, heard)


def _encode(
    source: Path, out_dir: Path, facts: Facts, measured: float, quality: Quality, report: ffmpeg.Report | None
) -> None:
    """A second in is where the hand has left the button; where too little can be decoded, the first picture will do."""
    second = int(min(1.0, facts.duration / 3) * rate(_seen(facts)))
    for poster in (second, 0):
        try:
            ffmpeg.run(
                arguments(source, out_dir, facts, measured=measured, quality=quality, poster=poster),
                reads=[source],
                writes=out_dir,
                limits=ffmpeg.limits(facts.duration),
                seconds=facts.duration,
                report=report,
            )
            return
        except MediaRefused as refusal:
            if refusal.code != "media_broken" or poster == 0:
                raise


def _seen(facts: Facts) -> Picture:
    if facts.picture is None:
        raise MediaRefused("media_empty")
    return facts.picture


def arguments(
    source: Path, out_dir: Path, facts: Facts, *, measured: float, quality: Quality, poster: int
) -> list[str]:
    """The whole command, from one input to four outputs; `poster` is the number of the picture shown before."""
    picture = _seen(facts)
    large, small = (target(picture, each) for each in RENDITIONS)
    wanted = RENDITIONS if large != small else RENDITIONS[1:]
    graph = [f"[0:{picture.stream}]{fitted(picture, large)},split=2[v0][still]"]
    if len(wanted) == 2:
        graph = [
            f"[0:{picture.stream}]{fitted(picture, large)},split=3[v0][half][still]",
            f"[half]scale={small[0]}:{small[1]}:flags=bicubic[v1]",
        ]
    graph.append(f"[still]select='gte(n,{poster})',split[p0][p1]")
    if facts.sound:
        names = "".join(f"[a{number}]" for number in range(len(wanted)))
        sound = loudness.filters(measured, stereo=facts.sound.channels > 1)
        graph.append(f"[0:{facts.sound.stream}]{sound},asplit={len(wanted)}{names}")
    outputs: list[str] = []
    for number, each in enumerate(wanted):
        outputs += ["-map", f"[v{number}]", *(["-map", f"[a{number}]"] if facts.sound else [])]
        outputs += [*encoder(each, facts, quality), str(out_dir / each.name)]
    for number, name in enumerate(POSTERS):
        outputs += ["-map", f"[p{number}]", "-frames:v", "1", *still(name), str(out_dir / name)]
    return [*ffmpeg.source(source, facts.container), "-filter_complex", ";".join(graph), *outputs]


def target(picture: Picture, rendition: Rendition) -> tuple[int, int]:
    """The size upright, never larger than it was, both sides even (H.264 halves the colours)."""
    short, long = sorted((picture.width, picture.height))
    ratio = min(1.0, rendition.lines / short, rendition.long / long)
    return _even(picture.width, ratio), _even(picture.height, ratio)


def _even(side: int, ratio: float) -> int:
    return max(2, min(2 * round(side * ratio / 2), side // 2 * 2))


def rate(picture: Picture) -> float:
    """Pictures per second of what is made: the usual rate of the original, at most 30, and always the same."""
    return max(1.0, min(float(RATE), round(picture.fps, 2)))


def fitted(picture: Picture, size: tuple[int, int]) -> str:
    """Filters from a decoded picture (ffmpeg has turned it upright) to `size`, 8 bits, SDR, an even pace.

    A recording that changes size on the way (a browser's, when the phone is turned) is fitted into black bars.
    """
    width, height = size
    steady = f"fps={rate(picture):g}"
    inside = (
        f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2:reset_sar=1:flags=bicubic"
    )
    return ",".join([steady, inside, f"pad={width}:{height}:-1:-1", "sidedata=delete", *_colours(picture), "setsar=1"])


def _colours(picture: Picture) -> list[str]:
    """HDR is mapped to what every screen shows; what has ten bits or all of eight's range gets the usual form."""
    if not picture.wide_colours:
        spread = ["scale=in_range=pc:out_range=tv"] if picture.full_range else []
        return [*spread, "format=yuv420p"]
    transfer = {"pq": "smpte2084", "hlg": "arib-std-b67"}.get(picture.transfer, "bt709")
    known = f"tin={transfer}:pin=bt2020:min=bt2020nc:rin={'pc' if picture.full_range else 'tv'}"
    tones = ["tonemap=hable:desat=0"] if picture.transfer else []
    linear = [f"zscale={known}:t=linear:npl=203", "format=gbrpf32le", "zscale=p=bt709", *tones]
    return [*linear, "zscale=t=bt709:m=bt709:p=bt709:r=tv", "format=yuv420p"]


def encoder(rendition: Rendition, facts: Facts, quality: Quality) -> list[str]:
    """Output arguments up to the name: H.264 and AAC that start to play at once and say nothing of their making."""
    gap = str(round(2 * rate(_seen(facts))))  # a place to jump to every two seconds
    stereo = facts.sound is not None and facts.sound.channels > 1
    return [
        "-c:v", "libx264", "-preset", quality.preset, "-crf", str(quality.crf), "-profile:v", "high",
        "-maxrate", f"{rendition.most}k", "-bufsize", f"{2 * rendition.most}k", "-g", gap,
        "-threads", str(ffmpeg.THREADS),
        "-bsf:v", "filter_units=remove_types=6",  # where x264 signs its work
        "-metadata:s:v", "encoder=AVC Coding",  # the standard's own words, where ffmpeg signs its
        "-c:a", "aac", "-b:a", f"{rendition.sound if stereo else rendition.sound * 2 // 3}k",
        *ffmpeg.BARE, "-movflags", "+faststart", "-f", "mp4",
    ]  # fmt: skip


def still(name: str) -> list[str]:
    """Output arguments for one picture, by its name's ending."""
    coded = ["libwebp", "-quality", "80"] if name.endswith(".webp") else ["mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"]
    return ["-c:v", *coded, *ffmpeg.BARE, "-f", "image2", "-update", "1"]
