"""What is hidden is gone: from every size and format, from every frame, and nothing else changes."""

import random
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from app.media import blur, child, faces, images, probe, video
from app.media.blur_child import hide, place
from tests.media import pictures, portraits

NAMES = [f"{side}.{end}" for side in (2048, 1024, 400) for end in ("webp", "jpg")]
FACE = (200, 80, 320)


def test_nothing_comes_out_of_a_zone_but_sixteen_rough_colours() -> None:
    """The pixels of each sixteenth are shuffled and moved by a few levels: what is hidden stays the same to the bit."""
    dice = random.Random(5)
    first = Image.new("RGB", (80, 80))
    first.putdata([tuple(dice.choices(range(64, 180), k=3)) for _ in range(6400)])
    second = shuffled(first, dice)
    assert ImageChops.difference(first, second).getbbox() == (0, 0, 80, 80)
    for picture in (first, second):
        child.hide(picture, [0.0, 0.0, 1.0, 1.0])
    assert first.tobytes() == second.tobytes()
    middles = {first.getpixel((10 + 20 * x, 10 + 20 * y)) for x in range(4) for y in range(4)}
    assert len(middles) <= 16


def shuffled(picture: Image.Image, dice: random.Random) -> Image.Image:
    pixels = np.array(picture)
    for x in range(0, 80, 20):
        for y in range(0, 80, 20):
            cell = pixels[y : y + 20, x : x + 20].reshape(-1, 3)
            pixels[y : y + 20, x : x + 20] = cell[dice.sample(range(400), 400)].reshape(20, 20, 3)
    return Image.fromarray(pixels)


