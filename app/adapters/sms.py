"""Text messages, where a city has a provider: one POST of JSON, and a fake for tests.

None when nothing is configured: whoever left only a phone is then on the call list.
"""

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from app.errors import N_, AppError

TIMEOUT = 10.0


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
    return HttpSms(bare, user)


@dataclass(frozen=True)
class HttpSms:
    """POST `{"to": …, "text": …, "key": …}`; the key is in `Idempotency-Key` too."""

    url: str
    user: tuple[str, str] | None = field(default=None, repr=False)

    def send(self, number: str, text: str, *, key: str) -> None:
        try:
            answer = httpx.post(
                self.url,
                json={"to": number, "text": text, "key": key},
                headers={"Idempotency-Key": key},
                auth=self.user,
                timeout=TIMEOUT,
            )
        except httpx.HTTPError as fault:
            raise SmsDown() from fault
        if answer.is_success:
            return
        # 401, 403, 408, 429: our account or their load, not this message.
        if answer.is_client_error and answer.status_code not in {401, 403, 408, 429}:
            raise SmsRefused(status_code=answer.status_code)
        raise SmsDown(status_code=answer.status_code)

    def check(self) -> str:
        try:
            httpx.head(self.url, timeout=TIMEOUT)  # any answer will do: providers differ in what they say to a HEAD
        except httpx.HTTPError as fault:
            return f"{httpx.URL(self.url).host} : {fault}"
        return ""


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
