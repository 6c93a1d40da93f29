"""The pictures of a paper: the larger ones, once each, as new files of pixels alone. For `papers_child.py`."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

MOST = 5
SMALLEST = 200  # pixels on the shorter side: below, a logo or an ornament
LONGEST = 2048  # what the photo pipeline shows at most
PIXELS = 50_000_000
FORMATS = ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]

Image.MAX_IMAGE_PIXELS = None  # ours is exact


@dataclass
class Shown:
    """A picture an office file shows. `cut`: off left, top, right, bottom, as fractions, or in points (`inches`)."""

    name: str
    alt: str = ""
    cut: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    inches: bool = False


@dataclass
class Found:
    """A picture and what the author says it shows. `times`: on how many pages it stands."""

    image: Image.Image
    alt: str = ""
    times: int = 1


def large_enough(width: float, height: float) -> bool:
    return min(width, height) >= SMALLEST and width * height <= PIXELS


def opened(content: bytes, shown: Shown) -> Image.Image | None:
    """The picture as shown; None for what is no picture of pixels, too small, or broken: the paper goes on without."""
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
        if not large_enough(*image.size):
            return None
        if not any(shown.cut):
            image.draft("RGB", (LONGEST, LONGEST))
        image.load()
        image = ImageOps.exif_transpose(_cut(image, shown))
        return flat(image) if large_enough(*image.size) else None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a decoder may raise anything
        return None


def _cut(image: Image.Image, shown: Shown) -> Image.Image:
    """Without what the author cut off; a cut that says more than all of it is no cut."""
    width, height = image.size
    left, top, right, bottom = shown.cut
    if shown.inches:
        across, down = image.info.get("dpi", (96, 96))[:2]
        across, down = (across if across > 1 else 96) / 72, (down if down > 1 else 96) / 72
        left, top, right, bottom = (
            left * across / width,
            top * down / height,
            right * across / width,
            bottom * down / height,
        )
    box = (width * max(left, 0), height * max(top, 0), width * (1 - max(right, 0)), height * (1 - max(bottom, 0)))
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return image
    return image if box == (0, 0, width, height) else image.crop(box)


def choose(found: list[Found], *, pages: int = 0) -> list[Found]:
    """At most five, the larger ones, in the order of the paper; none twice, none that decorates every page."""
    once: dict[str, Found] = {}
    for each in found:
        digest = hashlib.sha256(repr(each.image.size).encode() + each.image.tobytes()).hexdigest()
        if digest in once:
            once[digest].times += 1
        else:
            once[digest] = each
    kept = [each for each in once.values() if each.times < 3 or each.times * 2 < pages]
    largest = sorted(kept, key=lambda each: -each.image.width * each.image.height)[:MOST]
    return [each for each in kept if any(each is one for one in largest)]


def flat(image: Image.Image) -> Image.Image:
    """RGB, transparency laid on white paper, no larger than is ever shown."""
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGB", layered.size, (255, 255, 255))
        paper.paste(layered, mask=layered.getchannel("A"))
        return paper
    return image.convert("RGB")


def write(chosen: list[Found], out_dir: Path) -> list[dict[str, str]]:
    """JPEG files of pixels alone: `{name, alt}` each."""
    made = []
    for number, each in enumerate(chosen, 1):
        name = f"{number}.jpg"
        bare = Image.frombytes("RGB", each.image.size, each.image.tobytes())
        bare.save(out_dir / name, "JPEG", quality=92)
        made.append({"name": name, "alt": each.alt})
    return made
