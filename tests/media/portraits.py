"""Faces for tests, drawn: nobody's photo is kept here, and the model finds them all the same (0.6 to 0.9 of 1)."""

import functools
import random
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
WALL: Colour = (120, 140, 150)
SKIN: Colour = (224, 172, 140)
DARK_SKIN: Colour = (120, 80, 58)
HAIR: Colour = (50, 35, 25)
DRAWN = 480  # pixels a side; scaled from there


@functools.cache
def face(size: int = 200, skin: Colour = SKIN) -> Image.Image:
    """Head and shoulders before a wall, looking at us; the face itself is the middle half of it."""
    return _drawn(skin).resize((size, size), Image.Resampling.LANCZOS)


def scene(width: int, height: int, *faces: tuple[int, int, int], skin: Colour = SKIN) -> Image.Image:
    """A wall with faces, each at (x, y) of its left upper corner and of a size."""
    picture = Image.new("RGB", (width, height), WALL)
    for x, y, size in faces:
        picture.paste(face(size, skin), (x, y))
    return picture


def saved(picture: Image.Image, path: Path) -> Path:
    picture.save(path, "JPEG", quality=88)
    return path


def walk(path: Path, *, seconds: float = 2.0, rate: int = 15, gone: tuple[float, float] = (9, 9)) -> Path:
    """An MP4 with sound, 320 × 240, where a face goes from left to right, away between the times `gone`."""
    frames = []
    for number in range(round(seconds * rate)):
        away = gone[0] <= number / rate < gone[1]
        frames.append(scene(320, 240, *([] if away else [(10 + round(60 * number / rate), 50, 140)])))
    return film(path, frames, rate=rate)


def film(path: Path, frames: list[Image.Image], *, rate: int = 15, sound: bool = True) -> Path:
    width, height = frames[0].size
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(rate), "-i", "pipe:0"]
    if sound:
        command += ["-f", "lavfi", "-t", str(len(frames) / rate), "-i", "sine=f=440:r=48000", "-c:a", "aac"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"]
    command += ["-movflags", "+faststart", "-f", "mp4", str(path)]
    subprocess.run(command, input=b"".join(frame.tobytes() for frame in frames), check=True, timeout=60)
    return path


@functools.cache
def _drawn(skin: Colour) -> Image.Image:
    side = DRAWN * 2
    picture = Image.new("RGB", (side, side), WALL)
    pen = _Pen(picture)
    pen.oval(0.5, 1.12, 0.42, 0.28, (60, 80, 120))
    pen.box(0.41, 0.72, 0.59, 0.95, _darker(skin, 0.75))
    pen.oval(0.5, 0.40, 0.30, 0.34, HAIR)
    for x in (0.215, 0.785):
        pen.oval(x, 0.50, 0.035, 0.07, _darker(skin, 0.85))
    pen.oval(0.5, 0.50, 0.27, 0.35, skin)
    pen.draw.pieslice(pen.place(0.5, 0.37, 0.28, 0.29), 190, 350, fill=HAIR)
    pen.oval(0.5, 0.42, 0.25, 0.17, skin)
    picture = picture.filter(ImageFilter.GaussianBlur(side * 0.008))
    picture = _lit(picture, SHADOWS, _darker(skin, 0.35), side * 0.018)
    picture = _lit(picture, LIGHTS, _lighter(skin), side * 0.015)
    _features(_Pen(picture), skin)
    return _grain(picture.filter(ImageFilter.GaussianBlur(2)).resize((DRAWN, DRAWN), Image.Resampling.LANCZOS))


# x, y, half width, half height, strength of 255
SHADOWS = [
    (0.38, 0.47, 0.085, 0.05, 110), (0.62, 0.47, 0.085, 0.05, 110), (0.5, 0.635, 0.06, 0.025, 130),
    (0.47, 0.55, 0.018, 0.07, 80), (0.5, 0.80, 0.09, 0.02, 80), (0.27, 0.6, 0.05, 0.2, 80), (0.73, 0.6, 0.05, 0.2, 80),
]  # fmt: skip
LIGHTS = [
    (0.5, 0.31, 0.14, 0.05, 90), (0.5, 0.57, 0.025, 0.05, 130), (0.34, 0.60, 0.05, 0.04, 80),
    (0.66, 0.60, 0.05, 0.04, 80), (0.5, 0.83, 0.05, 0.02, 70),
]  # fmt: skip


def _lit(picture: Image.Image, spots: list[tuple[float, ...]], colour: Colour, soft: float) -> Image.Image:
    mask = Image.new("L", picture.size, 0)
    pen = _Pen(mask)
    for x, y, across, down, strength in spots:
        pen.oval(x, y, across, down, strength)
    return Image.composite(Image.new("RGB", picture.size, colour), picture, mask.filter(ImageFilter.GaussianBlur(soft)))


def _features(pen: "_Pen", skin: Colour) -> None:
    for x in (0.385, 0.615):
        pen.oval(x, 0.475, 0.055, 0.023, (235, 230, 225))
        pen.oval(x, 0.475, 0.022, 0.024, (70, 50, 35))
        pen.oval(x, 0.475, 0.011, 0.012, (15, 10, 10))
        pen.oval(x - 0.008, 0.468, 0.004, 0.004, (255, 255, 255))
        pen.draw.arc(pen.place(x, 0.4775, 0.06, 0.0325), 190, 350, fill=(40, 25, 20), width=round(0.009 * pen.side))
        pen.draw.arc(pen.place(x, 0.45, 0.08, 0.05), 205, 335, fill=_darker(HAIR, 0.9), width=round(0.02 * pen.side))
    for x in (0.475, 0.525):
        pen.oval(x, 0.625, 0.013, 0.008, _darker(skin, 0.35))
    pen.oval(0.5, 0.715, 0.085, 0.022, (170, 85, 80))
    pen.oval(0.5, 0.73, 0.07, 0.02, (190, 100, 95))
    line = [(0.415, 0.715), (0.47, 0.72), (0.5, 0.716), (0.53, 0.72), (0.585, 0.715)]
    pen.draw.line([(x * pen.side, y * pen.side) for x, y in line], fill=(90, 35, 35), width=round(0.007 * pen.side))


class _Pen:
    """Draws in fractions of a square picture."""

    def __init__(self, picture: Image.Image) -> None:
        self.draw, self.side = ImageDraw.Draw(picture), picture.width

    def place(self, x: float, y: float, across: float, down: float) -> list[float]:
        return [(x - across) * self.side, (y - down) * self.side, (x + across) * self.side, (y + down) * self.side]

    def oval(self, x: float, y: float, across: float, down: float, fill: Any) -> None:
        self.draw.ellipse(self.place(x, y, across, down), fill=fill if isinstance(fill, tuple) else int(fill))

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        self.draw.rectangle([edge * self.side for edge in (left, top, right, bottom)], fill=fill)


def _grain(picture: Image.Image) -> Image.Image:
    """As a phone's sensor makes it, the same each time."""
    dice = random.Random(7)
    noise = Image.frombytes("L", picture.size, bytes(dice.choices(range(0, 12), k=picture.width * picture.height)))
    return ImageChops.add(picture, Image.merge("RGB", [noise] * 3), offset=-6)


def _darker(colour: Colour, by: float) -> Colour:
    red, green, blue = (int(level * by) for level in colour)
    return red, green, blue


def _lighter(colour: Colour) -> Colour:
    red, green, blue = (level + (255 - level) * 3 // 4 for level in colour)
    return red, green, blue
