"""The program that opens a sound or a video to see what it is: `python -I probe_child.py '{"source": …}'`.

It runs alone, in limits and, where it can, without network or disk (see sandbox.py); nothing of the app is imported.
It reads the whole file without decoding it, so that no header is believed, and decodes one picture. The answer is a
line of JSON: `{"facts": …}` or `{"code": …, "detail": …}`.
"""

import json
import sys
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av

PACKETS = 3_000_000  # sixty minutes of AMR have 180,000
DEFINITE = {"mov", "matroska", "wav"}  # containers that know how long they last, where others guess
HDR = {16: "pq", 18: "hlg"}  # transfers, by their number in ITU-T H.273
BT2020 = 9
COVER = av.stream.Disposition.attached_pic


class Refused(Exception):
    """Args: the stable code, and a detail."""


def probe(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["format"] in {"wav", "avi"}:
        _whole_riff(asked["source"])
    options = {"protocol_whitelist": "file", "codec_whitelist": asked["codecs"], "format_whitelist": asked["format"]}
    with av.open(asked["source"], format=asked["format"], options=options, metadata_errors="replace") as container:
        video = next((each for each in container.streams.video if not each.disposition & COVER), None)
        audio = next(iter(container.streams.audio), None)
        if video is None and audio is None:
            raise Refused("media_empty")
        most = asked["seconds"]["video" if video else "audio"]
        if container.duration and container.duration / av.time_base > most * 1.01 + 1 and asked["format"] in DEFINITE:
            raise Refused("too_long", "video" if video else "audio")
        picture = _picture(container, video, asked) if video else None
        spans = _read(container, [each for each in (video, audio) if each], most)
        shown = spans.get(video.index) if video else None
        heard = spans.get(audio.index) if audio else None
        if video and not shown:
            video = picture = None
        if audio and not heard:
            audio = None
        if video is None and audio is None:
            raise Refused("media_no_duration")
        lasting = _lasting(shown, heard)
        said = (container.duration or 0) / av.time_base
        if asked["format"] in DEFINITE and said > lasting * 1.05 + 1:
            raise Refused("media_truncated", f"{lasting:.1f} of {said:.1f} s")
        return {
            "duration": round(lasting, 3),
            "container": asked["format"],
            "video": picture | _pace(shown, video) if picture and shown else None,
            "audio": _sound(audio) if audio else None,
        }


def _whole_riff(source: str) -> None:
    """libav makes the best of a RIFF file that was cut; its first number says how long it should be."""
    with open(source, "rb") as opened:  # noqa: PTH123 - one call, no import
        said = int.from_bytes(opened.read(8)[4:], "little") + 8
        length = opened.seek(0, 2)
    if 8 < said < 0xFFFF_0000 and length < said * 0.95 - 4096:  # 0 and the largest number: written as it came
        raise Refused("media_truncated", f"{length} of {said} bytes")


class Span:
    """Where the packets of a stream begin and end, and how far apart they are."""

    def __init__(self) -> None:
        self.packets, self.bytes = 0, 0
        self.first: float | None = None
        self.last = 0.0
        self.times: list[float] = []


def _read(container: Any, streams: list[Any], most: float) -> dict[int, Span]:
    """Every packet, none decoded. What lasts too long is left at once."""
    spans: dict[int, Span] = {}
    container.seek(0)
    packets = 0
    for packet in container.demux(streams):
        if not packet.size:
            continue
        packets += 1
        span = spans.setdefault(packet.stream_index, Span())
        span.packets, span.bytes = span.packets + 1, span.bytes + packet.size
        at = packet.pts if packet.pts is not None else packet.dts
        if at is not None and packet.time_base:
            seconds = float(at * packet.time_base)
            span.first = seconds if span.first is None else min(span.first, seconds)
            span.last = max(span.last, seconds + float((packet.duration or 0) * packet.time_base))
            if packet.stream.type == "video":
                span.times.append(seconds)
            if span.last - span.first > most * 1.01 + 1:
                raise Refused("too_long", "video" if streams[0].type == "video" else "audio")
        if packets > PACKETS:
            raise Refused("media_timeout", "packets")
    return spans


def _lasting(shown: Span | None, heard: Span | None) -> float:
    """A video of one picture lasts as long as that is shown, a fifth of a second if nothing says; sound must last."""
    lengths = [span.last - (span.first or 0.0) for span in (shown, heard) if span]
    lasting = max(lengths)
    if lasting < 0.02 and not shown:
        raise Refused("media_no_duration")
    return max(lasting, 0.2) if shown and lasting < 0.02 else lasting


def _picture(container: Any, video: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """The first picture, decoded: what the container says of it may be a lie."""
    coded = video.codec_context
    if coded is None:
        raise Refused("media_codec", "video")
    _bounded(coded.width, coded.height, asked)
    coded.thread_count = 1
    coded.options = {"max_pixels": str(asked["pixels"])}
    frame = next(container.decode(video), None)
    if frame is None:
        raise Refused("media_broken", "no picture")
    _bounded(frame.width, frame.height, asked)
    square = video.sample_aspect_ratio or Fraction(1)
    width = round(frame.width * square) if Fraction(1, 4) < square < 4 else frame.width
    turned = frame.rotation % 180 != 0
    transfer, primaries = int(frame.color_trc), int(frame.color_primaries)
    return {
        "codec": coded.name,
        "width": frame.height if turned else width,
        "height": width if turned else frame.height,
        "rotation": frame.rotation % 360,
        "bits": max((part.bits for part in frame.format.components), default=8),
        "transfer": HDR.get(transfer, ""),
        "wide_colours": primaries == BT2020 or transfer in HDR,
        "full_range": int(frame.color_range) == 2,
    }


def _bounded(width: int, height: int, asked: dict[str, Any]) -> None:
    if width < 1 or height < 1:
        raise Refused("media_broken", "no size")
    if max(width, height) > asked["side"] or width * height > asked["pixels"]:
        raise Refused("video_too_large", f"{width} × {height}")


def _pace(span: Span, video: Any) -> dict[str, Any]:
    """How many pictures, the usual number per second, and whether it varies."""
    known = {"stream": video.index, "frames": span.packets}
    gaps = sorted(later - earlier for earlier, later in pairwise(sorted(span.times)) if later > earlier)
    if not gaps:
        return known | {"fps": float(video.average_rate or 5), "variable": False}
    usual, low, high = (gaps[int((len(gaps) - 1) * share)] for share in (0.5, 0.05, 0.95))
    # Milliseconds are as fine as many containers count.
    return known | {"fps": round(1 / usual, 2), "variable": high > low * 1.5 + 0.002}


def _sound(audio: Any) -> dict[str, Any]:
    coded = audio.codec_context
    if coded is None:
        raise Refused("media_codec", "audio")
    return {
        "stream": audio.index,
        "codec": coded.name,
        "channels": coded.layout.nb_channels if coded.layout else 1,
        "rate": coded.sample_rate,
    }


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"facts": probe(asked)}
    except Refused as refusal:
        return {"code": refusal.args[0], "detail": " ".join(refusal.args[1:])}
    except MemoryError:
        return {"code": "video_too_large", "detail": "memory"}
    except av.error.DecoderNotFoundError as fault:
        return {"code": "media_codec", "detail": repr(fault)[:200]}
    except OSError as fault:
        return {"code": "video_too_large" if fault.errno == 12 else "media_broken", "detail": repr(fault)[:200]}
    except Exception as fault:  # noqa: BLE001 - a demuxer may raise anything; the answer must be said
        return {"code": "media_broken", "detail": repr(fault)[:200]}


if __name__ == "__main__":
    av.logging.set_level(None)
    sys.stdout.write(json.dumps(answer(json.loads(sys.argv[1]))))
    sys.stdout.flush()
