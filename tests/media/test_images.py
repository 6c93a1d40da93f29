"""The photo pipeline on real files: what comes out, what is refused, what the limits hold."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from PIL import Image

from app.errors import DiskFull
from app.media import images
from app.media.images import DecoderLost, ImageRefused, Limits, process
from app.media.sniff import Kind
from tests.media.pictures import (
    CANARY,
    CORNERS,
    GREEN,
    RED,
    bomb,
    corners,
    encoded,
    heic,
    noise,
    photo,
    quarters,
    swapped_profile,
    told_all,
)

NAMES = ["1024.jpg", "1024.webp", "2048.jpg", "2048.webp", "400.jpg", "400.webp"]
PLAIN = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density"),
    *("loop", "background", "timestamp", "duration"),
}
TELLTALE = [b"Exif", b"EXIF", b"GPS", b"ICC", b"http://ns.adobe", b"xmpmeta", b"Photoshop", CANARY.encode()]


@pytest.fixture(scope="module", autouse=True)
def _program() -> Iterator[None]:
    yield
    images.shutdown()


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """49 megapixels: allowed, and seconds of work."""
    return noise(tmp_path_factory.mktemp("heavy") / "a.png", 7000)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def refusal(source: Path, out: Path, **options: object) -> str:
    """The code a file is refused with; nothing may be left in the folder."""
    with pytest.raises(ImageRefused) as refused:
        process(source, out, **options)  # type: ignore[arg-type]
    assert refused.value.status == 422
    assert refused.value.message == images.MESSAGES[refused.value.code]
    assert list(out.iterdir()) == []
    return refused.value.code


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 14) -> bool:
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


def assert_only_pixels(out: Path) -> None:
    for made in out.iterdir():
        data = made.read_bytes()
        assert [word for word in TELLTALE if word in data] == []
        with Image.open(made) as image:
            assert image.getexif() == {}
            assert set(image.info) <= PLAIN
        if made.suffix == ".jpg":
            # JFIF header, tables, frame, scan: no application segment but the first, no comment.
            assert data[2:4] == b"\xff\xe0"
            assert [marker for marker in segments(data) if 0xE1 <= marker <= 0xEF or marker == 0xFE] == []
        else:
            assert data[12:16] == b"VP8 "  # the plain form has no room for metadata


def segments(jpeg: bytes) -> list[int]:
    at, found = 2, []
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def assert_upright(out: Path) -> None:
    for made in out.iterdir():
        assert all(near(a, b) for a, b in zip(corners(made), CORNERS, strict=True)), made.name


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_comes_out_upright_and_bare(tmp_path: Path, out: Path, orientation: int) -> None:
    source = photo(tmp_path / "a.jpg", orientation)
    assert CANARY.encode() in source.read_bytes()
    result = process(source, out)
    assert (result.kind, result.width, result.height) == (Kind.JPEG, 600, 400)
    assert sorted(each.name for each in result.derivatives) == sorted(path.name for path in out.iterdir()) == NAMES
    assert_upright(out)
    assert_only_pixels(out)


def test_the_result_says_what_is_in_the_files(tmp_path: Path, out: Path) -> None:
    quarters(3000, 2000).save(tmp_path / "a.jpg")
    result = process(tmp_path / "a.jpg", out)
    assert [(each.name, each.width, each.height) for each in result.derivatives] == [
        ("2048.webp", 2048, 1365),
        ("2048.jpg", 2048, 1365),
        ("1024.webp", 1024, 682),
        ("1024.jpg", 1024, 682),
        ("400.webp", 400, 266),
        ("400.jpg", 400, 266),
    ]
    for each in result.derivatives:
        with Image.open(out / each.name) as image:
            assert image.size == (each.width, each.height)
            assert image.get_format_mimetype() == each.type
        assert (out / each.name).stat().st_size == each.bytes


def test_a_small_photo_is_never_made_larger(tmp_path: Path, out: Path) -> None:
    quarters(500, 300).save(tmp_path / "a.png")
    result = process(tmp_path / "a.png", out)
    assert [(each.width, each.height) for each in result.derivatives[::2]] == [
        (500, 300),
        (500, 300),
        (400, 240),
    ]


@pytest.mark.parametrize("size", [(1, 1), (1, 9000), (30_000, 2), (65_000, 1)])
def test_odd_shapes_keep_at_least_a_pixel(tmp_path: Path, out: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, RED).save(tmp_path / "a.png")
    result = process(tmp_path / "a.png", out)
    assert (result.width, result.height) == size
    assert all(min(each.width, each.height) >= 1 for each in result.derivatives)
    assert all(max(each.width, each.height) <= 2048 for each in result.derivatives)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heic_is_read_and_turned_once(tmp_path: Path, out: Path, orientation: int) -> None:
    result = process(heic(tmp_path / "IMG_0001.HEIC", orientation), out)
    assert (result.kind, result.width, result.height) == (Kind.HEIC, 600, 400)
    assert_upright(out)
    assert_only_pixels(out)


@pytest.mark.parametrize("kind", ["AVIF", "WEBP", "PNG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_other_kinds_too(tmp_path: Path, out: Path, kind: str, orientation: int) -> None:
    image = quarters()
    if orientation == 6:
        image = image.transpose(Image.Transpose.ROTATE_90)
    told = told_all(orientation)
    if kind == "PNG":
        del told["xmp"]
    (tmp_path / "a.jpg").write_bytes(encoded(image, kind, quality=95, **told))
    assert CANARY.encode() in (tmp_path / "a.jpg").read_bytes()
    result = process(tmp_path / "a.jpg", out)
    assert (result.kind, result.width, result.height) == (kind.lower(), 600, 400)
    assert_upright(out)
    assert_only_pixels(out)


def test_an_embedded_profile_is_applied_then_left_out(tmp_path: Path, out: Path) -> None:
    Image.new("RGB", (300, 200), (255, 0, 0)).save(tmp_path / "a.jpg", icc_profile=swapped_profile(), quality=95)
    process(tmp_path / "a.jpg", out)
    for made in out.iterdir():
        red, green, blue = corners(made)[0]
        assert (red < 60, green > 200, blue < 60) == (True, True, True)
    assert_only_pixels(out)


@pytest.mark.parametrize("profile", [b"not a profile", b"", None])
def test_cmyk_comes_out_in_its_colours_whatever_its_profile(tmp_path: Path, out: Path, profile: bytes | None) -> None:
    quarters(mode="CMYK").save(tmp_path / "a.jpg", quality=95, icc_profile=profile)
    process(tmp_path / "a.jpg", out)
    assert_upright(out)


def test_a_profile_for_another_kind_of_picture_is_ignored(tmp_path: Path, out: Path) -> None:
    quarters(mode="CMYK").save(tmp_path / "a.jpg", quality=95, icc_profile=told_all()["icc_profile"])
    process(tmp_path / "a.jpg", out)
    assert_upright(out)


def test_transparency_lies_on_white(tmp_path: Path, out: Path) -> None:
    layered = quarters(mode="RGBA")
    layered.paste((0, 0, 0, 0), (0, 0, 300, 200))
    layered.save(tmp_path / "rgba.png")
    layered.quantize(16).save(tmp_path / "palette.png")
    layered.convert("RGB").save(tmp_path / "key.png", transparency=(0, 0, 0))
    layered.save(tmp_path / "layered.webp", lossless=True)
    for source in ("rgba.png", "palette.png", "key.png", "layered.webp"):
        process(tmp_path / source, out)
        for made in out.iterdir():
            found = corners(made)
            assert near(found[0], (255, 255, 255)), (source, made.name)
            assert near(found[1], GREEN, by=30), (source, made.name)


def test_sixteen_bits_and_one_bit_keep_their_greys(tmp_path: Path, out: Path) -> None:
    Image.new("I;16", (300, 200), 128 * 257).save(tmp_path / "a.png")
    process(tmp_path / "a.png", out)
    assert near(corners(out / "400.webp")[0], (128, 128, 128), by=3)
    Image.new("1", (300, 200), 1).save(tmp_path / "a.png")
    process(tmp_path / "a.png", out)
    assert near(corners(out / "400.jpg")[0], (255, 255, 255), by=3)


def test_the_first_picture_of_an_animation_is_taken(tmp_path: Path, out: Path) -> None:
    frames = [Image.new("RGB", (300, 200), RED), Image.new("RGB", (300, 200), GREEN)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=100)
    process(tmp_path / "a.webp", out)
    assert near(corners(out / "400.jpg")[0], RED)
    assert near(corners(out / "400.webp")[0], RED)


def test_the_dominant_colour_is_the_most_frequent(tmp_path: Path, out: Path) -> None:
    image = Image.new("RGB", (300, 200), (16, 32, 200))
    image.paste((250, 250, 0), (0, 0, 120, 200))
    image.save(tmp_path / "a.png")
    assert process(tmp_path / "a.png", out).colour == "#1020c8"


def test_twice_gives_the_same_files(tmp_path: Path, out: Path) -> None:
    source = photo(tmp_path / "a.jpg")
    first = process(source, out), {path.name: path.read_bytes() for path in out.iterdir()}
    again = process(source, out), {path.name: path.read_bytes() for path in out.iterdir()}
    assert first == again


def test_measuring_refuses_what_would_be_refused_later(tmp_path: Path) -> None:
    assert images.measure(photo(tmp_path / "a.jpg", 6)) == (Kind.JPEG, 400, 600)
    with pytest.raises(ImageRefused, match="trop grande"):
        images.measure(bomb(tmp_path / "b.png"))
    (tmp_path / "c.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:-400])
    with pytest.raises(ImageRefused, match="abîmée"):
        images.measure(tmp_path / "c.jpg")


# What is refused ------------------------------------------------------------------------------------------


def test_a_bomb_is_refused_before_it_is_opened_up(tmp_path: Path, out: Path) -> None:
    source = bomb(tmp_path / "a.png")
    assert source.stat().st_size < 25_000
    images.warm()
    begun = time.monotonic()
    assert refusal(source, out) == "image_too_large"
    assert time.monotonic() - begun < 1
    # Just as quick with memory for the header alone: nothing was decoded.
    assert refusal(source, out, limits=Limits(memory=400_000_000)) == "image_too_large"


def test_broken_photos_are_refused(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "a.jpg"
    whole = photo(source).read_bytes()
    for length in (20, 300, len(whole) // 2, len(whole) - 400):
        source.write_bytes(whole[:length])
        assert refusal(source, out) == "image_broken"
    for kind in ("PNG", "WEBP", "AVIF"):
        whole = encoded(quarters(), kind)
        source.write_bytes(whole[: len(whole) * 2 // 3])
        assert refusal(source, out) == "image_broken", kind
    whole = heic(source).read_bytes()
    source.write_bytes(whole[: len(whole) * 2 // 3])
    assert refusal(source, out) == "image_broken"


@pytest.mark.parametrize(
    "content",
    [
        b"Ceci est un texte.\n",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"",
        b"\0\x01\x02\x03",
        encoded(quarters(), "GIF"),
        encoded(quarters(), "TIFF"),
        b"#EXTM3U\nfile:///etc/hostname\n",
    ],
    ids=["text", "svg", "html", "pdf", "empty", "unknown", "gif", "tiff", "playlist"],
)
def test_what_is_no_photo_is_refused_whatever_its_name(tmp_path: Path, out: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    assert refusal(tmp_path / "a.jpg", out) == "image_kind"


def test_a_polyglot_loses_its_other_half(tmp_path: Path, out: Path) -> None:
    script = b"<html><script>alert('CANARI-7731')</script></html>"
    source = tmp_path / "a.jpg"
    source.write_bytes(encoded(quarters(), "JPEG", comment=script) + script)
    process(source, out)
    assert_only_pixels(out)
    assert all(b"<script" not in made.read_bytes() for made in out.iterdir())


# Limits ---------------------------------------------------------------------------------------------------


def test_too_long_by_the_clock_is_killed(heavy: Path, out: Path) -> None:
    images.warm()
    begun = time.monotonic()
    assert refusal(heavy, out, limits=Limits(seconds=0.2)) == "image_timeout"
    assert time.monotonic() - begun < 2
    assert settled()
    assert process(heavy, out).width == 7000  # the next one is not harmed, and this one was only slow


def test_too_long_by_the_processor_is_killed(heavy: Path, out: Path) -> None:
    assert refusal(heavy, out, limits=Limits(cpu=1)) == "image_timeout"
    assert settled()


def test_too_much_memory_is_refused(heavy: Path, out: Path) -> None:
    assert refusal(heavy, out, limits=Limits(memory=300_000_000)) == "image_too_large"


def test_the_largest_photos_fit_the_limits(tmp_path: Path, out: Path) -> None:
    quarters(7071, 7071, "RGBA").save(tmp_path / "a.png", compress_level=1)
    assert process(tmp_path / "a.png", out).width == 7071
    quarters(8000, 6000, "CMYK").save(tmp_path / "a.jpg", quality=50, subsampling=0, progressive=True)
    assert process(tmp_path / "a.jpg", out).width == 8000


def test_too_large_a_result_is_refused(tmp_path: Path, out: Path) -> None:
    source = noise(tmp_path / "a.png", 2000)
    assert refusal(source, out, limits=Limits(file_size=50_000)) == "image_too_large"


def test_a_killed_decoder_is_no_verdict_on_the_photo(heavy: Path, out: Path) -> None:
    """As a machine without memory left does it."""
    with killing(lambda: [each for each in decoding() if not each.children()]), pytest.raises(DecoderLost):
        process(heavy, out)
    assert settled()


def test_a_photo_nobody_answers_for_is_done_again_at_once(heavy: Path, out: Path) -> None:
    with killing(decoding):
        assert process(heavy, out).width == 7000
    assert sorted(path.name for path in out.iterdir() if not path.name.startswith(".")) == NAMES


@contextmanager
def killing(chosen: Callable[[], list[psutil.Process]]) -> Iterator[None]:
    """Kills the processes of the next photo once, in the middle of their work."""
    images.warm()

    def kill() -> None:
        while len(decoding()) < 2:
            time.sleep(0.005)
        time.sleep(0.1)
        for each in chosen():
            each.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    yield
    killer.join()


def test_a_crash_in_a_decoder_is_a_broken_photo() -> None:
    with pytest.raises(ImageRefused) as refused:
        images._judge({"exit": -int(signal.SIGSEGV)})
    assert refused.value.code == "image_broken"


def test_a_full_disk_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        images._judge({"code": "disk_full"})


def test_the_program_starts_again_after_its_end(tmp_path: Path, out: Path) -> None:
    source = photo(tmp_path / "a.jpg")
    images.warm()
    first = program()
    first.kill()
    first.wait(5)
    assert process(source, out).width == 600
    second = program()
    assert second.pid != first.pid
    images.shutdown()
    assert not second.is_running()
    images.shutdown()  # nothing more to end: nothing happens
    assert process(source, out).width == 600


def test_the_program_holds_no_secret_and_ends_with_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALOGUE_SECRET_KEY", CANARY)
    images.shutdown()
    images.warm()
    assert CANARY not in str(program().environ())
    assert program().open_files() == []
    decoder = program()
    assert images._decoder._control is not None
    images._decoder._control.shutdown(socket.SHUT_RDWR)  # what the kernel does when the worker is killed
    assert decoder.wait(5) == -signal.SIGKILL


def test_two_at_once_from_two_threads(tmp_path: Path) -> None:
    def one(number: int) -> list[tuple[int, ...]]:
        folder = tmp_path / str(number)
        folder.mkdir()
        process(photo(tmp_path / f"{number}.jpg", number % 8 + 1), folder)
        return corners(folder / "400.webp")

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(one, range(8)))
    assert all(near(a, b) for each in found for a, b in zip(each, CORNERS, strict=True))
    assert settled()


def program() -> psutil.Process:
    assert images._decoder._program is not None
    return psutil.Process(images._decoder._program.pid)


def decoding() -> list[psutil.Process]:
    """The two processes of each photo in work just now: the one that watches, the one that decodes."""
    return [each for each in program().children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]


def settled() -> bool:
    """Nothing of any photo is left running, an instant after its answer."""
    return any(not decoding() or time.sleep(0.02) for _ in range(50))  # type: ignore[func-returns-value]


def test_the_program_is_a_group_of_its_own() -> None:
    images.warm()
    assert os.getpgid(program().pid) == program().pid != os.getpgid(0)
