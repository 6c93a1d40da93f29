"""The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload), read strictly and nothing else.

Every refusal says so in a stable code before a byte of a body is read.
"""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import PurePosixPath
from typing import Protocol

from app.errors import N_, AppError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
BYTES = "application/offset+octet-stream"
NUMBER = re.compile(r"[0-9]{1,16}")
KEY = re.compile(r"[!-+\--~]{1,60}")  # printable ASCII without space and comma
TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,39}")
MOST_METADATA = 4096
MOST_PAIRS = 20
PROTOCOL = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}


class Given(Protocol):
    """Request headers, each as often as it was sent."""

    def getlist(self, key: str, /) -> list[str]: ...


class Malformed(AppError):
    status, code = 400, "tus_malformed"
    message = N_("L’envoi du fichier ne suit pas les règles du protocole tus.")


class OtherVersion(AppError):
    status, code = 412, "tus_version"
    message = N_("L’envoi du fichier ne suit pas les règles du protocole tus.")


class OtherType(AppError):
    status, code = 415, "content_type"
    message = N_("L’envoi du fichier ne suit pas les règles du protocole tus.")


@dataclass(frozen=True)
class Creation:
    """What a POST asks for. `metadata` as it was given; all after it are the sender's words, "" if unsaid.
    `collect` and `client_id`: the record from the street, and the medium declared with it."""

    length: int
    metadata: str
    name: str
    type: str
    with_bytes: bool
    collect: str = ""
    client_id: str = ""


def check_version(headers: Given) -> None:
    """412 with the versions we speak, unless it is ours."""
    if _one(headers, "tus-resumable") != VERSION:
        raise OtherVersion(headers={"Tus-Version": VERSION})


def creation(headers: Given) -> Creation:
    check_version(headers)
    _refuse_unknown(headers, "upload-concat", "upload-defer-length", "upload-checksum")
    length = _number(headers, "upload-length")
    metadata, told = _metadata(_one(headers, "upload-metadata") or "")
    with_bytes = body_follows(headers)
    if with_bytes:
        _check_type(headers)
    of = _words(told, "collect"), _words(told, "client_id")
    return Creation(length, metadata, _name(told), _type(told), with_bytes, *of)


def position(headers: Given) -> int:
    """The Upload-Offset of a PATCH, its other headers being right."""
    check_version(headers)
    _check_type(headers)
    _refuse_unknown(headers, "upload-checksum")
    return _number(headers, "upload-offset")


def body_follows(headers: Given) -> bool:
    return bool(headers.getlist("transfer-encoding")) or (body_length(headers) or 0) > 0


def body_length(headers: Given) -> int | None:
    """None when it is sent in chunks: known at its end only."""
    if headers.getlist("transfer-encoding"):
        return None
    given = _one(headers, "content-length")
    return int(given) if given and given.isascii() and given.isdigit() else 0


def expires(moment: datetime) -> str:
    """Upload-Expires, in the format of RFC 7231."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _check_type(headers: Given) -> None:
    if _one(headers, "content-type") != BYTES:
        raise OtherType()


def _refuse_unknown(headers: Given, *names: str) -> None:
    """An extension that was not announced: to go on would be to do something else than was asked."""
    for name in names:
        if headers.getlist(name):
            raise Malformed(code="tus_extension")


def _one(headers: Given, name: str) -> str | None:
    found = headers.getlist(name)
    if len(found) > 1:
        raise Malformed()
    return found[0] if found else None


def _number(headers: Given, name: str) -> int:
    given = _one(headers, name)
    if given is None or not NUMBER.fullmatch(given):
        raise Malformed(code=name.replace("-", "_"))
    return int(given)


def _metadata(given: str) -> tuple[str, dict[str, bytes]]:
    """Pairs `key base64`, separated by commas. Some clients send the header empty when they have nothing to say."""
    if len(given) > MOST_METADATA:
        raise Malformed(code="upload_metadata")
    told: dict[str, bytes] = {}
    for pair in given.split(",") if given.strip() else []:
        key, _, value = pair.strip(" ").partition(" ")
        if not KEY.fullmatch(key) or key in told or len(told) == MOST_PAIRS:
            raise Malformed(code="upload_metadata")
        try:
            told[key] = b64decode(value, validate=True)
        except (binascii.Error, ValueError) as fault:
            raise Malformed(code="upload_metadata") from fault
    return given.strip() if told else "", told


def _name(told: dict[str, bytes]) -> str:
    """The last part of the file's name, without what could steer a terminal or turn the direction of writing."""
    words = "".join(letter for letter in _words(told, "filename", "name") if letter.isprintable())
    return PurePosixPath(words.replace("\\", "/")).name


def _type(told: dict[str, bytes]) -> str:
    kind = _words(told, "filetype", "type").partition(";")[0].strip().lower()
    return kind if TYPE.fullmatch(kind) else ""


def _words(told: dict[str, bytes], *keys: str) -> str:
    for key in keys:
        if key in told:
            try:
                return told[key].decode()
            except UnicodeDecodeError as fault:
                raise Malformed(code="upload_metadata") from fault
    return ""
