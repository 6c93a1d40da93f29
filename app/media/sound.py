"""What the public hears of a sound: AAC for every telephone, Opus for little data, and a drawing of it."""

from dataclasses import dataclass
from pathlib import Path

from app.media import ffmpeg, loudness, waveform
from app.media.failures import MediaRefused
from app.media.probe import Facts

WAVE = ".wave.pcm"
MEASURING = 35  # per cent of the work that measuring is


@dataclass(frozen=True)
class MadeSound:
    """`loudness`: LUFS of the original, None when it is silent."""

    derivatives: tuple[ffmpeg.Derivative, ...]
    loudness: float | None


def make(source: Path, out_dir: Path, facts: Facts, *, report: ffmpeg.Report | None = None) -> MadeSound:
    """Writes `sound.m4a`, `sound.opus` and `waveform.svg` into `out_dir`, over those of an earlier run.

    Raises MediaRefused (final), DiskFull and DecoderLost (both: try again).
    """
    out_dir = out_dir.resolve()  # it works in another folder than we do
    measured = loudness.measure(source, facts, out_dir, wave=WAVE, report=_share(report, 0, MEASURING))
    _encode(source, out_dir, facts, measured, _share(report, MEASURING, 100))
    drawing = waveform.draw(out_dir / WAVE)
    (out_dir / WAVE).unlink()
    (out_dir / "waveform.svg").write_text(drawing)
    return MadeSound(
        (
            ffmpeg.made(out_dir, "sound.m4a", "audio/mp4"),
            ffmpeg.made(out_dir, "sound.opus", "audio/ogg"),
            ffmpeg.made(out_dir, "waveform.svg", "image/svg+xml", waveform.WIDTH, waveform.HEIGHT),
        ),
        None if measured < loudness.SILENT else measured,
    )


def _encode(source: Path, out_dir: Path, facts: Facts, measured: float, report: ffmpeg.Report | None) -> None:
    if facts.sound is None:
        raise MediaRefused("media_empty")
    stereo = facts.sound.channels > 1
    graph = f"[0:{facts.sound.stream}]{loudness.filters(measured, stereo=stereo)},asplit[a][b]"
    ffmpeg.run(
        [
            "-vn", "-sn", "-dn", *ffmpeg.source(source, facts.container), "-filter_complex", graph,
            "-map", "[a]", "-c:a", "aac", "-b:a", "96k" if stereo else "64k",
            *ffmpeg.BARE, "-movflags", "+faststart", "-f", "ipod", str(out_dir / "sound.m4a"),
            "-map", "[b]", "-c:a", "libopus", "-b:a", "48k" if stereo else "28k",
            *ffmpeg.BARE, "-metadata:s:a", "encoder=Opus", "-f", "ogg", str(out_dir / "sound.opus"),
        ],
        reads=[source], writes=out_dir, limits=ffmpeg.limits(facts.duration), seconds=facts.duration, report=report,
    )  # fmt: skip


def _share(report: ffmpeg.Report | None, begins: int, ends: int) -> ffmpeg.Report | None:
    """A part of the work told as a part of the whole."""
    if report is None:
        return None
    return lambda percent: report(begins + percent * (ends - begins) // 100)
