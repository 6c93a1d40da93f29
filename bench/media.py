"""Sound, video and photos: how much our care costs over the bare tools, and what pages feel of it.

Both sides of a ratio run at the same niceness, in turn: what else the machine does weighs on both.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from app.media import ffmpeg, images, limited, probe, video
from bench import load, serving
from bench.generate import FOLDER, database
from bench.report import Result, at_least, at_most, told

SECONDS = 30
GZIP = {"Accept-Encoding": "gzip"}
PHOTOS, ROUNDS = 10, 3
# What two workers do meanwhile, again and again.
TRANSCODE = """
import sys, tempfile
from pathlib import Path
from app.jobs import worker
from app.media import probe, video
worker.stand_back()
clip = Path(sys.argv[1])
facts = probe.probe(clip)
while True:
    with tempfile.TemporaryDirectory(dir=clip.parent) as folder:
        video.make(clip, Path(folder), facts)
"""
# A careful person's script: upright, three sizes, two formats, nothing but the pixels.
PILLOW = """
import sys
from pathlib import Path
from PIL import Image, ImageOps
for source in map(Path, sys.argv[2:]):
    out = Path(sys.argv[1], source.stem)
    out.mkdir(exist_ok=True)
    image = Image.open(source)
    image.draft("RGB", (2048, 2048))
    image = ImageOps.exif_transpose(image).convert("RGB")
    for side in (2048, 1024, 400):
        image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        bare = Image.frombytes("RGB", image.size, image.tobytes())
        bare.save(out / f"{side}.webp", quality=80, method=4)
        bare.save(out / f"{side}.jpg", quality=80, optimize=True)
"""


def transcoding() -> list[Result]:
    """A clip of 30 s at 1080p to both renditions and the poster; the same command by hand."""
    clip = _clip()
    facts = probe.probe(clip)
    ours, bare = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            ours.append(_timed(partial(_make, clip, Path(folder))))
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            out = Path(folder).resolve()
            asked = video.arguments(clip, out, facts, measured=-23.0, quality=video.Quality(), poster=30)
            bare.append(_timed(partial(_by_hand, ffmpeg.command(asked))))
    took = min(ours)
    return [
        told(
            "media", f"{SECONDS} s of 1080p to 720p, 480p and a poster", f"{took:.1f} s ({SECONDS / took:.1f} × real)"
        ),
        at_most("media", "video, over the same ffmpeg by hand", 1.15, took / min(bare), " ×"),
    ]


def photos() -> list[Result]:
    """Ten photos of 12 megapixels to all derivatives; the bare calls of Pillow."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as place:
        folder = Path(place)
        sources = [_photo(folder / f"{number}.jpg", number) for number in range(PHOTOS)]
        images.warm()
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(_timed(partial(_all, sources, folder)))
            command = [sys.executable, "-c", PILLOW, str(folder), *map(str, sources)]
            bare.append(_timed(partial(_by_hand, command, nice=5)))
        images.shutdown()
    took = min(ours)
    return [
        told("media", f"{PHOTOS} photos of 12 megapixels, all derivatives", f"{took:.1f} s"),
        at_most("media", "photos, over the bare Pillow calls", 1.2, took / min(bare), " ×"),
    ]


def beside() -> list[Result]:
    """Public pages while two videos are transcoded, against the same pages without, in turn."""
    clip, folder = _clip(), load.folder(FOLDER)
    idle, busy = Pages(), Pages()
    try:
        with serving.service(folder, database(1000), workers=1) as server:
            load.reads(server, "/paroles", headers=GZIP)
            for _ in range(ROUNDS):
                idle.ask(server)
                with _transcoding(clip, 2):
                    busy.ask(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rate, slowest = busy.rate(), busy.slowest()
    return [
        at_least("media", "pages while two videos are made, ratio", 0.5, rate / idle.rate(), told=f" ({rate:,.0f}/s)"),
        at_most("media", "their p99, against idle", 3, slowest / idle.slowest(), " ×", told=f" ({slowest:.1f} ms)"),
    ]


def measure() -> list[Result]:
    return [*transcoding(), *photos(), *beside()]


def _clip() -> Path:
    """Moving, with grain and a voice: harder than most that phones film. Made once."""
    clip = FOLDER / "clip.mp4"
    if not clip.exists():
        picture = f"testsrc2=s=1920x1080:r=30:d={SECONDS},noise=alls=12:allf=t"
        voice = f"aevalsrc='0.1*abs(sin(3*t))*sin(2*PI*220*t)':s=48000:d={SECONDS}"
        made = FOLDER / "clip.part"
        command = [
            ffmpeg.program(), "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", voice,
            "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "17M", "-pix_fmt", "yuv420p", "-c:a", "aac",
            "-f", "mp4", str(made),
        ]  # fmt: skip
        subprocess.run(command, check=True)
        made.rename(clip)
    return clip


def _photo(path: Path, number: int) -> Path:
    from PIL import Image

    coarse = Image.effect_noise((500, 375), 60 + number).convert("RGB").resize((4000, 3000))
    grain = Image.effect_noise((4000, 3000), 20).convert("RGB")
    Image.blend(coarse, grain, 0.3).save(path, quality=92)
    return path


def _make(clip: Path, folder: Path) -> None:
    video.make(clip, folder, probe.probe(clip))


def _all(sources: list[Path], folder: Path) -> None:
    for source in sources:
        out = folder / f"ours-{source.stem}"
        out.mkdir(exist_ok=True)
        images.process(source, out)


def _by_hand(command: list[str], nice: int = limited.NICE) -> None:
    subprocess.run(["nice", "-n", str(nice), *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextlib.contextmanager
def _transcoding(clip: Path, number: int) -> Iterator[None]:
    command = [sys.executable, "-c", TRANSCODE, str(clip)]
    workers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(number)]
    time.sleep(3)  # at their work, past looking what it is
    if any(worker.poll() is not None for worker in workers):
        raise SystemExit("a transcoding ended before it was measured")
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


@dataclass
class Pages:
    """What was measured of one page, round by round."""

    rates: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)

    def ask(self, server: serving.Server) -> None:
        self.rates.append(load.reads(server, "/paroles", headers=GZIP, seconds=3).per_second)
        self.taken += load.latencies(server, ["/paroles"], rounds=5000, headers=GZIP)  # two seconds: seldom waits show

    def rate(self) -> float:
        """Requests per second."""
        return median(self.rates)

    def slowest(self) -> float:
        """The 99th percentile in milliseconds, one request after the other."""
        return load.percentile(self.taken, 0.99)


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    from bench.report import table

    FOLDER.mkdir(exist_ok=True)
    sys.stdout.write(table(measure()) + "\n")
