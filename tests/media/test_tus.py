"""Every MUST of tus 1.0.0 that concerns a server, one after the other; then what we promise beyond it."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from app.adapters.clock import real_now
from app.media import rules
from app.models import MediaState
from tests.conftest import World
from tests.media.tus import BYTES, PATH, VERSION, begun, create, head, jobs, patch, rows, spooled

# Headers do not depend on the database: one is enough here; what does is in test_uploads.py.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def problem(answer: Any, status: int, code: str) -> None:
    """A refusal that names the protocol and its reason, and may not be kept by anybody."""
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["cache-control"] == "no-store"


# Core: what every answer says


def test_every_answer_names_the_version(world: World) -> None:
    for method, path in [
        ("OPTIONS", PATH),
        ("OPTIONS", PATH + "/rien"),
        ("POST", PATH),
        ("HEAD", PATH + "/rien"),
        ("PATCH", PATH + "/rien"),
        ("DELETE", PATH + "/rien"),
        ("GET", PATH + "/rien"),
        ("PUT", PATH),
        ("GET", PATH + "/a/b"),
    ]:
        for sent in [{}, VERSION]:
            answer = world.client.request(method, path, headers=sent)
            assert answer.headers["tus-resumable"] == "1.0.0"
            assert answer.headers["cache-control"] == "no-store"


def test_a_request_from_another_site_is_refused_in_the_protocols_words(world: World) -> None:
    answer = world.client.post(PATH, headers=VERSION | {"Upload-Length": "5", "Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["tus-resumable"]) == (403, "1.0.0")
    assert rows(world) == []


def test_options_tells_what_is_spoken_whatever_version_is_sent(world: World) -> None:
    for path in [PATH, PATH + "/anything"]:
        for sent in [{}, VERSION, {"Tus-Resumable": "0.2.2"}]:
            answer = world.client.options(path, headers=sent)
            assert (answer.status_code, answer.content) == (204, b"")
            assert answer.headers["tus-version"] == "1.0.0"
            assert answer.headers["tus-extension"] == "creation,creation-with-upload,termination,expiration"
            assert answer.headers["tus-max-size"] == "1000000000"


def test_another_version_is_412_with_ours_and_nothing_is_done(world: World) -> None:
    address = begun(world)
    for version in [None, "", "0.2.2", "1.0.1", "1.0.0, 1.0.0", " 1.0.0;"]:
        sent = {} if version is None else {"Tus-Resumable": version}
        asked = [
            world.client.post(PATH, headers=sent | {"Upload-Length": "5"}),
            world.client.patch(address, headers=sent | BYTES | {"Upload-Offset": "0"}, content=b"hello"),
            world.client.delete(address, headers=sent),
        ]
        for answer in asked:
            problem(answer, 412, "tus_version")
            assert answer.headers["tus-version"] == "1.0.0"
        unread = world.client.head(address, headers=sent)
        assert (unread.status_code, unread.headers["tus-version"], "upload-offset" in unread.headers) == (
            412,
            "1.0.0",
            False,
        )
        assert len(rows(world)) == 1
        assert head(world, address).headers["upload-offset"] == "0"


# Core: HEAD


def test_head_tells_offset_and_length_and_is_never_kept(world: World) -> None:
    address = begun(world, 10)
    for at, piece in ((0, b""), (0, b"hello"), (5, b"hello")):
        patch(world, address, at, piece)
        answer = head(world, address)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["upload-offset"] == str(at + len(piece))
        assert answer.headers["upload-length"] == "10"
        assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_upload_is_404_without_an_offset(world: World) -> None:
    for token in ["rien", "a" * 32, "..%2F..%2Fsecret.key", "%00", "a" * 4000]:
        answer = head(world, f"{PATH}/{token}")
        assert (answer.status_code, "upload-offset" in answer.headers) == (404, False)
        problem(patch(world, f"{PATH}/{token}", 0, b"x"), 404, "not_found")
        problem(world.client.delete(f"{PATH}/{token}", headers=VERSION), 404, "not_found")
        assert spooled(world) == []


# Core: PATCH


def test_patch_adds_at_the_offset_and_says_the_new_one(world: World) -> None:
    address = begun(world, 12)
    for at, piece in ((0, b"hel"), (3, b"lo"), (5, b""), (5, b", world")):
        answer = patch(world, address, at, piece)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["upload-offset"] == str(at + len(piece))
    [file] = spooled(world)
    assert file.read_bytes() == b"hello, world"
    assert file.name == rows(world)[0][0].id.hex


def test_another_offset_is_409_and_changes_nothing(world: World) -> None:
    for at in [0, 4, 6, 10, 99]:
        address = begun(world, 10)
        patch(world, address, 0, b"hello")
        answer = patch(world, address, at, b"world")
        problem(answer, 409, "wrong_offset")
        assert answer.headers["upload-offset"] == "5"
        assert spooled(world)[0].read_bytes() == b"hello"


def test_another_content_type_is_415(world: World) -> None:
    for kind in ["application/octet-stream", "", "application/offset+octet-stream; charset=x", "multipart/form-data"]:
        address = begun(world)
        problem(patch(world, address, 0, b"hello", **{"Content-Type": kind}), 415, "content_type")
        assert head(world, address).headers["upload-offset"] == "0"


def test_an_offset_that_is_no_number_is_400(world: World) -> None:
    for at in ["", "-1", "+1", "1.0", "0x0", "٣", "1e1", "9" * 17, " ", "0 0"]:
        address = begun(world)
        headers = VERSION | BYTES | {"Upload-Offset": at.encode()}  # type: ignore[dict-item]
        problem(world.client.patch(address, headers=headers, content=b"hello"), 400, "upload_offset")


def test_an_offset_left_out_or_said_twice_is_400(world: World) -> None:
    address = begun(world)
    problem(world.client.patch(address, headers=VERSION | BYTES, content=b"x"), 400, "upload_offset")
    twice = [*(VERSION | BYTES).items(), ("Upload-Offset", "0"), ("Upload-Offset", "0")]
    problem(world.client.patch(address, headers=twice, content=b"x"), 400, "tus_malformed")


def test_what_is_beyond_the_declared_length_is_cut(world: World) -> None:
    address = begun(world, 10)
    answer = patch(world, address, 0, b"hello world, and more")
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, "10")
    assert spooled(world)[0].read_bytes() == b"hello worl"
    assert head(world, address).headers["upload-offset"] == "10"


# Core: X-HTTP-Method-Override


def test_the_method_that_is_meant_counts(world: World) -> None:
    for method in ["POST", "GET", "PUT"]:
        address = begun(world, 5)
        headers = VERSION | BYTES | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
        answer = world.client.request(method, address, headers=headers, content=b"hello")
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, "5")
        asked = world.client.request(method, address, headers=VERSION | {"X-HTTP-Method-Override": "HEAD"})
        assert (asked.status_code, asked.headers["upload-offset"]) == (200, "5")
        gone = world.client.request(method, address, headers=VERSION | {"X-HTTP-Method-Override": "DELETE"})
        assert (gone.status_code, head(world, address).status_code) == (204, 404)


def test_a_method_nobody_has_is_405(world: World) -> None:
    for meant in ["patch", "BREW", "", "PATCH, PATCH", "é"]:
        address = begun(world, 5)
        headers = VERSION | {"X-HTTP-Method-Override": meant.encode()}  # type: ignore[dict-item]
        assert world.client.post(address, headers=headers).status_code == 405


def test_the_override_does_not_get_past_the_cross_site_check(world: World) -> None:
    address = begun(world, 5)
    headers = VERSION | {"X-HTTP-Method-Override": "DELETE", "Sec-Fetch-Site": "cross-site"}
    assert world.client.get(address, headers=headers).status_code == 403
    assert head(world, address).status_code == 200


# Creation


def test_a_creation_is_201_with_its_address(world: World) -> None:
    answer = create(world, 100, filename="été.mp4", filetype="video/mp4")
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["location"].startswith(PATH + "/")
    assert len(answer.headers["location"].removeprefix(PATH + "/")) >= 22  # 128 bits in base64
    assert answer.headers["upload-offset"] == "0"
    [(media, upload)] = rows(world)
    assert (media.state, media.kind, media.mime, media.size) == (MediaState.UPLOADING, "video", "video/mp4", 100)
    assert (upload.length, upload.completed_at) == (100, None)
    assert rules._name(upload) == "été.mp4"


def test_no_row_holds_the_token_the_name_or_the_address(world: World) -> None:
    token = begun(world, 100, filename="secret-canary.mp4").removeprefix(PATH + "/")
    [(media, upload)] = rows(world)
    kept = repr([media.model_dump(), upload.model_dump(), upload.name_sealed, upload.metadata_sealed])
    for canary in (token, "canary", "testclient", "c2VjcmV0"):
        assert canary not in kept


def test_a_length_that_is_no_number_is_400(world: World) -> None:
    for length in ["", "-1", "ten", "1.5", "1e3", "٣", "9" * 17, "0x10", "5 5"]:
        headers = VERSION | {"Upload-Length": length.encode()}  # type: ignore[dict-item]
        problem(world.client.post(PATH, headers=headers), 400, "upload_length")
        assert (rows(world), spooled(world)) == ([], [])


def test_a_length_left_out_or_said_twice_is_400(world: World) -> None:
    problem(world.client.post(PATH, headers=VERSION), 400, "upload_length")
    twice = [*VERSION.items(), ("Upload-Length", "5"), ("Upload-Length", "6")]
    problem(world.client.post(PATH, headers=twice), 400, "tus_malformed")


def test_an_extension_we_did_not_announce_is_400(world: World) -> None:
    for extension in [
        {"Upload-Defer-Length": "1"},
        {"Upload-Concat": "partial"},
        {"Upload-Checksum": "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="},
    ]:
        problem(world.client.post(PATH, headers=VERSION | {"Upload-Length": "5"} | extension), 400, "tus_extension")


def test_a_checksum_nobody_would_check_is_400(world: World) -> None:
    address = begun(world, 5)
    answer = patch(world, address, 0, b"hello", **{"Upload-Checksum": "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="})
    problem(answer, 400, "tus_extension")
    assert head(world, address).headers["upload-offset"] == "0"


def test_more_than_the_kind_may_have_is_413_with_the_limit(world: World) -> None:
    for said, most in [
        ({"filetype": "image/jpeg"}, 20),
        ({"filename": "IMG_1.JPG"}, 20),
        ({"filetype": "audio/webm;codecs=opus"}, 200),
        ({"filetype": "video/quicktime"}, 1000),
        ({"filetype": "application/pdf"}, 20),
        ({"filename": "texte.docx"}, 20),
        ({"filetype": "application/x-unknown"}, 1000),
        ({}, 1000),
    ]:
        answer = create(world, most * 1_000_000 + 1, **said)
        problem(answer, 413, "file_too_large")
        assert answer.headers["tus-max-size"] == str(most * 1_000_000)
        assert create(world, most * 1_000_000, **said).status_code == 201


def test_head_gives_the_metadata_back_as_it_was(world: World) -> None:
    for said in ["", "filename ZQ==", "is_confidential", "a YQ==,b,c ", "client_id Yw==, other ZA=="]:
        answer = world.client.post(PATH, headers=VERSION | {"Upload-Length": "0", "Upload-Metadata": said})
        assert answer.status_code == 201
        assert head(world, answer.headers["location"]).headers.get("upload-metadata", "") == said.strip()


def test_metadata_that_is_none_is_400(world: World) -> None:
    for said in [
        "filename !!!",
        "filename YQ",
        "filename YQ== YQ==",
        "a YQ==,a YQ==",
        ",",
        "a YQ==,",
        "clé YQ==",
        "a\x01b YQ==",
        "filename /w==",  # no UTF-8
        "k" * 61 + " YQ==",
        ",".join(f"k{n}" for n in range(21)),
        "a " + "YWFh" * 1400,
    ]:
        headers = VERSION | {"Upload-Length": "5", "Upload-Metadata": said.encode()}  # type: ignore[dict-item]
        problem(world.client.post(PATH, headers=headers), 400, "upload_metadata")
        assert rows(world) == []


def test_the_name_is_only_a_name(world: World) -> None:
    for name, kept in [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\film.mov", "film.mov"),
        ("a\x00b\x1b[31m.jpg", "ab[31m.jpg"),
        ("gnp.\u202ejpg", "gnp.jpg"),
        ("x" * 300, "x" * 80),
        ("/", ""),
    ]:
        begun(world, 5, filename=name)
        assert rules._name(rows(world)[-1][1]) == kept
        assert all(file.parent == world.settings.data_dir / "uploads" for file in spooled(world))


# Creation with upload


def test_the_first_bytes_may_come_with_the_creation(world: World) -> None:
    answer = create(world, 10, content=b"hello")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "5")
    assert patch(world, answer.headers["location"], 5, b"world").headers["upload-offset"] == "10"
    assert spooled(world)[0].read_bytes() == b"helloworld"


def test_all_of_it_may_come_with_the_creation(world: World) -> None:
    answer = create(world, 5, content=b"hello and too much")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "5")
    assert (rows(world)[0][0].state, jobs(world)) == (MediaState.RECEIVED, 1)


def test_bytes_of_another_type_are_415_and_nothing_is_made(world: World) -> None:
    headers = VERSION | {"Upload-Length": "5", "Content-Type": "text/plain"}
    problem(world.client.post(PATH, headers=headers, content=b"hello"), 415, "content_type")
    assert (rows(world), spooled(world)) == ([], [])


# Expiration


def test_every_answer_says_until_when_while_it_is_unfinished(world: World) -> None:
    answer = create(world, 10)
    tomorrow = real_now() + timedelta(hours=24)
    address = answer.headers["location"]
    for told in (answer, head(world, address), patch(world, address, 0, b"hello")):
        assert told.headers["upload-expires"].endswith(" GMT")
        assert abs(parsedate_to_datetime(told.headers["upload-expires"]) - tomorrow) < timedelta(seconds=30)
    for told in (patch(world, address, 5, b"world"), head(world, address)):
        assert "upload-expires" not in told.headers


def test_an_expired_upload_is_410(world: World) -> None:
    address = begun(world, 10)
    patch(world, address, 0, b"hello")
    world.clock.move(timedelta(hours=24))
    problem(patch(world, address, 5, b"world"), 410, "upload_expired")
    problem(world.client.delete(address, headers=VERSION), 410, "upload_expired")
    answer = head(world, address)
    assert (answer.status_code, "upload-offset" in answer.headers) == (410, False)


# Termination


def test_a_terminated_upload_is_gone(world: World) -> None:
    for arrived in [b"", b"hello", b"hello worl"]:
        address = begun(world, 10)
        patch(world, address, 0, arrived)
        answer = world.client.delete(address, headers=VERSION)
        assert (answer.status_code, answer.content) == (204, b"")
        assert head(world, address).status_code == 404
        problem(patch(world, address, len(arrived), b"x"), 404, "not_found")
        problem(world.client.delete(address, headers=VERSION), 404, "not_found")
        assert spooled(world) == []


# Completion


def test_the_last_byte_completes_it_once_and_head_goes_on_answering(world: World) -> None:
    address = begun(world, 10, filetype="audio/mp4")
    patch(world, address, 0, b"hello")
    assert (rows(world)[0][0].state, jobs(world)) == (MediaState.UPLOADING, 0)
    patch(world, address, 5, b"world")
    for _ in range(2):
        answer = patch(world, address, 10, b"")
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, "10")
        assert patch(world, address, 10, b"more").headers["upload-offset"] == "10"
        problem(patch(world, address, 5, b"world"), 409, "wrong_offset")
        assert head(world, address).headers["upload-offset"] == "10"
    [(media, upload)] = rows(world)
    assert (media.state, upload.completed_at, jobs(world)) == (MediaState.RECEIVED, world.clock(), 1)
    world.clock.move(timedelta(days=3))
    assert head(world, address).headers["upload-offset"] == "10"


def test_a_file_of_nothing_is_complete_at_once(world: World) -> None:
    answer = create(world, 0, filename="vide.jpg")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "0")
    assert (rows(world)[0][0].state, jobs(world)) == (MediaState.RECEIVED, 1)
    assert spooled(world)[0].read_bytes() == b""
