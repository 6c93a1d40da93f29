"""An S3-compatible store through obstore: how it is reached, and links it answers itself."""

import os
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from obstore import sign
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config

LINK_LIVES = timedelta(seconds=60)
KEYS = (
    "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)  # fmt: skip
TYPES = {
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "opus": "audio/ogg",
    "vtt": "text/vtt; charset=utf-8",
}


def content_type(key: str) -> str:
    """The type of what this service makes, by extension alone; anything else is only bytes."""
    return TYPES.get(key.rpartition(".")[2], "application/octet-stream")


def link(store: S3Store, key: str) -> str:
    """An address of the store that gives this file to a GET, to whoever has it, for a minute."""
    return sign(store, "GET", key, LINK_LIVES)


def connect(media_url: str) -> S3Store:
    """ValueError for what a media address cannot say. Asks nothing of the store."""
    url = urlsplit(media_url)
    asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
    if unknown := asked.keys() - {"endpoint", "region"}:
        raise ValueError(f"unknown in the media address: {', '.join(sorted(unknown))} (only endpoint and region)")
    config: S3Config = {"region": asked.get("region", os.environ.get("AWS_REGION", "us-east-1"))}
    if endpoint := asked.get("endpoint"):
        if urlsplit(endpoint).scheme not in {"http", "https"} or not urlsplit(endpoint).hostname:
            raise ValueError("endpoint is not an address such as https://storage.example")
        config["endpoint"] = endpoint
        config["virtual_hosted_style_request"] = False
    if url.username and url.password:
        config["access_key_id"] = unquote(url.username)
        config["secret_access_key"] = unquote(url.password)
    elif endpoint and not endpoint.endswith(".amazonaws.com") and not any(name in os.environ for name in KEYS):
        # Without, a machine's role at Amazon would be asked for, at an address that nobody recognises in a log.
        raise ValueError("no keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    return S3Store(
        url.hostname,
        prefix=url.path.strip("/") or None,
        config=config,
        client_options={
            # Whoever writes http:// means it: a store on this machine or on a network nobody else is on.
            "allow_http": (endpoint or "").startswith("http://"),
            "connect_timeout": "3s",
            "timeout": "60s",
        },
        # The default tries for three minutes: a request must know sooner, and the job engine retries.
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
    )
