"""The program that decodes photos: started once by `images.py`, it forks one limited process for each photo.

It runs alone (`python -I child.py`, an almost empty environment, nothing of the app imported): what breaks
into a decoder finds no secret and no database handle, and dies with its photo. Photos are asked for on a
socket (its number is the argument), each with a socket of its own for the answer, in JSON lines: `{"ok": …}`
or `{"code": …}` from the decoding process, then `{"exit": …}` from the one that watches it.
"""

import errno
import io
import json
import os
import resource
import signal
import socket
import sys
from math import ceil, floor
from pathlib import Path
from typing import Any

import pi_heif
from PIL import Image, ImageCms, UnidentifiedImageError

Image.MAX_IMAGE_PIXELS = None  # ours is exact; Pillow's warns at one size and raises at twice
SIZES = (2048, 1024, 400)
FORMATS = {"jpeg": ["JPEG", "MPO"], "png": ["PNG"], "webp": ["WEBP"], "avif": ["AVIF"], "heic": ["HEIF"]}
EXTENSIONS = {"webp": "webp", "jpeg": "jpg"}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
IDLE = 600.0  # seconds without a photo after which the program ends and gives its memory back
WHITE = (255, 255, 255)
CONTRAST = 16  # of 256 levels: below, all pictures look the same
CELLS = 4  # across and down what is hidden


class Refused(Exception):
    """Args: the stable code."""


def serve(control: socket.socket) -> None:
    """Forks for each photo asked for, until the other side closes or nothing comes for a while."""
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    Image.init()  # every format's code is here before the first fork, not loaded again for each photo
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the watchers are nobody's to wait for
    control.settimeout(IDLE)
    control.send(b"ready")
    while True:
        try:
            message, handles, _, _ = socket.recv_fds(control, 65536, 1)
        except TimeoutError:
            return
        if not message:
            os.killpg(0, signal.SIGKILL)  # the worker is gone, so is whoever wanted these photos
        if os.fork() == 0:
            control.close()
            _watch(json.loads(message), socket.socket(fileno=handles[0]))
        os.close(handles[0])


def _watch(asked: dict[str, Any], answer: socket.socket) -> None:
    """Forks the decoding process and says how it ended: a process killed by its limits cannot."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        _work(asked, answer)
    _, status = os.waitpid(child, 0)
    _say(answer, {"exit": os.waitstatus_to_exitcode(status)})
    os._exit(0)


def _work(asked: dict[str, Any], answer: socket.socket) -> None:
    try:
        _limit(**asked["limits"])
        _say(answer, {"ok": process(asked)})
    except Refused as refusal:
        _say(answer, {"code": refusal.args[0]})
    except MemoryError:
        _say(answer, {"code": "image_too_large"})
    except OSError as fault:
        codes = {errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EFBIG: "image_too_large"}
        _say(answer, {"code": codes.get(fault.errno or 0, "image_broken"), "detail": repr(fault)[:200]})
    except BaseException as fault:  # noqa: BLE001 - a decoder may raise anything; the answer must be said
        _say(answer, {"code": "image_broken", "detail": repr(fault)[:200]})
    os._exit(0)


def _say(answer: socket.socket, words: dict[str, Any]) -> None:
    answer.sendall(json.dumps(words).encode() + b"\n")


def _limit(*, seconds: float, cpu: int, memory: int, file_size: int) -> None:
    """Limits that the kernel holds, whatever the decoder does. Memory in bytes of address space."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    # The hard limit on processor time is a second later: its SIGKILL would look like that of a full machine.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # pages before photos


