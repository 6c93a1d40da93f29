"""Text messages against a real HTTP server on loopback, and the fake."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.adapters.sms import SmsBox, SmsDown, SmsRefused, make_sms
from tests.processes import HOST, free_port


class Provider(ThreadingHTTPServer):
    status = 202
    received: list[tuple[dict[str, str], dict[str, str]]]


class Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append((dict(self.headers), body))
        self.do_HEAD()

    def do_HEAD(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider((HOST, 0), Answer) as server:
        server.received = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_message_is_posted_with_its_key(provider: Provider) -> None:
    sms = make_sms(f"http://us%40er:p%3Ass@{HOST}:{provider.server_port}/send")
    assert sms is not None
    assert "p:ss" not in repr(sms)
    assert sms.check() == ""
    sms.send("+33600000000", "L’atelier a changé de salle.", key="outbox:7")
    ((headers, body),) = provider.received
    assert body == {"to": "+33600000000", "text": "L’atelier a changé de salle.", "key": "outbox:7"}
    assert headers["Idempotency-Key"] == "outbox:7"
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"us@er:p:ss").decode()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, SmsRefused),
        (422, SmsRefused),
        (401, SmsDown),
        (429, SmsDown),
        (500, SmsDown),
        (503, SmsDown),
        (302, SmsDown),
    ],
)
def test_refusals_say_whether_to_try_again(provider: Provider, status: int, error: type[Exception]) -> None:
    provider.status = status
    sms = make_sms(f"http://{HOST}:{provider.server_port}/")
    assert sms is not None
    with pytest.raises(error):
        sms.send("+33600000000", "a", key="a")


def test_nobody_there() -> None:
    sms = make_sms(f"http://{HOST}:{free_port()}/")
    assert sms is not None
    assert sms.check().startswith(HOST)
    with pytest.raises(SmsDown):
        sms.send("+33600000000", "a", key="a")


def test_none_when_nothing_is_configured_and_the_fake() -> None:
    assert make_sms("") is None
    with pytest.raises(ValueError):
        make_sms("tel:+33600000000")
    fake = SmsBox()
    fake.send("1", "a", key="k")
    fake.send("1", "b", key="k")
    assert fake.sent == {"k": ("1", "a")}
    fake.fault = SmsDown()
    with pytest.raises(SmsDown):
        fake.send("1", "c", key="l")
    assert fake.check() == SmsDown.message
