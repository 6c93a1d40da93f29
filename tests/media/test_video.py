"""From a video to what everybody can play: upright, even, of one loudness, and silent about its making."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import av
import pytest
from PIL import Image

from app.media import ffmpeg, loudness, probe, video
from tests.media import clips, pictures, traces

QUICK = video.Quality(preset="ultrafast")
NAMES = ["720.mp4", "480.mp4", "poster.webp", "poster.jpg"]


@cache
def made(clip: Path) -> tuple[Path, video.MadeVideo, probe.Facts]:
    """Where its derivatives lie, what was said of them, and what it was."""
    folder = Path(tempfile.mkdtemp(dir=clips.folder()))
    facts = probe.probe(clip)
    return folder, video.make(clip, folder, facts, quality=QUICK), facts


def seen(path: Path) -> tuple[str, tuple[int, int], float, float, str | None]:
    """Codec, size, pictures per second, seconds and the sound's codec of what was made: it is ours to open."""
    with av.open(str(path)) as opened:
        picture, heard = opened.streams.video[0], list(opened.streams.audio)
        coded = picture.codec_context
        rate, seconds = float(picture.average_rate or 0), float(opened.duration or 0) / 1_000_000
        return coded.name, (coded.width, coded.height), rate, seconds, heard[0].codec_context.name if heard else None


def shape(width: int, height: int) -> probe.Picture:
    return probe.Picture(0, "h264", width, height, 0, 30.0, False, 1, 8, "", False, False)


@pytest.mark.parametrize(
    ("size", "large", "small"),
    [
        ((1920, 1080), (1280, 720), (854, 480)),
        ((1080, 1920), (720, 1280), (480, 854)),
        ((3840, 2160), (1280, 720), (854, 480)),
        ((1280, 720), (1280, 720), (854, 480)),
        ((640, 480), (640, 480), (640, 480)),
        ((161, 121), (160, 120), (160, 120)),
        ((4000, 400), (1280, 128), (854, 86)),
        ((1, 9), (2, 8), (2, 8)),
    ],
)
def test_sizes_fit_are_even_and_never_larger(
    size: tuple[int, int], large: tuple[int, int], small: tuple[int, int]
) -> None:
    assert [video.target(shape(*size), each) for each in video.RENDITIONS] == [large, small]


def test_a_video_becomes_two_mp4_and_two_posters() -> None:
    folder, result, _ = made(clips.video(1.0, 1000, 600))
    assert [each.name for each in result.derivatives] == NAMES
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert (result.width, result.height) == (1000, 600)
    sizes = {each.name: (each.width, each.height) for each in result.derivatives}
    assert sizes == dict.fromkeys(NAMES, (1000, 600)) | {"480.mp4": (800, 480)}
    for each in result.derivatives:
        assert each.bytes == (folder / each.name).stat().st_size
        if each.type == "video/mp4":
            codec, size, _, _, sound = seen(folder / each.name)
            assert (codec, size, sound) == ("h264", sizes[each.name], "aac")
        else:
            with Image.open(folder / each.name) as poster:
                assert poster.size == (1000, 600)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_every_way_of_holding_the_phone_is_shown_upright(turned: int) -> None:
    folder, _, _ = made(clips.phone(turned))
    for name in ("poster.jpg", "poster.webp"):
        for shown, wanted in zip(pictures.corners(folder / name), pictures.CORNERS, strict=True):
            assert max(abs(a - b) for a, b in zip(shown, wanted, strict=True)) < 24
    assert seen(folder / "720.mp4")[1] == (160, 120)


@pytest.mark.parametrize("clip", [clips.video, clips.phone, clips.with_all_streams, clips.script_tail, clips.ten_bits])
def test_nothing_tells_where_when_by_whom_or_with_what(clip: Callable[[], Path]) -> None:
    folder, _, _ = made(clip())
    for name in NAMES:
        assert traces.found(folder / name) == [], name


