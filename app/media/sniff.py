"""What a file is, by its first bytes, never by its name or what the sender calls it."""

import re
from enum import StrEnum

HEAD = 4096  # bytes that `sniff` wants to see


class Kind(StrEnum):
    """The kinds we can name. Photos are those in `PHOTOS`."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    AVIF = "avif"
    HEIC = "heic"
    GIF = "gif"
    TIFF = "tiff"
    BMP = "bmp"
    SVG = "svg"
    PDF = "pdf"
    HTML = "html"
    ARCHIVE = "archive"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    PLAYLIST = "playlist"  # names other files or addresses: read by nothing here


PHOTOS = {Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.AVIF, Kind.HEIC}
TYPES = {kind: f"image/{kind}" for kind in PHOTOS}

_STARTS: list[tuple[bytes, Kind]] = [
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"II+\0", Kind.TIFF),
    (b"MM\0+", Kind.TIFF),
    (b"BM", Kind.BMP),
    (b"%PDF-", Kind.PDF),
    (b"PK\x03\x04", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"\x1aE\xdf\xa3", Kind.VIDEO),  # Matroska, WebM
    (b"OggS", Kind.AUDIO),
    (b"ID3", Kind.AUDIO),
    (b"#!AMR", Kind.AUDIO),
    (b"fLaC", Kind.AUDIO),
    (b"caff", Kind.AUDIO),
]
# ISO base media without `ftyp`, as old QuickTime writes it.
_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_RIFF = {b"WEBP": Kind.WEBP, b"WAVE": Kind.AUDIO, b"AVI ": Kind.VIDEO}
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AUDIO = {b"M4A ", b"M4B "}
_PLAYLISTS = re.compile(
    rb"#EXTM3U|ffconcat\s+version|\[playlist\]|\[reference\]|v=0\r?\no=|RTSPtext"
    rb"|(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:MPD|smil|asx|playlist|SmoothStreamingMedia)[\s>]"
    rb"|file\s+['\"/]|(?:https?|rtsp|rtmp|mms|udp|ftp|file|plugin)://",
    re.IGNORECASE | re.DOTALL,
)
_DEMUXERS = {
    b"\x1aE\xdf\xa3": "matroska",
    b"OggS": "ogg",
    b"ID3": "mp3",
    b"#!AMR": "amr",
    b"fLaC": "flac",
    b"caff": "caf",
}
_MARKUP = re.compile(rb"<(!doctype\s+html|html|head|body|script|iframe|!doctype\s+svg|svg)[\s>/]", re.IGNORECASE)


def sniff(head: bytes) -> Kind | None:
    """The kind of a file that begins like this, None when we cannot tell. 4 kB are enough."""
    head = head[:HEAD]
    if kind := _binary(head):
        return kind
    return _text(head)


def demuxer(head: bytes) -> str | None:
    """The one libav format to open a sound or a video with; None for everything else."""
    if head[4:8] == b"ftyp" or _is_quicktime(head):
        return "mov"
    if head[:4] == b"RIFF":
        return {b"WAVE": "wav", b"AVI ": "avi"}.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return "aiff"
    if raw := _raw_audio(head):
        return raw
    return next((name for start, name in _DEMUXERS.items() if head.startswith(start)), None)


def _binary(head: bytes) -> Kind | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _boxed(head)
    if _is_quicktime(head):
        return Kind.VIDEO
    if (head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}) or _raw_audio(head):
        return Kind.AUDIO
    return next((kind for start, kind in _STARTS if head.startswith(start)), None)


def _is_quicktime(head: bytes) -> bool:
    return head[4:8] in _BOXES and head[:1] == b"\0"


def _raw_audio(head: bytes) -> str | None:
    """Frames without a container: the sync word, then a layer, bit rate and sample rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac" if (head[2] >> 2) & 15 < 13 else None
    layer, rate, sampling = (head[1] >> 1) & 3, head[2] >> 4, (head[2] >> 2) & 3
    version = (head[1] >> 3) & 3
    return "mp3" if layer == 1 and version != 1 and 0 < rate < 15 and sampling < 3 else None


def _boxed(head: bytes) -> Kind:
    """ISO base media: the brands say whether it is a still picture, and of which codec.

    `mif1` and `msf1` only mean "a picture": the codec is in the other brands, and HEVC where none says.
    """
    length = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, length - 3, 4))}
    if major in _AVIF or (major in {b"mif1", b"msf1", b"miaf"} and brands & _AVIF):
        return Kind.AVIF
    if major in _HEIC or major in {b"mif1", b"msf1", b"miaf"}:
        return Kind.HEIC
    return Kind.AUDIO if major in _AUDIO else Kind.VIDEO


def _text(head: bytes) -> Kind | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\0", b"")
    if not head or b"\0" in head:
        return None
    if _PLAYLISTS.match(head.lstrip(b"\xef\xbb\xbf \t\r\n")):
        return Kind.PLAYLIST
    if found := _MARKUP.search(head):
        return Kind.SVG if b"svg" in found[1].lower() else Kind.HTML
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return Kind.TEXT if controls == 0 and _decodes(head) else None


def _decodes(head: bytes) -> bool:
    """UTF-8 (a character may be cut at the end), or one-byte text of mostly letters."""
    try:
        head.decode()
    except UnicodeDecodeError as fault:
        return 0 < len(head) - 3 <= fault.start or sum(byte >= 128 for byte in head) < len(head) / 3
    return True
