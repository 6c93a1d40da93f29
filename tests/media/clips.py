"""Tiny sounds and videos for tests, each made once per process with ffmpeg: as phones make them, odd, hostile.

Every function answers the path of a file that nobody may change; `copy_of` gives one of one's own.
Names never tell: all files are called `clip`, as what they are must be found in their content.
"""

import atexit
import functools
import shutil
import struct
import subprocess
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

CANARY = "CANARI-7731"
PLACE = "+47.2184-001.5536+010.000/"
SCRIPT = b"<script>alert('CANARI-7731')</script>"
WIDTH, HEIGHT = 160, 120
# As pictures.CORNERS: four coloured quarters, so that each way of turning shows.
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 40), (30, 50, 210), (230, 220, 40)
FAST = ["-preset", "ultrafast"]
TOLD = [
    "-metadata", f"title={CANARY} title", "-metadata", f"artist={CANARY} artist",
    "-metadata", f"comment={CANARY} comment",
    "-metadata", f"location={PLACE}", "-metadata", f"com.apple.quicktime.location.ISO6709={PLACE}",
    "-metadata", f"com.apple.quicktime.make={CANARY} make", "-metadata", "creation_time=2022-03-15T10:11:12Z",
    "-metadata:s", f"handler_name={CANARY} handler",
]  # fmt: skip

_folder: Path | None = None


