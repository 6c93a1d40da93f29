"""A bad network on the loopback: between a browser and the real service, it cuts, loses, refuses and lies.

    with Proxy(free_port(), upstream=live.port, seed=7) as network:
        network.mode = "bad"      # "clear": hands everything on; "cut": no network at all

What befalls a request is drawn from the seed and the request's number, so that a run can be had again as nearly as
two programs that race allow. Pages go through whole unless the network is cut: a phone that has the page keeps it.
"""

import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from tests.processes import HOST

Mode = Literal["clear", "cut", "bad"]
# What may happen, and how often among a hundred requests; the rest go through.
FAULTS = {
    "refused": 5,  # the connection is closed before anything
    "broken": 4,  # 500, and the service has heard nothing
    "busy": 4,  # 503
    "portal": 4,  # 200 and a page of somebody else's
    "half asked": 6,  # the request is cut in the middle of its body
    "half answered": 6,  # the service acts; its answer is cut
    "unanswered": 6,  # the service acts; its answer is lost
}
PORTAL = b"<!doctype html><title>Bienvenue</title><p>Acceptez les conditions."
HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
PATIENCE = 30


class Proxy:
    """One address that the browser believes to be the service's."""

    def __init__(self, port: int, *, upstream: int, seed: int) -> None:
        self.port, self.upstream, self.seed = port, upstream, seed
        self.mode: Mode = "clear"
        self.befell: Counter[str] = Counter()
        self.handed: Counter[str] = Counter()  # requests the service has heard whole, by method
        self.sent: Counter[str] = Counter()  # bytes of bodies that went to the browser, by path
        self._asked = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        class Handler(_Handler):
            network = self

        server = _Server((HOST, self.port), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def draw(self, path: str) -> str:
        """What befalls the next request."""
        with self._lock:
            self._asked += 1
            fault = self._drawn(path)
            self.befell[fault] += 1
        return fault

    def _drawn(self, path: str) -> str:
        if self.mode == "cut":
            return "cut"
        if self.mode == "clear" or not path.startswith("/api/"):
            return "nothing"
        dice = random.Random(f"{self.seed}:{self._asked}")
        names = [*FAULTS, "nothing"]
        return dice.choices(names, [*FAULTS.values(), 100 - sum(FAULTS.values())])[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that is killed in the middle of a request is what is tested here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Proxy

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = self.network.draw(self.path)
        self.close_connection = fault != "nothing" or self.headers.get("connection") == "close"
        if fault in ("cut", "refused"):
            return
        if fault in ("broken", "busy"):
            self._say(500 if fault == "broken" else 503, [("Content-Type", "text/plain")], b"non")
        elif fault == "portal":
            self._say(200, [("Content-Type", "text/html")], PORTAL)
        else:
            self._hand_on(body, fault)

    def _hand_on(self, body: bytes, fault: str) -> None:
        """To the service; where it does not answer, the connection ends as it would without us."""
        asked = HTTPConnection(HOST, self.network.upstream, timeout=PATIENCE)
        try:
            asked.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "keep-alive"):
                    asked.putheader(name, value)
            asked.endheaders()
            if fault == "half asked":
                asked.send(body[: len(body) // 2])
                return
            asked.send(body)
            answer = asked.getresponse()
            said = answer.read()
            self.network.handed[self.command] += 1
            if self.network.mode != "cut" and fault != "unanswered":
                self._pass(answer, said, half=fault == "half answered")
        except (OSError, HTTPException):
            self.close_connection = True
        finally:
            asked.close()

    def _pass(self, answer: HTTPResponse, said: bytes, *, half: bool) -> None:
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP]
        # HEAD tells a length it does not send; a cut answer promises more than it gives.
        length = answer.getheader("content-length", "0") if self.command == "HEAD" else str(len(said))
        self._say(answer.status, kept, said[: len(said) // 2] if half else said, length=length)

    def _say(self, status: int, headers: list[tuple[str, str]], said: bytes, *, length: str | None = None) -> None:
        with suppress(OSError):
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("Content-Length", length or str(len(said)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)
            self.wfile.flush()
            if self.close_connection:
                self.connection.shutdown(socket.SHUT_WR)
            self.network.sent[self.path.partition("?")[0]] += len(said)
