"""The servers that other tests stand on: they start, do their work, fail on demand, and leave nothing."""

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import httpx
import obstore
import psutil
import psycopg
import pytest
from obstore.store import S3Store

from tests.processes import HOST, folder, running
from tests.servers import Bucket, Mailbox, create_database, drop_database, plain, postgres, seaweed, smtp

ROOT = Path(__file__).parent.parent


def children(name: str, of: int | None = None) -> list[psutil.Process]:
    """The programs of that name started by a process, oldest first."""
    found = [child for child in psutil.Process(of).children() if child.name() == name]
    return sorted(found, key=lambda child: child.create_time())


@pytest.fixture(scope="module")
def admin_url() -> Iterator[str]:
    with postgres() as url:
        yield url


def test_postgres_copies_a_template_and_drops_a_database_in_use(admin_url: str) -> None:
    template = create_database(admin_url, "model")
    with psycopg.connect(plain(template)) as connection:
        connection.execute("CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm; CREATE TABLE word (said text)")
        connection.execute("INSERT INTO word VALUES ('solidarités')")
    copy = create_database(admin_url, "copy", template="model")
    with closing(psycopg.connect(plain(copy))) as connection:
        assert connection.execute("SELECT unaccent(said) FROM word").fetchall() == [("solidarites",)]
        drop_database(admin_url, "copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(plain(copy))


def test_postgres_takes_settings_and_stops_with_its_block() -> None:
    with postgres(fsync="on") as url:
        with psycopg.connect(plain(url)) as connection:
            assert connection.execute("SHOW fsync").fetchall() == [("on",)]
            assert connection.execute("SHOW synchronous_commit").fetchall() == [("off",)]
        home = Path(children("postgres")[-1].cwd())
        assert home.exists()
        held = psycopg.connect(plain(url))  # an open connection must not hold the end up
    with closing(held), pytest.raises(psycopg.OperationalError):
        held.execute("SELECT 1")
    assert not home.exists()


def test_postgres_refuses_a_wrong_password(admin_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(plain(admin_url), password="guessed")


def test_a_killed_test_run_leaves_no_server_behind() -> None:
    script = "from tests.servers import postgres\nwith postgres() as url: print(url, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        assert run.stdin
        url = run.stdout.readline().strip()
        [server] = children("postgres", of=run.pid)
        home = Path(server.cwd()).parent
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        gone, _ = psutil.wait_procs([server], timeout=10)
    assert gone == [server]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(url), connect_timeout=2)
    subprocess.run(["rm", "-r", home], check=True)


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with seaweed() as store:
        yield store


def opened(bucket: Bucket, secret: str) -> S3Store:
    return S3Store(
        bucket.name,
        endpoint=bucket.endpoint,
        access_key_id=bucket.access_key,
        secret_access_key=secret,
        region="us-east-1",
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


def test_seaweed_keeps_what_it_is_given(bucket: Bucket) -> None:
    store = opened(bucket, bucket.secret_key)
    content = os.urandom(12_000_000)  # more than one part
    obstore.put(store, "media/large.bin", content)
    assert bytes(obstore.get(store, "media/large.bin").bytes()) == content
    assert [meta["path"] for meta in obstore.list(store).collect()] == ["media/large.bin"]
    obstore.delete(store, "media/large.bin")
    assert obstore.list(store).collect() == []


def test_seaweed_refuses_strangers(bucket: Bucket) -> None:
    with pytest.raises(obstore.exceptions.PermissionDeniedError):
        obstore.put(opened(bucket, "guessed"), "media/x", b"x")
    assert httpx.get(f"{bucket.endpoint}/{bucket.name}/").status_code == 403


def test_seaweed_listens_on_loopback_only_and_stops_with_its_block() -> None:
    with seaweed("other") as store:
        server = children("weed")[-1]
        listening = {each.laddr.ip for each in server.net_connections("tcp") if each.status == "LISTEN"}
        assert listening == {HOST}
    assert not server.is_running()
    with pytest.raises(httpx.ConnectError):
        httpx.get(store.endpoint)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp() as box:
        yield box


def send(mailbox: Mailbox) -> None:
    message = EmailMessage()
    message["Subject"] = "Bien arrivé"
    message["From"], message["To"] = "ville@example.org", "personne@example.org"
    message.set_content("Vos mots sont arrivés.")
    with smtplib.SMTP(HOST, mailbox.port, timeout=5) as client:
        client.send_message(message)


def test_mail_arrives_whole(mailbox: Mailbox) -> None:
    send(mailbox)
    [message] = mailbox.messages
    assert (message["Subject"], message.get_content().strip()) == ("Bien arrivé", "Vos mots sont arrivés.")
    assert mailbox.recipients == [["personne@example.org"]]


def test_mail_is_refused_on_demand(mailbox: Mailbox) -> None:
    mailbox.answer = "451 4.3.0 Later"
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(mailbox)
    assert refusal.value.smtp_code == 451
    assert (mailbox.messages, mailbox.tries) == ([], 1)


def test_mail_goes_down_and_comes_back_on_the_same_port(mailbox: Mailbox) -> None:
    mailbox.stop()
    with pytest.raises(ConnectionRefusedError):
        send(mailbox)
    mailbox.start()
    send(mailbox)
    assert len(mailbox.messages) == 1


def test_a_server_that_does_not_start_says_why() -> None:
    command = [sys.executable, "-c", "raise SystemExit('no room left')"]
    with (
        folder("broken") as home,
        pytest.raises(RuntimeError, match="no room left"),
        running(command, home, ready=lambda: False),
    ):
        pass