def test_the_search_for_traces_finds_them(tmp_path: Path) -> None:
    """The negative control: a careless transcode of the same phone's video."""
    clips.ffmpeg("-i", clips.phone(), "-c:v", "libx264", *clips.FAST, "-f", "mp4", tmp_path / "careless.mp4")
    found = traces.found(tmp_path / "careless.mp4")
    assert {clips.CANARY, "Lavc", "x264", "udta says something"} <= set(found)
    assert "supplemental information" in found
    assert {"mvhd: a date", "box loci"} & set(traces.found(clips.video()))


def test_it_starts_before_it_is_all_there() -> None:
    folder, _, _ = made(clips.video())
    names = [name for name, _ in traces.boxes((folder / "720.mp4").read_bytes())]
    assert names.index("moov") < names.index("mdat")


def test_hdr_becomes_what_every_screen_shows() -> None:
    folder, _, _ = made(clips.ten_bits())
    with av.open(str(folder / "720.mp4")) as opened:
        coded = opened.streams.video[0].codec_context
        assert (coded.pix_fmt, coded.color_trc, coded.color_primaries, coded.colorspace) == ("yuv420p", 1, 1, 1)
    red, green, blue, _yellow = pictures.corners(folder / "poster.jpg")
    assert red[0] > 1.5 * max(red[1:])
    assert green[1] > 1.5 * max(green[0], green[2])
    assert blue[2] > 1.5 * max(blue[:2])


def test_an_uneven_rate_becomes_even_and_at_most_thirty() -> None:
    folder, _, facts = made(clips.variable_rate())
    assert facts.picture is not None
    assert facts.picture.variable
    _, _, rate, seconds, _ = seen(folder / "720.mp4")
    assert rate == pytest.approx(30, abs=0.1)
    assert seconds == pytest.approx(facts.duration, abs=0.2)


@pytest.mark.parametrize("clip", [clips.one_frame, clips.odd, clips.mute, clips.old_phone, clips.recorder, clips.huge])
def test_odd_ones_play_too(clip: Callable[[], Path]) -> None:
    folder, result, facts = made(clip())
    assert [each.name for each in result.derivatives] == NAMES
    codec, size, _, seconds, sound = seen(folder / "480.mp4")
    assert codec == "h264"
    assert size[0] % 2 == size[1] % 2 == 0
    assert (sound is None) == (facts.sound is None)
    assert seconds == pytest.approx(facts.duration, abs=0.25)


def test_points_become_square() -> None:
    folder, _, _ = made(clips.anamorphic())
    with av.open(str(folder / "480.mp4")) as opened:
        stream = opened.streams.video[0]
        assert (stream.codec_context.width, stream.codec_context.height) == (320, 120)
        assert stream.sample_aspect_ratio in {None, 1}


def test_the_voice_has_one_loudness_and_the_picture_keeps_its_time(tmp_path: Path) -> None:
    folder, result, facts = made(clips.quick_start())
    assert result.loudness is not None
    assert result.loudness < -20
    after = loudness.measure(folder / "720.mp4", facts, tmp_path)
    assert after == pytest.approx(loudness.TARGET, abs=1.0)
    assert seen(folder / "720.mp4")[3] == pytest.approx(4.0, abs=0.1)


def test_doing_it_again_makes_the_same_bytes(tmp_path: Path) -> None:
    folder, _, facts = made(clips.video())
    video.make(clips.video(), tmp_path, facts, quality=QUICK)
    assert {name: (tmp_path / name).read_bytes() for name in NAMES} == {
        name: (folder / name).read_bytes() for name in NAMES
    }


def test_it_says_how_far_it_is(tmp_path: Path) -> None:
    heard: list[int] = []
    _, _, facts = made(clips.quick_start())
    video.make(clips.quick_start(), tmp_path, facts, quality=QUICK, report=heard.append)
    assert heard
    assert heard == sorted(set(heard))
    assert max(heard) <= 99


def test_threads_are_bounded() -> None:
    _, _, facts = made(clips.video())
    arguments = video.arguments(clips.video(), Path("/x"), facts, measured=-20, quality=QUICK, poster=0)
    given = [arguments[at + 1] for at, each in enumerate(arguments) if each == "-threads"]
    assert set(given) == {str(ffmpeg.THREADS)}