def test_a_plane_of_a_video_keeps_as_little() -> None:
    dice = np.random.default_rng(5)
    plane = dice.integers(60, 180, (64, 64), dtype=np.uint8)
    other = plane.reshape(4, 16, 4, 16)[:, ::-1, :, ::-1].reshape(64, 64).copy()
    for each in (plane, other):
        hide(each, (0, 0, 1, 1), even=2)
    assert (plane == other).all()
    assert len({int(plane[8 + 16 * y, 8 + 16 * x]) // 16 for x in range(4) for y in range(4)}) <= 16


@pytest.mark.parametrize("box", [(0.999, 0.999, 0.001, 0.001), (0, 0, 1e-6, 1e-6), (-0.1, -0.1, 1.5, 1.5)])
def test_zones_at_the_edge_are_painted_within_it(box: Any) -> None:
    for side in (1, 2, 5, 64):
        plane = np.full((side, side), 77, np.uint8)
        hide(plane, box, even=2)
        hide(plane, box, even=1)
        picture = Image.new("RGB", (side, side), (77, 77, 77))
        child.hide(picture, list(box))
        assert picture.size == plane.shape == (side, side)
        assert 72 in plane
        assert (72, 72, 72) in {colour for _, colour in picture.getcolors() or []}


def test_the_finder_no_longer_finds_who_is_hidden_in_a_photo(tmp_path: Path) -> None:
    original = portraits.saved(portraits.scene(640, 480, FACE), tmp_path / "a.jpg")
    images.process(original, tmp_path)
    found = faces.find_in_photo(tmp_path / "2048.jpg")
    assert len(found) == 1
    made = blur.blur_photo(original, tmp_path, found, prefix="b0123abcd-")
    assert list(made) == [f"b0123abcd-{name}" for name in NAMES]
    for name, each in made.items():
        with Image.open(tmp_path / name) as picture:
            assert picture.size == (each["width"], each["height"])
            picture.convert("RGB").save(tmp_path / "look.jpg")
            assert rough(picture.convert("RGB"), found[0])
            assert alike_outside(picture.convert("RGB"), tmp_path / name.removeprefix("b0123abcd-"), found[0])
        assert (tmp_path / name).stat().st_size == each["size"]
        assert each["set"] == "blur"
    assert faces.find_in_photo(tmp_path / "b0123abcd-2048.jpg") == []
    assert faces.find_in_photo(tmp_path / "look.jpg") == []


def rough(picture: Image.Image, zone: dict[str, Any]) -> bool:
    """No finer than 4 × 4: making it as small as that and large again changes no more than the coding does."""
    x, y = zone["x"] * picture.width + 3, zone["y"] * picture.height + 3
    part = np.array(
        picture.crop((x, y, x + zone["width"] * picture.width - 6, y + zone["height"] * picture.height - 6))
    )
    fine = cv2.Laplacian(cv2.GaussianBlur(part, (0, 0), 1.5), cv2.CV_64F)
    return float(np.abs(fine).mean()) < 1.0


def alike_outside(picture: Image.Image, plain: Path, zone: dict[str, Any]) -> bool:
    with Image.open(plain) as other:
        difference = ImageChops.difference(picture, other.convert("RGB"))
    x, y = int(zone["x"] * picture.width) - 16, int(zone["y"] * picture.height) - 16
    right, bottom = x + int(zone["width"] * picture.width) + 32, y + int(zone["height"] * picture.height) + 32
    difference.paste((0, 0, 0), (max(x, 0), max(y, 0), right, bottom))
    return max(ImageStat.Stat(difference).mean) < 1.0


def test_the_reader_of_roughness_sees_a_face() -> None:
    """Negative control."""
    assert not rough(portraits.scene(640, 480, FACE), {"x": 0.38, "y": 0.13, "width": 0.36, "height": 0.76})


def test_a_photo_that_lies_is_blurred_where_it_stands_upright(tmp_path: Path) -> None:
    upright = portraits.scene(640, 480, FACE)
    exif = pictures.told_all(6)
    original = tmp_path / "a.jpg"
    upright.transpose(pictures.LAID[6]).save(original, "JPEG", quality=90, **exif)
    images.process(original, tmp_path)
    found = faces.find_in_photo(tmp_path / "2048.jpg")
    blur.blur_photo(original, tmp_path, found, prefix="b1-")
    assert len(found) == 1
    assert faces.find_in_photo(tmp_path / "b1-2048.jpg") == []
    assert pictures.CANARY.encode() not in (tmp_path / "b1-2048.jpg").read_bytes()


def test_a_photo_that_does_not_open_is_refused_for_good(tmp_path: Path) -> None:
    broken = tmp_path / "a.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    with pytest.raises(blur.BlurRefused) as refused:
        blur.blur_photo(broken, tmp_path, [], prefix="b1-")
    assert refused.value.code == "blur_broken"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A film as video.py makes it for the public."""
    folder = tmp_path / "plain"
    folder.mkdir()
    clip = portraits.walk(tmp_path / "clip", seconds=1.4)
    video.make(clip, folder, probe.probe(clip))
    return folder


def test_the_finder_no_longer_finds_who_is_hidden_in_a_video(plain: Path, tmp_path: Path) -> None:
    out, said = tmp_path / "out", list[int]()
    out.mkdir()
    found, tracks = faces.find_in_video(plain / "480.mp4", duration=1.4)
    made = blur.blur_video(plain, out, found, tracks, prefix="b1-", progress=said.append)
    assert list(made) == ["b1-720.mp4", "b1-480.mp4", "b1-poster.webp", "b1-poster.jpg"]
    assert sorted(path.name for path in out.iterdir()) == sorted(made)
    for name in ("720.mp4", "480.mp4"):
        assert faces.find_in_video(out / f"b1-{name}", duration=1.4) == ([], [])
        assert times(out / f"b1-{name}") == times(plain / name)
        assert sound(out / f"b1-{name}") == sound(plain / name) != b""
        assert made[f"b1-{name}"]["size"] == (out / f"b1-{name}").stat().st_size
    assert faces.find_in_photo(out / "b1-poster.jpg") == []
    assert len(faces.find_in_photo(plain / "poster.jpg")) == 1
    assert said == sorted(set(said)) != []
    assert told(out / "b1-720.mp4") == told(plain / "720.mp4")
    one, other = frame(out / "b1-720.mp4", 10), frame(plain / "720.mp4", 10)
    assert np.abs(one[:, 240:].astype(int) - other[:, 240:]).mean() < 2


def times(path: Path) -> list[float]:
    with av.open(str(path)) as opened:
        return [float(each.time or 0) for each in opened.decode(video=0)]


def sound(path: Path) -> bytes:
    with av.open(str(path)) as opened:
        return b"".join(bytes(packet) for packet in opened.demux(audio=0))


def frame(path: Path, number: int) -> Any:
    with av.open(str(path)) as opened:
        return [each.to_ndarray(format="rgb24") for each in opened.decode(video=0)][number]


def told(path: Path) -> Any:
    """All that is said beside the pictures."""
    with av.open(str(path)) as opened:
        codec = opened.streams.video[0].codec_context
        colours = (codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range)
        return opened.metadata, [stream.metadata for stream in opened.streams], colours, opened.start_time


def test_a_zone_drawn_by_hand_hides_between_its_times(tmp_path: Path) -> None:
    plain, out = tmp_path / "plain", tmp_path / "out"
    plain.mkdir()
    out.mkdir()
    clip = portraits.film(tmp_path / "clip", [portraits.scene(320, 240, (60, 20, 200))] * 20, rate=10, sound=False)
    video.make(clip, plain, probe.probe(clip))
    zone = {"x": 0.3, "y": 0.1, "width": 0.4, "height": 0.8, "from": 0.5, "to": 1.2, "track": 99}
    blur.blur_video(plain, out, [zone], [], prefix="b1-")
    changed = [
        np.abs(frame(out / "b1-720.mp4", n)[60:180, 110:210].astype(int) - frame(plain / "720.mp4", n)[60:180, 110:210])
        for n in range(20)
    ]
    assert [each.mean() > 8 for each in changed] == [5 <= n <= 12 for n in range(20)]


def test_a_film_of_one_picture_and_zones_of_nobody(tmp_path: Path) -> None:
    plain, out = tmp_path / "plain", tmp_path / "out"
    plain.mkdir()
    out.mkdir()
    clip = portraits.film(tmp_path / "clip", [portraits.scene(320, 240)], rate=1, sound=False)
    video.make(clip, plain, probe.probe(clip))
    made = blur.blur_video(plain, out, [], [], prefix="b1-")
    assert all(each["size"] > 0 for each in made.values())
    assert times(out / "b1-480.mp4") == [0.0]


def test_a_film_that_does_not_open_is_refused_for_good(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (plain / "720.mp4").write_bytes((plain / "720.mp4").read_bytes()[:900])
    with pytest.raises(blur.BlurRefused) as refused:
        blur.blur_video(plain, tmp_path / "out", [], [], prefix="b1-")
    assert refused.value.code == "blur_broken"


def test_where_a_zone_is_between_two_looks() -> None:
    zone = {"from": 1.0, "to": 3.0, "boxes": [[1.0, 0.0, 0.0, 0.1, 0.1], [2.0, 0.2, 0.4, 0.1, 0.3]]}
    assert place(zone, 1.5) == pytest.approx((0.1, 0.2, 0.1, 0.2))
    assert place(zone, 2.9) == pytest.approx((0.2, 0.4, 0.1, 0.3))
    assert place(zone, 0.9) is place(zone, 3.1) is None
