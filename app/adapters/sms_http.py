"""Text messages through a provider's address on the web."""

from dataclasses import dataclass, field

import httpx

from app.adapters.sms import SmsDown, SmsRefused

TIMEOUT = 10.0


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
