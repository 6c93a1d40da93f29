"""Faces in a video: the time it takes to find them beside how long it lasts. The film is drawn on the spot."""

import subprocess
import tempfile
import time
from pathlib import Path

import imageio_ffmpeg

from app.media import blur, faces, probe, video
from bench.report import Result, at_most, told
from tests.media import portraits

SECONDS = 30
WIDTH, HEIGHT, RATE = 1280, 720, 30
PEOPLE = ((0, 60, 420), (500, 300, 180))  # from the left, from above, size


def search() -> list[Result]:
    """A 720p film of half a minute with two faces that move, as video.py makes it for the public."""
    with tempfile.TemporaryDirectory(prefix="bench-faces-") as folder:
        plain, blurred = Path(folder, "plain"), Path(folder, "blurred")
        plain.mkdir()
        blurred.mkdir()
        clip = _film(Path(folder, "clip"))
        video.make(clip, plain, probe.probe(clip))
        began = time.perf_counter()
        found, tracks = faces.find_in_video(plain / "480.mp4", duration=SECONDS)
        looked = time.perf_counter() - began
        began = time.perf_counter()
        blur.blur_video(plain, blurred, found, tracks, prefix="b-")
        hidden = time.perf_counter() - began
    return [
        Result("faces", "faces followed in a film of two", "2", str(len(tracks)), len(tracks) == len(PEOPLE)),
        at_most("faces", f"faces in {SECONDS} s of video, times its length", 10, looked / SECONDS, " ×"),
        told("faces", "blurred in both sizes, times its length", f"{hidden / SECONDS:.2g} ×"),
    ]


def _film(path: Path) -> Path:
    """Piped picture by picture: half a minute of it is 2.5 GB."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "pipe:0"]
    command += ["-f", "lavfi", "-t", str(SECONDS), "-i", "sine=f=440:r=48000", "-c:a", "aac"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-f", "mp4", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin
        for number in range(SECONDS * RATE):
            away = number * 300 // (SECONDS * RATE)
            people = [(x + away, y, size) for x, y, size in PEOPLE]
            encoder.stdin.write(portraits.scene(WIDTH, HEIGHT, *people).tobytes())
    return path
