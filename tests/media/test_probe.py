"""What a recording is, found in its content; and why it is refused, each in its own words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.media import probe, sandbox
from app.media.failures import FAILURES, MediaRefused
from tests.media import clips

KNOWN: list[tuple[Callable[[], Path], dict[str, object]]] = [
    (clips.video, {"container": "mov", "video_codec": "h264", "audio_codec": "aac", "channels": 2, "fps": 15.0}),
    (clips.phone, {"container": "mov", "video_codec": "hevc", "rotation": 90, "hdr": False}),
    (clips.recorder, {"container": "matroska", "video_codec": "vp8", "audio_codec": "opus", "has_audio": True}),
    (clips.voice, {"container": "matroska", "audio_codec": "opus"}),
    (clips.old_phone, {"container": "mov", "video_codec": "h263", "audio_codec": "amrnb"}),
    (clips.amr, {"container": "amr", "sample_rate": 8000}),
    (clips.mp3, {"container": "mp3"}),
    (clips.wav, {"container": "wav"}),
    (clips.ogg, {"container": "ogg"}),
    (clips.flac, {"container": "flac"}),
    (clips.m4a, {"container": "mov"}),
    (clips.mute, {"has_audio": False}),
    (clips.one_frame, {"frames": 1}),
    (clips.variable_rate, {"variable": True}),
    (clips.ten_bits, {"bits": 10, "hdr": True}),
    (clips.with_all_streams, {"container": "matroska", "frames": 15}),
]


@pytest.mark.parametrize(("clip", "known"), KNOWN, ids=lambda each: getattr(each, "__name__", ""))
def test_facts_of_what_phones_browsers_and_dictaphones_write(
    clip: Callable[[], Path], known: dict[str, object]
) -> None:
    found = probe.probe(clip())
    assert {name: found.details.get(name) for name in known} == known
    assert 0.05 < found.duration < 2.1


def test_a_recording_without_a_duration_in_its_header_has_one() -> None:
    assert probe.probe(clips.recorder()).duration == pytest.approx(1.0, abs=0.1)
    assert probe.probe(clips.voice()).duration == pytest.approx(1.0, abs=0.1)


def test_sound_without_a_picture_is_sound_whatever_it_is_called() -> None:
    for clip in (clips.sound_called_video(), clips.voice(), clips.mp3(), clips.m4a()):
        assert probe.probe(clip).picture is None


@pytest.mark.parametrize("turned", [90, 180])
def test_sizes_are_upright(turned: int) -> None:
    found = probe.probe(clips.phone(turned))
    assert found.picture is not None
    assert (found.picture.width, found.picture.height, found.picture.rotation) == (160, 120, turned)


def test_points_that_are_not_square_are_counted_as_they_show() -> None:
    found = probe.probe(clips.anamorphic())
    assert found.picture is not None
    assert (found.picture.width, found.picture.height) == (320, 120)


REFUSED: list[tuple[Callable[[], Path], str]] = [
    (clips.empty, "empty_file"),
    (clips.cut, "media_broken"),
    (clips.cut_late, "media_truncated"),
    (clips.cut_sound, "media_truncated"),
    (clips.wrong_container, "media_broken"),
    (clips.noise, "media_broken"),
    (clips.no_frames, "media_empty"),
    (clips.wide, "video_too_large"),
    (clips.huge_inside, "media_broken"),
    (clips.eight_hours, "sound_too_long"),
    (clips.hls_file, "media_playlist"),
    (clips.concat, "media_playlist"),
]


@pytest.mark.parametrize(("clip", "code"), REFUSED, ids=lambda each: getattr(each, "__name__", each))
def test_what_cannot_be_used_is_refused_in_words(clip: Callable[[], Path], code: str) -> None:
    with pytest.raises(MediaRefused) as refusal:
        probe.probe(clip())
    assert refusal.value.code == code
    assert refusal.value.message == FAILURES[code]


def test_each_kind_has_its_own_limit_of_time() -> None:
    bounds = probe.Bounds(sound=0.4, video=3.0)
    assert probe.probe(clips.video(), bounds=bounds).picture
    with pytest.raises(MediaRefused, match="son") as refusal:
        probe.probe(clips.voice(3.0), bounds=bounds)
    assert refusal.value.code == "sound_too_long"
    with pytest.raises(MediaRefused) as refusal:
        probe.probe(clips.recorder(3.0), bounds=probe.Bounds(video=1.0))
    assert refusal.value.code == "video_too_long"


def test_what_says_nothing_of_its_length_is_measured() -> None:
    with pytest.raises(MediaRefused) as refusal:
        probe.probe(clips.hours_without_header(), bounds=probe.Bounds(sound=120.0))
    assert refusal.value.code == "sound_too_long"


def test_no_header_is_believed() -> None:
    assert probe.probe(clips.eight_hours_said()).duration == pytest.approx(1.0, abs=0.1)
    assert probe.probe(clips.a_second_said()).duration == pytest.approx(4.0, abs=0.1)
    with pytest.raises(MediaRefused) as refusal:
        probe.probe(clips.a_second_said(), bounds=probe.Bounds(sound=2.0))
    assert refusal.value.code == "sound_too_long"


def test_a_probe_that_takes_too_long_is_refused() -> None:
    with pytest.raises(MediaRefused) as refusal:
        probe.probe(clips.video(), limits=sandbox.Limits(seconds=0.02, cpu=5))
    assert refusal.value.code == "media_timeout"


def test_every_code_has_a_sentence() -> None:
    assert all(words.strip().endswith((".", ")")) for words in FAILURES.values())
    assert all(len(code) <= 40 for code in FAILURES)
