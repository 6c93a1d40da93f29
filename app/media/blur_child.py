"""The program that paints over zones in a video, frame by frame, and hands the frames to ffmpeg.

It runs alone, in the sandbox (see `program.py`), and is asked {source, zones, encode}. `source` is an MP4 made here;
`encode` is the ffmpeg command that reads the frames, in NUT, from its standard input; a `{colours}` in it becomes the
filter that tells what the source tells of its colours. A zone is {x, y, width, height, from, to, boxes}: `boxes`, if
any, are a track's [[t, x, y, width, height], …], and say where the zone is at a time.
"""

import errno
import json
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterator
from math import ceil, floor
from pathlib import Path
from typing import Any

import av
import cv2
import numpy.typing as npt

Plane = npt.NDArray[Any]
Box = tuple[float, float, float, float]
CELLS = 4  # across and down what is hidden: as in child.py
BLINK = 0.05  # seconds around a zone's times: the player's clock and ours round differently


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        say({"ok": blur(asked)})
    except Exception as fault:  # noqa: BLE001 - decoders raise anything; the answer must be said
        full = getattr(fault, "errno", None) in {errno.ENOSPC, errno.EDQUOT}
        say({"code": "disk_full" if full else "broken", "detail": repr(fault)[:300]})


def blur(asked: dict[str, Any]) -> dict[str, Any]:
    with av.open(asked["source"], format="mp4", options={"protocol_whitelist": "file"}) as opened:
        stream = opened.streams.video[0]
        stream.codec_context.thread_count = 1
        command = [part.replace("{colours}", colours(stream)) for part in asked["encode"]]
        with subprocess.Popen(  # noqa: S603 - the caller's own command
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as encoder:
            try:
                frames = send(opened, stream, asked["zones"], encoder.stdin)
            except OSError as fault:  # it ended before the frames did: what it says is the reason
                raise complaint(encoder) from fault
            if encoder.stdin:
                encoder.stdin.close()
            if encoder.wait() != 0:
                raise complaint(encoder)
    return {"frames": frames}


def colours(stream: Any) -> str:
    """Raw frames say nothing of it, and players guess by the size."""
    codec = stream.codec_context
    told = f"color_primaries={int(codec.color_primaries)}:color_trc={int(codec.color_trc)}"
    return f"setparams={told}:colorspace={int(codec.colorspace)}:range={int(codec.color_range)}"


def complaint(encoder: "subprocess.Popen[bytes]") -> Exception:
    words = encoder.stderr.read().decode(errors="replace") if encoder.stderr else ""
    if "No space left" in words:
        return OSError(errno.ENOSPC, "no space left")
    return RuntimeError(f"ffmpeg ended: {words[-200:]}")


def send(opened: Any, stream: Any, zones: list[dict[str, Any]], target: Any) -> int:
    """Every frame, painted over, with its own time, as raw pictures: how many."""
    number = 0
    with av.open(target, "w", format="nut") as sent:
        raw = sent.add_stream("rawvideo", rate=stream.average_rate)
        raw.width, raw.height, raw.pix_fmt = stream.width, stream.height, "yuv420p"
        raw.time_base = stream.time_base
        for frame, time in told(opened, stream):
            painted = paint(frame, [box for zone in zones if (box := place(zone, time))])
            sent.mux(raw.encode(painted))
            number += 1
        sent.mux(raw.encode(None))
    return number


def told(opened: Any, stream: Any) -> Iterator[tuple[av.VideoFrame, float]]:
    """The frames and their times; says how far it is."""
    length, said = float((opened.duration or 0) / av.time_base) or 1.0, 0
    for frame in opened.decode(stream):
        time = float(frame.time or 0.0)
        yield frame, time
        if (percent := min(99, int(100 * time / length))) > said:
            said = percent
            say({"progress": percent})


def place(zone: dict[str, Any], time: float) -> Box | None:
    """Where the zone is at that time; before and after its track, where the track begins and ends."""
    if not zone["from"] - BLINK <= time <= zone["to"] + BLINK:
        return None
    boxes = zone.get("boxes")
    if not boxes:
        return zone["x"], zone["y"], zone["width"], zone["height"]
    after = bisect_right([box[0] for box in boxes], time)
    one, other = boxes[max(after - 1, 0)], boxes[min(after, len(boxes) - 1)]
    part = (time - one[0]) / (other[0] - one[0]) if other[0] > one[0] else 0.0
    x, y, width, height = (a + (b - a) * min(max(part, 0.0), 1.0) for a, b in zip(one[1:], other[1:], strict=True))
    return x, y, width, height


def paint(frame: av.VideoFrame, boxes: list[Box]) -> av.VideoFrame:
    """Brightness and colour are painted apart: nothing else of the picture changes by a bit."""
    pixels = frame.to_ndarray(format="yuv420p").reshape(-1)
    width, height = frame.width, frame.height
    whole = width * height
    for box in boxes:
        hide(pixels[:whole].reshape(height, width), box, even=2)
        for begin in (whole, whole + whole // 4):
            hide(pixels[begin : begin + whole // 4].reshape(height // 2, width // 2), box, even=1)
    painted = av.VideoFrame.from_ndarray(pixels.reshape(-1, width), format="yuv420p")
    painted.pts, painted.time_base = frame.pts, frame.time_base
    return painted


def hide(plane: Plane, box: Box, *, even: int) -> None:
    """Paints over a rectangle, outward to `even` points, with what 4 × 4 rough values say of it."""
    height, width = plane.shape
    left, top = floor(box[0] * width / even) * even, floor(box[1] * height / even) * even
    right, bottom = ceil((box[0] + box[2]) * width / even) * even, ceil((box[1] + box[3]) * height / even) * even
    part = plane[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    if part.size:
        few = cv2.resize(part, (min(CELLS, part.shape[1]), min(CELLS, part.shape[0])), interpolation=cv2.INTER_AREA)
        part[:] = cv2.resize(few // 16 * 16 + 8, part.shape[::-1], interpolation=cv2.INTER_LINEAR)


def say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
