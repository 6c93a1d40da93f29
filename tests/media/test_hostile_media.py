"""Files made to harm: nothing is fetched, nothing else is read, nothing runs away."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from app.media import ffmpeg, probe, sandbox, sound, video
from app.media.failures import FAILURES, DecoderLost, MediaRefused
from tests.media import clips

SHELL = "/bin/sh"
ROOMY = sandbox.Limits(seconds=20, cpu=20)


@dataclass
class Ear:
    """A server that counts who calls."""

    port: int
    calls: list[str] = field(default_factory=list)


@pytest.fixture
def ear() -> Iterator[Ear]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        heard = Ear(server.getsockname()[1])
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                heard.calls.append("call")
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield heard
        time.sleep(0.3)
        stop.set()
        thread.join()


def test_the_ear_hears_an_ffmpeg_without_our_limits(ear: Ear) -> None:
    """The negative control: the same playlist, opened as anybody would."""
    command = [ffmpeg.program(), "-v", "quiet", "-nostdin", "-i", str(clips.hls(ear.port)), "-f", "null", "-"]
    options = ["-allowed_extensions", "ALL", "-protocol_whitelist", "file,http,tcp", "-f", "hls"]
    subprocess.run([*command[:4], *options, *command[4:]], capture_output=True, timeout=30, check=False)
    time.sleep(0.3)
    assert ear.calls


def test_no_playlist_makes_a_request_whatever_it_is_taken_for(ear: Ear, tmp_path: Path) -> None:
    for make in (clips.hls, clips.dash, clips.sdp):
        clip = make(ear.port)
        with pytest.raises(MediaRefused) as refusal:
            probe.probe(clip)
        assert refusal.value.code == "media_playlist"
        # Even were it to slip past the sniffing: ffmpeg gets one demuxer and no protocol but `file`.
        for container in ("hls", "mov", "matroska", "concat"):
            with pytest.raises(MediaRefused):
                ffmpeg.run(
                    [*ffmpeg.source(clip, container), "-f", "null", "-"], reads=[clip], writes=tmp_path, limits=ROOMY
                )
    assert ear.calls == []


def test_a_movie_whose_samples_lie_elsewhere_fetches_nothing(ear: Ear, tmp_path: Path) -> None:
    clip = clips.linked(ear.port)
    sound.make(clip, tmp_path, probe.probe(clip))
    assert ear.calls == []


def test_a_list_of_files_reads_none_of_them(tmp_path: Path) -> None:
    for clip in (clips.concat(), clips.hls_file()):
        arguments = [*ffmpeg.source(clip, "concat"), "-map", "0", "-c", "copy", "-f", "data", str(tmp_path / "out")]
        with pytest.raises(MediaRefused):
            ffmpeg.run(arguments, reads=[clip], writes=tmp_path, limits=ROOMY)
    assert not any(b"root:" in path.read_bytes() for path in tmp_path.iterdir())


def test_a_script_behind_a_video_is_not_in_what_is_made_of_it(tmp_path: Path) -> None:
    clip = clips.script_tail()
    video.make(clip, tmp_path, probe.probe(clip), quality=video.Quality("ultrafast"))
    assert not any(b"<script" in path.read_bytes() for path in tmp_path.iterdir())


def test_mutated_files_are_refused_in_words_or_read(tmp_path: Path) -> None:
    dice, codes = random.Random(2022), set()
    for number, make in enumerate((clips.video, clips.recorder, clips.mp3, clips.old_phone, clips.ogg, clips.phone)):
        data = bytearray(make().read_bytes())
        for _ in range(40):
            data[dice.randrange(12, len(data))] = dice.randrange(256)
        path = tmp_path / str(number)
        path.write_bytes(data)
        try:
            probe.probe(path)
        except MediaRefused as refusal:
            codes.add(refusal.code)
    assert codes <= set(FAILURES)


def test_time_is_limited() -> None:
    began = time.monotonic()
    ended = sandbox.run([SHELL, "-c", "while :; do :; done"], limits=sandbox.Limits(seconds=0.5, cpu=5))
    assert ended.late
    assert time.monotonic() - began < 5


def test_processor_time_memory_and_size_are_limited(tmp_path: Path) -> None:
    ended = sandbox.run([SHELL, "-c", "while :; do :; done"], limits=sandbox.Limits(seconds=60, cpu=1))
    assert ended.killed == signal.SIGXCPU
    greedy = [sys.executable, "-I", "-c", "bytearray(2_000_000_000)"]
    limits = sandbox.Limits(seconds=30, cpu=10, memory=500_000_000)
    ended = sandbox.run(greedy, limits=limits, reads=sandbox.python())
    assert "MemoryError" in ended.words
    tight = sandbox.Limits(seconds=30, cpu=20, file_size=20_000)
    with pytest.raises(MediaRefused) as refusal:
        ffmpeg.run(
            [*ffmpeg.source(clips.wav(4.0), "wav"), "-f", "s16le", str(tmp_path / "out")],
            reads=[clips.wav(4.0)], writes=tmp_path, limits=tight,
        )  # fmt: skip
    assert refusal.value.code == "file_too_large"
    assert (tmp_path / "out").stat().st_size <= 20_000


def test_an_ffmpeg_killed_from_outside_is_no_fault_of_the_file(tmp_path: Path) -> None:
    clip, target = clips.quick_start(), tmp_path / "out.mp4"
    endless = ["-stream_loop", "-1", *ffmpeg.source(clip, "mov"), "-c:v", "libx264", "-f", "mp4", str(target)]

    def kill() -> None:
        for _ in range(200):
            for process in psutil.Process().children(recursive=True):
                if process.name().startswith("ffmpeg") and str(target) in process.cmdline():
                    process.kill()
                    return
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(DecoderLost):
        ffmpeg.run(endless, reads=[clip], writes=tmp_path, limits=sandbox.Limits(seconds=30, cpu=30))
    killer.join()


def test_nothing_of_our_environment_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALOGUE_SECRET_KEY", "CANARI-7731")
    ended = sandbox.run([SHELL, "-c", "export -p"], limits=ROOMY)
    assert "CANARI" not in ended.out.decode()
    assert "DIALOGUE" not in ended.out.decode()


def test_in_the_sandbox_there_is_no_network_no_data_and_no_other_process(tmp_path: Path) -> None:
    """Where bubblewrap is not allowed the command runs as it is, and the other limits must do."""
    (tmp_path / "secret").write_text("CANARI-7731")
    (tmp_path / "out").mkdir()
    look = f"cat {tmp_path}/secret; ls /root /etc/passwd /proc/1; echo >{tmp_path}/stray; echo >{tmp_path}/out/made"
    tools = [Path("/bin/ls"), Path("/bin/cat")]
    assert ("--unshare-all" in sandbox.prepared([SHELL], limits=ROOMY)) is sandbox.usable()
    if not sandbox.usable():
        return
    ended = sandbox.run([SHELL, "-c", look], limits=ROOMY, reads=tools, writes=tmp_path / "out")
    assert ended.out == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "secret"]
    assert (tmp_path / "out" / "made").exists()
    reach = [sys.executable, "-I", "-c", "import socket; socket.create_connection(('127.0.0.1', 9), 2)"]
    ended = sandbox.run(reach, limits=ROOMY, reads=sandbox.python())
    assert "Error" in ended.words


def test_children_are_niced_and_end_with_their_worker(tmp_path: Path) -> None:
    """A worker killed at its work leaves no ffmpeg behind."""
    code = (
        "import sys; from pathlib import Path; from app.media import ffmpeg, sandbox\n"
        "clip, out = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "ffmpeg.run(['-stream_loop', '-1', *ffmpeg.source(clip, 'mov'), '-c:v', 'libx264', '-f', 'mp4',"
        " str(out / 'endless.mp4')], reads=[clip], writes=out, limits=sandbox.Limits(60, 60))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, str(clips.quick_start()), str(tmp_path)])
    try:
        working = _until(
            lambda: [each for each in psutil.Process(worker.pid).children(recursive=True) if _is_ffmpeg(each)]
        )
        assert all(each.nice() == 19 for each in working)
    finally:
        worker.kill()
        worker.wait()
    assert _until(lambda: not any(each.is_running() and each.status() != "zombie" for each in working))


def _is_ffmpeg(process: psutil.Process) -> bool:
    return process.name().startswith("ffmpeg") and any("endless" in each for each in process.cmdline())


def _until(look: object) -> list[psutil.Process]:
    """What `look` answers once it answers something."""
    for _ in range(400):
        if found := look():  # type: ignore[operator]
            return found  # type: ignore[no-any-return]
        time.sleep(0.05)
    raise AssertionError(f"not within twenty seconds ({os.getpid()})")
