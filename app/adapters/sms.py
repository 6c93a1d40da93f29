"""Text messages, where a city has a provider: one POST of JSON, and a fake for tests.

None when nothing is configured: whoever left only a phone is then on the call list.
"""

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from app.errors import N_, AppError


class SmsDown(AppError):
    """Not sent, may work later: the job tries again."""

    status, code = 503, "sms_down"
    message = N_("Les messages ne partent pas pour le moment. Ils partiront plus tard.")


class SmsRefused(AppError):
    """Not sent and never will be like this."""

    status, code = 422, "sms_refused"
    message = N_("Ce message ne peut pas partir vers ce numéro.")


class Sms(Protocol):
    def send(self, number: str, text: str, *, key: str) -> None:
        """Raises SmsDown (try again) or SmsRefused (do not). A retry of a message has the same `key`."""

    def check(self) -> str:
        """ "" or what is wrong, in words. Sends nothing."""


def make_sms(sms_url: str) -> Sms | None:
    """`https://[user:password@]host/path`, or "" for none."""
    if not sms_url:
        return None
    url = urlsplit(sms_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError("neither http:// nor https://")
    bare = urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, url.query, ""))
    user = (unquote(url.username), unquote(url.password or "")) if url.username else None
    from app.adapters.sms_http import HttpSms  # httpx: only a city with a provider needs it at every start

    return HttpSms(bare, user)


@dataclass
class SmsBox:
    """The fake: number and text, once a key."""

    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    fault: AppError | None = None

    def send(self, number: str, text: str, *, key: str) -> None:
        if self.fault:
            raise self.fault
        self.sent.setdefault(key, (number, text))

    def check(self) -> str:
        return str(self.fault or "")
