"""The difference hash of a photo, made where it is decoded: the same for its copies, none without contrast."""

import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from app.assistance import likeness
from app.media import images


def drawn(seed: int) -> Image.Image:
    dice = random.Random(seed)
    picture = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(30):
        x, y = dice.randrange(600), dice.randrange(440)
        colour = tuple(dice.randrange(256) for _ in range(3))
        pen.rectangle((x, y, x + dice.randrange(20, 200), y + dice.randrange(20, 200)), fill=colour)
    return picture


def hashed(picture: Image.Image, folder: Path, **saved: object) -> str:
    file = folder / "photo.jpg"
    picture.save(file, "JPEG", **saved)
    return images.process(file, folder).likeness


def test_copies_look_alike_and_others_do_not(tmp_path: Path) -> None:
    one, other = (hashed(drawn(seed), tmp_path, quality=90) for seed in (1, 2))
    smaller = hashed(drawn(1).resize((500, 375)), tmp_path, quality=40)
    turned = drawn(1).transpose(Image.Transpose.ROTATE_90)
    exif = turned.getexif()
    exif[0x0112] = 6
    upright = hashed(turned, tmp_path, quality=90, exif=exif)

    def near(a: str, b: str) -> bool:
        mark = likeness.of_picture(a)
        alike = likeness.alike(likeness.PICTURE, mark.value, likeness.of_picture(b).value)
        return likeness.belongs(likeness.PICTURE, [alike]) and bool({*mark.pieces} & {*likeness.of_picture(b).pieces})

    assert (near(one, smaller), near(one, upright), near(one, other)) == (True, True, False)


@pytest.mark.parametrize("colour", ["white", "black", "#777777"])
def test_what_has_no_contrast_is_like_nothing(tmp_path: Path, colour: str) -> None:
    assert hashed(Image.new("RGB", (300, 200), colour), tmp_path) == ""
