"""Mail: through SMTP, or as .eml files in a folder where no server is configured, and a fake for tests.

`key` names the act of sending (an outbox row): the Message-ID derives from it, so that a retry after a lost
answer is the same message to every mailbox, and a file of its own is written once.
"""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from copy import copy
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, localtime, parseaddr
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from app.adapters.durable import make_folder, write_durably
from app.errors import N_, AppError, DiskFull

A_CONNECTION = 100  # messages: servers grow suspicious of a caller who never hangs up
TIMEOUT = 10.0  # seconds, for each exchange: a job waits, nobody else does


class MailDown(AppError):
    """Not sent, may work later: the job tries again."""

    status, code = 503, "mail_down"
    message = N_("Le serveur de courrier ne répond pas. Le message partira plus tard.")


class MailRefused(AppError):
    """Not sent and never will be like this: a wrong address, or a server that does not want it."""

    status, code = 422, "mail_refused"
    message = N_("Le serveur de courrier refuse ce message.")


class Sender(Protocol):
    def send(self, message: EmailMessage, *, key: str) -> None:
        """Raises MailDown (try again) or MailRefused (do not)."""


class Mailer(Sender, Protocol):
    keeps: ClassVar[bool]  # whether what was sent stays here

    def forget(self, key: str) -> None:
        """What is kept here of a message goes. What was never sent, or is kept elsewhere, is no error."""

    def kept(self) -> AbstractContextManager[Sender]:
        """For many messages one after the other; after a fault the next one begins afresh."""

    def check(self) -> str:
        """ "" or what is wrong, in words. Sends nothing."""


def make_mailer(smtp_url: str, folder: Path, *, sender: str) -> Mailer:
    """`smtp://[user:password@]host[:port][?starttls=1]`, `smtps://…`, or "" for files in `folder`."""
    if not smtp_url:
        return FileMailer(folder, sender)
    url = urlsplit(smtp_url)
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise ValueError("neither smtp://user:password@host:port nor smtps://…")
    return SmtpMailer(
        host=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 25),
        sender=sender,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        tls=url.scheme == "smtps",
        starttls=parse_qs(url.query).get("starttls", ["0"])[-1] in {"1", "true", "yes"},
    )


@dataclass(frozen=True)
class SmtpMailer:
    """One connection a message, or `kept` for many: a connection kept open for long is one that was cut."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = False
    timeout: float = TIMEOUT
    keeps: ClassVar[bool] = False

    def forget(self, key: str) -> None:
        pass

    def send(self, message: EmailMessage, *, key: str) -> None:
        complete = _completed(message, key=key, sender=self.sender)
        with _worded(), self.connected() as server:
            server.send_message(complete)

    @contextmanager
    def kept(self) -> Iterator[Sender]:
        line = _Line(self)
        try:
            yield line
        finally:
            line.hang_up()

    def check(self) -> str:
        try:
            with _worded(), self.connected() as server:
                server.noop()
        except AppError as fault:
            return f"{self.host}:{self.port} : {fault.__cause__ or fault}".splitlines()[0]
        return ""

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        secure = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=secure)
            if self.tls
            else smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        )
        try:
            if self.starttls:
                server.starttls(context=secure)
            if self.user:
                server.login(self.user, self.password)
            yield server
        finally:
            # The message is accepted by now, or an error is on its way: a failing goodbye changes neither.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


class _Line:
    """A connection to the mail server, opened with the first message and again after a fault."""

    def __init__(self, mailer: SmtpMailer) -> None:
        self._mailer, self._open, self._sent = mailer, ExitStack(), 0
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, *, key: str) -> None:
        complete = _completed(message, key=key, sender=self._mailer.sender)
        try:
            with _worded():
                if self._server is None:
                    self._server = self._open.enter_context(self._mailer.connected())
                self._server.send_message(complete)
        except AppError:
            self.hang_up()
            raise
        self._sent += 1
        if self._sent == A_CONNECTION:
            self.hang_up()

    def hang_up(self) -> None:
        self._server, self._sent = None, 0
        self._open.close()


@dataclass(frozen=True)
class FileMailer:
    """Each message once, as a file a mail program opens."""

    folder: Path
    sender: str
    keeps: ClassVar[bool] = True

    def send(self, message: EmailMessage, *, key: str) -> None:
        complete = _completed(message, key=key, sender=self.sender)
        make_folder(self.folder.resolve())
        write_durably(self._file(key), BytesIO(complete.as_bytes()), only_once=True)

    def forget(self, key: str) -> None:
        self._file(key).unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self.folder / f"{_digest(key)}.eml"

    def kept(self) -> AbstractContextManager[Sender]:
        return nullcontext(self)

    def check(self) -> str:
        probe = self.folder / "check.txt"
        try:
            make_folder(self.folder.resolve())
            write_durably(probe, BytesIO(b"check"))
            probe.unlink()
        except (OSError, DiskFull) as fault:
            return f"{self.folder} : {fault.__cause__ or fault}"
        return ""


@dataclass
class Outbox:
    """The fake: what was sent, once a key. `fault` is raised instead while it is set."""

    sent: list[EmailMessage] = field(default_factory=list)
    fault: AppError | None = None
    sender: str = "essai@service.example"
    keeps: ClassVar[bool] = False

    def forget(self, key: str) -> None:
        pass

    def send(self, message: EmailMessage, *, key: str) -> None:
        if self.fault:
            raise self.fault
        complete = _completed(message, key=key, sender=self.sender)
        if complete["Message-ID"] not in {each["Message-ID"] for each in self.sent}:
            self.sent.append(complete)

    def kept(self) -> AbstractContextManager[Sender]:
        return nullcontext(self)

    def check(self) -> str:
        return str(self.fault or "")


def _completed(message: EmailMessage, *, key: str, sender: str) -> EmailMessage:
    """A copy with sender, date and the Message-ID of its key; automatic answers are asked not to come."""
    complete = copy(message)
    del complete["Message-ID"]  # it has headers of its own from here on; what it holds is shared
    if "From" not in complete:
        complete["From"] = sender
    if "Date" not in complete:
        complete["Date"] = format_datetime(localtime())
    if "Auto-Submitted" not in complete:
        complete["Auto-Submitted"] = "auto-generated"
    domain = parseaddr(str(complete["From"]))[1].rpartition("@")[2] or "localhost"
    complete["Message-ID"] = f"<{_digest(key)}@{domain}>"
    return complete


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


@contextmanager
def _worded() -> Iterator[None]:
    """smtplib's errors as ours: an answer of 5xx is final, anything else may pass."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as fault:
        raise _refused_or_down(min(code for code, _ in fault.recipients.values())) from fault
    except smtplib.SMTPAuthenticationError as fault:
        raise MailDown() from fault  # our password, not their message: it can be mended and tried again
    except smtplib.SMTPResponseException as fault:
        raise _refused_or_down(fault.smtp_code) from fault
    except smtplib.SMTPNotSupportedError as fault:
        raise MailRefused() from fault
    except (OSError, smtplib.SMTPException) as fault:
        raise MailDown() from fault


def _refused_or_down(code: int) -> AppError:
    return MailRefused() if 500 <= code < 600 else MailDown()
