"""Photos for tests, made on the spot: whole, turned, full of metadata, broken, hostile."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

CANARY = "CANARI-7731"
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 40), (30, 50, 210), (230, 220, 40)
CORNERS = [RED, GREEN, BLUE, YELLOW]  # top left, top right, bottom left, bottom right
# What was done to the pixels of a file whose EXIF orientation is n.
LAID = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quarters(width: int = 600, height: int = 400, mode: str = "RGB") -> Image.Image:
    """Four coloured quarters, so that each way of turning shows."""
    image = Image.new("RGB", (2, 2))
    image.putdata(CORNERS)
    return image.resize((width, height), Image.Resampling.NEAREST).convert(mode)


def corners(path: Path) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters."""
    with Image.open(path) as image:
        spots = [(x * image.width // 4, y * image.height // 4) for y in (1, 3) for x in (1, 3)]
        return [image.convert("RGB").getpixel(spot) for spot in spots]  # type: ignore[misc]


def told_all(orientation: int = 1) -> dict[str, Any]:
    """Everything a phone writes beside the pixels, a canary in each."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = f"{CANARY} make"
    exif[0x013B] = f"{CANARY} author"
    exif.get_ifd(0x8769)[0x927C] = f"{CANARY} note".encode()
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: (47.0, 13.0, 6.0), 3: "W", 4: (1.0, 33.0, 14.0), 29: "2022:03:15"})
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns="http://ns.adobe.com/xap/1.0/">{CANARY}</a></x:xmpmeta>'
    return {"exif": exif.tobytes(), "xmp": xmp.encode(), "icc_profile": srgb()}


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """An RGB profile whose red and green are each other's: colours come right only if it is applied."""
    profile = bytearray(srgb())
    count = int.from_bytes(profile[128:132], "big")
    entries = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 136 + 12 * i for i in range(count)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


def photo(path: Path, orientation: int = 1, **more: Any) -> Path:
    """A JPEG laid down as `orientation` says, with everything a phone writes."""
    image = quarters()
    if orientation in LAID:
        image = image.transpose(LAID[orientation])
    image.save(path, "JPEG", quality=90, comment=f"{CANARY} comment".encode(), **(told_all(orientation) | more))
    return path


def heic(path: Path, orientation: int = 1) -> Path:
    """As a phone does: the turn is in a box of its own and in EXIF; both must not be applied."""
    image = quarters()
    if orientation in LAID:
        image = image.transpose(LAID[orientation])
    pillow_heif.from_pillow(image).save(path, quality=90, **told_all(orientation))
    return path


def bomb(path: Path, side: int = 13_000) -> Path:
    """A PNG of side × side black points, 1 bit each: 169 megapixels in about 20 kB."""
    row = b"\0" * (1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in chunks
        )
    )
    return path


def noise(path: Path, side: int) -> Path:
    """Heavy to decode: grain all over."""
    grain = Image.frombytes("RGB", (500, 500), os.urandom(750_000))
    image = Image.new("RGB", (side, side))
    for x in range(0, side, 500):
        for y in range(0, side, 500):
            image.paste(grain, (x, y))
    image.save(path, "PNG", compress_level=1)
    return path


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()
