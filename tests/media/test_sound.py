"""From a voice to what everybody can hear: two codecs, one loudness, a drawing, and nothing about its making."""

import array
import math
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import av
import pytest
from defusedxml import ElementTree

from app.media import loudness, probe, sound, waveform
from tests.media import clips, traces

NAMES = ["sound.m4a", "sound.opus", "waveform.svg"]


@cache
def made(clip: Path) -> tuple[Path, sound.MadeSound, probe.Facts]:
    """Where its derivatives lie, what was said of them, and what it was."""
    folder = Path(tempfile.mkdtemp(dir=clips.folder()))
    facts = probe.probe(clip)
    return folder, sound.make(clip, folder, facts), facts


def heard(path: Path) -> tuple[str, int, float]:
    """Codec, channels and seconds of what was made: it is ours to open."""
    with av.open(str(path)) as opened:
        assert [each.type for each in opened.streams] == ["audio"]
        coded = opened.streams.audio[0].codec_context
        return coded.name, coded.layout.nb_channels, float(opened.duration or 0) / 1_000_000


def loud(folder: Path, name: str, out: Path) -> float:
    container = "mov" if name.endswith(".m4a") else "ogg"
    return loudness.measure(folder / name, probe.Facts(container, 4.0, None, probe.Sound(0, "", 1, 48_000)), out)


@pytest.mark.parametrize(
    "clip",
    [clips.voice, clips.amr, clips.mp3, clips.wav, clips.ogg, clips.flac, clips.m4a, clips.sound_called_video],
)
def test_a_sound_becomes_two_and_a_drawing_that_tell_nothing(clip: Callable[[], Path]) -> None:
    folder, result, _ = made(clip())
    assert [each.name for each in result.derivatives] == NAMES
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    for name, codec in (("sound.m4a", "aac"), ("sound.opus", "opus")):
        assert heard(folder / name) == (codec, 1, pytest.approx(1.0, abs=0.12))
        assert traces.found(folder / name) == []


def test_the_search_for_traces_finds_those_of_an_mp3(tmp_path: Path) -> None:
    clips.ffmpeg("-i", clips.mp3(), "-map", "0:a", "-c:a", "libopus", "-f", "ogg", tmp_path / "careless.opus")
    found = traces.found(tmp_path / "careless.opus")
    assert clips.CANARY in found
    assert "Lavf" in found


@pytest.mark.parametrize("level", [0.02, 0.9])
def test_quiet_and_loud_voices_come_out_alike(level: float, tmp_path: Path) -> None:
    folder, result, _ = made(clips.wav(4.0, level))
    assert result.loudness is not None
    assert abs(result.loudness - loudness.TARGET) > 3
    for name in ("sound.m4a", "sound.opus"):
        assert loud(folder, name, tmp_path) == pytest.approx(loudness.TARGET, abs=1.0), name


def test_silence_stays_silent(tmp_path: Path) -> None:
    folder, result, _ = made(clips.silence())
    assert result.loudness is None
    assert loud(folder, "sound.m4a", tmp_path) < loudness.SILENT


def test_the_drawing_is_small_plain_and_ours() -> None:
    folder, _, _ = made(clips.wav(4.0, 0.9))
    drawn = (folder / "waveform.svg").read_text()
    assert len(drawn) <= 4096
    names = {element.tag.partition("}")[2] for element in ElementTree.fromstring(drawn).iter()}
    assert names == {"svg", "path"}
    assert not re.search(r"style|script|currentColor|href|on\w+=", drawn)


def test_the_drawing_follows_the_voice(tmp_path: Path) -> None:
    """Silence, then a tone that grows: in a file of 8 kHz."""
    pcm = tmp_path / "pcm"
    growing = [int(20_000 * (n / 8000) * math.sin(n)) for n in range(8000)]
    pcm.write_bytes(array.array("h", [0] * 8000 + growing).tobytes())
    heights = waveform.peaks(pcm, bars=20)
    assert heights[:9] == [0.0] * 9
    assert heights[11:] == sorted(heights[11:])
    assert heights[-1] == 1.0


@pytest.mark.parametrize("samples", [0, 1, 7, 119])
def test_the_shortest_sounds_are_drawn_too(samples: int, tmp_path: Path) -> None:
    (tmp_path / "pcm").write_bytes(b"\x10\x20" * samples)
    assert ElementTree.fromstring(waveform.draw(tmp_path / "pcm")).tag.endswith("svg")


def test_two_channels_stay_two(tmp_path: Path) -> None:
    clips.ffmpeg(*clips.tone(1), "-ac", "2", "-f", "wav", tmp_path / "clip")
    folder, _, _ = made(tmp_path / "clip")
    assert heard(folder / "sound.m4a")[1] == heard(folder / "sound.opus")[1] == 2
