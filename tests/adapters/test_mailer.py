"""Mail against a real server on loopback, as files, and the fake."""

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from app.adapters.mailer import FileMailer, MailDown, Mailer, MailRefused, Outbox, SmtpMailer, make_mailer
from tests.processes import HOST, free_port
from tests.servers import Mailbox, smtp

SENDER = "Dialogue <ne-pas-repondre@ville.example>"


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with smtp() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(server: Mailbox) -> Mailbox:
    server.start()
    server.answer = "250 Message accepted"
    server.messages.clear()
    return server


def message(to: str = "personne@mail.example") -> EmailMessage:
    made = EmailMessage()
    made["To"] = to
    made["Subject"] = "Votre contribution a été lue"
    made.set_content("Bonjour,\n\nÀ bientôt.\n")
    made.add_alternative("<p>Bonjour</p>", subtype="html")
    return made


def connected(mailbox: Mailbox, tmp_path: Path) -> Mailer:
    return make_mailer(mailbox.url, tmp_path, sender=SENDER)


def test_a_message_arrives_whole(mailbox: Mailbox, tmp_path: Path) -> None:
    mailer = connected(mailbox, tmp_path)
    assert mailer.check() == ""
    original = message()
    mailer.send(original, key="outbox:7")
    (got,) = mailbox.messages
    assert (got["From"], got["To"], got["Subject"]) == (SENDER, original["To"], original["Subject"])
    assert got.get_body(("plain",)).get_content().split() == ["Bonjour,", "À", "bientôt."]  # type: ignore[union-attr]
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"]
    assert "Message-ID" not in original  # what was handed over is not written into


def test_a_retry_is_the_same_message_and_another_is_not(mailbox: Mailbox, tmp_path: Path) -> None:
    mailer = connected(mailbox, tmp_path)
    for key in ("outbox:7", "outbox:7", "outbox:8"):
        mailer.send(message(), key=key)
    first, again, other = (got["Message-ID"] for got in mailbox.messages)
    assert first == again != other
    assert first.endswith("@ville.example>")
    assert "outbox" not in first


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.3.0 Later", MailDown),
        ("452 4.2.2 Full", MailDown),
        ("550 5.1.1 Nobody here", MailRefused),
        ("554 5.7.1 Not wanted", MailRefused),
    ],
)
def test_refusals_say_whether_to_try_again(
    mailbox: Mailbox, tmp_path: Path, answer: str, error: type[Exception]
) -> None:
    mailbox.answer = answer
    with pytest.raises(error):
        connected(mailbox, tmp_path).send(message(), key="a")
    assert mailbox.messages == []


def test_a_server_that_is_away_comes_back(mailbox: Mailbox, tmp_path: Path) -> None:
    mailer = connected(mailbox, tmp_path)
    mailbox.stop()
    with pytest.raises(MailDown):
        mailer.send(message(), key="a")
    assert mailer.check().startswith(f"{HOST}:{mailbox.port} : ")
    mailbox.start()
    mailer.send(message(), key="a")
    assert len(mailbox.messages) == 1


def test_an_address_the_server_cannot_write_is_refused_for_good(mailbox: Mailbox, tmp_path: Path) -> None:
    class Picky(Mailbox):
        async def handle_RCPT(
            self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
        ) -> str:
            return "550 5.1.1 Unknown" if address.startswith("nobody") else "450 4.2.1 Busy"

    picky = Picky()
    picky.start()
    try:
        mailer = connected(picky, tmp_path)
        with pytest.raises(MailRefused):
            mailer.send(message("nobody@mail.example"), key="a")
        with pytest.raises(MailDown):
            mailer.send(message("busy@mail.example"), key="a")
    finally:
        picky.stop()


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as silent:
        mailer = SmtpMailer(HOST, silent.getsockname()[1], SENDER, timeout=0.2)
        with pytest.raises(MailDown):
            mailer.send(message(), key="a")


# A server with TLS and a password -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", f"subjectAltName=DNS:localhost,IP:{HOST}"),
        ],
        check=True,
        capture_output=True,
    )
    return key, cert


@pytest.fixture
def secured(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[int, Mailbox]]]:
    """Starts a server that wants TLS and the password `a:b@c`; the certificate is trusted here."""
    key, cert = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    running: list[Controller] = []

    def start(*, at_once: bool) -> tuple[int, Mailbox]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        mailbox = Mailbox()
        port = free_port()

        def authenticate(*asked: Any) -> AuthResult:
            given = asked[4]
            assert isinstance(given, LoginPassword)
            return AuthResult(success=(given.login, given.password) == (b"us:er", b"p@ss"), handled=False)

        controller = Controller(
            mailbox,
            hostname=HOST,
            port=port,
            ssl_context=context if at_once else None,
            tls_context=None if at_once else context,
            require_starttls=not at_once,
            authenticator=authenticate,
            auth_required=not at_once,  # aiosmtpd only counts STARTTLS as TLS
            auth_require_tls=not at_once,
        )
        controller.start()
        running.append(controller)
        return port, mailbox

    yield start
    for controller in running:
        controller.stop()


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "smtps"])
def test_tls_and_a_password(secured: Callable[..., tuple[int, Mailbox]], tmp_path: Path, at_once: bool) -> None:
    port, mailbox = secured(at_once=at_once)
    url = f"smtps://us%3Aer:p%40ss@{HOST}:{port}" if at_once else f"smtp://us%3Aer:p%40ss@{HOST}:{port}?starttls=1"
    mailer = make_mailer(url, tmp_path, sender=SENDER)
    mailer.send(message(), key="a")
    assert len(mailbox.messages) == 1
    assert mailer.check() == ""
    assert "p@ss" not in repr(mailer)
    wrong = make_mailer(url.replace("p%40ss", "other"), tmp_path, sender=SENDER)
    with pytest.raises(MailDown):  # ours to mend: nothing is wrong with the message
        wrong.send(message(), key="b")
    assert "p@ss" not in wrong.check()
    assert wrong.check() != ""


def test_a_certificate_nobody_vouches_for_is_not_trusted(
    secured: Callable[..., tuple[int, Mailbox]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, mailbox = secured(at_once=True)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(MailDown):
        make_mailer(f"smtps://{HOST}:{port}", tmp_path, sender=SENDER).send(message(), key="a")
    assert mailbox.messages == []


# Files, the fake, addresses -------------------------------------------------------------------------------


def test_without_a_server_each_message_is_a_file_once(tmp_path: Path) -> None:
    mailer = make_mailer("", tmp_path / "mail" / "out", sender=SENDER)
    assert mailer.check() == ""
    mailer.send(message("first@mail.example"), key="outbox:7")
    mailer.send(message("second@mail.example"), key="outbox:7")
    mailer.send(message(), key="outbox:8")
    files = sorted((tmp_path / "mail" / "out").iterdir())
    assert [path.suffix for path in files] == [".eml", ".eml"]
    read = [message_from_bytes(path.read_bytes(), policy=default) for path in files]
    assert {got["To"] for got in read} == {"first@mail.example", "personne@mail.example"}
    assert {got["From"] for got in read} == {SENDER}
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path) in FileMailer(tmp_path / "file" / "mail", SENDER).check()


def test_the_fake_sends_once_a_key_and_fails_on_demand() -> None:
    outbox = Outbox()
    for key in ("a", "a", "b"):
        outbox.send(message(), key=key)
    assert len(outbox.sent) == 2
    outbox.fault = MailDown()
    with pytest.raises(MailDown):
        outbox.send(message(), key="c")
    assert outbox.check() == MailDown.message


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_an_address_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        make_mailer(url, tmp_path, sender=SENDER)
