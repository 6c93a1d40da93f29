"""Kinds are told by content."""

import struct
from pathlib import Path

import pytest
from PIL import Image

from app.media.sniff import PHOTOS, TYPES, Kind, demuxer, sniff
from tests.media.pictures import encoded, heic, quarters


def boxed(major: bytes, *others: bytes) -> bytes:
    body = major + b"\0\0\0\0" + b"".join(others)
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body + b"\0\0\0\x08mdat"


@pytest.mark.parametrize(
    ("image_format", "kind"),
    [
        ("JPEG", Kind.JPEG),
        ("PNG", Kind.PNG),
        ("WEBP", Kind.WEBP),
        ("AVIF", Kind.AVIF),
        ("GIF", Kind.GIF),
        ("TIFF", Kind.TIFF),
        ("BMP", Kind.BMP),
    ],
)
def test_pictures_made_by_pillow(image_format: str, kind: Kind) -> None:
    assert sniff(encoded(quarters(30, 20), image_format)) == kind


def test_heic(tmp_path: Path) -> None:
    assert sniff(heic(tmp_path / "a").read_bytes()) == Kind.HEIC


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (boxed(b"heic", b"mif1", b"heic"), Kind.HEIC),
        (boxed(b"heix", b"mif1"), Kind.HEIC),
        (boxed(b"hevc", b"msf1"), Kind.HEIC),
        (boxed(b"mif1", b"heic", b"mif1"), Kind.HEIC),
        (boxed(b"msf1", b"hevc"), Kind.HEIC),
        (boxed(b"mif1", b"avif", b"miaf"), Kind.AVIF),
        (boxed(b"avis", b"msf1"), Kind.AVIF),
        (boxed(b"isom", b"mp42"), Kind.VIDEO),
        (boxed(b"qt  "), Kind.VIDEO),
        (boxed(b"M4A ", b"isom"), Kind.AUDIO),
        (b"RIFF\0\0\0\0WAVEfmt ", Kind.AUDIO),
        (b"RIFF\0\0\0\0AVI LIST", Kind.VIDEO),
        (b"RIFF\0\0\0\0ACON", None),
        (b"\x1aE\xdf\xa3\x01", Kind.VIDEO),
        (b"%PDF-1.7", Kind.PDF),
        (b"PK\x03\x04", Kind.ARCHIVE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", Kind.SVG),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<svg>", Kind.SVG),
        (b"<!DOCTYPE html><title>", Kind.HTML),
        (b"\n\n  <SCRIPT src=x>", Kind.HTML),
        ("<svg/>".encode("utf-16"), Kind.SVG),
        ("Été à Nantes, déjà".encode(), Kind.TEXT),
        ("Été à Nantes, déjà".encode("latin-1"), Kind.TEXT),
        ("é".encode() * 2048 + b"\xc3", Kind.TEXT),
        (b"#EXTM3U\nfile:///etc/hostname", Kind.PLAYLIST),
        (b"\xef\xbb\xbf#extm3u", Kind.PLAYLIST),
        (b"ffconcat version 1.0\nfile /etc/passwd", Kind.PLAYLIST),
        (b"file '/etc/passwd'", Kind.PLAYLIST),
        (b"[playlist]\nFile1=http://x", Kind.PLAYLIST),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<MPD xmlns='urn:mpeg'>", Kind.PLAYLIST),
        (b"<asx version='3.0'>", Kind.PLAYLIST),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1", Kind.PLAYLIST),
        (b"  http://example.org/stream", Kind.PLAYLIST),
        (b"plugin://plugin.video.x/play", Kind.PLAYLIST),
        (b"\0\0\0\x14ftyp3gp4", Kind.VIDEO),
        (b"\0\0\0\x14ftypqt  ", Kind.VIDEO),
        (b"\0\0\0\x08wide\0\0\0\0mdat", Kind.VIDEO),
        (b"#!AMR-WB\n", Kind.AUDIO),
        (b"FORM\0\0\0\0AIFFCOMM", Kind.AUDIO),
        (b"FORM\0\0\0\0ILBMBMHD", None),
        (b"caff\0\1", Kind.AUDIO),
        (b"\xff\xfb\x90\x00", Kind.AUDIO),
        (b"\xff\xf1\x50\x80", Kind.AUDIO),
        (b"\xff\xff\xff\xff", None),
        (b"\xff\xfb\xf0\x00", None),
        (b"", None),
        (b"\0\0\0\0", None),
        (b"\xff\xd8", None),
        (b"\0\0\0\xffftyp", Kind.VIDEO),
    ],
)
def test_heads(head: bytes, kind: Kind | None) -> None:
    assert sniff(head) == kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x14ftypisom", "mov"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mov"),
        (b"\x1aE\xdf\xa3\x01", "matroska"),
        (b"OggS\0", "ogg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"RIFF\0\0\0\0WEBPVP8 ", None),
        (b"ID3\x04", "mp3"),
        (b"\xff\xfb\x90\x00", "mp3"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"#!AMR\n", "amr"),
        (b"#EXTM3U\nhttp://x", None),
        (b"ffconcat version 1.0", None),
        (b"v=0\r\no=- 0 0", None),
        (b"<MPD>", None),
        (b"GIF89a", None),
        (b"%PDF-1.7", None),
    ],
)
def test_each_container_has_one_reader_and_a_playlist_has_none(head: bytes, name: str | None) -> None:
    assert demuxer(head) == name


def test_a_picture_with_markup_behind_is_a_picture_and_markup_first_is_none() -> None:
    jpeg = encoded(quarters(30, 20), "JPEG")
    assert sniff(jpeg + b"<html>") == Kind.JPEG
    assert sniff(b"<html>" + jpeg) not in PHOTOS


def test_each_photo_kind_has_its_type() -> None:
    assert {kind: Image.MIME[str(kind).upper()] for kind in PHOTOS - {Kind.HEIC}} | {Kind.HEIC: "image/heic"} == TYPES
