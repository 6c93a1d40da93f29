"""One loudness for every voice: −16 LUFS, as podcasts have, so that nobody reaches for the volume between two people.

Measured first (EBU R 128), then one gain for the whole recording and a limiter for its peaks: the voice keeps its own
life, where a single pass would pump, and silence is not made into noise.
"""

import re
from pathlib import Path

from app.media import ffmpeg
from app.media.probe import Facts

TARGET = -16.0  # LUFS
MOST, LEAST = 30.0, -30.0  # decibels of gain
SILENT = -60.0  # LUFS: nobody speaks
PEAK = 0.84  # −1.5 dB

_MEASURED = re.compile(r"^\s*I:\s+(-?[\d.]+|-?inf|nan) LUFS\s*$", re.MULTILINE)


def measure(source: Path, facts: Facts, out_dir: Path, *, wave: str = "", report: ffmpeg.Report | None = None) -> float:
    """LUFS of the sound; −inf when it is silent or there is none. With `wave`, also writes it there: 8 kHz, 16 bits."""
    if facts.sound is None:
        return float("-inf")
    graph, outputs = f"[0:{facts.sound.stream}]ebur128=framelog=quiet[heard]", ["-map", "[heard]", "-f", "null", "-"]
    if wave:
        graph = (
            f"[0:{facts.sound.stream}]asplit[a][b];[a]ebur128=framelog=quiet[heard];"
            "[b]aresample=8000,aformat=sample_fmts=s16:channel_layouts=mono[drawn]"
        )
        outputs += ["-map", "[drawn]", *ffmpeg.BARE, "-f", "s16le", str(out_dir / wave)]
    said = ffmpeg.run(
        ["-vn", "-sn", "-dn", *ffmpeg.source(source, facts.container), "-filter_complex", graph, *outputs],
        reads=[source],
        writes=out_dir,
        limits=ffmpeg.limits(facts.duration),
        seconds=facts.duration,
        report=report,
        words="info",
    )
    found = _MEASURED.findall(said.rpartition("Summary:")[2])
    return float(found[-1]) if found and found[-1] not in {"-inf", "nan"} else float("-inf")


def filters(loudness: float, *, stereo: bool) -> str:
    """From the track to what is encoded: gaps filled, 48 kHz, one or two channels, the gain, the limiter."""
    gain = 0.0 if loudness < SILENT else min(MOST, max(LEAST, TARGET - loudness))
    layout = "stereo" if stereo else "mono"
    return (
        f"aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts={layout},"
        f"volume={gain:.2f}dB,alimiter=limit={PEAK}:level=disabled"
    )
