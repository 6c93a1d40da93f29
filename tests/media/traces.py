"""What a derivative must not hold: looks for it in its bytes and in every box of an MP4."""

import struct
from collections.abc import Iterator
from pathlib import Path

import av

from tests.media.clips import CANARY, PLACE

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta", b"mvex"}
# All that a video or a sound needs to be played, and nothing to tell who, where, when or with what.
BOXES = {
    *("ftyp", "free", "mdat", "moov", "mvhd", "trak", "tkhd", "edts", "elst", "mdia", "mdhd", "hdlr", "minf", "vmhd"),
    *("smhd", "dinf", "dref", "stbl", "stsd", "stts", "stss", "ctts", "stsc", "stsz", "stco", "sgpd", "sbgp"),
    *("udta", "meta"),
}
# ffmpeg always writes a place for what iTunes would know: here it must be empty.
NOTHING = {
    "udta": bytes.fromhex("00000035") + b"meta" + bytes(4) + bytes.fromhex("00000021") + b"hdlr" + bytes(8)
    + b"mdirappl" + bytes(9) + bytes.fromhex("00000008") + b"ilst",
}  # fmt: skip
NOTHING["meta"] = NOTHING["udta"][8:]

HANDLERS = {b"VideoHandler\0", b"SoundHandler\0"}
TOOLS = (b"Lavf", b"Lavc", b"x264", b"x265", b"ffmpeg version", b"Apple", b"Core Media")
SEI = 6


def boxes(data: bytes, begin: int = 0, end: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Every box by name, with what it holds; those inside others after them."""
    at, end = begin, len(data) if end is None else end
    while at + 8 <= end:
        size, name = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        assert head <= size <= end - at, (name, size)
        yield name.decode("latin-1"), data[at + head : at + size]
        if name in CONTAINERS:
            yield from boxes(data, at + head, at + size)
        at += size
    assert at == end, "bytes behind the last box"


def found(path: Path) -> list[str]:
    """Everything in the file that tells something; empty when nothing does."""
    data = path.read_bytes()
    secrets = (CANARY, PLACE, "47.2184", "2022-03-15", "<script")
    wrong = [secret for secret in secrets if secret.encode() in data]
    wrong += [tool.decode() for tool in TOOLS if tool in data]
    if data[4:8] == b"ftyp":
        wrong += _in_boxes(data) + _in_stream(path)
    with av.open(str(path)) as container:
        told = dict(container.metadata)
        for stream in container.streams:
            told |= stream.metadata
    plain = {"language", "handler_name", "vendor_id", "major_brand", "minor_version", "compatible_brands"}
    codec = {"encoder": ("AVC Coding", "Opus")}  # what it is, not what made it
    return wrong + [
        f"{name}={value}" for name, value in told.items() if name not in plain and value not in codec.get(name, ())
    ]


def _in_boxes(data: bytes) -> list[str]:
    wrong = []
    for name, held in boxes(data):
        if name not in BOXES:
            wrong.append(f"box {name}")
        if name in NOTHING and held != NOTHING[name]:
            wrong.append(f"{name} says something")
        if name in {"mvhd", "tkhd", "mdhd"} and any(held[4 : 4 + (16 if held[0] else 8)]):
            wrong.append(f"{name}: a date")
        if name == "hdlr" and held[24:] not in HANDLERS:
            wrong.append(f"handler {held[24:]!r}")
    return wrong


def _in_stream(path: Path) -> list[str]:
    """The encoder's signature is in the picture data itself, as "supplemental information"."""
    with av.open(str(path)) as container:
        if not container.streams.video:
            return []
        for packet in container.demux(container.streams.video[0]):
            at, data = 0, bytes(packet)
            while at + 5 <= len(data):
                if data[at + 4] & 31 == SEI:
                    return ["supplemental information"]
                at += 4 + int.from_bytes(data[at : at + 4], "big")
    return []
