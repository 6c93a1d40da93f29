"""Whole addresses of the Assises' pages, for what leaves the site: calendars, exports, papers."""

from typing import Any
from urllib.parse import urlsplit

from app.web import url


def address(name: str, /, *, base_url: str, **params: Any) -> str:
    """Of a named route; `url` has a host site's path prefix in it already."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{url(name, **params)}"


def page_of(session: Any, *, base_url: str) -> str:
    """A session's page."""
    return address("assises_session", base_url=base_url, slug=session.slug)