def process(asked: dict[str, Any]) -> dict[str, Any]:
    """Opens `source` as `kind`; writes the derivatives into `out_dir`, or only measures if that is None."""
    image = _open(asked["source"], asked["kind"], asked["pixels"])
    width, height = image.size
    if asked["out_dir"] is None:
        image.draft(None, (width // 8 or 1, height // 8 or 1))  # read to its end, at an eighth of the work
        image.load()
        return {"width": width, "height": height}
    profile = image.info.get("icc_profile")
    image.draft(None, (SIZES[0], SIZES[0]))  # JPEG decodes at a half or less by itself where that is enough
    image.load()
    orientation = _orientation(image)  # after loading: PNG may have it behind the pixels
    # Made smaller first: colours and turning then cost a fifth.
    picture = _srgb(_within(_flat(image), SIZES[0]), profile)
    if orientation in TURNS:
        picture = picture.transpose(TURNS[orientation])
    if orientation >= 5:
        width, height = height, width
    for zone in asked["zones"]:
        hide(picture, zone)
    made = _write_all(picture, Path(asked["out_dir"]), asked["prefix"])
    seen = {"colour": dominant(picture), "likeness": likeness(picture)}
    return {"width": width, "height": height, "made": made} | seen


def _open(source: str, kind: str, pixels: int) -> Image.Image:
    """From the header alone: nothing is decoded yet."""
    try:
        image = Image.open(source, formats=FORMATS[kind])
    except UnidentifiedImageError:
        raise Refused("image_broken") from None
    if image.width * image.height > pixels:
        raise Refused("image_too_large")
    if image.width < 1 or image.height < 1:
        raise Refused("image_broken")
    return image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # noqa: BLE001 - broken EXIF is common, and no reason to refuse a photo
        return 1


def _flat(image: Image.Image) -> Image.Image:
    """Grey, RGB or CMYK, without transparency: drawings on nothing are meant for white paper."""
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image)
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode in ("1", "YCbCr", "LAB", "HSV") and "transparency" not in image.info:
        return image.convert("L" if image.mode == "1" else "RGB")
    if image.mode == "P" and "transparency" not in image.info and image.palette and image.palette.mode == "RGB":
        return image.convert("RGB")
    layered = image if image.mode == "RGBA" else image.convert("RGBA")
    paper = Image.new("RGB", layered.size, WHITE)
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen bits of grey: convert("L") would cut everything above 255 to white."""
    wide = image.convert("I") if image.mode != "F" else image
    return wide.point(lambda level: level * (1 / 257)).convert("L")


def _within(image: Image.Image, side: int) -> Image.Image:
    """At most `side` on its longest side, never larger than it was, never thinner than a pixel."""
    ratio = side / max(image.size)
    if ratio >= 1:
        return image
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(image, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if made is not None:
                return made
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a profile that is broken, or of another kind of picture: as if there were none
    return image.convert("RGB")


def dominant(image: Image.Image) -> str:
    """#rrggbb of the most frequent of eight colours: what stands in the place of a photo not loaded yet."""
    few = image.resize((64, 64), Image.Resampling.BOX).quantize(8, Image.Quantize.MEDIANCUT)
    counts = few.histogram()
    index = counts.index(max(counts))
    palette = few.getpalette() or []
    return "#{:02x}{:02x}{:02x}".format(*palette[index * 3 : index * 3 + 3])


def likeness(image: Image.Image) -> str:
    """64 bits in hexadecimal: where it grows lighter from left to right. "" for what has next to no contrast."""
    few = image.convert("L").resize((9, 8), Image.Resampling.BOX)
    points = few.tobytes()
    if max(points) - min(points) < CONTRAST:
        return ""
    bits = "".join("01"[points[row * 9 + n] < points[row * 9 + n + 1]] for row in range(8) for n in range(8))
    return f"{int(bits, 2):016x}"


def hide(image: Image.Image, zone: list[float]) -> None:
    """Paints over a rectangle (x, y, width, height as fractions) with what 4 × 4 rough colours say of it.

    Nothing finer comes out of 16 colours of 16 levels; the smooth passage between them adds nothing.
    """
    x, y, width, height = zone
    left, top = max(0, floor(x * image.width)), max(0, floor(y * image.height))
    right = max(left + 1, min(image.width, ceil((x + width) * image.width)))
    bottom = max(top + 1, min(image.height, ceil((y + height) * image.height)))
    part = image.crop((left, top, right, bottom))
    few = part.resize((min(CELLS, part.width), min(CELLS, part.height)), Image.Resampling.BOX)
    rough = few.point([level // 16 * 16 + 8 for level in range(256)] * 3)
    image.paste(rough.resize(part.size, Image.Resampling.BILINEAR), (left, top))


def _write_all(image: Image.Image, folder: Path, prefix: str) -> list[dict[str, Any]]:
    made = []
    for side in SIZES:
        image = _within(image, side)
        # A new picture of the pixels alone: whatever the file carried beside them has no way in.
        bare = Image.frombytes("RGB", image.size, image.tobytes())
        for kind, extension in EXTENSIONS.items():
            name = f"{prefix}{side}.{extension}"
            length = _write(bare, folder / name, kind)
            made.append({"name": name, "type": f"image/{kind}", "width": bare.width, "height": bare.height})
            made[-1]["bytes"] = length
    return made


def _write(image: Image.Image, target: Path, kind: str) -> int:
    """Written beside, then renamed: a second run replaces, a killed one leaves no half file there."""
    made = io.BytesIO()
    if kind == "webp":
        image.save(made, "WEBP", quality=80, method=4)
    else:
        image.save(made, "JPEG", quality=80, optimize=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(made.getbuffer())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return made.tell()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