def ffmpeg(*arguments: str | Path) -> None:
    """Runs the ffmpeg of the service, with all its protocols and formats: these are our own files."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def folder() -> Path:
    """Where the clips of this process lie; gone when it ends."""
    global _folder
    if _folder is None:
        _folder = Path(tempfile.mkdtemp(prefix="clips-"))
        atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    return _folder


def _kept(make: Callable[..., None]) -> Callable[..., Path]:
    """Made at the first call with these arguments, in a folder of its own."""

    @functools.cache
    def made(*arguments: float | str) -> Path:
        place = Path(tempfile.mkdtemp(dir=folder(), prefix=f"{make.__name__}-"))
        make(place / "clip", *arguments)
        return place / "clip"

    return functools.wraps(make)(made)


def copy_of(clip: Path, target: Path) -> Path:
    return Path(shutil.copyfile(clip, target))


def quarters(seconds: float, width: int = WIDTH, height: int = HEIGHT, rate: int = 15) -> list[str]:
    """Input arguments: four still quarters of colour (red, green; blue, yellow)."""
    half = f"s={width // 2}x{height // 2}:r={rate}:d={seconds}"
    hexes = ["0x{:02x}{:02x}{:02x}".format(*colour) for colour in (RED, GREEN, BLUE, YELLOW)]
    parts = [f"color=c={each}:{half}[q{number}]" for number, each in enumerate(hexes)]
    graph = ";".join([*parts, "[q0][q1]hstack[top]", "[q2][q3]hstack[low]", "[top][low]vstack"])
    return ["-f", "lavfi", "-i", graph]


def moving(seconds: float, width: int = WIDTH, height: int = HEIGHT, rate: int = 15) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={width}x{height}:r={rate}:d={seconds}"]


def tone(seconds: float, rate: int = 48_000, level: float = 0.1) -> list[str]:
    """A voice-like sound: a tone that comes and goes, with some noise."""
    voice = f"aevalsrc='{level}*(0.2+abs(sin(3*t)))*sin(2*PI*220*t)+0.002*(random(0)-0.5)':s={rate}:d={seconds}"
    return ["-f", "lavfi", "-i", voice]


@_kept
def video(out: Path, seconds: float = 1.0, width: int = WIDTH, height: int = HEIGHT) -> None:
    """A plain MP4: H.264 and AAC, everything a phone writes beside them, and place of the index at the end."""
    source = [*moving(seconds, width, height), *tone(seconds)]
    ffmpeg(*source, "-c:v", "libx264", *FAST, "-c:a", "aac", "-ac", "2", *TOLD, "-f", "mp4", out)


@_kept
def phone(out: Path, turned: int = 90) -> None:
    """As an iPhone: HEVC in MOV laid on its side, the turn in its matrix, place, maker and date in atoms."""
    laid = out.with_name("laid.mov")
    source = [*quarters(1), *tone(1)]
    turn = {90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock", 0: "null"}[turned]
    codec = ["-c:v", "libx265", *FAST, "-x265-params", "log-level=none", "-tag:v", "hvc1", "-pix_fmt", "yuv420p"]
    ffmpeg(*source, "-vf", turn, *codec, "-c:a", "aac", "-f", "mov", laid)
    shown = ["-display_rotation", str(turned)] if turned else []
    ffmpeg(*shown, "-i", laid, "-map", "0", "-c", "copy", *TOLD, "-movflags", "use_metadata_tags", "-f", "mov", out)
    laid.unlink()


@_kept
def recorder(out: Path, seconds: float = 1.0) -> None:
    """As MediaRecorder: WebM with VP8 and Opus, written as it comes, so without a duration."""
    source = [*moving(seconds), *tone(seconds)]
    live = out.with_name("live")
    ffmpeg(*source, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-b:a", "24k",
           "-f", "webm", "-live", "1", live)  # fmt: skip
    live.rename(out)


@_kept
def voice(out: Path, seconds: float = 1.0) -> None:
    """As MediaRecorder: WebM of Opus alone, without a duration."""
    ffmpeg(*tone(seconds), "-c:a", "libopus", "-b:a", "24k", "-f", "webm", "-live", "1", out)


@_kept
def old_phone(out: Path) -> None:
    """3GP of H.263 and AMR."""
    source = [*moving(1, 176, 144), *tone(1, 8000)]
    ffmpeg(
        *source,
        "-c:v",
        "h263",
        "-c:a",
        "libopencore_amrnb",
        "-ar",
        "8000",
        "-ac",
        "1",
        "-b:a",
        "12.2k",
        "-f",
        "3gp",
        out,
    )


@_kept
def amr(out: Path, seconds: float = 1.0) -> None:
    ffmpeg(*tone(seconds, 8000), "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-f", "amr", out)


@_kept
def mp3(out: Path, seconds: float = 1.0) -> None:
    """With tags, and a picture of its cover, which makes no video of it."""
    cover = out.with_name("cover.png")
    ffmpeg(*quarters(1), "-frames:v", "1", "-f", "image2", "-update", "1", cover)
    ffmpeg(*tone(seconds), "-i", cover, "-map", "0", "-map", "1", "-c:a", "libmp3lame", "-c:v", "copy",
           "-disposition:v", "attached_pic", *TOLD, "-f", "mp3", out)  # fmt: skip
    cover.unlink()


@_kept
def wav(out: Path, seconds: float = 1.0, level: float = 0.1) -> None:
    ffmpeg(*tone(seconds, level=level), "-c:a", "pcm_s16le", *TOLD, "-f", "wav", out)


@_kept
def silence(out: Path, seconds: float = 1.0) -> None:
    ffmpeg("-f", "lavfi", "-i", f"anullsrc=d={seconds}", "-c:a", "pcm_s16le", "-f", "wav", out)


@_kept
def ogg(out: Path, seconds: float = 1.0) -> None:
    ffmpeg(*tone(seconds), "-c:a", "libopus", *TOLD, "-f", "ogg", out)


@_kept
def flac(out: Path) -> None:
    ffmpeg(*tone(1), "-c:a", "flac", *TOLD, "-f", "flac", out)


@_kept
def m4a(out: Path, seconds: float = 1.0) -> None:
    ffmpeg(*tone(seconds), "-c:a", "aac", *TOLD, "-f", "ipod", out)


@_kept
def sound_called_video(out: Path) -> None:
    """An MP4 with no picture in it."""
    ffmpeg(*tone(1), "-c:a", "aac", "-f", "mp4", out)


@_kept
def mute(out: Path) -> None:
    ffmpeg(*moving(1), "-c:v", "libx264", *FAST, "-f", "mp4", out)


@_kept
def one_frame(out: Path) -> None:
    ffmpeg(*moving(1), "-frames:v", "1", "-c:v", "libx264", *FAST, "-f", "mp4", out)


@_kept
def variable_rate(out: Path) -> None:
    """Frames at 60 per second, then at 5."""
    source = moving(2, rate=60)
    uneven = ["-vf", "select='lt(t,0.5)+not(mod(n,12))'", "-fps_mode", "vfr"]
    ffmpeg(*source, *uneven, "-c:v", "libx264", *FAST, "-f", "mp4", out)


@_kept
def anamorphic(out: Path) -> None:
    """Points twice as wide as high: 160 by 120 that show as 320 by 120."""
    ffmpeg(*moving(1), "-vf", "setsar=2", "-c:v", "libx264", *FAST, "-f", "mp4", out)


@_kept
def odd(out: Path) -> None:
    """161 by 121 points."""
    source = [*moving(1), "-vf", "scale=161:121"]
    ffmpeg(*source, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm", out)


@_kept
def ten_bits(out: Path) -> None:
    """HDR as phones film it: HEVC, 10 bits, BT.2020, HLG."""
    colours = [
        "-color_primaries",
        "bt2020",
        "-color_trc",
        "arib-std-b67",
        "-colorspace",
        "bt2020nc",
        "-color_range",
        "tv",
    ]
    params = "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    codec = ["-c:v", "libx265", *FAST, "-x265-params", params, "-tag:v", "hvc1", "-pix_fmt", "yuv420p10le"]
    ffmpeg(*quarters(1), *codec, *colours, "-f", "mov", out)


@_kept
def wide(out: Path) -> None:
    """12,000 points wide."""
    source = ["-f", "lavfi", "-i", "color=c=red:s=12000x64:r=5:d=0.4"]
    ffmpeg(*source, "-c:v", "libx264", *FAST, "-f", "mp4", out)


@_kept
def with_all_streams(out: Path) -> None:
    """Matroska with a video, two sounds, subtitles, chapters and an attached file."""
    words, extra, chapters = out.with_name("words.srt"), out.with_name("extra.txt"), out.with_name("chapters.txt")
    words.write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{CANARY} words\n")
    extra.write_text(f"{CANARY} attachment")
    chapters.write_text(f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle={CANARY} chapter\n")
    ffmpeg(*moving(1), *tone(1), *tone(1), "-i", words, "-i", chapters,
           "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4", "-map_chapters", "4",
           "-attach", extra, "-metadata:s:t", "mimetype=text/plain",
           "-c:v", "libx264", *FAST, "-c:a", "aac", "-c:s", "srt", *TOLD, "-f", "matroska", out)  # fmt: skip
    for each in (words, extra, chapters):
        each.unlink()


@_kept
def quick_start(out: Path, seconds: float = 4.0) -> None:
    """Its index first, so that a cut file still opens."""
    source = [*moving(seconds), *tone(seconds)]
    ffmpeg(*source, "-c:v", "libx264", *FAST, "-c:a", "aac", "-movflags", "faststart", "-f", "mp4", out)


@_kept
def cut(out: Path) -> None:
    """The first half of a video whose index is at its end."""
    whole = video().read_bytes()
    out.write_bytes(whole[: len(whole) // 2])


@_kept
def cut_late(out: Path) -> None:
    """The first half of a video whose index comes first."""
    whole = quick_start().read_bytes()
    out.write_bytes(whole[: len(whole) // 2])


@_kept
def cut_sound(out: Path) -> None:
    whole = wav(4.0).read_bytes()
    out.write_bytes(whole[: len(whole) // 2])


@_kept
def empty(out: Path) -> None:
    out.write_bytes(b"")


@_kept
def no_frames(out: Path) -> None:
    """An MP4 of a video track that holds nothing: of no duration."""
    ffmpeg(*moving(1), "-frames:v", "0", "-c:v", "libx264", *FAST, "-f", "mp4", out)


@_kept
def wrong_container(out: Path) -> None:
    """Begins as an MP4; the rest is text."""
    out.write_bytes(struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + b"only words here " * 500)


@_kept
def noise(out: Path) -> None:
    """Starts as Matroska, then chance."""
    out.write_bytes(b"\x1aE\xdf\xa3" + bytes((7 * n * n + n) % 256 for n in range(20_000)))


@_kept
def script_tail(out: Path) -> None:
    """A whole MP4 with a page behind it."""
    out.write_bytes(video().read_bytes() + b"<!doctype html><html>" + SCRIPT)


@_kept
def hls(out: Path, port: int) -> None:
    """A playlist that would fetch from this machine."""
    out.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:{port}/secret.ts\n#EXT-X-ENDLIST\n")


@_kept
def hls_file(out: Path) -> None:
    """A playlist that would read a file of this machine."""
    out.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")


@_kept
def concat(out: Path) -> None:
    out.write_text("ffconcat version 1.0\nfile /etc/passwd\nfile /etc/hostname\n")


@_kept
def dash(out: Path, port: int) -> None:
    segment = f'<SegmentTemplate initialization="http://127.0.0.1:{port}/i" media="http://127.0.0.1:{port}/$Number$"/>'
    parts = f'<Period><AdaptationSet><Representation id="1">{segment}</Representation></AdaptationSet></Period>'
    out.write_text(f'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">{parts}</MPD>')


@_kept
def sdp(out: Path, port: int) -> None:
    out.write_text(
        f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"
    )


@_kept
def linked(out: Path, port: int) -> None:
    """A MOV whose samples are said to lie at an address (`url ` in `dref`)."""
    whole = bytearray(mov_of_sound().read_bytes())
    at = whole.index(b"url \0\0\0\1")
    whole[at + 4 : at + 8] = b"\0\0\0\0"
    address = f"http://127.0.0.1:{port}/x".encode() + b"\0"
    # The entry grows inside the file: every box around it does too.
    whole[at + 8 : at + 8] = address
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        start = whole.index(name) - 4
        whole[start : start + 4] = (int.from_bytes(whole[start : start + 4], "big") + len(address)).to_bytes(4, "big")
    whole[at - 4 : at] = (12 + len(address)).to_bytes(4, "big")
    out.write_bytes(whole)


@_kept
def mov_of_sound(out: Path) -> None:
    ffmpeg(*tone(1), "-c:a", "pcm_s16le", "-f", "mov", out)


@_kept
def eight_hours(out: Path) -> None:
    """3 MB that last eight hours: a hundred samples a second."""
    riff(out, 8 * 3600, rate=100)


@_kept
def hours_without_header(out: Path) -> None:
    """270 kB that last an hour and a half, said nowhere: AMR frames that say "nothing", one byte each."""
    out.write_bytes(b"#!AMR\n" + b"\x7c" * (5400 * 50))


@_kept
def eight_hours_said(out: Path) -> None:
    """A second of sound whose header speaks of eight hours."""
    _write_lie(out, m4a(), 8 * 3600)


@_kept
def a_second_said(out: Path) -> None:
    """Four seconds whose header speaks of one."""
    _write_lie(out, m4a(4.0), 1)


def _write_lie(out: Path, clip: Path, seconds: int) -> None:
    whole = bytearray(clip.read_bytes())
    for name, scale_at, length_at in ((b"mvhd", 16, 20), (b"mdhd", 16, 20)):
        at = whole.index(name)
        scale = int.from_bytes(whole[at + scale_at : at + scale_at + 4], "big")
        whole[at + length_at : at + length_at + 4] = (seconds * scale).to_bytes(4, "big")
    out.write_bytes(whole)


@_kept
def huge(out: Path) -> None:
    """An AVI of some kB whose header speaks of 60,000 by 60,000 points."""
    ffmpeg(*moving(1), "-c:v", "mjpeg", "-f", "avi", out)
    whole = bytearray(out.read_bytes())
    at = whole.index(b"strf") + 8
    whole[at + 4 : at + 12] = struct.pack("<ii", 60_000, 60_000)
    main = whole.index(b"avih") + 8
    whole[main + 32 : main + 40] = struct.pack("<II", 60_000, 60_000)
    out.write_bytes(whole)


@_kept
def huge_inside(out: Path) -> None:
    """A WebM that says 160 by 120 points, whose VP8 key frames say 16,383 by 16,383."""
    whole = bytearray(recorder().read_bytes())
    at = 0
    while (at := whole.find(b"\x9d\x01\x2a", at)) >= 0:
        whole[at + 3 : at + 7] = struct.pack("<HH", 16_383, 16_383)
        at += 7
    out.write_bytes(whole)


def riff(path: Path, seconds: float, rate: int = 8000) -> Path:
    """A WAV of silence without ffmpeg: quick and as long as one likes."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(rate)
        out.writeframes(b"\x80" * int(seconds * rate))
    return path
